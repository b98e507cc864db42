/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The vCPU switch. Nothing here needs an ISB: the registers concern EL1 and EL0, and the ERET that
 * enters the guest synchronises the context.
 */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/arch/sysreg.h"
#include "features.h"
#include "state.h"

static void pauth_save(struct arch_context *ctx)
{
    ctx->pauth[0] = sysreg_read(SYSREG_APIAKEYLO_EL1);
    ctx->pauth[1] = sysreg_read(SYSREG_APIAKEYHI_EL1);
    ctx->pauth[2] = sysreg_read(SYSREG_APIBKEYLO_EL1);
    ctx->pauth[3] = sysreg_read(SYSREG_APIBKEYHI_EL1);
    ctx->pauth[4] = sysreg_read(SYSREG_APDAKEYLO_EL1);
    ctx->pauth[5] = sysreg_read(SYSREG_APDAKEYHI_EL1);
    ctx->pauth[6] = sysreg_read(SYSREG_APDBKEYLO_EL1);
    ctx->pauth[7] = sysreg_read(SYSREG_APDBKEYHI_EL1);
    ctx->pauth[8] = sysreg_read(SYSREG_APGAKEYLO_EL1);
    ctx->pauth[9] = sysreg_read(SYSREG_APGAKEYHI_EL1);
}

static void pauth_load(const struct arch_context *ctx)
{
    sysreg_write(SYSREG_APIAKEYLO_EL1, ctx->pauth[0]);
    sysreg_write(SYSREG_APIAKEYHI_EL1, ctx->pauth[1]);
    sysreg_write(SYSREG_APIBKEYLO_EL1, ctx->pauth[2]);
    sysreg_write(SYSREG_APIBKEYHI_EL1, ctx->pauth[3]);
    sysreg_write(SYSREG_APDAKEYLO_EL1, ctx->pauth[4]);
    sysreg_write(SYSREG_APDAKEYHI_EL1, ctx->pauth[5]);
    sysreg_write(SYSREG_APDBKEYLO_EL1, ctx->pauth[6]);
    sysreg_write(SYSREG_APDBKEYHI_EL1, ctx->pauth[7]);
    sysreg_write(SYSREG_APGAKEYLO_EL1, ctx->pauth[8]);
    sysreg_write(SYSREG_APGAKEYHI_EL1, ctx->pauth[9]);
}

/* List registers are svc/virq_sync's: it moves what they hold to its model and back. */
static void ich_save(struct arch_ich *ich)
{
    ich->vmcr = sysreg_read(ich_vmcr_el2);
    ich->ap0r0 = sysreg_read(ich_ap0r0_el2);
    ich->ap1r0 = sysreg_read(ich_ap1r0_el2);
}

static void ich_load(const struct arch_ich *ich)
{
    sysreg_write(ich_hcr_el2, ich->hcr);
    sysreg_write(ich_vmcr_el2, ich->vmcr);
    sysreg_write(ich_ap0r0_el2, ich->ap0r0);
    sysreg_write(ich_ap1r0_el2, ich->ap1r0);
}

static void impdef_save(struct arch_context *ctx)
{
#define SYSREG_PAIR(a, a_reset, b, b_reset)
#define SYSREG_IMPDEF(field, reset) ctx->sys[ARCH_SYSREG_##field] = sysreg_read(field);
#include "bh/arch/context.def"
}

static void impdef_load(const struct arch_context *ctx)
{
#define SYSREG_PAIR(a, a_reset, b, b_reset)
#define SYSREG_IMPDEF(field, reset) sysreg_write(field, ctx->sys[ARCH_SYSREG_##field]);
#include "bh/arch/context.def"
}

static void extra_save(struct arch_context *ctx, uint32_t extra)
{
    if ((extra & EXTRA_IMPDEF) != 0) {
        impdef_save(ctx);
    }
    if ((extra & EXTRA_PAUTH) != 0) {
        pauth_save(ctx);
    }
    if ((extra & EXTRA_RAS) != 0) {
        ctx->vdisr = sysreg_read(SYSREG_VDISR_EL2);
    }
    if ((extra & EXTRA_TPIDR2) != 0) {
        ctx->tpidr2 = sysreg_read(SYSREG_TPIDR2_EL0);
    }
}

static void extra_load(const struct arch_context *ctx, uint32_t extra)
{
    if ((extra & EXTRA_IMPDEF) != 0) {
        impdef_load(ctx);
    }
    if ((extra & EXTRA_PAUTH) != 0) {
        pauth_load(ctx);
    }
    if ((extra & EXTRA_RAS) != 0) {
        sysreg_write(SYSREG_VDISR_EL2, ctx->vdisr);
    }
    if ((extra & EXTRA_TPIDR2) != 0) {
        sysreg_write(SYSREG_TPIDR2_EL0, ctx->tpidr2);
    }
}

/* Both values before both stores, and the reverse: the compiler makes one access of them. */
#define PAIR_SAVE(a, b)                                                                            \
    do {                                                                                           \
        uint64_t a_value = sysreg_read(a);                                                         \
        uint64_t b_value = sysreg_read(b);                                                         \
        ctx->sys[ARCH_SYSREG_##a] = a_value;                                                       \
        ctx->sys[ARCH_SYSREG_##b] = b_value;                                                       \
    } while (0);

#define PAIR_LOAD(a, b)                                                                            \
    do {                                                                                           \
        uint64_t a_value = ctx->sys[ARCH_SYSREG_##a];                                              \
        uint64_t b_value = ctx->sys[ARCH_SYSREG_##b];                                              \
        sysreg_write(a, a_value);                                                                  \
        sysreg_write(b, b_value);                                                                  \
    } while (0);

/* Part of svc/run.c's hot path, which has no frame for calls. */
#define INLINED __attribute__((always_inline))

INLINED void arch_context_save(struct arch_context *ctx)
{
    ctx->elr = sysreg_read(elr_el2);
    ctx->spsr = sysreg_read(spsr_el2);
    ctx->hcr = sysreg_read(hcr_el2); /* VSE goes away when the guest takes it */
    state_save(ctx);
#define SYSREG_PAIR(a, a_reset, b, b_reset) PAIR_SAVE(a, b)
#define SYSREG_FIXED(a, a_reset, b, b_reset)
#define SYSREG_IMPDEF(field, reset)
#include "bh/arch/context.def"
    if (arch_features.extra != 0) {
        extra_save(ctx, arch_features.extra);
    }
    if ((ctx->ich.hcr & ICH_HCR_EL2_EN) != 0) {
        ich_save(&ctx->ich);
    }
}

INLINED void arch_context_load(const struct arch_context *ctx)
{
    uint64_t elr = ctx->elr, spsr = ctx->spsr;

    sysreg_write(elr_el2, elr);
    sysreg_write(spsr_el2, spsr);
    /* Two vCPUs in a row hardly ever share it: comparing first would cost more. */
    sysreg_write(hcr_el2, ctx->hcr);
    state_stage2_load(ctx);
#define SYSREG_PAIR(a, a_reset, b, b_reset) PAIR_LOAD(a, b)
#define SYSREG_IMPDEF(field, reset)
#include "bh/arch/context.def"
    if (arch_features.extra != 0) {
        extra_load(ctx, arch_features.extra);
    }
    if ((ctx->ich.hcr & ICH_HCR_EL2_EN) != 0) {
        ich_load(&ctx->ich);
    } else {
        sysreg_write(ich_hcr_el2, ctx->ich.hcr);
    }
}

void arch_fp_trap(bool on)
{
    uint64_t cptr = sysreg_read(cptr_el2);
    uint64_t wanted = on ? cptr | CPTR_EL2_TFP : cptr & ~CPTR_EL2_TFP;

    if (wanted == cptr) {
        return;
    }
    sysreg_write(cptr_el2, wanted);
    if (!on) {
        sysreg_isb(); /* arch_fp_save and arch_fp_load come next, and they would trap */
    }
}
