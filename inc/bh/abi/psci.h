/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI function ids and codes. Source: DEN0022 chapter 5.
 */
#pragma once

#include <stdint.h>

#define PSCI_FID_FIRST UINT32_C(0x84000000)
#define PSCI_FID_COUNT UINT32_C(0x20) /* function numbers 0x00..0x1f belong to PSCI */

/* Function numbers; the id is 0x84000000 (32-bit) or 0xC4000000 (64-bit) plus the number. */
#define PSCI_VERSION_NR           UINT32_C(0x00)
#define PSCI_CPU_SUSPEND_NR       UINT32_C(0x01)
#define PSCI_CPU_OFF_NR           UINT32_C(0x02)
#define PSCI_CPU_ON_NR            UINT32_C(0x03)
#define PSCI_AFFINITY_INFO_NR     UINT32_C(0x04)
#define PSCI_MIGRATE_INFO_TYPE_NR UINT32_C(0x06)
#define PSCI_SYSTEM_OFF_NR        UINT32_C(0x08)
#define PSCI_SYSTEM_RESET_NR      UINT32_C(0x09)
#define PSCI_FEATURES_NR          UINT32_C(0x0a)
#define PSCI_SYSTEM_RESET2_NR     UINT32_C(0x12)

#define PSCI_VERSION_1_1 UINT64_C(0x10001)

#define PSCI_SUCCESS            0
#define PSCI_NOT_SUPPORTED      (-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_DENIED             (-3)
#define PSCI_ALREADY_ON         (-4)
#define PSCI_ON_PENDING         (-5)
#define PSCI_INTERNAL_FAILURE   (-6)
#define PSCI_INVALID_ADDRESS    (-9)

#define PSCI_AFFINITY_ON  0
#define PSCI_AFFINITY_OFF 1

/* CPU_SUSPEND, original power_state format (5.4.2.1). */
#define PSCI_POWER_STATE_DOWN (UINT32_C(1) << 16)
#define PSCI_POWER_STATE_MBZ  UINT32_C(0xfcfe0000)

/* MIGRATE_INFO_TYPE: no migration needed, or no trusted OS. */
#define PSCI_TOS_NOT_PRESENT_MP 2
