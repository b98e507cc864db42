/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Direct messages: who may be asked, and what asking and answering do to the states.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/obj/vm.h"
#include "bh/svc/run.h"
#include "chain_local.h"
#include "vmapi/ffa.h"

struct vcpu *chain_target_vcpu(struct vcpu *current, struct vm *vm)
{
    return &vm->vcpu[current->index < vm->config->vcpu_count ? current->index : 0];
}

/* May a request be put to target? Both locks held. */
static enum status request_check(const struct vcpu *target)
{
    switch (target->state) {
    case VCPU_WAITING:
        return target->in_request ? STATUS_BUSY : STATUS_OK;
    case VCPU_ABORTED:
        return STATUS_ABORTED;
    case VCPU_OFF:
        return target->vm->life == VM_OFF ? STATUS_ABORTED : STATUS_DENIED;
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

struct chain_result chain_request(struct vcpu *current, struct vcpu *target,
                                  const struct chain_message *message, bool is_64)
{
    bool local = target->scheduled;
    enum status status;

    vcpu_lock_both(current, target);
    status = request_check(target);
    if (status == STATUS_OK) {
        target->caller = current;
        target->in_request = true;
        target->request_64 = is_64;
        chain_registers_copy(target->ctx.x, message->x);
        current->callee = target;
        if (current->result_from == target) {
            current->result_from = NULL;
        }
        target->kept_for = NULL;
        vcpu_state_set((struct vcpu_locked){current}, VCPU_BLOCKED);
        vcpu_state_set((struct vcpu_locked){target}, local ? VCPU_RUNNING : VCPU_READY);
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
    return chain_accepted(current->scheduled
                              ? chain_return_home(FFA_YIELD_32, chain_target_info(current), 0, 0)
                              : NULL);
}

struct chain_result chain_respond(struct vcpu *current, uint16_t receiver,
                                  const struct chain_message *message)
{
    struct vcpu *caller = chain_lock_with_caller(current);
    enum status status = STATUS_OK;
    bool here = false;

    if (!current->in_request || (caller != NULL && caller->vm->config->id != receiver)) {
        status = STATUS_DENIED;
    } else {
        current->in_request = false;
        current->caller = NULL;
        /* No caller: who asked died meanwhile. */
        status = caller == NULL ? STATUS_ABORTED : STATUS_OK;
    }
    if (status == STATUS_OK) {
        vcpu_state_set((struct vcpu_locked){current}, VCPU_WAITING);
        here = chain_answer_deliver(caller, current, message->x, true);
    }
    chain_unlock_with_caller(current, caller);

    if (status != STATUS_OK) {
        return chain_refused(status);
    }
    if (here) {
        return chain_accepted(caller);
    }
    run_wake(caller);
    return chain_accepted(current->scheduled
                              ? chain_return_home(FFA_MSG_WAIT_32, chain_target_info(current), 0, 0)
                              : NULL);
}
