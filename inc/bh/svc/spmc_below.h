/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hypervisor above an SPMC: who is in the secure world, and calls of VMs that go there. The SMC
 * comes back when the secure partition answers, is interrupted or gives the CPU up; nobody else
 * runs on this CPU meanwhile. Source: DEN0077A 13.9 (partition information in registers), 15.2,
 * 15.4, 14.1.
 * Locks: none is held across the SMC. Context: any CPU, after boot, unless said otherwise.
 */
#pragma once

#include <stdint.h>

#include "bh/base/status.h"
#include "bh/obj/config.h"
#include "bh/obj/vm.h"

#define SPMC_MAX_ENTRIES 32u /* services of partitions that are seen */

struct arch_smc_regs;
struct vcpu;

#define SPMC_MAX_ENTRIES 32u

/* One entry of the SPMC's list: a partition, once for each of its UUIDs. */
struct spmc_partition {
    uint16_t id;
    uint16_t contexts;
    uint32_t properties; /* DEN0077A table 6.2 */
    struct uuid uuid;
};

/* Boot, once: asks the firmware for an SPMC, fills in config->spmc_id and config->spmc_version
 * (both 0: there is none) and reads its list. */
void spmc_discover(struct system_config *config);
/* Boot of the SPMC, once: the list is that of EL3's own partitions, if it has any. */
void spmc_discover_logical(void);
/* Entries of the list; 0 without an SPMC. */
uint32_t spmc_count(void);
const struct spmc_partition *spmc_get(uint32_t index);
/* First entry of a partition, or NULL. */
const struct spmc_partition *spmc_find(uint16_t id);
/* What all services of a partition can do together. */
uint32_t spmc_properties(uint16_t id);
/* A VM that speaks FF-A starts, or is gone: partitions that want to know are told, and have
 * answered when this returns. Nothing without an SPMC. */
void spmc_tell_created(const struct vm_config *vm);
void spmc_tell_destroyed(const struct vm_config *vm);
/* current asks a partition: its registers x0 to x(regs - 1), checked by the caller, go to the SPMC
 * and are replaced by what comes back. STATUS_BUSY: the context that would answer works for another
 * vCPU. */
enum status spmc_request(struct vcpu *current, const struct spmc_partition *partition,
                         uint32_t regs) BH_NODISCARD;
/*
 * current gives CPU time to context target (FF-A target information) of partition.
 * STATUS_INVALID: no such context. STATUS_DENIED: it works for another vCPU, or current has no CPU
 * of its own to give and did not ask that context anything. Else its registers have the result.
 */
enum status spmc_run(struct vcpu *current, const struct spmc_partition *partition,
                     uint32_t target) BH_NODISCARD;
/* vcpu is off, and waits for nobody any more: what works for it anybody may run on. Nothing without
 * an SPMC. */
void spmc_forget(struct vcpu *vcpu);
/* A call that the hypervisor makes itself: x0 to x17 down, x0 to x17 back. No such function at all
 * looks like FFA_NOT_SUPPORTED. */
void spmc_call(struct arch_smc_regs *regs);
/* The SPMC's schedule receiver interrupt has come to this CPU: VMs that it has news for get to know
 * as if another VM had notified them; partitions are noted for the VM that schedules them. No
 * locks; takes those of VMs. */
void spmc_sri(void);
/*
 * Partitions that vm is to give CPU time (FFA_NOTIFICATION_INFO_GET): entries of the list, bit:
 * index, each the first of its partition. 0: none, or vm is not the one, which is the scheduler of
 * the first VM that has one.
 */
uint32_t spmc_listed(const struct vm *vm);
/* Takes such an entry out: its targets (obj/notif.h). */
uint32_t spmc_listed_take(uint32_t index);
/* Puts targets (0: nothing happens) back in. Returns whether all was empty. */
bool spmc_listed_put(uint32_t index, uint32_t targets);
/*
 * RX/TX buffers of VMs with indirect messages, in the SPMC. Both worlds write RX: the SPMC's word
 * decides who owns it, so that the hypervisor acquires it before it writes. The VM's lock is held
 * across these SMCs, which the SPMC answers by itself. Only where mailbox.is_below, if not said
 * otherwise.
 */
/* Boot, after spmc_discover has found an SPMC of this version: the hypervisor's own buffers.
 * Returns RX, or NULL. */
const uint8_t *spmc_box_init(uint32_t version);
/* vm has mapped buffers: the SPMC, if there is one, is told of those that physical memory has in
 * one piece. If it takes them, mailbox.is_below is set. */
void spmc_box_map(struct vm_locked vm);
/* Its buffers are about to be unmapped. Nothing where the SPMC does not know them. */
void spmc_box_unmap(struct vm_locked vm);
/* The hypervisor is about to fill RX, free as far as it knows. False: a secure partition's message
 * is there. */
bool spmc_box_try_acquire(struct vm_locked vm);
/* vm gives RX up. STATUS_DENIED: it does not own it. */
enum status spmc_box_release(struct vm_locked vm);
/* vm has just heard of the secure partition's message in its RX, and gives it up like any other. */
void spmc_box_told(struct vm_locked vm);
/* The message in vm's TX is for a secure partition: FFA_OK or an error; FFA_DENIED, too, where not
 * mailbox.is_below. Without the lock. */
int32_t spmc_box_send(const struct vm *vm);
/* vm starts, for the first time or again: the SPMC keeps notifications for it, and none of its
 * former life. */
void spmc_vm_start(const struct vm *vm);
