/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A direct request and its answer, and who offers a service, where there are many partitions:
 * nothing may depend on how many.
 */
#include "bench.h"

#define PEER           2
#define REQUEST_GUEST  6
#define RESPONSE_GUEST 6
#define LAST           60 /* its UUID ends this way */
#define QUERY_GUEST    9

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

/* The entry of the last partition is written to RX, and RX given back: both calls together. */
static void measure_query(void)
{
    (void)ffa_rxtx_map(tx, rx, 1);
    uint64_t query = BENCH_MEASURE("mov x0, %[a]\n\tmov x1, %[b]\n\tmov x2, #0x11\n\t"
                                   "mov x3, #0x22\n\tmov x4, #0x33\n\tmov x5, #0\n\thvc #0\n\t"
                                   "sub x0, %[a], #3\n\thvc #0",
                                   FFA_PARTITION_INFO_GET_32, 0x5e51ce00 + LAST);

    bench_report("ffa", "PARTITION_INFO_GET by UUID among 60 partitions, with RX_RELEASE, core",
                 query - QUERY_GUEST);
}

int main(void)
{
    bench_init();
    /* bench_peer yields often before it answers. */
    while (ffa_run(PEER, 0).x[0] == FFA_YIELD_32) {
    }
    uint64_t request =
        BENCH_MEASURE("mov x0, %[a]\n\tmov x1, %[b]\n\tmov x2, #0\n\tmov x3, #1\n\t"
                      "mov x4, #0\n\thvc #0",
                      FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(ffa_id_get(), PEER));

    bench_report("ffa", "direct request + response, core, 60 partitions",
                 request - REQUEST_GUEST - RESPONSE_GUEST);
    measure_query();
    /* x3 = 0 ends the peer. */
    (void)ffa_direct_req(PEER, 0, 0, 0);
    console_print("[bench] end\n");
    return 0;
}
