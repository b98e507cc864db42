/* SPDX-License-Identifier: BSD-3-Clause */
/* The test partition speaks v1.0: FFA_MSG_SEND, FFA_MSG_POLL, and what FFA_MSG_WAIT returns. */
#include "indirect/indirect.h"

SET_UP(legacy)
{
    EXPECT_EQ(ffa_version(FFA_VERSION_1_0).x[0], FFA_VERSION_1_2);
    ASSERT_EQ(ffa_rxtx_map(indirect_tx, indirect_rx, PAGES).x[0], FFA_SUCCESS_32);
    irq_log_start(NULL);
}

TEAR_DOWN(legacy)
{
    (void)ffa_call(FFA_RXTX_UNMAP_32);
}

static struct ffa_value send(uint16_t receiver, uint32_t size, uint32_t seed)
{
    message_fill(indirect_tx, size, seed);
    return ffa_call(FFA_MSG_SEND_32, ffa_endpoints_make(TESTER, receiver), 0, size, 1);
}

TEST(legacy, to_scheduled)
{
    AGENT_SELECT(OLD);
    for (uint32_t i = 1; i <= 10; i++) {
        struct ffa_value received;

        EXPECT_SUCCESS(send(OLD, i * 100, i));
        EXPECT_FFA_ERROR(send(OLD, 4, 0), FFA_BUSY);
        EXPECT_EQ(ffa_run(OLD, 0).x[0], FFA_MSG_WAIT_32);
        received = agent_ask(OLD, AGENT_RECEIVED, 0, 0, 0);
        EXPECT_EQ(received.x[3], (uint64_t)i * 100 << 32 | TESTER);
        EXPECT_EQ(received.x[4], 1);
        EXPECT_EQ(received.x[5], 0);
    }
    EXPECT_EQ(agent_ask(OLD, AGENT_DIARY, 0, 0, 0).x[3], FFA_MSG_SEND_32);
}

static void expect_message(struct ffa_value message, uint32_t size)
{
    EXPECT_EQ(message.x[0], FFA_MSG_SEND_32);
    EXPECT_EQ(message.x[1], ffa_endpoints_make(OLD, TESTER));
    EXPECT_EQ(message.x[2], 0);
    EXPECT_EQ(message.x[3], size);
    EXPECT_TRUE(message_is_whole(indirect_rx, size));
}

TEST(legacy, poll_and_wait)
{
    AGENT_SELECT(OLD);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_POLL_32), FFA_RETRY);
    AGENT_OK(OLD, AGENT_SEND, TESTER, 40, 1);
    expect_message(ffa_call(FFA_MSG_POLL_32), 40);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_POLL_32), FFA_RETRY);
    AGENT_REFUSED(OLD, AGENT_SEND, TESTER, 40, 1, FFA_BUSY);
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32));
    AGENT_OK(OLD, AGENT_SEND, TESTER, 400, 2);
    /* The wait is over before it begins. */
    expect_message(ffa_msg_wait(), 400);
}

TEST(legacy, refusals)
{
    AGENT_SELECT(OLD);
    EXPECT_FFA_ERROR(send(FIRST, 4, 0), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(send(77, 4, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(send(TESTER, 4, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND_32, ffa_endpoints_make(FIRST, OLD), 0, 4),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(
        ffa_call(FFA_MSG_SEND_32, ffa_endpoints_make(TESTER, OLD), 0, MESSAGE_BUFFER + 1),
        FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND_32, ffa_endpoints_make(TESTER, OLD), 0, 4, 2),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_send2(indirect_tx, OLD, 4), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_notification_info_get(), FFA_NOT_SUPPORTED);
    EXPECT_SUCCESS(ffa_call(FFA_RXTX_UNMAP_32));
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND_32, ffa_endpoints_make(TESTER, OLD), 0, 4), FFA_DENIED);
}
