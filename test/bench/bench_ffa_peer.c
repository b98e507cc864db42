/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The other side of bench_ffa: in each phase it does the same whenever it is run.
 */
#include "bench_ffa.h"

#define BENCH 1

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

/* FFA_MSG_WAIT wants w1 to w7 zero; after some calls they are. */
#define WAIT_3 FID(0x6b) "hvc #0\n\t"

#define ZERO                                                                                       \
    "mov x1, #0\n\tmov x2, #0\n\tmov x3, #0\n\tmov x4, #0\n\t"                                     \
    "mov x5, #0\n\tmov x6, #0\n\tmov x7, #0\n\t"

#define PHASE(body, rounds)                                                                        \
    do {                                                                                           \
        uint64_t left_ = (rounds);                                                                 \
        __asm__ volatile(ZERO "1:\n\t" body "subs %[left], %[left], #1\n\tb.ne 1b"                 \
                         : [left] "+r"(left_)                                                      \
                         : [id] "r"((uint64_t)ffa_id)                                              \
                         : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",      \
                           "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory", "cc");       \
    } while (0)

int main(void)
{
    uint16_t ffa_id = ffa_id_get();

    (void)ffa_rxtx_map(tx, rx, 1);
    (void)ffa_notification_bind(BENCH, 0, 1);
    /* The header that all later messages have. */
    (void)ffa_send2(tx, BENCH, 32);
    (void)ffa_msg_wait();
    PHASE("mov w1, #0\n\t" WAIT_3, FFA_ROUNDS);
    /* Of VMs, not of the hypervisor: w2 = 2. */
    PHASE(FID(0x82) "mov w1, %w[id]\n\tmov w2, #2\n\thvc #0\n\t"
                    "mov w4, #0\n\tmov w7, #0\n\t" WAIT_3,
          FFA_ROUNDS);
    PHASE(GET_5 RX_RELEASE_3 WAIT_3, FFA_ROUNDS + 1);
    PHASE(GET_5 RX_RELEASE_3 FID(0x86) "hvc #0\n\t" WAIT_3, FFA_ROUNDS);
    return 0;
}
