/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_PARTITION_INFO_GET and FFA_PARTITION_INFO_GET_REGS. The list is the configuration, which
 * never changes: no lock but that of the caller's RX buffer. Source: DEN0077A 6.2, 13.8, 13.9.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/ffa_compat.h"
#include "bh/base/libc.h"
#include "bh/obj/uuid_index.h"
#include "bh/svc/spmc_below.h"

#include <stddef.h>

/* What the caller asks, and how far the answer has got. */
struct partinfo_cursor {
    const struct vm_config *asker;
    struct uuid uuid; /* wanted; nil: everything */
    bool is_nil;
    bool per_uuid;  /* an entry per UUID (v1.2), not per partition */
    uint32_t code;  /* next candidate (obj/uuid_index.h); of all entries in turn if is_nil */
    uint32_t below; /* next candidate of the SPMC's list */
};

/* Where the list of those below begins. An SPMC has EL3's there: for SPs, and in registers only. */
static uint32_t partinfo_below(const struct vm *asker, bool in_registers)
{
    bool is_hidden = role_is_secure() && (!in_registers || role_vm_is_world(asker->config));

    return is_hidden ? UINT32_MAX : 0;
}

static struct partinfo_cursor partinfo_start(const struct vm *asker, struct uuid uuid,
                                             bool in_registers)
{
    bool is_nil = (uuid.word[0] | uuid.word[1] | uuid.word[2] | uuid.word[3]) == 0;

    return (struct partinfo_cursor){
        .asker = asker->config,
        .uuid = uuid,
        .is_nil = is_nil,
        .per_uuid = ffa_version_of(asker) >= FFA_VERSION_1_2,
        .code = is_nil ? 0 : uuid_index_first(&uuid),
        .below = partinfo_below(asker, in_registers),
    };
}

/* Entries of a partition: one per UUID for those who understand it; one when there is no UUID. */
static uint32_t partinfo_entries(const struct partinfo_cursor *cursor, const struct vm_config *vm)
{
    if (vm->ffa_version == 0 || role_vm_is_world(vm) || vm->contract == VM_CONTRACT_PRIMARY) {
        return 0;
    }
    if (cursor->is_nil && !cursor->per_uuid) {
        return 1;
    }
    return vm->uuid_count == 0 ? (cursor->is_nil ? 1 : 0) : vm->uuid_count;
}

/* Messages that nobody can send or receive yet are not offered. */
static uint32_t partinfo_implemented(void)
{
    uint32_t bits = FFA_PROPERTY_RECEIVES_DIRECT | FFA_PROPERTY_SENDS_DIRECT;

    if (ffa_row_exists(FFA_MSG_SEND2_32)) {
        bits |= FFA_PROPERTY_INDIRECT;
    }
    if (ffa_row_exists(FFA_MSG_SEND_DIRECT_REQ2_64)) {
        bits |= FFA_PROPERTY_RECEIVES_DIRECT2 | FFA_PROPERTY_SENDS_DIRECT2;
    }
    return bits;
}

static struct ffa_partinfo partinfo_of(const struct partinfo_cursor *cursor,
                                       const struct vm_config *vm, uint32_t entry)
{
    uint32_t messaging = cursor->per_uuid ? vm->messaging[entry] : ffa_messaging_of(vm);
    uint32_t properties = (messaging & partinfo_implemented()) | FFA_PROPERTY_AARCH64 |
                          (vm->notifications ? FFA_PROPERTY_NOTIFICATIONS : 0);
    struct ffa_partinfo info = {
        .id = vm->id,
        .contexts = (uint16_t)vm->vcpu_count,
        .properties = role_visible_properties(cursor->asker, vm, properties),
    };

    if (cursor->is_nil && vm->uuid_count != 0) {
        info.uuid = vm->uuid[entry];
    }
    return info;
}

/* The next entry of all; false at the end. */
static const struct vm_config *partinfo_next_of_all(struct partinfo_cursor *cursor, uint32_t *found)
{
    const struct system_config *config = config_get();

    while (uuid_code_vm(cursor->code) < config->vm_count) {
        const struct vm_config *vm = &config->vm[uuid_code_vm(cursor->code)];
        uint32_t entry = uuid_code_entry(cursor->code);

        if (entry < partinfo_entries(cursor, vm)) {
            cursor->code++;
            *found = entry;
            return vm;
        }
        cursor->code += CONFIG_MAX_UUIDS - entry;
    }
    return NULL;
}

/* Moves to the next match of this core; NULL at the end. found: index of the entry in its
 * partition. */
static const struct vm_config *partinfo_next_own(struct partinfo_cursor *cursor, uint32_t *found)
{
    if (cursor->is_nil) {
        return partinfo_next_of_all(cursor, found);
    }
    while (cursor->code != UUID_CODE_END) {
        const struct vm_config *vm = &config_get()->vm[uuid_code_vm(cursor->code)];

        *found = uuid_code_entry(cursor->code);
        cursor->code = uuid_index_next(cursor->code, &cursor->uuid);
        if (partinfo_entries(cursor, vm) != 0) {
            return vm;
        }
    }
    return NULL;
}

/* Partitions of the secure world come behind those of this core. For who sees one entry per
 * partition, the first of each is it: they stand together. */
static const struct spmc_partition *partinfo_next_below(struct partinfo_cursor *cursor)
{
    while (cursor->below < spmc_count()) {
        const struct spmc_partition *found = spmc_get(cursor->below++);

        if (cursor->is_nil ? cursor->per_uuid || spmc_find(found->id) == found
                           : memcmp(&found->uuid, &cursor->uuid, sizeof(found->uuid)) == 0) {
            return found;
        }
    }
    return NULL;
}

static struct ffa_partinfo partinfo_of_below(const struct partinfo_cursor *cursor,
                                             const struct spmc_partition *partition)
{
    /* Direct requests are what the hypervisor passes on, and what those of EL3 send. */
    uint32_t sends = FFA_PROPERTY_SENDS_DIRECT | FFA_PROPERTY_SENDS_DIRECT2;
    uint32_t receives = FFA_PROPERTY_RECEIVES_DIRECT | FFA_PROPERTY_RECEIVES_DIRECT2;
    uint32_t methods = FFA_PROPERTY_AARCH64 | (role_is_secure() ? sends : receives);
    struct ffa_partinfo info = {
        .id = partition->id,
        .contexts = partition->contexts,
        .properties =
            methods & (cursor->per_uuid ? partition->properties : spmc_properties(partition->id)),
    };

    if (cursor->is_nil) {
        info.uuid = partition->uuid;
    }
    return info;
}

/* The next match; false at the end. */
static bool partinfo_next(struct partinfo_cursor *cursor, struct ffa_partinfo *info)
{
    uint32_t entry;
    const struct vm_config *own = partinfo_next_own(cursor, &entry);
    const struct spmc_partition *below;

    if (own != NULL) {
        *info = partinfo_of(cursor, own, entry);
        return true;
    }
    below = partinfo_next_below(cursor);
    if (below != NULL) {
        *info = partinfo_of_below(cursor, below);
    }
    return below != NULL;
}

static uint32_t partinfo_count(struct partinfo_cursor cursor)
{
    uint32_t count = 0, entry;

    while (partinfo_next_own(&cursor, &entry) != NULL || partinfo_next_below(&cursor) != NULL) {
        count++;
    }
    return count;
}

/* Caller holds the VM's lock. */
static enum status partinfo_fill(struct vm *vm, struct partinfo_cursor cursor, uint32_t count)
{
    uint32_t version = ffa_version_of(vm);
    struct ffa_partinfo info;
    uint32_t index = 0;

    if (!mailbox_rx_is_free(&vm->mailbox)) {
        return STATUS_BUSY;
    }
    if ((uint64_t)count * ffa_compat_partinfo_size(version) > mailbox_size(&vm->mailbox)) {
        return STATUS_NO_MEMORY;
    }
    if (vm->mailbox.is_below && !spmc_box_try_acquire((struct vm_locked){vm})) {
        return STATUS_BUSY;
    }
    while (index < count && partinfo_next(&cursor, &info)) {
        ffa_compat_partinfo_write(version, &info, vm->mailbox.rx, index++);
    }
    mailbox_rx_fill(&vm->mailbox);
    return STATUS_OK;
}

struct vcpu *ffa_partition_info_get(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    struct vm *vm = current->vm;
    uint32_t version = ffa_version_of(vm);
    struct uuid uuid = {{(uint32_t)x[1], (uint32_t)x[2], (uint32_t)x[3], (uint32_t)x[4]}};
    /* w5 is reserved in v1.0: ignored there. */
    uint32_t flags = version >= FFA_VERSION_1_1 ? (uint32_t)x[5] : 0;
    struct partinfo_cursor cursor = partinfo_start(vm, uuid, false);
    struct vm_locked locked;
    enum status status;
    uint32_t count;

    if ((flags & ~FFA_PARTITION_INFO_COUNT_FLAG) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    count = partinfo_count(cursor);
    if (count == 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    if ((flags & FFA_PARTITION_INFO_COUNT_FLAG) != 0) {
        return ffa_return_success(current, count, 0);
    }
    locked = vm_lock(vm);
    status = partinfo_fill(vm, cursor, count);
    vm_unlock(locked);
    if (status != STATUS_OK) {
        return ffa_return_status(current, status);
    }
    return ffa_return_success(current, count,
                              version >= FFA_VERSION_1_1 ? ffa_compat_partinfo_size(version) : 0);
}

/* The register form: DEN0077A v1.2 13.9, tables 13.41-13.43. */
#define PARTINFO_REGS_SIZE 24 /* bytes of an entry: three registers */
#define PARTINFO_REGS_MAX  5  /* entries in x3-x17 */
/* The list never changes: the tag that proves it is always the same. */
#define PARTINFO_REGS_TAG  0

static void partinfo_regs_write(uint64_t *x, const struct ffa_partinfo *info)
{
    const uint32_t *word = info->uuid.word;

    x[0] = (uint64_t)info->properties << 32 | (uint32_t)info->contexts << 16 | info->id;
    x[1] = (uint64_t)word[1] << 32 | word[0];
    x[2] = (uint64_t)word[3] << 32 | word[2];
}

/* Entries from start on, into x3-x17. Returns how many. */
static uint32_t partinfo_regs_fill(uint64_t *x, struct partinfo_cursor cursor, uint32_t start)
{
    uint32_t index = 0, written = 0;
    struct ffa_partinfo info;

    while (written < PARTINFO_REGS_MAX && partinfo_next(&cursor, &info)) {
        if (index++ >= start) {
            partinfo_regs_write(&x[3 + 3 * written++], &info);
        }
    }
    return written;
}

struct vcpu *ffa_partition_info_get_regs(struct vcpu *current)
{
    uint64_t *x = current->ctx.x;
    struct uuid uuid = {
        {(uint32_t)x[1], (uint32_t)(x[1] >> 32), (uint32_t)x[2], (uint32_t)(x[2] >> 32)}};
    uint32_t start = (uint16_t)x[3];
    uint16_t tag = (uint16_t)(x[3] >> 16);
    struct partinfo_cursor cursor = partinfo_start(current->vm, uuid, true);
    uint32_t count = partinfo_count(cursor);
    uint32_t written;

    if (count == 0 || start >= count || (start == 0 && tag != 0)) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    if (tag != PARTINFO_REGS_TAG) {
        return ffa_return_error(current, FFA_RETRY);
    }
    for (uint32_t i = 1; i < 18; i++) {
        x[i] = 0;
    }
    written = partinfo_regs_fill(x, cursor, start);
    x[0] = FFA_SUCCESS_64;
    x[2] = (uint64_t)PARTINFO_REGS_SIZE << 48 | (uint64_t)PARTINFO_REGS_TAG << 32 |
           (uint64_t)(start + written - 1) << 16 | (count - 1);
    return current;
}
