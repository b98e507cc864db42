/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual interrupts without a virtual GIC: HCR_EL2.VI and VF say that something is pending, the
 * partition asks what by hypercall. In the model, group 1 is IRQ, group 0 is FIQ; all but levels of
 * devices are edges.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/sysreg.h"
#include "bh/base/cold.h"
#include "bh/drv/drv.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/irq_route.h"
#include "virq_local.h"
#include "vmapi/bh.h"

/* Ready interrupts of bank b for vcpu. */
static uint32_t ready_word(const struct vcpu *vcpu, uint32_t b)
{
    const struct virq_vcpu *v = &vcpu->virq;

    return b == 0 ? virq_bank_ready(&v->bank, VIRQ_GROUP0 | VIRQ_GROUP1) : v->ready[b - 1];
}

/* Banks that may have ready interrupts, bit b for bank b. */
static uint32_t ready_banks(const struct vcpu *vcpu)
{
    return vcpu->virq.summary << 1 | 1;
}

static void lines_update(struct vcpu *vcpu)
{
    bool irq = false;
    bool fiq = false;

    for (uint32_t banks = ready_banks(vcpu); banks != 0; banks &= banks - 1) {
        uint32_t b = (uint32_t)__builtin_ctz(banks);
        uint32_t ready = ready_word(vcpu, b);
        uint32_t group1 = virq_bank_get(vcpu, b)->group1;

        irq = irq || (ready & group1) != 0;
        fiq = fiq || (ready & ~group1) != 0;
    }
    arch_guest_virq_lines(irq, fiq);
}

/* vcpu has finished with interrupts of bank b: the physical ones may come again. */
static void bank_end(struct vcpu *vcpu, uint32_t b, uint32_t ended)
{
    virq_bank_get(vcpu, b)->active &= ~ended;
    virq_bank_changed(vcpu, b, 0);
    virq_release_physical(vcpu, b);
}

/* With all that it has taken. VM's lock held. */
static BH_COLD void taken_end(struct vcpu *vcpu)
{
    for (uint32_t s = vcpu->virq.summary; s != 0; s &= s - 1) {
        uint32_t b = (uint32_t)__builtin_ctz(s);

        if (vcpu->virq.acked[b] != 0) {
            bank_end(vcpu, b + 1, vcpu->virq.acked[b]);
        }
    }
    vcpu->virq.has_taken = false;
}

BH_COLD void virq_paravirt_end_all(struct vcpu *vcpu)
{
    lock_take(&vcpu->vm->virq.lock);
    taken_end(vcpu);
    lock_drop(&vcpu->vm->virq.lock);
}

BH_COLD void virq_paravirt_end(struct vcpu *current, uint64_t intid)
{
    struct virq_vm *vm = &current->vm->virq;

    if (intid >= VIRQ_PRIVATE && intid < virq_limit_get(current->vm)) {
        lock_take(&vm->lock);
        bank_end(current, (uint32_t)intid / 32, UINT32_C(1) << intid % 32);
        lock_drop(&vm->lock);
    }
}

void virq_paravirt_sync(struct vcpu *vcpu, uint32_t incoming)
{
    struct virq_vm *vm = &vcpu->vm->virq;

    lock_take(&vm->lock);
    __atomic_store_n(&vcpu->virq.resync, 0, __ATOMIC_RELAXED);
    vcpu->virq.bank.latch |= incoming;
    /* Open for interrupts: its handler is over, even if it has not said so. */
    if (vcpu->virq.has_taken && !vcpu->is_el0 && (arch_guest_spsr() & SPSR_I) == 0) {
        taken_end(vcpu);
    }
    lines_update(vcpu);
    lock_drop(&vm->lock);
}

static bool is_allowed(const struct vcpu *vcpu, uint32_t intid)
{
    if (intid < VIRQ_PRIVATE) {
        return true;
    }
    return intid < virq_limit_get(vcpu->vm) && virq_pintid_get(vcpu->vm, intid) != 0;
}

BH_COLD /* VM's lock held. */
    static void
    enable_set(struct vcpu *vcpu, uint32_t intid, bool on, bool fiq)
{
    struct virq_ref r = virq_ref_get(vcpu, intid);

    r.bank->enabled = on ? r.bank->enabled | r.bit : r.bank->enabled & ~r.bit;
    r.bank->group1 = fiq ? r.bank->group1 & ~r.bit : r.bank->group1 | r.bit;
    virq_notify(vcpu->vm, virq_bank_changed(vcpu, intid / 32, r.bit));
    if (intid >= VIRQ_PRIVATE) {
        virq_release_physical(vcpu, intid / 32);
        irq_route_guest_enable(vcpu->vm, intid, on);
    }
}

enum status virq_paravirt_enable(struct vcpu *current, uint32_t intid, bool on, bool fiq)
{
    struct virq_vm *vm = &current->vm->virq;

    if (!vm->paravirt || !is_allowed(current, intid)) {
        return STATUS_INVALID;
    }
    lock_take(&vm->lock);
    enable_set(current, intid, on, fiq);
    lines_update(current);
    lock_drop(&vm->lock);
    return STATUS_OK;
}

void virq_paravirt_enable_devices(struct vm *vm)
{
    const struct vm_config *config = vm->config;

    lock_take(&vm->virq.lock);
    for (uint32_t i = 0; i < config->irq_count; i++) {
        enable_set(&vm->vcpu[config->irq[i].vcpu], config->irq[i].vintid, true, false);
    }
    lock_drop(&vm->virq.lock);
}

BH_COLD void virq_paravirt_enable_own(struct vm *vm)
{
    uint32_t own = UINT32_C(1) << BH_INTID_TIMER | UINT32_C(1) << BH_INTID_MANAGED_EXIT |
                   UINT32_C(1) << BH_INTID_NOTIFICATION | UINT32_C(1) << BH_INTID_IPI;
    bool exit_is_irq = (vm->config->sp_policy & CONFIG_SP_EXIT_IRQ) != 0;
    uint32_t fiq = exit_is_irq ? 0 : UINT32_C(1) << BH_INTID_MANAGED_EXIT;

    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        struct virq_bank *bank = &vm->vcpu[i].virq.bank;

        bank->enabled |= own;
        bank->group1 = (bank->group1 | own) & ~fiq;
    }
}

BH_COLD void virq_target_set(struct vcpu *vcpu, uint32_t vintid)
{
    struct vm *vm = vcpu->vm;
    uint64_t mpidr = vcpu->config->mpidr;

    lock_take(&vm->virq.lock);
    virq_notify(vm, virq_route_set(vm, vintid, (uint32_t)((mpidr & 0xffffff) | mpidr >> 32 << 24)));
    lock_drop(&vm->virq.lock);
}

/* Gone, should it be pending: what it was about is over. */
void virq_paravirt_forget(struct vcpu *vcpu, uint32_t intid)
{
    uint32_t bit = UINT32_C(1) << intid;

    lock_take(&vcpu->vm->virq.lock);
    (void)__atomic_fetch_and(&vcpu->virq.incoming, ~bit, __ATOMIC_ACQ_REL);
    vcpu->virq.bank.latch &= ~bit;
    lock_drop(&vcpu->vm->virq.lock);
}

/*
 * A level that is taken and not finished with is `active` in the model, and so is the physical
 * interrupt, or it would come again while the partition is about to quiet its device. EL1 in the
 * normal world has no call that tells the end: it gets the next one at once.
 */
static void bank_take(struct vcpu *vcpu, uint32_t b, uint32_t bit)
{
    struct virq_bank *bank = virq_bank_get(vcpu, b);
    uint32_t kept = bank->linked & ~bank->edge & bit;

    bank->latch &= ~bit;
    if (kept != 0 && (vcpu->is_el0 || role_is_secure())) {
        bank->active |= kept;
        vcpu->virq.acked[b - 1] |= kept;
        vcpu->virq.has_taken = true;
    }
    virq_bank_changed(vcpu, b, 0);
    virq_release_physical(vcpu, b);
}

static uint32_t take_first(struct vcpu *vcpu)
{
    for (uint32_t banks = ready_banks(vcpu); banks != 0; banks &= banks - 1) {
        uint32_t b = (uint32_t)__builtin_ctz(banks);
        uint32_t ready = ready_word(vcpu, b);

        if (ready != 0) {
            bank_take(vcpu, b, ready & -ready);
            return b * 32 + (uint32_t)__builtin_ctz(ready);
        }
    }
    return VIRQ_PARAVIRT_NONE;
}

/* What other CPUs have sent becomes pending. VM's lock held. */
static void incoming_fold(struct vcpu *vcpu)
{
    if (__atomic_load_n(&vcpu->virq.incoming, __ATOMIC_RELAXED) != 0) {
        vcpu->virq.bank.latch |= __atomic_exchange_n(&vcpu->virq.incoming, 0, __ATOMIC_ACQUIRE);
    }
}

uint32_t virq_paravirt_peek(struct vcpu *vcpu)
{
    struct virq_vm *vm = &vcpu->vm->virq;
    uint32_t intid = VIRQ_PARAVIRT_NONE;

    lock_take(&vm->lock);
    incoming_fold(vcpu);
    for (uint32_t banks = ready_banks(vcpu); banks != 0 && intid == VIRQ_PARAVIRT_NONE;
         banks &= banks - 1) {
        uint32_t b = (uint32_t)__builtin_ctz(banks);
        uint32_t ready = ready_word(vcpu, b);

        if (ready != 0) {
            intid = b * 32 + (uint32_t)__builtin_ctz(ready);
        }
    }
    lock_drop(&vm->lock);
    return intid;
}

/* VM's lock held. */
static uint32_t take_next(struct vcpu *vcpu)
{
    if (vcpu->virq.has_taken) {
        taken_end(vcpu); /* who asks for the next has finished with the last */
    }
    incoming_fold(vcpu);
    return take_first(vcpu);
}

uint32_t virq_paravirt_get(struct vcpu *current)
{
    struct virq_vm *vm = &current->vm->virq;
    uint32_t intid = VIRQ_PARAVIRT_NONE;

    if (!vm->paravirt) {
        return intid;
    }
    lock_take(&vm->lock);
    intid = take_next(current);
    lines_update(current);
    lock_drop(&vm->lock);
    return intid;
}

uint32_t virq_paravirt_take(struct vcpu *vcpu)
{
    uint32_t intid;

    lock_take(&vcpu->vm->virq.lock);
    intid = take_next(vcpu);
    lock_drop(&vcpu->vm->virq.lock);
    return intid;
}
