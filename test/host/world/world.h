/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A small system for host tests of abi and power: four VMs with real objects (obj) above fakes of
 * memory, architecture, chain, run and console. Fakes hold state that tests ask.
 */
#pragma once

#include <setjmp.h>

#include "bh/arch/arch_cpu.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vm.h"
#include "bh/svc/chain.h"

/* Ids of the VMs, in order of their index. */
#define WORLD_PRIMARY 1 /* pinned, 4 vCPUs, sends and receives, one UUID, schedules 2 and 3 */
#define WORLD_SERVICE 2 /* scheduled, 2 vCPUs, receives, two UUIDs; 1 and 2 take notifications */
#define WORLD_MUTE    3 /* scheduled, 1 vCPU, neither sends nor receives, no UUID */
#define WORLD_NO_FFA  4 /* pinned, no FF-A endpoint */
#define WORLD_VMS     4
#define WORLD_CPUS    5
/* What world_configure may add. */
#define WORLD_MAX_VMS 8

#define WORLD_ELSEWHERE UINT64_C(0x900000000)
#define WORLD_RAM       UINT64_C(0x40000000) /* IPA of every VM's memory */
#define WORLD_RAM_SIZE  UINT64_C(0x100000)   /* R W X */
#define WORLD_ROM       UINT64_C(0x50000000) /* one page, R X */
#define WORLD_DEVICE    UINT64_C(0x09000000) /* one page, device, R W */

struct world {
    struct system_config config;
    struct vm_config vm[WORLD_MAX_VMS];

    /* chain: what the last call was, and what the next one answers */
    const char *chain_call;
    struct vcpu *chain_target;
    uint64_t chain_message[VCPU_MESSAGE_REGS];
    enum vcpu_request chain_request;
    uint16_t chain_receiver;
    uint64_t chain_timeout;
    struct chain_result chain_answer;
    struct vcpu *chain_left, *chain_broken;

    /* run: who was woken and kicked last, how often */
    struct vcpu *woken, *kicked;
    uint32_t wakes, kicks;

    /* virq_sync */
    bool irq_pending; /* for every vCPU */
    const struct vcpu *irq_pending_for;
    struct vcpu *virq_left;
    uint32_t virq_enabled; /* INTID, on << 16, fiq << 17 of the last enable */
    uint32_t virq_resets;
    /* interrupts that were injected: who and what, the last one and how many */
    struct vcpu *injected;
    uint32_t injected_intid, injections;
    struct world_injection {
        struct vcpu *vcpu;
        uint32_t intid;
    } injection[32];     /* the first ones */
    bool home_is_wanted; /* the CPU's home vCPU goes first */

    /* arch */
    struct cpu *self;
    struct arch_context *reset_ctx;
    struct arch_reset reset;
    struct arch_smc_regs smc_seen, smc_reply;
    uint64_t moved_page; /* IPA of one that is at WORLD_ELSEWHERE, not identity mapped; 0: none */
    void (*on_smc)(struct arch_smc_regs *regs); /* makes the answer; NULL: smc_reply is it */
    uint32_t smcs, waits, relaxes, vtimer_stops;
    void (*on_relax)(void), (*on_wait)(void);
    bool is_off; /* arch_psci_system_off was called */
    jmp_buf off;

    /* vm_load */
    struct vm *loaded;
    uint32_t loads, clears;

    /* stage2: what commit_protect left, by page of WORLD_RAM; 0: as the region says */
    uint32_t access[WORLD_RAM_SIZE / PAGE_SIZE];
    uint32_t protects;

    /* window: pages by [vm][rx][page], zero = not mapped */
    uint64_t mailbox_pa[WORLD_MAX_VMS][2][4];

    /* console */
    char console[256];
    uint32_t console_length, console_flushes;
};

extern struct world world;
/* Called by world_setup, unless NULL: changes world.config and world.vm before anything is made. */
extern void (*world_configure)(void);
/* A pinned partition without vCPUs, messages or UUIDs, and the memory of all others. */
struct vm_config world_vm_config(uint16_t id, const char *name);

/* A fresh system: VMs started, vCPU 0 of the pinned ones current on CPU 0 and 4. */
int world_setup(void **state);

/* Before world_setup, for whoever sets up many: the memory of the last system is free again. */
void world_forget(void);
/* What partitions wrote into their RX and TX is gone. */
void world_clear_buffers(void);

/* vCPU index of the VM with this id. */
struct vcpu *world_vcpu(uint16_t id, uint32_t index);
/* Makes vcpu the one that the calling CPU runs. */
void world_enter(struct vcpu *vcpu, uint32_t cpu);
/* x0..x7 of vcpu as given by count values, all others set to a pattern; then smccc_call. */
struct vcpu *world_call(struct vcpu *vcpu, bool is_smc, uint32_t count, const uint64_t *values);
/* What world_call leaves in registers that nobody set. */
uint64_t world_pattern(uint32_t reg);

#define WORLD_CALL(vcpu, ...)                                                                      \
    world_call((vcpu), false, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),                \
               (const uint64_t[]){__VA_ARGS__})
#define WORLD_SMC(vcpu, ...)                                                                       \
    world_call((vcpu), true, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),                 \
               (const uint64_t[]){__VA_ARGS__})
