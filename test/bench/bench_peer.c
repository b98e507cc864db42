/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The other side of bench_base: the loops' instructions are counted there.
 */
#include "bench.h"

/* More than bench_base runs it: warm-up and rounds; the rest are its extra FFA_RUNs. */
#define YIELDS (BENCH_WARM_UP + BENCH_ROUNDS + 2)

static void yield_often(void)
{
    uint64_t left = YIELDS;

    /* FFA_YIELD wants w1 to w7 zero apart from a time-out. */
    __asm__ volatile("1:\tmov x0, %[fid]\n\t"
                     "mov x1, #0\n\t"
                     "hvc #0\n\t"
                     "subs %[left], %[left], #1\n\t"
                     "b.ne 1b"
                     : [left] "+r"(left)
                     : [fid] "r"(FFA_YIELD_32)
                     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                       "x12", "x13", "x14", "x15", "x16", "x17", "memory", "cc");
}

/* Until x3 of a request is 0. */
static void answer(void)
{
    __asm__ volatile("mov x0, %[wait]\n\t"
                     "mov x1, #0\n\t"
                     "mov x2, #0\n\t"
                     "mov x3, #0\n\t"
                     "hvc #0\n\t"
                     "1:\tcbz x3, 2f\n\t"
                     "ror w1, w1, #16\n\t"
                     "mov x0, %[answer]\n\t"
                     "mov x2, #0\n\t"
                     "hvc #0\n\t"
                     "b 1b\n\t"
                     "2:"
                     :
                     : [wait] "r"(FFA_MSG_WAIT_32), [answer] "r"(FFA_MSG_SEND_DIRECT_RESP_64)
                     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                       "x12", "x13", "x14", "x15", "x16", "x17", "memory", "cc");
}

int main(void)
{
    yield_often();
    answer();
    return 0;
}
