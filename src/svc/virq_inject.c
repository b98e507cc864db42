/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How an interrupt reaches a vCPU, from whatever CPU it comes.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/arch/sysreg.h"
#include "bh/base/cold.h"
#include "bh/obj/vm.h"
#include "bh/svc/run.h"
#include "virq_local.h"

__attribute__((noinline)) void virq_notify(struct vm *vm, uint32_t vcpus)
{
    struct vcpu *current = arch_cpu_self()->current;

    for (; vcpus != 0; vcpus &= vcpus - 1) {
        struct vcpu *vcpu = &vm->vcpu[__builtin_ctz(vcpus)];

        __atomic_store_n(&vcpu->virq.resync, 1, __ATOMIC_RELEASE);
        vcpu_attention_set(vcpu, VCPU_ATTENTION_VIRQ);
        if (vcpu != current) {
            run_kick(vcpu);
        }
    }
}

static bool has_folded(const struct vcpu *vcpu, uint32_t folds)
{
    return __atomic_load_n(&vcpu->cpu, __ATOMIC_ACQUIRE) == NULL ||
           __atomic_load_n(&vcpu->virq.folds, __ATOMIC_ACQUIRE) != folds;
}

/*
 * As long as it takes: what is known until then is not what the guest asks for. It ends: the guest
 * can't mask the kick, a CPU in the core waits for no lock that is held here, and of CPUs that wait
 * for each other each goes on serving its own vCPU. Firmware, or a host of the machine, may keep
 * the other CPU for milliseconds.
 */
static void wait_for_fold(const struct vcpu *vcpu, uint32_t folds)
{
    struct vcpu *current = arch_cpu_self()->current;

    while (!has_folded(vcpu, folds)) {
        if (current != NULL && __atomic_load_n(&current->virq.resync, __ATOMIC_ACQUIRE) != 0) {
            virq_sync_full(current);
        }
        arch_cpu_relax();
    }
}

void virq_sync_others(struct vm *vm, uint32_t vcpus)
{
    for (; vcpus != 0; vcpus &= vcpus - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(vcpus);
        uint32_t folds = __atomic_load_n(&vm->vcpu[i].virq.folds, __ATOMIC_ACQUIRE);

        virq_notify(vm, UINT32_C(1) << i);
        wait_for_fold(&vm->vcpu[i], folds);
    }
}

/* After a change of one interrupt: at once if it is the loaded vCPU's, else by notification. */
static __attribute__((noinline)) void settle(struct vcpu *vcpu, uint32_t intid, uint32_t vcpus)
{
    struct cpu *cpu = arch_cpu_self();
    struct vcpu *current = cpu->current;

    if (current != NULL && current->vm == vcpu->vm && !vcpu->vm->virq.paravirt &&
        (vcpus >> current->index & 1) != 0 && virq_try_model(cpu, current, intid)) {
        vcpus &= ~(UINT32_C(1) << current->index);
    }
    virq_notify(vcpu->vm, vcpus);
}

static void inject_private(struct vcpu *vcpu, uint32_t vintid)
{
    struct cpu *cpu = arch_cpu_self();
    uint32_t bit = UINT32_C(1) << vintid;
    bool is_here = cpu->current == vcpu;

    if (is_here && !vcpu->vm->virq.paravirt && virq_try_private(cpu, vcpu, vintid, 0)) {
        return;
    }
    if ((__atomic_fetch_or(&vcpu->virq.incoming, bit, __ATOMIC_SEQ_CST) & bit) != 0) {
        return; /* whoever set it first kicks */
    }
    vcpu_attention_set(vcpu, VCPU_ATTENTION_VIRQ);
    if (!is_here) {
        run_kick(vcpu);
    }
}

void virq_latch_private(struct vcpu *vcpu, uint32_t vintid)
{
    (void)__atomic_fetch_or(&vcpu->virq.incoming, UINT32_C(1) << vintid, __ATOMIC_SEQ_CST);
}

void virq_inject(struct vcpu *vcpu, uint32_t vintid)
{
    struct virq_vm *vm = &vcpu->vm->virq;
    struct virq_ref r;

    if (vintid < VIRQ_PRIVATE) {
        inject_private(vcpu, vintid);
        return;
    }
    if (vintid >= virq_limit_get(vcpu->vm)) {
        return;
    }
    r = virq_ref_get(vcpu, vintid);
    lock_take(&vm->lock);
    r.bank->latch |= r.bit;
    settle(vcpu, vintid, virq_bank_changed(vcpu, vintid / 32, r.bit));
    lock_drop(&vm->lock);
}

void virq_line_set(struct vcpu *vcpu, uint32_t vintid, bool level)
{
    struct virq_vm *vm = &vcpu->vm->virq;
    uint32_t vcpus;

    if (vm->paravirt && vintid == VIRQ_PTIMER) {
        vintid = VIRQ_PV_TIMER;
    }
    if (vintid >= virq_limit_get(vcpu->vm)) {
        return;
    }
    lock_take(&vm->lock);
    vcpus = virq_line_change(vcpu, vintid, level);
    if (vcpus != 0) {
        settle(vcpu, vintid, vcpus);
    }
    lock_drop(&vm->lock);
}

/* The physical interrupt behind vintid is active until the guest deactivates vintid. */
static __attribute__((noinline)) void link_in_model(struct vcpu *vcpu, uint32_t vintid)
{
    struct virq_vm *vm = &vcpu->vm->virq;
    struct virq_ref r = virq_ref_get(vcpu, vintid);

    lock_take(&vm->lock);
    r.bank->latch |= r.bit;
    r.bank->linked |= r.bit;
    settle(vcpu, vintid, virq_bank_changed(vcpu, vintid / 32, r.bit));
    lock_drop(&vm->lock);
}

void virq_inject_hw(struct vm *vm, uint32_t vintid)
{
    link_in_model(&vm->vcpu[0], vintid);
}

void virq_inject_vtimer(struct cpu *cpu, struct vcpu *vcpu)
{
    if (!virq_try_private(cpu, vcpu, VIRQ_VTIMER,
                          ICH_LR_HW | (uint64_t)VIRQ_VTIMER << ICH_LR_PINTID_SHIFT)) {
        link_in_model(vcpu, VIRQ_VTIMER);
    }
}

BH_COLD void virq_latch_vtimer(struct vcpu *vcpu)
{
    if (vcpu->vm->virq.paravirt) {
        vcpu->ctx.sys[ARCH_SYSREG_cntv_ctl_el0] |= CNT_CTL_IMASK;
        virq_inject(vcpu, VIRQ_PV_TIMER);
    } else {
        link_in_model(vcpu, VIRQ_VTIMER);
    }
}

static bool list_registers_are_pending(struct cpu *cpu)
{
    for (uint32_t used = cpu->lr_used; used != 0; used &= used - 1) {
        if ((arch_ich_lr_read((uint32_t)__builtin_ctz(used)) & ICH_LR_PENDING) != 0) {
            return true;
        }
    }
    return false;
}

bool virq_is_pending(struct vcpu *vcpu)
{
    struct cpu *cpu = arch_cpu_self();

    if (cpu->current == vcpu && list_registers_are_pending(cpu)) {
        return true;
    }
    return virq_model_is_pending(vcpu);
}
