/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The framework's own direct requests.
 */
#pragma once

/* x3 of the framework's direct requests; x4..x7 of a selection are the name. */
#define HFTEST_SELECT   UINT64_C(0x6866746573740001)
#define HFTEST_STOP     UINT64_C(0x6866746573740002)
/* To an SP with TESTs: x4..x7 a piece of its command, the last of which ends with 0. */
#define HFTEST_COMMAND  UINT64_C(0x6866746573740003)
#define HFTEST_NAME_MAX 32
#define HFTEST_SELECTED UINT64_C(1)
#define HFTEST_UNKNOWN  UINT64_C(2)
