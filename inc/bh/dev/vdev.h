/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Emulated devices: a per-VM table of regions, sorted by IPA and frozen at boot. A device is one
 * folder under src/dev and one line in devices.c. Accesses arrive decoded. The types are in
 * obj/vdev_ops.h.
 */
#pragma once

#include <stddef.h>

#include "bh/base/addr.h"
#include "bh/obj/vdev_ops.h"
#include "bh/obj/vm.h"

/* Boot: creates all devices of vm from its config. */
void vdev_init_vm(struct vm *vm);
/* NULL: nothing emulated there. Any CPU, no lock: the table never changes after boot. */
struct vdev *vdev_find(const struct vdev_table *table, struct ipaddr ipa);

/* The same for an access of current: programs mostly stay with one device for a while. */
static inline struct vdev *vdev_find_for(struct vcpu *current, struct ipaddr ipa)
{
    struct vdev *dev = current->vdev_recent;

    if (dev == NULL || ipa.ipa - dev->base.ipa >= dev->size) {
        dev = vdev_find(current->vm->vdev, ipa);
        if (dev != NULL) {
            current->vdev_recent = dev;
        }
    }
    return dev;
}
