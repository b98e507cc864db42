/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The partitions of chain.dts. The test has vCPUs 0 and 1, on CPUs 0 and 1.
 */
#pragma once

#include "hftest.h"

#define SELF      hftest_id(1)
#define MANAGER   hftest_role()->manager
#define SCHEDULED hftest_id(2) /* v1.2; its second UUID takes requests with a UUID */
#define PINNED    hftest_id(3) /* v1.2; on CPU 2 */
#define OLD       hftest_id(4) /* v1.0, scheduled */
#define MIDDLE    hftest_id(5) /* v1.1, scheduled */
#define TWINS     hftest_id(6) /* v1.2, scheduled, two vCPUs */

static const struct ffa_uuid uuid_nil = {{0, 0, 0, 0}};
static const struct ffa_uuid uuid_common = {{0x10000001, 0x10000002, 0x10000003, 0x10000004}};
static const struct ffa_uuid uuid_second = {{0x20000001, 0x20000002, 0x20000003, 0x20000004}};
static const struct ffa_uuid uuid_nobody = {{0x20000001, 0x20000002, 0x20000003, 0x20000005}};
