/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers while SPs run or wait. An SP's emulated timer goes on when another one has the CPU: it
 * stays with the CPU that the SP ran on last. The normal world's virtual timer lives in the
 * registers that SPs use, too: when it is due, its interrupt is made pending, and an SP is
 * interrupted as by any interrupt of the normal world.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/sysreg.h"
#include "bh/base/num.h"
#include "bh/drv/drv.h"
#include "bh/obj/virq.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/timer.h"
#include "nwd_local.h"

static uint64_t bit_of(const struct vcpu *vcpu)
{
    return UINT64_C(1) << vcpu->vm->config->index;
}

void nwd_timer_leave(struct cpu *cpu, const struct vcpu *vcpu)
{
    if (timer_is_armed(vcpu)) {
        cpu->interrupts.timers |= bit_of(vcpu);
    }
}

/* The context of a VM that left its timer here, unless it has it back or is off. */
static struct vcpu *lodger(const struct cpu *cpu, uint32_t index)
{
    struct vcpu *context = nwd_context_of(vm_get_index(index), cpu);
    bool is_here = context != NULL && context->state != VCPU_OFF &&
                   context->state != VCPU_ABORTED && timer_is_armed(context) &&
                   __atomic_load_n(&context->cpu, __ATOMIC_ACQUIRE) == NULL;

    return is_here ? context : NULL;
}

uint64_t nwd_timer_deadline(struct cpu *cpu)
{
    uint64_t deadline = UINT64_MAX;

    for (uint64_t vms = cpu->interrupts.timers; vms != 0; vms &= vms - 1) {
        uint32_t index = (uint32_t)__builtin_ctzll(vms);
        const struct vcpu *context = lodger(cpu, index);

        if (context == NULL) {
            cpu->interrupts.timers &= ~(UINT64_C(1) << index);
        } else {
            deadline = num_min(deadline, context->ptimer_cval);
        }
    }
    return deadline;
}

void nwd_timer_expired(struct cpu *cpu)
{
    for (uint64_t vms = cpu->interrupts.timers; vms != 0; vms &= vms - 1) {
        struct vcpu *context = lodger(cpu, (uint32_t)__builtin_ctzll(vms));

        if (context != NULL && context->ptimer_cval <= arch_counter()) {
            cpu->interrupts.timers &= ~bit_of(context);
            timer_raise(context);
            nwd_interrupt_pending(cpu, context->vm);
        }
    }
}

uint64_t nwd_timer_world(const struct vcpu *world, const struct vcpu *to)
{
    return vcpu_is_shielded(to) ? UINT64_MAX : timer_vtimer_deadline(world);
}

/* Whether it comes through is the GIC's to say: the normal world may have disabled it, or mask it,
 * or be in its handler. */
void nwd_timer_signal(struct cpu *cpu)
{
    drv_gic_set_pending(VIRQ_VTIMER, true);
    cpu->interrupts.vtimer_signalled = true;
    vcpu_attention_set(cpu->home, VCPU_ATTENTION_WORLD);
}

/* From here on the level of its own timer says so, or does not. */
void nwd_timer_unsignal(struct cpu *cpu)
{
    drv_gic_set_pending(VIRQ_VTIMER, false);
    cpu->interrupts.vtimer_signalled = false;
}
