/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The window: EL2 virtual pages whose targets change at run time, with tables that exist since
 * boot. Slots: one small set per CPU for short copies from and to partitions, and two (TX, RX) per
 * partition for its FF-A mailbox. Nothing is allocated when a slot changes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"

#define WINDOW_MAILBOX_PAGES 4 /* largest RX or TX buffer, pages */

#define WINDOW_CPU_SLOTS 2

/* Boot, after stage1_init: builds the tables for cpus (at most 64) and vms. */
void window_init(uint32_t cpus, uint32_t vms);
/* Maps one page for the calling CPU (slot 0 or 1) until the next call with the same slot. Of the
 * attributes (arch_mmu.h), ARCH_ATTR_W and ARCH_ATTR_NS count. */
void *window_map_cpu(uint32_t cpu, uint32_t slot, struct paddr page, uint32_t attributes);
void window_unmap_cpu(uint32_t cpu, uint32_t slot);
/* Mailbox pages of partition index vm; tx: read only for us, rx: writable for us. Of the
 * attributes, ARCH_ATTR_NS counts. */
void *window_map_mailbox(uint32_t vm, bool rx, uint32_t page, struct paddr target,
                         uint32_t attributes);
void window_unmap_mailbox(uint32_t vm, bool rx, uint32_t pages);
/*
 * Boot and VM reload: a large block, writable, mapped for the calling CPU until window_unmap_block
 * or the next call. At most 2 MiB, not crossing a 2 MiB boundary; need not be page aligned. Returns
 * the view of range.base. Maps pages and not a block, so that nothing around the range is
 * reachable.
 */
void *window_map_block(uint32_t cpu, struct pa_range range);
void window_unmap_block(uint32_t cpu);
