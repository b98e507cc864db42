/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition of EL3 asks SPs: the test monitor plays it, for the test. With irq.dts.
 */
#include "work.h"

static struct ffa_value ask(uint16_t sp, uint64_t x3, uint64_t x4, uint64_t x5)
{
    return ffa_call(MONITOR_ASK, sp, 0, x3, x4, x5);
}

TEST(logical, request)
{
    struct ffa_value answer;

    SERVICE_SELECT(SP_UP, "echo");
    SERVICE_SELECT(SP_MP, "echo");
    for (uint64_t i = 0; i < 5; i++) {
        answer = ask(SP_UP, i, 7, 8);
        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[1], ffa_endpoints_make(SP_UP, MONITOR_LOGICAL));
        EXPECT_EQ(answer.x[3], i + 1);
        EXPECT_EQ(answer.x[4], 7);
        answer = ask(SP_MP, i, 7, 8);
        EXPECT_EQ(answer.x[1], ffa_endpoints_make(SP_MP, MONITOR_LOGICAL));
        answer = ffa_direct_req(SP_UP, i, 0, 0);
        EXPECT_EQ(answer.x[1], ffa_endpoints_make(SP_UP, NORMAL_WORLD));
    }
    EXPECT_FFA_ERROR(ask(0x8009, 0, 0, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ask(SPMC, 0, 0, 0), FFA_INVALID_PARAMETERS);
}

/* SPs do not ask it, nor does the normal world speak for it. */
TEST(logical, refused)
{
    struct ffa_value answer;

    SERVICE_SELECT(SP_UP, "relay");
    answer = ffa_direct_req(SP_UP, MONITOR_LOGICAL, 0, 0);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[4], FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(MONITOR_LOGICAL, SP_UP, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(NORMAL_WORLD, MONITOR_LOGICAL, 0), FFA_INVALID_PARAMETERS);
}

/* Through a chain, and an SP that yields. */
TEST(logical, chain)
{
    struct ffa_value answer;

    SERVICE_SELECT(SP_MP, "relay");
    SERVICE_SELECT(SP_UP, "echo");
    answer = ask(SP_MP, SP_UP, 41, 0);
    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[5], 42);
    SERVICE_SELECT(SP_UP, "yield");
    answer = ask(SP_UP, 1, 0, 0);
    EXPECT_EQ(answer.x[0], FFA_YIELD_32);
    answer = ffa_run(SP_UP, 0);
    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[1], ffa_endpoints_make(SP_UP, MONITOR_LOGICAL));
}

/* SPs see it, in registers; the normal world does not. */
TEST(logical, listed)
{
    const uint64_t info = MONITOR_LOGICAL_PROPERTIES << 32 | 1 << 16 | MONITOR_LOGICAL;
    const uint64_t second = MONITOR_LOGICAL_UUID + MONITOR_LOGICAL;
    struct ffa_value world = ffa_call(FFA_PARTITION_INFO_GET_REGS_64), answer;
    uint64_t others = (uint16_t)world.x[2] + 1;

    ASSERT_EQ(world.x[0], FFA_SUCCESS_64);
    SERVICE_SELECT(SP_UP, "lister");
    answer = ffa_direct_req(SP_UP, others, 0, 0);
    EXPECT_EQ(answer.x[3], UINT64_C(24) << 48 | others << 16 | others);
    EXPECT_EQ(answer.x[4], info);
    EXPECT_EQ(answer.x[5], others);
    answer = ffa_direct_req(SP_UP, 0, MONITOR_LOGICAL_UUID, second);
    EXPECT_EQ(answer.x[3], UINT64_C(24) << 48);
    EXPECT_EQ(answer.x[4], info);
    answer = ffa_direct_req(SP_UP, others + 1, 0, 0);
    EXPECT_EQ((int32_t)answer.x[3], FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, others),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_REGS_64, MONITOR_LOGICAL_UUID, second),
                     FFA_INVALID_PARAMETERS);
}
