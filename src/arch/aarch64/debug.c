/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Self-hosted debug: breakpoints, watchpoints and MDSCR_EL1 of the guest. Most guests never use
 * them, so they are trapped, and read as 0, until a vCPU writes something: then it has the
 * registers, and the switch saves and loads them. EL2 takes no debug exceptions (MDCR_EL2.TDE 0).
 * Source: DDI 0487 D2, D19.3.
 */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/sysreg.h"
#include "features.h"

#define EACH(op)                                                                                   \
    op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) op(14) \
        op(15)

static uint32_t breakpoint_count(void)
{
    return (uint32_t)num_field_get(sysreg_read(id_aa64dfr0_el1), 15, 12) + 1;
}

static uint32_t watchpoint_count(void)
{
    return (uint32_t)num_field_get(sysreg_read(id_aa64dfr0_el1), 23, 20) + 1;
}

static void breakpoints_save(struct arch_debug *debug, uint32_t count)
{
#define SAVE(n)                                                                                    \
    if ((n) < count) {                                                                             \
        debug->bvr[n] = sysreg_read(dbgbvr##n##_el1);                                              \
        debug->bcr[n] = sysreg_read(dbgbcr##n##_el1);                                              \
    }
    EACH(SAVE)
#undef SAVE
}

static void watchpoints_save(struct arch_debug *debug, uint32_t count)
{
#define SAVE(n)                                                                                    \
    if ((n) < count) {                                                                             \
        debug->wvr[n] = sysreg_read(dbgwvr##n##_el1);                                              \
        debug->wcr[n] = sysreg_read(dbgwcr##n##_el1);                                              \
    }
    EACH(SAVE)
#undef SAVE
}

static void breakpoints_load(const struct arch_debug *debug, uint32_t count)
{
#define LOAD(n)                                                                                    \
    if ((n) < count) {                                                                             \
        sysreg_write(dbgbvr##n##_el1, debug->bvr[n]);                                              \
        sysreg_write(dbgbcr##n##_el1, debug->bcr[n]);                                              \
    }
    EACH(LOAD)
#undef LOAD
}

static void watchpoints_load(const struct arch_debug *debug, uint32_t count)
{
#define LOAD(n)                                                                                    \
    if ((n) < count) {                                                                             \
        sysreg_write(dbgwvr##n##_el1, debug->wvr[n]);                                              \
        sysreg_write(dbgwcr##n##_el1, debug->wcr[n]);                                              \
    }
    EACH(LOAD)
#undef LOAD
}

static void debug_save(struct arch_debug *debug)
{
    debug->mdscr = sysreg_read(mdscr_el1);
    breakpoints_save(debug, breakpoint_count());
    watchpoints_save(debug, watchpoint_count());
}

static void debug_load(const struct arch_debug *debug)
{
    uint64_t mdcr = sysreg_read(mdcr_el2);

    /* Off while the values change; stays so for a vCPU that has not opened them. */
    sysreg_write(mdscr_el1, 0);
    if (!debug->open) {
        sysreg_write(mdcr_el2, mdcr | MDCR_EL2_TDA);
        return;
    }
    breakpoints_load(debug, breakpoint_count());
    watchpoints_load(debug, watchpoint_count());
    sysreg_write(oslar_el1, debug->os_locked ? 1 : 0);
    sysreg_write(mdscr_el1, debug->mdscr);
    sysreg_write(mdcr_el2, mdcr & ~MDCR_EL2_TDA);
}

/* Its registers stay in the CPU: everybody else's accesses trap. */
static void pmu_load(const struct arch_context *ctx)
{
    uint64_t mdcr = sysreg_read(mdcr_el2);
    uint64_t traps = MDCR_EL2_TPM | MDCR_EL2_TPMCR;
    uint64_t wanted = ctx->pmu ? mdcr & ~traps : mdcr | traps;

    if (wanted != mdcr) {
        sysreg_write(mdcr_el2, wanted);
    }
}

void arch_debug_save(struct arch_context *ctx)
{
    if (ctx->debug.open) {
        debug_save(&ctx->debug);
    }
}

void arch_debug_load(const struct arch_context *ctx)
{
    pmu_load(ctx);
    /* Or the one before had them: it may be off, without a save. */
    if (ctx->debug.open || (sysreg_read(mdcr_el2) & MDCR_EL2_TDA) == 0) {
        debug_load(&ctx->debug);
    }
}

void arch_debug_open(struct arch_context *ctx)
{
    ctx->debug.open = true;
    debug_load(&ctx->debug);
}

void arch_debug_os_lock(struct arch_context *ctx, bool locked)
{
    ctx->debug.os_locked = locked;
    if (ctx->debug.open) {
        sysreg_write(oslar_el1, locked ? 1 : 0);
    }
}
