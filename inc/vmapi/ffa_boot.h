/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Boot information of a partition: DEN0077A 5.4.2. Its address is in the general register that the
 * partition manifest names (gp-register-num).
 */
#pragma once

#include <stdint.h>

#define FFA_BOOT_INFO_SIGNATURE UINT32_C(0x0ffa)

/* Table 5.8. */
struct ffa_boot_info {
    uint32_t signature;
    uint32_t version; /* of FF-A, as the partition manifest has it */
    uint32_t size;    /* of all */
    uint32_t descriptor_size;
    uint32_t descriptor_count;
    uint32_t descriptor_offset; /* from the header's start */
    uint64_t reserved;
};
_Static_assert(sizeof(struct ffa_boot_info) == 32, "DEN0077A 1.1 table 5.8");

#define FFA_BOOT_INFO_TYPE_FDT      0u
#define FFA_BOOT_INFO_CONTENT_MASK  (UINT16_C(3) << 2)
#define FFA_BOOT_INFO_CONTENT_VALUE (UINT16_C(1) << 2) /* else an address */

/* Table 5.9. */
struct ffa_boot_info_descriptor {
    uint8_t name[16];
    uint8_t type;
    uint8_t reserved;
    uint16_t flags;
    uint32_t size; /* of the content */
    uint64_t content;
};
_Static_assert(sizeof(struct ffa_boot_info_descriptor) == 32, "DEN0077A 1.1 table 5.9");
