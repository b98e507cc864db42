/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers: the virtual timer is the guest's own; the physical timer (CNTP) is emulated on CNTHP, which
 * also bounds how long others may run on a CPU before its home vCPU's next timer.
 * Times are ticks of CNTPCT_EL0.
 */
#pragma once

#include "bh/obj/vcpu.h"

/* Trapped CNTP_CTL/CVAL/TVAL access of current; which: the three registers. */
enum timer_reg { TIMER_CTL, TIMER_CVAL, TIMER_TVAL };
uint64_t timer_guest_read(struct vcpu *current, enum timer_reg which);
void timer_guest_write(struct vcpu *current, enum timer_reg which, uint64_t value);
/* CNTHP fired on this CPU. Returns who runs next. */
struct vcpu *timer_expired(struct cpu *cpu, struct vcpu *current);
/* At a switch: arms CNTHP for what matters now. */
void timer_switch(struct cpu *cpu, struct vcpu *to);
/* Earliest expiry of vcpu's own timers (its state is saved), UINT64_MAX: none. */
uint64_t timer_deadline(const struct vcpu *vcpu);
