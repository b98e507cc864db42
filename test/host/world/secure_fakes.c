/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What only the SPMC calls: host tests have the hypervisor's role. Weak: tests that have the real
 * ones take those.
 */
#include <stdlib.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/drv/drv.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/nwd.h"
#include "bh/svc/spmc_below.h"
#include "bh/svc/timer.h"
#include "bh/svc/virq_sync.h"

struct vcpu *nwd_power_step(struct cpu *cpu, struct vcpu *world_vcpu); /* svc/nwd_local.h */

#define WEAK __attribute__((weak))

WEAK enum status irq_route_reconfigure(struct vcpu *current, uint32_t vintid,
                                       enum irq_reconfigure command, uint64_t value)
{
    (void)current;
    (void)vintid;
    (void)command;
    (void)value;
    abort();
}

WEAK enum status nwd_send_ipi(struct vcpu *current, uint64_t index)
{
    (void)current;
    (void)index;
    abort();
}

WEAK void virq_paravirt_forget(struct vcpu *vcpu, uint32_t intid)
{
    (void)vcpu;
    (void)intid;
    abort();
}

WEAK uint32_t virq_paravirt_peek(struct vcpu *vcpu)
{
    (void)vcpu;
    abort();
}

WEAK struct vcpu *nwd_power_answered(struct vcpu *current, bool is_refused)
{
    (void)current;
    (void)is_refused;
    abort();
}

WEAK struct vcpu *nwd_power_step(struct cpu *cpu, struct vcpu *world_vcpu)
{
    (void)cpu;
    (void)world_vcpu;
    abort();
}

WEAK void nwd_doorbell(struct cpu *cpu)
{
    (void)cpu;
    abort();
}

WEAK struct vcpu *nwd_foreign_interrupt(struct vcpu *current)
{
    (void)current;
    abort();
}

WEAK void nwd_timer_leave(struct cpu *cpu, const struct vcpu *vcpu)
{
    (void)cpu;
    (void)vcpu;
    abort();
}

WEAK uint64_t nwd_timer_deadline(struct cpu *cpu)
{
    (void)cpu;
    abort();
}

WEAK void nwd_timer_expired(struct cpu *cpu)
{
    (void)cpu;
    abort();
}

WEAK uint64_t nwd_timer_world(const struct vcpu *world, const struct vcpu *to)
{
    (void)world;
    (void)to;
    abort();
}

WEAK void nwd_timer_signal(struct cpu *cpu)
{
    (void)cpu;
    abort();
}

WEAK void nwd_timer_unsignal(struct cpu *cpu)
{
    (void)cpu;
    abort();
}

WEAK bool nwd_try_leave_waiting(struct vcpu *current)
{
    (void)current;
    abort();
}

WEAK void nwd_waits_pending(struct vcpu *current)
{
    (void)current;
    abort();
}

WEAK bool timer_is_armed(const struct vcpu *vcpu)
{
    (void)vcpu;
    abort();
}

WEAK uint64_t timer_vtimer_deadline(const struct vcpu *vcpu)
{
    (void)vcpu;
    abort();
}

WEAK void timer_raise(struct vcpu *vcpu)
{
    (void)vcpu;
    abort();
}

WEAK bool arch_vtimer_is_due(void)
{
    abort();
}

WEAK void arch_vtimer_mask(void)
{
    abort();
}

WEAK void arch_irq_shield(bool on, const struct arch_world *other)
{
    (void)on;
    (void)other;
    abort();
}

WEAK void arch_irq_send_sgi_other(uint64_t mpidr, uint32_t sgi)
{
    (void)mpidr;
    (void)sgi;
    abort();
}

WEAK void drv_gic_secure(uint32_t intid, bool on)
{
    (void)intid;
    (void)on;
    abort();
}

WEAK void virq_paravirt_end(struct vcpu *current, uint64_t intid)
{
    (void)current;
    (void)intid;
    abort();
}

WEAK void virq_paravirt_end_all(struct vcpu *vcpu)
{
    (void)vcpu;
    abort();
}

WEAK void nwd_group0_refused(struct cpu *cpu)
{
    (void)cpu;
    abort();
}

WEAK void spmc_forget(struct vcpu *vcpu)
{
    (void)vcpu;
    abort();
}
