/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of call chains; everybody else uses bh/svc/chain.h.
 */
#pragma once

#include "bh/obj/vm.h"
#include "bh/role/role.h"
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

/* Registers of a message: x0..x7 of the common ones, x0..x17 of those with a UUID. */
#define CHAIN_REGS 8u

static inline uint32_t chain_message_regs(enum vcpu_request request)
{
    return request == VCPU_REQUEST_DIRECT2 ? VCPU_MESSAGE_REGS : CHAIN_REGS;
}

/* regs: CHAIN_REGS or VCPU_MESSAGE_REGS. */
static inline void chain_registers_copy(uint64_t *to, const uint64_t *from, uint32_t regs)
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
/*
 * Locks vcpu, and who waits for its answer, if anybody does. Returns that one. `caller` of a vCPU
 * that takes no requests now changes to NULL only: when the one that asked dies.
 */
struct vcpu *chain_lock_with_caller(struct vcpu *vcpu);
void chain_unlock_with_caller(struct vcpu *vcpu, struct vcpu *caller);
/* The model of vcpu allows it the call. Its lock held, or it is current and in no request. */
static inline bool chain_is_allowed(const struct vcpu *vcpu, enum role_call call)
{
    uint32_t version = __atomic_load_n(&vcpu->vm->ffa_version, __ATOMIC_RELAXED);

    return role_model_allows(vcpu->model, call, version);
}

struct chain_answer {
    const uint64_t *x;
    uint32_t regs;
    bool is_leaving; /* who answers gives up this CPU */
};

/*
 * Hands an answer of `from` to the vCPU that asked; both locked. True: it is RUNNING, on this CPU,
 * which from gives up. Else it is READY, if it waits for nothing but this answer, or the answer is
 * kept until it asks for it by FFA_RUN.
 */
bool chain_answer_deliver(struct vcpu *caller, struct vcpu *from, struct chain_answer answer);
/* What chain_answer_deliver has kept for current. Both locks held. */
bool chain_answer_try_take(struct vcpu *current, struct vcpu *from);
