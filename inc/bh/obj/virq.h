/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual interrupts of a VM and its vCPUs, without registers: what is enabled, pending, active, at
 * which priority, for whom. One model for the virtual GICv3 and the para-virtual interface.
 *
 * INTID 0..31 are private to a vCPU (SGIs, PPIs), 32 and up are the VM's SPIs. State is kept in
 * banks of 32 interrupts, one word per property, so a register access of the guest is one word
 * here.
 *
 * Who may touch what:
 *  - vm->virq.lock (rank device; one per VM) guards every bank, priority and target, and the
 *    ready/loaded/acked words of its vCPUs. No other lock of rank device is taken inside it.
 *  - List registers, `held` of private interrupts, lr_of and overflow belong to the CPU that has
 * the vCPU loaded (cpu->current). They change without the lock: the virtual timer and SGIs to self
 *    take no lock at all.
 *  - `incoming` is atomic: other CPUs drop private interrupts there (SGIs), without the lock.
 *  - `resync` is atomic: set with the lock held after a change that concerns the vCPU.
 * A vCPU that no CPU has loaded has everything in the model, nothing in list registers. An
 * interrupt that is `held` has its state in a list register; the model's words then hold only what
 * came since.
 *
 * Source: IHI 0069 chapters 4 (life of an interrupt), 12; para-virtual part: docs/ffa.md.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/lock.h"

#define VIRQ_PRIVATE       32u
#define VIRQ_SPI_BANKS     30u /* 960 SPIs */
#define VIRQ_LIMIT         (VIRQ_PRIVATE + 32u * VIRQ_SPI_BANKS)
#define VIRQ_TARGET_NONE   0xffu
#define VIRQ_VTIMER        27u
#define VIRQ_PTIMER        30u
#define VIRQ_PV_TIMER      3u    /* para-virtual: either timer */
#define VIRQ_PRIORITY_MASK 0xf8u /* five priority bits, as the virtual CPU interface has */

#define VIRQ_GROUP0 UINT32_C(1) /* bits of virq_vm.groups, as in GICD_CTLR */
#define VIRQ_GROUP1 UINT32_C(2)

struct vm;
struct vcpu;

/* 32 interrupts: bit n is INTID 32 * bank + n. */
struct virq_bank {
    uint32_t latch;  /* pending and remembered: edges, ISPENDR, hardware-linked ones */
    uint32_t line;   /* level of a line that software drives */
    uint32_t active; /* active, and not held */
    uint32_t linked; /* not held, and the physical interrupt is active on its behalf */
    uint32_t enabled;
    uint32_t group1;
    uint32_t edge;
    uint32_t held;         /* in a list register */
    uint32_t hw;           /* constant: there is a physical interrupt behind it */
    uint32_t seen_pending; /* held: state when it was loaded or last looked at */
    uint32_t seen_active;
    uint32_t cancel_pending; /* held: forget the pending state at the next fold */
    uint32_t cancel_active;  /* held: likewise */
};

/* What every switch looks at comes first. */
struct virq_vcpu {
    uint32_t incoming;     /* private interrupts that other CPUs made pending */
    uint32_t resync;       /* list registers do not match the model any more */
    uint32_t summary;      /* bit b: ready[b] or acked[b] may be non-zero */
    bool overflow;         /* something wants a list register and has none */
    bool has_taken;        /* para-virtual: some of `acked` may not be 0 */
    struct virq_bank bank; /* private interrupts */
    uint32_t folds;        /* atomic: how often list registers were looked at */
    uint8_t priority[VIRQ_PRIVATE];
    uint8_t lr_of[VIRQ_PRIVATE];     /* list register of a held private interrupt */
    uint32_t target[VIRQ_SPI_BANKS]; /* SPIs routed here */
    uint32_t ready[VIRQ_SPI_BANKS];  /* SPIs that could be delivered here now */
    uint32_t loaded[VIRQ_SPI_BANKS]; /* SPIs in this vCPU's list registers */
    uint32_t acked[VIRQ_SPI_BANKS];  /* SPIs that are active because this vCPU took them */
};

struct virq_vm {
    struct lock lock;
    uint32_t groups; /* enabled interrupt groups */
    uint32_t banks;  /* SPI banks that exist */
    bool paravirt;
    struct virq_bank *spi;
    uint8_t *priority; /* per SPI */
    uint8_t *target;   /* per SPI: vCPU index or VIRQ_TARGET_NONE */
    uint32_t *route;   /* per SPI: affinity as the guest wrote it, Aff3.Aff2.Aff1.Aff0 */
    uint16_t *pintid;  /* per SPI: physical interrupt, 0 for none */
};

/* One interrupt of a vCPU's view: where its words are. */
struct virq_ref {
    struct virq_bank *bank;
    uint32_t bit; /* mask in the words */
    uint32_t intid;
};

/* A candidate for a list register. */
struct virq_pick {
    uint16_t intid;
    uint8_t priority;
};

/* Boot: memory from the pool, sized by the VM's gic-v3 device (SPIs) and pass-through interrupts.
 * The vCPUs exist. virq_vm_reset comes before the first vCPU runs. */
void virq_vm_init(struct vm *vm);
/* Reset state of everything; no vCPU of vm is loaded. The physical side is the caller's. */
void virq_vm_reset(struct vm *vm);

static inline bool virq_bit_has(uint32_t word, uint32_t mask)
{
    return (word & mask) != 0;
}

/* First INTID that vm does not have. */
uint32_t virq_limit_get(const struct vm *vm);
/* intid < virq_limit_get. Private ones are those of vcpu. */
struct virq_ref virq_ref_get(struct vcpu *vcpu, uint32_t intid);
uint8_t virq_priority_get(const struct vcpu *vcpu, uint32_t intid);
/* Bank b of vcpu's view: 0 is its private one. */
struct virq_bank *virq_bank_get(struct vcpu *vcpu, uint32_t b);

/* Interrupts of a bank that could go to a list register now. */
static inline uint32_t virq_bank_ready(const struct virq_bank *bank, uint32_t groups)
{
    uint32_t allowed = (groups & VIRQ_GROUP1) != 0 ? bank->group1 : 0;

    allowed |= (groups & VIRQ_GROUP0) != 0 ? ~bank->group1 : 0;
    return bank->enabled & (bank->latch | (bank->line & ~bank->edge)) & ~bank->active &
           ~bank->held & allowed;
}

/*
 * All below: vm->virq.lock held.
 *
 * Words of bank b changed for the interrupts in mask (private bank: of vcpu). Updates what depends
 * on them; returns the vCPUs, as a bit mask of indexes, whose list registers must be looked at.
 */
uint32_t virq_bank_changed(struct vcpu *vcpu, uint32_t b, uint32_t mask);
/* Interrupt groups were switched: all banks of all vCPUs. Same result. */
uint32_t virq_groups_set(struct vm *vm, uint32_t groups);
/* SPI to the vCPU with this affinity (Aff3.Aff2.Aff1.Aff0), or to nobody. Same result. */
uint32_t virq_route_set(struct vm *vm, uint32_t intid, uint32_t affinity);
/* Software line of an interrupt. Same result. */
uint32_t virq_line_change(struct vcpu *vcpu, uint32_t intid, bool level);

/* SPIs of bank b that software made active: to be ended by the vCPU that each is routed to. */
void virq_acked_by_target(struct vm *vm, uint32_t b, uint32_t mask);

/* Best candidates of vcpu in order of priority, at most max into pick; returns how many there are.
 */
uint32_t virq_pick_ready(struct vcpu *vcpu, struct virq_pick *pick, uint32_t max);
uint32_t virq_pick_active(struct vcpu *vcpu, struct virq_pick *pick, uint32_t max);

/* The interrupt moves from the model into a list register: returns the value for it. */
uint64_t virq_load(struct vcpu *vcpu, uint32_t intid);
/* Back from a list register of vcpu. Returns other vCPUs that it now concerns (routed away). */
uint32_t virq_fold(struct vcpu *vcpu, uint64_t lr);
/* The guest ended count interrupts that were active but in no list register. As virq_bank_changed.
 */
uint32_t virq_end_unlisted(struct vcpu *vcpu, uint32_t count);
/* The guest deactivated one that is in no list register. As virq_bank_changed. */
uint32_t virq_deactivate(struct vcpu *vcpu, uint32_t intid);
/* Interrupts of a bank whose physical interrupt is held active for nothing. They are taken off the
 * books; the caller deactivates them. SPIs only: the virtual timer has rules of its own. */
uint32_t virq_bank_release(struct virq_bank *bank);
/* Physical INTID behind a virtual one; 0: none. */
uint32_t virq_pintid_get(const struct vm *vm, uint32_t intid);

/* Something waits for vcpu in the model (not looking at list registers). Without the lock: a hint
 * that can be late by one kick, never wrong once resync and incoming are seen. */
bool virq_model_is_pending(struct vcpu *vcpu);
