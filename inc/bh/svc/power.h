/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Power of vCPUs and VMs: PSCI CPU_ON/OFF/AFFINITY_INFO, SYSTEM_OFF/RESET of one VM, abort of a VM,
 * end of the machine when the last VM is off. Locks: takes VM, then vCPU. Source: DEN0022.
 */
#pragma once

#include <stdint.h>

#include "bh/base/status.h"
#include "bh/obj/vm.h"

/* STATUS_ALREADY, STATUS_INVALID (unknown mpidr or entry outside the IPA space). */
enum status power_cpu_on(struct vm *vm, uint64_t mpidr, uint64_t entry, uint64_t context)
    BH_NODISCARD;
struct vcpu *power_cpu_off(struct vcpu *current);
bool power_vcpu_is_on(struct vm *vm, struct vcpu *vcpu);
struct vcpu *power_system_off(struct vcpu *current);
struct vcpu *power_system_reset(struct vcpu *current);
/* The VM can't go on (physical SError, ...): logged with reason, stopped or restarted as its
 * manifest says. */
struct vcpu *power_abort(struct vcpu *current, const char *reason);
/* current has VCPU_ATTENTION_STOP: goes off; the last one of the VM finishes the stop or reset. */
struct vcpu *power_stop_requested(struct vcpu *current);
/* First start of a VM at boot, and restart after a reset: loads images, resets vCPUs, boot vCPU
 * READY. */
void power_vm_start(struct vm *vm);
