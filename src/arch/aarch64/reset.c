/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first state of a vCPU. Pure but for arch_features, so host builds use this file too.
 */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/sysreg.h"
#include "bh/base/libc.h"
#include "features.h"

static const uint64_t context_reset_values[] = {
#define SYSREG(field, reset) [ARCH_SYSREG_##field] = (reset),
#include "bh/arch/context.def"
#undef SYSREG
};

static uint64_t hcr_value(const struct arch_reset *reset)
{
    uint64_t hcr = HCR_EL2_VM | HCR_EL2_SWIO | HCR_EL2_PTW | HCR_EL2_FMO | HCR_EL2_IMO |
                   HCR_EL2_AMO | HCR_EL2_FB | HCR_EL2_BSU_INNER | HCR_EL2_TID1 | HCR_EL2_TID3 |
                   HCR_EL2_TSC | HCR_EL2_TIDCP | HCR_EL2_TACR | HCR_EL2_RW;

    if (reset->trap_wfx) {
        hcr |= HCR_EL2_TWI | HCR_EL2_TWE;
    }
    if (reset->el0) {
        /* Stage 1 is off, memory Normal Write-Back, and what would go to EL1 comes here. */
        hcr |= HCR_EL2_TGE | HCR_EL2_DC;
    }
    if (arch_features.pauth && !reset->no_pauth) {
        hcr |= HCR_EL2_API | HCR_EL2_APK;
    }
    if (arch_features.lor) {
        hcr |= HCR_EL2_TLOR;
    }
    if (arch_features.ras) {
        hcr |= HCR_EL2_TERR;
    }
    if (arch_features.mte) {
        hcr |= HCR_EL2_TID5;
    }
    return hcr;
}

/* EL1's side of what EL0 may do; there is no EL1 code that could set it. */
static void el0_reset(struct arch_context *ctx)
{
    ctx->spsr = SPSR_M_EL0T | SPSR_DAIF;
    ctx->sys[ARCH_SYSREG_sctlr_el1] |= SCTLR_EL1_SA0 | SCTLR_EL1_DZE | SCTLR_EL1_UCT |
                                       SCTLR_EL1_NTWI | SCTLR_EL1_NTWE | SCTLR_EL1_UCI;
    ctx->sys[ARCH_SYSREG_cpacr_el1] = CPACR_EL1_FPEN;
    ctx->sys[ARCH_SYSREG_cntkctl_el1] =
        CNTKCTL_EL1_EL0PCTEN | CNTKCTL_EL1_EL0VCTEN | CNTKCTL_EL1_EL0VTEN;
}

void arch_context_reset(struct arch_context *ctx, const struct arch_reset *reset)
{
    memset(ctx, 0, sizeof(*ctx));
    memcpy(ctx->sys, context_reset_values, sizeof(ctx->sys));
    ctx->x[0] = reset->arg0;
    ctx->elr = reset->entry;
    ctx->spsr = (reset->is_world ? SPSR_M_EL2H : SPSR_M_EL1H) | SPSR_DAIF;
    ctx->sys[ARCH_SYSREG_vmpidr_el2] = (reset->mpidr & MPIDR_AFFINITY) | MPIDR_RES1;
    ctx->sys[ARCH_SYSREG_cntvoff_el2] = reset->cntvoff;
    ctx->hcr = reset->is_world ? HCR_EL2_WORLD : hcr_value(reset);
    ctx->vttbr = reset->vttbr;
    ctx->vtcr = reset->vtcr;
    ctx->ns_vttbr = reset->ns_vttbr;
    ctx->ns_vtcr = reset->ns_vtcr;
    ctx->ich.hcr =
        reset->gic ? ICH_HCR_EL2_EN : ICH_HCR_EL2_TC | ICH_HCR_EL2_TALL0 | ICH_HCR_EL2_TALL1;
    if (reset->pmu) {
        ctx->pmu = true;
        arch_features.extra |= EXTRA_PMU;
    }
    if (reset->el0) {
        el0_reset(ctx);
    }
}
