/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contract of translation: descriptors of both stages (4 KiB granule), TLB maintenance, switching
 * the MMU on. A descriptor is made of a template (attributes) and an address; what its
 * bits mean stays in pte.c. Levels are those of the Arm ARM, 0 to 3; 3 maps pages. Source: DDI 0487
 * D8.3 (descriptors), D8.14 (TLB maintenance).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"

typedef uint64_t arch_pte;

#define ARCH_PTE_COUNT   512 /* entries of one table page */
#define ARCH_LEVEL_PAGE  3
#define ARCH_LEVEL_BLOCK 1 /* the first level that has blocks */

#define ARCH_ATTR_R      UINT32_C(1)
#define ARCH_ATTR_W      UINT32_C(2)
#define ARCH_ATTR_X      UINT32_C(4)
#define ARCH_ATTR_DEVICE UINT32_C(8)  /* nGnRE; else Normal Write-Back, Inner Shareable */
#define ARCH_ATTR_NS     UINT32_C(32) /* non-secure memory, seen from the secure state */

/* In an IPA: of the non-secure IPA space of the secure state. */
#define ARCH_IPA_NS (UINT64_C(1) << 63)

/* Low bit of the input address that one entry of this level resolves. */
static inline uint32_t arch_level_shift(uint32_t level)
{
    return PAGE_BITS + 9 * (ARCH_LEVEL_PAGE - level);
}

/* Bytes that one entry of this level spans. */
static inline uint64_t arch_level_span(uint32_t level)
{
    return UINT64_C(1) << arch_level_shift(level);
}

/* pte.c: pure */
/* Attributes without address. EL2 always reads; ARCH_ATTR_R is implied in its stage. */
arch_pte arch_pte_stage1_template(uint32_t attributes);
arch_pte arch_pte_stage2_template(uint32_t attributes);
/* level: 1 to 3. */
arch_pte arch_pte_leaf(arch_pte template, struct paddr pa, uint32_t level);
arch_pte arch_pte_table(struct paddr table);
bool arch_pte_is_valid(arch_pte pte);
bool arch_pte_is_table(arch_pte pte, uint32_t level);
/* Output address of a leaf, or of the next table. */
struct paddr arch_pte_address(arch_pte pte);
/* The attributes of a leaf as a template. */
arch_pte arch_pte_template(arch_pte pte);
/* Of a Stage 2 leaf: ARCH_ATTR_*. */
uint32_t arch_pte_stage2_attributes(arch_pte pte);
/* A live entry may not go from one to the other directly: break-before-make (D8.14.1). */
bool arch_pte_needs_break(arch_pte old, arch_pte new);

/* VTCR_EL2 for this IPA size and start level, with the CPU's own PA size. */
uint64_t arch_vtcr(uint32_t ipa_bits, uint32_t start_level);
uint64_t arch_vttbr(struct paddr root, uint16_t vmid);

/* mmu.c */
/* Table walks of all CPUs see the descriptors written so far; this CPU uses them after return. */
void arch_pte_publish(void);
/* Contents of a new table come before the descriptor that will point at it. */
void arch_pte_publish_table(void);
/* Forgets `count` translations from va, one every `stride` bytes, on all CPUs. Descriptors were
 * changed before. */
void arch_tlbi_el2_range(struct vaddr va, uint64_t count, uint64_t stride);
void arch_tlbi_el2_page(struct vaddr va);
void arch_tlbi_el2_all(void);
/* The same for Stage 2 of the VMID in vttbr, and what Stage 1 cached on top of it. ipa may carry
 * ARCH_IPA_NS. */
void arch_tlbi_stage2_range(uint64_t vttbr, struct ipaddr ipa, uint64_t count, uint64_t stride);
void arch_tlbi_stage2_ipa(uint64_t vttbr, struct ipaddr ipa);
void arch_tlbi_stage2_all(uint64_t vttbr);

/* MMU and caches on with this root (level 0, 48 bits). Runs identity mapped. */
void arch_mmu_enable(struct paddr root);
/* Through which pointer EL2 uses a window mapping of pa at va. aarch64: va. */
void *arch_mmu_view(struct vaddr va, struct paddr pa);
