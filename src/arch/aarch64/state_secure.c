/* SPDX-License-Identifier: BSD-3-Clause */
/* VSTTBR_EL2 has no VMID: that of VTTBR_EL2 tags both spaces. */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_mmu.h"
#include "bh/arch/sysreg.h"
#include "features.h"
#include "state.h"

/* sve.S */
void sve_save(uint8_t *to);
void sve_load(const uint8_t *from);

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

static bool is_world(const struct arch_context *ctx)
{
    return ctx->ns_vttbr == 0;
}

static void vectors_save(struct arch_context *ctx)
{
    ctx->world.vectors_saved =
        arch_features.sve && ctx->world.vectors != NULL && !ctx->world.no_vectors;
    if (ctx->world.vectors_saved) {
        sve_save(ctx->world.vectors);
    }
}

/* In the length of the other world's EL2, which ZCR_EL2 holds: EL3 does not bank it. */
static void vectors_load(const struct arch_context *ctx)
{
    if (!arch_features.sve) {
        return;
    }
    /* Open to EL2 as long as they are in the registers; nor does FP trap in the other world. */
    sysreg_write(cptr_el2, sysreg_read(cptr_el2) & ~(CPTR_EL2_TZ | CPTR_EL2_TFP));
    if (ctx->world.vectors_saved) {
        sysreg_isb(); /* it would trap */
        sve_load(ctx->world.vectors);
    }
}

uint64_t state_par_space(uint64_t par)
{
    return (par & PAR_EL1_NS) != 0 ? ARCH_IPA_NS : 0;
}

void state_save(struct arch_context *ctx)
{
    if (!is_world(ctx)) {
        return;
    }
    vectors_save(ctx);
    ctx->world.pmr = sysreg_read(icc_pmr_el1);
    if (arch_features.ras) {
        ctx->world.vsesr = sysreg_read(SYSREG_VSESR_EL2);
        ctx->world.vdisr = sysreg_read(SYSREG_VDISR_EL2);
    }
}

static void world_load(const struct arch_context *ctx)
{
    vectors_load(ctx);
    if (sysreg_read(icc_pmr_el1) != ctx->world.pmr && ctx->world.pmr != 0) {
        sysreg_write(icc_pmr_el1, ctx->world.pmr);
    }
    if (arch_features.ras) {
        sysreg_write(SYSREG_VSESR_EL2, ctx->world.vsesr);
        sysreg_write(SYSREG_VDISR_EL2, ctx->world.vdisr);
    }
}

void arch_world_fp_load(const struct arch_context *ctx)
{
    arch_fp_load(&ctx->fp);
    if (ctx->world.vectors_saved) {
        sve_load(ctx->world.vectors); /* the load of V0 to V31 has cleared what is above them */
    }
}

/* The walks of both spaces read secure memory; the secure one leads to secure memory only. */
void state_stage2_load(const struct arch_context *ctx)
{
    if (is_world(ctx)) {
        world_load(ctx);
        return;
    }
    if (arch_features.sve) {
        sysreg_write(cptr_el2, sysreg_read(cptr_el2) | CPTR_EL2_TZ);
    }
    if (sysreg_read(vttbr_el2) == ctx->ns_vttbr) {
        return; /* nobody else has the VMID: all four are there already */
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
