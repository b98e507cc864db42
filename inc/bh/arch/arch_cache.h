/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cache maintenance for memory that others read past the caches or execute. Implemented by
 * src/arch/aarch64/cache.c and src/arch/fake. Context: any. Source: Arm ARM D7.5.
 */
#pragma once

#include <stdint.h>

/* Writes [begin, begin + size) back to the point of coherency and drops the lines. Complete for all
 * CPUs and for the guest's uncached reads when the function returns. */
void arch_cache_clean(const void *begin, uint64_t size);
/* All CPUs: no instruction fetched before this call is used after it. */
void arch_cache_forget_code(void);
/* Drops lines of [begin, begin + size) that are older than memory, which was written with the MMU
 * off. Nothing else may share the first and last line. */
void arch_cache_invalidate(const void *begin, uint64_t size);
