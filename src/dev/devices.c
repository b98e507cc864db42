/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/dev/devices.h"

#include "bh/base/log.h"
#include "bh/dev/vgic.h"
#include "bh/dev/vpl011.h"

static const struct device_class device_classes[DEVICE_KINDS] = {
    [DEVICE_GIC_V3] = {.name = "gic-v3", .regions = 2, .create = vgic_create},
    [DEVICE_PL011] = {.name = "pl011", .regions = 1, .create = vpl011_create},
};

const struct device_class *device_class_get(enum device_kind kind)
{
    bh_assert(kind < DEVICE_KINDS);
    return &device_classes[kind];
}
