/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A virtual CPU: its registers, its state, its place in a call chain.
 *
 * State changes only through vcpu_state_set, which checks the const transition table. The lock
 * guards state, caller, callee and requests; ctx belongs to the CPU that runs the vCPU (cpu !=
 * NULL) or, when no CPU runs it, to the holder of the lock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/arch/arch_context.h"
#include "bh/base/lock.h"
#include "bh/base/log.h"
#include "bh/obj/config.h"
#include "bh/obj/virq.h"

struct cpu;
struct vdev;
struct vm;

enum vcpu_state {
    VCPU_OFF,       /* not started, or PSCI CPU_OFF */
    VCPU_READY,     /* may run: its CPU (pinned) or its scheduler (scheduled) takes it */
    VCPU_RUNNING,   /* a CPU executes it, or holds it while it waits for a remote answer */
    VCPU_WAITING,   /* FFA_MSG_WAIT, or answered its request: runs again when work arrives */
    VCPU_BLOCKED,   /* waits for an answer of `callee`, or yielded (callee NULL) */
    VCPU_PREEMPTED, /* stopped by an interrupt for someone else, or by WFE; goes on with FFA_RUN */
    VCPU_IDLE,      /* scheduled vCPU in WFI: runs again by FFA_RUN */
    VCPU_ABORTED,   /* dead until its VM restarts */
    VCPU_STATES,
};

/* Why a vCPU has the CPU, its runtime model (DEN0077A 8.1): from when it gets it until it next is
 * WAITING. What it may call in each: role_model_allows. */
enum vcpu_model {
    VCPU_MODEL_OWN,       /* pinned: the CPU is its own */
    VCPU_MODEL_INIT,      /* scheduled: started, and not yet in its first FFA_MSG_WAIT */
    VCPU_MODEL_RUN,       /* FFA_RUN */
    VCPU_MODEL_REQUEST,   /* a direct request, which it has to answer */
    VCPU_MODEL_INTERRUPT, /* SPMC: a secure interrupt came while it waited */
    VCPU_MODEL_POWER,     /* SPMC: a power management message, which it has to answer */
    VCPU_MODELS,
};

/* What was asked decides what answers. */
enum vcpu_request {
    VCPU_REQUEST_DIRECT,  /* FFA_MSG_SEND_DIRECT_REQ */
    VCPU_REQUEST_DIRECT2, /* FFA_MSG_SEND_DIRECT_REQ2 */
    /* Framework messages (DEN0077A 18.3): the normal world's hypervisor tells SPs of its VMs. */
    VCPU_REQUEST_VM_CREATED,
    VCPU_REQUEST_VM_DESTROYED,
    VCPU_REQUEST_POWER, /* framework message, no partition asks */
};

/* Attention bits: looked at once per exit, before the guest runs on. Set by anybody, then kick. */
#define VCPU_ATTENTION_VIRQ  UINT32_C(1) /* list registers are to be synchronised */
#define VCPU_ATTENTION_STOP  UINT32_C(2) /* the VM is being switched off or reset */
#define VCPU_ATTENTION_TIMER UINT32_C(4) /* emulated timer changed */
#define VCPU_ATTENTION_WORLD UINT32_C(8) /* svc/nwd.h decides who runs */

#define VCPU_MESSAGE_REGS 18 /* x0..x17: what a direct message may carry */

/* An answer that nobody has fetched yet: its first `regs` registers. peer NULL: none. */
struct vcpu_answer {
    struct vcpu *peer;
    uint32_t regs;
    uint64_t x[VCPU_MESSAGE_REGS];
};

struct vcpu {
    struct arch_context ctx; /* offset 0: assembly */
    struct cpu *cpu;         /* CPU that runs it, or NULL. Shared, read with acquire */
    uint32_t attention;      /* VCPU_ATTENTION_*. Shared, atomic */
    uint32_t info;           /* its FF-A target information: VM id << 16 | index */
    uint16_t index;          /* in its VM */
    bool scheduled;          /* runs on any CPU, by FFA_RUN or direct message */
    bool is_el0;             /* has no EL1: what it must not do ends it */
    bool initialised;        /* has been in FFA_MSG_WAIT since its start; its own CPU's */
    struct vm *vm;
    const struct vcpu_config *config;

    struct lock lock;
    enum vcpu_state state;
    struct vcpu *caller; /* whose request it handles; NULL: none */
    struct vcpu *callee; /* who must answer; NULL: none */
    enum vcpu_model model;
    uint8_t ns_action; /* SPs: enum sp_action of its call chain */
    bool managed_exit; /* SPs: it has been told to give way, and is to be left alone until then */
    enum vcpu_request request;  /* model REQUEST: what `caller` asked */
    struct vcpu_answer arrived; /* of `peer`, while this vCPU did something else */
    struct vcpu_answer kept;    /* to `peer`, whose `arrived` was taken: until it is fetched, or
                                 * the next request comes */

    uint32_t spmc_target; /* context of the SPMC below that works for it; 0: none. Its CPU's */
    uint16_t asker;       /* model REQUEST: the id that asked; who speaks for several has others */

    uint64_t ptimer_cval; /* emulated CNTP_CVAL_EL0 */
    uint32_t ptimer_ctl;  /* ENABLE and IMASK; ISTATUS is computed */
    bool ptimer_line;     /* what virq_line_set was told last */
    uint64_t deadline;    /* while others run above it in the chain: earliest timer of the chain */
    struct virq_vcpu virq;
    struct vdev *vdev_recent; /* device of the last access (dev/vdev.h), or NULL; its CPU's own */
    struct log_limit log_limit;
};

struct vcpu_locked {
    struct vcpu *vcpu;
};

struct vcpu_locked vcpu_lock(struct vcpu *vcpu) BH_NO_LOCK_ANALYSIS;
void vcpu_unlock(struct vcpu_locked locked) BH_NO_LOCK_ANALYSIS;
/* Boot: everything but ctx, which power_vm_start and PSCI CPU_ON reset. State OFF. */
void vcpu_init(struct vcpu *vcpu, struct vm *vm, const struct vm_config *config, uint16_t index);
/* It starts anew: no partners, the model it begins with. What it has answered stays for who asked.
 * Lock held, or at boot. */
void vcpu_links_reset(struct vcpu *vcpu);
/* The model of a vCPU that nobody asks anything. */
static inline enum vcpu_model vcpu_model_unasked(const struct vcpu *vcpu)
{
    return vcpu->scheduled ? VCPU_MODEL_RUN : VCPU_MODEL_OWN;
}
/* An SP that interrupts of the normal world do not reach now. Its own CPU. */
static inline bool vcpu_is_shielded(const struct vcpu *vcpu)
{
    return vcpu->ns_action == SP_QUEUED || vcpu->managed_exit || vcpu->model == VCPU_MODEL_INIT ||
           vcpu->model == VCPU_MODEL_INTERRUPT || vcpu->model == VCPU_MODEL_POWER;
}
/* Locks both, lower address first. a and b differ. */
void vcpu_lock_both(struct vcpu *a, struct vcpu *b) BH_NO_LOCK_ANALYSIS;
struct vcpu_state_row {
    const char *name;
    uint32_t next; /* bit per state that may follow */
};

extern const struct vcpu_state_row vcpu_states[VCPU_STATES];

static inline bool vcpu_transition_is_legal(enum vcpu_state from, enum vcpu_state to)
{
    return (vcpu_states[from].next >> to & 1) != 0;
}

_Noreturn void vcpu_state_refuse(const struct vcpu *vcpu, enum vcpu_state state);

/* An illegal transition is a bug of the core and stops it. */
static inline void vcpu_state_set(struct vcpu_locked locked, enum vcpu_state state)
{
    if (!vcpu_transition_is_legal(locked.vcpu->state, state)) {
        vcpu_state_refuse(locked.vcpu, state);
    }
    locked.vcpu->state = state;
}

const char *vcpu_state_name(enum vcpu_state state);

/* Sets attention bits; the caller then kicks (svc/run.h) if the vCPU may be running elsewhere. */
void vcpu_attention_set(struct vcpu *vcpu, uint32_t bits);
