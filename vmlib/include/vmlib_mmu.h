/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Optional identity map of 512 GiB: the partition's RAM normal and write-back, all else device.
 * Without it accesses are Device-nGnRnE and must be aligned.
 */
#pragma once

/* Builds the tables (first call) and turns on MMU and caches of this vCPU. */
void mmu_enable(void);
void mmu_disable(void);
