/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench.h"

#define NS_PER_SECOND UINT64_C(1000000000)

static uint64_t empty_ticks;

void bench_init(void)
{
    uint64_t start;

    BENCH_LOOP("", BENCH_WARM_UP, 0, 0);
    start = bench_counter();
    BENCH_LOOP("", BENCH_ROUNDS, 0, 0);
    empty_ticks = bench_counter() - start;
}

uint64_t bench_per_round(uint64_t ticks)
{
    uint64_t instructions = (ticks - empty_ticks) * (NS_PER_SECOND / timer_frequency());

    return (instructions + BENCH_ROUNDS / 2) / BENCH_ROUNDS;
}

void bench_report(const char *row, const char *operation, uint64_t value)
{
    console_print("[bench] %s|%s|%lu\n", row, operation, value);
}
