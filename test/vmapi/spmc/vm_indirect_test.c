/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages through buffers between SPs and VMs of the normal world, whose hypervisor the test is.
 */
#include "hftest_irq.h"
#include "services/agent_message.h"
#include "services/service_ids.h"
#include "spmc.h"
#include "vm_buffers.h"

#define SRI    8
#define AGENT  0x8001
#define SECOND 0x8002
#define VM     7  /* has buffers and a bitmap */
#define OTHER  9  /* has buffers */
#define BARE   11 /* has a bitmap */
#define NOBODY 13
#define SIZE   64

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t vm_tx[2][FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t vm_rx[2][FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

#define EXPECT_SUCCESS(value) EXPECT_EQ((value).x[0], FFA_SUCCESS_32)

static struct ffa_value map(uint16_t id, uint32_t n)
{
    struct descriptor descriptor = descriptor_make(id, vm_rx[n], vm_tx[n]);

    memcpy(tx, &descriptor, sizeof(descriptor));
    return ffa_call(FFA_RXTX_MAP_64);
}

/* The SRI may take the CPU from the SP before it has answered. */
static struct ffa_value ask(enum agent what, uint64_t x4, uint64_t x5, uint64_t x6)
{
    struct ffa_value result = ffa_call(
        FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(NORMAL_WORLD, AGENT), 0, what, x4, x5, x6);

    while (result.x[0] == FFA_INTERRUPT_32) {
        gic_clear_pending(SRI);
        result = ffa_run(AGENT, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return result;
}

static int32_t ask_code(enum agent what, uint64_t x4, uint64_t x5, uint64_t x6)
{
    return (int32_t)ask(what, x4, x5, x6).x[3];
}

static void header_write(uint32_t n, struct ffa_message_header header)
{
    memcpy(vm_tx[n], &header, sizeof(header));
}

static struct ffa_message_header header_make(uint16_t from, uint16_t to, uint32_t size)
{
    return (struct ffa_message_header){.base = {.offset = sizeof(struct ffa_message_header),
                                                .receiver = to,
                                                .sender = from,
                                                .size = size}};
}

/* What the hypervisor forwards; the message lies in TX number n. */
static struct ffa_value send(uint32_t n, uint16_t from, uint16_t to, uint32_t size)
{
    header_write(n, header_make(from, to, size));
    return ffa_call(FFA_MSG_SEND2_32, (uint64_t)from << 16);
}

static struct ffa_value get(uint16_t vm)
{
    return ffa_call(FFA_NOTIFICATION_GET_32, vm,
                    FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM);
}

SET_UP(vm_indirect)
{
    gic_init_dist();
    gic_init_cpu();
    gic_enable(SRI);
    gic_clear_pending(SRI);
    SERVICE_SELECT(AGENT, "agent");
    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    EXPECT_SUCCESS(ffa_call(FFA_NOTIFICATION_BITMAP_CREATE_32, VM, 2));
    EXPECT_SUCCESS(ffa_call(FFA_NOTIFICATION_BITMAP_CREATE_32, BARE, 1));
    EXPECT_SUCCESS(map(VM, 0));
    EXPECT_SUCCESS(map(OTHER, 1));
    EXPECT_EQ(ask_code(AGENT_MAP, 1, 0, 0), 0);
    EXPECT_EQ(ask_code(AGENT_LISTEN, 1, 0, 0), 5);
    (void)ffa_call(FFA_NOTIFICATION_INFO_GET_64); /* what other tests have left */
    gic_clear_pending(SRI);
}

TEAR_DOWN(vm_indirect)
{
    (void)get(VM);
    (void)ask_code(AGENT_UNMAP, 0, 0, 0);
    (void)ffa_call(FFA_RXTX_UNMAP_32, VM << 16);
    (void)ffa_call(FFA_RXTX_UNMAP_32, OTHER << 16);
    (void)ffa_call(FFA_RXTX_UNMAP_32);
    (void)ffa_call(FFA_NOTIFICATION_BITMAP_DESTROY_32, VM);
    (void)ffa_call(FFA_NOTIFICATION_BITMAP_DESTROY_32, BARE);
    gic_clear_pending(SRI);
}

/* The message in the SP's RX is from `from`, and whole; its RX is free again. */
static void expect_received(uint16_t from, uint32_t size)
{
    struct ffa_value result;

    EXPECT_EQ(ask_code(AGENT_RETRIEVE, 1, 0, 0), 0);
    EXPECT_EQ(ffa_run(AGENT, 0).x[0], FFA_MSG_WAIT_32);
    EXPECT_EQ(ask_code(AGENT_RETRIEVE, 0, 0, 0), 0);
    EXPECT_EQ(ask(AGENT_GOT, 0, 0, 0).x[5], FFA_NOTIFICATION_RX_FULL); /* from a VM, in w7 */
    result = ask(AGENT_RECEIVED, 0, 0, 0);
    EXPECT_EQ(result.x[3], from | (uint64_t)size << 32);
    EXPECT_EQ(result.x[4], 1);
    EXPECT_EQ(result.x[5], 0);
}

TEST(vm_indirect, to_an_sp)
{
    message_fill(vm_tx[0] + sizeof(struct ffa_message_header), SIZE, 3);
    message_fill(vm_tx[1] + sizeof(struct ffa_message_header), SIZE, 4);
    EXPECT_SUCCESS(send(0, VM, AGENT, SIZE));
    EXPECT_TRUE(gic_is_pending(SRI));
    EXPECT_EQ(ffa_call(FFA_NOTIFICATION_INFO_GET_64).x[3], AGENT);
    EXPECT_FFA_ERROR(send(1, OTHER, AGENT, SIZE), FFA_BUSY);
    expect_received(VM, SIZE);
    EXPECT_SUCCESS(send(1, OTHER, AGENT, SIZE));
    expect_received(OTHER, SIZE);
}

/* It asks for the SPMC's word alone, and hears of a VM's message. */
TEST(vm_indirect, to_an_sp_that_asks_the_spmc)
{
    struct ffa_value got;

    EXPECT_SUCCESS(send(0, VM, AGENT, SIZE));
    got = ask(AGENT_GET, 0, FFA_NOTIFICATION_GET_SPM, 0);
    EXPECT_EQ(got.x[5], (uint64_t)FFA_NOTIFICATION_RX_FULL << 32);
    EXPECT_EQ(ask(AGENT_GET, 0, 0, 0).x[5], 0);
}

/* A VM of v1.1 has a header without a UUID: what follows it is its payload. */
TEST(vm_indirect, to_an_sp_with_the_old_header)
{
    struct ffa_message_header header = header_make(VM, AGENT, SIZE);

    header.base.offset = sizeof(header.base);
    header_write(0, header);
    message_fill(vm_tx[0] + sizeof(header.base), SIZE, 5);
    EXPECT_SUCCESS(ffa_call(FFA_MSG_SEND2_32, VM << 16));
    expect_received(VM, SIZE);
}

TEST(vm_indirect, to_an_sp_refused)
{
    struct ffa_message_header header = header_make(VM, AGENT, SIZE);

    EXPECT_FFA_ERROR(send(0, NOBODY, AGENT, SIZE), FFA_DENIED);
    EXPECT_FFA_ERROR(send(0, BARE, AGENT, SIZE), FFA_DENIED);
    EXPECT_FFA_ERROR(send(0, SECOND, AGENT, SIZE), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(send(0, 0x7fff, AGENT, SIZE), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(send(0, VM, 0x8009, SIZE), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(send(0, VM, VM, SIZE), FFA_INVALID_PARAMETERS);
    /* Between VMs messages are their hypervisor's. */
    EXPECT_FFA_ERROR(send(0, VM, OTHER, SIZE), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(send(0, VM, NORMAL_WORLD, SIZE), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(send(0, VM, AGENT, FFA_PAGE_SIZE), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(send(0, VM, AGENT, UINT32_MAX), FFA_INVALID_PARAMETERS);
    header.base.offset = sizeof(header.base) - 4;
    header_write(0, header);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, VM << 16), FFA_INVALID_PARAMETERS);
    header = header_make(VM, AGENT, SIZE);
    header.base.flags = 1;
    header_write(0, header);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, VM << 16), FFA_INVALID_PARAMETERS);
    header = header_make(VM, AGENT, SIZE);
    header.uuid.word[0] = 5;
    header_write(0, header);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, VM << 16), FFA_INVALID_PARAMETERS);
    header_write(0, header_make(VM, AGENT, SIZE));
    header_write(1, header_make(VM, AGENT, SIZE)); /* in a stranger's TX */
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, OTHER << 16), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, VM << 16 | 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, VM), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, VM << 16, FFA_NOTIFICATION_DELAY_SRI),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32), FFA_INVALID_PARAMETERS);
    EXPECT_EQ(ask_code(AGENT_UNMAP, 0, 0, 0), 0);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_SEND2_32, VM << 16), FFA_BUSY);
    EXPECT_FALSE(gic_is_pending(SRI));
}

static void expect_arrived(uint32_t n, uint16_t vm)
{
    const struct ffa_message_header_v1_1 *header = (const void *)vm_rx[n];

    EXPECT_EQ(header->sender, AGENT);
    EXPECT_EQ(header->receiver, vm);
    EXPECT_EQ(header->size, SIZE);
    EXPECT_EQ(header->offset, sizeof(struct ffa_message_header));
    EXPECT_TRUE(message_is_whole(vm_rx[n] + header->offset, SIZE));
}

TEST(vm_indirect, from_an_sp)
{
    struct ffa_value result;

    EXPECT_EQ(ask_code(AGENT_SEND, VM, SIZE, 7), 0);
    result = ffa_call(FFA_NOTIFICATION_INFO_GET_64);
    EXPECT_EQ(result.x[2], 1 << 7);
    EXPECT_EQ(result.x[3], VM);
    result = get(VM);
    EXPECT_EQ(result.x[6], FFA_NOTIFICATION_RX_FULL);
    EXPECT_EQ(result.x[7], 0);
    EXPECT_EQ(get(VM).x[6], 0);
    expect_arrived(0, VM);
    /* Nobody else is told, or has it. */
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_INFO_GET_64), FFA_NO_DATA);
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32, OTHER), FFA_DENIED);
    EXPECT_EQ(ask_code(AGENT_SEND, VM, SIZE, 8), FFA_BUSY);
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_ACQUIRE_32, VM), FFA_DENIED);
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32, VM));
    EXPECT_EQ(ask_code(AGENT_SEND, VM, SIZE, 9), 0);
    expect_arrived(0, VM);
}

/* Without a bitmap it is not told, and finds it all the same. */
TEST(vm_indirect, from_an_sp_untold)
{
    EXPECT_EQ(ask_code(AGENT_SEND, OTHER, SIZE, 7), 0);
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_INFO_GET_64), FFA_NO_DATA);
    expect_arrived(1, OTHER);
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32, OTHER));
}

TEST(vm_indirect, from_an_sp_refused)
{
    EXPECT_EQ(ask_code(AGENT_SEND, NOBODY, SIZE, 1), FFA_INVALID_PARAMETERS);
    EXPECT_EQ(ask_code(AGENT_SEND, 0x7fff, SIZE, 1), FFA_INVALID_PARAMETERS);
    EXPECT_EQ(ask_code(AGENT_SEND, BARE, SIZE, 1), FFA_BUSY);
    /* The hypervisor writes there. */
    EXPECT_SUCCESS(ffa_call(FFA_RX_ACQUIRE_32, VM));
    EXPECT_EQ(ask_code(AGENT_SEND, VM, SIZE, 1), FFA_BUSY);
    EXPECT_SUCCESS(ffa_call(FFA_RX_RELEASE_32, VM));
    EXPECT_EQ(ask_code(AGENT_SEND, VM, SIZE, 1), 0);
    EXPECT_SUCCESS(ffa_call(FFA_RXTX_UNMAP_32, VM << 16));
    EXPECT_EQ(ask_code(AGENT_SEND, VM, SIZE, 1), FFA_BUSY);
}
