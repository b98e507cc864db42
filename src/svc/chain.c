/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/chain.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/base/cold.h"
#include "bh/obj/vm.h"
#include "bh/svc/run.h"
#include "bh/svc/spmc_below.h"
#include "chain_local.h"
#include "vmapi/ffa.h"

struct vcpu *chain_return_home(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    struct vcpu *home = arch_cpu_self()->home;
    struct vcpu_locked locked;
    bool is_back;

    if (home == NULL) {
        return NULL;
    }
    locked = vcpu_lock(home);
    is_back = home->state == VCPU_BLOCKED || home->state == VCPU_READY;
    if (home->state == VCPU_BLOCKED) {
        if (x0 == FFA_RUN_WAIT_FOR_INTERRUPT && chain_is_primary(home)) {
            x2 = chain_primary_wait(x2);
        }
        chain_registers_set(home, x0, x1, x2, x3);
    }
    if (is_back) {
        home->callee = NULL;
        vcpu_state_set(locked, VCPU_RUNNING);
    }
    vcpu_unlock(locked);
    return is_back ? home : NULL;
}

BH_COLD struct vcpu *chain_return_home_rarely(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    return chain_return_home(x0, x1, x2, x3);
}

static void answer_keep(struct vcpu_answer *to, struct vcpu *peer, const uint64_t *x, uint32_t regs)
{
    to->peer = peer;
    to->regs = regs;
    chain_registers_copy(to->x, x, regs);
}

void chain_answer_deliver(struct vcpu *caller, struct vcpu *from, const uint64_t *x, uint32_t regs)
{
    if (caller->state == VCPU_BLOCKED && caller->callee == from) {
        chain_answer_hand_over(caller, VCPU_READY, x, regs);
    } else if (caller->arrived.peer == NULL) {
        answer_keep(&caller->arrived, from, x, regs);
    } else {
        answer_keep(&from->kept, caller, x, regs);
    }
}

static bool answer_try_take(struct vcpu *current, struct vcpu_answer *answer,
                            const struct vcpu *peer)
{
    if (answer->peer != peer) {
        return false;
    }
    answer->peer = NULL;
    chain_registers_copy(current->ctx.x, answer->x, answer->regs);
    return true;
}

bool chain_answer_try_take(struct vcpu *current, struct vcpu *from)
{
    return answer_try_take(current, &current->arrived, from) ||
           answer_try_take(current, &from->kept, current);
}

/* Whoever works on a request of vcpu, now or when it is resumed, answers to nobody. */
static void requests_forget(struct vcpu *vcpu, struct vm *vm)
{
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        struct vcpu *peer = &vm->vcpu[i];
        struct vcpu_locked locked;

        /* vcpu runs no more: nobody becomes its callee meanwhile. */
        if (__atomic_load_n(&peer->caller, __ATOMIC_RELAXED) != vcpu &&
            __atomic_load_n(&peer->kept.peer, __ATOMIC_RELAXED) != vcpu) {
            continue;
        }
        locked = vcpu_lock(peer);
        if (peer->caller == vcpu) {
            peer->caller = NULL;
        }
        if (peer->kept.peer == vcpu) {
            peer->kept.peer = NULL;
        }
        vcpu_unlock(locked);
    }
}

/* Who waits for the answer of vcpu gets ABORTED. Returns true if that one runs now, on this CPU. */
static bool answer_aborted(struct vcpu *caller, struct vcpu *vcpu, bool is_leaving)
{
    const uint64_t error[CHAIN_REGS] = {FFA_ERROR_32, vcpu->info, (uint32_t)FFA_ABORTED};

    if (is_leaving && chain_answer_is_here(caller, vcpu)) {
        chain_answer_hand_over(caller, VCPU_RUNNING, error, CHAIN_REGS);
        return true;
    }
    chain_answer_deliver(caller, vcpu, error, CHAIN_REGS);
    return false;
}

/* Takes vcpu out of all chains. Returns its caller if that runs now, on this CPU. */
static BH_COLD struct vcpu *links_break(struct vcpu *vcpu, bool is_leaving)
{
    struct vcpu *caller = chain_lock_with_caller(vcpu);
    bool here = caller != NULL && answer_aborted(caller, vcpu, is_leaving);

    if (vcpu->spmc_target != 0) {
        spmc_forget(vcpu);
    }
    vcpu_links_reset(vcpu);
    chain_unlock_with_caller(vcpu, caller);

    if (caller != NULL && !here) {
        run_wake(caller);
    }
    for (uint32_t i = 0; i < vm_count(); i++) {
        requests_forget(vcpu, vm_get_index(i));
    }
    return here ? caller : NULL;
}

void chain_break(struct vcpu *vcpu)
{
    (void)links_break(vcpu, false);
}

struct vcpu *chain_leave(struct vcpu *current)
{
    struct vcpu *next = links_break(current, true);

    if (next != NULL || !current->scheduled) {
        return next;
    }
    /* An SP goes off only when it has died in another of its contexts. */
    if (current->state == VCPU_ABORTED || role_is_secure()) {
        return chain_return_home_rarely(FFA_ERROR_32, current->info, (uint32_t)FFA_ABORTED, 0);
    }
    return chain_return_home_rarely(FFA_RUN_WAIT_FOR_INTERRUPT, current->info, CHAIN_WAIT_FOREVER,
                                    0);
}
