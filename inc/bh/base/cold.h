/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * BH_COLD marks a function that stands beside a path that partitions take again and again, but is
 * not of it: compiled for size, and never inlined. Whole files of that kind: //build/config:cold.
 */
#pragma once

#if defined(__clang__)
#define BH_COLD __attribute__((cold, noinline, minsize))
#else
#define BH_COLD __attribute__((cold, noinline))
#endif
