/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An EL3 that speaks FF-A 1.1 and asks the SPMC for its version: what is newer never gets past it.
 */
#include "spmc.h"

TEST(old_el3, is_what_the_normal_world_speaks)
{
    EXPECT_EQ(ffa_version(FFA_VERSION_1_0).x[0], FFA_VERSION_1_1);
    EXPECT_EQ(ffa_version(FFA_VERSION_1_2).x[0], FFA_VERSION_1_1);
    EXPECT_EQ(ffa_version(0x20000).x[0], FFA_VERSION_REFUSED);
    /* This fixes it. */
    EXPECT_FFA_ERROR(ffa_features(FFA_PARTITION_INFO_GET_REGS_64), FFA_NOT_SUPPORTED);
    EXPECT_EQ(ffa_features(FFA_NOTIFICATION_GET_32).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_version(FFA_VERSION_1_0).x[0], FFA_VERSION_REFUSED);
    EXPECT_EQ(ffa_version(FFA_VERSION_1_2).x[0], FFA_VERSION_1_1);
}
