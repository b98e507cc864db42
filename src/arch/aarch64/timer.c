/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/sysreg.h"

uint64_t arch_counter(void)
{
    sysreg_isb(); /* the counter is not read before what precedes the call */
    return sysreg_read(cntpct_el0);
}

uint64_t arch_counter_frequency(void)
{
    return sysreg_read(cntfrq_el0);
}

void arch_vtimer_save(struct arch_context *ctx)
{
    ctx->sys[ARCH_SYSREG_cntv_ctl_el0] = sysreg_read(cntv_ctl_el0);
    ctx->sys[ARCH_SYSREG_cntv_cval_el0] = sysreg_read(cntv_cval_el0);
}

void arch_vtimer_stop(void)
{
    sysreg_write(cntv_ctl_el0, 0);
    sysreg_isb(); /* the line is low before anybody looks at the interrupt */
}

void arch_vtimer_mask(void)
{
    sysreg_write(cntv_ctl_el0, sysreg_read(cntv_ctl_el0) | CNT_CTL_IMASK);
    sysreg_isb(); /* the level is low before the interrupt is deactivated */
}

bool arch_vtimer_is_due(void)
{
    const uint64_t bits = CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS;

    return (sysreg_read(cntv_ctl_el0) & bits) == (CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
}
