/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notifications for the normal world, whose VMs the SPMC knows by id only: who has a bitmap, made
 * by FFA_NOTIFICATION_BITMAP_CREATE, id 0 (the hypervisor, or the OS without one) like any VM.
 * Locks: the lock of the VM that stands for the normal world, for all but nwd_sri. Context: calls.
 * Source: DEN0077A 1.2 10.4, 16.1.
 */
#pragma once

#include "bh/arch/arch_cpu.h"
#include "bh/base/status.h"
#include "bh/obj/cpu.h"
#include "bh/obj/notif.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"

#define NWD_VMS 16

struct nwd_vm {
    bool exists;
    uint16_t id;
    uint16_t vcpus;
    struct notif notif;
};

/* May be an id of the normal world. */
static inline bool nwd_id_is_possible(uint16_t id)
{
    return id < 0x7fff;
}

/* NULL: no bitmap for this id. nwd_vm_get: entry n of NWD_VMS. */
struct nwd_vm *nwd_vm_find(struct vm_locked world, uint16_t id);
struct nwd_vm *nwd_vm_get(struct vm_locked world, uint32_t n);
/* STATUS_ALREADY: has one; STATUS_INVALID: id, or no vCPU; STATUS_NO_MEMORY: too many of either. */
enum status nwd_vm_create(struct vm_locked world, uint16_t id, uint32_t vcpus) BH_NODISCARD;
/* STATUS_DENIED: has none, or something is pending. */
enum status nwd_vm_destroy(struct vm_locked world, uint16_t id) BH_NODISCARD;
/* The schedule receiver interrupt: the normal world is to ask what is pending, when it goes on here
 * anyway (is_delayed), or at once. */
void nwd_sri(bool is_delayed);
/* SPs that have interrupts and are left to the normal world's scheduler, a set of indexes: vm is
 * one now; which ones are, and those in vms are no longer. No lock. */
void nwd_want(const struct vm *vm);
uint64_t nwd_wanted_take(uint64_t vms);
/* SPMC: between the two calls, with true and with false, every one is put off. */
static inline void nwd_sri_delay(bool on)
{
    if (role_is_secure()) {
        arch_cpu_self()->interrupts.sri_is_delayed = on;
    }
}
/* World is about to go on on this CPU: an interrupt that was put off. */
void nwd_sri_flush(struct cpu *cpu);
