/* SPDX-License-Identifier: BSD-3-Clause */
/* VSTTBR_EL2 has no VMID: that of VTTBR_EL2 tags both spaces. */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/sysreg.h"
#include "state.h"

void state_init(void)
{
    sysreg_write(vttbr_el2, 0);
    sysreg_write(SYSREG_VSTTBR_EL2, 0);
    sysreg_write(SYSREG_VSTCR_EL2, 0);
    sysreg_write(SYSREG_CNTHPS_CTL_EL2, 0);
}

static uint64_t vtcr_of(const struct arch_context *ctx)
{
    return ctx->ns_vtcr | VTCR_EL2_NSA;
}

/* The walks of both spaces read secure memory; the secure one leads to secure memory only. */
void state_stage2_load(const struct arch_context *ctx)
{
    if (ctx->ns_vttbr == 0 || sysreg_read(vttbr_el2) == ctx->ns_vttbr) {
        return; /* the other world; or nobody else has the VMID: all four are there already */
    }
    sysreg_write(SYSREG_VSTCR_EL2, ctx->vtcr & VSTCR_EL2_FIELDS);
    sysreg_write(SYSREG_VSTTBR_EL2, ctx->vttbr & VTTBR_EL2_BADDR);
    sysreg_write(vtcr_el2, vtcr_of(ctx));
    sysreg_write(vttbr_el2, ctx->ns_vttbr);
}

void arch_htimer_arm(uint64_t cval)
{
    sysreg_write(SYSREG_CNTHPS_CVAL_EL2, cval);
    sysreg_write(SYSREG_CNTHPS_CTL_EL2, CNT_CTL_ENABLE);
    sysreg_isb(); /* a deadline that has passed is pending before the SMC or ERET */
}

void arch_htimer_stop(void)
{
    sysreg_write(SYSREG_CNTHPS_CTL_EL2, 0);
    sysreg_isb(); /* the level is low before the interrupt is deactivated */
}
