/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Emulated devices: a per-VM table of regions, sorted by IPA and frozen at boot. A device is one
 * folder under src/dev and one line in devices.c. Accesses arrive decoded.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"
#include "bh/obj/vm.h"

struct vdev_access {
    uint64_t offset; /* bytes from the start of the region */
    uint64_t value;  /* write: the data; read: filled in by the device, zero-extended */
    uint8_t size;    /* 1, 2, 4, 8 */
    bool write;
};

struct vdev;

/* false: the device has no register there or not of that size; the guest gets an external abort. */
typedef bool vdev_access_fn(struct vdev *dev, struct vcpu *vcpu, struct vdev_access *access);

struct vdev {
    struct ipaddr base;
    uint64_t size;
    vdev_access_fn *access;
    void *state;
    struct vm *vm;
};

struct vdev_table {
    uint32_t count;
    struct vdev *dev; /* sorted by base */
};

/* Boot: creates all devices of vm from its config. */
void vdev_init_vm(struct vm *vm);
/* VM reset: devices back to their reset state. */
void vdev_reset_vm(struct vm *vm);
struct vdev *vdev_find(const struct vdev_table *table, struct ipaddr ipa);
