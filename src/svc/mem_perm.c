/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/mem_perm.h"

#include <stddef.h>

#include "bh/base/num.h"

#define ACCESS (STAGE2_R | STAGE2_W | STAGE2_X)

/* The manifest's region with this page, or NULL. */
static const struct region_config *region_find(const struct vm_config *config, uint64_t ipa)
{
    for (uint32_t i = 0; i < config->region_count; i++) {
        const struct region_config *region = &config->region[i];

        if (ipa >= region->ipa.ipa && ipa - region->ipa.ipa < region->pa.size) {
            return region;
        }
    }
    return NULL;
}

/* A region may lack pages: those that others have at present. */
static bool is_mapped(const struct vm *vm, uint64_t ipa, uint64_t size)
{
    uint64_t done = 0;

    while (done < size) {
        struct stage2_entry entry = stage2_query(&vm->stage2, ipa_init(ipa + done));

        if (!entry.valid) {
            return false;
        }
        done += entry.span;
    }
    return true;
}

/* device: STAGE2_DEVICE if all of it must be device registers, else 0. */
static enum status check_access(const struct vm *vm, uint64_t ipa, uint64_t size, uint32_t device,
                                uint32_t access)
{
    if (device != 0 && (access & STAGE2_X) != 0) {
        return STATUS_INVALID;
    }
    while (size != 0) {
        const struct region_config *region = region_find(vm->config, ipa);
        uint64_t part;

        if (region == NULL || (region->attributes & STAGE2_DEVICE) != device) {
            return STATUS_INVALID;
        }
        part = num_min(size, region->ipa.ipa + region->pa.size - ipa);
        if (!is_mapped(vm, ipa, part)) {
            return STATUS_INVALID;
        }
        if ((access & ~region->attributes) != 0) {
            return STATUS_DENIED;
        }
        ipa += part;
        size -= part;
    }
    return STATUS_OK;
}

static bool is_range_sane(const struct vm *vm, uint64_t ipa, uint64_t pages)
{
    uint64_t limit = UINT64_C(1) << vm->stage2.ipa_bits;

    return pages != 0 && num_is_aligned(ipa, PAGE_SIZE) && ipa < limit &&
           pages <= (limit - ipa) / PAGE_SIZE;
}

enum status mem_perm_get(struct vm *vm, struct ipaddr ipa, uint32_t *access)
{
    struct vm_locked locked;
    struct stage2_entry entry;

    if (!is_range_sane(vm, ipa.ipa, 1)) {
        return STATUS_INVALID;
    }
    locked = vm_lock(vm);
    entry = stage2_query(&vm->stage2, ipa);
    vm_unlock(locked);
    *access = entry.attributes & ACCESS;
    return entry.valid ? STATUS_OK : STATUS_INVALID;
}

enum status mem_perm_set(struct vm *vm, struct ipaddr ipa, uint64_t pages, uint32_t access)
{
    struct vm_locked locked;
    uint32_t device;
    enum status status;

    if (!is_range_sane(vm, ipa.ipa, pages)) {
        return STATUS_INVALID;
    }
    locked = vm_lock(vm);
    device = stage2_query(&vm->stage2, ipa).attributes & STAGE2_DEVICE;
    status = check_access(vm, ipa.ipa, pages * PAGE_SIZE, device, access);
    if (status == STATUS_OK) {
        /* All leaves are pages: nothing to prepare. */
        stage2_commit_protect(&vm->stage2, ipa, pages * PAGE_SIZE, access | device);
    }
    vm_unlock(locked);
    return status;
}

void mem_perm_reset(struct vm *vm)
{
    for (uint32_t i = 0; i < vm->config->region_count; i++) {
        const struct region_config *region = &vm->config->region[i];

        stage2_commit_protect(&vm->stage2, region->ipa, region->pa.size,
                              vm_region_access(vm->config, region));
    }
}
