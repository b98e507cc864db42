/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a physical interrupt to its owner in O(1): a table by INTID set at boot (SPIs of partitions,
 * the console UART) and fixed PPIs and SGIs (virtual timer, EL2 timer, maintenance, kick).
 *
 * All interrupts have one priority at EL2. Those of partitions get a priority drop here and stay
 * active until the guest deactivates them; the core's own are deactivated at once. An interrupt
 * that nobody owns is disabled and logged, 16 times at most.
 */
#pragma once

#include <stdint.h>

#include "bh/obj/cpu.h"
#include "bh/obj/vcpu.h"
#include "bh/obj/vm.h"

/* Boot, one CPU: after drv_gic_init and vm_init_all. */
void irq_route_init(const struct system_config *config);
/* Per CPU at boot: PPIs and SGIs of this CPU. */
void irq_route_init_cpu(void);
/* All pending physical interrupts of this CPU; current may be NULL (idle). Returns who runs next:
 * current, or the CPU's home vCPU when current only borrows the CPU and home has an interrupt. */
struct vcpu *irq_route_handle(struct cpu *cpu, struct vcpu *current);
/* current, or the CPU's home vCPU as above. */
struct vcpu *irq_route_prefer_home(struct cpu *cpu, struct vcpu *current);
/* An interrupt that is not the core's came while current ran: EL3 gets its own, and for one of the
 * normal world an SP gives way. Returns who runs next. */
struct vcpu *irq_route_foreign(struct cpu *cpu, struct vcpu *current);
/* Guest enabled or disabled a vINTID (ignored if there is no physical one behind it); the physical
 * one follows. vm->virq.lock held. */
void irq_route_guest_enable(struct vm *vm, uint32_t vintid, bool on);
/* Guest routed a vINTID to target (NULL: to nobody): the physical one follows to its CPU. */
void irq_route_guest_target(struct vm *vm, uint32_t vintid, const struct vcpu *target);
/* Start and reset of a VM: all its physical interrupts disabled, idle and routed as configured; its
 * virtual interrupts in the reset state. Context: no vCPU of vm is loaded. */
void irq_route_reset_vm(struct vm *vm);

/* HF_INTERRUPT_RECONFIGURE of current, an SP: the interrupt vintid of its manifest is taken by the
 * CPU value and its context; becomes the normal world's (0) or secure (1); is off or on.
 * STATUS_INVALID: no such interrupt, command, or value. */
enum irq_reconfigure {
    IRQ_RECONFIGURE_TARGET,
    IRQ_RECONFIGURE_SECURITY,
    IRQ_RECONFIGURE_ENABLE,
};
enum status irq_route_reconfigure(struct vcpu *current, uint32_t vintid,
                                  enum irq_reconfigure command, uint64_t value) BH_NODISCARD;
