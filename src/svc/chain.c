/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/chain.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/run.h"
#include "bh/svc/timer.h"
#include "bh/svc/virq_sync.h"
#include "vmapi/ffa.h"

#define WAIT_FOREVER  UINT64_MAX
#define NS_PER_SECOND UINT64_C(1000000000)

static struct chain_result refused(enum status status)
{
    return (struct chain_result){.status = status};
}

static struct chain_result accepted(struct vcpu *next)
{
    return (struct chain_result){.status = STATUS_OK, .next = next};
}

static uint64_t target_info(const struct vcpu *vcpu)
{
    return ((uint64_t)vcpu->vm->config->id << 16) | vcpu->index;
}

static void registers_set(struct vcpu *vcpu, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
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

static void registers_copy(uint64_t *to, const uint64_t *from)
{
    for (uint32_t i = 0; i < 8; i++) {
        to[i] = from[i];
    }
}

static void state_set(struct vcpu *vcpu, enum vcpu_state state)
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
static struct vcpu *return_home(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
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
        registers_set(home, x0, x1, x2, x3);
    }
    if (is_back) {
        home->callee = NULL;
        vcpu_state_set(locked, VCPU_RUNNING);
    }
    vcpu_unlock(locked);
    return is_back ? home : NULL;
}

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
        registers_copy(target->ctx.x, message->x);
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
        return refused(status);
    }
    if (local) {
        return accepted(target);
    }
    run_wake(target);
    /* The answer comes from another CPU: a pinned sender waits here, a scheduled one gives way. */
    return accepted(current->scheduled ? return_home(FFA_YIELD_32, target_info(current), 0, 0)
                                       : NULL);
}

/*
 * Locks vcpu, and who waits for its answer, if anybody does. Returns that one. `caller` of a vCPU
 * that takes no requests now changes to NULL only: when the one that asked dies.
 */
static struct vcpu *lock_with_caller(struct vcpu *vcpu)
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

static void unlock_with_caller(struct vcpu *vcpu, struct vcpu *caller)
{
    vcpu_unlock((struct vcpu_locked){vcpu});
    if (caller != NULL) {
        vcpu_unlock((struct vcpu_locked){caller});
    }
}

/*
 * Hands an answer of `from` to the vCPU that asked; both locked. True: it is RUNNING, on this CPU,
 * which from gives up (is_leaving). Else it is READY, if it waits for nothing but this answer, or
 * the answer is kept until it asks for it by FFA_RUN.
 */
static bool answer_deliver(struct vcpu *caller, struct vcpu *from, const uint64_t *x,
                           bool is_leaving)
{
    bool is_blocked = caller->state == VCPU_BLOCKED;
    bool waits = is_blocked && caller->callee == from;
    bool here = is_leaving && from->scheduled &&
                (caller->scheduled ? waits : is_blocked && caller == arch_cpu_self()->home);

    if (here || waits) {
        caller->callee = NULL;
        registers_copy(caller->ctx.x, x);
        vcpu_state_set((struct vcpu_locked){caller}, here ? VCPU_RUNNING : VCPU_READY);
    } else if (caller->result_from == NULL) {
        registers_copy(caller->result, x);
        caller->result_from = from;
    } else {
        registers_copy(from->kept, x);
        from->kept_for = caller;
    }
    return here;
}

/* What answer_deliver has kept for current. Both locks held. */
static bool result_try_take(struct vcpu *current, struct vcpu *from)
{
    if (current->result_from == from) {
        current->result_from = NULL;
        registers_copy(current->ctx.x, current->result);
        return true;
    }
    if (from->kept_for == current) {
        from->kept_for = NULL;
        registers_copy(current->ctx.x, from->kept);
        return true;
    }
    return false;
}

struct chain_result chain_respond(struct vcpu *current, uint16_t receiver,
                                  const struct chain_message *message)
{
    struct vcpu *caller = lock_with_caller(current);
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
        here = answer_deliver(caller, current, message->x, true);
    }
    unlock_with_caller(current, caller);

    if (status != STATUS_OK) {
        return refused(status);
    }
    if (here) {
        return accepted(caller);
    }
    run_wake(caller);
    return accepted(current->scheduled ? return_home(FFA_MSG_WAIT_32, target_info(current), 0, 0)
                                       : NULL);
}

/* What resuming target means in its state; registers are set for it. Both locks held. */
static enum status run_claim(struct vcpu *target)
{
    switch (target->state) {
    case VCPU_READY:
    case VCPU_PREEMPTED:
    case VCPU_IDLE:
        return STATUS_OK;
    case VCPU_WAITING:
        registers_set(target, FFA_RUN_32, target_info(target), 0, 0);
        return STATUS_OK;
    case VCPU_BLOCKED:
        if (target->callee != NULL) {
            return STATUS_BUSY;
        }
        registers_set(target, FFA_SUCCESS_32, 0, 0, 0);
        return STATUS_OK;
    case VCPU_OFF:
        return STATUS_DENIED;
    case VCPU_ABORTED:
        return STATUS_ABORTED;
    case VCPU_RUNNING:
    case VCPU_STATES:
        break;
    }
    return STATUS_BUSY;
}

/* Both locks held. */
static enum status run_local(struct vcpu *current, struct vcpu *target, bool is_caller)
{
    enum status status;

    if (!is_caller &&
        (current->scheduled || !role_may_run(current->vm->config, target->vm->config))) {
        return STATUS_DENIED;
    }
    status = run_claim(target);
    if (status == STATUS_OK) {
        vcpu_state_set((struct vcpu_locked){target}, VCPU_RUNNING);
        current->callee = target;
        vcpu_state_set((struct vcpu_locked){current}, VCPU_BLOCKED);
    }
    return status;
}

/* A peer that answers from another CPU: wait on. Only pinned vCPUs stop waiting. Both locked. */
static enum status run_remote(struct vcpu *current, struct vcpu *target, bool is_caller)
{
    if (!is_caller || current->scheduled) {
        return STATUS_DENIED;
    }
    current->callee = target;
    vcpu_state_set((struct vcpu_locked){current}, VCPU_BLOCKED);
    return STATUS_OK;
}

struct chain_result chain_run(struct vcpu *current, struct vcpu *target)
{
    struct vcpu *next = target->scheduled ? target : NULL;
    enum status status = STATUS_OK;
    bool is_caller;

    if (current == target) {
        return refused(STATUS_INVALID);
    }
    vcpu_lock_both(current, target);
    is_caller = target->in_request && target->caller == current;
    if (result_try_take(current, target)) {
        next = current;
    } else if (target->scheduled) {
        status = run_local(current, target, is_caller);
    } else {
        status = run_remote(current, target, is_caller);
    }
    vcpu_unlock((struct vcpu_locked){current});
    vcpu_unlock((struct vcpu_locked){target});
    return status == STATUS_OK ? accepted(next) : refused(status);
}

struct chain_result chain_yield(struct vcpu *current, uint64_t timeout_ns)
{
    uint64_t lo = timeout_ns & UINT32_MAX;
    uint64_t hi = timeout_ns >> 32;

    if (!current->scheduled) {
        /* It owns its CPU: nobody to give way to. */
        registers_set(current, FFA_SUCCESS_32, 0, 0, 0);
        return accepted(current);
    }
    current->callee = NULL;
    state_set(current, VCPU_BLOCKED);
    return accepted(return_home(FFA_YIELD_32, target_info(current), lo, hi));
}

struct chain_result chain_wait(struct vcpu *current)
{
    if (current->in_request) {
        return refused(STATUS_DENIED);
    }
    if (virq_is_pending(current)) {
        registers_set(current, FFA_INTERRUPT_32, target_info(current), 0, 0);
        return accepted(current);
    }
    state_set(current, VCPU_WAITING);
    return accepted(current->scheduled ? return_home(FFA_MSG_WAIT_32, target_info(current), 0, 0)
                                       : NULL);
}

static uint64_t wait_ns(const struct vcpu *vcpu)
{
    uint64_t deadline = timer_deadline(vcpu);
    uint64_t now = arch_counter();
    uint64_t frequency = arch_counter_frequency();

    if (deadline == UINT64_MAX) {
        return WAIT_FOREVER;
    }
    if (deadline <= now) {
        return 0;
    }
    deadline -= now;
    if (deadline / frequency >= UINT64_MAX / NS_PER_SECOND) {
        return WAIT_FOREVER - 1;
    }
    return deadline / frequency * NS_PER_SECOND + deadline % frequency * NS_PER_SECOND / frequency;
}

struct vcpu *chain_idle(struct vcpu *current, bool is_wfe)
{
    if (!is_wfe && virq_is_pending(current)) {
        return current;
    }
    state_set(current, VCPU_IDLE);
    if (is_wfe) {
        return return_home(FFA_YIELD_32, target_info(current), 0, 0);
    }
    /* Its timer lives in the registers until it is switched out. */
    arch_vtimer_save(&current->ctx);
    return return_home(FFA_RUN_WAIT_FOR_INTERRUPT, target_info(current), wait_ns(current), 0);
}

struct vcpu *chain_preempt(struct vcpu *current)
{
    struct vcpu *home = arch_cpu_self()->home;

    if (!current->scheduled || home == NULL) {
        return current;
    }
    state_set(current, VCPU_PREEMPTED);
    return return_home(FFA_INTERRUPT_32, target_info(current), 0, 0);
}

bool chain_home_waits(const struct cpu *cpu, const struct vcpu *current)
{
    const struct vcpu *home = cpu->home;
    uint32_t attention;

    if (home == NULL || home == current) {
        return false;
    }
    attention = __atomic_load_n(&home->attention, __ATOMIC_ACQUIRE);
    return home->state == VCPU_READY || (attention & VCPU_ATTENTION_STOP) != 0;
}

struct vcpu *chain_wake_home(struct vcpu *home)
{
    struct vcpu_locked locked = vcpu_lock(home);
    struct vcpu *next = NULL;

    if (home->state == VCPU_READY) {
        next = home;
    } else if (home->state == VCPU_BLOCKED && virq_is_pending(home)) {
        registers_set(home, FFA_INTERRUPT_32, home->callee == NULL ? 0 : target_info(home->callee),
                      0, 0);
        next = home;
    } else if (home->state == VCPU_WAITING && virq_is_pending(home)) {
        registers_set(home, FFA_INTERRUPT_32, target_info(home), 0, 0);
        next = home;
    }
    if (next != NULL) {
        home->callee = NULL;
        vcpu_state_set(locked, VCPU_RUNNING);
    }
    vcpu_unlock(locked);
    return next;
}

/* Whoever works on a request of vcpu, now or when it is resumed, answers to nobody. */
static void requests_forget(struct vcpu *vcpu, struct vm *vm)
{
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        struct vcpu *peer = &vm->vcpu[i];
        struct vcpu_locked locked;

        /* vcpu runs no more: nobody becomes its callee meanwhile. */
        if (__atomic_load_n(&peer->caller, __ATOMIC_RELAXED) != vcpu &&
            __atomic_load_n(&peer->kept_for, __ATOMIC_RELAXED) != vcpu) {
            continue;
        }
        locked = vcpu_lock(peer);
        if (peer->caller == vcpu) {
            peer->caller = NULL;
        }
        if (peer->kept_for == vcpu) {
            peer->kept_for = NULL;
        }
        vcpu_unlock(locked);
    }
}

/* Takes vcpu out of all chains. Returns its caller if that runs now, on this CPU. */
static struct vcpu *links_break(struct vcpu *vcpu, bool is_leaving)
{
    const uint64_t error[8] = {FFA_ERROR_32, target_info(vcpu), (uint32_t)FFA_ABORTED};
    struct vcpu *caller = lock_with_caller(vcpu);
    bool here = caller != NULL && answer_deliver(caller, vcpu, error, is_leaving);

    vcpu->in_request = false;
    vcpu->caller = NULL;
    vcpu->callee = NULL;
    vcpu->result_from = NULL;
    unlock_with_caller(vcpu, caller);

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
    if (current->state == VCPU_ABORTED) {
        return return_home(FFA_ERROR_32, target_info(current), (uint32_t)FFA_ABORTED, 0);
    }
    return return_home(FFA_RUN_WAIT_FOR_INTERRUPT, target_info(current), WAIT_FOREVER, 0);
}
