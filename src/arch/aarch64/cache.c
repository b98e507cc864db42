/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/arch/arch_cache.h"

#include "bh/base/num.h"

/* Bytes of the smallest data cache line: CTR_EL0.DminLine is log2 of its words. */
static uint64_t cache_line_get(void)
{
    uint64_t ctr;

    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    return UINT64_C(4) << num_field_get(ctr, 19, 16);
}

void arch_cache_clean(const void *begin, uint64_t size)
{
    uint64_t line = cache_line_get();
    uint64_t end = (uint64_t)(uintptr_t)begin + size;
    uint64_t va = num_align_down((uint64_t)(uintptr_t)begin, line);

    /* Four a step: a kernel image has half a million lines. */
    for (; va < end && end - va >= 4 * line; va += 4 * line) {
        __asm__ volatile("dc civac, %0\n\tdc civac, %1\n\tdc civac, %2\n\tdc civac, %3"
                         :
                         : "r"(va), "r"(va + line), "r"(va + 2 * line), "r"(va + 3 * line)
                         : "memory");
    }
    for (; va < end; va += line) {
        __asm__ volatile("dc civac, %0" : : "r"(va) : "memory");
    }
    /* The lines have reached memory before anything that follows. */
    __asm__ volatile("dsb sy" : : : "memory");
}

void arch_cache_forget_code(void)
{
    /* dsb: every CPU's instruction caches are empty; isb: nothing old is left in this pipeline. */
    __asm__ volatile("ic ialluis\n\tdsb ish\n\tisb" : : : "memory");
}

void arch_cache_invalidate(const void *begin, uint64_t size)
{
    uint64_t line = cache_line_get();
    uint64_t end = (uint64_t)(uintptr_t)begin + size;

    for (uint64_t va = num_align_down((uint64_t)(uintptr_t)begin, line); va < end; va += line) {
        __asm__ volatile("dc ivac, %0" : : "r"(va) : "memory");
    }
    /* The stale lines are gone before anybody reads through the caches. */
    __asm__ volatile("dsb sy" : : : "memory");
}
