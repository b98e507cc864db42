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

/* vcpu's request to peer is open, or its answer not fetched yet. Peer's lock held, or a hint. */
static bool is_caller_of(const struct vcpu *vcpu, const struct vcpu *peer)
{
    return (peer->in_request || peer->has_result) && peer->caller == vcpu &&
           peer->caller_life == __atomic_load_n(&vcpu->life, __ATOMIC_RELAXED);
}

static void state_set(struct vcpu *vcpu, enum vcpu_state state)
{
    struct vcpu_locked locked = vcpu_lock(vcpu);

    vcpu_state_set(locked, state);
    vcpu_unlock(locked);
}

/*
 * The CPU goes back from a scheduled vCPU to its home, which waits in FFA_RUN or in a direct
 * request: the four registers are the answer. NULL: the home is gone (off), nobody runs.
 */
static struct vcpu *return_home(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    struct vcpu *home = arch_cpu_self()->home;

    if (home == NULL || home->state != VCPU_BLOCKED) {
        return NULL;
    }
    home->callee = NULL;
    registers_set(home, x0, x1, x2, x3);
    state_set(home, VCPU_RUNNING);
    return home;
}

struct vcpu *chain_target_vcpu(struct vcpu *current, struct vm *vm)
{
    return &vm->vcpu[current->index < vm->config->vcpu_count ? current->index : 0];
}

enum answer { ANSWER_NONE, ANSWER_THERE, ANSWER_NEVER };

/*
 * What a vCPU that waits for peer, who answers on another CPU, gets: the answer, or ABORTED when
 * peer died, into x. It stays with peer until answer_take.
 */
static enum answer answer_peek(const struct vcpu *vcpu, struct vcpu *peer, uint64_t *x)
{
    const uint64_t aborted[8] = {FFA_ERROR_32, target_info(peer), (uint32_t)FFA_ABORTED};
    struct vcpu_locked locked = vcpu_lock(peer);
    enum answer answer = ANSWER_NEVER;

    if (!is_caller_of(vcpu, peer)) {
        registers_copy(x, aborted);
    } else if (peer->has_result) {
        registers_copy(x, peer->result);
        answer = ANSWER_THERE;
    } else {
        answer = ANSWER_NONE;
    }
    vcpu_unlock(locked);
    return answer;
}

static void answer_take(const struct vcpu *vcpu, struct vcpu *peer)
{
    struct vcpu_locked locked = vcpu_lock(peer);

    if (peer->has_result && peer->caller == vcpu) {
        peer->has_result = false;
        peer->caller = NULL;
    }
    vcpu_unlock(locked);
}

/* May a request be put to target? Both locks held. */
static enum status request_check(const struct vcpu *target)
{
    switch (target->state) {
    case VCPU_WAITING:
        return target->in_request || (target->has_result && is_caller_of(target->caller, target))
                   ? STATUS_BUSY
                   : STATUS_OK;
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
        target->caller_life = current->life;
        target->has_result = false;
        target->in_request = true;
        target->request_64 = is_64;
        registers_copy(target->ctx.x, message->x);
        current->callee = target;
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

/* The vCPU that waits for from's answer runs on with it, if it does so on this CPU. Else NULL. */
static struct vcpu *answer_deliver(struct vcpu *caller, const struct vcpu *from, const uint64_t *x)
{
    struct vcpu_locked locked = vcpu_lock(caller);
    bool waits = caller->state == VCPU_BLOCKED && caller->callee == from;
    bool here = waits && (caller->scheduled ? from->scheduled : caller == arch_cpu_self()->home);

    if (here) {
        caller->callee = NULL;
        registers_copy(caller->ctx.x, x);
        vcpu_state_set(locked, VCPU_RUNNING);
    }
    vcpu_unlock(locked);
    return here ? caller : NULL;
}

/*
 * current has answered. result: for a caller that waits on another CPU or does something else by
 * now, which fetches it; NULL: the caller has it already, or died. In one step, so that nobody sees
 * a vCPU that neither owes an answer nor has one.
 */
static void respond_finish(struct vcpu *current, enum vcpu_state state, const uint64_t *result)
{
    struct vcpu_locked locked = vcpu_lock(current);

    current->in_request = false;
    if (result != NULL) {
        registers_copy(current->result, result);
        current->has_result = true;
    } else {
        current->caller = NULL;
    }
    if (state != current->state) {
        vcpu_state_set(locked, state);
    }
    vcpu_unlock(locked);
}

struct chain_result chain_respond(struct vcpu *current, uint16_t receiver,
                                  const struct chain_message *message)
{
    struct vcpu *caller = current->caller;
    struct vcpu *next;

    if (!current->in_request || caller->vm->config->id != receiver) {
        return refused(STATUS_DENIED);
    }
    if (!is_caller_of(caller, current)) {
        /* Who asked died meanwhile. */
        respond_finish(current, current->state, NULL);
        return refused(STATUS_ABORTED);
    }
    next = answer_deliver(caller, current, message->x);
    respond_finish(current, VCPU_WAITING, next == NULL ? message->x : NULL);
    if (next == NULL) {
        run_wake(caller);
        next = current->scheduled ? return_home(FFA_MSG_WAIT_32, target_info(current), 0, 0) : NULL;
    }
    return accepted(next);
}

/* FFA_RUN of a peer that was asked: its answer if it has come, or wait on for a remote one. */
static struct chain_result run_asked(struct vcpu *current, struct vcpu *target)
{
    if (answer_peek(current, target, current->ctx.x) != ANSWER_NONE) {
        answer_take(current, target);
        return accepted(current);
    }
    struct vcpu_locked locked = vcpu_lock(current);

    current->callee = target;
    vcpu_state_set(locked, VCPU_BLOCKED);
    vcpu_unlock(locked);
    return accepted(current->scheduled ? return_home(FFA_YIELD_32, target_info(current), 0, 0)
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

/* A scheduled vCPU waits for a pinned one: when there is an answer, it is READY with it. */
static void answer_fetch(struct vcpu *target)
{
    struct vcpu_locked locked = vcpu_lock(target);
    struct vcpu *peer = target->state == VCPU_BLOCKED ? target->callee : NULL;
    uint64_t x[8];

    vcpu_unlock(locked);
    if (peer == NULL || peer->scheduled || answer_peek(target, peer, x) == ANSWER_NONE) {
        return;
    }
    locked = vcpu_lock(target);
    if (target->state == VCPU_BLOCKED && target->callee == peer) {
        target->callee = NULL;
        registers_copy(target->ctx.x, x);
        vcpu_state_set(locked, VCPU_PREEMPTED);
    } else {
        peer = NULL;
    }
    vcpu_unlock(locked);
    if (peer != NULL) {
        answer_take(target, peer);
    }
}

/* Gives this CPU to target, which has none of its own. */
static struct chain_result run_local(struct vcpu *current, struct vcpu *target)
{
    enum status status;

    answer_fetch(target);
    vcpu_lock_both(current, target);
    status = run_claim(target);
    if (status == STATUS_OK) {
        vcpu_state_set((struct vcpu_locked){target}, VCPU_RUNNING);
        current->callee = target;
        vcpu_state_set((struct vcpu_locked){current}, VCPU_BLOCKED);
    }
    vcpu_unlock((struct vcpu_locked){current});
    vcpu_unlock((struct vcpu_locked){target});
    return status == STATUS_OK ? accepted(target) : refused(status);
}

struct chain_result chain_run(struct vcpu *current, struct vcpu *target)
{
    /* Who waits for target's answer may lend it time, or come back for the answer. */
    bool is_caller = is_caller_of(current, target);

    if (is_caller && (!target->scheduled || target->has_result)) {
        return run_asked(current, target);
    }
    if (target->scheduled &&
        (is_caller ||
         (!current->scheduled && role_may_run(current->vm->config, target->vm->config)))) {
        return run_local(current, target);
    }
    return refused(STATUS_DENIED);
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
    if (home->state == VCPU_BLOCKED) {
        return return_home(FFA_INTERRUPT_32, target_info(current), 0, 0);
    }
    /* The home was restarted meanwhile and knows nothing of current. */
    return chain_wake_home(home);
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
    /* Only this CPU changes what its home waits for. */
    struct vcpu *peer = home->state == VCPU_BLOCKED ? home->callee : NULL;
    enum answer answer = ANSWER_NONE;
    struct vcpu_locked locked;
    struct vcpu *next = NULL;
    uint64_t x[8];

    if (peer != NULL && !peer->scheduled) {
        answer = answer_peek(home, peer, x);
    }
    locked = vcpu_lock(home);
    if (home->state == VCPU_READY) {
        next = home;
    } else if (home->state == VCPU_BLOCKED && answer != ANSWER_NONE) {
        registers_copy(home->ctx.x, x);
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
    if (next != NULL && answer == ANSWER_THERE) {
        answer_take(home, peer);
    }
    return next;
}

/*
 * Takes vcpu out of its chain. Returns who waits for its answer, or NULL. Whom it asked keeps its
 * request, but answers to nobody: another life.
 */
static struct vcpu *links_break(struct vcpu *vcpu)
{
    struct vcpu_locked locked = vcpu_lock(vcpu);
    bool is_asked = vcpu->in_request && is_caller_of(vcpu->caller, vcpu);
    struct vcpu *caller = is_asked ? vcpu->caller : NULL;

    vcpu->in_request = false;
    vcpu->has_result = false;
    vcpu->caller = NULL;
    vcpu->callee = NULL;
    __atomic_add_fetch(&vcpu->life, 1, __ATOMIC_RELAXED);
    vcpu_unlock(locked);
    return caller;
}

/* Its caller, if it waits on another CPU, sees that nobody is going to answer. */
void chain_break(struct vcpu *vcpu)
{
    struct vcpu *caller = links_break(vcpu);

    if (caller != NULL) {
        run_wake(caller);
    }
}

struct vcpu *chain_leave(struct vcpu *current)
{
    const uint64_t error[8] = {FFA_ERROR_32, target_info(current), (uint32_t)FFA_ABORTED};
    struct vcpu *caller = links_break(current);
    struct vcpu *next = caller == NULL ? NULL : answer_deliver(caller, current, error);

    if (next == NULL && caller != NULL) {
        run_wake(caller);
    }
    if (next != NULL || !current->scheduled) {
        return next;
    }
    if (current->state == VCPU_ABORTED) {
        return return_home(FFA_ERROR_32, target_info(current), (uint32_t)FFA_ABORTED, 0);
    }
    return return_home(FFA_RUN_WAIT_FOR_INTERRUPT, target_info(current), WAIT_FOREVER, 0);
}
