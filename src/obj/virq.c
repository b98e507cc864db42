/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/obj/virq.h"

#include <stddef.h>

#include "bh/arch/sysreg.h"
#include "bh/base/cold.h"
#include "bh/base/libc.h"
#include "bh/mem/pool.h"
#include "bh/obj/vcpu.h"
#include "bh/obj/vm.h"

#define SGI_MASK UINT32_C(0xffff)

static uint32_t affinity_pack(uint64_t mpidr)
{
    return (uint32_t)(mpidr & 0xffffff) | (uint32_t)(mpidr >> 32 & 0xff) << 24;
}

static uint32_t banks_needed(const struct vm_config *config)
{
    uint32_t banks = 0;

    for (uint32_t i = 0; i < config->device_count; i++) {
        if (config->device[i].kind == DEVICE_GIC_V3) {
            banks = (config->device[i].spis + 31) / 32;
        }
    }
    for (uint32_t i = 0; i < config->irq_count; i++) {
        if (config->irq[i].vintid / 32 > banks) {
            banks = config->irq[i].vintid / 32;
        }
    }
    bh_assert(banks <= VIRQ_SPI_BANKS);
    return banks;
}

BH_COLD void virq_vm_init(struct vm *vm)
{
    struct virq_vm *v = &vm->virq;
    uint32_t spis;

    lock_init(&v->lock, LOCK_RANK_DEVICE);
    v->paravirt = vm->config->irq_model == VM_IRQ_PARAVIRT;
    v->banks = banks_needed(vm->config);
    spis = v->banks * 32;
    if (spis != 0) {
        v->spi = pool_alloc(v->banks * sizeof(*v->spi), 8);
        v->route = pool_alloc(spis * sizeof(*v->route), 8);
        v->pintid = pool_alloc(spis * sizeof(*v->pintid), 8);
        v->priority = pool_alloc(spis, 8);
        v->target = pool_alloc(spis, 8);
    }
}

static void bank_reset(struct virq_bank *bank, bool paravirt)
{
    *bank = (struct virq_bank){.group1 = UINT32_MAX, .edge = paravirt ? UINT32_MAX : 0};
}

static void vcpu_reset(struct vcpu *vcpu, bool paravirt)
{
    struct virq_vcpu *v = &vcpu->virq;

    *v = (struct virq_vcpu){0};
    bank_reset(&v->bank, paravirt);
    v->bank.edge |= SGI_MASK;
    v->bank.hw = paravirt ? 0 : UINT32_C(1) << VIRQ_VTIMER;
}

BH_COLD void virq_vm_reset(struct vm *vm)
{
    const struct vm_config *config = vm->config;
    struct virq_vm *v = &vm->virq;

    v->groups = v->paravirt ? VIRQ_GROUP0 | VIRQ_GROUP1 : 0;
    for (uint32_t i = 0; i < config->vcpu_count; i++) {
        vcpu_reset(&vm->vcpu[i], v->paravirt);
    }
    /* All SPIs go to vCPU 0: written here, because one by one it costs at each boot. */
    for (uint32_t i = 0; i < v->banks * 32; i++) {
        v->priority[i] = 0;
        v->target[i] = 0;
        v->route[i] = affinity_pack(config->vcpu[0].mpidr);
    }
    for (uint32_t b = 0; b < v->banks; b++) {
        bank_reset(&v->spi[b], v->paravirt);
        vm->vcpu[0].virq.target[b] = UINT32_MAX;
    }
    for (uint32_t i = 0; i < config->irq_count; i++) {
        const struct irq_config *irq = &config->irq[i];
        uint32_t spi = irq->vintid - VIRQ_PRIVATE;
        uint32_t bit = UINT32_C(1) << spi % 32;

        bh_assert(irq->vintid >= VIRQ_PRIVATE && irq->vcpu < config->vcpu_count);
        v->pintid[spi] = (uint16_t)irq->pintid;
        v->spi[spi / 32].hw |= bit;
        v->spi[spi / 32].edge = (v->spi[spi / 32].edge & ~bit) | (irq->edge ? bit : 0);
        virq_route_set(vm, irq->vintid, affinity_pack(config->vcpu[irq->vcpu].mpidr));
    }
}

uint32_t virq_limit_get(const struct vm *vm)
{
    return VIRQ_PRIVATE + vm->virq.banks * 32;
}

struct virq_bank *virq_bank_get(struct vcpu *vcpu, uint32_t b)
{
    return b == 0 ? &vcpu->virq.bank : &vcpu->vm->virq.spi[b - 1];
}

struct virq_ref virq_ref_get(struct vcpu *vcpu, uint32_t intid)
{
    return (struct virq_ref){
        .bank = virq_bank_get(vcpu, intid / 32),
        .bit = UINT32_C(1) << intid % 32,
        .intid = intid,
    };
}

uint8_t virq_priority_get(const struct vcpu *vcpu, uint32_t intid)
{
    return intid < VIRQ_PRIVATE ? vcpu->virq.priority[intid]
                                : vcpu->vm->virq.priority[intid - VIRQ_PRIVATE];
}

uint32_t virq_pintid_get(const struct vm *vm, uint32_t intid)
{
    if (intid < VIRQ_PRIVATE) {
        return intid == VIRQ_VTIMER ? VIRQ_VTIMER : 0;
    }
    return vm->virq.pintid[intid - VIRQ_PRIVATE];
}

static void summary_update(struct virq_vcpu *v, uint32_t spi_bank)
{
    uint32_t bit = UINT32_C(1) << spi_bank;

    if ((v->ready[spi_bank] | v->acked[spi_bank]) != 0) {
        v->summary |= bit;
    } else {
        v->summary &= ~bit;
    }
}

static uint32_t spi_changed(struct vm *vm, uint32_t b, uint32_t mask)
{
    uint32_t all = virq_bank_ready(&vm->virq.spi[b], vm->virq.groups);
    uint32_t vcpus = 0;

    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        struct virq_vcpu *v = &vm->vcpu[i].virq;
        uint32_t ready = all & v->target[b];

        /* Ready before and after: it may have become more urgent than what is loaded. */
        if (((ready & (mask | ~v->ready[b])) | (v->loaded[b] & mask)) != 0) {
            vcpus |= UINT32_C(1) << i;
        }
        v->ready[b] = ready;
        v->acked[b] &= vm->virq.spi[b].active;
        summary_update(v, b);
    }
    return vcpus;
}

uint32_t virq_bank_changed(struct vcpu *vcpu, uint32_t b, uint32_t mask)
{
    const struct virq_bank *bank = &vcpu->virq.bank;
    uint32_t concerned;

    if (b != 0) {
        return spi_changed(vcpu->vm, b - 1, mask);
    }
    concerned = virq_bank_ready(bank, vcpu->vm->virq.groups) | bank->held | bank->linked;
    return (concerned & mask) != 0 ? UINT32_C(1) << vcpu->index : 0;
}

void virq_acked_by_target(struct vm *vm, uint32_t b, uint32_t mask)
{
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        struct virq_vcpu *v = &vm->vcpu[i].virq;

        v->acked[b - 1] |= mask & v->target[b - 1];
        summary_update(v, b - 1);
    }
}

uint32_t virq_groups_set(struct vm *vm, uint32_t groups)
{
    vm->virq.groups = groups;
    for (uint32_t b = 0; b < vm->virq.banks; b++) {
        spi_changed(vm, b, 0);
    }
    return (uint32_t)NUM_MASK(vm->config->vcpu_count - 1, 0);
}

static uint8_t target_find(const struct vm *vm, uint32_t affinity)
{
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        if (affinity_pack(vm->config->vcpu[i].mpidr) == affinity) {
            return (uint8_t)i;
        }
    }
    return VIRQ_TARGET_NONE;
}

uint32_t virq_route_set(struct vm *vm, uint32_t intid, uint32_t affinity)
{
    uint32_t spi = intid - VIRQ_PRIVATE;
    uint32_t bit = UINT32_C(1) << spi % 32;
    uint8_t old = vm->virq.target[spi];
    uint8_t target = target_find(vm, affinity);

    vm->virq.route[spi] = affinity;
    vm->virq.target[spi] = target;
    if (old == target) {
        return 0;
    }
    if (old != VIRQ_TARGET_NONE) {
        vm->vcpu[old].virq.target[spi / 32] &= ~bit;
    }
    if (target != VIRQ_TARGET_NONE) {
        vm->vcpu[target].virq.target[spi / 32] |= bit;
    }
    return spi_changed(vm, spi / 32, bit);
}

uint32_t virq_line_change(struct vcpu *vcpu, uint32_t intid, bool level)
{
    struct virq_ref r = virq_ref_get(vcpu, intid);

    if (virq_bit_has(r.bank->line, r.bit) == level) {
        return 0;
    }
    r.bank->line ^= r.bit;
    if (level) {
        r.bank->latch |= r.bank->edge & r.bit; /* a rising edge is an event */
    }
    return virq_bank_changed(vcpu, intid / 32, r.bit);
}

struct pick_list {
    struct virq_pick *pick;
    uint32_t max;
    uint32_t count; /* in pick */
    uint32_t total; /* seen */
};

/* Keeps the best `max`, sorted; of equals the first stays first (the lower INTID). */
static void pick_insert(struct pick_list *list, uint32_t intid, uint8_t priority)
{
    uint32_t at;

    list->total++;
    if (list->count < list->max) {
        list->count++;
    } else if (list->max == 0 || list->pick[list->max - 1].priority <= priority) {
        return;
    }
    for (at = list->count - 1; at > 0 && list->pick[at - 1].priority > priority; at--) {
        list->pick[at] = list->pick[at - 1];
    }
    list->pick[at] = (struct virq_pick){.intid = (uint16_t)intid, .priority = priority};
}

static void pick_word(struct pick_list *list, const uint8_t *priority, uint32_t first,
                      uint32_t word)
{
    for (; word != 0; word &= word - 1) {
        uint32_t n = (uint32_t)__builtin_ctz(word);

        pick_insert(list, first + n, priority[n]);
    }
}

uint32_t virq_pick_ready(struct vcpu *vcpu, struct virq_pick *pick, uint32_t max)
{
    struct virq_vm *vm = &vcpu->vm->virq;
    struct virq_vcpu *v = &vcpu->virq;
    struct pick_list list = {.pick = pick, .max = max};

    pick_word(&list, v->priority, 0, virq_bank_ready(&v->bank, vm->groups));
    for (uint32_t s = v->summary; s != 0; s &= s - 1) {
        uint32_t b = (uint32_t)__builtin_ctz(s);

        pick_word(&list, vm->priority + b * 32, VIRQ_PRIVATE + b * 32, v->ready[b]);
    }
    return list.total;
}

uint32_t virq_pick_active(struct vcpu *vcpu, struct virq_pick *pick, uint32_t max)
{
    struct virq_vm *vm = &vcpu->vm->virq;
    struct virq_vcpu *v = &vcpu->virq;
    struct pick_list list = {.pick = pick, .max = max};

    pick_word(&list, v->priority, 0, v->bank.active);
    for (uint32_t s = v->summary; s != 0; s &= s - 1) {
        uint32_t b = (uint32_t)__builtin_ctz(s);

        pick_word(&list, vm->priority + b * 32, VIRQ_PRIVATE + b * 32,
                  v->acked[b] & vm->spi[b].active);
    }
    return list.total;
}

/* Bookkeeping of SPIs when they enter or leave vcpu's list registers. */
static void spi_loaded(struct vcpu *vcpu, const struct virq_ref *r)
{
    struct virq_vcpu *v = &vcpu->virq;
    uint32_t b = (r->intid - VIRQ_PRIVATE) / 32;

    v->loaded[b] |= r->bit;
    v->acked[b] &= ~r->bit;
    v->ready[b] &= ~r->bit;
    summary_update(v, b);
}

/* Once it is inactive, vcpu may take it. */
static bool is_allowed_here(const struct vcpu *vcpu, const struct virq_ref *r)
{
    const struct virq_vm *vm = &vcpu->vm->virq;
    uint32_t group = virq_bit_has(r->bank->group1, r->bit) ? VIRQ_GROUP1 : VIRQ_GROUP0;

    return virq_bit_has(r->bank->enabled, r->bit) && (vm->groups & group) != 0 &&
           (r->intid < VIRQ_PRIVATE || vm->target[r->intid - VIRQ_PRIVATE] == vcpu->index);
}

/* State bits of an interrupt that software alone keeps. ICH_LR_EOI: what waits comes after. */
static uint64_t load_state(struct vcpu *vcpu, const struct virq_ref *r)
{
    struct virq_bank *bank = r->bank;
    bool edge = virq_bit_has(bank->edge, r->bit);
    bool line = !edge && virq_bit_has(bank->line, r->bit);
    bool latch = virq_bit_has(bank->latch, r->bit);
    /* The line is looked at again when the guest has finished with the interrupt. */
    uint64_t resample = line ? ICH_LR_EOI : 0;

    if (!virq_bit_has(bank->active, r->bit)) {
        bank->latch &= ~r->bit;
        return ICH_LR_PENDING | resample;
    }
    if (!latch) {
        return ICH_LR_ACTIVE | resample;
    }
    /* With others waiting outside, its next turn may not be before theirs. */
    if (!edge || vcpu->virq.overflow || virq_bit_has(bank->linked, r->bit) ||
        !is_allowed_here(vcpu, r)) {
        return ICH_LR_ACTIVE | ICH_LR_EOI;
    }
    bank->latch &= ~r->bit;
    return ICH_LR_ACTIVE | ICH_LR_PENDING;
}

/* One active and another pending: the physical interrupt belongs to the one that comes next. */
static bool is_linkable(const struct virq_ref *r)
{
    return virq_bit_has(r->bank->linked, r->bit) &&
           !virq_bit_has(r->bank->active & r->bank->latch, r->bit);
}

/* A hardware-linked one is pending or active, never both (IHI 0069 4.8.1). */
static uint64_t load_state_linked(struct vcpu *vcpu, const struct virq_ref *r)
{
    uint64_t pintid = virq_pintid_get(vcpu->vm, r->intid);
    uint64_t state = ICH_LR_ACTIVE;

    if (!virq_bit_has(r->bank->active, r->bit)) {
        r->bank->latch &= ~r->bit;
        state = ICH_LR_PENDING;
    }
    r->bank->linked &= ~r->bit;
    return state | ICH_LR_HW | pintid << ICH_LR_PINTID_SHIFT;
}

uint64_t virq_load(struct vcpu *vcpu, uint32_t intid)
{
    struct virq_ref r = virq_ref_get(vcpu, intid);
    uint64_t lr = intid;

    lr |= (uint64_t)virq_priority_get(vcpu, intid) << ICH_LR_PRIORITY_SHIFT;
    lr |= virq_bit_has(r.bank->group1, r.bit) ? ICH_LR_GROUP1 : 0;
    lr |= is_linkable(&r) ? load_state_linked(vcpu, &r) : load_state(vcpu, &r);
    r.bank->active &= ~r.bit;
    r.bank->held |= r.bit;
    r.bank->seen_pending =
        (r.bank->seen_pending & ~r.bit) | ((lr & ICH_LR_PENDING) != 0 ? r.bit : 0);
    r.bank->seen_active = (r.bank->seen_active & ~r.bit) | ((lr & ICH_LR_ACTIVE) != 0 ? r.bit : 0);
    if (intid >= VIRQ_PRIVATE) {
        spi_loaded(vcpu, &r);
    }
    return lr;
}

static void fold_state(const struct virq_ref *r, uint64_t lr)
{
    struct virq_bank *bank = r->bank;
    bool pending = (lr & ICH_LR_PENDING) != 0 && !virq_bit_has(bank->cancel_pending, r->bit);
    bool active = (lr & ICH_LR_ACTIVE) != 0 && !virq_bit_has(bank->cancel_active, r->bit);
    bool linked = (lr & ICH_LR_HW) != 0;
    /* Pending because of its line: the line itself says whether it still is. */
    bool by_line = !linked && (lr & ICH_LR_EOI) != 0 && !virq_bit_has(bank->edge, r->bit);

    bank->cancel_pending &= ~r->bit;
    bank->cancel_active &= ~r->bit;
    bank->seen_pending &= ~r->bit;
    bank->seen_active &= ~r->bit;
    bank->held &= ~r->bit;
    if (active) {
        bank->active |= r->bit;
    }
    if (pending && !by_line) {
        bank->latch |= r->bit;
    }
    if (linked && (lr & (ICH_LR_PENDING | ICH_LR_ACTIVE)) != 0) {
        bank->linked |= r->bit;
    }
}

uint32_t virq_fold(struct vcpu *vcpu, uint64_t lr)
{
    struct virq_ref r = virq_ref_get(vcpu, (uint32_t)(lr & ICH_LR_VINTID));
    uint32_t b = r.intid / 32 - 1;

    fold_state(&r, lr);
    if (r.intid < VIRQ_PRIVATE) {
        return 0;
    }
    vcpu->virq.loaded[b] &= ~r.bit;
    vcpu->virq.acked[b] |= r.bit & r.bank->active;
    /* It may be somebody else's by now. */
    return spi_changed(vcpu->vm, b, 0) & ~(UINT32_C(1) << vcpu->index);
}

uint32_t virq_end_unlisted(struct vcpu *vcpu, uint32_t count)
{
    struct virq_pick pick[ARCH_LR_MAX];
    uint32_t vcpus = 0;

    /* EOIs come in order of priority, highest first: that is who they meant. */
    if (count > ARCH_LR_MAX) {
        count = ARCH_LR_MAX;
    }
    count = (uint32_t)num_min(count, virq_pick_active(vcpu, pick, count));
    for (uint32_t i = 0; i < count; i++) {
        vcpus |= virq_deactivate(vcpu, pick[i].intid);
    }
    return vcpus;
}

uint32_t virq_deactivate(struct vcpu *vcpu, uint32_t intid)
{
    struct virq_ref r = virq_ref_get(vcpu, intid);

    r.bank->active &= ~r.bit;
    return virq_bank_changed(vcpu, intid / 32, r.bit);
}

uint32_t virq_bank_release(struct virq_bank *bank)
{
    uint32_t released = bank->linked & ~bank->held & ~bank->active & ~(bank->enabled & bank->latch);

    bank->linked &= ~released;
    bank->latch &= ~(released & ~bank->edge); /* its line is high still or it isn't: see again */
    return released;
}

bool virq_model_is_pending(struct vcpu *vcpu)
{
    struct virq_vcpu *v = &vcpu->virq;
    uint32_t incoming = __atomic_load_n(&v->incoming, __ATOMIC_ACQUIRE);
    uint32_t wanted = virq_bank_ready(&v->bank, vcpu->vm->virq.groups);

    if (((incoming & v->bank.enabled & ~v->bank.active) | wanted) != 0) {
        return true;
    }
    for (uint32_t s = v->summary; s != 0; s &= s - 1) {
        if (v->ready[__builtin_ctz(s)] != 0) {
            return true;
        }
    }
    return false;
}
