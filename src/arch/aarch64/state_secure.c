/* SPDX-License-Identifier: BSD-3-Clause */
/* VSTTBR_EL2 has no VMID: that of VTTBR_EL2 tags both spaces. */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_mmu.h"
#include "bh/arch/sysreg.h"
#include "bh/base/cold.h"
#include "features.h"
#include "state.h"

/* sve.S */
void sve_save(uint8_t *to, bool with_ffr);
void sve_load(const uint8_t *from, bool with_ffr);

/* Bits of CPTR_EL2 that trap SVE and SME, if the CPU has them. Set at boot, constant after. */
static uint64_t vector_traps;

void state_init(const struct arch_features *own)
{
    vector_traps = (own->sve ? CPTR_EL2_TZ : 0) | (own->sme ? CPTR_EL2_TSM : 0);
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

/* EL3 opens all instructions of streaming mode to EL2 where the CPU has them: TF-A does. Without
 * them QEMU keeps the bit, all the same. */
static bool streaming_has_ffr(void)
{
    return (sysreg_read(SYSREG_ID_AA64SMFR0_EL1) & ID_AA64SMFR0_FA64) != 0 &&
           (sysreg_read(SYSREG_SMCR_EL2) & SMCR_EL2_FA64) != 0;
}

/* An SP's SIMD would be undefined in streaming mode. ZA stays where it is: SPs do not reach it. */
static BH_COLD void streaming_leave(struct arch_world *world, uint64_t svcr)
{
    world->svcr = svcr;
    world->vectors_saved = true;
    world->fpsr = sysreg_read(SYSREG_FPSR);
    sve_save(world->vectors, streaming_has_ffr());
    sysreg_write(SYSREG_SVCR, svcr & ~SVCR_SM);
}

static BH_COLD void streaming_enter(const struct arch_world *world)
{
    sysreg_write(SYSREG_SVCR, world->svcr);
    sve_load(world->vectors, streaming_has_ffr());
    sysreg_write(SYSREG_FPSR, world->fpsr);
}

static void vectors_save(struct arch_world *world)
{
    uint64_t svcr = arch_features.sme ? sysreg_read(SYSREG_SVCR) : 0;

    if ((svcr & SVCR_SM) != 0) {
        streaming_leave(world, svcr);
        return;
    }
    world->svcr = 0;
    world->vectors_saved = arch_features.sve && world->vectors != NULL && !world->no_vectors;
    if (world->vectors_saved) {
        sve_save(world->vectors, true);
    }
}

static void vectors_restore(const struct arch_world *world)
{
    if (world->svcr != 0) {
        streaming_enter(world);
    } else {
        sve_load(world->vectors, true);
    }
}

/* In the length of the other world's EL2, which ZCR_EL2 (SMCR_EL2) holds: EL3 does not bank it. */
static void vectors_load(const struct arch_world *world)
{
    if (vector_traps == 0) {
        return;
    }
    /* Open to EL2 as long as they are in the registers; nor does FP trap in the other world. */
    sysreg_write(cptr_el2, sysreg_read(cptr_el2) & ~(vector_traps | CPTR_EL2_TFP));
    sysreg_isb(); /* they would trap: now, or if the world is left again before an ERET */
    if (world->vectors_saved) {
        vectors_restore(world);
    }
}

/* TPIDR2_EL0 is the normal world's: SCR_EL3.EnTP2 keeps SPs from it. */
uint32_t state_extra(const struct arch_features *own)
{
    (void)own;
    return 0;
}

uint64_t state_par_space(uint64_t par)
{
    return (par & PAR_EL1_NS) != 0 ? ARCH_IPA_NS : 0;
}

/* Priorities below come before all of the normal world's (IHI 0069 4.8.6). */
#define PRIORITY_OF_NORMAL_WORLD 0x80u

/*
 * HCR_EL2.IMO gives EL1 the virtual CPU interface (IHI 0069 4.6), but QEMU up to 10 does not in the
 * secure state: an SP that writes ICC_ registers writes ours, and could keep off all interrupts.
 */
static BH_COLD void cpu_interface_repair(void)
{
    sysreg_write(icc_ap1r0_el1, 0);
    sysreg_isb();
    if (sysreg_read(icc_rpr_el1) < PRIORITY_OF_NORMAL_WORLD) {
        sysreg_write(icc_ap0r0_el1, 0); /* not before: EL3 may keep group 0, and this, for itself */
    }
    sysreg_write(icc_bpr1_el1, 0);
    sysreg_write(icc_ctlr_el1, ICC_CTLR_EL1_EOIMODE);
    sysreg_write(icc_igrpen1_el1, 1);
    sysreg_isb();
}

/* No interrupt is active here while vCPUs change: EOImode 1, and all were ended at once. */
static inline void cpu_interface_check(void)
{
    if (sysreg_read(icc_ap1r0_el1) != 0 || sysreg_read(icc_rpr_el1) < PRIORITY_OF_NORMAL_WORLD ||
        (sysreg_read(icc_ctlr_el1) & ICC_CTLR_EL1_EOIMODE) == 0 ||
        (sysreg_read(icc_igrpen1_el1) & 1) == 0) {
        cpu_interface_repair();
    }
}

void state_save(struct arch_context *ctx)
{
    if (!is_world(ctx)) {
        cpu_interface_check();
        return;
    }
    vectors_save(&ctx->world);
    ctx->world.pmr = sysreg_read(icc_pmr_el1);
    if (arch_features.ras) {
        ctx->world.vsesr = sysreg_read(SYSREG_VSESR_EL2);
    }
}

static void world_load(const struct arch_context *ctx)
{
    vectors_load(&ctx->world);
    if (sysreg_read(icc_pmr_el1) != ctx->world.pmr && ctx->world.pmr != 0) {
        sysreg_write(icc_pmr_el1, ctx->world.pmr);
    }
    if (arch_features.ras) {
        sysreg_write(SYSREG_VSESR_EL2, ctx->world.vsesr);
    }
}

void arch_world_fp_load(const struct arch_context *ctx)
{
    arch_fp_load(&ctx->fp);
    if (ctx->world.vectors_saved) {
        vectors_restore(&ctx->world); /* the load of V0 to V31 has cleared what is above them */
    }
}

/* The walks of both spaces read secure memory; the secure one leads to secure memory only. */
void state_stage2_load(const struct arch_context *ctx)
{
    if (is_world(ctx)) {
        world_load(ctx);
        return;
    }
    if (vector_traps != 0) {
        sysreg_write(cptr_el2, sysreg_read(cptr_el2) | vector_traps);
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
