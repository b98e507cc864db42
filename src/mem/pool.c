/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/mem/pool.h"

#include "bh/base/cold.h"
#include "bh/base/libc.h"
#include "bh/base/lock.h"
#include "bh/base/log.h"
#include "bh/base/num.h"

static struct {
    struct lock lock;
    uint64_t base;
    uint64_t low;  /* first free byte above the pages; page aligned */
    uint64_t high; /* first byte of the objects */
    uint64_t end;
    uint32_t reserved; /* pages between low and high that are promised */
    bool shared;
} pool = {.lock = {.rank = LOCK_RANK_POOL}};

void pool_init(struct pa_range range)
{
    pool.base = range.base.pa;
    pool.low = range.base.pa;
    pool.high = range.base.pa + range.size;
    pool.end = pool.high;
    pool.reserved = 0;
    pool.shared = false;
}

void pool_share(void)
{
    pool.shared = true;
}

static uint64_t free_bytes(void)
{
    return pool.high - pool.low - (uint64_t)pool.reserved * PAGE_SIZE;
}

static _Noreturn void panic_empty(uint64_t size)
{
    panic("page pool is empty: %llu bytes wanted, %llu of %llu pages used",
          (unsigned long long)size, (unsigned long long)pool_used_pages(),
          (unsigned long long)pool_total_pages());
}

BH_COLD void *pool_alloc(uint64_t size, uint64_t alignment)
{
    if (size > free_bytes()) {
        panic_empty(size);
    }
    uint64_t begin = num_align_down(pool.high - size, num_max(alignment, 8));

    if (begin < pool.low + (uint64_t)pool.reserved * PAGE_SIZE) {
        panic_empty(size);
    }
    pool.high = begin;
    return memset(pa_identity_ptr(pa_init(begin)), 0, size);
}

void *pool_alloc_pages(uint32_t count, uint64_t alignment)
{
    uint64_t begin = num_align_up(pool.low, num_max(alignment, PAGE_SIZE));
    uint64_t size = (uint64_t)count * PAGE_SIZE;

    if (begin - pool.low > free_bytes() || size > free_bytes() - (begin - pool.low)) {
        panic_empty(size);
    }
    pool.low = begin + size;
    return memset(pa_identity_ptr(pa_init(begin)), 0, size);
}

static void enter(void) BH_NO_LOCK_ANALYSIS
{
    if (pool.shared) {
        lock_take(&pool.lock);
    }
}

static void leave(void) BH_NO_LOCK_ANALYSIS
{
    if (pool.shared) {
        lock_drop(&pool.lock);
    }
}

bool pool_try_reserve(uint32_t count)
{
    enter();
    bool fits = (uint64_t)count * PAGE_SIZE <= free_bytes();

    if (fits) {
        pool.reserved += count;
    }
    leave();
    return fits;
}

void pool_unreserve(uint32_t count)
{
    enter();
    bh_assert(count <= pool.reserved);
    pool.reserved -= count;
    leave();
}

struct paddr pool_draw_page(void)
{
    enter();
    bh_assert(pool.reserved > 0);
    struct paddr page = pa_init(pool.low);

    pool.reserved--;
    pool.low += PAGE_SIZE;
    leave();
    /* Outside the lock: nobody else knows the page yet. */
    memset(pa_identity_ptr(page), 0, PAGE_SIZE);
    return page;
}

uint64_t pool_used_pages(void)
{
    return pool_total_pages() - free_bytes() / PAGE_SIZE;
}

uint64_t pool_total_pages(void)
{
    return (pool.end - pool.base) / PAGE_SIZE;
}

uint64_t pool_object_bytes(void)
{
    return pool.end - pool.high;
}

struct pa_range pool_page_range(void)
{
    return (struct pa_range){.base = pa_init(pool.base), .size = pool.low - pool.base};
}
