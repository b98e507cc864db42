/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A direct request and its answer where there are many partitions: nothing may depend on how many.
 */
#include "bench.h"

#define PEER           2
#define REQUEST_GUEST  6
#define RESPONSE_GUEST 6

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
    /* x3 = 0 ends the peer. */
    (void)ffa_direct_req(PEER, 0, 0, 0);
    console_print("[bench] end\n");
    return 0;
}
