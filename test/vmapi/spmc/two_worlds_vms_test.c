/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A secure partition is told of the hypervisor's VMs: at their start, at a reset, at their end.
 */
#include "hftest.h"
#include "services/service_ids.h"

#define SELF     1
#define PEER     2
#define LISTENER 3
#define LOG      0x8001

HFTEST_SERVICES(PEER, LISTENER);

static struct ffa_value ask(uint16_t vm)
{
    return ffa_direct_req_complete(LOG, 0, vm, 0);
}

static void expect_told(uint16_t vm, uint64_t created, uint64_t destroyed)
{
    struct ffa_value answer = ask(vm);

    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[4], created);
    EXPECT_EQ(answer.x[5], destroyed);
}

TEST(two_worlds_vms, all_at_boot)
{
    expect_told(SELF, 1, 0);
    EXPECT_EQ(ask(PEER).x[4], ask(PEER).x[5] + 1);
    EXPECT_EQ(ask(LISTENER).x[4], 1);
    /* This one speaks no FF-A. */
    expect_told(4, 0, 0);
}

TEST(two_worlds_vms, reset)
{
    uint64_t before = ask(PEER).x[5];

    SERVICE_SELECT(PEER, "end");
    EXPECT_FFA_ERROR(ffa_direct_req_complete(PEER, END_RESET, 0, 0), FFA_ABORTED);
    expect_told(PEER, before + 2, before + 1);
    SERVICE_SELECT(PEER, "echo");
    EXPECT_EQ(ffa_direct_req_complete(PEER, 1, 0, 0).x[3], 2);
}

TEST(two_worlds_vms, z_off)
{
    SERVICE_SELECT(LISTENER, "end");
    EXPECT_FFA_ERROR(ffa_direct_req_complete(LISTENER, END_OFF, 0, 0), FFA_ABORTED);
    expect_told(LISTENER, 1, 1);
}
