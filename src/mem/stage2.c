/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/mem/stage2.h"

#include "bh/arch/arch_cpu.h"
#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/mem/pool.h"

#define IPA_BITS_MIN    32
#define IPA_BITS_MAX    48
/*
 * Up to here the walk starts at level 1, with up to 16 tables side by side for 43 bits. That saves
 * a level against level 0, keeps 1 GiB blocks (level 2 would lose them), and CPUs with 40-bit
 * physical addresses may not start at level 0 at all.
 */
#define IPA_BITS_LEVEL1 43

BH_COLD void stage2_init(struct stage2 *s2, uint8_t ipa_bits, uint16_t vmid)
{
    bh_assert(ipa_bits >= IPA_BITS_MIN && ipa_bits <= IPA_BITS_MAX);
    bh_assert(vmid > 0 && vmid < 256);
    /* A larger T0SZ than the CPU's PA size would fault on every access (D8.2.5). */
    uint32_t bits = (uint32_t)num_min(ipa_bits, arch_cpu_pa_bits());
    uint32_t start_level = bits <= IPA_BITS_LEVEL1 ? 1 : 0;
    uint32_t index_bits = bits - arch_level_shift(start_level);
    uint32_t tables = index_bits > 9 ? 1u << (index_bits - 9) : 1;
    void *root = pool_alloc_pages(tables, (uint64_t)tables * PAGE_SIZE);

    *s2 = (struct stage2){
        .space =
            {
                .root = pa_init(va_from_ptr(root).va), /* the pool is mapped with VA = PA */
                .tables = tables,
                .start_level = (uint8_t)start_level,
                .leaf_level = ARCH_LEVEL_BLOCK,
                .bits = (uint8_t)bits,
            },
        .ipa_bits = ipa_bits,
        .vmid = vmid,
    };
    s2->vttbr = arch_vttbr(s2->space.root, vmid);
    s2->vtcr = arch_vtcr(bits, start_level);
    s2->space.vttbr = s2->vttbr;
}

void stage2_use_pages(struct stage2 *s2)
{
    s2->space.leaf_level = ARCH_LEVEL_PAGE;
}

void stage2_init_ns(struct stage2 *ns, struct stage2 *own)
{
    stage2_init(ns, own->ipa_bits, own->vmid);
    ns->space.mark = ARCH_IPA_NS;
    own->space.vttbr = ns->vttbr; /* the VMID stands there alone */
}

enum status stage2_map(struct stage2 *s2, struct ipaddr ipa, struct pa_range pa,
                       uint32_t attributes)
{
    return walk_map(&s2->space, ipa.ipa, pa, arch_pte_stage2_template(attributes));
}

enum status stage2_prepare(struct stage2 *s2, struct ipaddr ipa, uint64_t size)
{
    return walk_prepare(&s2->space, ipa.ipa, size);
}

void stage2_commit_unmap(struct stage2 *s2, struct ipaddr ipa, uint64_t size)
{
    walk_commit_unmap(&s2->space, ipa.ipa, size);
}

BH_COLD void stage2_commit_protect(struct stage2 *s2, struct ipaddr ipa, uint64_t size,
                                   uint32_t attributes)
{
    walk_commit_protect(&s2->space, ipa.ipa, size, arch_pte_stage2_template(attributes));
}

enum status stage2_unmap(struct stage2 *s2, struct ipaddr ipa, uint64_t size)
{
    enum status status = stage2_prepare(s2, ipa, size);

    if (status == STATUS_OK) {
        stage2_commit_unmap(s2, ipa, size);
    }
    return status;
}

struct stage2_entry stage2_query(const struct stage2 *s2, struct ipaddr ipa)
{
    if ((ipa.ipa >> s2->space.bits) != 0) {
        return (struct stage2_entry){0};
    }
    struct walk_entry entry = walk_find(&s2->space, ipa.ipa);
    uint64_t offset = ipa.ipa & (arch_level_span(entry.level) - 1);
    struct stage2_entry result = {.span = arch_level_span(entry.level) - offset};

    if (arch_pte_is_valid(*entry.pte)) {
        result.valid = true;
        result.pa = pa_add(arch_pte_address(*entry.pte), offset);
        result.attributes = arch_pte_stage2_attributes(*entry.pte);
    }
    return result;
}

uint64_t stage2_pages_used(const struct stage2 *s2)
{
    return s2->space.tables;
}
