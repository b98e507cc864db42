/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of the virtual GIC.
 */
#pragma once

#include "bh/obj/vdev_ops.h"
#include "bh/obj/vm.h"

#define VGIC_IIDR UINT32_C(0x4200043b) /* product 'B', implementer Arm: nobody's quirks apply */

/*
 * Registers 0x80 to 0xeff of a frame. owner: the vCPU whose private bank is bank 0 (SGI frame), or
 * NULL (distributor: bank 0 reads as zero). current makes the access.
 */
void vgic_array_access(struct vcpu *owner, struct vcpu *current, struct vdev_access *access);
/* Identification registers at the end of a frame; offset from the frame. */
uint32_t vgic_id_get(uint32_t offset);
/* Read-only value at its register, by whole words or, 64 bits wide, by halves. */
void vgic_answer(struct vdev_access *access, uint64_t reg, uint64_t value);

bool vgic_dist_access(struct vdev *dev, struct vcpu *current, struct vdev_access *access);
bool vgic_redist_access(struct vdev *dev, struct vcpu *current, struct vdev_access *access);
void vgic_redist_reset(struct vdev *dev);
