/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What FF-A 1.0 to 1.2 does to the partitions of a small system, as one plain state machine without
 * locks, pointers into guests or CPUs that race: calls of vCPUs one after the other. Written from
 * the specification and docs/ffa.md, not from the core. The fuzz target beside it makes the same
 * calls here and in the real dispatcher, and compares.
 *
 * It answers for the hypervisor role without an SPMC.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "spec_words.h"

#define MODEL_VMS    8
#define MODEL_VCPUS  4
#define MODEL_CPUS   6
#define MODEL_UUIDS  2
#define MODEL_REGS   18
#define MODEL_BUFFER (4 * 4096)
#define MODEL_RAISES 32
#define MODEL_NO_CPU UINT32_MAX

enum model_state {
    MODEL_OFF,
    MODEL_READY,
    MODEL_RUNNING,
    MODEL_WAITING,
    MODEL_BLOCKED, /* awaits: for whom; NULL: it yielded */
    MODEL_PREEMPTED,
    MODEL_IDLE,
    MODEL_ABORTED,
};

struct model_uuid {
    uint32_t word[4];
};

struct model_vm_config {
    uint16_t id;
    uint32_t version; /* of the manifest; 0: no endpoint */
    bool scheduled;
    uint16_t scheduler;
    uint32_t vcpus;
    uint32_t cpu[MODEL_VCPUS]; /* home of each vCPU of a pinned VM */
    uint32_t uuids;
    struct model_uuid uuid[MODEL_UUIDS];
    uint32_t messaging[MODEL_UUIDS]; /* one per UUID, one when there is none */
    bool restarts;                   /* after an abort */
    bool notifications;              /* receives them */
    uint32_t npi;                    /* its notification pending interrupt */
};

/* Who notifies, in the order of the flags and results of FFA_NOTIFICATION_GET. */
enum model_source { MODEL_FROM_SP, MODEL_FROM_VM, MODEL_FROM_SPM, MODEL_FROM_HYP, MODEL_SOURCES };

#define MODEL_ALL MODEL_VCPUS /* the place of global news */

/* One of the 64 notifications that VMs may set. */
struct model_notification {
    uint16_t sender; /* 0: not bound */
    bool per_vcpu;
    bool pending; /* a global one */
    bool vcpu_pending[MODEL_VCPUS];
};

/* The registers that a message or an answer sets: x0 to x7, or to x17. */
struct model_message {
    uint32_t regs;
    uint64_t x[MODEL_REGS];
};

struct model_vcpu {
    struct model_vm *vm;
    uint32_t index;
    enum model_state state;
    bool must_stop;         /* its VM ends; it goes off when its CPU notices */
    uint64_t x[MODEL_REGS]; /* what the partition sees when it runs */

    bool serving;              /* a direct request */
    uint32_t asked;            /* its function: FN_DIRECT_REQ or FN_DIRECT_REQ2 */
    struct model_vcpu *asker;  /* who gets the answer; NULL: it died */
    struct model_vcpu *awaits; /* BLOCKED: who must give the CPU back or answer */

    /* An answer that came while this vCPU did not wait for it. */
    struct model_vcpu *answer_from;
    struct model_message answer;
    /* The own answer to somebody who had no place for it. */
    struct model_vcpu *owed_to;
    struct model_message owed;
};

enum model_life { MODEL_LIFE_RUNS, MODEL_LIFE_STOPS, MODEL_LIFE_RESTARTS, MODEL_LIFE_OFF };

/* How a vCPU or its VM ends. */
enum model_end { MODEL_CPU_OFF, MODEL_SYSTEM_OFF, MODEL_SYSTEM_RESET, MODEL_ABORT, MODEL_ENDS };

struct model_vm {
    const struct model_vm_config *config;
    enum model_life life;
    uint32_t version;
    bool is_fixed; /* the version */
    struct model_vcpu vcpu[MODEL_VCPUS];

    struct model_notification notification[64];
    bool message_waits;  /* framework notification: RX holds a message */
    bool message_unread; /* the partition has not been told of it */
    uint16_t message_from;
    uint32_t message_size;
    /* Became pending, by source and for all or one vCPU, and the scheduler has not been told. */
    bool news[MODEL_SOURCES][MODEL_VCPUS + 1];
    bool is_listed; /* there is news, and its scheduler got an SRI for it */

    bool mapped; /* RX and TX buffers */
    uint32_t pages;
    uint64_t tx, rx;
    bool rx_full;
    uint32_t rx_parts; /* what the last delivery wrote to RX */
    struct model_part {
        uint32_t at, size;
    } rx_part[2];
    uint8_t rx_data[MODEL_BUFFER];
    uint8_t tx_data[MODEL_BUFFER]; /* what the partition has written */
};

struct model {
    uint32_t vms;
    struct model_vm vm[MODEL_VMS];
    struct model_vcpu *current[MODEL_CPUS];
    struct model_vcpu *home[MODEL_CPUS];
    /* Interrupts that the last event raised. */
    uint32_t raised;
    struct model_interrupt {
        const struct model_vcpu *vcpu;
        uint32_t intid;
    } raise[MODEL_RAISES];
    /* The world around, told by the fuzz target. */
    const struct model_vcpu *interrupted; /* has an enabled virtual interrupt; NULL: nobody */
    uint64_t boot_argument;               /* x0 of a VM that starts */
    uint64_t wait_ns;                     /* until the next timer of an idle vCPU */
    bool (*is_ram)(uint64_t ipa);         /* a page that a buffer may lie in */
    uint32_t log_length;                  /* text of the last FFA_CONSOLE_LOG */
    char log_text[128];
};

extern struct model model;

/* All vCPUs OFF, nobody current. config must stay. */
void model_reset(const struct model_vm_config *config, uint32_t vms);
/* vcpu was started by somebody: READY, or running on its home already. */
void model_start(struct model_vcpu *vcpu, bool is_running);

/* current of this CPU has made the call in its x[]. */
void model_call(uint32_t cpu);
/* An interrupt on this CPU, for its home vCPU or only a kick. */
void model_interrupt(uint32_t cpu, bool is_for_home);
/* A scheduled vCPU executes WFI or WFE. */
void model_idle(uint32_t cpu, bool is_wfe);
/* The CPU sleeps; something woke it. */
void model_wake(uint32_t cpu);

/* The current vCPU ends itself or its VM. */
void model_end(uint32_t cpu, enum model_end how);
/* Somebody starts vcpu, which changes nothing unless it is off and its VM runs. */
void model_cpu_on(struct model_vcpu *vcpu);

struct model_vm *model_vm_find(uint16_t id);
