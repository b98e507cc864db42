/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/dev/vdev.h"

#include <stddef.h>

#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/dev/devices.h"
#include "bh/mem/pool.h"
#include "bh/svc/console.h"

static uint32_t region_count(const struct vm_config *config)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < config->device_count; i++) {
        count += device_class_get(config->device[i].kind)->regions;
    }
    return count;
}

/* Insertion sort: a handful of regions, once. */
static void sort(struct vdev *dev, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct vdev moved = dev[i];
        uint32_t to = i;

        for (; to > 0 && dev[to - 1].base.ipa > moved.base.ipa; to--) {
            dev[to] = dev[to - 1];
        }
        dev[to] = moved;
    }
}

BH_COLD void vdev_init_vm(struct vm *vm)
{
    const struct vm_config *config = vm->config;
    uint32_t count = region_count(config);
    struct vdev_table *table = pool_alloc(sizeof(*table) + count * sizeof(struct vdev), 8);
    struct vdev *next = (struct vdev *)(table + 1);

    table->count = count;
    table->dev = next;
    for (uint32_t i = 0; i < config->device_count; i++) {
        const struct device_class *class = device_class_get(config->device[i].kind);

        class->create(vm, &config->device[i], next);
        next += class->regions;
    }
    sort(table->dev, count);
    for (uint32_t i = 1; i < count; i++) {
        const struct vdev *before = &table->dev[i - 1];

        /* plan_check refuses this; lookup relies on it. */
        bh_assert(table->dev[i].base.ipa - before->base.ipa >= before->size);
    }
    vm->vdev = table;
    if (config->ffa_version != 0) {
        console_vm_init(vm);
    }
}

struct vdev *vdev_find(const struct vdev_table *table, struct ipaddr ipa)
{
    uint32_t low = 0;
    uint32_t high = table == NULL ? 0 : table->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        struct vdev *dev = &table->dev[middle];

        if (ipa.ipa < dev->base.ipa) {
            high = middle;
        } else if (ipa.ipa - dev->base.ipa >= dev->size) {
            low = middle + 1;
        } else {
            return dev;
        }
    }
    return NULL;
}
