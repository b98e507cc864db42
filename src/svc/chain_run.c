/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CPU cycles: FFA_RUN, FFA_YIELD, FFA_MSG_WAIT, WFI of scheduled vCPUs, and the CPU's way back to
 * its home vCPU.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/base/cold.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/nwd.h"
#include "bh/svc/run.h"
#include "bh/svc/timer.h"
#include "bh/svc/virq_sync.h"
#include "chain_local.h"
#include "vmapi/ffa.h"

#define NS_PER_SECOND UINT64_C(1000000000)

/* Off or dead, but not for long. */
static bool run_is_restarting(const struct vcpu *target)
{
    return __atomic_load_n(&target->vm->life, __ATOMIC_RELAXED) == VM_RESETTING;
}

/*
 * FFA_INTERRUPT for vcpu, which is in FFA_MSG_WAIT, if something is pending. At EL0 this is how it
 * learns of the interrupt, and acknowledges it.
 */
static bool interrupt_try_tell(struct vcpu *vcpu)
{
    uint32_t intid = 0;

    if (!virq_is_pending(vcpu)) {
        return false;
    }
    if (vcpu->is_el0) {
        intid = virq_paravirt_take(vcpu);
    } else if (role_is_secure()) {
        intid = virq_paravirt_peek(vcpu);
    }
    if (intid == VIRQ_PARAVIRT_NONE) {
        return false; /* what was pending has gone */
    }
    if (role_is_secure()) {
        vcpu->model = VCPU_MODEL_INTERRUPT;
    }
    chain_registers_set(vcpu, FFA_INTERRUPT_32, role_is_secure() ? 0 : vcpu->info, intid, 0);
    return true;
}

/* Whether a target in this state may be resumed; of one that is BLOCKED more is asked. */
static const uint8_t run_states[VCPU_STATES] = {
    [VCPU_OFF] = STATUS_DENIED, [VCPU_READY] = STATUS_OK,        [VCPU_RUNNING] = STATUS_BUSY,
    [VCPU_WAITING] = STATUS_OK, [VCPU_BLOCKED] = STATUS_BUSY,    [VCPU_PREEMPTED] = STATUS_OK,
    [VCPU_IDLE] = STATUS_OK,    [VCPU_ABORTED] = STATUS_ABORTED,
};

/* What resuming target means in its state; registers are set for it. Both locks held. */
static enum status run_claim(struct vcpu *target)
{
    enum vcpu_state state = target->state;

    if (state == VCPU_BLOCKED && target->callee == NULL) {
        chain_registers_set(target, FFA_SUCCESS_32, 0, 0, 0);
        return STATUS_OK;
    }
    if (state == VCPU_WAITING && (!target->is_el0 || !interrupt_try_tell(target))) {
        chain_registers_set(target, FFA_RUN_32, target->info, 0, 0);
    }
    if ((state == VCPU_OFF || state == VCPU_ABORTED) && run_is_restarting(target)) {
        return STATUS_BUSY;
    }
    return (enum status)run_states[state];
}

static BH_COLD uint64_t wait_ns(const struct vcpu *vcpu)
{
    uint64_t deadline = timer_deadline(vcpu);
    uint64_t now = arch_counter();
    uint64_t frequency = arch_counter_frequency();

    if (deadline == UINT64_MAX) {
        return CHAIN_WAIT_FOREVER;
    }
    if (deadline <= now) {
        return 0;
    }
    deadline -= now;
    if (deadline / frequency >= UINT64_MAX / NS_PER_SECOND) {
        return CHAIN_WAIT_FOREVER - 1;
    }
    return deadline / frequency * NS_PER_SECOND + deadline % frequency * NS_PER_SECOND / frequency;
}

/* What a primary of the established binding expects: FFA_RUN of a vCPU that could only go on
 * waiting does not run it. */
static BH_COLD bool run_is_pointless(struct vcpu *target)
{
    switch (target->state) {
    case VCPU_OFF:
        return !run_is_restarting(target);
    case VCPU_BLOCKED:
        return target->callee != NULL;
    case VCPU_IDLE:
        return !virq_is_pending(target) && wait_ns(target) != 0 &&
               !notif_is_waiting(&target->vm->notif, target->index);
    default:
        return false;
    }
}

/* The answer is that of a WFI. */
static BH_COLD void run_tell_pointless(struct vcpu *current, const struct vcpu *target)
{
    uint64_t ns = target->state == VCPU_IDLE ? wait_ns(target) : CHAIN_WAIT_FOREVER;

    chain_registers_set(current, FFA_RUN_WAIT_FOR_INTERRUPT, target->info, chain_primary_wait(ns),
                        0);
}

/* Both locks held. STATUS_NO_DATA: run_is_pointless. */
static enum status run_local(struct vcpu *current, struct vcpu *target, bool is_caller)
{
    enum status status;

    if (!is_caller &&
        (current->scheduled || !role_may_run(current->vm->config, target->vm->config))) {
        return STATUS_DENIED;
    }
    if (chain_is_primary(current) && run_is_pointless(target)) {
        return STATUS_NO_DATA;
    }
    if (target->state == VCPU_WAITING) {
        target->ns_action = chain_ns_action(current, target);
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
        return chain_refused(STATUS_INVALID);
    }
    vcpu_lock_both(current, target);
    is_caller = target->caller == current;
    if (!chain_is_allowed(current, ROLE_CALL_RUN)) {
        status = STATUS_DENIED;
    } else if (chain_answer_try_take(current, target)) {
        next = current;
    } else if (target->scheduled) {
        status = run_local(current, target, is_caller);
    } else {
        status = run_remote(current, target, is_caller);
    }
    if (status == STATUS_NO_DATA) {
        run_tell_pointless(current, target);
        next = current;
        status = STATUS_OK;
    }
    vcpu_unlock((struct vcpu_locked){current});
    vcpu_unlock((struct vcpu_locked){target});
    return status == STATUS_OK ? chain_accepted(next) : chain_refused(status);
}

/* current gives way to the scheduled vCPU whose request it handles, if that gave it this CPU; then
 * nobody runs it on from the home vCPU. Both locked. */
static bool is_given_by(const struct vcpu *current, const struct vcpu *caller)
{
    const struct vcpu *home = arch_cpu_self()->home;

    return caller != NULL && caller->scheduled && caller->state == VCPU_BLOCKED &&
           caller->callee == current && (home == NULL || home->callee != current);
}

/* x0: why. */
static bool yield_to_caller(struct vcpu *current, struct vcpu *caller, uint64_t x0,
                            uint64_t timeout_ns)
{
    if (!is_given_by(current, caller)) {
        return false;
    }
    chain_registers_set(caller, x0, current->info, timeout_ns & UINT32_MAX, timeout_ns >> 32);
    caller->callee = NULL;
    vcpu_state_set((struct vcpu_locked){caller}, VCPU_RUNNING);
    return true;
}

struct chain_result chain_yield(struct vcpu *current, uint64_t timeout_ns)
{
    struct vcpu *caller;
    bool is_given;

    if (!chain_is_allowed(current, ROLE_CALL_YIELD)) {
        return chain_refused(STATUS_DENIED);
    }
    if (!current->scheduled) {
        /* It owns its CPU: nobody to give way to. */
        chain_registers_set(current, FFA_SUCCESS_32, 0, 0, 0);
        return chain_accepted(current);
    }
    caller = chain_lock_with_caller(current);
    current->callee = NULL;
    vcpu_state_set((struct vcpu_locked){current}, VCPU_BLOCKED);
    is_given = yield_to_caller(current, caller, FFA_YIELD_32, timeout_ns);
    chain_unlock_with_caller(current, caller);
    if (is_given) {
        return chain_accepted(caller);
    }
    return chain_accepted(
        chain_return_home(FFA_YIELD_32, current->info, timeout_ns & UINT32_MAX, timeout_ns >> 32));
}

struct chain_result chain_wait(struct vcpu *current)
{
    if (!chain_is_allowed(current, ROLE_CALL_WAIT)) {
        return chain_refused(STATUS_DENIED);
    }
    chain_work_end(current);
    if (!(role_is_secure() && nwd_try_leave_waiting(current)) && interrupt_try_tell(current)) {
        /* It goes on in another model. */
        run_shield_changed(current);
        return chain_accepted(current);
    }
    chain_state_set(current, VCPU_WAITING);
    return chain_accepted(
        current->scheduled ? chain_return_home(FFA_MSG_WAIT_32, current->info, 0, 0) : NULL);
}

struct vcpu *chain_idle(struct vcpu *current, bool is_wfe)
{
    if (!is_wfe && virq_is_pending(current)) {
        return current;
    }
    /* After a WFE it goes on whenever it is given the CPU. */
    chain_state_set(current, is_wfe ? VCPU_PREEMPTED : VCPU_IDLE);
    if (is_wfe) {
        return chain_return_home_rarely(FFA_YIELD_32, current->info, 0, 0);
    }
    /* Its timer lives in the registers until it is switched out. */
    arch_vtimer_save(&current->ctx);
    return chain_return_home_rarely(FFA_RUN_WAIT_FOR_INTERRUPT, current->info, wait_ns(current), 0);
}

struct vcpu *chain_preempt(struct vcpu *current)
{
    struct vcpu *home = arch_cpu_self()->home;

    if (!current->scheduled || home == NULL) {
        return current;
    }
    if (role_is_secure()) {
        struct vcpu *caller = chain_lock_with_caller(current);
        bool is_given;

        vcpu_state_set((struct vcpu_locked){current}, VCPU_PREEMPTED);
        is_given = yield_to_caller(current, caller, FFA_INTERRUPT_32, 0);
        chain_unlock_with_caller(current, caller);
        if (is_given) {
            return caller;
        }
    } else {
        chain_state_set(current, VCPU_PREEMPTED);
    }
    return chain_return_home(FFA_INTERRUPT_32, current->info, 0, 0);
}

bool chain_caller_is_interrupted(struct vcpu *current)
{
    struct vcpu *caller = chain_lock_with_caller(current);
    bool is_interrupted =
        is_given_by(current, caller) && !caller->is_el0 && virq_is_pending(caller);

    chain_unlock_with_caller(current, caller);
    return is_interrupted;
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

/* May it run now? Its lock is held. If it waited, its registers tell why the wait ends. */
static bool home_try_wake(struct vcpu *home)
{
    if (home->state == VCPU_BLOCKED && !home->is_el0 && virq_is_pending(home)) {
        chain_registers_set(home, FFA_INTERRUPT_32, home->callee == NULL ? 0 : home->callee->info,
                            0, 0);
        return true;
    }
    return home->state == VCPU_READY || (home->state == VCPU_WAITING && interrupt_try_tell(home));
}

struct vcpu *chain_wake_home(struct vcpu *home)
{
    struct vcpu_locked locked = vcpu_lock(home);
    bool is_woken = home_try_wake(home);

    if (is_woken) {
        home->callee = NULL;
        vcpu_state_set(locked, VCPU_RUNNING);
    }
    vcpu_unlock(locked);
    return is_woken ? home : NULL;
}
