/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_VERSION: what is refused, and that the first other call fixes the version. The order of the
 * tests counts: each boot has one negotiation.
 */
#include "hftest.h"

static void expect_version(uint64_t asked, uint64_t expected)
{
    struct ffa_value result = ffa_version(asked);

    EXPECT_EQ(result.x[0], expected);
    for (uint32_t i = 1; i < 8; i++) {
        EXPECT_EQ(result.x[i], 0);
    }
}

TEST(version, a_refused)
{
    expect_version(0x80010002, FFA_VERSION_REFUSED);
    expect_version(0x80000000, FFA_VERSION_REFUSED);
    expect_version(0x20000, FFA_VERSION_REFUSED);
    expect_version(0x9, FFA_VERSION_REFUSED);
    expect_version(0x10fff, FFA_VERSION_REFUSED);
    expect_version(0, FFA_VERSION_REFUSED);
}

TEST(version, b_may_change_before_first_call)
{
    expect_version(FFA_VERSION_1_0, FFA_VERSION_1_2);
    expect_version(FFA_VERSION_1_2, FFA_VERSION_1_2);
    expect_version(FFA_VERSION_1_1, FFA_VERSION_1_2);
    /* A call that fails fixes nothing. */
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_POLL_32), FFA_NOT_SUPPORTED);
    expect_version(FFA_VERSION_1_2, FFA_VERSION_1_2);
    expect_version(FFA_VERSION_1_1, FFA_VERSION_1_2);
}

TEST(version, c_fixed_by_first_call)
{
    expect_version(FFA_VERSION_1_1, FFA_VERSION_1_2);
    EXPECT_EQ(ffa_features(FFA_ID_GET_32).x[0], FFA_SUCCESS_32);
    expect_version(FFA_VERSION_1_1, FFA_VERSION_1_2);
    expect_version(FFA_VERSION_1_0, FFA_VERSION_REFUSED);
    expect_version(FFA_VERSION_1_2, FFA_VERSION_REFUSED);
    expect_version(0x20000, FFA_VERSION_REFUSED);
    expect_version(FFA_VERSION_1_1, FFA_VERSION_1_2);
}

/* Functions of later versions do not exist for this caller. */
TEST(version, d_functions_of_later_versions)
{
    expect_version(FFA_VERSION_1_1, FFA_VERSION_1_2);
    EXPECT_EQ(ffa_features(FFA_ID_GET_32).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_REGS_64), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_features(FFA_PARTITION_INFO_GET_REGS_64), FFA_NOT_SUPPORTED);
    /* 48 characters are the most that this version's registers hold; EL3 does not pass it on. */
    EXPECT_FFA_ERROR(ffa_call(FFA_CONSOLE_LOG_64, 49), hftest_side() == HFTEST_NORMAL_WORLD
                                                           ? FFA_NOT_SUPPORTED
                                                           : FFA_INVALID_PARAMETERS);
}
