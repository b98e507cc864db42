/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI 1.1 as a partition sees it. Ids with _64 take 64-bit arguments. Source: DEN0022, chapter 5.
 */
#pragma once

#include <stdint.h>

#define PSCI_VERSION_FID           UINT64_C(0x84000000)
#define PSCI_CPU_SUSPEND_32        UINT64_C(0x84000001)
#define PSCI_CPU_SUSPEND_64        UINT64_C(0xc4000001)
#define PSCI_CPU_OFF_FID           UINT64_C(0x84000002)
#define PSCI_CPU_ON_32             UINT64_C(0x84000003)
#define PSCI_CPU_ON_64             UINT64_C(0xc4000003)
#define PSCI_AFFINITY_INFO_32      UINT64_C(0x84000004)
#define PSCI_AFFINITY_INFO_64      UINT64_C(0xc4000004)
#define PSCI_MIGRATE_32            UINT64_C(0x84000005)
#define PSCI_MIGRATE_INFO_TYPE_FID UINT64_C(0x84000006)
#define PSCI_SYSTEM_OFF_FID        UINT64_C(0x84000008)
#define PSCI_SYSTEM_RESET_FID      UINT64_C(0x84000009)
#define PSCI_FEATURES_FID          UINT64_C(0x8400000a)
#define PSCI_SYSTEM_SUSPEND_64     UINT64_C(0xc400000e)
#define PSCI_MEM_PROTECT_FID       UINT64_C(0x84000013)

#define PSCI_V1_1 UINT64_C(0x10001)

/* Results are signed 32-bit numbers in w0. */
enum psci_result {
    PSCI_OK = 0,
    PSCI_E_NOT_SUPPORTED = -1,
    PSCI_E_INVALID_PARAMETERS = -2,
    PSCI_E_DENIED = -3,
    PSCI_E_ALREADY_ON = -4,
    PSCI_E_ON_PENDING = -5,
    PSCI_E_INVALID_ADDRESS = -9,
};

enum psci_affinity { PSCI_IS_ON = 0, PSCI_IS_OFF = 1, PSCI_IS_ON_PENDING = 2 };

#define PSCI_MIGRATE_NOT_NEEDED 2
