/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The partitions of chain.dts. The test has vCPUs 0 and 1, on CPUs 0 and 1.
 */
#pragma once

#include "hftest.h"

#define SCHEDULED 2 /* v1.2; its second UUID takes requests with a UUID */
#define PINNED    3 /* v1.2; on CPU 2 */
#define OLD       4 /* v1.0, scheduled */
#define MIDDLE    5 /* v1.1, scheduled */
#define TWINS     6 /* v1.2, scheduled, two vCPUs */

static const struct ffa_uuid uuid_nil = {{0, 0, 0, 0}};
static const struct ffa_uuid uuid_common = {{0x10000001, 0x10000002, 0x10000003, 0x10000004}};
static const struct ffa_uuid uuid_second = {{0x20000001, 0x20000002, 0x20000003, 0x20000004}};
static const struct ffa_uuid uuid_nobody = {{0x20000001, 0x20000002, 0x20000003, 0x20000005}};
