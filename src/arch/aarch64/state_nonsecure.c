/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/sysreg.h"
#include "state.h"

void state_init(const struct arch_features *own)
{
    (void)own;
    sysreg_write(vttbr_el2, 0);
    sysreg_write(cnthp_ctl_el2, 0);
}

uint32_t state_extra(const struct arch_features *own)
{
    return own->sme ? EXTRA_TPIDR2 : 0;
}

uint64_t state_par_space(uint64_t par)
{
    (void)par;
    return 0;
}

__attribute__((always_inline)) void state_save(struct arch_context *ctx)
{
    (void)ctx;
}

void arch_world_fp_load(const struct arch_context *ctx)
{
    arch_fp_load(&ctx->fp);
}

/* Two vCPUs in a row are mostly of different VMs: comparing first would cost more. */
__attribute__((always_inline)) void state_stage2_load(const struct arch_context *ctx)
{
    sysreg_write(vtcr_el2, ctx->vtcr);
    sysreg_write(vttbr_el2, ctx->vttbr);
}

void arch_htimer_arm(uint64_t cval)
{
    sysreg_write(cnthp_cval_el2, cval);
    sysreg_write(cnthp_ctl_el2, CNT_CTL_ENABLE);
    sysreg_isb(); /* a deadline that has passed is pending before WFI or ERET */
}

void arch_htimer_stop(void)
{
    sysreg_write(cnthp_ctl_el2, 0);
    sysreg_isb(); /* the level is low before the interrupt is deactivated */
}
