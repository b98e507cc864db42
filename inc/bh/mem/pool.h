/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page pool: the plan's core.pool, handed out and never given back. Everything the core keeps
 * per partition (objects, page tables) comes from here. Objects are taken from the top downwards,
 * pages from the bottom upwards, so neither wastes the rest of the other's last page. Context:
 * pool_init and pool_alloc*: boot, one CPU. pool_try_reserve and pool_draw_page: any time; they
 * take the pool lock once pool_share was called.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"
#include "bh/base/status.h"

/* Page aligned; the memory need not be zero. */
void pool_init(struct pa_range range);
/* From here on several CPUs may draw (exclusives work: the MMU is on). */
void pool_share(void);

/*
 * Boot only. Zeroed memory, alignment a power of two up to PAGE_SIZE. Panics when the pool is
 * empty: the plan checker computed the need, so that is our bug.
 */
void *pool_alloc(uint64_t size, uint64_t alignment);
/* Boot only. Zeroed contiguous pages; alignment a power of two, 0 means PAGE_SIZE. Panics likewise.
 */
void *pool_alloc_pages(uint32_t count, uint64_t alignment);

/* Sets count pages aside for the caller, who draws them later. False: not so many left. */
bool pool_try_reserve(uint32_t count) BH_NODISCARD;
/* One zeroed page of what the caller reserved: cannot fail. */
struct paddr pool_draw_page(void);
/* Gives back reserved pages that were not drawn. */
void pool_unreserve(uint32_t count);

uint64_t pool_used_pages(void); /* taken or reserved, objects included */
uint64_t pool_total_pages(void);
uint64_t pool_object_bytes(void); /* by pool_alloc, with what their alignment costs */
/* The pages handed out so far from the bottom: what was written before the MMU came on. */
struct pa_range pool_page_range(void);
