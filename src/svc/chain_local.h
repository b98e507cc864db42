/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of call chains; everybody else uses bh/svc/chain.h.
 */
#pragma once

#include "bh/obj/vm.h"
#include "bh/svc/chain.h"

#define CHAIN_WAIT_FOREVER UINT64_MAX

static inline struct chain_result chain_refused(enum status status)
{
    return (struct chain_result){.status = status};
}

static inline struct chain_result chain_accepted(struct vcpu *next)
{
    return (struct chain_result){.status = STATUS_OK, .next = next};
}

/* The word w1 that names vcpu. */
static inline uint64_t chain_target_info(const struct vcpu *vcpu)
{
    return ((uint64_t)vcpu->vm->config->id << 16) | vcpu->index;
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

static inline void chain_registers_copy(uint64_t *to, const uint64_t *from)
{
    for (uint32_t i = 0; i < 8; i++) {
        to[i] = from[i];
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
/*
 * Locks vcpu, and who waits for its answer, if anybody does. Returns that one. `caller` of a vCPU
 * that takes no requests now changes to NULL only: when the one that asked dies.
 */
struct vcpu *chain_lock_with_caller(struct vcpu *vcpu);
void chain_unlock_with_caller(struct vcpu *vcpu, struct vcpu *caller);
/*
 * Hands an answer of `from` to the vCPU that asked; both locked. True: it is RUNNING, on this CPU,
 * which from gives up (is_leaving). Else it is READY, if it waits for nothing but this answer, or
 * the answer is kept until it asks for it by FFA_RUN.
 */
bool chain_answer_deliver(struct vcpu *caller, struct vcpu *from, const uint64_t *x,
                          bool is_leaving);
/* What chain_answer_deliver has kept for current. Both locks held. */
bool chain_result_try_take(struct vcpu *current, struct vcpu *from);
