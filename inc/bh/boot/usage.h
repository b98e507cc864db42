/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What boot has made, in numbers. bulkhead-plan predicts them with this very code, boot prints
 * them: they are equal. Context: boot, one CPU, after boot_vm_setup_all.
 */
#pragma once

#include <stdint.h>

#include "bh/obj/vm.h"

struct boot_usage {
    uint64_t pool_pages;             /* taken of the pool, all in all */
    uint64_t core_tables, vm_tables; /* pages of Stage 1 and of all Stage 2 tables */
    uint64_t object_bytes;           /* of the pool, with their alignment */
    uint32_t vcpus;
    uint32_t interrupt_slots; /* private ones of each vCPU, and the SPIs that each VM has */
    uint32_t mailbox_pages;   /* windows to RX and TX buffers */
    uint32_t notified;        /* VMs that may receive notifications */
};

/* Adds what is a VM's own. */
void boot_usage_add_vm(struct boot_usage *usage, const struct vm *vm);
void boot_usage_get(struct boot_usage *usage);
/* One line of the log, at level info. */
void boot_usage_print(void);
