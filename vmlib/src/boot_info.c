/* SPDX-License-Identifier: BSD-3-Clause */
#include "vmlib_boot_info.h"

#include <libfdt.h>
#include <stddef.h>

#include "bh/base/libc.h"
#include "vmlib_exception.h"
#include "vmlib_io.h"

static const struct ffa_boot_info *info;
static uint64_t entry_register[BOOT_INFO_REGISTERS];
static uint32_t info_register;

/* A register may hold anything: reading there may fault, and then it is no address of ours. */
static bool is_boot_info(uint64_t address)
{
    if (address == 0 || address % 8 != 0) {
        return false;
    }
    exception_expect();
    uint32_t signature = io_read32(address);

    return exception_expected().count == 0 && signature == FFA_BOOT_INFO_SIGNATURE;
}

void boot_info_init(const uint64_t *registers)
{
    info = NULL;
    for (uint32_t i = 0; i < BOOT_INFO_REGISTERS; i++) {
        entry_register[i] = registers[i];
        if (info == NULL && is_boot_info(registers[i])) {
            info = (const void *)registers[i];
            info_register = i;
        }
    }
}

const struct ffa_boot_info *boot_info_get(void)
{
    return info;
}

uint32_t boot_info_register(void)
{
    return info_register;
}

uint64_t boot_info_entry_register(uint32_t number)
{
    return entry_register[number];
}

const void *boot_info_manifest(void)
{
    for (uint32_t i = 0; info != NULL && i < info->descriptor_count; i++) {
        const struct ffa_boot_info_descriptor *descriptor =
            (const void *)((const uint8_t *)info + info->descriptor_offset +
                           (uint64_t)i * info->descriptor_size);

        if (descriptor->type == FFA_BOOT_INFO_TYPE_FDT &&
            (descriptor->flags & FFA_BOOT_INFO_CONTENT_MASK) != FFA_BOOT_INFO_CONTENT_VALUE) {
            const void *manifest = (const void *)descriptor->content;

            return fdt_check_header(manifest) == 0 ? manifest : NULL;
        }
    }
    return NULL;
}

bool boot_info_try_cell(const char *property, uint32_t *value)
{
    int length = 0;
    const void *manifest = boot_info_manifest();
    const fdt32_t *cell = manifest == NULL ? NULL : fdt_getprop(manifest, 0, property, &length);

    if (cell == NULL || length != sizeof(*cell)) {
        return false;
    }
    *value = fdt32_to_cpu(*cell);
    return true;
}
