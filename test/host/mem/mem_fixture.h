/* SPDX-License-Identifier: BSD-3-Clause */
/* A pool of host memory and a fresh fake machine for each test. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "bh/arch/fake_hw.h"
#include "bh/mem/pool.h"

#define FIXTURE_PAGES 96
/* Root tables of 16 pages are aligned to 64 KiB. */
static _Alignas(65536) uint8_t fixture_memory[FIXTURE_PAGES * PAGE_SIZE];

static inline void fixture_pool_init(uint64_t pages)
{
    fake_hw_reset();
    /* Boot does not hand out zeroed memory. */
    memset(fixture_memory, 0xa5, sizeof(fixture_memory));
    pool_init((struct pa_range){pa_init((uintptr_t)fixture_memory), pages * PAGE_SIZE});
}
