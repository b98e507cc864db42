/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between bench_ffa and its peer: both make this many rounds of each phase. Instructions of the
 * guest are counted from these lines: each is as long as its name says.
 */
#pragma once

#include "bench.h"

#define FFA_ROUNDS (BENCH_WARM_UP + BENCH_ROUNDS)

/* w0 of a call: two instructions. */
#define FID(number) "mov w0, #" #number "\n\tmovk w0, #0x8400, lsl #16\n\t"

#define GET_5        FID(0x82) "mov w1, %w[id]\n\tmov w2, #8\n\thvc #0\n\t"
#define RX_RELEASE_3 FID(0x65) "hvc #0\n\t"
