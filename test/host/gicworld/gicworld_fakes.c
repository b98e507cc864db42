/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Below and beside the tested code: the physical distributor, and what svc calls of its neighbours.
 */
#include "bh/drv/drv.h"
#include "bh/svc/chain.h"
#include "bh/svc/console.h"
#include "bh/svc/nwd.h"
#include "bh/svc/run.h"
#include "bh/svc/spmc_below.h"
#include "gicworld.h"

void drv_gic_enable(uint32_t intid, bool on)
{
    gw_pirq_get(intid)->enabled = on;
}

void drv_gic_configure(uint32_t intid, bool edge, uint8_t priority)
{
    (void)priority;
    gw_pirq_get(intid)->edge = edge;
}

void drv_gic_route(uint32_t intid, uint64_t mpidr)
{
    gw_pirq_get(intid)->route = mpidr;
}

void drv_gic_set_pending(uint32_t intid, bool on)
{
    gw_pirq_get(intid)->latch = on;
}

void drv_gic_set_active(uint32_t intid, bool on)
{
    gw_pirq_get(intid)->active = on;
}

bool drv_gic_is_pending(uint32_t intid)
{
    return gw_pirq_get(intid)->latch || gw_pirq_get(intid)->line;
}

uint32_t drv_gic_intid_limit(void)
{
    return GW_PINTIDS;
}

static void kick(const struct cpu *cpu)
{
    for (uint32_t i = 0; i < GW_CPUS; i++) {
        if (gw.cpu[i].cpu == cpu && i != gw.here) {
            gw.cpu[i].kicked = true;
        }
    }
}

void run_kick(struct vcpu *vcpu)
{
    gw.kicks++;
    kick(vcpu->cpu);
}

void run_wake(struct vcpu *vcpu)
{
    gw.wakes++;
    if (!vcpu->scheduled) {
        kick(cpu_get(vcpu->config->cpu));
    }
}

struct vcpu *chain_preempt(struct vcpu *current)
{
    gw.preempts++;
    return gw.preempt_to != NULL ? gw.preempt_to : current;
}

void spmc_sri(void)
{
}

void nwd_interrupt_pending(struct cpu *cpu, const struct vm *vm)
{
    (void)cpu;
    (void)vm;
}

struct vcpu *nwd_interrupts_deliver(struct cpu *cpu, struct vcpu *current)
{
    (void)cpu;
    return current;
}

void console_rx(void)
{
    gw.console_rx++;
    gw.pirq[GW_UART_PINTID].line = false;
}
