/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The other world as vCPUs (SPMC): on each CPU the normal world is the home vCPU, which executes
 * world_call (entry/aarch64/vectors.S): an SMC with its registers, and the return is its exit. SPs
 * are scheduled vCPUs that borrow the CPU. Before the normal world runs on a CPU for the first
 * time, the SPs' contexts of that CPU boot, in the order of their manifests, each to its first
 * FFA_MSG_WAIT. In the hypervisor role all of this does nothing.
 * Locks: none on entry. Context: EL2, boot or exit handlers. Source: DEN0077A 5.3, 18.2.
 */
#pragma once

#include <stdint.h>

#include "bh/obj/cpu.h"
#include "bh/obj/vcpu.h"

/* Boot, one CPU, after vm_init_all: the boot order. */
void nwd_init(void);
/* Other CPUs enter at pa when the normal world starts them. */
void nwd_register_entry(uint64_t pa);
/* cpu, the calling one, has just come up, for the first time or after nwd_cpu_off. */
void nwd_cpu_start(struct cpu *cpu);
/* world, about to be entered, has VCPU_ATTENTION_WORLD (cleared by the caller): who runs instead,
 * or world itself with its registers set. */
struct vcpu *nwd_attend(struct cpu *cpu, struct vcpu *world);
/* A secure interrupt has interrupted the normal world on this CPU. */
struct vcpu *nwd_interrupt(struct cpu *cpu, struct vcpu *world);
/* An interrupt of vm was acknowledged on cpu, the calling one, and is in the model
 * (virq_inject_hw). Then, when all are acknowledged: who runs now, current or a context that
 * handles one. */
void nwd_interrupt_pending(struct cpu *cpu, const struct vm *vm);
struct vcpu *nwd_interrupts_deliver(struct cpu *cpu, struct vcpu *current);
/* The normal world switches this CPU off: the contexts of SPs that are bound to it are off, too. */
void nwd_cpu_off(struct cpu *cpu);
