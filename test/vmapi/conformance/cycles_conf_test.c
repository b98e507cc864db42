/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_RUN, FFA_YIELD, FFA_MSG_WAIT: DEN0077A chapter 8, 14.1 to 14.4. */
#include "conformance.h"

#define VCPU(peer, index) ffa_target_make(conf_id(peer), (index))

HFTEST_SERVICES(2, 3, 4, 5, 6);

CONFORMANCE(run_refusals)
{
    const struct conf_role *role = conf_role();
    const struct conf_row pinned = {"one that has its own CPU", ALL,
                                    CALL(FFA_RUN_32, VCPU(PEER_PINNED, 0)), FAILS(FFA_DENIED)};
    const struct conf_row rows[] = {
        {"itself", ALL, CALL(FFA_RUN_32, VCPU(PEER_SELF, 0)), FAILS(FFA_INVALID_PARAMETERS)},
        {"a vCPU of itself that is none", ALL, CALL(FFA_RUN_32, VCPU(PEER_SELF, 1)),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"vCPU 1", ALL, CALL(FFA_RUN_32, VCPU(PEER_1_1, 1)), FAILS(FFA_INVALID_PARAMETERS)},
        {"the last vCPU", ALL, CALL(FFA_RUN_32, VCPU(PEER_1_1, 0xffff)),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"vCPU 1 of no endpoint", ALL, CALL(FFA_RUN_32, VCPU(PEER_PLAIN, 1)),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"the same, vCPU 1", ALL, CALL(FFA_RUN_32, VCPU(PEER_PINNED, 1)),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"no 64-bit form", ALL, CALL(FFA_FID_64(0x6d), VCPU(PEER_1_1, 0)),
         FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(rows);
    if (role->has_pinned) {
        conf_check(&pinned, 1);
    }
    for (uint32_t i = 0; i < role->stranger_count; i++) {
        const uint64_t word = ffa_target_make(role->strangers[i], 0);
        const struct conf_row row = {"a stranger", ALL, CALL(FFA_RUN_32, word),
                                     FAILS(FFA_INVALID_PARAMETERS)};

        conf_check(&row, 1);
    }
}

/* Registers of each way in which a target gives the CPU back. */
CONFORMANCE(run_results)
{
    const uint64_t target = VCPU(PEER_1_1, 0);

    SERVICE_SELECT(conf_id(PEER_1_1), "echo");
    if (hftest_role()->is_scheduler) {
        CONF_ONCE("waits", CALL(FFA_RUN_32, target), RESULT(FFA_MSG_WAIT_32, target));
        CONF_ONCE("waits, other registers are ignored", CALL(FFA_RUN_32, target, 2, 3, 4, 5, 6, 7),
                  RESULT(FFA_MSG_WAIT_32, target));
    } else {
        CONF_ONCE("waits", CALL(FFA_RUN_32, target), FAILS(FFA_DENIED));
    }
    SERVICE_SELECT(conf_id(PEER_1_1), "yield");
    CONF_ONCE("a request that yields once",
              CALL(FFA_MSG_SEND_DIRECT_REQ_64,
                   ffa_endpoints_make(conf_id(PEER_SELF), conf_id(PEER_1_1)), 0, 1, 0x1234),
              RESULT(FFA_YIELD_32, target, 0x1234));
    CONF_ONCE("its answer", CALL(FFA_RUN_32, target),
              RESULT(FFA_MSG_SEND_DIRECT_RESP_64,
                     ffa_endpoints_make(conf_id(PEER_1_1), conf_id(PEER_SELF)), 0, 1));
}

CONFORMANCE(run_of_the_started)
{
    const uint64_t target = VCPU(PEER_1_0, 0);

    if (!hftest_role()->is_scheduler) {
        SKIP("an SP runs on only whom it has asked: run_results has the refusal");
    }
    SERVICE_SELECT(conf_id(PEER_1_0), "wakeups");
    CONF_ONCE("waits", CALL(FFA_RUN_32, target), RESULT(FFA_MSG_WAIT_32, target));
    CONF_ONCE(
        "it saw FFA_RUN, and which vCPU it is",
        CALL(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(conf_id(PEER_SELF), conf_id(PEER_1_0))),
        RESULT(FFA_MSG_SEND_DIRECT_RESP_64,
               ffa_endpoints_make(conf_id(PEER_1_0), conf_id(PEER_SELF)), 0, FFA_RUN_32, target));
}

CONFORMANCE(yield)
{
    static const struct conf_row rows[] = {
        {"w1", ALL, CALL(FFA_YIELD_32, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w1, high half", ALL, CALL(FFA_YIELD_32, 0x10000), FAILS(FFA_INVALID_PARAMETERS)},
        {"w4", ALL, CALL(FFA_YIELD_32, 0, 0, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w5", ALL, CALL(FFA_YIELD_32, 0, 0, 0, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w6", ALL, CALL(FFA_YIELD_32, 0, 0, 0, 0, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w7", ALL, CALL(FFA_YIELD_32, 0, 0, 0, 0, 0, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"nobody to yield to", ALL, CALL(FFA_YIELD_32), SUCCEEDS},
        {"a time-out", FROM_1_1, CALL(FFA_YIELD_32, 0, 0xffffffff, 0xffffffff), SUCCEEDS},
        {"no 64-bit form", ALL, CALL(FFA_FID_64(0x6c)), FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(rows);
}

CONFORMANCE(msg_wait)
{
    static const struct conf_row rows[] = {
        {"w1", ALL, CALL(FFA_MSG_WAIT_32, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w2 bit 0", V1_0 | V1_1, CALL(FFA_MSG_WAIT_32, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w2 bit 1", ALL, CALL(FFA_MSG_WAIT_32, 0, 2), FAILS(FFA_INVALID_PARAMETERS)},
        {"w2 bits 0 and 31", ALL, CALL(FFA_MSG_WAIT_32, 0, 0x80000001),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"w3", ALL, CALL(FFA_MSG_WAIT_32, 0, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w4", ALL, CALL(FFA_MSG_WAIT_32, 0, 0, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w5", ALL, CALL(FFA_MSG_WAIT_32, 0, 0, 0, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w6", ALL, CALL(FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"w7", ALL, CALL(FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"no 64-bit form", ALL, CALL(FFA_FID_64(0x6b)), FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(rows);
}
