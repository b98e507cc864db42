/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers: the virtual timer is the guest's own; the physical timer (CNTP) is emulated on CNTHP,
 * which also bounds how long others may run on a CPU before its home vCPU's next timer.
 *
 * The emulated timer is a level: its line (INTID 30; para-virtual VMs: an edge of interrupt 3) is
 * high while ENABLE, not IMASK, and CNTPCT >= CVAL. It is looked at when the guest writes a
 * register, when CNTHP fires, and when the vCPU arrives on a CPU. Times are ticks of CNTPCT_EL0.
 * Locks: none held. Source: Arm ARM D11.2.4.
 */
#pragma once

#include "bh/obj/cpu.h"
#include "bh/obj/vcpu.h"

/* Trapped CNTP_CTL/CVAL/TVAL access of current; which: the three registers. */
enum timer_reg { TIMER_CTL, TIMER_CVAL, TIMER_TVAL };
uint64_t timer_guest_read(struct vcpu *current, enum timer_reg which);
void timer_guest_write(struct vcpu *current, enum timer_reg which, uint64_t value);
/* CNTHP fired on this CPU. Returns who runs next. current NULL: idle. */
struct vcpu *timer_expired(struct cpu *cpu, struct vcpu *current);
/* At a switch, `to` is loaded: arms CNTHP for what matters now. */
void timer_switch(struct cpu *cpu, struct vcpu *to);
/* timer_switch would do nothing: neither `to` nor, if it borrows this CPU, the home vCPU has a
 * timer running, and CNTHP is off. */
bool timer_is_plain(const struct cpu *cpu, const struct vcpu *to);
/* No vCPU is loaded, and the CPU is about to sleep: its home vCPU's timers wake it. */
void timer_idle(struct cpu *cpu);
/* Earliest expiry of vcpu's own timers, whose interrupts are enabled (its state is saved);
 * UINT64_MAX: none. */
uint64_t timer_deadline(const struct vcpu *vcpu);
/* The virtual timer of vcpu (its state is saved) asserts its interrupt. */
bool timer_vtimer_is_due(const struct vcpu *vcpu);
/* The same as counter value at which it will, UINT64_MAX: it can't. */
uint64_t timer_vtimer_deadline(const struct vcpu *vcpu);
/* The emulated timer of vcpu runs and has not fired. If it is due: the interrupt of vcpu, which no
 * CPU has loaded, becomes pending. */
bool timer_is_armed(const struct vcpu *vcpu);
void timer_raise(struct vcpu *vcpu);
