/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/timer.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/sysreg.h"
#include "bh/base/num.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/chain.h"
#include "bh/svc/nwd.h"
#include "bh/svc/virq_sync.h"

/* Part of svc/run.c's hot path, which has no frame for calls. */
#define INLINED __attribute__((always_inline))

#define CTL_WRITABLE (CNT_CTL_ENABLE | CNT_CTL_IMASK)

static bool ctl_can_fire(uint64_t ctl)
{
    return (ctl & CTL_WRITABLE) == CNT_CTL_ENABLE;
}

static void htimer_set(struct cpu *cpu, uint64_t cval)
{
    if (cpu->htimer_cval == cval) {
        return;
    }
    cpu->htimer_cval = cval;
    if (cval == UINT64_MAX) {
        arch_htimer_stop();
    } else {
        arch_htimer_arm(cval);
    }
}

/* The line of the emulated timer as it is now; when it will rise, if it is low and can. */
static __attribute__((noinline)) uint64_t ptimer_update(struct vcpu *vcpu)
{
    bool can_fire = ctl_can_fire(vcpu->ptimer_ctl);
    bool is_due = can_fire && arch_counter() >= vcpu->ptimer_cval;

    if (is_due != vcpu->ptimer_line) {
        vcpu->ptimer_line = is_due;
        virq_line_set(vcpu, VIRQ_PTIMER, is_due);
    }
    return can_fire && !is_due ? vcpu->ptimer_cval : UINT64_MAX;
}

/* When the home vCPU wants the CPU back that vcpu borrows. */
static uint64_t borrowed_until(const struct vcpu *vcpu)
{
    return vcpu->scheduled ? vcpu->deadline : UINT64_MAX;
}

bool timer_is_armed(const struct vcpu *vcpu)
{
    return ctl_can_fire(vcpu->ptimer_ctl) && !vcpu->ptimer_line;
}

void timer_raise(struct vcpu *vcpu)
{
    (void)ptimer_update(vcpu);
}

void timer_switch(struct cpu *cpu, struct vcpu *to)
{
    uint64_t deadline = borrowed_until(to);

    if (role_is_secure() && cpu->interrupts.timers != 0) {
        deadline = num_min(deadline, nwd_timer_deadline(cpu));
    }

    if (ctl_can_fire(to->ptimer_ctl) || to->ptimer_line) {
        deadline = num_min(deadline, ptimer_update(to));
    }
    htimer_set(cpu, deadline);
}

INLINED bool timer_is_plain(const struct cpu *cpu, const struct vcpu *to)
{
    uint64_t ctl = to->ptimer_ctl;

    if (to->scheduled && cpu->home != NULL) {
        ctl |= cpu->home->ptimer_ctl | cpu->home->ctx.sys[ARCH_SYSREG_cntv_ctl_el0];
    }
    return (ctl & CNT_CTL_ENABLE) == 0 && !to->ptimer_line && cpu->htimer_cval == UINT64_MAX;
}

uint64_t timer_guest_read(struct vcpu *current, enum timer_reg which)
{
    uint64_t cval = current->ptimer_cval;
    uint64_t ctl = current->ptimer_ctl;

    switch (which) {
    case TIMER_CTL:
        if ((ctl & CNT_CTL_ENABLE) != 0 && arch_counter() >= cval) {
            ctl |= CNT_CTL_ISTATUS;
        }
        return ctl;
    case TIMER_CVAL:
        return cval;
    case TIMER_TVAL:
        return (uint32_t)(cval - arch_counter());
    }
    return 0;
}

void timer_guest_write(struct vcpu *current, enum timer_reg which, uint64_t value)
{
    switch (which) {
    case TIMER_CTL:
        current->ptimer_ctl = (uint32_t)value & CTL_WRITABLE;
        break;
    case TIMER_CVAL:
        current->ptimer_cval = value;
        break;
    case TIMER_TVAL:
        current->ptimer_cval = arch_counter() + (uint64_t)(int64_t)(int32_t)(uint32_t)value;
        break;
    }
    timer_switch(arch_cpu_self(), current);
}

struct vcpu *timer_expired(struct cpu *cpu, struct vcpu *current)
{
    /* Whatever it was armed for has happened; below it is armed anew. */
    arch_htimer_stop();
    cpu->htimer_cval = UINT64_MAX;
    if (cpu->current == NULL) {
        timer_idle(cpu);
        return current;
    }
    if (role_is_secure()) {
        nwd_timer_expired(cpu);
    }
    if (current != NULL && borrowed_until(current) <= arch_counter()) {
        if (!role_is_secure()) {
            struct vcpu *next = chain_preempt(current);

            if (next != current) {
                return next;
            }
        } else {
            nwd_timer_signal(cpu);
        }
        current->deadline = UINT64_MAX; /* nobody to give the CPU back to, or told */
    }
    timer_switch(cpu, cpu->current);
    return current;
}

uint64_t timer_vtimer_deadline(const struct vcpu *vcpu)
{
    const uint64_t *sys = vcpu->ctx.sys;
    uint64_t deadline;

    if (!ctl_can_fire(sys[ARCH_SYSREG_cntv_ctl_el0])) {
        return UINT64_MAX;
    }
    if (__builtin_add_overflow(sys[ARCH_SYSREG_cntv_cval_el0], sys[ARCH_SYSREG_cntvoff_el2],
                               &deadline)) {
        return UINT64_MAX; /* beyond the end of time */
    }
    return deadline;
}

bool timer_vtimer_is_due(const struct vcpu *vcpu)
{
    uint64_t deadline = timer_vtimer_deadline(vcpu);

    return deadline != UINT64_MAX && deadline <= arch_counter();
}

/* The interrupt would reach the vCPU. One that is disabled, or that the vCPU has not finished, must
 * not keep others off the CPU. */
static bool can_interrupt(const struct vcpu *vcpu, uint32_t intid)
{
    const struct virq_bank *bank = &vcpu->virq.bank;

    return (bank->enabled & ~bank->active & UINT32_C(1) << intid) != 0;
}

uint64_t timer_deadline(const struct vcpu *vcpu)
{
    bool paravirt = vcpu->vm->virq.paravirt;
    uint64_t deadline = UINT64_MAX;
    if (can_interrupt(vcpu, paravirt ? VIRQ_PV_TIMER : VIRQ_VTIMER)) {
        deadline = timer_vtimer_deadline(vcpu);
    }
    if (ctl_can_fire(vcpu->ptimer_ctl) && !vcpu->ptimer_line &&
        can_interrupt(vcpu, paravirt ? VIRQ_PV_TIMER : VIRQ_PTIMER)) {
        deadline = num_min(deadline, vcpu->ptimer_cval);
    }
    return deadline;
}

void timer_idle(struct cpu *cpu)
{
    struct vcpu *home = cpu->home;
    uint64_t deadline = UINT64_MAX;

    if (home != NULL && home->state != VCPU_OFF && home->state != VCPU_ABORTED) {
        ptimer_update(home);
        if (timer_vtimer_is_due(home)) {
            virq_latch_vtimer(home);
        } else {
            deadline = timer_deadline(home);
        }
    }
    htimer_set(cpu, deadline);
}
