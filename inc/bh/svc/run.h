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

/* Called by vectors.S alone, with all general registers of the current vCPU in memory: saves the
 * rest of it, idles while `to` is NULL, loads the next one and returns it. */
struct vcpu *run_switch(struct vcpu *to, struct cpu *cpu);
/* Tail of every exit handler: deals with attention bits of `next`; returns who is entered. */
struct vcpu *run_next(struct cpu *cpu, struct vcpu *next);
/* The CPU that runs vcpu, or that it is pinned to, leaves the guest or its sleep and looks at
 * attention, if it is another one than this. */
void run_kick(struct vcpu *vcpu);
/* vcpu became READY or got work: wakes the CPU that it is pinned to. */
void run_wake(struct vcpu *vcpu);
/* SPMC: current, the loaded SP, is from now on to be left alone by interrupts of the normal world,
 * or no longer. */
void run_shield_changed(struct vcpu *current);
