/* SPDX-License-Identifier: BSD-3-Clause */
/* What FFA_NOTIFICATION_* refuse, to callers of every version. */
#include "services/agents.h"

struct refusal {
    uint64_t w1, w2, w3, w4;
    int32_t code;
};

#define W1(high, low) ((uint64_t)(high) << 16 | (low))

static void expect_refusals(uint64_t fid, const struct refusal *row, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, row++) {
        struct ffa_value result = ffa_call(fid, row->w1, row->w2, row->w3, row->w4);

        if (ffa_error_code(&result) != (enum ffa_code)row->code || result.x[1] != 0 ||
            result.x[3] != 0) {
            hftest_fail(__FILE__, __LINE__, "call 0x%lx, row %u: code %d instead of %d", fid, i,
                        (int)ffa_error_code(&result), row->code);
        }
    }
}

#define EXPECT_REFUSALS(fid, table)                                                                \
    expect_refusals(fid, table, (uint32_t)(sizeof(table) / sizeof((table)[0])))

SET_UP(notif_refusals)
{
    notifications_forget();
}

static void ids_refused(uint64_t fid)
{
    const struct refusal bindings[] = {
        {W1(TESTER, TESTER), 0, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(FIRST, SECOND), 0, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), 0, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(77, TESTER), 0, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(hftest_role()->manager, TESTER), 0, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(0x80ff, TESTER), 0, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(0xffff, TESTER), 0, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(FIRST, TESTER), 0, 0, 0, FFA_INVALID_PARAMETERS},
    };

    EXPECT_REFUSALS(fid, bindings);
}

static void bindings_refused(uint64_t fid)
{
    const struct refusal bind_flags[] = {
        {W1(FIRST, TESTER), 2, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(FIRST, TESTER), 0x10001, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(FIRST, TESTER), 0x80000000, 1 << 20, 0, FFA_INVALID_PARAMETERS},
    };
    /* PINNED has bits 20 and 21, the latter per vCPU. */
    const struct refusal bind_owned[] = {
        {W1(FIRST, TESTER), 0, 1 << 20, 0, FFA_DENIED},
        {W1(FIRST, TESTER), 1, 3 << 21, 0, FFA_DENIED},
        {W1(PINNED, TESTER), 1, 1 << 20, 0, FFA_DENIED},
        {W1(PINNED, TESTER), 0, 1 << 21, 0, FFA_DENIED},
    };

    EXPECT_REFUSALS(fid, bind_flags);
    EXPECT_REFUSALS(fid, bind_owned);
}

static void unbindings_refused(uint64_t fid)
{
    const struct refusal unbind_owned[] = {
        {W1(FIRST, TESTER), 0, 1 << 20, 0, FFA_DENIED},
        {W1(PINNED, TESTER), 0, 7 << 20, 0, FFA_DENIED},
        {W1(PINNED, TESTER), 0, 1 << 20, 1, FFA_DENIED},
        {W1(PINNED, TESTER), 1, 1 << 20, 0, FFA_INVALID_PARAMETERS},
        {W1(PINNED, TESTER), 1, 0, 0, FFA_INVALID_PARAMETERS},
    };

    EXPECT_REFUSALS(fid, unbind_owned);
}

TEST(notif_refusals, bindings)
{
    SERVICE_SELECT(PINNED, "agent");
    EXPECT_SUCCESS(ffa_notification_bind(PINNED, 0, 1 << 20));
    EXPECT_SUCCESS(ffa_notification_bind(PINNED, FFA_NOTIFICATION_PER_VCPU, 1 << 21));
    ids_refused(FFA_NOTIFICATION_BIND_32);
    bindings_refused(FFA_NOTIFICATION_BIND_32);
    ids_refused(FFA_NOTIFICATION_UNBIND_32);
    unbindings_refused(FFA_NOTIFICATION_UNBIND_32);
    /* Again the same is no mistake. */
    EXPECT_SUCCESS(ffa_notification_bind(PINNED, 0, 1 << 20));
    /* Pending ones stay bound. */
    AGENT_OK(PINNED, AGENT_SET, TESTER, UINT64_C(1) << 16 | 1, 1 << 21);
    EXPECT_FFA_ERROR(ffa_notification_unbind(PINNED, 3 << 20), FFA_DENIED);
    (void)ffa_notification_get(1, agents_role()->peers);
    EXPECT_SUCCESS(ffa_notification_unbind(PINNED, 3 << 20));
    EXPECT_FFA_ERROR(ffa_notification_unbind(PINNED, 1 << 20), FFA_DENIED);
}

static void sets_refused(uint64_t fid)
{
    /* FIRST has bound bit 22 to the test partition, bit 23 per vCPU. */
    const struct refusal sets[] = {
        {W1(TESTER, TESTER), 0, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(PINNED, FIRST), 0, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, 77), 0, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, hftest_role()->manager), 0, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, 0x80ff), 0, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), 0, 0, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), FFA_NOTIFICATION_DELAY_SRI, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), 4, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), 0x8000, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), 0x10000, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), 0x10001, 1 << 23, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), 1, 1 << 22, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), 0, 1 << 23, 0, FFA_INVALID_PARAMETERS},
        {W1(TESTER, FIRST), 0, 1 << 24, 0, FFA_DENIED},
        {W1(TESTER, FIRST), 0, 5 << 22, 0, FFA_DENIED},
        {W1(TESTER, FIRST), 0, 0, 1, FFA_DENIED},
        {W1(TESTER, SECOND), 0, 1 << 22, 0, FFA_DENIED},
        {W1(TESTER, OLD), 0, 1 << 22, 0, FFA_DENIED},
        {W1(TESTER, DEAF), 0, 1 << 22, 0, FFA_DENIED},
    };

    EXPECT_REFUSALS(fid, sets);
}

static void gets_refused(uint64_t fid)
{
    const struct refusal gets[] = {
        {W1(0, FIRST), 1, 0, 0, FFA_INVALID_PARAMETERS},
        {W1(0, hftest_role()->manager), 1, 0, 0, FFA_INVALID_PARAMETERS},
        {W1(2, TESTER), 1, 0, 0, FFA_INVALID_PARAMETERS},
        {W1(0xffff, TESTER), 1, 0, 0, FFA_INVALID_PARAMETERS},
        {W1(0, TESTER), 0x10, 0, 0, FFA_INVALID_PARAMETERS},
        {W1(0, TESTER), 0x80000001, 0, 0, FFA_INVALID_PARAMETERS},
    };

    EXPECT_REFUSALS(fid, gets);
}

TEST(notif_refusals, set_and_get)
{
    SERVICE_SELECT(FIRST, "agent");
    AGENT_OK(FIRST, AGENT_BIND, TESTER, 0, 1 << 22);
    AGENT_OK(FIRST, AGENT_BIND, TESTER, FFA_NOTIFICATION_PER_VCPU, 1 << 23);
    sets_refused(FFA_NOTIFICATION_SET_32);
    gets_refused(FFA_NOTIFICATION_GET_32);
    EXPECT_EQ(AGENT_OK(FIRST, AGENT_GET, 0, 0, 0).x[4], 0);
    EXPECT_NO_INFO();
}

/* Functions of other callers. */
TEST(notif_refusals, not_for_partitions)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "these are its own: notify_world/bitmaps");
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_BITMAP_CREATE_32, TESTER, 2), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_BITMAP_DESTROY_32, TESTER), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_features(FFA_NOTIFICATION_BITMAP_CREATE_32), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_ACQUIRE_32, TESTER), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_features(FFA_RX_ACQUIRE_32), FFA_NOT_SUPPORTED);
}

/* The call fid with three arguments, made by the "call" service of vm. */
static void expect_code_in(uint16_t vm, uint64_t fid, uint64_t a, uint64_t b, uint64_t c,
                           int32_t code)
{
    struct ffa_value result =
        ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(TESTER, vm), 0, fid, a, b, c);

    ASSERT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], FFA_ERROR_32);
    EXPECT_EQ((uint32_t)result.x[5], (uint32_t)code);
}

TEST(notif_refusals, old_version)
{
    static const uint64_t fids[] = {
        FFA_NOTIFICATION_BIND_32, FFA_NOTIFICATION_UNBIND_32,   FFA_NOTIFICATION_SET_32,
        FFA_NOTIFICATION_GET_32,  FFA_NOTIFICATION_INFO_GET_32, FFA_NOTIFICATION_INFO_GET_64,
    };

    SERVICE_SELECT(OLD, "call");
    for (uint32_t i = 0; i < sizeof(fids) / sizeof(fids[0]); i++) {
        expect_code_in(OLD, fids[i], W1(TESTER, OLD), 0, 1, FFA_NOT_SUPPORTED);
        expect_code_in(OLD, FFA_FEATURES_32, fids[i], 0, 0, FFA_NOT_SUPPORTED);
    }
}

TEST(notif_refusals, no_support)
{
    SERVICE_SELECT(DEAF, "call");
    expect_code_in(DEAF, FFA_NOTIFICATION_BIND_32, W1(TESTER, DEAF), 0, 1, FFA_NOT_SUPPORTED);
    expect_code_in(DEAF, FFA_NOTIFICATION_UNBIND_32, W1(TESTER, DEAF), 0, 1, FFA_NOT_SUPPORTED);
    expect_code_in(DEAF, FFA_NOTIFICATION_SET_32, W1(DEAF, TESTER), 0, 1, FFA_DENIED);
}

/* Only schedulers have a list. */
TEST(notif_refusals, no_scheduler)
{
    SERVICE_SELECT(FIRST, "call");
    SERVICE_SELECT(PINNED, "call");
    expect_code_in(FIRST, FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, FFA_NOT_SUPPORTED);
    expect_code_in(FIRST, FFA_FEATURES_32, FFA_NOTIFICATION_INFO_GET_64, 0, 0, FFA_NOT_SUPPORTED);
    expect_code_in(PINNED, FFA_NOTIFICATION_INFO_GET_32, 0, 0, 0, FFA_NOT_SUPPORTED);
    EXPECT_NO_INFO();
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_INFO_GET_32), FFA_NO_DATA);
}
