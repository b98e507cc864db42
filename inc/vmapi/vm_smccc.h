/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SMC Calling Convention as a partition sees it. Source: DEN0028 1.2, chapters 2 and 7.
 */
#pragma once

#include <stdint.h>

#define SMCCC_VERSION_FID           UINT64_C(0x80000000)
#define SMCCC_ARCH_FEATURES_FID     UINT64_C(0x80000001)
#define SMCCC_ARCH_SOC_ID_FID       UINT64_C(0x80000002)
#define SMCCC_ARCH_WORKAROUND_1_FID UINT64_C(0x80008000)
#define SMCCC_TRNG_VERSION_FID      UINT64_C(0x84000050)
#define SMCCC_VENDOR_HYP_UID_FID    UINT64_C(0x8600ff01)

#define SMCCC_SVE_HINT_BIT UINT64_C(0x00010000)
#define SMCCC_V1_2         UINT64_C(0x10002)
/* Unknown function: all ones in x0 (64-bit) or w0 (32-bit). */
#define SMCCC_UNKNOWN      UINT64_MAX
