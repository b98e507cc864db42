/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Direct messages: who may be asked, and what asking and answering do to the states.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/svc/nwd.h"
#include "bh/svc/run.h"
#include "chain_local.h"
#include "vmapi/ffa.h"

struct vcpu *chain_target_vcpu(struct vcpu *current, struct vm *vm)
{
    const struct vcpu *home = current->scheduled ? arch_cpu_self()->home : current;
    uint32_t index = home == NULL ? 0 : home->index;

    return vm_get_vcpu(vm, index < vm->config->vcpu_count ? index : 0);
}

/* Asking one that is off: started later, dead for good, or on its way from one life to the next? */
static enum status request_check_off(const struct vcpu *target)
{
    enum vm_life life = __atomic_load_n(&target->vm->life, __ATOMIC_RELAXED);

    return life == VM_OFF || life == VM_STOPPING ? STATUS_ABORTED : STATUS_BUSY;
}

/* May a request be put to target? Its lock held. */
static enum status request_check(const struct vcpu *target)
{
    switch (target->state) {
    case VCPU_WAITING:
        return STATUS_OK;
    case VCPU_ABORTED:
    case VCPU_OFF:
        return request_check_off(target);
    case VCPU_READY:
    case VCPU_RUNNING:
    case VCPU_BLOCKED:
    case VCPU_PREEMPTED:
    case VCPU_IDLE:
    case VCPU_STATES:
        break;
    }
    return STATUS_BUSY;
}

/* Both locks held, everything checked. States first: the compiler knows them yet. */
static inline void request_link(struct vcpu *current, struct vcpu *target,
                                enum vcpu_request request)
{
    vcpu_state_set((struct vcpu_locked){target}, target->scheduled ? VCPU_RUNNING : VCPU_READY);
    vcpu_state_set((struct vcpu_locked){current}, VCPU_BLOCKED);
    target->caller = current;
    target->model = VCPU_MODEL_REQUEST;
    if (role_is_secure()) {
        target->ns_action = chain_ns_action(current, target);
    }
    target->request = request;
    target->asker = (uint16_t)(current->ctx.x[1] >> 16);
    target->kept.peer = NULL;
    current->callee = target;
    if (current->arrived.peer == target) {
        current->arrived.peer = NULL;
    }
    chain_registers_copy(target->ctx.x, current->ctx.x, chain_message_regs(request));
}

struct chain_result chain_request(struct vcpu *current, struct vcpu *target,
                                  enum vcpu_request request)
{
    bool local = target->scheduled;
    enum status status;

    vcpu_lock_both(current, target);
    status = request_check(target);
    if (status == STATUS_OK && !chain_is_allowed(current, ROLE_CALL_REQUEST)) {
        status = STATUS_DENIED;
    }
    if (status == STATUS_OK) {
        request_link(current, target, request);
    }
    vcpu_unlock((struct vcpu_locked){current});
    vcpu_unlock((struct vcpu_locked){target});
    if (status != STATUS_OK) {
        return chain_refused(status);
    }
    if (local) {
        return chain_accepted(target);
    }
    run_wake(target);
    /* The answer comes from another CPU: a pinned sender waits here, a scheduled one gives way. */
    return chain_accepted(
        current->scheduled ? chain_return_home_rarely(FFA_YIELD_32, current->info, 0, 0) : NULL);
}

/* May current answer, to this partition, a request of this kind? Locks held. caller NULL: who asked
 * is gone. */
static enum status respond_check(const struct vcpu *current, const struct vcpu *caller,
                                 uint16_t receiver, enum vcpu_request request)
{
    if (!chain_is_allowed(current, ROLE_CALL_RESPONSE) || current->request != request ||
        (caller != NULL && current->asker != receiver)) {
        return STATUS_DENIED;
    }
    return caller == NULL ? STATUS_ABORTED : STATUS_OK;
}

/* current, which waits now, has answered. True: who asked runs next, on this CPU. Both locked. */
static inline bool respond_hand_over(struct vcpu *current, struct vcpu *caller,
                                     enum vcpu_request request)
{
    uint32_t regs = chain_message_regs(request);

    if (chain_answer_is_here(caller, current)) {
        chain_answer_hand_over(caller, VCPU_RUNNING, current->ctx.x, regs);
        return true;
    }
    chain_answer_deliver(caller, current, current->ctx.x, regs);
    return false;
}

struct chain_result chain_respond(struct vcpu *current, uint16_t receiver,
                                  enum vcpu_request request)
{
    struct vcpu *caller = chain_lock_with_caller(current);
    enum status status = respond_check(current, caller, receiver, request);
    bool here = false;

    if (status == STATUS_OK) {
        here = respond_hand_over(current, caller, request);
        vcpu_state_set((struct vcpu_locked){current}, VCPU_WAITING);
        if (role_is_secure() && virq_is_pending(current)) {
            nwd_waits_pending(current);
        }
    }
    if (status != STATUS_DENIED) {
        chain_work_end(current);
        current->caller = NULL;
    }
    chain_unlock_with_caller(current, caller);

    if (status != STATUS_OK) {
        return chain_refused(status);
    }
    if (here) {
        return chain_accepted(caller);
    }
    run_wake(caller);
    return chain_accepted(
        current->scheduled ? chain_return_home(FFA_MSG_WAIT_32, current->info, 0, 0) : NULL);
}
