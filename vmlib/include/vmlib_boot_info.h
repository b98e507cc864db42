/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The boot information that an FF-A partition's manifest asks for, and the manifest itself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vmapi/ffa_boot.h"

#define BOOT_INFO_REGISTERS 4

/* x0 to x3 at entry. */
void boot_info_init(const uint64_t *registers);
/* NULL: none of the registers has an address of it. */
const struct ffa_boot_info *boot_info_get(void);
/* Number of the register. */
uint32_t boot_info_register(void);
/* x0 to x3 at entry, whatever they were. */
uint64_t boot_info_entry_register(uint32_t number);
/* The partition manifest, a device tree; NULL: it is not part of the boot information. */
const void *boot_info_manifest(void);
/* A property of the manifest's root that is one cell. */
bool boot_info_try_cell(const char *property, uint32_t *value);
