/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The distributor frame, and the creation of the device.
 */
#include <stddef.h>

#include "bh/base/cold.h"
#include "bh/base/num.h"
#include "bh/dev/vgic.h"
#include "bh/drv/gicv3_regs.h"
#include "bh/mem/pool.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/virq_sync.h"
#include "vgic_local.h"

#define INTID_BITS 10u

static BH_COLD void ctlr_write(struct vm *vm, uint32_t groups)
{
    lock_take(&vm->virq.lock);
    virq_notify(vm, virq_groups_set(vm, groups));
    lock_drop(&vm->virq.lock);
}

static void ctlr_access(struct vm *vm, struct vdev_access *access)
{
    if (access->write) {
        ctlr_write(vm, (uint32_t)access->value & (GICD_CTLR_GRP0 | GICD_CTLR_GRP1));
    } else {
        access->value = vm->virq.groups | GICD_CTLR_ARE | GICD_CTLR_DS;
    }
}

static uint32_t typer(const struct vm *vm)
{
    return vm->virq.banks | (INTID_BITS - 1) << GICD_TYPER_IDBITS_SHIFT | GICD_TYPER_A3V |
           GICD_TYPER_NO1N;
}

static void control_access(struct vm *vm, struct vdev_access *access)
{
    uint32_t offset = (uint32_t)access->offset;

    if (access->size != 4) {
        access->value = 0;
    } else if (offset == GICD_CTLR) {
        ctlr_access(vm, access);
    } else if (offset == GICD_TYPER) {
        access->value = typer(vm);
    } else {
        access->value = offset == GICD_IIDR ? VGIC_IIDR : 0;
    }
}

/* Aff3.Aff2.Aff1.Aff0 in one word, as obj/virq.h keeps it, from and to the register's layout. */
static uint64_t router_of(uint32_t affinity)
{
    return (affinity & 0xffffff) | (uint64_t)(affinity >> 24) << 32;
}

static uint32_t affinity_of(uint64_t router)
{
    return (uint32_t)(router & 0xffffff) | (uint32_t)(router >> 32 & 0xff) << 24;
}

static BH_COLD void router_write(struct vm *vm, uint32_t intid, uint64_t router)
{
    struct virq_vm *v = &vm->virq;
    uint32_t affinity = affinity_of(router);
    uint8_t target;

    if (v->route[intid - VIRQ_PRIVATE] == affinity) {
        return;
    }
    lock_take(&v->lock);
    virq_notify(vm, virq_route_set(vm, intid, affinity));
    target = v->target[intid - VIRQ_PRIVATE];
    irq_route_guest_target(vm, intid, target == VIRQ_TARGET_NONE ? NULL : &vm->vcpu[target]);
    lock_drop(&v->lock);
}

static void router_access(struct vm *vm, struct vdev_access *access)
{
    uint32_t intid = ((uint32_t)access->offset - GICD_IROUTER) / 8;
    uint32_t shift = (access->offset & 4) != 0 ? 32 : 0;
    uint64_t router;

    if (access->size < 4 || intid < VIRQ_PRIVATE || intid >= virq_limit_get(vm)) {
        access->value = 0;
        return;
    }
    router = router_of(vm->virq.route[intid - VIRQ_PRIVATE]);
    if (!access->write) {
        access->value = access->size == 8 ? router : (uint32_t)(router >> shift);
    } else if (access->size == 8) {
        router_write(vm, intid, access->value);
    } else {
        router_write(vm, intid, num_field_set(router, shift + 31, shift, access->value));
    }
}

bool vgic_dist_access(struct vdev *dev, struct vcpu *current, struct vdev_access *access)
{
    uint64_t offset = access->offset;

    if (offset < GIC_IGROUPR) {
        control_access(dev->vm, access);
    } else if (offset < GIC_ARRAYS_END) {
        vgic_array_access(NULL, current, access);
    } else if (offset >= GICD_IROUTER && offset < GICD_IROUTER_END) {
        router_access(dev->vm, access);
    } else {
        access->value = access->size == 4 ? vgic_id_get((uint32_t)offset) : 0;
    }
    return true;
}

static const struct vdev_ops dist_ops = {.access = vgic_dist_access};
static const struct vdev_ops redist_ops = {
    .access = vgic_redist_access,
    .reset = vgic_redist_reset,
};

BH_COLD void vgic_create(struct vm *vm, const struct device_config *config, struct vdev *dev)
{
    dev[0] = (struct vdev){
        .base = config->base[0],
        .size = config->size[0],
        .ops = &dist_ops,
        .vm = vm,
    };
    dev[1] = (struct vdev){
        .base = config->base[1],
        .size = config->size[1],
        .ops = &redist_ops,
        .state = pool_alloc(vm->config->vcpu_count, 1),
        .vm = vm,
    };
    vgic_redist_reset(&dev[1]);
}
