/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the files of the SPMC role in svc. */
#pragma once

#include <stdint.h>

#include "bh/svc/nwd.h"

#define NWD_REGISTERS 18 /* that a call passes between the worlds */

struct vm;

/* The registers of a call or an answer: x0, and nothing else. In a few stores, not by memset. */
static inline void nwd_registers_set(uint64_t *x, uint64_t x0)
{
    x[0] = x0;
    for (uint32_t i = 1; i < NWD_REGISTERS; i++) {
        x[i] = 0;
    }
}

/* The context of vm that runs on cpu: of a UP partition its only one, wherever it was last. NULL:
 * vm has none for this CPU. */
struct vcpu *nwd_context_of(struct vm *vm, const struct cpu *cpu);
/* Those who are not told yet; then the end. */
struct vcpu *nwd_power_step(struct cpu *cpu, struct vcpu *world);
/* What nwd_group0_refused has switched off. */
void nwd_group0_restore(struct cpu *cpu);
/* The contexts of SPs that are bound to cpu are off. */
void nwd_cpu_off(struct cpu *cpu);
/* The normal world is about to go on, and interrupts may wait for SPs: who runs first. */
struct vcpu *nwd_interrupts_attend(struct cpu *cpu, struct vcpu *world);
