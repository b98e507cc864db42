/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C side of the exception vectors. Each takes the current vCPU and returns the one to enter; see
 * svc/run.h for what that means.
 */
#pragma once

#include "bh/obj/vcpu.h"

/* SVC64 (of EL0 partitions), HVC64, SMC64: only x0-x18, x30 are in the frame. */
struct vcpu *trap_call(struct vcpu *current, uint64_t esr);
/* Everything else synchronous: the whole frame is in memory and reloaded after. */
struct vcpu *trap_sync(struct vcpu *current, uint64_t esr);
struct vcpu *trap_irq(struct vcpu *current);
struct vcpu *trap_fiq(struct vcpu *current);
/* The SMC of the vCPU that stands for the other world has returned. */
struct vcpu *trap_world(struct vcpu *current);
struct vcpu *trap_serror(struct vcpu *current, uint64_t esr);
/* An exception of EL2 itself: reported, then the machine stops. */
_Noreturn void trap_el2(uint64_t esr, uint64_t elr, uint64_t far, uint64_t vector);

/* mmio.c: a Stage-2 data abort. */
struct vcpu *mmio_data_abort(struct vcpu *current, uint64_t esr);
/* sysreg_trap.c: EC 0x18. */
struct vcpu *sysreg_trap(struct vcpu *current, uint64_t esr);
/* ID registers as guests see them; boot, each CPU once (CPU 0 fills the table, others compare). */
void sysreg_id_init(void);
/* mmio.c: an instruction abort from a lower EL: retried if mapped by now, else injected. */
struct vcpu *mmio_instruction_abort(struct vcpu *current, uint64_t esr);
