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

#include "bh/base/status.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vcpu.h"

/* Boot, one CPU, after vm_init_all: the boot order. */
void nwd_init(void);
/* Other CPUs enter at pa when the normal world starts them. */
void nwd_register_entry(uint64_t pa);
/*
 * Boot, when the VMs have been started: which FF-A the normal world speaks as long as the SPMD does
 * not tell. One below 1.2 may answer FFA_VERSION itself, with 1.0 (TF-A 2.8, where the SPMC's
 * manifest says 1.0); newer ones pass it on.
 */
void nwd_learn_version(void);
/* The newest version that the normal world can speak: EL3 passes nothing newer on. */
uint32_t nwd_version_limit(void);
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
/* current, an SP, is about to wait, has an interrupt, and is to wait all the same: its scheduler is
 * told. */
bool nwd_try_leave_waiting(struct vcpu *current);
/* current, an SP, waits from now on, with an interrupt pending: it is run before the normal world
 * goes on. */
void nwd_waits_pending(struct vcpu *current);
/* An interrupt of the normal world is pending while current, an SP, runs: it is preempted, told to
 * give way, or left alone, as its manifest and those of its callers say. Who runs now. */
struct vcpu *nwd_foreign_interrupt(struct vcpu *current);
/* EL3 does not take the interrupt of group 0 that is pending while an SP runs: it is asked no more,
 * and takes it by itself when the normal world runs on cpu, the calling one. */
void nwd_group0_refused(struct cpu *cpu);
/* Timers, on the calling CPU. vcpu, an SP, is about to leave it. Then: when the first timer of
 * those that left it is due; what is due becomes an interrupt; when the virtual timer of world,
 * which waits, interrupts `to`, which is about to run; it does; that world is about to have it
 * back. */
void nwd_timer_leave(struct cpu *cpu, const struct vcpu *vcpu);
uint64_t nwd_timer_deadline(struct cpu *cpu);
void nwd_timer_expired(struct cpu *cpu);
uint64_t nwd_timer_world(const struct vcpu *world, const struct vcpu *to);
void nwd_timer_signal(struct cpu *cpu);
void nwd_timer_unsignal(struct cpu *cpu);
/* Another CPU has rung: its interrupts for contexts of this one (nwd_send). */
void nwd_doorbell(struct cpu *cpu);
/* HF_INTERRUPT_SEND_IPI of current, an SP: its context index is interrupted, wherever it is. */
enum status nwd_send_ipi(struct vcpu *current, uint64_t index) BH_NODISCARD;
/* The SPMD's message in world's w2 to w6 is of power: SPs that have the bit `who` of sp_policy get
 * it. If that is CONFIG_SP_POWER_MESSAGES and none refuses, the contexts that are bound to this CPU
 * are off then. In the end world has the answer in its registers. Who runs next. */
struct vcpu *nwd_power_tell(struct cpu *cpu, struct vcpu *world, uint32_t who);
/* current, an SP in VCPU_MODEL_POWER, has answered. Who runs next. */
struct vcpu *nwd_power_answered(struct vcpu *current, bool is_refused);
