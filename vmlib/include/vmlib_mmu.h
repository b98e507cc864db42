/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Optional identity map of 512 GiB: the partition's RAM normal and write-back, all else device.
 * Without it accesses are Device-nGnRnE and must be aligned.
 */
#pragma once

#include <stdint.h>

/* Builds the tables (first call) and turns on MMU and caches of this vCPU. */
void mmu_enable(void);
void mmu_disable(void);
/* The level 1 table: 512 entries of 1 GiB. For tests that want to break it. */
uint64_t *mmu_table_get(void);
