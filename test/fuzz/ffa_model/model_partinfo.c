/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is there: both forms of PARTITION_INFO_GET. */
#include <stddef.h>
#include <string.h>

#include "model_local.h"

#define LIST_MAX   (MODEL_VMS * MODEL_UUIDS)
#define REGS_ENTRY 24u
#define REGS_MAX   5u

struct entry {
    uint16_t id, contexts;
    uint32_t properties;
    struct model_uuid uuid;
};

static bool is_nil(const struct model_uuid *uuid)
{
    return (uuid->word[0] | uuid->word[1] | uuid->word[2] | uuid->word[3]) == 0;
}

bool model_uuid_is_equal(const struct model_uuid *a, const struct model_uuid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static uint32_t properties_for(uint32_t version, uint32_t properties)
{
    uint32_t bits = properties | P_AARCH64;

    if (version == V1_0) {
        return bits & (P_RECEIVES_DIRECT | P_SENDS_DIRECT | P_INDIRECT);
    }
    return version == V1_1 ? bits & ~(P_RECEIVES_DIRECT2 | P_SENDS_DIRECT2) : bits;
}

static struct entry entry_make(const struct model_vm *asker, const struct model_vm *vm,
                               uint32_t messaging, const struct model_uuid *uuid)
{
    uint32_t properties = messaging | (vm->config->notifications ? P_NOTIFICATIONS : 0);
    struct entry entry = {.id = vm->config->id,
                          .contexts = (uint16_t)vm->config->vcpus,
                          .properties = properties_for(asker->version, properties)};

    if (uuid != NULL) {
        entry.uuid = *uuid;
    }
    return entry;
}

/* Adds the entries of one partition; returns the new count. */
static uint32_t list_vm(struct entry *list, uint32_t count, const struct model_vm *asker,
                        const struct model_vm *vm, const struct model_uuid *wanted)
{
    const struct model_vm_config *config = vm->config;
    bool per_uuid = asker->version >= V1_2;

    if (is_nil(wanted) && (config->uuids == 0 || !per_uuid)) {
        list[count++] = entry_make(asker, vm, model_messaging(config),
                                   config->uuids == 0 ? NULL : &config->uuid[0]);
        return count;
    }
    for (uint32_t i = 0; i < config->uuids; i++) {
        uint32_t messaging = per_uuid ? config->messaging[i] : model_messaging(config);

        if (is_nil(wanted)) {
            list[count++] = entry_make(asker, vm, messaging, &config->uuid[i]);
        } else if (model_uuid_is_equal(wanted, &config->uuid[i])) {
            list[count++] = entry_make(asker, vm, messaging, NULL);
        }
    }
    return count;
}

static uint32_t list_make(struct entry *list, const struct model_vm *asker,
                          const struct model_uuid *wanted)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < model.vms; i++) {
        if (model.vm[i].config->version != 0) {
            count = list_vm(list, count, asker, &model.vm[i], wanted);
        }
    }
    return count;
}

static void put(struct model_vm *vm, const void *bytes, uint32_t size)
{
    memcpy(&vm->rx_data[vm->rx_part[0].size], bytes, size);
    vm->rx_part[0].size += size;
}

/* Version 1.0: 8 bytes; 1.1 and 1.2: 24. */
static void list_write(struct model_vm *vm, const struct entry *list, uint32_t count)
{
    vm->rx_parts = 1;
    vm->rx_part[0] = (struct model_part){0, 0};
    for (uint32_t i = 0; i < count; i++) {
        put(vm, &list[i].id, 2);
        put(vm, &list[i].contexts, 2);
        put(vm, &list[i].properties, 4);
        if (vm->version >= V1_1) {
            put(vm, &list[i].uuid, 16);
        }
    }
    vm->rx_full = true;
}

struct model_vcpu *model_partition_info_get(struct model_vcpu *self)
{
    struct model_vm *vm = self->vm;
    const uint64_t *x = self->x;
    struct model_uuid wanted = {{(uint32_t)x[1], (uint32_t)x[2], (uint32_t)x[3], (uint32_t)x[4]}};
    uint32_t flags = vm->version >= V1_1 ? (uint32_t)x[5] : 0;
    struct entry list[LIST_MAX];
    uint32_t count = list_make(list, vm, &wanted);

    if (flags > 1 || count == 0) {
        return model_error(self, E_INVALID);
    }
    if (flags == 1) {
        return model_success(self, count, 0);
    }
    if (!vm->mapped || vm->rx_full) {
        return model_error(self, E_BUSY);
    }
    list_write(vm, list, count);
    return model_success(self, count, vm->version >= V1_1 ? 24 : 0);
}

static uint64_t join(uint32_t lo, uint32_t hi)
{
    return lo | (uint64_t)hi << 32;
}

struct model_vcpu *model_partition_info_get_regs(struct model_vcpu *self)
{
    uint64_t *x = self->x;
    struct model_uuid wanted = {
        {(uint32_t)x[1], (uint32_t)(x[1] >> 32), (uint32_t)x[2], (uint32_t)(x[2] >> 32)}};
    uint32_t start = low(x[3]), tag = high(x[3]), end;
    struct entry list[LIST_MAX];
    uint32_t count = list_make(list, self->vm, &wanted);

    if (count == 0 || start >= count || (start == 0 && tag != 0)) {
        return model_error(self, E_INVALID);
    }
    if (tag != 0) {
        return model_error(self, E_RETRY);
    }
    end = start + REGS_MAX < count ? start + REGS_MAX : count;
    memset(x, 0, MODEL_REGS * sizeof(x[0]));
    x[0] = FID_64(FN_SUCCESS);
    x[2] = (count - 1) | (uint64_t)(end - 1) << 16 | (uint64_t)REGS_ENTRY << 48;
    for (uint32_t i = start; i < end; i++) {
        uint64_t *to = &x[3 + (i - start) * 3];
        const struct entry *entry = &list[i];

        to[0] = join((uint32_t)entry->contexts << 16 | entry->id, entry->properties);
        to[1] = join(entry->uuid.word[0], entry->uuid.word[1]);
        to[2] = join(entry->uuid.word[2], entry->uuid.word[3]);
    }
    return self;
}
