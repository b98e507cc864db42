/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Policy of the ID registers. A field that stands in no row reads as absent (0), so what future
 * CPUs add stays hidden until somebody has thought about it here.
 * Source: DDI 0487 D19.2 (ID_AA64*), G8.2 (ID_*, MVFR*).
 */
#include "bh/trap/sysreg_id.h"

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_fault.h"
#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/trap/trap.h"

#define ID(crm, op2) (8 * (crm) + (op2))

#define ID_PFR0      ID(1, 0)
#define ID_PFR1      ID(1, 1)
#define ID_DFR0      ID(1, 2)
#define ID_MMFR0     ID(1, 4)
#define ID_MMFR1     ID(1, 5)
#define ID_MMFR2     ID(1, 6)
#define ID_MMFR3     ID(1, 7)
#define ID_ISAR0     ID(2, 0)
#define ID_ISAR1     ID(2, 1)
#define ID_ISAR2     ID(2, 2)
#define ID_ISAR3     ID(2, 3)
#define ID_ISAR4     ID(2, 4)
#define ID_ISAR5     ID(2, 5)
#define ID_MMFR4     ID(2, 6)
#define ID_ISAR6     ID(2, 7)
#define MVFR0        ID(3, 0)
#define MVFR1        ID(3, 1)
#define MVFR2        ID(3, 2)
#define ID_PFR2      ID(3, 4)
#define ID_MMFR5     ID(3, 6)
#define ID_AA64PFR0  ID(4, 0)
#define ID_AA64PFR1  ID(4, 1)
#define ID_AA64DFR0  ID(5, 0)
#define ID_AA64ISAR0 ID(6, 0)
#define ID_AA64ISAR1 ID(6, 1)
#define ID_AA64ISAR2 ID(6, 2)
#define ID_AA64MMFR0 ID(7, 0)
#define ID_AA64MMFR1 ID(7, 1)
#define ID_AA64MMFR2 ID(7, 2)

#define F(low) NUM_MASK((low) + 3, (low))

/* Fields that a guest sees as the hardware has them. */
static const uint64_t id_visible[SYSREG_ID_COUNT] = {
    /* AArch32, for EL0 programs: all but RAS, activity monitors, trace, PMU, EL2, EL3. */
    [ID_PFR0] = F(0) | F(4) | F(8) | F(12) | F(16) | F(24),
    [ID_PFR1] = F(0) | F(8) | F(16),
    [ID_MMFR0] = ~UINT64_C(0),
    [ID_MMFR1] = ~UINT64_C(0),
    [ID_MMFR2] = ~UINT64_C(0),
    [ID_MMFR3] = ~UINT64_C(0),
    [ID_ISAR0] = ~UINT64_C(0),
    [ID_ISAR1] = ~UINT64_C(0),
    [ID_ISAR2] = ~UINT64_C(0),
    [ID_ISAR3] = ~UINT64_C(0),
    [ID_ISAR4] = ~UINT64_C(0),
    [ID_ISAR5] = ~UINT64_C(0),
    [ID_MMFR4] = ~UINT64_C(0),
    [ID_ISAR6] = ~UINT64_C(0),
    [MVFR0] = ~UINT64_C(0),
    [MVFR1] = ~UINT64_C(0),
    [MVFR2] = ~UINT64_C(0),
    [ID_PFR2] = F(0) | F(4),
    [ID_MMFR5] = F(0),
    /* EL0 (with its AArch32), FP, AdvSIMD, DIT, CSV2, CSV3. */
    [ID_AA64PFR0] = F(0) | F(16) | F(20) | F(48) | F(56) | F(60),
    /* BT, SSBS. */
    [ID_AA64PFR1] = F(0) | F(4),
    /* Breakpoints, watchpoints, and those of them that look at contexts. */
    [ID_AA64DFR0] = F(12) | F(20) | F(28),
    /* Instructions that need nothing of EL2: all but TME. */
    [ID_AA64ISAR0] = ~(F(0) | F(24)),
    /* All but XS and LS64, which HCRX_EL2 holds back. */
    [ID_AA64ISAR1] = ~(F(56) | F(60)),
    /* RPRES, GPA3, APA3, BC, PAC_frac, CLRBHB, CSSC. */
    [ID_AA64ISAR2] = F(4) | F(8) | F(12) | F(20) | F(24) | F(28) | F(52),
    /* PARange, ASIDBits, TGran16, TGran64, TGran4. */
    [ID_AA64MMFR0] = F(0) | F(4) | F(20) | F(24) | F(28),
    /* HAFDBS, HPDS, PAN, ETS, AFP, nTLBPA, ECBHB. */
    [ID_AA64MMFR1] = F(0) | F(12) | F(20) | F(36) | F(44) | F(48) | F(60),
    /* UAO, LSM, VARange, CCIDX, ST, AT, IDS, TTL, BBM, E0PD. */
    [ID_AA64MMFR2] = F(4) | F(8) | F(16) | F(20) | F(28) | F(32) | F(36) | F(48) | F(52) | F(60),
};

/* Visible fields that must not exceed what the core supports. 8 and more mean "absent" in these. */
static const struct {
    uint8_t index, low, max;
} id_limit[] = {
    {ID_AA64PFR0, 56, 1},                         /* CSV2: 2 adds SCXTNUM registers */
    {ID_AA64MMFR0, 0, 5},                         /* PARange: 48 bits; 52 need another granule */
    {ID_AA64MMFR0, 20, 1},                        /* TGran16 and TGran4: no 52-bit addresses */
    {ID_AA64MMFR0, 28, 0}, {ID_AA64MMFR1, 20, 3}, /* PAN */
};

/* Fields with a value of our own. */
static const struct {
    uint8_t index, low, value;
} id_fixed[] = {
    {ID_DFR0, 0, 6}, /* v8 debug through system registers: exists, does nothing */
    {ID_DFR0, 4, 0},
    {ID_AA64PFR0, 4, 1}, /* EL1: AArch64 only */
    {ID_AA64DFR0, 0, 6}, /* v8 debug */
};

/* What the views of established images add to the visible fields, and take from them: the PMU's
 * version (PMUVer, PerfMon); pointer authentication (APA, API, GPA, GPI, GPA3, APA3, PAC_frac). */
static const struct {
    enum sysreg_view view;
    uint8_t index;
    bool is_added;
    uint64_t fields;
} id_view[] = {
    {SYSREG_VIEW_PRIMARY, ID_AA64DFR0, true, F(8)},
    {SYSREG_VIEW_PRIMARY, ID_DFR0, true, F(24)},
    {SYSREG_VIEW_SECONDARY, ID_AA64ISAR1, false, F(4) | F(8) | F(24) | F(28)},
    {SYSREG_VIEW_SECONDARY, ID_AA64ISAR2, false, F(8) | F(12) | F(24)},
};

static BH_COLD uint64_t visible_fields(uint32_t index, enum sysreg_view view)
{
    uint64_t visible = id_visible[index];

    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(id_view); i++) {
        if (id_view[i].view == view && id_view[i].index == index) {
            visible =
                id_view[i].is_added ? visible | id_view[i].fields : visible & ~id_view[i].fields;
        }
    }
    return visible;
}

BH_COLD uint64_t sysreg_id_filter(uint32_t index, uint64_t hardware, enum sysreg_view view)
{
    uint64_t value = hardware & visible_fields(index, view);
    bool has_gic = view == SYSREG_VIEW_GIC || view == SYSREG_VIEW_PRIMARY;

    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(id_limit); i++) {
        uint32_t low = id_limit[i].low;
        uint64_t field = num_field_get(value, low + 3, low);

        if (id_limit[i].index == index && field < 8 && field > id_limit[i].max) {
            value = num_field_set(value, low + 3, low, id_limit[i].max);
        }
    }
    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(id_fixed); i++) {
        if (id_fixed[i].index == index) {
            uint32_t low = id_fixed[i].low;

            value = num_field_set(value, low + 3, low, id_fixed[i].value);
        }
    }
    /* System register access to a GIC CPU interface. */
    if (has_gic && index == ID_AA64PFR0) {
        value |= UINT64_C(1) << 24;
    } else if (has_gic && index == ID_PFR1) {
        value |= UINT64_C(1) << 28;
    }
    return value;
}

uint64_t sysreg_id_table[SYSREG_VIEWS][SYSREG_ID_COUNT];

BH_COLD void sysreg_id_init(void)
{
    static bool is_filled;
    bool is_first = !is_filled;

    for (uint32_t i = 8; i < SYSREG_ID_COUNT; i++) {
        uint64_t hardware = arch_id_read(i / 8, i % 8);
        uint64_t value = sysreg_id_filter(i, hardware, SYSREG_VIEW_PARAVIRT);

        if (is_first) {
            for (uint32_t view = 0; view < SYSREG_VIEWS; view++) {
                sysreg_id_table[view][i] = sysreg_id_filter(i, hardware, view);
            }
        } else if (value != sysreg_id_table[SYSREG_VIEW_PARAVIRT][i]) {
            log_warning("CPU 0x%llx: ID register CRm %u, op2 %u is 0x%llx, not 0x%llx: guests see "
                        "the boot CPU's",
                        (unsigned long long)arch_cpu_mpidr(), i / 8, i % 8,
                        (unsigned long long)value,
                        (unsigned long long)sysreg_id_table[SYSREG_VIEW_PARAVIRT][i]);
        }
    }
    is_filled = true;
}
