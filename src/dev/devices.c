/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/dev/devices.h"

#include "bh/base/log.h"

typedef void device_create_fn(struct vm *vm, const struct device_config *config, struct vdev *dev);

/* Versions of clang-format differ on these. */
/* clang-format off */
#define DEVICE_KIND(name, plan, create, frames, size, vcpu_size, alignment)                        \
    device_create_fn create;                                                                       \
    _Static_assert((frames) >= 1 && (frames) <= DEVICE_MAX_FRAMES, #name);
#include "bh/obj/device_kinds.def"
#undef DEVICE_KIND

static const struct device_class device_classes[DEVICE_KINDS] = {
#define DEVICE_KIND(name, plan, create_, frames, size, vcpu_size, alignment)                       \
    [DEVICE_##name] = {.regions = (frames), .create = (create_)},
#include "bh/obj/device_kinds.def"
#undef DEVICE_KIND
};
/* clang-format on */

const struct device_class *device_class_get(enum device_kind kind)
{
    bh_assert(kind < DEVICE_KINDS);
    return &device_classes[kind];
}
