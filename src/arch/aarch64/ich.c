/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>

#include "bh/arch/arch_context.h"
#include "bh/arch/arch_irq.h"
#include "bh/arch/sysreg.h"
#include "bh/base/cold.h"

#define PRIORITY_ALL    0xff
#define PRIORITY_SECURE 0x80 /* all priorities of the normal world are this or less urgent */

/* X-macro over the list registers: their number is part of the instruction. */
#define FOR_EACH_LR(X)                                                                             \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

BH_COLD void arch_irq_init(void)
{
    sysreg_write(icc_sre_el2,
                 ICC_SRE_EL2_SRE | ICC_SRE_EL2_DFB | ICC_SRE_EL2_DIB | ICC_SRE_EL2_ENABLE);
    sysreg_isb(); /* ICC_* are system registers from here on */
    sysreg_write(icc_sre_el1, ICC_SRE_EL2_SRE | ICC_SRE_EL2_DFB | ICC_SRE_EL2_DIB);
    sysreg_write(icc_pmr_el1, PRIORITY_ALL);
    sysreg_write(icc_bpr1_el1, 0);
    sysreg_write(icc_ctlr_el1, ICC_CTLR_EL1_EOIMODE);
    sysreg_write(icc_igrpen1_el1, 1);
    sysreg_write(ich_hcr_el2, 0);
    sysreg_write(ich_vmcr_el2, 0);
    sysreg_write(ich_ap0r0_el2, 0);
    sysreg_write(ich_ap1r0_el2, 0);
    for (uint32_t i = 0; i < arch_ich_lr_count(); i++) {
        arch_ich_lr_write(i, 0);
    }
    sysreg_isb();
}

uint32_t arch_irq_ack(void)
{
    uint32_t intid = (uint32_t)sysreg_read(icc_iar1_el1);

    /* The acknowledge is done before the device or another CPU is touched (IHI 0069 4.1.1). */
    __asm__ volatile("dsb sy" : : : "memory");
    return intid;
}

void arch_irq_eoi(uint32_t intid)
{
    sysreg_write(icc_eoir1_el1, intid);
}

void arch_irq_deactivate(uint32_t intid)
{
    sysreg_write(icc_dir_el1, intid);
}

BH_COLD void arch_irq_hold(bool on)
{
    sysreg_write(icc_igrpen1_el1, on ? 0 : 1);
    sysreg_isb();
}

void arch_irq_shield(bool on, const struct arch_world *world)
{
    uint64_t open = world == NULL || world->pmr == 0 ? PRIORITY_ALL : world->pmr;

    sysreg_write(icc_pmr_el1, on ? PRIORITY_SECURE : open);
    sysreg_isb(); /* before the ERET to who is not to be interrupted */
}

bool arch_irq_group0_is_pending(void)
{
    return sysreg_read(icc_hppir0_el1) < ARCH_IRQ_SPECIAL;
}

void arch_irq_group0_enable(bool on)
{
    sysreg_write(icc_igrpen0_el1, on ? 1 : 0);
    sysreg_isb();
}

static uint64_t sgi_value(uint64_t mpidr, uint32_t sgi)
{
    uint64_t aff0 = num_field_get(mpidr, 7, 0);

    return (uint64_t)sgi << ICC_SGI1R_INTID_SHIFT |
           num_field_get(mpidr, 15, 8) << ICC_SGI1R_AFF1_SHIFT |
           num_field_get(mpidr, 23, 16) << ICC_SGI1R_AFF2_SHIFT |
           num_field_get(mpidr, 39, 32) << ICC_SGI1R_AFF3_SHIFT |
           (aff0 / 16) << ICC_SGI1R_RS_SHIFT | NUM_BIT(aff0 % 16);
}

__attribute__((noinline)) void arch_irq_send_sgi(uint64_t mpidr, uint32_t sgi)
{
    /* The receiver sees what was stored before the interrupt. */
    __asm__ volatile("dsb ishst" : : : "memory");
    sysreg_write(icc_sgi1r_el1, sgi_value(mpidr, sgi));
    sysreg_isb(); /* the SGI leaves now, not when the CPU next synchronises */
}

void arch_irq_send_sgi_other(uint64_t mpidr, uint32_t sgi)
{
    __asm__ volatile("dsb ishst" : : : "memory"); /* as above */
    sysreg_write(icc_asgi1r_el1, sgi_value(mpidr, sgi));
    sysreg_isb();
}

uint32_t arch_ich_lr_count(void)
{
    return (uint32_t)(sysreg_read(ich_vtr_el2) & ICH_VTR_LISTREGS) + 1;
}

uint64_t arch_ich_lr_read(uint32_t i)
{
    switch (i) {
#define LR_READ(n)                                                                                 \
    case n:                                                                                        \
        return sysreg_read(ich_lr##n##_el2);
        FOR_EACH_LR(LR_READ)
#undef LR_READ
    default:
        return 0;
    }
}

void arch_ich_lr_write(uint32_t i, uint64_t value)
{
    switch (i) {
#define LR_WRITE(n)                                                                                \
    case n:                                                                                        \
        sysreg_write(ich_lr##n##_el2, value);                                                      \
        break;
        FOR_EACH_LR(LR_WRITE)
#undef LR_WRITE
    default:
        break;
    }
}

uint32_t arch_ich_elrsr(void)
{
    return (uint32_t)sysreg_read(ich_elrsr_el2);
}

uint32_t arch_ich_eisr(void)
{
    return (uint32_t)sysreg_read(ich_eisr_el2);
}

uint64_t arch_ich_misr(void)
{
    return sysreg_read(ich_misr_el2);
}

uint64_t arch_ich_vmcr_read(void)
{
    return sysreg_read(ich_vmcr_el2);
}

void arch_ich_vmcr_write(uint64_t value)
{
    sysreg_write(ich_vmcr_el2, value);
}

uint64_t arch_ich_hcr_read(void)
{
    return sysreg_read(ich_hcr_el2);
}

void arch_ich_hcr_write(uint64_t value)
{
    sysreg_write(ich_hcr_el2, value);
}
