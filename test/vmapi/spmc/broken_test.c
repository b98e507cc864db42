/* SPDX-License-Identifier: BSD-3-Clause */
/* Partitions that do not start, and one that does all the same: broken.dts. */
#include "spmc.h"

#define SAYS_SO 0x8001
#define FAULTS  0x8002
#define LIVES   0x8003

TEST(broken, others_start)
{
    SERVICE_SELECT(LIVES, "echo");
    EXPECT_EQ(ffa_direct_req(LIVES, 1, 0, 0).x[3], 2);
    EXPECT_FFA_ERROR(ffa_direct_req(SAYS_SO, 1, 0, 0), FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_direct_req(FAULTS, 1, 0, 0), FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_run(SAYS_SO, 0), FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_run(FAULTS, 0), FFA_ABORTED);
    SERVICE_SELECT(LIVES, "relay");
    EXPECT_EQ((int32_t)ffa_direct_req(LIVES, FAULTS, 0, 0).x[4], FFA_ABORTED);
}
