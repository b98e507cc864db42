/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kinds of emulated devices. A new one is a folder under src/dev and a line in
 * obj/device_kinds.def.
 */
#pragma once

#include "bh/obj/config.h"
#include "bh/obj/vdev_ops.h"

struct device_class {
    uint32_t regions; /* how many entries create fills: one per region of `reg` */
    /* Boot: state from the pool, entries filled in completely. */
    void (*create)(struct vm *vm, const struct device_config *config, struct vdev *dev);
};

const struct device_class *device_class_get(enum device_kind kind);
