/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Alignment, bit fields and checked arithmetic. Every length or address that comes from outside
 * goes through the num_try_* functions: they refuse instead of wrapping.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUM_BIT(n)          (UINT64_C(1) << (n))
/* Bits [high:low], both inclusive, as in the Arm ARM. high - low < 64. */
#define NUM_MASK(high, low) ((~UINT64_C(0) >> (63 - (high))) & (~UINT64_C(0) << (low)))

#define NUM_ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline uint64_t num_field_get(uint64_t value, uint32_t high, uint32_t low)
{
    return (value & NUM_MASK(high, low)) >> low;
}

static inline uint64_t num_field_set(uint64_t value, uint32_t high, uint32_t low, uint64_t field)
{
    return (value & ~NUM_MASK(high, low)) | ((field << low) & NUM_MASK(high, low));
}

static inline bool num_is_power2(uint64_t v)
{
    return v != 0 && (v & (v - 1)) == 0;
}

/* alignment: a power of two. */
static inline bool num_is_aligned(uint64_t v, uint64_t alignment)
{
    return (v & (alignment - 1)) == 0;
}

static inline uint64_t num_align_down(uint64_t v, uint64_t alignment)
{
    return v & ~(alignment - 1);
}

/* Only for values known to lie alignment - 1 below 2^64; outside values: num_try_align_up. */
static inline uint64_t num_align_up(uint64_t v, uint64_t alignment)
{
    return (v + alignment - 1) & ~(alignment - 1);
}

static inline uint64_t num_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t num_max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* False: the true result does not fit; *result is then unspecified. */
static inline bool num_try_add(uint64_t a, uint64_t b, uint64_t *result)
{
    return !__builtin_add_overflow(a, b, result);
}

static inline bool num_try_sub(uint64_t a, uint64_t b, uint64_t *result)
{
    return !__builtin_sub_overflow(a, b, result);
}

static inline bool num_try_mul(uint64_t a, uint64_t b, uint64_t *result)
{
    return !__builtin_mul_overflow(a, b, result);
}

static inline bool num_try_align_up(uint64_t v, uint64_t alignment, uint64_t *result)
{
    if (!num_try_add(v, alignment - 1, result)) {
        return false;
    }
    *result = num_align_down(*result, alignment);
    return true;
}

/* [offset, offset + length) lies in [0, limit). An empty range at limit does. */
static inline bool num_is_within(uint64_t offset, uint64_t length, uint64_t limit)
{
    return offset <= limit && length <= limit - offset;
}
