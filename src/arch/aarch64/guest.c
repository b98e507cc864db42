/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/esr.h"
#include "bh/arch/sysreg.h"
#include "bh/base/cold.h"
#include "features.h"
#include "state.h"

/* Exception entry of EL1 (D1.3.1.3): offset of the vector for where the exception came from. */
#define VECTOR_SAME_SP0 0x000
#define VECTOR_SAME_SPX 0x200
#define VECTOR_LOWER_64 0x400
#define VECTOR_LOWER_32 0x600
#define VECTORS_SIZE    0x800

uint64_t arch_guest_pc(void)
{
    return sysreg_read(elr_el2);
}

void arch_guest_pc_set(uint64_t pc)
{
    sysreg_write(elr_el2, pc);
}

uint64_t arch_guest_spsr(void)
{
    return sysreg_read(spsr_el2);
}

/* ITSTATE lies in SPSR[15:10] (IT[7:2]) and SPSR[26:25] (IT[1:0]); C5.2.19. */
static uint64_t advance_it(uint64_t spsr)
{
    uint64_t it = num_field_get(spsr, 15, 10) << 2 | num_field_get(spsr, 26, 25);

    it = (it & 7) == 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f);
    spsr = num_field_set(spsr, 15, 10, it >> 2);
    return num_field_set(spsr, 26, 25, it & 3);
}

/* The instruction may be a short one, or PSTATE says something about it. */
static BH_COLD void advance_with_pstate(uint64_t spsr)
{
    uint64_t after = spsr & ~SPSR_SS;

    sysreg_write(elr_el2, sysreg_read(elr_el2) + esr_instruction_size(sysreg_read(esr_el2)));
    after = (spsr & SPSR_M_AARCH32) != 0 ? advance_it(after) : after & ~SPSR_BTYPE;
    if (after != spsr) {
        sysreg_write(spsr_el2, after);
    }
}

void arch_guest_pc_advance(void)
{
    uint64_t spsr = sysreg_read(spsr_el2);

    if ((spsr & (SPSR_M_AARCH32 | SPSR_SS | SPSR_BTYPE)) != 0) {
        advance_with_pstate(spsr);
    } else {
        sysreg_write(elr_el2, sysreg_read(elr_el2) + 4);
    }
}

bool arch_guest_is_el0(void)
{
    uint64_t spsr = sysreg_read(spsr_el2);

    return (spsr & SPSR_M_AARCH32) != 0 || (spsr & SPSR_M_EL) == 0;
}

bool arch_guest_is_at_vector(void)
{
    return !arch_guest_is_el0() && arch_guest_pc() - sysreg_read(vbar_el1) < VECTORS_SIZE;
}

static uint64_t vector_offset(uint64_t spsr)
{
    if ((spsr & SPSR_M_AARCH32) != 0) {
        return VECTOR_LOWER_32;
    }
    if ((spsr & SPSR_M_EL) == 0) {
        return VECTOR_LOWER_64;
    }
    return (spsr & SPSR_M_SPSEL) != 0 ? VECTOR_SAME_SPX : VECTOR_SAME_SP0;
}

/* PSTATE after exception entry to EL1: AArch64.TakeException in the Arm ARM's J1. */
static uint64_t entry_pstate(uint64_t spsr)
{
    uint64_t sctlr = sysreg_read(sctlr_el1);
    uint64_t pstate = SPSR_M_EL1H | SPSR_DAIF | (spsr & (SPSR_NZCV | SPSR_DIT | SPSR_PAN));

    if (arch_features.pan && (sctlr & SCTLR_EL1_SPAN) == 0) {
        pstate |= SPSR_PAN;
    }
    if ((sctlr & SCTLR_EL1_DSSBS) != 0) {
        pstate |= SPSR_SSBS;
    }
    return pstate;
}

/* The guest takes a synchronous exception to EL1 at the instruction it stands on. */
static void take_exception(uint64_t esr)
{
    uint64_t spsr = sysreg_read(spsr_el2);

    sysreg_write(esr_el1, esr);
    sysreg_write(spsr_el1, spsr);
    sysreg_write(elr_el1, sysreg_read(elr_el2));
    sysreg_write(elr_el2, sysreg_read(vbar_el1) + vector_offset(spsr));
    sysreg_write(spsr_el2, entry_pstate(spsr));
}

BH_COLD void arch_guest_inject_undef(void)
{
    take_exception(((uint64_t)ESR_EC_UNKNOWN << ESR_EC_SHIFT) | ESR_IL);
}

BH_COLD void arch_guest_inject_abort(bool instruction, uint64_t far)
{
    uint64_t trapped = sysreg_read(esr_el2);
    uint64_t esr = ESR_IL;
    uint64_t ec = arch_guest_is_el0() ? ESR_EC_IABT_LOWER : ESR_EC_IABT_SAME;

    if (!instruction) {
        ec += ESR_EC_DABT_LOWER - ESR_EC_IABT_LOWER;
        /* IL is the trapped instruction's; it is 1 for every instruction abort. */
        esr = trapped & (ESR_IL | ESR_DABT_WNR | ESR_DABT_CM);
    }
    if (esr_abt_is_walk(trapped)) {
        esr |= ESR_FSC_EXTERNAL_WALK + esr_fsc_level(trapped);
    } else {
        esr |= ESR_FSC_EXTERNAL;
    }
    sysreg_write(far_el1, far);
    take_exception((ec << ESR_EC_SHIFT) | esr);
}

BH_COLD void arch_guest_inject_serror(void)
{
    if (arch_features.ras) {
        /* IDS: an implementation defined syndrome, which says nothing more. */
        sysreg_write(SYSREG_VSESR_EL2, NUM_BIT(24));
    }
    sysreg_write(hcr_el2, sysreg_read(hcr_el2) | HCR_EL2_VSE);
}

void arch_guest_virq_lines(bool irq, bool fiq)
{
    uint64_t hcr = sysreg_read(hcr_el2);
    uint64_t wanted =
        (hcr & ~(HCR_EL2_VI | HCR_EL2_VF)) | (irq ? HCR_EL2_VI : 0) | (fiq ? HCR_EL2_VF : 0);

    if (wanted != hcr) {
        sysreg_write(hcr_el2, wanted);
    }
}

bool arch_guest_translate(uint64_t va, struct ipaddr *ipa)
{
    uint64_t guest_par = sysreg_read(par_el1);

    if (arch_guest_is_el0()) {
        __asm__ volatile("at s1e0r, %0" : : "r"(va));
    } else {
        __asm__ volatile("at s1e1r, %0" : : "r"(va));
    }
    sysreg_isb(); /* PAR_EL1 holds the result */
    uint64_t par = sysreg_read(par_el1);

    sysreg_write(par_el1, guest_par);
    if ((par & PAR_EL1_F) != 0) {
        return false;
    }
    *ipa = ipa_init((par & PAR_EL1_PA) | (va & (PAGE_SIZE - 1)) | state_par_space(par));
    return true;
}
