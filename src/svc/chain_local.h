/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of call chains; everybody else uses bh/svc/chain.h.
 */
#pragma once

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/chain.h"
#include "bh/svc/virq_sync.h"
#include "vmapi/bh.h"

#define CHAIN_WAIT_FOREVER UINT64_MAX

static inline struct chain_result chain_refused(enum status status)
{
    return (struct chain_result){.status = status};
}

static inline struct chain_result chain_accepted(struct vcpu *next)
{
    return (struct chain_result){.status = STATUS_OK, .next = next};
}

/* A primary of the established binding: in what FFA_RUN tells it, a time of 0 means for ever. */
static inline bool chain_is_primary(const struct vcpu *vcpu)
{
    return vcpu->vm->config->contract == VM_CONTRACT_PRIMARY;
}

static inline uint64_t chain_primary_wait(uint64_t ns)
{
    return ns == CHAIN_WAIT_FOREVER ? 0 : ns == 0 ? 1 : ns;
}

static inline void chain_registers_set(struct vcpu *vcpu, uint64_t x0, uint64_t x1, uint64_t x2,
                                       uint64_t x3)
{
    uint64_t *x = vcpu->ctx.x;

    x[0] = x0;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
    x[4] = 0;
    x[5] = 0;
    x[6] = 0;
    x[7] = 0;
}

/* Registers of a message: x0..x7 of the common ones, x0..x17 of those with a UUID. */
#define CHAIN_REGS 8u

static inline uint32_t chain_message_regs(enum vcpu_request request)
{
    return request == VCPU_REQUEST_DIRECT2 ? VCPU_MESSAGE_REGS : CHAIN_REGS;
}

/* regs: CHAIN_REGS or VCPU_MESSAGE_REGS. to and from are of different vCPUs. */
static inline void chain_registers_copy(uint64_t *restrict to, const uint64_t *restrict from,
                                        uint32_t regs)
{
    for (uint32_t i = 0; i < CHAIN_REGS; i++) {
        to[i] = from[i];
    }
    if (regs > CHAIN_REGS) {
        for (uint32_t i = CHAIN_REGS; i < VCPU_MESSAGE_REGS; i++) {
            to[i] = from[i];
        }
    }
}

static inline void chain_state_set(struct vcpu *vcpu, enum vcpu_state state)
{
    struct vcpu_locked locked = vcpu_lock(vcpu);

    vcpu_state_set(locked, state);
    vcpu_unlock(locked);
}

/*
 * The CPU goes back from a scheduled vCPU to its home, which waits in FFA_RUN or in a direct
 * request: the four registers are the answer, unless a better one has made it READY meanwhile.
 * NULL: the home is gone (off), nobody runs.
 */
struct vcpu *chain_return_home(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);
/* The same, not inlined: for those who do it once in a while. */
struct vcpu *chain_return_home_rarely(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);
/*
 * Locks vcpu, and who waits for its answer, if anybody does. Returns that one. `caller` of a vCPU
 * that takes no requests now changes to NULL only: when the one that asked dies.
 */
static inline struct vcpu *chain_lock_with_caller(struct vcpu *vcpu)
{
    struct vcpu *caller = __atomic_load_n(&vcpu->caller, __ATOMIC_RELAXED);

    if (caller == NULL) {
        (void)vcpu_lock(vcpu);
        return NULL;
    }
    vcpu_lock_both(vcpu, caller);
    if (vcpu->caller == caller) {
        return caller;
    }
    vcpu_unlock((struct vcpu_locked){caller});
    return NULL;
}

static inline void chain_unlock_with_caller(struct vcpu *vcpu, struct vcpu *caller)
{
    vcpu_unlock((struct vcpu_locked){vcpu});
    if (caller != NULL) {
        vcpu_unlock((struct vcpu_locked){caller});
    }
}

/* What interrupts of the normal world do to target, an SP, while it works for current, which is
 * about to give it the CPU: nothing that they would not do to current. */
static inline uint8_t chain_ns_action(const struct vcpu *current, const struct vcpu *target)
{
    uint8_t own = target->vm->config->sp_policy & CONFIG_SP_ACTION;

    if (!current->scheduled) {
        return own;
    }
    if (vcpu_is_shielded(current)) {
        return SP_QUEUED;
    }
    return own < current->ns_action ? own : current->ns_action;
}

/* vcpu, which runs, answers or waits: what it had the CPU for is over, nobody asks it any more to
 * give way, and it has finished with its interrupts. */
static inline void chain_work_end(struct vcpu *vcpu)
{
    vcpu->model = vcpu_model_unasked(vcpu);
    if (role_is_secure() && vcpu->managed_exit) {
        vcpu->managed_exit = false;
        virq_paravirt_forget(vcpu, BH_INTID_MANAGED_EXIT);
    }
    if (vcpu->virq.has_taken) {
        virq_paravirt_end_all(vcpu);
    }
}

/* The model of vcpu allows it the call. Its lock held, or it is current and in no request. */
static inline bool chain_is_allowed(const struct vcpu *vcpu, enum role_call call)
{
    return role_model_allows(vcpu->model, call, &vcpu->vm->ffa_version);
}

/* The answer of `from`, which gives up this CPU, finds who asked waiting for it here: that one
 * runs next. Both locked. */
static inline bool chain_answer_is_here(const struct vcpu *caller, const struct vcpu *from)
{
    if (!from->scheduled || caller->state != VCPU_BLOCKED) {
        return false;
    }
    return caller->scheduled ? caller->callee == from : caller == arch_cpu_self()->home;
}

/* The vCPU that asked has its answer, from x, and goes on. */
static inline void chain_answer_hand_over(struct vcpu *caller, enum vcpu_state state,
                                          const uint64_t *x, uint32_t regs)
{
    vcpu_state_set((struct vcpu_locked){caller}, state);
    caller->callee = NULL;
    chain_registers_copy(caller->ctx.x, x, regs);
}

/*
 * An answer of `from` for the vCPU that asked, which is elsewhere; both locked. It becomes READY,
 * if it waits for nothing but this answer, or the answer is kept until it asks for it by FFA_RUN.
 */
void chain_answer_deliver(struct vcpu *caller, struct vcpu *from, const uint64_t *x, uint32_t regs);
/* What chain_answer_deliver has kept for current. Both locks held. */
bool chain_answer_try_take(struct vcpu *current, struct vcpu *from);
