/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition: immutable config, Stage 2, vCPUs, interrupt controller, devices, mailbox.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/lock.h"
#include "bh/mem/stage2.h"
#include "bh/obj/config.h"
#include "bh/obj/mailbox.h"
#include "bh/obj/notif.h"
#include "bh/obj/vcpu.h"
#include "bh/obj/virq.h"

struct vdev_table;

enum vm_life {
    VM_RUNNING,
    VM_STOPPING,  /* SYSTEM_OFF: vCPUs are being collected */
    VM_RESETTING, /* SYSTEM_RESET: same, then it starts again */
    VM_OFF,
};

struct vm {
    const struct vm_config *config;
    struct stage2 stage2;
    struct stage2 stage2_ns; /* secure state: the non-secure IPA space of an SP */
    struct vcpu *vcpu;       /* config->vcpu_count entries */
    struct virq_vm virq;
    uint32_t messaging;            /* union of config->messaging: FF-A property bits */
    const struct vdev_table *vdev; /* sorted and frozen at boot; NULL: no emulated device */
    struct vm *scheduler;          /* who gives it CPU time by FFA_RUN; NULL: pinned */
    bool is_scheduler;             /* of some VM */
    uint64_t listed; /* VMs (bit: index) that FFA_NOTIFICATION_INFO_GET tells this one about: those
                        that it schedules, and itself if it is pinned. Shared, atomic; each bit
                        changes under its VM's lock (svc/notify.h) */

    struct lock lock; /* guards what follows */
    enum vm_life life;
    bool aborted;         /* it restarts because it can't go on: with clean memory */
    uint32_t vcpus_on;    /* not OFF and not ABORTED */
    bool was_started;     /* it has had a life before; only who starts it looks */
    uint32_t ffa_version; /* negotiated; starts as config->ffa_version */
    bool ffa_version_locked;
    uint64_t secondary_entry; /* of contexts other than the first, where CPUs come and go */
    struct mailbox mailbox;
    struct notif notif;
};

struct vm_locked {
    struct vm *vm;
};

struct vm_locked vm_lock(struct vm *vm) BH_NO_LOCK_ANALYSIS;
void vm_unlock(struct vm_locked locked) BH_NO_LOCK_ANALYSIS;
/* Locks both, lower id first (VMs lie in the order of their ids). a and b differ. */
void vm_lock_both(struct vm *a, struct vm *b) BH_NO_LOCK_ANALYSIS;

/* O(1). NULL: unknown. */
struct vm *vm_find(uint16_t id);
struct vm *vm_get_index(uint32_t index);
uint32_t vm_count(void);
/* Scheduler of the first VM that has one, or NULL. */
struct vm *vm_first_scheduler(void);
/* STAGE2_* of region when vm starts: an EL0 partition has nothing both writable and executable, and
 * makes writable itself what is to be. */
uint32_t vm_region_access(const struct vm_config *vm, const struct region_config *region);
/* Boot: allocates all VMs with their vCPUs from the pool and links them; boot sets up Stage 2. */
void vm_init_all(const struct system_config *config);
/* index < vcpu_count. The barrier keeps the address in a register: the compiler would rather
 * compute it again at each use. */
static inline struct vcpu *vm_get_vcpu(const struct vm *vm, uint32_t index)
{
    struct vcpu *vcpu = &vm->vcpu[index];

    __asm__("" : "+r"(vcpu));
    return vcpu;
}
/* vCPU of vm with this MPIDR affinity, or NULL. */
struct vcpu *vm_find_vcpu_mpidr(struct vm *vm, uint64_t mpidr);
