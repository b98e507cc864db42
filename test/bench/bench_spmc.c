/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The normal world above an SPMC under the test monitor. Does what the bootargs say ("request=N
 * interrupt=N") so often and switches the machine off: what each costs is the difference of two
 * runs (build/cli/bench_spmc.py), which leaves EL3 and the secure partitions out.
 */
#include <vmlib.h>

#define PEER          0x8001
#define PEER_SPI      200
#define MONITOR_RAISE UINT64_C(0xc7000000) /* test/monitor/monitor.h */

static uint32_t argument(const char *key)
{
    size_t length = strlen(key);

    for (const char *p = dtb_bootargs(); *p != '\0'; p++) {
        if (strncmp(p, key, length) == 0) {
            return (uint32_t)strtoul(p + length, NULL, 0);
        }
    }
    return 0;
}

int main(void)
{
    uint64_t good = 0, requests = argument("request="), interrupts = argument("interrupt=");

    ffa_version(FFA_VERSION_1_2);
    for (uint64_t i = 0; i < requests; i++) {
        struct ffa_value answer = ffa_direct_req(PEER, i, 0, 0);

        good += answer.x[0] == FFA_MSG_SEND_DIRECT_RESP_64 ? 1 : 0;
    }
    for (uint64_t i = 0; i < interrupts; i++) {
        (void)ffa_call(MONITOR_RAISE, PEER_SPI);
    }
    /* The peer says how many it has seen; its answer is one more request in each run. */
    console_print("[bench] %lu answers, %lu interrupts\n", good,
                  ffa_direct_req(PEER, 0, 0, 0).x[3]);
    return 0;
}
