/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FF-A without a peer: identity, features, what results hold, buffers, console.
 */
#include "hftest_asm.h"
#include "messages.h"

static uint8_t tx[2 * FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[2 * FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

HFTEST_SERVICES(2, 3);

TEST(ffa_setup, id)
{
    struct ffa_value result = ffa_call(FFA_ID_GET_32, 1, 2, 3, 4, 5, 6, 7);

    EXPECT_EQ(result.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(result.x[2], SELF);
    for (uint32_t i = 1; i < 8; i++) {
        EXPECT_EQ(result.x[i], i == 2 ? SELF : 0);
    }
    result = ffa_call_smc((struct ffa_value){{FFA_ID_GET_32}});
    EXPECT_EQ(result.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(result.x[2], SELF);
}

/* What a result does not use is zero up to x7, and kept from x8 on. */
TEST(ffa_setup, registers)
{
    static const uint64_t calls[] = {FFA_ID_GET_32, FFA_MSG_POLL_32, FFA_RX_RELEASE_32};
    uint64_t in[31];
    uint64_t out[31];

    for (uint32_t c = 0; c < 3; c++) {
        for (uint32_t i = 1; i < 31; i++) {
            in[i] = 0x1111000000000000 * (c + 1) + i;
        }
        in[0] = calls[c];
        in[1] = 0; /* a VM's id where there is a hypervisor */
        hftest_call_pattern(in, out, c == 1);
        EXPECT_EQ(out[1], 0);
        for (uint32_t i = 3; i < 8; i++) {
            EXPECT_EQ(out[i], 0);
        }
        for (uint32_t i = 8; i < 31; i++) {
            EXPECT_EQ(out[i], in[i]);
        }
    }
}

TEST(ffa_setup, features)
{
    static const uint64_t present[] = {
        FFA_VERSION_32,
        FFA_FEATURES_32,
        FFA_ID_GET_32,
        FFA_RXTX_MAP_64,
        FFA_RXTX_UNMAP_32,
        FFA_RX_RELEASE_32,
        FFA_PARTITION_INFO_GET_32,
        FFA_PARTITION_INFO_GET_REGS_64,
        FFA_MSG_SEND_DIRECT_REQ_32,
        FFA_MSG_SEND_DIRECT_REQ_64,
        FFA_MSG_SEND_DIRECT_RESP_32,
        FFA_MSG_SEND_DIRECT_RESP_64,
        FFA_MSG_WAIT_32,
        FFA_RUN_32,
        FFA_CONSOLE_LOG_32,
        FFA_CONSOLE_LOG_64,
        FFA_ERROR_32,
        FFA_SUCCESS_32,
        FFA_INTERRUPT_32,
    };
    static const uint64_t absent[] = {
        FFA_MSG_POLL_32,
        FFA_MSG_SEND_32,
        FFA_NORMAL_WORLD_RESUME_32,
        FFA_EL3_INTR_HANDLE_32,
        FFA_MEM_PERM_GET_32,
        FFA_SECONDARY_EP_REGISTER_64,
        FFA_FID_64(0x69), /* ID_GET has no 64-bit form */
        FFA_FID_32(0x8b),
        FFA_FID_32(0xef),
        FFA_FID_32(0x5f),
        0xdeadbeef,
    };

    for (uint32_t i = 0; i < sizeof(present) / sizeof(present[0]); i++) {
        struct ffa_value result = ffa_features(present[i]);

        if (result.x[0] != FFA_SUCCESS_32) {
            hftest_fail(__FILE__, __LINE__, "0x%lx is missing", present[i]);
        }
    }
    for (uint32_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        struct ffa_value result = ffa_features(absent[i]);

        if (ffa_error_code(&result) != FFA_NOT_SUPPORTED) {
            hftest_fail(__FILE__, __LINE__, "0x%lx: 0x%lx", absent[i], result.x[0]);
        }
    }
    EXPECT_EQ(ffa_features(FFA_YIELD_32).x[0],
              hftest_role()->is_partition ? FFA_SUCCESS_32 : FFA_ERROR_32);
    EXPECT_EQ(ffa_features(FFA_RX_ACQUIRE_32).x[0],
              hftest_side() == HFTEST_NORMAL_WORLD ? FFA_SUCCESS_32 : FFA_ERROR_32);
    /* Buffers of 4 KiB. */
    EXPECT_EQ(ffa_features(FFA_RXTX_MAP_64).x[2] & 3, 0);
}

TEST(ffa_setup, feature_ids)
{
    EXPECT_FFA_ERROR(ffa_features(0), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_features(0xff), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_features(0x100), FFA_NOT_SUPPORTED);
}

TEST(ffa_setup, unknown_functions)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "functions_unknown of conformance_* says which EL3 has itself");
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_POLL_32), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_ACQUIRE_32), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_NORMAL_WORLD_RESUME_32), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_SPM_ID_GET_32), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_SUCCESS_32), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_INTERRUPT_32), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_FID_64(0x69)), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_FID_32(0xef)), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_FID_64(0xef)), FFA_NOT_SUPPORTED);
}

TEST(ffa_setup, rxtx_map)
{
    EXPECT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_rxtx_map(tx + FFA_PAGE_SIZE, rx + FFA_PAGE_SIZE, 1), FFA_DENIED);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_rxtx_map(tx, rx, 2).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_MAP_32, (uint64_t)tx, (uint64_t)rx, 1), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_UNMAP_32), FFA_INVALID_PARAMETERS);
    /* The pages are the partition's as before. */
    tx[0] = 1;
    rx[0] = 2;
    EXPECT_EQ(tx[0] + rx[0], 3);
}

#define OWN_CASES 4 /* in the caller's memory */

TEST(ffa_setup, rxtx_map_refusals)
{
    /* Of what is not the normal world's, it is told apart. */
    int32_t foreign = hftest_side() == HFTEST_NORMAL_WORLD ? FFA_DENIED : FFA_INVALID_PARAMETERS;
    static const struct {
        uint64_t tx, rx, pages;
    } cases[] = {
        {0, 0, 0},          {1, 0, 1},
        {0, 8, 1},                                      /* none; not aligned */
        {0, 0, 63},                                     /* too many */
        {0x0b000000, 0, 1}, {0, 0x0b000000, 1},         /* nothing there */
        {0x08000000, 0, 1}, {0, 0x09000000, 1},         /* emulated devices */
        {1ul << 47, 0, 1},  {0, 0xfffffffffffff000, 1}, /* outside all */
    };

    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t t = cases[i].tx < 16 ? (uint64_t)tx + cases[i].tx : cases[i].tx;
        uint64_t r = cases[i].rx < 16 ? (uint64_t)rx + cases[i].rx : cases[i].rx;
        struct ffa_value result = ffa_call(FFA_RXTX_MAP_64, t, r, cases[i].pages);

        if (ffa_error_code(&result) !=
            (enum ffa_code)(i < OWN_CASES ? FFA_INVALID_PARAMETERS : foreign)) {
            hftest_fail(__FILE__, __LINE__, "case %u: 0x%lx code %d", i, result.x[0],
                        (int)ffa_error_code(&result));
        }
    }
    /* The same page twice. */
    EXPECT_FFA_ERROR(ffa_rxtx_map(tx, tx, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_rxtx_map(tx, tx + FFA_PAGE_SIZE, 2), FFA_INVALID_PARAMETERS);
    /* None of it left a mapping. */
    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_UNMAP_32), FFA_INVALID_PARAMETERS);
}

TEST(ffa_setup, rx_release_without_ownership)
{
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32), FFA_DENIED);
    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32), FFA_DENIED);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
}

TEST(ffa_setup, rxtx_unmap_refusals)
{
    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_UNMAP_32), FFA_INVALID_PARAMETERS);
    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_UNMAP_32, 0x20000), FFA_INVALID_PARAMETERS);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
}

TEST(ffa_setup, console_log)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "TF-A does not pass FFA_CONSOLE_LOG on");
    EXPECT_EQ(ffa_call(FFA_CONSOLE_LOG_32, 4, 0x0a636261).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_console_log("console log of 64-bit registers\n", 32).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_CONSOLE_LOG_32, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_CONSOLE_LOG_64, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_CONSOLE_LOG_32, FFA_CONSOLE_LOG_32_MAX + 1),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_CONSOLE_LOG_64, FFA_CONSOLE_LOG_64_MAX + 1),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_CONSOLE_LOG_64, UINT64_MAX), FFA_INVALID_PARAMETERS);
}

/* The upper halves of a 32-bit call's arguments are nobody's. */
TEST(ffa_setup, upper_halves_are_ignored)
{
    struct ffa_value result =
        ffa_call(FFA_FEATURES_32, UINT64_C(0xabcdef0100000000) | FFA_ID_GET_32);

    EXPECT_EQ(result.x[0], FFA_SUCCESS_32);
    result = ffa_call(FFA_YIELD_32, UINT64_C(0x100000000));
    EXPECT_EQ(ffa_error_code(&result), hftest_partition_code(FFA_OK));
}
