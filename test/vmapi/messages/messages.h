/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The partitions of messages.dts.
 */
#pragma once

#include "hftest.h"

#define SELF      hftest_id(1)
#define SCHEDULED hftest_id(2) /* by the test partition; two UUIDs; v1.2, para-virtual interrupts */
#define PINNED    hftest_id(3) /* on CPU 1; v1.1 */
#define MUTE      hftest_id(4) /* scheduled; no direct messages */
#define PLAIN     hftest_id(5) /* scheduled; not an FF-A endpoint; there is none among SPs */

static const struct ffa_uuid uuid_nil = {{0, 0, 0, 0}};
static const struct ffa_uuid uuid_scheduled = {{0x10000001, 0x10000002, 0x10000003, 0x10000004}};
static const struct ffa_uuid uuid_second = {{0x20000001, 0x20000002, 0x20000003, 0x20000004}};
static const struct ffa_uuid uuid_pinned = {{0x30000001, 0x30000002, 0x30000003, 0x30000004}};
