/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a partition found at its start.
 */
#include <libfdt.h>

#include "hftest.h"
#include "services/service_ids.h"

extern uint8_t _start[]; /* the image's first byte */

/* 0: there is none. */
static uint64_t load_address(const void *manifest)
{
    int length = 0;
    const void *value = manifest == NULL ? NULL : fdt_getprop(manifest, 0, "load-address", &length);

    return length == sizeof(uint64_t) ? fdt64_ld(value) : 0;
}

static struct ffa_value answer(const struct ffa_value *request)
{
    const struct ffa_boot_info *info = boot_info_get();
    const void *manifest = boot_info_manifest();
    uint64_t length = 0;
    uint32_t version = 0;

    switch (request->x[3]) {
    case BOOT_REGISTER:
        return service_respond(request, boot_info_entry_register((uint32_t)request->x[4]), 0, 0);
    case BOOT_HEADER:
        return info == NULL ? service_respond(request, BOOT_NONE, 0, 0)
                            : service_respond(request, boot_info_register(), info->version,
                                              (uint64_t)info->descriptor_count << 32 | info->size);
    case BOOT_MANIFEST:
        boot_info_try_cell("ffa-version", &version);
        length = manifest == NULL ? 0 : fdt_totalsize(manifest);
        return service_respond(request, (uint64_t)manifest, version, length);
    default:
        return service_respond(request, load_address(manifest), (uint64_t)_start, 0);
    }
}

TEST_SERVICE(boot_info)
{
    struct ffa_value message = service_wait();

    for (;;) {
        message = ffa_is_request(&message) ? answer(&message) : service_wait();
    }
}
