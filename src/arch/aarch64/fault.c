/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/arch/arch_fault.h"

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_mmu.h"
#include "bh/arch/esr.h"
#include "bh/arch/sysreg.h"
#include "bh/base/cold.h"

uint64_t arch_fault_far(void)
{
    return sysreg_read(far_el2);
}

struct ipaddr arch_fault_ipa(void)
{
    uint64_t hpfar = sysreg_read(hpfar_el2);

    /* HPFAR_EL2.NS is the mark's bit, and RES0 outside the secure state. */
    return ipa_init(esr_fault_ipa(hpfar, sysreg_read(far_el2)) | (hpfar & ARCH_IPA_NS));
}

BH_COLD void arch_fault_inject_alignment(uint64_t far)
{
    arch_guest_inject_abort(false, far);
    sysreg_write(esr_el1, (sysreg_read(esr_el1) & ~ESR_ABT_FSC) | ESR_FSC_ALIGNMENT);
}

static bool uses_sp_el0(void)
{
    return arch_guest_is_el0() || (arch_guest_spsr() & SPSR_M_SPSEL) == 0;
}

uint64_t arch_fault_sp_read(void)
{
    return uses_sp_el0() ? sysreg_read(sp_el0) : sysreg_read(sp_el1);
}

void arch_fault_sp_write(uint64_t value)
{
    if (uses_sp_el0()) {
        sysreg_write(sp_el0, value);
    } else {
        sysreg_write(sp_el1, value);
    }
}

bool arch_fault_is_aarch32(void)
{
    return (arch_guest_spsr() & SPSR_M_AARCH32) != 0;
}

#define ID_ROW(crm)                                                                                \
    ID_CASE(crm, 0)                                                                                \
    ID_CASE(crm, 1)                                                                                \
    ID_CASE(crm, 2)                                                                                \
    ID_CASE(crm, 3)                                                                                \
    ID_CASE(crm, 4)                                                                                \
    ID_CASE(crm, 5)                                                                                \
    ID_CASE(crm, 6)                                                                                \
    ID_CASE(crm, 7)

#define ID_CASE(crm, op2)                                                                          \
    case 8 * (crm) + (op2):                                                                        \
        return sysreg_read(S3_0_C0_C##crm##_##op2);

/* The name is part of the instruction, hence a case for each. */
BH_COLD uint64_t arch_id_read(uint32_t crm, uint32_t op2)
{
    switch (crm * 8 + op2) {
        ID_ROW(1)
        ID_ROW(2)
        ID_ROW(3)
        ID_ROW(4)
        ID_ROW(5)
        ID_ROW(6)
        ID_ROW(7)
    default:
        return 0;
    }
}
