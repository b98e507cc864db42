/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual GICv3: distributor and one redistributor per vCPU, one security state (GICD_CTLR.DS and
 * ARE read as one), no LPIs, no 1-of-N. Register state is the interrupt model (obj/virq.h); here is
 * only how it looks on the bus.
 *
 * Reserved registers, unsupported sizes and INTIDs that the VM lacks read as zero and ignore
 * writes (IHI 0069 12.1.3), as does bank 0 of the distributor, whose interrupts are in the
 * redistributors. Reading pending or active state that a vCPU running elsewhere has in its list
 * registers waits until that CPU has looked at them. Changes of such state take effect when the
 * kicked CPU looks, shortly after the write.
 * Source: IHI 0069 chapter 12.
 */
#pragma once

#include <stdint.h>

#include "bh/obj/vdev_ops.h"
#include "bh/obj/vm.h"

/* Boot: fills two regions. */
void vgic_create(struct vm *vm, const struct device_config *config, struct vdev *dev);

/* Trapped writes of current to ICC_SGI1R_EL1 (SGIs of either group), and to ICC_SGI0R_EL1 and
 * ICC_ASGI1R_EL1 (those that the target has in group 0). */
void vgic_sgi_write(struct vcpu *current, uint64_t value);
void vgic_sgi0_write(struct vcpu *current, uint64_t value);
/* Trapped write to ICC_DIR_EL1: only while more interrupts are active than list registers exist. */
void vgic_dir_write(struct vcpu *current, uint64_t value);
