/* SPDX-License-Identifier: BSD-3-Clause */
/* Between nwd.c and nwd_irq.c. */
#pragma once

#include "bh/svc/nwd.h"

struct vm;

/* The context of vm that runs on cpu: of a UP partition its only one, wherever it was last. NULL:
 * vm has none for this CPU. */
struct vcpu *nwd_context_of(struct vm *vm, const struct cpu *cpu);
/* Those who are not told yet; then the end. */
struct vcpu *nwd_power_step(struct cpu *cpu, struct vcpu *world);
/* The contexts of SPs that are bound to cpu are off. */
void nwd_cpu_off(struct cpu *cpu);
/* The normal world is about to go on, and interrupts may wait for SPs: who runs first. */
struct vcpu *nwd_interrupts_attend(struct cpu *cpu, struct vcpu *world);
