/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual PL011 (r1p5, DDI 0183): what a driver of the real one needs. Transmission is immediate:
 * the FIFO is always empty. Received characters wait in the console port, so nothing is lost at 32.
 */
#pragma once

#include "bh/obj/vdev_ops.h"
#include "bh/obj/vm.h"

/* Boot: fills one region. */
void vpl011_create(struct vm *vm, const struct device_config *config, struct vdev *dev);
extern const struct vdev_ops vpl011_ops;
