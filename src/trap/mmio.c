/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 aborts: an emulated device, a mapping that has come meanwhile, or nothing, which the
 * guest is told by an external abort. Each device access becomes one struct vdev_access. Source:
 * DDI 0487 D19.2.38 ESR_EL2, ISS encoding for a data abort.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_fault.h"
#include "bh/arch/arch_mmu.h"
#include "bh/arch/esr.h"
#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/dev/vdev.h"
#include "bh/svc/guestmem.h"
#include "bh/trap/mmio_decode.h"
#include "bh/trap/trap.h"

#define FSC_KIND UINT64_C(0x3c)
/* Page of a virtual address, without the tag in the top byte. */
#define VA_PAGE  NUM_MASK(55, 12)

/* Kept out of the hot path, which must not pay for its frame. */
#define APART __attribute__((noinline))

static const char *const access_name[] = {"read", "write", "execute"};
enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_EXECUTE };

static uint64_t data_get(const struct vcpu *current, uint32_t index, uint32_t size)
{
    uint64_t value = index == MMIO_REGISTER_31 ? 0 : current->ctx.x[index];

    return value & (~UINT64_C(0) >> (64 - 8 * size));
}

/* value: zero-extended from size bytes. */
static void data_set(struct vcpu *current, const struct mmio_instruction *in, uint32_t index,
                     uint64_t value)
{
    if (in->is_signed) {
        uint32_t unused = 64 - 8u * in->size;

        value = (uint64_t)((int64_t)(value << unused) >> unused);
        if (!in->is_64bit) {
            value = (uint32_t)value;
        }
    }
    if (index != MMIO_REGISTER_31) {
        current->ctx.x[index] = value;
    }
}

static BH_COLD void log_fault(struct vcpu *current, enum access_kind kind, struct ipaddr ipa,
                              const char *what)
{
    log_guest(&current->log_limit, "%s vCPU %u: %s at %saddress 0x%llx, pc 0x%llx: %s",
              current->vm->config->name, current->index, access_name[kind],
              (ipa.ipa & ARCH_IPA_NS) != 0 ? "non-secure " : "",
              (unsigned long long)(ipa.ipa & ~ARCH_IPA_NS), (unsigned long long)arch_guest_pc(),
              what);
}

static BH_COLD struct vcpu *abort_external(struct vcpu *current, enum access_kind kind,
                                           struct ipaddr ipa, const char *what)
{
    log_fault(current, kind, ipa, what);
    arch_guest_inject_abort(kind == ACCESS_EXECUTE, arch_fault_far());
    return current;
}

static BH_COLD struct vcpu *abort_alignment(struct vcpu *current, enum access_kind kind,
                                            struct ipaddr ipa)
{
    log_fault(current, kind, ipa, "not aligned: alignment fault");
    arch_fault_inject_alignment(arch_fault_far());
    return current;
}

/* Neither aligned by its size nor, then, inside one page. */
static bool is_aligned(struct ipaddr ipa, uint32_t size)
{
    return (ipa.ipa & (size - 1)) == 0;
}

static enum access_kind access_kind(bool write)
{
    return write ? ACCESS_WRITE : ACCESS_READ;
}

/* The syndrome says everything: the hot path. Regions are whole pages, so aligned is inside. */
static struct vcpu *emulate_syndrome(struct vcpu *current, struct vdev *dev, struct ipaddr ipa,
                                     uint64_t esr)
{
    uint32_t index = esr_dabt_register(esr);
    struct vdev_access access = {
        .offset = ipa.ipa - dev->base.ipa,
        .size = (uint8_t)esr_dabt_size(esr),
        .write = esr_dabt_is_write(esr),
    };

    if (!is_aligned(ipa, access.size)) {
        return abort_alignment(current, access_kind(access.write), ipa);
    }
    if (access.write) {
        access.value = data_get(current, index, access.size);
    }
    if (!dev->ops->access(dev, current, &access)) {
        return abort_external(current, access_kind(access.write), ipa,
                              "no such register: external abort");
    }
    if (!access.write) {
        if (esr_dabt_is_signed(esr)) {
            const struct mmio_instruction in = {
                .is_signed = true, .is_64bit = esr_dabt_is_64bit(esr), .size = access.size};

            data_set(current, &in, index, access.value);
        } else if (index != MMIO_REGISTER_31) {
            current->ctx.x[index] = access.value;
        }
    }
    arch_guest_pc_advance();
    return current;
}

static uint64_t base_get(const struct vcpu *current, uint32_t index)
{
    return index == MMIO_REGISTER_31 ? arch_fault_sp_read() : current->ctx.x[index];
}

static void base_set(struct vcpu *current, uint32_t index, uint64_t value)
{
    if (index == MMIO_REGISTER_31) {
        arch_fault_sp_write(value);
    } else {
        current->ctx.x[index] = value;
    }
}

static uint64_t offset_get(const struct vcpu *current, const struct mmio_instruction *in)
{
    uint64_t index;

    if (!in->has_index) {
        return (uint64_t)(int64_t)in->offset;
    }
    index = in->index == MMIO_REGISTER_31 ? 0 : current->ctx.x[in->index];
    if (in->extend == 2) {
        index = (uint32_t)index;
    } else if (in->extend == 6) {
        index = (uint64_t)(int64_t)(int32_t)(uint32_t)index;
    }
    return index << in->shift;
}

/* All accesses of an instruction, then its registers. False: a device refused; nothing changed in
 * the guest. */
static bool emulate_accesses(struct vcpu *current, struct vdev *dev, uint64_t offset,
                             const struct mmio_instruction *in)
{
    uint64_t value[2] = {0, 0};

    for (uint32_t i = 0; i < in->count; i++) {
        struct vdev_access access = {
            .offset = offset + i * in->size,
            .size = in->size,
            .write = in->write,
            .value = in->write ? data_get(current, in->data[i], in->size) : 0,
        };

        if (!dev->ops->access(dev, current, &access)) {
            return false;
        }
        value[i] = access.value;
    }
    for (uint32_t i = 0; !in->write && i < in->count; i++) {
        data_set(current, in, in->data[i], value[i]);
    }
    return true;
}

/* va, from the registers, is where the abort was: page is the IPA of the page that faulted. */
static BH_COLD struct vcpu *emulate_decoded(struct vcpu *current, struct vdev *dev,
                                            struct ipaddr page, const struct mmio_instruction *in)
{
    uint64_t base = base_get(current, in->base);
    uint64_t moved = base + offset_get(current, in);
    uint64_t va = in->writeback == MMIO_WRITEBACK_POST ? base : moved;
    struct ipaddr ipa = ipa_add(page, va & (PAGE_SIZE - 1));
    enum access_kind kind = access_kind(in->write);

    if (!is_aligned(ipa, in->size)) {
        return abort_alignment(current, kind, ipa);
    }
    if (((va ^ arch_fault_far()) & VA_PAGE) != 0 ||
        (va & (PAGE_SIZE - 1)) + in->count * in->size > PAGE_SIZE) {
        return abort_external(current, kind, ipa, "across pages: external abort");
    }
    if (!emulate_accesses(current, dev, ipa.ipa - dev->base.ipa, in)) {
        return abort_external(current, kind, ipa, "no such register: external abort");
    }
    if (in->writeback != MMIO_WRITEBACK_NONE) {
        base_set(current, in->base, moved);
    }
    arch_guest_pc_advance();
    return current;
}

/* No syndrome: the instruction itself says what it does. */
static BH_COLD struct vcpu *emulate_instruction(struct vcpu *current, struct vdev *dev,
                                                struct ipaddr ipa, uint64_t esr)
{
    enum access_kind kind = access_kind(esr_dabt_is_write(esr));
    struct mmio_instruction in;
    struct ipaddr pc;
    uint32_t word;

    if (esr_dabt_is_cache_maintenance(esr)) {
        /* A device has no cached copy. */
        arch_guest_pc_advance();
        return current;
    }
    if (arch_fault_is_aarch32()) {
        return abort_external(current, kind, ipa, "AArch32 form not emulated: external abort");
    }
    if (!arch_guest_translate(arch_guest_pc(), &pc) ||
        guestmem_read(current->vm, pc, &word, sizeof(word)) != STATUS_OK ||
        !mmio_decode(word, &in) || in.write != esr_dabt_is_write(esr)) {
        return abort_external(current, kind, ipa, "instruction not emulated: external abort");
    }
    return emulate_decoded(current, dev, ipa_init(num_align_down(ipa.ipa, PAGE_SIZE)), &in);
}

/* One of the two IPA spaces of an SP; a VM of the normal world has one. */
static struct stage2_entry query(const struct vm *vm, struct ipaddr ipa)
{
    return (ipa.ipa & ARCH_IPA_NS) == 0
               ? stage2_query(&vm->stage2, ipa)
               : stage2_query(&vm->stage2_ns, ipa_init(ipa.ipa & ~ARCH_IPA_NS));
}

/* No device. The mapping may have come after the guest faulted: then it tries again. */
static BH_COLD struct vcpu *resolve_missing(struct vcpu *current, struct ipaddr ipa,
                                            enum access_kind kind, uint64_t esr)
{
    static const uint32_t needed[] = {
        [ACCESS_READ] = STAGE2_R, [ACCESS_WRITE] = STAGE2_W, [ACCESS_EXECUTE] = STAGE2_X};
    struct stage2_entry entry = query(current->vm, ipa);

    if (entry.valid && (entry.attributes & needed[kind]) != 0) {
        return current;
    }
    if (kind != ACCESS_EXECUTE && esr_dabt_is_cache_maintenance(esr)) {
        /* Changes no data: harmless on hardware, too. */
        arch_guest_pc_advance();
        return current;
    }
    return abort_external(current, kind, ipa,
                          entry.valid ? "not permitted: external abort"
                                      : "nothing there: external abort");
}

static BH_COLD struct vcpu *resolve_permission(struct vcpu *current, enum access_kind kind,
                                               uint64_t esr)
{
    struct ipaddr ipa;

    /*
     * HPFAR_EL2 need not be valid; the guest's own tables say it. Where they don't (execute-only
     * code, or changed meanwhile) there is no retry, which might go on for ever.
     */
    if (!arch_guest_translate(arch_fault_far(), &ipa)) {
        return abort_external(current, kind, arch_fault_ipa(), "not permitted: external abort");
    }
    return resolve_missing(current, ipa, kind, esr);
}

static APART struct vcpu *data_abort_slow(struct vcpu *current, uint64_t esr)
{
    enum access_kind kind = access_kind(esr_dabt_is_write(esr));
    struct ipaddr ipa = arch_fault_ipa();
    struct vdev *dev;

    if (esr_abt_is_walk(esr)) {
        return abort_external(current, kind, ipa, "page table walk outside memory: external abort");
    }
    if (esr_fsc_kind(esr) == ESR_FSC_PERMISSION) {
        return resolve_permission(current, kind, esr);
    }
    if (esr_fsc_kind(esr) == ESR_FSC_TRANSLATION) {
        dev = vdev_find(current->vm->vdev, ipa);
        return dev == NULL ? resolve_missing(current, ipa, kind, esr)
                           : emulate_instruction(current, dev, ipa, esr);
    }
    if ((esr & ESR_ABT_FSC) == ESR_FSC_ALIGNMENT) {
        return abort_alignment(current, kind, ipa);
    }
    return abort_external(current, kind, ipa, "bus or address size: external abort");
}

struct vcpu *mmio_data_abort(struct vcpu *current, uint64_t esr)
{
    if ((esr & (ESR_DABT_ISV | ESR_ABT_S1PTW | FSC_KIND)) == (ESR_DABT_ISV | ESR_FSC_TRANSLATION)) {
        struct ipaddr ipa = arch_fault_ipa();
        struct vdev *dev = vdev_find_for(current, ipa);

        if (dev != NULL) {
            return emulate_syndrome(current, dev, ipa, esr);
        }
    }
    return data_abort_slow(current, esr);
}

struct vcpu *mmio_instruction_abort(struct vcpu *current, uint64_t esr)
{
    struct ipaddr ipa = arch_fault_ipa();

    if (esr_abt_is_walk(esr)) {
        return abort_external(current, ACCESS_EXECUTE, ipa,
                              "page table walk outside memory: external abort");
    }
    if (esr_fsc_kind(esr) == ESR_FSC_PERMISSION) {
        return resolve_permission(current, ACCESS_EXECUTE, esr);
    }
    if (esr_fsc_kind(esr) == ESR_FSC_TRANSLATION) {
        return resolve_missing(current, ipa, ACCESS_EXECUTE, esr);
    }
    return abort_external(current, ACCESS_EXECUTE, ipa, "bus or address size: external abort");
}
