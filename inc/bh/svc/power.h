/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Power of vCPUs and VMs: PSCI CPU_ON/OFF/SUSPEND/AFFINITY_INFO, SYSTEM_OFF/RESET of one VM, abort
 * of a VM, end of the machine. Source: DEN0022.
 *
 * A vCPU that goes off leaves its CPU completely (cpu->current becomes NULL, nothing of it stays in
 * registers), so that another CPU may start it again at once. VM.vcpus_on counts vCPUs that have
 * not left yet: who brings it to zero finishes the stop or reset. The machine is switched off when
 * no pinned VM is left, because nothing could ever run again.
 * Locks: takes VM, then vCPU; none held on entry. Context: EL2, exit handlers.
 */
#pragma once

#include <stdint.h>

#include "bh/base/status.h"
#include "bh/obj/vm.h"

/* A vCPU of vm may start at this IPA: 4-byte aligned, in executable memory of its manifest. */
bool power_entry_is_valid(const struct vm *vm, uint64_t entry);
/* STATUS_ALREADY (on, also when another CPU_ON just won), STATUS_INVALID (unknown mpidr or entry),
 * STATUS_DENIED (the VM is being stopped). */
enum status power_cpu_on(struct vm *vm, uint64_t mpidr, uint64_t entry,
                         uint64_t context) BH_NODISCARD;
/* The SPMC binds contexts to CPUs, which come and go: vcpu, which is off, becomes READY at entry
 * with x0 = 0; vcpu, which no CPU holds, goes off. Nothing happens in other states, or if its VM
 * does not run. */
void power_context_start(struct vcpu *vcpu, uint64_t entry);
void power_context_stop(struct vcpu *vcpu);
/* The last vCPU that goes off takes its VM off. */
struct vcpu *power_cpu_off(struct vcpu *current);
/* Waits for an interrupt, state kept; the result is in the registers already. */
struct vcpu *power_cpu_standby(struct vcpu *current);
/* Waits for an interrupt, then starts again at entry with x0 = context. */
struct vcpu *power_cpu_suspend(struct vcpu *current, uint64_t entry, uint64_t context);
/* Without locks: may be old news when it arrives. */
bool power_vcpu_is_on(struct vm *vm, struct vcpu *vcpu);
struct vcpu *power_system_off(struct vcpu *current);
struct vcpu *power_system_reset(struct vcpu *current);
/* The VM can't go on (physical SError, ...): logged with reason, stopped or restarted as its
 * manifest says. */
struct vcpu *power_abort(struct vcpu *current, const char *reason);
/* current has VCPU_ATTENTION_STOP: goes off; the last one of the VM finishes the stop or reset. */
struct vcpu *power_stop_requested(struct vcpu *current);
/* vcpu has just been let go of: if its VM is stopping and vcpu is scheduled, it goes off; the last
 * one finishes the stop or reset. False: it goes on, or somebody else takes care. */
bool power_try_collect(struct vcpu *vcpu);
/* First start of a VM at boot, and restart after a reset: loads images, resets devices, mailbox,
 * FF-A version and vCPUs; the boot vCPU is READY. Context: no vCPU of the VM runs. */
void power_vm_start(struct vm *vm);
