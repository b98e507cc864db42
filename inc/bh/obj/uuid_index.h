/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a UUID to the partitions that offer it, without a look at the others. Built once from the
 * configuration, read-only ever after. Locks: none. Context: any after config_set.
 *
 * A code names one UUID of one partition: uuid_code_vm(code) is its position in the configuration,
 * uuid_code_entry(code) the one in its list of UUIDs.
 */
#pragma once

#include <stdint.h>

#include "bh/obj/config.h"

#define UUID_CODE_END UINT32_C(0xffff)

static inline uint32_t uuid_code_vm(uint32_t code)
{
    return code / CONFIG_MAX_UUIDS;
}

static inline uint32_t uuid_code_entry(uint32_t code)
{
    return code % CONFIG_MAX_UUIDS;
}

/* config->vm_count <= CONFIG_MAX_VMS. */
void uuid_index_build(const struct system_config *config);
/* Code of the first partition with this UUID, in the order of the configuration, or
 * UUID_CODE_END. */
uint32_t uuid_index_first(const struct uuid *uuid);
/* The one after code, with the same UUID. */
uint32_t uuid_index_next(uint32_t code, const struct uuid *uuid);
