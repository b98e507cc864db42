/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notifications and indirect messages to a scheduled partition on the same CPU, and back. The peer
 * goes through the same phases (bench_ffa_peer.c); its instructions are taken off, too.
 */
#include "bench_ffa.h"

#define PEER         2
#define MESSAGE_SIZE 32

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

#define RUN_4   FID(0x6d) "mov w1, %w[b]\n\thvc #0\n\t"
#define SET_7   FID(0x81) "mov w1, %w[a]\n\tmov w2, #0\n\tmov w3, #1\n\tmov w4, #0\n\thvc #0\n\t"
#define SEND2_5 FID(0x86) "mov w1, #0\n\tmov w2, #0\n\thvc #0\n\t"
/* As GET_5, for the partition with id 1. */
#define OWN_5   FID(0x82) "mov w1, #1\n\tmov w2, #8\n\thvc #0\n\t"

/* Instructions of the peer's round in each phase. */
#define PEER_WAIT    6
#define PEER_GET     12
#define PEER_RECEIVE 13
#define PEER_ECHO    16

int main(void)
{
    uint64_t ids = ffa_endpoints_make(1, PEER);
    uint64_t target = ffa_target_make(PEER, 0);

    (void)ffa_rxtx_map(tx, rx, 1);
    bench_init();
    /* It maps its buffers, binds, and waits. */
    (void)ffa_run(PEER, 0);
    (void)ffa_notification_get(0, FFA_NOTIFICATION_GET_ALL);
    (void)ffa_call(FFA_RX_RELEASE_32);
    uint64_t run = BENCH_MEASURE(RUN_4, ids, target) - 4 - PEER_WAIT;

    bench_report("ffa", "FFA_RUN + FFA_MSG_WAIT, core", run);
    uint64_t notify = BENCH_MEASURE(SET_7 RUN_4, ids, target) - 11 - PEER_GET;

    /* Beside it stand the accesses of the run, too. */
    bench_report("ffa", "NOTIFICATION_SET + GET, core", notify - run);
    (void)ffa_send2(tx, PEER, MESSAGE_SIZE);
    (void)ffa_run(PEER, 0);
    uint64_t one_way = BENCH_MEASURE(SEND2_5 RUN_4, ids, target) - 9 - PEER_RECEIVE;

    bench_report("ffa", "MSG_SEND2 of 32 B one way with RUN and receive, core", one_way);
    uint64_t both_ways =
        BENCH_MEASURE(SEND2_5 RUN_4 OWN_5 RX_RELEASE_3, ids, target) - 17 - PEER_ECHO;

    bench_report("ffa", "MSG_SEND2 round trip, core", both_ways);
    console_print("[bench] end\n");
    return 0;
}
