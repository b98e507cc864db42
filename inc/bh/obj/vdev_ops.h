/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An emulated device as an object: where it is, what it can do, its state. Devices themselves are
 * in src/dev; the object stands here so that a VM's reset (svc/power.h) reaches every device
 * through the device's own const table and never calls up by name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bh/base/addr.h"

struct vm;
struct vcpu;
struct vdev;

struct vdev_access {
    uint64_t offset; /* bytes from the start of the region */
    uint64_t value;  /* write: the data; read: filled in by the device, zero-extended */
    uint8_t size;    /* 1, 2, 4, 8 */
    bool write;
};

/* false: the device has no register there or not of that size; the guest gets an external abort. */
typedef bool vdev_access_fn(struct vdev *dev, struct vcpu *vcpu, struct vdev_access *access);

/* Back to the state after vdev_init_vm. Context: no vCPU of the VM runs. */
typedef void vdev_reset_fn(struct vdev *dev);

/* One const table per device kind. */
struct vdev_ops {
    vdev_access_fn *access;
    vdev_reset_fn *reset; /* NULL: nothing to reset */
};

struct vdev {
    struct ipaddr base;
    uint64_t size;
    const struct vdev_ops *ops;
    void *state;
    struct vm *vm;
};

struct vdev_table {
    uint32_t count;
    struct vdev *dev; /* sorted by base */
};

/* Resets every device of a table; NULL is an empty table. Same context as vdev_reset_fn. */
static inline void vdev_table_reset(const struct vdev_table *table)
{
    for (uint32_t i = 0; table != NULL && i < table->count; i++) {
        struct vdev *dev = &table->dev[i];

        if (dev->ops->reset != NULL) {
            dev->ops->reset(dev);
        }
    }
}
