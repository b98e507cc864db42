/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a physical interrupt to its owner in O(1): a table by INTID set at boot (SPIs of partitions,
 * the console UART) and fixed PPIs and SGIs (virtual timer, EL2 timer, maintenance, kick).
 */
#pragma once

#include <stdint.h>

#include "bh/obj/vcpu.h"

#define IRQ_ROUTE_SGI_KICK 0u

/* Boot. */
void irq_route_init(const struct system_config *config);
/* Per CPU at boot: PPIs and SGIs of this CPU. */
void irq_route_init_cpu(void);
/* All pending physical interrupts of this CPU; current may be NULL (idle). Returns who runs next. */
struct vcpu *irq_route_handle(struct cpu *cpu, struct vcpu *current);
/* Guest enabled/disabled or re-targeted a pass-through vINTID. */
void irq_route_guest_enable(struct vm *vm, uint32_t vintid, bool on);
void irq_route_guest_target(struct vm *vm, uint32_t vintid, struct vcpu *target);
