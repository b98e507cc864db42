/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RX/TX buffers of the normal world's VMs, which the SPMC knows by id only: their hypervisor maps
 * and unmaps them, and takes RX for itself while it writes there (FFA_RX_ACQUIRE). The normal
 * world's own buffers are those of the VM that stands for it.
 * Locks: that VM's lock, for all. Context: calls. Source: DEN0077A 1.2 7.2.2, 13.5-13.7.
 */
#pragma once

#include "bh/base/status.h"
#include "bh/obj/mailbox.h"
#include "bh/obj/vm.h"

#define NWD_BOXES 16u

/* Slots that the window has for them, beside the partitions' own. */
static inline uint32_t nwd_boxes(const struct system_config *config)
{
    return config->role == SYSTEM_SPMC ? NWD_BOXES : 0;
}

/* What mailbox_map has said of a request of the normal world, as that is to hear it: memory that it
 * may not give is denied, where partitions are told of wrong parameters. */
enum status nwd_box_status(const struct mailbox_request *request, enum status status) BH_NODISCARD;
/* STATUS_DENIED: id has buffers, or a page is one of somebody else's; STATUS_INVALID: id, or what
 * nwd_box_status says; STATUS_NO_MEMORY: too many VMs have some. */
enum status nwd_box_map(struct vm_locked world, uint16_t id,
                        const struct mailbox_request *request) BH_NODISCARD;
/* STATUS_INVALID: id has none. */
enum status nwd_box_unmap(struct vm_locked world, uint16_t id) BH_NODISCARD;
/* NULL: id has none. */
struct mailbox *nwd_box_find(struct vm_locked world, uint16_t id);
