/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages through buffers between a VM of the hypervisor and a secure partition.
 */
#include "hftest.h"
#include "services/agent_message.h"
#include "services/service_ids.h"

#define SELF   1
#define PEER   2
#define UP     0x8001
#define MUTE   0x8003 /* no indirect messages */
#define NOBODY 0x8004
#define SIZE   64

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

#define EXPECT_SUCCESS(value) EXPECT_EQ((value).x[0], FFA_SUCCESS_32)

static struct ffa_value ask(enum agent what, uint64_t x4, uint64_t x5, uint64_t x6)
{
    struct ffa_value result =
        ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(SELF, UP), 0, what, x4, x5, x6);

    while (result.x[0] == FFA_INTERRUPT_32) {
        result = ffa_run(UP, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return result;
}

static int32_t ask_code(enum agent what, uint64_t x4, uint64_t x5, uint64_t x6)
{
    return (int32_t)ask(what, x4, x5, x6).x[3];
}

static void begin(void)
{
    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    SERVICE_SELECT(UP, "agent");
    EXPECT_EQ(ask_code(AGENT_MAP, 1, 0, 0), 0);
    EXPECT_EQ(ask_code(AGENT_LISTEN, 1, 0, 0), 5);
}

static void end(void)
{
    EXPECT_EQ(ask_code(AGENT_UNMAP, 0, 0, 0), 0);
    EXPECT_SUCCESS(ffa_call(FFA_RXTX_UNMAP_32));
}

TEST(two_worlds, message_to_secure_partition)
{
    struct ffa_value result;

    begin();
    message_fill(tx + sizeof(struct ffa_message_header), SIZE, 3);
    EXPECT_SUCCESS(ffa_send2(tx, UP, SIZE));
    EXPECT_FFA_ERROR(ffa_send2(tx, UP, SIZE), FFA_BUSY);
    EXPECT_EQ(ask_code(AGENT_RETRIEVE, 1, 0, 0), 0);
    result = ffa_run(UP, 0);
    while (result.x[0] == FFA_INTERRUPT_32) {
        result = ffa_run(UP, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_WAIT_32);
    EXPECT_EQ(ask_code(AGENT_RETRIEVE, 0, 0, 0), 0);
    EXPECT_EQ(ask(AGENT_GOT, 0, 0, 0).x[5], FFA_NOTIFICATION_RX_FULL);
    result = ask(AGENT_RECEIVED, 0, 0, 0);
    EXPECT_EQ(result.x[3], SELF | (uint64_t)SIZE << 32);
    EXPECT_EQ(result.x[4], 1);
    EXPECT_EQ(result.x[5], 0);
    end();
}

TEST(two_worlds, message_to_secure_partition_refused)
{
    struct ffa_message_header_v1_1 *header = (void *)tx;

    begin();
    EXPECT_FFA_ERROR(ffa_send2(tx, NOBODY, SIZE), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_send2(tx, MUTE, SIZE), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_send2(tx, UP, FFA_PAGE_SIZE), FFA_INVALID_PARAMETERS);
    /* Nobody else than the caller, whatever it says. */
    header->size = SIZE;
    header->receiver = UP;
    header->sender = PEER;
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, PEER << 16), FFA_INVALID_PARAMETERS);
    header->sender = SELF;
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, SELF << 16), FFA_INVALID_PARAMETERS);
    end();
    EXPECT_FFA_ERROR(ffa_send2(tx, UP, SIZE), FFA_DENIED);
}

static void expect_arrived(void)
{
    const struct ffa_message_header_v1_1 *header = (const void *)rx;

    EXPECT_EQ(header->sender, UP);
    EXPECT_EQ(header->receiver, SELF);
    EXPECT_EQ(header->size, SIZE);
    EXPECT_TRUE(message_is_whole(rx + header->offset, SIZE));
}

TEST(two_worlds, message_from_secure_partition)
{
    begin();
    EXPECT_EQ(ask_code(AGENT_SEND, SELF, SIZE, 7), 0);
    EXPECT_EQ(ffa_notification_get(0, FFA_NOTIFICATION_GET_ALL).x[6], FFA_NOTIFICATION_RX_FULL);
    EXPECT_EQ(ffa_notification_get(0, FFA_NOTIFICATION_GET_ALL).x[6], 0);
    expect_arrived();
    EXPECT_EQ(ask_code(AGENT_SEND, SELF, SIZE, 8), FFA_BUSY);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_32), FFA_BUSY);
    expect_arrived();
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32));
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32), FFA_DENIED);
    /* One that looks without being told. */
    EXPECT_EQ(ask_code(AGENT_SEND, SELF, SIZE, 9), 0);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_32), FFA_BUSY);
    expect_arrived();
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32));
    (void)ffa_notification_get(0, FFA_NOTIFICATION_GET_ALL);
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32), FFA_DENIED);
    end();
}

/* Both worlds agree who owns RX. */
TEST(two_worlds, message_while_the_hypervisor_has_rx)
{
    begin();
    EXPECT_SUCCESS(ffa_call(FFA_PARTITION_INFO_GET_32));
    EXPECT_EQ(ask_code(AGENT_SEND, SELF, SIZE, 1), FFA_BUSY);
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32));
    EXPECT_EQ(ask_code(AGENT_SEND, SELF, SIZE, 2), 0);
    /* New buffers are free, old ones nobody's. */
    EXPECT_SUCCESS(ffa_call(FFA_RXTX_UNMAP_32));
    EXPECT_EQ(ask_code(AGENT_SEND, SELF, SIZE, 3), FFA_BUSY);
    EXPECT_SUCCESS(ffa_rxtx_map(tx, rx, 1));
    EXPECT_EQ(ask_code(AGENT_SEND, SELF, SIZE, 4), 0);
    expect_arrived();
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32));
    (void)ffa_notification_get(0, FFA_NOTIFICATION_GET_ALL);
    end();
}
