/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who runs on a CPU. Exit handlers return the vCPU to enter next: `current` to resume, another to
 * switch, NULL when the CPU has nothing (run_next then idles until its home vCPU may run). The
 * returned pointer is the whole disposition of an exit: nothing can be lost beside it.
 * Locks: none held on entry or return. Context: EL2, any exit handler's tail.
 */
#pragma once

#include <stdint.h>

#include "bh/obj/cpu.h"
#include "bh/obj/vcpu.h"

/* Makes `to` current on this CPU: saves the old state, loads the new. Called by trap's tail only. */
void run_switch(struct cpu *cpu, struct vcpu *to);
/* Attention, idle, list registers: from a handler's answer to the vCPU that is really entered. */
struct vcpu *run_next(struct cpu *cpu, struct vcpu *next);
/* The CPU that runs vcpu, if it is another one, leaves the guest and looks at attention. */
void run_kick(struct vcpu *vcpu);
/* vcpu became READY or got work: wakes the CPU that it is pinned to. */
void run_wake(struct vcpu *vcpu);
/* current has gone OFF, ABORTED or WAITING: who runs next (its caller, the CPU's home, or NULL). */
struct vcpu *run_leave(struct vcpu *current);
/* An interrupt for someone else: current (scheduled) is preempted, the CPU's home runs and sees
 * FFA_INTERRUPT. Returns current when current is the home. */
struct vcpu *run_preempt(struct vcpu *current);
