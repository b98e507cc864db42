/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/virq_sync.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/arch/sysreg.h"
#include "bh/drv/drv.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vm.h"
#include "virq_local.h"

/* Kept out of the hot paths, which must not pay for its frame. */
#define APART __attribute__((noinline))

/* Part of svc/run.c's hot path, which has no frame for calls. */
#define INLINED __attribute__((always_inline))

#define LR_NONE        UINT32_MAX
#define LR_STATE       (ICH_LR_PENDING | ICH_LR_ACTIVE)
#define EOICOUNT_SHIFT 27
#define VTIMER_BIT     (UINT32_C(1) << VIRQ_VTIMER)

static void lr_mark_used(struct cpu *cpu, struct vcpu *vcpu, uint32_t i, uint32_t intid)
{
    cpu->lr_used |= UINT32_C(1) << i;
    if (intid < VIRQ_PRIVATE) {
        vcpu->virq.lr_of[intid] = (uint8_t)i;
    }
}

/*
 * List registers whose private interrupt the guest has finished are free again. Those of SPIs wait
 * for a full synchronisation: their books need the lock.
 */
static APART uint32_t lr_reap(struct cpu *cpu, struct vcpu *vcpu)
{
    uint32_t done = arch_ich_elrsr() & cpu->lr_used;
    uint32_t found = LR_NONE;

    for (; done != 0; done &= done - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(done);
        uint32_t intid = (uint32_t)(arch_ich_lr_read(i) & ICH_LR_VINTID);

        if (intid < VIRQ_PRIVATE) {
            vcpu->virq.bank.held &= ~(UINT32_C(1) << intid);
            cpu->lr_used &= ~(UINT32_C(1) << i);
            found = i;
        }
    }
    return found;
}

static uint32_t lr_find_free(struct cpu *cpu, struct vcpu *vcpu)
{
    uint32_t i = (uint32_t)__builtin_ctz(~cpu->lr_used);

    return i < arch_ich_lr_count() ? i : lr_reap(cpu, vcpu);
}

/* A private edge that arrives again while the guest still has it. */
static APART bool private_merge(uint32_t i)
{
    uint64_t lr = arch_ich_lr_read(i);

    if ((lr & ICH_LR_HW) != 0) {
        return false;
    }
    if ((lr & ICH_LR_PENDING) == 0) {
        arch_ich_lr_write(i, lr | ICH_LR_PENDING);
    }
    return true;
}

static uint64_t private_lr(const struct vcpu *vcpu, uint32_t intid, uint64_t linked)
{
    const struct virq_vcpu *v = &vcpu->virq;
    uint64_t group = (v->bank.group1 >> intid & 1) != 0 ? ICH_LR_GROUP1 : 0;

    return intid | linked | ICH_LR_PENDING | group |
           (uint64_t)v->priority[intid] << ICH_LR_PRIORITY_SHIFT;
}

/* One that is in no list register. */
static APART bool private_place(struct cpu *cpu, struct vcpu *vcpu, uint32_t intid, uint64_t linked)
{
    uint32_t i = lr_find_free(cpu, vcpu);

    if (i == LR_NONE) {
        return false;
    }
    vcpu->virq.bank.held |= UINT32_C(1) << intid;
    lr_mark_used(cpu, vcpu, i, intid);
    arch_ich_lr_write(i, private_lr(vcpu, intid, linked));
    return true;
}

bool virq_try_private(struct cpu *cpu, struct vcpu *vcpu, uint32_t intid, uint64_t linked)
{
    struct virq_vcpu *v = &vcpu->virq;
    struct virq_bank *bank = &v->bank;
    uint32_t bit = UINT32_C(1) << intid;
    uint32_t group = (bank->group1 & bit) != 0 ? VIRQ_GROUP1 : VIRQ_GROUP0;
    uint32_t i;

    /* resync: what others want done to the list registers, as to clear one, comes first. */
    if ((bank->enabled & ~bank->active & bit) == 0 || v->overflow ||
        (vcpu->vm->virq.groups & group) == 0 ||
        __atomic_load_n(&v->resync, __ATOMIC_RELAXED) != 0) {
        return false;
    }
    if ((bank->held & bit) == 0) {
        return private_place(cpu, vcpu, intid, linked);
    }
    /* Its own list register: the guest has mostly finished with it. */
    i = v->lr_of[intid];
    if ((arch_ich_elrsr() >> i & 1) == 0) {
        return linked == 0 && private_merge(i);
    }
    arch_ich_lr_write(i, private_lr(vcpu, intid, linked));
    return true;
}

/* An interrupt in a list register whose line changed. False: look at all of it. */
static bool held_line_changed(struct cpu *cpu, const struct virq_ref *r)
{
    for (uint32_t used = cpu->lr_used; used != 0; used &= used - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(used);
        uint64_t lr = arch_ich_lr_read(i);

        if ((lr & ICH_LR_VINTID) != r->intid) {
            continue;
        }
        /* Lowered by the handler that serves it: nothing to look at when the handler ends. */
        if ((lr & (LR_STATE | ICH_LR_HW)) == ICH_LR_ACTIVE &&
            !virq_bit_has(r->bank->line, r->bit) && !virq_bit_has(r->bank->latch, r->bit)) {
            arch_ich_lr_write(i, lr & ~ICH_LR_EOI);
            return true;
        }
        return false;
    }
    return false;
}

bool virq_try_model(struct cpu *cpu, struct vcpu *vcpu, uint32_t intid)
{
    struct virq_ref r = virq_ref_get(vcpu, intid);
    uint32_t i;

    if (virq_bit_has(r.bank->held, r.bit)) {
        return held_line_changed(cpu, &r);
    }
    if (!virq_bit_has(virq_bank_ready(r.bank, vcpu->vm->virq.groups), r.bit)) {
        return true;
    }
    i = vcpu->virq.overflow ? LR_NONE : lr_find_free(cpu, vcpu);
    if (i == LR_NONE) {
        return false;
    }
    arch_ich_lr_write(i, virq_load(vcpu, intid));
    lr_mark_used(cpu, vcpu, i, intid);
    return true;
}

/*
 * The virtual timer's physical interrupt is active, and the guest has not got it. Its line, which
 * the guest changes without our seeing it, says whether it is still wanted; while it is, even if
 * the guest has disabled the interrupt, it stays active: the line would fire again at once.
 */
static void vtimer_release(struct vcpu *vcpu)
{
    struct virq_bank *bank = &vcpu->virq.bank;

    if ((bank->linked & ~bank->active & ~bank->held & VTIMER_BIT) == 0) {
        return;
    }
    if (arch_vtimer_is_due()) {
        bank->latch |= VTIMER_BIT;
    } else {
        bank->latch &= ~VTIMER_BIT;
        bank->linked &= ~VTIMER_BIT;
        drv_gic_set_active(VIRQ_VTIMER, false);
    }
}

void virq_release_physical(struct vcpu *vcpu, uint32_t b)
{
    uint32_t word;

    if (b == 0) {
        vtimer_release(vcpu);
        return;
    }
    word = virq_bank_release(virq_bank_get(vcpu, b));
    for (; word != 0; word &= word - 1) {
        uint32_t intid = b * 32 + (uint32_t)__builtin_ctz(word);

        drv_gic_set_active(virq_pintid_get(vcpu->vm, intid), false);
    }
}

/* All list registers into the model. Returns other vCPUs that are concerned. */
static uint32_t fold_all(struct cpu *cpu, struct vcpu *vcpu)
{
    uint32_t banks = 1;
    uint32_t others = 0;

    /* With EOImode 1 an EOI ends nothing, and what does, ICC_DIR_EL1, traps. */
    if (vcpu->virq.overflow && (arch_ich_vmcr_read() & ICH_VMCR_VEOIM) == 0) {
        uint32_t ended = (uint32_t)(arch_ich_hcr_read() >> EOICOUNT_SHIFT) & 0x1f;

        if (ended != 0) {
            others = virq_end_unlisted(vcpu, ended) & ~(UINT32_C(1) << vcpu->index);
            banks = (uint32_t)NUM_MASK(vcpu->vm->virq.banks, 0);
        }
    }
    for (uint32_t used = cpu->lr_used; used != 0; used &= used - 1) {
        uint64_t lr = arch_ich_lr_read((uint32_t)__builtin_ctz(used));

        banks |= UINT32_C(1) << (lr & ICH_LR_VINTID) / 32;
        others |= virq_fold(vcpu, lr);
    }
    for (; banks != 0; banks &= banks - 1) {
        virq_release_physical(vcpu, (uint32_t)__builtin_ctz(banks));
    }
    return others;
}

static void lr_clear(uint32_t used)
{
    for (; used != 0; used &= used - 1) {
        arch_ich_lr_write((uint32_t)__builtin_ctz(used), 0);
    }
}

static void load_picked(struct cpu *cpu, struct vcpu *vcpu, const struct virq_pick *pick,
                        uint32_t count, uint32_t first)
{
    for (uint32_t n = 0; n < count; n++) {
        arch_ich_lr_write(first + n, virq_load(vcpu, pick[n].intid));
        lr_mark_used(cpu, vcpu, first + n, pick[n].intid);
    }
}

/*
 * From the model to list registers, which count as empty; stale: those that still hold old values.
 * Active interrupts go first, because their EOI must find them, but one list register is kept for
 * the best pending one: it may preempt them. What does not fit is announced by maintenance
 * interrupts: NPIE when the pending ones that fitted are taken, LRENPIE when the guest ends an
 * active one that is in no list register; TDIR because such an end may also be a deactivation.
 */
static void refill(struct cpu *cpu, struct vcpu *vcpu, uint32_t stale)
{
    struct virq_pick ready[ARCH_LR_MAX], active[ARCH_LR_MAX];
    struct virq_vcpu *v = &vcpu->virq;
    uint32_t room = arch_ich_lr_count();
    uint32_t ready_total = virq_pick_ready(vcpu, ready, room);
    uint32_t active_room = ready_total == 0 ? room : room - 1;
    uint32_t active_total = virq_pick_active(vcpu, active, active_room);
    uint32_t actives = active_total < active_room ? active_total : active_room;
    uint32_t readies = ready_total < room - actives ? ready_total : room - actives;
    bool had_overflow = v->overflow;
    uint64_t hcr = vcpu->ctx.ich.hcr;

    v->overflow = active_total > actives || ready_total > readies;
    cpu->lr_used = 0;
    load_picked(cpu, vcpu, active, actives, 0);
    load_picked(cpu, vcpu, ready, readies, actives);
    lr_clear(stale & ~cpu->lr_used);

    hcr |= active_total > actives ? ICH_HCR_EL2_LRENPIE | ICH_HCR_EL2_TDIR : 0;
    hcr |= ready_total > readies ? ICH_HCR_EL2_NPIE : 0;
    if (v->overflow || had_overflow) {
        arch_ich_hcr_write(hcr); /* also resets EOIcount */
    }
}

static APART void sync_all(struct cpu *cpu, struct vcpu *vcpu, uint32_t incoming)
{
    struct virq_vm *vm = &vcpu->vm->virq;
    uint32_t stale = cpu->lr_used;
    uint32_t others;

    lock_take(&vm->lock);
    __atomic_store_n(&vcpu->virq.resync, 0, __ATOMIC_RELAXED);
    others = fold_all(cpu, vcpu);
    vcpu->virq.bank.latch |= incoming;
    refill(cpu, vcpu, stale);
    virq_notify(vcpu->vm, others);
    __atomic_store_n(&vcpu->virq.folds, vcpu->virq.folds + 1, __ATOMIC_RELEASE);
    lock_drop(&vm->lock);
}

static uint32_t incoming_take(struct vcpu *vcpu)
{
    if (__atomic_load_n(&vcpu->virq.incoming, __ATOMIC_RELAXED) == 0) {
        return 0;
    }
    return __atomic_exchange_n(&vcpu->virq.incoming, 0, __ATOMIC_ACQUIRE);
}

void virq_sync(struct vcpu *vcpu)
{
    struct cpu *cpu = arch_cpu_self();
    uint32_t incoming = incoming_take(vcpu);
    uint32_t rest = 0;

    if (vcpu->vm->virq.paravirt) {
        virq_paravirt_sync(vcpu, incoming);
        return;
    }
    if (__atomic_load_n(&vcpu->virq.resync, __ATOMIC_ACQUIRE) != 0) {
        sync_all(cpu, vcpu, incoming);
        return;
    }
    for (; incoming != 0; incoming &= incoming - 1) {
        if (!virq_try_private(cpu, vcpu, (uint32_t)__builtin_ctz(incoming), 0)) {
            rest |= incoming & -incoming;
        }
    }
    if (rest != 0) {
        sync_all(cpu, vcpu, rest);
    }
}

void virq_sync_full(struct vcpu *vcpu)
{
    uint32_t incoming = incoming_take(vcpu);

    if (vcpu->vm->virq.paravirt) {
        virq_paravirt_sync(vcpu, incoming);
    } else {
        sync_all(arch_cpu_self(), vcpu, incoming);
    }
}

/* All list registers into the model, and quiet: nothing asks for maintenance. Returns other vCPUs
 * that are concerned. */
static uint32_t empty_all(struct cpu *cpu, struct vcpu *vcpu)
{
    uint32_t others = fold_all(cpu, vcpu);

    lr_clear(cpu->lr_used);
    cpu->lr_used = 0;
    if (vcpu->virq.overflow) {
        vcpu->virq.overflow = false;
        arch_ich_hcr_write(vcpu->ctx.ich.hcr);
    }
    return others;
}

static bool has_listed(const struct cpu *cpu, const struct vcpu *vcpu)
{
    return cpu->lr_used != 0 || vcpu->virq.overflow;
}

void virq_sync_fold(struct vcpu *vcpu)
{
    struct cpu *cpu = arch_cpu_self();

    if (has_listed(cpu, vcpu)) {
        virq_notify(vcpu->vm, empty_all(cpu, vcpu) | UINT32_C(1) << vcpu->index);
    }
}

static APART void leave_listed(struct cpu *cpu, struct vcpu *vcpu)
{
    lock_take(&vcpu->vm->virq.lock);
    virq_notify(vcpu->vm, empty_all(cpu, vcpu));
    lock_drop(&vcpu->vm->virq.lock);
}

INLINED bool virq_leave_is_plain(const struct cpu *cpu, const struct vcpu *vcpu)
{
    return !has_listed(cpu, vcpu) && (vcpu->virq.bank.linked & VTIMER_BIT) == 0;
}

void virq_sync_leave(struct vcpu *vcpu)
{
    struct cpu *cpu = arch_cpu_self();

    if (has_listed(cpu, vcpu)) {
        leave_listed(cpu, vcpu);
    }
    /* The next vCPU's timer needs the physical interrupt: virq_sync_enter sees to that. */
    cpu->vtimer_active = (vcpu->virq.bank.linked & VTIMER_BIT) != 0;
}

INLINED bool virq_enter_is_plain(const struct cpu *cpu, const struct vcpu *vcpu)
{
    const struct virq_vcpu *v = &vcpu->virq;
    uint32_t news;

    __asm__("" : "+r"(v)); /* one base: the compiler loads pairs */
    news = __atomic_load_n(&v->incoming, __ATOMIC_RELAXED) |
           __atomic_load_n(&v->resync, __ATOMIC_RELAXED);
    return !cpu->vtimer_active && (news | v->summary | v->bank.latch | v->bank.line |
                                   v->bank.active | v->bank.linked) == 0;
}

void virq_sync_enter(struct vcpu *vcpu)
{
    struct cpu *cpu = arch_cpu_self();
    struct virq_vcpu *v = &vcpu->virq;
    bool linked = (v->bank.linked & VTIMER_BIT) != 0;
    uint32_t incoming = incoming_take(vcpu);

    /* PPIs belong to the CPU: the physical timer interrupt is active for this vCPU or not at all.
     */
    if (linked || cpu->vtimer_active) {
        drv_gic_set_active(VIRQ_VTIMER, linked);
        cpu->vtimer_active = false;
    }
    /* Nothing that could be delivered, nothing changed: list registers, or HCR_EL2.VI and VF, are
     * right as loaded. */
    if ((incoming | ((v->bank.latch | v->bank.line) & v->bank.enabled) | v->bank.linked |
         v->bank.active | v->summary) == 0 &&
        __atomic_load_n(&v->resync, __ATOMIC_ACQUIRE) == 0) {
        return;
    }
    if (vcpu->vm->virq.paravirt) {
        virq_paravirt_sync(vcpu, incoming);
    } else {
        sync_all(cpu, vcpu, incoming);
    }
}
