/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The register arrays, one row per array: how many bits an interrupt has and what reading and
 * writing a word of 32 interrupts means. One routine serves distributor and SGI frames.
 */
#include <stddef.h>

#include "bh/base/cold.h"
#include "bh/base/num.h"
#include "bh/drv/drv.h"
#include "bh/drv/gicv3_regs.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/virq_sync.h"
#include "vgic_local.h"

#define ROW_SHIFT 7 /* arrays begin at multiples of 0x80 */

/* A word of 32 interrupts under access. */
struct word {
    struct vcpu *vcpu; /* its bank b is meant */
    uint32_t b;
    struct virq_bank *bank;
    bool is_own; /* the private bank of who makes the access */
};

typedef uint32_t word_read_fn(const struct word *w);
/* vm->virq.lock held. mask: the bits written as one. */
typedef void word_write_fn(const struct word *w, uint32_t mask);

struct row {
    uint8_t bits; /* per interrupt; 0: reads as zero, writes ignored */
    bool fold;    /* list registers are the truth: fold them first */
    word_read_fn *read;
    word_write_fn *write;
};

static bool is_private(const struct word *w)
{
    return w->b == 0;
}

static uint32_t read_group(const struct word *w)
{
    return w->bank->group1;
}

static uint32_t read_enabled(const struct word *w)
{
    return w->bank->enabled;
}

static uint32_t read_pending(const struct word *w)
{
    /* On its way to a vCPU that another CPU has is pending, too. */
    uint32_t incoming =
        is_private(w) ? __atomic_load_n(&w->vcpu->virq.incoming, __ATOMIC_ACQUIRE) : 0;

    return incoming | w->bank->latch | (w->bank->line & ~w->bank->edge) |
           (w->bank->held & w->bank->seen_pending);
}

static uint32_t read_active(const struct word *w)
{
    return w->bank->active | (w->bank->held & w->bank->seen_active);
}

static void write_group(const struct word *w, uint32_t value)
{
    w->bank->group1 = value;
}

/* For each SPI of mask that has a physical interrupt behind it. */
static BH_COLD void each_physical(const struct word *w, uint32_t mask, void (*set)(uint32_t, bool),
                                  bool on)
{
    mask = is_private(w) ? 0 : mask & w->bank->hw;
    for (; mask != 0; mask &= mask - 1) {
        uint32_t intid = w->b * 32 + (uint32_t)__builtin_ctz(mask);

        set(virq_pintid_get(w->vcpu->vm, intid), on);
    }
}

/* Private ones are let go by the vCPU's own CPU when it looks at its list registers. */
static BH_COLD void release(const struct word *w)
{
    if (!is_private(w) || w->is_own) {
        virq_release_physical(w->vcpu, w->b);
    }
}

static void write_enable(const struct word *w, uint32_t mask)
{
    uint32_t changed = mask & ~w->bank->enabled;

    w->bank->enabled |= mask;
    each_physical(w, changed, drv_gic_enable, true);
}

static void write_disable(const struct word *w, uint32_t mask)
{
    uint32_t changed = mask & w->bank->enabled;

    each_physical(w, changed, drv_gic_enable, false);
    w->bank->enabled &= ~mask;
    release(w);
}

/* A device interrupt is made pending where its other state is: at the physical controller. */
static BH_COLD void write_set_pending(const struct word *w, uint32_t mask)
{
    each_physical(w, mask, drv_gic_set_pending, true);
    w->bank->latch |= is_private(w) ? mask : mask & ~w->bank->hw;
}

static BH_COLD void write_clear_pending(const struct word *w, uint32_t mask)
{
    each_physical(w, mask, drv_gic_set_pending, false);
    w->bank->latch &= ~mask;
    if (is_private(w)) {
        (void)__atomic_fetch_and(&w->vcpu->virq.incoming, ~mask, __ATOMIC_ACQ_REL);
    }
    w->bank->cancel_pending |= mask & w->bank->held;
    release(w);
}

static BH_COLD void write_set_active(const struct word *w, uint32_t mask)
{
    uint32_t fresh = mask & ~w->bank->active & ~w->bank->held;

    w->bank->active |= fresh;
    if (is_private(w)) {
        return;
    }
    each_physical(w, fresh, drv_gic_set_active, true);
    w->bank->linked |= fresh & w->bank->hw;
    virq_acked_by_target(w->vcpu->vm, w->b, fresh);
}

static BH_COLD void write_clear_active(const struct word *w, uint32_t mask)
{
    w->bank->active &= ~mask;
    w->bank->cancel_active |= mask & w->bank->held;
    release(w);
}

/* By offset / 0x80. */
static const struct row rows[GIC_ARRAYS_END >> ROW_SHIFT] = {
    [GIC_IGROUPR >> ROW_SHIFT] = {1, false, read_group, write_group},
    [GIC_ISENABLER >> ROW_SHIFT] = {1, false, read_enabled, write_enable},
    [GIC_ICENABLER >> ROW_SHIFT] = {1, false, read_enabled, write_disable},
    [GIC_ISPENDR >> ROW_SHIFT] = {1, true, read_pending, write_set_pending},
    [GIC_ICPENDR >> ROW_SHIFT] = {1, true, read_pending, write_clear_pending},
    [GIC_ISACTIVER >> ROW_SHIFT] = {1, true, read_active, write_set_active},
    [GIC_ICACTIVER >> ROW_SHIFT] = {1, true, read_active, write_clear_active},
#define PRIORITY(n) [(GIC_IPRIORITYR >> ROW_SHIFT) + (n)] = {.bits = 8}
    PRIORITY(0),
    PRIORITY(1),
    PRIORITY(2),
    PRIORITY(3),
    PRIORITY(4),
    PRIORITY(5),
    PRIORITY(6),
    PRIORITY(7),
#undef PRIORITY
    [GIC_ICFGR >> ROW_SHIFT] = {.bits = 2},
    [(GIC_ICFGR >> ROW_SHIFT) + 1] = {.bits = 2},
};

/* Bank b as the frame shows it. False: not there. */
static bool word_find(struct vcpu *owner, struct vcpu *current, uint32_t b, struct word *w)
{
    if (owner == NULL ? b == 0 || b > current->vm->virq.banks : b != 0) {
        return false;
    }
    w->vcpu = owner == NULL ? current : owner;
    w->b = b;
    w->is_own = owner == current;
    w->bank = virq_bank_get(w->vcpu, b);
    return true;
}

/* vCPUs, as bits, that have some of the word's interrupts in list registers. */
static __attribute__((noinline)) uint32_t holders(const struct word *w)
{
    const struct vm *vm = w->vcpu->vm;
    uint32_t vcpus = 0;

    if (is_private(w)) {
        return w->bank->held != 0 ? UINT32_C(1) << w->vcpu->index : 0;
    }
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        vcpus |= vm->vcpu[i].virq.loaded[w->b - 1] != 0 ? UINT32_C(1) << i : 0;
    }
    return vcpus;
}

static void settle(const struct word *w, uint32_t mask)
{
    virq_notify(w->vcpu->vm, virq_bank_changed(w->vcpu, w->b, mask));
}

static void bits_access(const struct row *row, const struct word *w, struct vcpu *current,
                        struct vdev_access *access)
{
    struct lock *lock = &current->vm->virq.lock;
    uint32_t own = UINT32_C(1) << current->index;

    if (!access->write && !row->fold) {
        access->value = row->read(w);
        return;
    }
    if (row->fold && !access->write && (holders(w) & ~own) != 0) {
        virq_sync_others(current->vm, holders(w) & ~own);
    }
    lock_take(lock);
    if (row->fold && (holders(w) & own) != 0) {
        virq_sync_fold(current);
    }
    if (row->fold) {
        release(w); /* looks at the virtual timer's line */
    }
    if (access->write) {
        row->write(w, (uint32_t)access->value);
        settle(w, row->read == read_group ? UINT32_MAX : (uint32_t)access->value);
    } else {
        access->value = row->read(w);
    }
    lock_drop(lock);
}

/* Bits 0, 2, 4... of the result from the low 16 bits of v. */
static uint32_t spread(uint32_t v)
{
    v = (v | v << 8) & 0x00ff00ff;
    v = (v | v << 4) & 0x0f0f0f0f;
    v = (v | v << 2) & 0x33333333;
    return (v | v << 1) & 0x55555555;
}

static uint32_t gather(uint32_t v)
{
    v &= 0x55555555;
    v = (v | v >> 1) & 0x33333333;
    v = (v | v >> 2) & 0x0f0f0f0f;
    v = (v | v >> 4) & 0x00ff00ff;
    return (v | v >> 8) & 0xffff;
}

/* Two bits per interrupt, of which the upper one says edge. SGIs and PPIs are fixed. */
static BH_COLD void config_access(const struct word *w, struct vcpu *current,
                                  struct vdev_access *access)
{
    uint32_t shift = (access->offset & 4) != 0 ? 16 : 0;
    uint32_t mask = UINT32_C(0xffff) << shift;

    if (!access->write) {
        access->value = spread(w->bank->edge >> shift & 0xffff) << 1;
    } else if (!is_private(w)) {
        lock_take(&current->vm->virq.lock);
        w->bank->edge = (w->bank->edge & ~mask) | gather((uint32_t)access->value >> 1) << shift;
        settle(w, mask);
        lock_drop(&current->vm->virq.lock);
    }
}

/* A byte per interrupt; any size of access. */
static BH_COLD void priority_access(const struct word *w, struct vcpu *current,
                                    struct vdev_access *access)
{
    uint32_t n = (uint32_t)access->offset & 31;
    uint8_t *priority =
        is_private(w) ? w->vcpu->virq.priority : current->vm->virq.priority + (w->b - 1) * 32;
    uint32_t mask = (uint32_t)((UINT64_C(1) << access->size) - 1) << n;

    if (!access->write) {
        access->value = 0;
        for (uint32_t i = 0; i < access->size; i++) {
            access->value |= (uint64_t)priority[n + i] << (8 * i);
        }
        return;
    }
    lock_take(&current->vm->virq.lock);
    for (uint32_t i = 0; i < access->size; i++) {
        priority[n + i] = (uint8_t)(access->value >> (8 * i)) & VIRQ_PRIORITY_MASK;
    }
    settle(w, mask);
    lock_drop(&current->vm->virq.lock);
}

BH_COLD void vgic_array_access(struct vcpu *owner, struct vcpu *current, struct vdev_access *access)
{
    uint32_t offset = (uint32_t)access->offset & (GICD_FRAME_SIZE - 1);
    const struct row *row = &rows[offset >> ROW_SHIFT];
    struct word w;
    uint32_t b;

    if (row->bits == 8) {
        b = (offset - GIC_IPRIORITYR) / 32;
    } else if (row->bits == 2) {
        b = (offset - GIC_ICFGR) / 8;
    } else {
        b = (offset & ((1u << ROW_SHIFT) - 1)) / 4;
    }
    if (row->bits == 0 || (row->bits != 8 && access->size != 4) ||
        !word_find(owner, current, b, &w)) {
        access->value = 0;
    } else if (row->bits == 8) {
        priority_access(&w, current, access);
    } else if (row->bits == 2) {
        config_access(&w, current, access);
    } else {
        bits_access(row, &w, current, access);
    }
}

uint32_t vgic_id_get(uint32_t offset)
{
    /* PIDR4..7, PIDR0..3, CIDR0..3: Arm's numbers of a GICv3, IHI 0069 8.10.2 */
    static const uint8_t id[] = {0x44,         0, 0,    0,    0x92, 0xb4,
                                 GIC_PIDR2_V3, 0, 0x0d, 0xf0, 0x05, 0xb1};

    return offset < GIC_IDREGS || offset % 4 != 0 ? 0 : id[(offset - GIC_IDREGS) / 4];
}

void vgic_answer(struct vdev_access *access, uint64_t reg, uint64_t value)
{
    uint64_t skip = access->offset % GICD_FRAME_SIZE - reg;

    access->value = access->size < 4 || skip % 4 != 0 ? 0 : value >> (8 * skip);
    if (access->size == 4) {
        access->value = (uint32_t)access->value;
    }
}
