/* SPDX-License-Identifier: BSD-3-Clause */
/* How partitions of the SPMC are entered, in their contexts on each CPU: entry.dts, entry.S. */
#include "spmc.h"

#define ONE  0x8001
#define EACH 0x8002

static struct ffa_value seen;

static struct ffa_value ask(uint16_t sp)
{
    return ffa_call(FFA_MSG_SEND_DIRECT_REQ_32, ffa_endpoints_make(NORMAL_WORLD, sp));
}

static void visit(uint64_t sp)
{
    seen = ask((uint16_t)sp);
}

static void expect_entry(struct ffa_value answer, uint64_t affinity, uint64_t registered)
{
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ(answer.x[3], 0);
    EXPECT_EQ(answer.x[4], affinity);
    EXPECT_EQ(answer.x[5], registered);
}

TEST(entry, registers)
{
    /* A single context has no others to register for. */
    expect_entry(ask(ONE), 0, FFA_ERROR_32);
    expect_entry(ask(EACH), 0, FFA_SUCCESS_32);
}

TEST(entry, registers_of_others)
{
    ASSERT_EQ(vmlib_cpu_start(1, visit, EACH), 0);
    ASSERT_TRUE(smp_wait_off(1));
    expect_entry(seen, 1, 0);
    ASSERT_EQ(vmlib_cpu_start(1, visit, ONE), 0);
    ASSERT_TRUE(smp_wait_off(1));
    expect_entry(seen, 0, FFA_ERROR_32);
}
