/* SPDX-License-Identifier: BSD-3-Clause */
#include "vmlib_mmu.h"

#include <stdint.h>

#include "vmlib_cpu.h"
#include "vmlib_dtb.h"

/* DDI0487 D8: one level 1 table of 1 GiB blocks maps 39 bits. */
#define ENTRIES          512
#define GIB_SHIFT        30
#define BLOCK            UINT64_C(1)
#define ACCESSED         (UINT64_C(1) << 10)
#define INNER_SHAREABLE  (UINT64_C(3) << 8)
#define ATTRIBUTE_NORMAL (UINT64_C(0) << 2)
#define ATTRIBUTE_DEVICE (UINT64_C(1) << 2)
#define EXECUTE_NEVER    (UINT64_C(3) << 53)

#define MAIR_VALUE UINT64_C(0x04ff) /* 0: write-back, 1: nGnRE */
#define TCR_VALUE  (UINT64_C(25) | 1 << 8 | 1 << 10 | 3 << 12 | UINT64_C(1) << 23)
#define SCTLR_M    (UINT64_C(1) << 0)
#define SCTLR_C    (UINT64_C(1) << 2)
#define SCTLR_I    (UINT64_C(1) << 12)

static uint64_t table[ENTRIES] __attribute__((aligned(4096)));

static void table_fill(void)
{
    struct dtb_range range;

    for (uint64_t i = 0; i < ENTRIES; i++) {
        table[i] = i << GIB_SHIFT | BLOCK | ACCESSED | ATTRIBUTE_DEVICE | EXECUTE_NEVER;
    }
    for (uint32_t n = 0; dtb_try_memory(n, &range); n++) {
        for (uint64_t i = range.base >> GIB_SHIFT; i <= (range.base + range.size - 1) >> GIB_SHIFT;
             i++) {
            table[i % ENTRIES] =
                i << GIB_SHIFT | BLOCK | ACCESSED | ATTRIBUTE_NORMAL | INNER_SHAREABLE;
        }
    }
    uint64_t here = (uint64_t)&table >> GIB_SHIFT;

    table[here % ENTRIES] =
        here << GIB_SHIFT | BLOCK | ACCESSED | ATTRIBUTE_NORMAL | INNER_SHAREABLE;
}

uint64_t *mmu_table_get(void)
{
    if (table[0] == 0) {
        table_fill();
    }
    return table;
}

void mmu_enable(void)
{
    (void)mmu_table_get();
    sysreg_write(mair_el1, MAIR_VALUE);
    /* 48 bits of output; the hardware clips what it can't do. */
    sysreg_write(tcr_el1, TCR_VALUE | UINT64_C(5) << 32);
    sysreg_write(ttbr0_el1, (uint64_t)table);
    cpu_dsb();
    __asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
    sysreg_write(sctlr_el1, sysreg_read(sctlr_el1) | SCTLR_M | SCTLR_C | SCTLR_I);
    cpu_isb();
}

void mmu_disable(void)
{
    sysreg_write(sctlr_el1, sysreg_read(sctlr_el1) & ~(SCTLR_M | SCTLR_C | SCTLR_I));
    cpu_isb();
    __asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
}
