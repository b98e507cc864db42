/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The redistributors: an RD frame and an SGI frame per vCPU, in the order of the vCPUs.
 */
#include "bh/base/cold.h"
#include "bh/base/libc.h"
#include "bh/drv/gicv3_regs.h"
#include "vgic_local.h"

/* Device state: one byte per vCPU, GICR_WAKER.ProcessorSleep. It has no effect on delivery: a
 * guest that never wakes its redistributor gets its interrupts all the same. */

static uint64_t typer(const struct vm *vm, uint32_t index)
{
    uint64_t mpidr = vm->config->vcpu[index].mpidr;
    uint64_t affinity = (mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24;

    return affinity << GICR_TYPER_AFFINITY_SHIFT | (uint64_t)index << GICR_TYPER_NUMBER_SHIFT |
           (index + 1 == vm->config->vcpu_count ? GICR_TYPER_LAST : 0);
}

static void waker_access(uint8_t *asleep, struct vdev_access *access)
{
    if (access->write) {
        *asleep = (access->value & GICR_WAKER_PROCESSOR_SLEEP) != 0;
    } else {
        access->value = *asleep ? GICR_WAKER_PROCESSOR_SLEEP | GICR_WAKER_CHILDREN_ASLEEP : 0;
    }
}

static void rd_access(struct vdev *dev, uint32_t index, struct vdev_access *access)
{
    uint32_t offset = (uint32_t)access->offset % GICR_STRIDE;
    uint8_t *asleep = dev->state;

    if (offset >= GICR_TYPER && offset < GICR_TYPER + 8) {
        vgic_answer(access, GICR_TYPER, typer(dev->vm, index));
    } else if (access->size != 4) {
        access->value = 0;
    } else if (offset == GICR_WAKER) {
        waker_access(&asleep[index], access);
    } else if (offset == GICR_IIDR) {
        access->value = VGIC_IIDR;
    } else {
        access->value = vgic_id_get(offset); /* GICR_CTLR: no LPIs, never busy: zero */
    }
}

bool vgic_redist_access(struct vdev *dev, struct vcpu *current, struct vdev_access *access)
{
    struct vm *vm = dev->vm;
    uint32_t index = (uint32_t)(access->offset / GICR_STRIDE);
    uint32_t offset = (uint32_t)(access->offset % GICR_STRIDE);

    if (index >= vm->config->vcpu_count) {
        return false;
    }
    if (offset < GICR_SGI_FRAME) {
        rd_access(dev, index, access);
    } else if (offset - GICR_SGI_FRAME >= GIC_IGROUPR && offset - GICR_SGI_FRAME < GIC_ARRAYS_END) {
        vgic_array_access(&vm->vcpu[index], current, access);
    } else {
        access->value = 0;
    }
    return true;
}

BH_COLD void vgic_redist_reset(struct vdev *dev)
{
    memset(dev->state, 1, dev->vm->config->vcpu_count);
}
