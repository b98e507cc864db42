/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/run.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/chain.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/notify.h"
#include "bh/svc/nwd.h"
#include "bh/svc/power.h"
#include "bh/svc/timer.h"
#include "bh/svc/virq_sync.h"

/* Kept out of the hot path, which must not pay for its frame. */
#define APART __attribute__((noinline))

/*
 * FP state. Pinned vCPUs never move, so theirs stays in the registers until somebody else on this
 * CPU touches FP. Scheduled ones may turn up on another CPU next: theirs goes to memory when they
 * leave, if they touched FP at all.
 */
static void run_fp_leave(struct cpu *cpu, struct vcpu *from)
{
    if (cpu->fp_owner != from) {
        return;
    }
    if (from->state == VCPU_OFF || from->state == VCPU_ABORTED) {
        cpu->fp_owner = NULL;
    } else if (from->scheduled) {
        arch_fp_save(&from->ctx.fp);
        cpu->fp_owner = NULL;
    }
}

static void run_fp_enter(struct cpu *cpu, struct vcpu *to)
{
    bool trapped = cpu->fp_owner != to;

    if (trapped && role_vm_is_world(to->vm->config)) {
        /* The other world can't be made to trap: the registers are its own again. */
        arch_fp_trap(false);
        cpu->fp_trapped = false;
        arch_world_fp_load(&to->ctx);
        cpu->fp_owner = to;
        return;
    }

    if (trapped != cpu->fp_trapped) {
        cpu->fp_trapped = trapped;
        arch_fp_trap(trapped);
    }
}

/* No CPU holds from any longer. True: it is to be stopped, and nobody else will see to that. */
static inline bool run_release(struct vcpu *from)
{
    /* Release: whoever enters it elsewhere sees all that was saved. */
    __atomic_store_n(&from->cpu, NULL, __ATOMIC_RELEASE);
    if (!from->scheduled) {
        return false;
    }
    /* Either power_stop_other sees that nobody holds it, or the bit is seen here. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return (__atomic_load_n(&from->attention, __ATOMIC_RELAXED) & VCPU_ATTENTION_STOP) != 0;
}

static void run_leave_cpu(struct cpu *cpu, struct vcpu *from)
{
    /* First: the model takes what is in the list registers; their contents need not be saved. */
    virq_sync_leave(from);
    if (role_is_secure()) {
        nwd_timer_leave(cpu, from);
    }
    arch_context_save(&from->ctx);
    arch_debug_save(&from->ctx);
    run_fp_leave(cpu, from);
    cpu->current = NULL;
    if (run_release(from)) {
        (void)power_try_collect(from);
    }
}

/* This CPU holds to, which no other one does. */
static inline void run_claim(struct cpu *cpu, struct vcpu *to)
{
    __atomic_store_n(&to->cpu, cpu, __ATOMIC_SEQ_CST);
    /* Either who sets attention sees the CPU and kicks it, or the bit is seen before the entry. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    cpu->current = to;
}

/* SPs: may the normal world's interrupts reach it? */
static inline void run_shield(const struct cpu *cpu, const struct vcpu *to)
{
    if (role_is_secure() && to->scheduled) {
        arch_irq_shield(vcpu_is_shielded(to), cpu->home == NULL ? NULL : &cpu->home->ctx.world);
    }
}

void run_shield_changed(struct vcpu *current)
{
    run_shield(arch_cpu_self(), current);
}

/* When home, which has given its CPU to `to`, wants it back. */
static uint64_t run_deadline(const struct vcpu *home, const struct vcpu *to)
{
    if (home == NULL || home->state != VCPU_BLOCKED) {
        return UINT64_MAX;
    }
    return role_is_secure() ? nwd_timer_world(home, to) : timer_deadline(home);
}

static void run_load(struct cpu *cpu, struct vcpu *to)
{
    if (to->scheduled) {
        to->deadline = run_deadline(cpu->home, to);
        notify_enter(to);
    }
    arch_context_load(&to->ctx);
    run_shield(cpu, to);
    arch_debug_load(&to->ctx);
    virq_sync_enter(to);
    timer_switch(cpu, to);
    run_fp_enter(cpu, to);
}

static struct vcpu *run_idle_home(struct vcpu *home)
{
    if (home == NULL) {
        return NULL;
    }
    if ((__atomic_load_n(&home->attention, __ATOMIC_ACQUIRE) & VCPU_ATTENTION_STOP) != 0) {
        struct vcpu *next = power_stop_requested(home);

        if (next != NULL) {
            return next;
        }
        /* The last one of its VM: a reset may have made it READY again. */
    }
    return chain_wake_home(home);
}

/* Nothing to run: sleep until an interrupt or a message makes the home vCPU runnable. */
static struct vcpu *run_idle(struct cpu *cpu)
{
    for (;;) {
        struct vcpu *next;

        timer_idle(cpu);
        next = run_idle_home(cpu->home);
        if (next != NULL) {
            return next;
        }
        arch_cpu_wait();
        next = irq_route_handle(cpu, NULL);
        if (next != NULL) {
            return next;
        }
    }
}

/* Attention of a vCPU that is about to be entered. Returns who is entered instead. */
static struct vcpu *run_attend(struct cpu *cpu, struct vcpu *next)
{
    uint32_t bits = __atomic_load_n(&next->attention, __ATOMIC_ACQUIRE);

    if ((bits & VCPU_ATTENTION_STOP) != 0) {
        return power_stop_requested(next);
    }
    __atomic_fetch_and(&next->attention, ~bits, __ATOMIC_ACQ_REL);
    /* A vCPU that arrives is synchronised by virq_sync_enter. */
    if (role_is_secure() && (bits & VCPU_ATTENTION_WORLD) != 0) {
        return nwd_attend(cpu, next);
    }
    if (next == cpu->current) {
        if ((bits & VCPU_ATTENTION_VIRQ) != 0) {
            virq_sync(next);
        }
        if ((bits & VCPU_ATTENTION_TIMER) != 0) {
            timer_switch(cpu, next);
        }
    }
    return next;
}

/* The CPU that vcpu ran on still saves it: what concerns it has to wait for run_enter_cpu. */
static bool run_is_elsewhere(const struct cpu *cpu, const struct vcpu *vcpu)
{
    return vcpu != cpu->current && __atomic_load_n(&vcpu->cpu, __ATOMIC_ACQUIRE) != NULL;
}

struct vcpu *run_next(struct cpu *cpu, struct vcpu *next)
{
    while (next != NULL && __atomic_load_n(&next->attention, __ATOMIC_RELAXED) != 0 &&
           !run_is_elsewhere(cpu, next)) {
        next = run_attend(cpu, next);
    }
    return next;
}

/* to, which is claimed, is loaded and attended to. Returns who is entered: cpu->current, unless it
 * was told to stop between the decision and the entry, and is gone from this CPU already. */
static struct vcpu *run_arrive(struct cpu *cpu, struct vcpu *to)
{
    run_load(cpu, to);
    if (__atomic_load_n(&to->attention, __ATOMIC_RELAXED) != 0) {
        to = run_next(cpu, to); /* mostly there is nothing: no call for that */
    }
    if (cpu->current != NULL && cpu->current != to) {
        run_leave_cpu(cpu, cpu->current);
    }
    return to;
}

/* No vCPU is loaded. */
static APART struct vcpu *run_enter_next(struct vcpu *to, struct cpu *cpu)
{
    do {
        while (to == NULL) {
            to = run_next(cpu, run_idle(cpu));
        }
        /* The CPU that it just left may still be saving it. That CPU waits for nobody. */
        while (__atomic_load_n(&to->cpu, __ATOMIC_ACQUIRE) != NULL) {
            arch_cpu_relax();
        }
        run_claim(cpu, to);
        to = run_arrive(cpu, to);
    } while (to == NULL || to != cpu->current);
    return to;
}

static APART struct vcpu *run_enter_claimed(struct vcpu *to, struct cpu *cpu)
{
    to = run_arrive(cpu, to);
    return to != NULL && to == cpu->current ? to : run_enter_next(to, cpu);
}

static APART struct vcpu *run_switch_any(struct vcpu *to, struct cpu *cpu)
{
    if (cpu->current != NULL) {
        run_leave_cpu(cpu, cpu->current);
    }
    return run_enter_next(to, cpu);
}

static APART struct vcpu *run_collect_and_enter(struct vcpu *to, struct cpu *cpu, struct vcpu *from)
{
    (void)power_try_collect(from);
    return run_enter_next(to, cpu);
}

/* from has nothing but its registers to leave behind. */
static inline bool run_leave_is_plain(const struct cpu *cpu, const struct vcpu *from)
{
    return virq_leave_is_plain(cpu, from) && !from->ctx.debug.open && !from->ctx.pmu &&
           !(role_is_secure() && timer_is_armed(from)) &&
           (!from->scheduled || cpu->fp_owner != from);
}

/* FP needs nothing: it traps for who is not its owner. The other world can't be made to trap. */
static inline bool run_fp_is_right(const struct cpu *cpu, const struct vcpu *to)
{
    return (cpu->fp_owner != to) == cpu->fp_trapped &&
           !(cpu->fp_trapped && role_vm_is_world(to->vm->config));
}

/* to, which this CPU has claimed, brings nothing but its registers. */
static inline bool run_enter_is_plain(const struct cpu *cpu, const struct vcpu *to)
{
    return virq_enter_is_plain(cpu, to) && timer_is_plain(cpu, to) && notify_enter_is_plain(to) &&
           run_fp_is_right(cpu, to) && !to->ctx.debug.open && !to->ctx.pmu &&
           __atomic_load_n(&to->attention, __ATOMIC_RELAXED) == 0;
}

/*
 * Between partitions that have no interrupt under way and no timer armed, as when one calls the
 * other, only registers change places: that is done here, in a function without a frame. Whatever
 * else there is to do leads to a function of its own.
 */
struct vcpu *run_switch(struct vcpu *to, struct cpu *cpu)
{
    struct vcpu *from = cpu->current;

    if (from == NULL || to == NULL || !run_leave_is_plain(cpu, from)) {
        return run_switch_any(to, cpu);
    }
    arch_context_save(&from->ctx);
    cpu->current = NULL;
    if (run_release(from)) {
        return run_collect_and_enter(to, cpu, from);
    }
    if (__atomic_load_n(&to->cpu, __ATOMIC_ACQUIRE) != NULL) {
        return run_enter_next(to, cpu);
    }
    run_claim(cpu, to);
    if (!run_enter_is_plain(cpu, to)) {
        return run_enter_claimed(to, cpu);
    }
    to->deadline = UINT64_MAX;
    arch_context_load(&to->ctx);
    run_shield(cpu, to);
    return to;
}

void run_wake(struct vcpu *vcpu)
{
    if (!vcpu->scheduled) {
        struct cpu *cpu = cpu_get(vcpu->config->cpu);

        if (cpu != arch_cpu_self()) {
            arch_irq_send_sgi(cpu->mpidr, role_kick_sgi());
        }
    }
}

__attribute__((noinline)) void run_kick(struct vcpu *vcpu)
{
    struct cpu *cpu;

    if (!vcpu->scheduled) {
        /* Loaded, idle, or on its way between the two: its CPU never changes. */
        run_wake(vcpu);
        return;
    }
    cpu = __atomic_load_n(&vcpu->cpu, __ATOMIC_SEQ_CST);
    if (cpu != NULL && cpu != arch_cpu_self()) {
        arch_irq_send_sgi(cpu->mpidr, role_kick_sgi());
    }
}
