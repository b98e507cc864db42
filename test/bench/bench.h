/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counting executed instructions under -icount: one instruction is one nanosecond of virtual time,
 * so the counter counts instructions, a tick at a time.
 */
#pragma once

#include <vmlib.h>

#define BENCH_WARM_UP 8u
#define BENCH_ROUNDS  1000u

/*
 * Runs the instructions of `body` BENCH_ROUNDS times after a warm-up and yields the count of one
 * round, without the loop's own. `body` may use x0 to x17 and the inputs %[a] and %[b], which it
 * must not change. The marks tell count_plugin what to count; report right after the measurement.
 */
#define BENCH_MEASURE(body, input_a, input_b)                                                      \
    ({                                                                                             \
        uint64_t total_;                                                                           \
        BENCH_LOOP(body, BENCH_WARM_UP, input_a, input_b);                                         \
        __asm__ volatile("hint #0x60" ::: "memory");                                               \
        uint64_t start_ = bench_counter();                                                         \
        BENCH_LOOP(body, BENCH_ROUNDS, input_a, input_b);                                          \
        total_ = bench_counter() - start_;                                                         \
        __asm__ volatile("hint #0x61" ::: "memory");                                               \
        bench_per_round(total_);                                                                   \
    })

#define BENCH_LOOP(body, rounds, input_a, input_b)                                                 \
    do {                                                                                           \
        uint64_t left_ = (rounds);                                                                 \
        __asm__ volatile("1:\n\t" body "\n\tsubs %[left], %[left], #1\n\tb.ne 1b"                  \
                         : [left] "+r"(left_)                                                      \
                         : [a] "r"((uint64_t)(input_a)), [b] "r"((uint64_t)(input_b))              \
                         : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",      \
                           "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory", "cc");       \
    } while (0)

static inline uint64_t bench_counter(void)
{
    cpu_isb();
    return sysreg_read(cntvct_el0);
}

/* Measures the empty loop; once, before the first measurement. */
void bench_init(void);
/* From ticks of BENCH_ROUNDS rounds to instructions of one, rounded. */
uint64_t bench_per_round(uint64_t ticks);
/* value of operation, guest instructions already taken off where it says "core". */
void bench_report(const char *row, const char *operation, uint64_t value);
