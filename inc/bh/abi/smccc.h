/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Function identifiers of the SMC Calling Convention. Source: DEN0028 2.5 (layout), 7 (Arm
 * architecture calls).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SMCCC_FAST     UINT32_C(0x80000000) /* bit 31: fast call */
#define SMCCC_64       UINT32_C(0x40000000) /* bit 30: SMC64/HVC64 */
#define SMCCC_SVE_HINT UINT32_C(0x00010000) /* bit 16: caller has no live SVE state */

#define SMCCC_VERSION       UINT32_C(0x80000000)
#define SMCCC_ARCH_FEATURES UINT32_C(0x80000001)

#define SMCCC_VERSION_1_2   UINT64_C(0x10002)
#define SMCCC_NOT_SUPPORTED UINT64_MAX /* -1 */

/* The whole FF-A range of the standard secure services, rows or not. DEN0077A 11.1. */
#define SMCCC_FFA_FIRST UINT32_C(0x84000060)
#define SMCCC_FFA_COUNT UINT32_C(0x90) /* function numbers 0x60..0xef */

/* Registers that an allowed SMC exchanges with EL3: x0-x6; x7 carries the partition id. */
#define SMCCC_FORWARD_REGS 7

/* Architecture calls that SMCCC_ARCH_FEATURES and PSCI_FEATURES confirm. */
bool smccc_arch_is_supported(uint32_t fid);
