/* SPDX-License-Identifier: BSD-3-Clause */
/* The host's caches are coherent: there is nothing to do. */
#include "bh/arch/arch_cache.h"

void arch_cache_clean(const void *begin, uint64_t size)
{
    (void)begin;
    (void)size;
}

void arch_cache_forget_code(void)
{
}

void arch_cache_invalidate(const void *begin, uint64_t size)
{
    (void)begin;
    (void)size;
}
