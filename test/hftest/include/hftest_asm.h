/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tests need and C can't say.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* x0..x30 from in into an HVC (or SMC), and what it leaves into out. sp is checked too: it must not
 * move, or the return from here fails. */
void hftest_call_pattern(const uint64_t in[31], uint64_t out[31], bool smc);

/* FP/SIMD: v0..v31 (32 times 16 bytes), FPCR and FPSR. CPACR_EL1.FPEN must allow it. */
struct hftest_fp {
    /* Without MMU all memory is Device: pairs of vectors must be aligned. */
    uint64_t v[64] __attribute__((aligned(16)));
    uint64_t fpcr;
    uint64_t fpsr;
};

void hftest_fp_load(const struct hftest_fp *from);
void hftest_fp_store(struct hftest_fp *to);
