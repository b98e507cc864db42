/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notifications between the normal world and SPs: bitmaps, bindings, the schedule receiver
 * interrupt, and messages through buffers.
 */
#include "hftest_irq.h"
#include "services/service_ids.h"
#include "spmc.h"

#define SRI      8
#define AGENT    0x8001
#define SECOND   0x8002
#define SOMEBODY 5 /* a VM of a hypervisor in the normal world */

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static struct ffa_value create(uint64_t vm, uint64_t vcpus)
{
    return ffa_call(FFA_NOTIFICATION_BITMAP_CREATE_32, vm, vcpus);
}

static struct ffa_value destroy(uint64_t vm)
{
    return ffa_call(FFA_NOTIFICATION_BITMAP_DESTROY_32, vm);
}

static struct ffa_value bind(uint16_t sender, uint16_t receiver, uint64_t flags, uint64_t bits)
{
    return ffa_call(FFA_NOTIFICATION_BIND_32, ffa_endpoints_make(sender, receiver), flags,
                    (uint32_t)bits, bits >> 32);
}

static struct ffa_value unbind(uint16_t sender, uint16_t receiver, uint64_t bits)
{
    return ffa_call(FFA_NOTIFICATION_UNBIND_32, ffa_endpoints_make(sender, receiver), 0,
                    (uint32_t)bits, bits >> 32);
}

static struct ffa_value set(uint16_t sender, uint16_t receiver, uint64_t flags, uint64_t bits)
{
    return ffa_call(FFA_NOTIFICATION_SET_32, ffa_endpoints_make(sender, receiver), flags,
                    (uint32_t)bits, bits >> 32);
}

static struct ffa_value get(uint32_t receiver, uint64_t flags)
{
    return ffa_call(FFA_NOTIFICATION_GET_32, receiver, flags);
}

static struct ffa_value ask(uint16_t sp, enum agent what, uint64_t x4, uint64_t x5, uint64_t x6)
{
    return ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(NORMAL_WORLD, sp), 0, what, x4,
                    x5, x6);
}

/* The code that the SP's call returned. */
static int32_t code(struct ffa_value answer)
{
    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return (int32_t)answer.x[3];
}

SET_UP(notify_world)
{
    gic_init_dist();
    gic_init_cpu();
    gic_enable(SRI);
    gic_clear_pending(SRI);
    SERVICE_SELECT(AGENT, "agent");
}

TEST(notify_world, features)
{
    EXPECT_EQ(ffa_features(FFA_FEATURE_ID_SRI).x[2], SRI);
    EXPECT_FFA_ERROR(ffa_features(FFA_FEATURE_ID_NPI), FFA_NOT_SUPPORTED);
    EXPECT_EQ(ffa_features(FFA_NOTIFICATION_BITMAP_CREATE_32).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(code(ask(AGENT, AGENT_FEATURE, FFA_FEATURE_ID_SRI, 0, 0)), FFA_NOT_SUPPORTED);
    EXPECT_EQ(ask(AGENT, AGENT_FEATURE, FFA_FEATURE_ID_NPI, 0, 0).x[4], 5);
    EXPECT_EQ(code(ask(AGENT, AGENT_FEATURE, FFA_NOTIFICATION_BITMAP_CREATE_32, 0, 0)),
              FFA_NOT_SUPPORTED);
}

TEST(notify_world, bitmaps)
{
    EXPECT_FFA_ERROR(create(0x8001, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(create(0x10000, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(create(SOMEBODY, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(create(SOMEBODY, 1000), FFA_NO_MEMORY);
    EXPECT_FFA_ERROR(destroy(SOMEBODY), FFA_DENIED);
    EXPECT_FFA_ERROR(destroy(0x8001), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(bind(AGENT, SOMEBODY, 0, 1), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(get(SOMEBODY, 1), FFA_NOT_SUPPORTED);
    EXPECT_EQ(get(NORMAL_WORLD, FFA_NOTIFICATION_GET_SP).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_GET_32, 4u << 16, FFA_NOTIFICATION_GET_SP),
                     FFA_NOT_SUPPORTED);
    EXPECT_EQ(create(SOMEBODY, 2).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(create(SOMEBODY, 2), FFA_DENIED);
    for (uint32_t i = 0; i < 15; i++) {
        EXPECT_EQ(create(100 + i, 1).x[0], FFA_SUCCESS_32);
    }
    EXPECT_FFA_ERROR(create(200, 1), FFA_NO_MEMORY);
    for (uint32_t i = 0; i < 15; i++) {
        EXPECT_EQ(destroy(100 + i).x[0], FFA_SUCCESS_32);
    }
    EXPECT_EQ(destroy(SOMEBODY).x[0], FFA_SUCCESS_32);
}

TEST(notify_world, refused)
{
    EXPECT_EQ(create(NORMAL_WORLD, 4).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(bind(0x8009, NORMAL_WORLD, 0, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(bind(SOMEBODY, NORMAL_WORLD, 0, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(bind(AGENT, SECOND, 0, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(bind(AGENT, NORMAL_WORLD, 2, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(bind(AGENT, NORMAL_WORLD, 0, 0), FFA_INVALID_PARAMETERS);
    EXPECT_EQ(bind(AGENT, NORMAL_WORLD, 0, 1).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(bind(SECOND, NORMAL_WORLD, 0, 1), FFA_DENIED);
    EXPECT_FFA_ERROR(unbind(SECOND, NORMAL_WORLD, 1), FFA_DENIED);
    EXPECT_FFA_ERROR(set(NORMAL_WORLD, AGENT, FFA_NOTIFICATION_DELAY_SRI, 1),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(set(AGENT, SECOND, 0, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(set(NORMAL_WORLD, AGENT, 0, 1), FFA_DENIED);
    EXPECT_FFA_ERROR(get(NORMAL_WORLD, FFA_NOTIFICATION_GET_VM), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(get(4u << 16, FFA_NOTIFICATION_GET_SP), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(get(AGENT, FFA_NOTIFICATION_GET_SP), FFA_INVALID_PARAMETERS);
    EXPECT_EQ(code(ask(AGENT, AGENT_SET, NORMAL_WORLD, 0, 2)), FFA_DENIED);
    EXPECT_EQ(code(ask(AGENT, AGENT_SET, SOMEBODY, 0, 1)), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_INFO_GET_64), FFA_NO_DATA);
    EXPECT_EQ(unbind(AGENT, NORMAL_WORLD, 1).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(destroy(NORMAL_WORLD).x[0], FFA_SUCCESS_32);
}

/* What an OS and its trusted OS do: the SP notifies, the interrupt comes, the OS asks. */
static void check_from_sp(uint16_t receiver, uint64_t flags)
{
    const uint64_t bits = UINT64_C(0x100000002);
    struct ffa_value result;

    EXPECT_EQ(create(receiver, 2).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(bind(AGENT, receiver, 0, bits).x[0], FFA_SUCCESS_32);
    EXPECT_FALSE(gic_is_pending(SRI));
    result = ask(AGENT, AGENT_SET, receiver, flags, bits);
    if (result.x[0] == FFA_INTERRUPT_32) {
        /* Not put off: it has come while the SP ran. */
        EXPECT_EQ(flags, 0);
        EXPECT_TRUE(gic_is_pending(SRI));
        gic_clear_pending(SRI);
        result = ffa_run(AGENT, 0);
    } else {
        EXPECT_EQ(flags, FFA_NOTIFICATION_DELAY_SRI);
        EXPECT_TRUE(gic_is_pending(SRI));
        gic_clear_pending(SRI);
    }
    EXPECT_EQ(code(result), 0);
    EXPECT_FFA_ERROR(destroy(receiver), FFA_DENIED);
    EXPECT_FFA_ERROR(unbind(AGENT, receiver, bits), FFA_DENIED);
    result = ffa_call(FFA_NOTIFICATION_INFO_GET_64);
    EXPECT_EQ(result.x[0], FFA_SUCCESS_64);
    EXPECT_EQ(result.x[2], 1 << 7);
    EXPECT_EQ(result.x[3], receiver);
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_INFO_GET_64), FFA_NO_DATA);
    result = get(receiver, FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM);
    EXPECT_EQ(result.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_notified_by_sps(&result), bits);
    EXPECT_EQ(ffa_notified_by_vms(&result), 0);
    result = get(receiver, FFA_NOTIFICATION_GET_SP);
    EXPECT_EQ(ffa_notified_by_sps(&result), 0);
    EXPECT_EQ(unbind(AGENT, receiver, bits).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(destroy(receiver).x[0], FFA_SUCCESS_32);
}

TEST(notify_world, from_an_sp)
{
    check_from_sp(NORMAL_WORLD, 0);
    check_from_sp(NORMAL_WORLD, FFA_NOTIFICATION_DELAY_SRI);
}

TEST(notify_world, from_an_sp_to_a_vm)
{
    check_from_sp(SOMEBODY, FFA_NOTIFICATION_DELAY_SRI);
}

TEST(notify_world, per_vcpu_from_an_sp)
{
    struct ffa_value result;

    EXPECT_EQ(create(SOMEBODY, 3).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(bind(AGENT, SOMEBODY, FFA_NOTIFICATION_PER_VCPU, 1).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(code(ask(AGENT, AGENT_SET, SOMEBODY, 3u << 16 | 3, 1)), FFA_INVALID_PARAMETERS);
    EXPECT_EQ(code(ask(AGENT, AGENT_SET, SOMEBODY, FFA_NOTIFICATION_DELAY_SRI, 1)),
              FFA_INVALID_PARAMETERS);
    EXPECT_EQ(code(ask(AGENT, AGENT_SET, SOMEBODY, 2u << 16 | 3, 1)), 0);
    result = ffa_call(FFA_NOTIFICATION_INFO_GET_64);
    EXPECT_EQ(result.x[2], 1 << 12 | 1 << 7);
    EXPECT_EQ(result.x[3], SOMEBODY | 2u << 16);
    result = get(SOMEBODY, FFA_NOTIFICATION_GET_SP);
    EXPECT_EQ(ffa_notified_by_sps(&result), 0);
    result = ffa_call(FFA_NOTIFICATION_GET_32, 2u << 16 | SOMEBODY, FFA_NOTIFICATION_GET_SP);
    EXPECT_EQ(ffa_notified_by_sps(&result), 1);
    EXPECT_EQ(unbind(AGENT, SOMEBODY, 1).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(destroy(SOMEBODY).x[0], FFA_SUCCESS_32);
    gic_clear_pending(SRI);
}

/* The SP is told when it runs. */
static void check_to_sp(uint16_t sender)
{
    struct ffa_value result;

    EXPECT_EQ(ask(AGENT, AGENT_LISTEN, 1, 0, 0).x[3], 5);
    EXPECT_EQ(code(ask(AGENT, AGENT_BIND, sender, 0, 0x50)), 0);
    EXPECT_FFA_ERROR(set((uint16_t)(sender + 1), AGENT, 0, 0x50), FFA_DENIED);
    EXPECT_EQ(set(sender, AGENT, 0, 0x50).x[0], FFA_SUCCESS_32);
    EXPECT_TRUE(gic_is_pending(SRI));
    gic_clear_pending(SRI);
    result = ffa_call(FFA_NOTIFICATION_INFO_GET_64);
    EXPECT_EQ(result.x[3], AGENT);
    (void)ask(AGENT, AGENT_DIARY, 0, 0, 0);
    EXPECT_EQ(ffa_run(AGENT, 0).x[0], FFA_MSG_WAIT_32);
    EXPECT_GE(ask(AGENT, AGENT_DIARY, 0, 0, 0).x[5], 1); /* NPI */
    result = ask(AGENT, AGENT_GET, 0, 0, 0);
    EXPECT_EQ(result.x[4], 0x50);
    EXPECT_EQ(code(ask(AGENT, AGENT_UNBIND, sender, 0x50, 0)), 0);
}

TEST(notify_world, to_an_sp)
{
    check_to_sp(NORMAL_WORLD);
    check_to_sp(SOMEBODY);
}

TEST(notify_world, message_to_an_sp)
{
    struct ffa_value result;

    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(code(ask(AGENT, AGENT_MAP, 1, 0, 0)), 0);
    memset(tx + sizeof(struct ffa_message_header), 0x11, 64);
    EXPECT_EQ(ffa_send2(tx, AGENT, 64).x[0], FFA_SUCCESS_32);
    EXPECT_TRUE(gic_is_pending(SRI));
    gic_clear_pending(SRI);
    EXPECT_FFA_ERROR(ffa_send2(tx, AGENT, 64), FFA_BUSY);
    EXPECT_EQ(ffa_call(FFA_NOTIFICATION_INFO_GET_64).x[3], AGENT);
    result = ask(AGENT, AGENT_GET, 0, 0, 0);
    EXPECT_EQ(result.x[5], FFA_NOTIFICATION_RX_FULL << 32); /* from a VM */
    EXPECT_EQ(code(ask(AGENT, AGENT_UNMAP, 0, 0, 0)), 0);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
}

TEST(notify_world, message_from_an_sp)
{
    const struct ffa_message_header_v1_1 *header = (const void *)rx;
    struct ffa_value result;

    EXPECT_EQ(create(NORMAL_WORLD, 4).x[0], FFA_SUCCESS_32);
    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(code(ask(AGENT, AGENT_MAP, 1, 0, 0)), 0);
    result = ask(AGENT, AGENT_SEND, NORMAL_WORLD, 32, 7);
    while (result.x[0] == FFA_INTERRUPT_32) {
        gic_clear_pending(SRI);
        result = ffa_run(AGENT, 0);
    }
    EXPECT_EQ(code(result), 0);
    EXPECT_EQ(ffa_call(FFA_NOTIFICATION_INFO_GET_64).x[3], NORMAL_WORLD);
    result = get(NORMAL_WORLD, FFA_NOTIFICATION_GET_SPM);
    EXPECT_EQ(result.x[6], FFA_NOTIFICATION_RX_FULL);
    EXPECT_EQ(header->sender, AGENT);
    EXPECT_EQ(header->receiver, NORMAL_WORLD);
    EXPECT_EQ(header->size, 32);
    EXPECT_EQ(ffa_call(FFA_RX_RELEASE_32).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(code(ask(AGENT, AGENT_UNMAP, 0, 0, 0)), 0);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(destroy(NORMAL_WORLD).x[0], FFA_SUCCESS_32);
    gic_clear_pending(SRI);
}
