/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_MSG_SEND2 between partitions of v1.1 and v1.2, scheduled and pinned. */
#include "indirect/indirect.h"

HFTEST_SERVICES(2, 3, 4, 5, 6);

uint8_t indirect_tx[MESSAGE_BUFFER] __attribute__((aligned(FFA_PAGE_SIZE)));
uint8_t indirect_rx[MESSAGE_BUFFER] __attribute__((aligned(FFA_PAGE_SIZE)));

SET_UP(indirect)
{
    irq_log_start(NULL);
    notifications_forget();
    ASSERT_EQ(ffa_rxtx_map(indirect_tx, indirect_rx, PAGES).x[0], FFA_SUCCESS_32);
}

TEAR_DOWN(indirect)
{
    (void)ffa_call(FFA_RXTX_UNMAP_32);
}

/* What the agent says of the last message, and how many it got since the last time. */
static void expect_received(uint16_t vm, uint32_t size, uint32_t count)
{
    struct ffa_value received = agent_ask(vm, AGENT_RECEIVED, 0, 0, 0);

    EXPECT_EQ(received.x[3], (uint64_t)size << 32 | TESTER);
    EXPECT_EQ(received.x[4], count);
    EXPECT_EQ(received.x[5], 0);
}

/* The scheduler is told, runs the receiver, and the receiver finds the message as its version has
 * it. */
static void check_scheduled(uint16_t vm)
{
    static const uint32_t sizes[] = {4, 32, 1000, 4096, MESSAGE_BUFFER - HEADER};

    AGENT_SELECT(vm);
    gic_enable(SRI);
    for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        EXPECT_SUCCESS(message_send(vm, sizes[i], i));
        irq_window();
        EXPECT_EQ(irq_log_count(SRI), i + 1);
        EXPECT_INFO(1 << 7, vm, 0);
        EXPECT_FFA_ERROR(message_send(vm, 4, 99), FFA_BUSY);
        EXPECT_EQ(ffa_run(vm, 0).x[0], FFA_MSG_WAIT_32);
        expect_received(vm, sizes[i], 1);
        EXPECT_EQ(AGENT_OK(vm, AGENT_GOT, 0, 0, 0).x[5], FFA_NOTIFICATION_RX_FULL);
    }
    gic_disable(SRI);
}

TEST(indirect, to_scheduled)
{
    check_scheduled(FIRST);
}

TEST(indirect, to_v1_1)
{
    check_scheduled(SECOND);
}

/* The test partition's RX: header and payload of a message of this agent. */
static void check_own_message(uint16_t sender, uint32_t size)
{
    struct ffa_message_header header;
    struct ffa_value got = own_notifications_get(0);

    EXPECT_EQ(got.x[agents_role()->rx_full], FFA_NOTIFICATION_RX_FULL);
    EXPECT_EQ(got.x[6] + got.x[7], FFA_NOTIFICATION_RX_FULL);
    memcpy(&header, indirect_rx, sizeof(header));
    EXPECT_EQ(header.base.flags, 0);
    EXPECT_EQ(header.base.offset, HEADER);
    EXPECT_EQ(header.base.sender, sender);
    EXPECT_EQ(header.base.receiver, TESTER);
    EXPECT_EQ(header.base.size, size);
    EXPECT_EQ(header.uuid.word[0] | header.uuid.word[3], 0);
    EXPECT_TRUE(message_is_whole(indirect_rx + HEADER, size));
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32));
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32), FFA_DENIED);
}

TEST(indirect, from_others)
{
    const uint16_t senders[] = {FIRST, SECOND, PINNED};

    for (uint32_t i = 0; i < 3; i++) {
        AGENT_SELECT(senders[i]);
        AGENT_OK(senders[i], AGENT_SEND, TESTER, 100, i);
        check_own_message(senders[i], 100);
        /* Nothing was given back: the next one has to wait. */
        AGENT_OK(senders[i], AGENT_SEND, TESTER, 8, i);
        AGENT_REFUSED(senders[i], AGENT_SEND, TESTER, 8, i, FFA_BUSY);
        check_own_message(senders[i], 8);
    }
}

/* Waits for a message of the peer: a pinned one sends when it likes, a scheduled one is run. */
static bool message_arrives(uint16_t peer)
{
    uint64_t end = timer_now() + AGENT_SECONDS * timer_frequency();

    while (timer_now() < end) {
        struct ffa_value got = ffa_notification_get(0, agents_role()->framework);

        if ((got.x[agents_role()->rx_full] & FFA_NOTIFICATION_RX_FULL) != 0) {
            return true;
        }
        if (peer != PINNED || !agents_role()->has_pinned) {
            (void)ffa_run(peer, 0);
        }
    }
    return false;
}

static void check_echo(uint16_t peer)
{
    const struct ffa_message_header_v1_1 *header = (const void *)indirect_rx;

    AGENT_SELECT(peer);
    AGENT_OK(peer, AGENT_ECHO, 1, 0, 0);
    for (uint32_t i = 1; i <= 50; i++) {
        EXPECT_SUCCESS(message_send(peer, i * 36, i));
        ASSERT_TRUE(message_arrives(peer));
        EXPECT_EQ(header->sender, peer);
        ASSERT_EQ(header->size, i * 36);
        EXPECT_TRUE(message_is_whole(indirect_rx + header->offset, header->size));
        EXPECT_TRUE(memcmp(indirect_rx + header->offset, &i, sizeof(i)) == 0);
        EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32));
    }
}

TEST(indirect, echo_scheduled)
{
    check_echo(FIRST);
}

TEST(indirect, echo_v1_1)
{
    check_echo(SECOND);
}

TEST(indirect, echo_pinned)
{
    check_echo(PINNED);
}

/* A partition that has not asked what woke it keeps its message. */
TEST(indirect, unread_message_stays)
{
    struct ffa_value result;

    SKIP_ON(HFTEST_NORMAL_WORLD, "the normal world has no FFA_MSG_WAIT");
    AGENT_SELECT(PINNED);
    AGENT_OK(PINNED, AGENT_SEND, TESTER, 64, 7);
    result = ffa_msg_wait();
    EXPECT_EQ(result.x[0], FFA_RUN_32);
    EXPECT_EQ(result.x[1], ffa_target_make(TESTER, 0));
    AGENT_REFUSED(PINNED, AGENT_SEND, TESTER, 64, 8, FFA_BUSY);
    check_own_message(PINNED, 64);
}

struct refused {
    struct ffa_message_header_v1_1 header;
    int32_t code;
};

static void refusals_check(void)
{
    const uint16_t manager = hftest_role()->manager;
    const struct refused refused[] = {
        /* flags, reserved, offset, receiver, sender, size */
        {{1, 0, 40, FIRST, TESTER, 32}, FFA_INVALID_PARAMETERS},
        {{0, 0, 39, FIRST, TESTER, 32}, FFA_INVALID_PARAMETERS},
        {{0, 0, 0, FIRST, TESTER, 32}, FFA_INVALID_PARAMETERS},
        {{0, 0, 40, TESTER, TESTER, 32}, FFA_INVALID_PARAMETERS},
        {{0, 0, 40, FIRST, FIRST, 32}, FFA_INVALID_PARAMETERS},
        {{0, 0, 40, FIRST, manager, 32}, FFA_INVALID_PARAMETERS},
        {{0, 0, 40, manager, TESTER, 32}, FFA_INVALID_PARAMETERS},
        {{0, 0, 40, 77, TESTER, 32}, FFA_INVALID_PARAMETERS},
        {{0, 0, 40, 0x80ff, TESTER, 32}, FFA_INVALID_PARAMETERS},
        {{0, 0, 40, FIRST, TESTER, MESSAGE_BUFFER - 39}, FFA_INVALID_PARAMETERS},
        {{0, 0, MESSAGE_BUFFER, FIRST, TESTER, 1}, FFA_INVALID_PARAMETERS},
        {{0, 0, 40, FIRST, TESTER, UINT32_MAX}, FFA_INVALID_PARAMETERS},
        {{0, 0, UINT32_MAX - 31, FIRST, TESTER, 64}, FFA_INVALID_PARAMETERS},
        {{0, 0, 40, OLD, TESTER, 32}, FFA_NOT_SUPPORTED},
        {{0, 0, 40, DEAF, TESTER, 32}, FFA_DENIED},
    };

    for (uint32_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        memset(indirect_tx, 0, HEADER);
        memcpy(indirect_tx, &refused[i].header, sizeof(refused[i].header));
        EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32), refused[i].code);
    }
}

TEST(indirect, refusals)
{
    AGENT_SELECT(FIRST);
    refusals_check();
    message_fill(indirect_tx + HEADER, 32, 0);
    (void)ffa_send2(indirect_tx, PINNED, 0);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, 0, FFA_NOTIFICATION_DELAY_SRI),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND_32, ffa_endpoints_make(TESTER, FIRST), 0, 4),
                     FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_POLL_32), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_features(FFA_MSG_SEND_32), FFA_NOT_SUPPORTED);
    /* None of it has reached anybody. */
    EXPECT_EQ(agent_ask(FIRST, AGENT_RECEIVED, 0, 0, 0).x[4], 0);
}

/* Nobody answers for a UUID that is not in the manifest. */
TEST(indirect, unknown_service)
{
    struct ffa_message_header header = {
        .base = {.offset = HEADER, .receiver = FIRST, .sender = TESTER, .size = 4},
        .uuid = {{1, 2, 3, 4}},
    };

    AGENT_SELECT(FIRST);
    memcpy(indirect_tx, &header, sizeof(header));
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32), FFA_INVALID_PARAMETERS);
}

TEST(indirect, buffers)
{
    AGENT_SELECT(FIRST);
    EXPECT_SUCCESS(ffa_call(FFA_RXTX_UNMAP_32));
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32), FFA_DENIED);
    AGENT_REFUSED(FIRST, AGENT_SEND, TESTER, 4, 0, FFA_BUSY);
    ASSERT_EQ(ffa_rxtx_map(indirect_tx, indirect_rx, 1).x[0], FFA_SUCCESS_32);
    /* Two pages of TX there, one page of RX here. */
    AGENT_REFUSED(FIRST, AGENT_SEND, TESTER, FFA_PAGE_SIZE - HEADER + 4, 0, FFA_NO_MEMORY);
    AGENT_OK(FIRST, AGENT_SEND, TESTER, FFA_PAGE_SIZE - HEADER, 3);
    check_own_message(FIRST, FFA_PAGE_SIZE - HEADER);
    AGENT_OK(FIRST, AGENT_UNMAP, 0, 0, 0);
    EXPECT_FFA_ERROR(message_send(FIRST, 4, 0), FFA_BUSY);
    AGENT_REFUSED(FIRST, AGENT_SEND, TESTER, 4, 0, FFA_DENIED);
}

/* A receiver that is reset has no buffers until it maps them again. */
TEST(indirect, receiver_is_reset)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "SPs have no PSCI: they do not reset themselves");
    AGENT_SELECT(FIRST);
    EXPECT_SUCCESS(message_send(FIRST, 32, 0));
    SERVICE_SELECT(FIRST, "end");
    EXPECT_FFA_ERROR(ffa_direct_req_complete(FIRST, END_RESET, 0, 0), FFA_ABORTED);
    EXPECT_FFA_ERROR(message_send(FIRST, 32, 0), FFA_BUSY);
    EXPECT_NO_INFO();
    AGENT_SELECT(FIRST);
    EXPECT_SUCCESS(message_send(FIRST, 32, 0));
    EXPECT_EQ(ffa_run(FIRST, 0).x[0], FFA_MSG_WAIT_32);
    expect_received(FIRST, 32, 1);
}

/* Who can receive what stands in the list of partitions. */
TEST(indirect, properties)
{
    const struct ffa_partition_info *info = (const void *)indirect_rx;
    uint32_t both = FFA_PROPERTY_INDIRECT | FFA_PROPERTY_NOTIFICATIONS;
    struct ffa_value result = ffa_call(FFA_PARTITION_INFO_GET_32);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    ASSERT_EQ(result.x[2], 6);
    EXPECT_EQ(info[0].properties & both, both);
    EXPECT_EQ(info[1].properties & both, both);
    EXPECT_EQ(info[4].properties & both, FFA_PROPERTY_INDIRECT);
    EXPECT_EQ(info[5].properties & both, 0);
    /* RX is taken. */
    AGENT_SELECT(PINNED);
    AGENT_REFUSED(PINNED, AGENT_SEND, TESTER, 4, 0, FFA_BUSY);
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32));
    AGENT_OK(PINNED, AGENT_SEND, TESTER, 4, 0);
}
