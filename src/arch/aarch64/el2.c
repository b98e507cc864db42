/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/sysreg.h"
#include "bh/base/log.h"
#include "features.h"
#include "state.h"

#define PA_RANGE_48 5

struct arch_features arch_features;

static bool has_field(uint64_t id, uint32_t shift)
{
    return ((id >> shift) & 0xf) != 0;
}

/* These registers are implementation defined: most CPUs have them as zero, which only a write
 * tells. EL1 has not run on this CPU. */
static bool has_impdef(void)
{
    uint64_t found = 0;

#define SYSREG_PAIR(a, a_reset, b, b_reset)
#define SYSREG_IMPDEF(field, reset)                                                                \
    sysreg_write(field, ~UINT64_C(0));                                                             \
    found |= sysreg_read(field);                                                                   \
    sysreg_write(field, 0);
#include "bh/arch/context.def"
    return found != 0;
}

static struct arch_features read_features(void)
{
    uint64_t pfr0 = sysreg_read(id_aa64pfr0_el1);
    uint64_t pfr1 = sysreg_read(id_aa64pfr1_el1);
    uint64_t isar1 = sysreg_read(id_aa64isar1_el1);
    uint64_t isar2 = sysreg_read(SYSREG_ID_AA64ISAR2_EL1);
    uint64_t mmfr0 = sysreg_read(id_aa64mmfr0_el1);
    uint64_t mmfr1 = sysreg_read(id_aa64mmfr1_el1);

    return (struct arch_features){
        .known = true,
        .pauth = has_field(isar1, ID_AA64ISAR1_APA) || has_field(isar1, ID_AA64ISAR1_API) ||
                 has_field(isar2, ID_AA64ISAR2_APA3),
        .pan = has_field(mmfr1, ID_AA64MMFR1_PAN),
        .ras = has_field(pfr0, ID_AA64PFR0_RAS),
        .lor = has_field(mmfr1, ID_AA64MMFR1_LO),
        .amu = has_field(pfr0, ID_AA64PFR0_AMU),
        .mte = has_field(pfr1, ID_AA64PFR1_MTE),
        .sme = has_field(pfr1, ID_AA64PFR1_SME),
        .sve = has_field(pfr0, ID_AA64PFR0_SVE),
        .impdef = has_impdef(),
        .pa_range = (uint8_t)num_min(num_field_get(mmfr0, 3, 0), PA_RANGE_48),
    };
}

/* A vCPU may run on any CPU, so a difference that its context depends on must not exist. */
static void merge_features(const struct arch_features *own)
{
    struct arch_features *all = &arch_features;

    if (!all->known) {
        *all = *own;
        all->extra = (uint8_t)((own->pauth ? EXTRA_PAUTH : 0) | (own->ras ? EXTRA_RAS : 0) |
                               (own->impdef ? EXTRA_IMPDEF : 0) | state_extra(own));
        return;
    }
    if (own->pauth != all->pauth || own->ras != all->ras || own->pan != all->pan ||
        own->sve != all->sve || own->sme != all->sme) {
        panic("CPU %llx differs from the boot CPU in pauth, ras, pan, sve or sme",
              (unsigned long long)arch_cpu_mpidr());
    }
    all->extra |= own->impdef ? EXTRA_IMPDEF : 0;
    if (own->pa_range < all->pa_range) {
        panic("CPU %llx has fewer physical address bits than the boot CPU",
              (unsigned long long)arch_cpu_mpidr());
    }
}

static uint64_t mdcr_value(void)
{
    uint64_t dfr0 = sysreg_read(id_aa64dfr0_el1);
    uint64_t version = (dfr0 >> ID_AA64DFR0_PMUVER) & 0xf;
    uint64_t mdcr = MDCR_EL2_TDA | MDCR_EL2_TDRA | MDCR_EL2_TDOSA | MDCR_EL2_TPM | MDCR_EL2_TPMCR;

    if (version != 0 && version != 0xf) {
        /* All event counters on EL1's side, and none readable from EL0 past the guest's kernel. */
        mdcr |= num_field_get(sysreg_read(pmcr_el0), 15, 11);
        sysreg_write(pmuserenr_el0, 0);
    }
    if (has_field(dfr0, ID_AA64DFR0_PMSVER)) {
        mdcr |= MDCR_EL2_TPMS;
    }
    if (has_field(dfr0, ID_AA64DFR0_TRACEFILT)) {
        mdcr |= MDCR_EL2_TTRF;
    }
    return mdcr;
}

/*
 * Zero is the safe value of all of these: newer features stay trapped or absent. Where EL3 exists
 * it may not have opened them to EL2 (SCR_EL3.HXEn, FGTEn) and has set them up itself.
 */
static void init_extension_controls(void)
{
    uint64_t pfr0 = sysreg_read(id_aa64pfr0_el1);

    if (has_field(pfr0, ID_AA64PFR0_EL3)) {
        return;
    }
    if (has_field(sysreg_read(id_aa64mmfr1_el1), ID_AA64MMFR1_HCX)) {
        sysreg_write(SYSREG_HCRX_EL2, 0);
    }
    if (has_field(sysreg_read(id_aa64mmfr0_el1), ID_AA64MMFR0_FGT)) {
        sysreg_write(SYSREG_HFGRTR_EL2, 0);
        sysreg_write(SYSREG_HFGWTR_EL2, 0);
        sysreg_write(SYSREG_HFGITR_EL2, 0);
        sysreg_write(SYSREG_HDFGRTR_EL2, 0);
        sysreg_write(SYSREG_HDFGWTR_EL2, 0);
    }
}

void arch_el2_init(void)
{
    struct arch_features own = read_features();
    uint64_t cptr = CPTR_EL2_RES1 | CPTR_EL2_TZ | CPTR_EL2_TSM | CPTR_EL2_TTA;

    if (own.amu) {
        cptr |= CPTR_EL2_TAM;
    }
    /* Stage 2 (VM) comes on with the first vCPU; interrupts are EL2's from here on. */
    sysreg_write(hcr_el2, HCR_EL2_RW | HCR_EL2_IMO | HCR_EL2_FMO | HCR_EL2_AMO);
    sysreg_write(cptr_el2, cptr);
    sysreg_write(mdcr_el2, mdcr_value());
    sysreg_write(cnthctl_el2, CNTHCTL_EL2_EL1PCTEN);
    sysreg_write(cntv_ctl_el0, 0);
    sysreg_write(cntp_ctl_el0, 0);
    sysreg_write(hstr_el2, 0);
    sysreg_write(vpidr_el2, sysreg_read(midr_el1));
    state_init(&own);
    sysreg_write(mdscr_el1, 0);
    init_extension_controls();
    sysreg_isb();
    merge_features(&own);
}

uint64_t arch_cpu_mpidr(void)
{
    return sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
}

bool arch_cpu_has_pauth(void)
{
    return arch_features.pauth;
}

uint32_t arch_cpu_pa_bits(void)
{
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48};

    return bits[arch_features.pa_range];
}

struct cpu *arch_cpu_self(void)
{
    return (struct cpu *)(uintptr_t)sysreg_read(tpidr_el2);
}

void arch_cpu_set_self(struct cpu *cpu)
{
    sysreg_write(tpidr_el2, (uint64_t)(uintptr_t)cpu);
}

void arch_cpu_wait(void)
{
    /* Stores made before the wait, to other CPUs or the GIC, are done before the CPU sleeps. */
    __asm__ volatile("dsb sy\n\twfi" : : : "memory");
}

void arch_cpu_relax(void)
{
    __asm__ volatile("yield" : : : "memory");
}

void arch_wait_event(void)
{
    __asm__ volatile("wfe" : : : "memory");
}

void arch_send_event(void)
{
    /* The waiter must see what was stored before the event. */
    __asm__ volatile("dsb ishst\n\tsev" : : : "memory");
}
