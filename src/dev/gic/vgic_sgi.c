/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers of the virtual CPU interface that trap: sending SGIs, and deactivation while the list
 * registers overflow. Source: IHI 0069 12.2.5 ff. (ICC_SGI1R_EL1), 12.2.9 (ICC_DIR_EL1).
 */
#include <stddef.h>

#include "bh/arch/arch_irq.h"
#include "bh/arch/sysreg.h"
#include "bh/base/num.h"
#include "bh/dev/vgic.h"
#include "bh/svc/virq_sync.h"

#define TARGETS    UINT64_C(0xffff) /* ICC_SGI1R_EL1.TargetList: Aff0 modulo 16 */
#define RANGE_SIZE 16u

/* Aff3.Aff2.Aff1 and the range of Aff0, at their places in MPIDR. */
static uint64_t range_of(uint64_t value)
{
    return num_field_get(value, 55, 48) << 32 | num_field_get(value, 39, 32) << 16 |
           num_field_get(value, 23, 16) << 8 | num_field_get(value, 47, 44) << 4;
}

static void send(struct vcpu *current, uint64_t value, bool any_group)
{
    struct vm *vm = current->vm;
    const struct vcpu_config *config = vm->config->vcpu;
    uint32_t intid = (uint32_t)num_field_get(value, 27, 24);
    bool all_others = (value & ICC_SGI1R_IRM) != 0;
    uint64_t range = range_of(value);

    if (!all_others && (value & TARGETS) == 0) {
        return;
    }
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        struct vcpu *target = &vm->vcpu[i];
        uint64_t mpidr = config[i].mpidr;
        bool named = (mpidr ^ range) < RANGE_SIZE && (value >> mpidr % RANGE_SIZE & 1) != 0;

        if (all_others ? target == current : !named) {
            continue;
        }
        if (any_group || (target->virq.bank.group1 >> intid & 1) == 0) {
            virq_inject(target, intid);
        }
    }
}

void vgic_sgi_write(struct vcpu *current, uint64_t value)
{
    send(current, value, true);
}

void vgic_sgi0_write(struct vcpu *current, uint64_t value)
{
    send(current, value, false);
}

void vgic_dir_write(struct vcpu *current, uint64_t value)
{
    struct vm *vm = current->vm;
    uint32_t intid = (uint32_t)num_field_get(value, 23, 0);

    if (intid >= virq_limit_get(vm) || (arch_ich_vmcr_read() & ICH_VMCR_VEOIM) == 0) {
        return;
    }
    lock_take(&vm->virq.lock);
    virq_sync_fold(current);
    virq_notify(vm, virq_deactivate(current, intid));
    virq_release_physical(current, intid / 32);
    lock_drop(&vm->virq.lock);
}
