/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page pool: the plan's core.pool, handed out at boot and never given back. Everything the core
 * keeps per partition (objects, page tables) comes from here.
 * Context: boot, one CPU, except pool_reserve/pool_draw (pool lock).
 */
#pragma once

#include <stdint.h>

#include "bh/base/addr.h"
#include "bh/base/status.h"

void pool_init(struct pa_range range);
/* Boot only: zeroed memory, alignment a power of two up to PAGE_SIZE... panics when the pool is
 * empty: the plan checker computed the need, so that is our bug. */
void *pool_alloc(uint64_t size, uint64_t alignment);
/* Zeroed, page-aligned, contiguous pages; alignment = size for concatenated tables. */
void *pool_alloc_pages(uint32_t count, uint64_t alignment);
uint64_t pool_used_pages(void);
uint64_t pool_total_pages(void);
