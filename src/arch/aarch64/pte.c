/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors of EL2's Stage 1 and of Stage 2, 4 KiB granule, 48-bit output addresses. Pure, so
 * host builds use this file too. Source: DDI 0487 D8.3.
 */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_mmu.h"
#include "bh/arch/sysreg.h"

#define PTE_VALID       NUM_BIT(0)
#define PTE_TABLE       NUM_BIT(1) /* levels 0-2: table; level 3: page */
#define PTE_ADDRESS     NUM_MASK(47, 12)
#define PTE_AF          NUM_BIT(10)
#define PTE_SH_INNER    (UINT64_C(3) << 8)
#define PTE_S1_INDEX(i) (UINT64_C(i) << 2)
#define PTE_S1_AP1      NUM_BIT(6) /* RES1 in the EL2 regime */
#define PTE_S1_RO       NUM_BIT(7)
#define PTE_S1_NS       NUM_BIT(5) /* RES0 outside the secure state */
#define PTE_S1_XN       NUM_BIT(54)
#define PTE_S2_DEVICE   (UINT64_C(1) << 2)  /* MemAttr: Device nGnRE */
#define PTE_S2_NORMAL   (UINT64_C(15) << 2) /* MemAttr: Write-Back, inner and outer */
#define PTE_S2_MEMATTR  NUM_MASK(5, 2)
#define PTE_S2_R        NUM_BIT(6)
#define PTE_S2_W        NUM_BIT(7)
#define PTE_S2_XN       NUM_BIT(54) /* bit 53 stays 0: for EL0 and EL1 alike */
#define PTE_S2_NS       NUM_BIT(57) /* software's: the IPA space decides which memory it is */

/* Bits 1:0 say valid and kind; the rest but the address is what a template keeps. */
#define PTE_TEMPLATE       (~(PTE_ADDRESS | PTE_TABLE | PTE_VALID))
/* Permissions may change in place; anything else needs a break. */
#define PTE_S2_PERMISSIONS (PTE_S2_R | PTE_S2_W | PTE_S2_XN)

arch_pte arch_pte_stage1_template(uint32_t attributes)
{
    arch_pte pte = PTE_AF | PTE_S1_AP1;

    if ((attributes & ARCH_ATTR_DEVICE) != 0) {
        pte |= PTE_S1_INDEX(MAIR_INDEX_DEVICE);
    } else {
        pte |= PTE_S1_INDEX(MAIR_INDEX_NORMAL) | PTE_SH_INNER;
    }
    if ((attributes & ARCH_ATTR_W) == 0) {
        pte |= PTE_S1_RO;
    }
    if ((attributes & ARCH_ATTR_X) == 0) {
        pte |= PTE_S1_XN;
    }
    if ((attributes & ARCH_ATTR_NS) != 0) {
        pte |= PTE_S1_NS;
    }
    return pte;
}

arch_pte arch_pte_stage2_template(uint32_t attributes)
{
    arch_pte pte = PTE_AF;

    if ((attributes & ARCH_ATTR_DEVICE) != 0) {
        pte |= PTE_S2_DEVICE;
    } else {
        pte |= PTE_S2_NORMAL | PTE_SH_INNER;
    }
    if ((attributes & ARCH_ATTR_R) != 0) {
        pte |= PTE_S2_R;
    }
    if ((attributes & ARCH_ATTR_W) != 0) {
        pte |= PTE_S2_W;
    }
    if ((attributes & ARCH_ATTR_X) == 0) {
        pte |= PTE_S2_XN;
    }
    if ((attributes & ARCH_ATTR_NS) != 0) {
        pte |= PTE_S2_NS;
    }
    return pte;
}

arch_pte arch_pte_leaf(arch_pte template, struct paddr pa, uint32_t level)
{
    return template | (pa.pa & PTE_ADDRESS) | PTE_VALID |
           (level == ARCH_LEVEL_PAGE ? PTE_TABLE : 0);
}

arch_pte arch_pte_table(struct paddr table)
{
    return (table.pa & PTE_ADDRESS) | PTE_TABLE | PTE_VALID;
}

bool arch_pte_is_valid(arch_pte pte)
{
    return (pte & PTE_VALID) != 0;
}

bool arch_pte_is_table(arch_pte pte, uint32_t level)
{
    return level < ARCH_LEVEL_PAGE && (pte & (PTE_VALID | PTE_TABLE)) == (PTE_VALID | PTE_TABLE);
}

struct paddr arch_pte_address(arch_pte pte)
{
    return pa_init(pte & PTE_ADDRESS);
}

arch_pte arch_pte_template(arch_pte pte)
{
    return pte & PTE_TEMPLATE;
}

uint32_t arch_pte_stage2_attributes(arch_pte pte)
{
    uint32_t attributes = 0;

    if ((pte & PTE_S2_R) != 0) {
        attributes |= ARCH_ATTR_R;
    }
    if ((pte & PTE_S2_W) != 0) {
        attributes |= ARCH_ATTR_W;
    }
    if ((pte & PTE_S2_XN) == 0) {
        attributes |= ARCH_ATTR_X;
    }
    if ((pte & PTE_S2_MEMATTR) == PTE_S2_DEVICE) {
        attributes |= ARCH_ATTR_DEVICE;
    }
    if ((pte & PTE_S2_NS) != 0) {
        attributes |= ARCH_ATTR_NS;
    }
    return attributes;
}

bool arch_pte_needs_break(arch_pte old, arch_pte new)
{
    return arch_pte_is_valid(old) && arch_pte_is_valid(new) &&
           ((old ^ new) & ~PTE_S2_PERMISSIONS) != 0;
}

static uint64_t pa_size_field(uint32_t bits)
{
    static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48};
    uint64_t field = 0;

    while (field + 1 < NUM_ARRAY_COUNT(sizes) && sizes[field] < bits) {
        field++;
    }
    return field;
}

uint64_t arch_vtcr(uint32_t ipa_bits, uint32_t start_level)
{
    uint64_t sl0 = 2 - (uint64_t)start_level;

    return VTCR_EL2_RES1 | VTCR_EL2_T0SZ(ipa_bits) | sl0 << VTCR_EL2_SL0_SHIFT | VTCR_EL2_IRGN0_WB |
           VTCR_EL2_ORGN0_WB | VTCR_EL2_SH0_INNER | VTCR_EL2_TG0_4K | VTCR_EL2_VS_8 |
           pa_size_field(arch_cpu_pa_bits()) << VTCR_EL2_PS_SHIFT;
}

uint64_t arch_vttbr(struct paddr root, uint16_t vmid)
{
    return (uint64_t)vmid << VTTBR_EL2_VMID_SHIFT | (root.pa & VTTBR_EL2_BADDR);
}
