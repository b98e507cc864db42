/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_mmu.h"
#include "bh/arch/sysreg.h"
#include "features.h"

#define VA_BITS         48
/* TLBI by address takes bits 55:12 of the address in bits 43:0. */
#define TLBI_ADDRESS(a) (((a) >> 12) & NUM_MASK(43, 0))
/* More entries than this: one "all" costs less than the single ones. */
#define TLBI_RANGE_MAX  64

void arch_pte_publish(void)
{
    __asm__ volatile("dsb ishst\n\tisb" : : : "memory");
}

void arch_pte_publish_table(void)
{
    __asm__ volatile("dmb ishst" : : : "memory");
}

/* Invalidation done on all CPUs before anything after it, this CPU's own fetches included. */
static void tlbi_finish(void)
{
    __asm__ volatile("dsb ish\n\tisb" : : : "memory");
}

void arch_tlbi_el2_all(void)
{
    /* Descriptor writes come before the invalidation. */
    __asm__ volatile("dsb ishst\n\ttlbi alle2is" : : : "memory");
    tlbi_finish();
}

void arch_tlbi_el2_range(struct vaddr va, uint64_t count, uint64_t stride)
{
    if (count > TLBI_RANGE_MAX) {
        arch_tlbi_el2_all();
        return;
    }
    __asm__ volatile("dsb ishst" : : : "memory"); /* descriptor writes first */
    for (uint64_t i = 0; i < count; i++) {
        __asm__ volatile("tlbi vae2is, %0" : : "r"(TLBI_ADDRESS(va.va + i * stride)) : "memory");
    }
    tlbi_finish();
}

void arch_tlbi_el2_page(struct vaddr va)
{
    arch_tlbi_el2_range(va, 1, PAGE_SIZE);
}

/* Stage 2 TLBI acts on the VMID in VTTBR_EL2. Returns what stood there. */
static uint64_t vmid_enter(uint64_t vttbr)
{
    uint64_t old = sysreg_read(vttbr_el2);

    if (old != vttbr) {
        sysreg_write(vttbr_el2, vttbr);
        sysreg_isb(); /* TLBI uses the new VMID */
    }
    return old;
}

static void vmid_leave(uint64_t vttbr, uint64_t old)
{
    if (old != vttbr) {
        sysreg_write(vttbr_el2, old);
        sysreg_isb(); /* AT and TLBI that follow use the old VMID again */
    }
}

void arch_tlbi_stage2_all(uint64_t vttbr)
{
    uint64_t old = vmid_enter(vttbr);

    __asm__ volatile("dsb ishst\n\ttlbi vmalls12e1is" : : : "memory");
    tlbi_finish();
    vmid_leave(vttbr, old);
}

void arch_tlbi_stage2_range(uint64_t vttbr, struct ipaddr ipa, uint64_t count, uint64_t stride)
{
    if (count > TLBI_RANGE_MAX) {
        arch_tlbi_stage2_all(vttbr);
        return;
    }
    uint64_t old = vmid_enter(vttbr);

    __asm__ volatile("dsb ishst" : : : "memory"); /* descriptor writes first */
    for (uint64_t i = 0; i < count; i++) {
        __asm__ volatile("tlbi ipas2e1is, %0"
                         :
                         : "r"(TLBI_ADDRESS(ipa.ipa + i * stride) | (ipa.ipa & ARCH_IPA_NS))
                         : "memory");
    }
    /*
     * Combined entries are tagged by VA: they go by VMID, after Stage 2's own are gone, or a walk
     * in between could cache them anew (D8.14.5).
     */
    __asm__ volatile("dsb ish\n\ttlbi vmalle1is" : : : "memory");
    tlbi_finish();
    vmid_leave(vttbr, old);
}

void arch_tlbi_stage2_ipa(uint64_t vttbr, struct ipaddr ipa)
{
    arch_tlbi_stage2_range(vttbr, ipa, 1, PAGE_SIZE);
}

void arch_mmu_enable(struct paddr root)
{
    uint64_t tcr = TCR_EL2_RES1 | TCR_EL2_T0SZ(VA_BITS) | TCR_EL2_IRGN0_WB | TCR_EL2_ORGN0_WB |
                   TCR_EL2_SH0_INNER | TCR_EL2_TG0_4K |
                   (uint64_t)arch_features.pa_range << TCR_EL2_PS_SHIFT;

    sysreg_write(mair_el2, MAIR_EL2_VALUE);
    sysreg_write(tcr_el2, tcr);
    sysreg_write(ttbr0_el2, root.pa);
    /* Tables are in memory, old translations of any kind are gone, then the MMU comes on. */
    __asm__ volatile("dsb sy\n\t"
                     "tlbi alle2\n\t"
                     "tlbi alle1\n\t"
                     "ic iallu\n\t"
                     "dsb nsh\n\t"
                     "isb"
                     :
                     :
                     : "memory");
    sysreg_write(sctlr_el2, SCTLR_EL2_RES1 | SCTLR_EL2_M | SCTLR_EL2_C | SCTLR_EL2_I |
                                SCTLR_EL2_SA | SCTLR_EL2_WXN);
    sysreg_isb(); /* fetches and accesses from here on are translated */
}

void *arch_mmu_view(struct vaddr va, struct paddr pa)
{
    (void)pa;
    return va_ptr(va);
}
