/* SPDX-License-Identifier: BSD-3-Clause */
/* The portable part of arch: first state of a vCPU, syndrome decoding; and that the fake is fair.
 */
#include "test/host/base/host_cmocka.h"

#include <string.h>

#include "bh/arch/arch_irq.h"
#include "bh/arch/esr.h"
#include "bh/arch/fake_hw.h"
#include "bh/arch/sysreg.h"
#include "src/arch/aarch64/features.h"

static struct arch_context ctx;

static const struct arch_reset pinned = {
    .entry = 0x40200000,
    .arg0 = 0x48000000,
    .mpidr = 0x0100000203,
    .vttbr = 0x0007000041000000,
    .vtcr = 0x80023558,
    .cntvoff = 5,
    .gic = true,
};

static int setup(void **state)
{
    (void)state;
    fake_hw_reset();
    memset(&ctx, 0xff, sizeof(ctx));
    return 0;
}

static void test_reset(void **state)
{
    (void)state;
    arch_context_reset(&ctx, &pinned);
    assert_int_equal(ctx.elr, 0x40200000);
    assert_int_equal(ctx.x[0], 0x48000000);
    assert_int_equal(ctx.x[1] | ctx.x[30], 0);
    assert_int_equal(ctx.spsr, 0x3c5);
    assert_int_equal(ctx.sys[ARCH_SYSREG_sctlr_el1], 0x30d00800);
    assert_int_equal(ctx.sys[ARCH_SYSREG_vmpidr_el2], 0x0180000203);
    assert_int_equal(ctx.sys[ARCH_SYSREG_cntvoff_el2], 5);
    assert_int_equal(ctx.sys[ARCH_SYSREG_cntv_ctl_el0], 0);
    assert_int_equal(ctx.vttbr, pinned.vttbr);
    assert_int_equal(ctx.vtcr, pinned.vtcr);
    assert_int_equal(ctx.ich.hcr, ICH_HCR_EL2_EN);
    assert_int_equal(ctx.fp.fpcr | ctx.fp.q[63], 0);
}

static void test_hcr(void **state)
{
    struct arch_reset scheduled = pinned;
    uint64_t always = HCR_EL2_VM | HCR_EL2_IMO | HCR_EL2_FMO | HCR_EL2_AMO | HCR_EL2_TSC |
                      HCR_EL2_TID1 | HCR_EL2_TID3 | HCR_EL2_TIDCP | HCR_EL2_TACR | HCR_EL2_RW;
    uint64_t never = HCR_EL2_TID2 | HCR_EL2_TVM | HCR_EL2_TGE | HCR_EL2_E2H | HCR_EL2_ATA |
                     HCR_EL2_DC | HCR_EL2_VI | HCR_EL2_VF | HCR_EL2_VSE | HCR_EL2_HCD;
    uint64_t optional = HCR_EL2_API | HCR_EL2_APK | HCR_EL2_TLOR | HCR_EL2_TERR | HCR_EL2_TID5;

    (void)state;
    arch_context_reset(&ctx, &pinned);
    assert_int_equal(ctx.hcr & (always | never | optional), always);
    assert_int_equal(ctx.hcr & (HCR_EL2_TWI | HCR_EL2_TWE), 0);

    arch_features =
        (struct arch_features){.pauth = true, .lor = true, .ras = true, .mte = true, .pa_range = 5};
    scheduled.trap_wfx = true;
    scheduled.gic = false;
    arch_context_reset(&ctx, &scheduled);
    assert_int_equal(ctx.hcr & (always | never | optional), always | optional);
    assert_int_equal(ctx.hcr & (HCR_EL2_TWI | HCR_EL2_TWE), HCR_EL2_TWI | HCR_EL2_TWE);
    /* Without a virtual GIC every ICC register traps. */
    assert_int_equal(ctx.ich.hcr, ICH_HCR_EL2_TC | ICH_HCR_EL2_TALL0 | ICH_HCR_EL2_TALL1);
}

/* Stage 1 off, memory cacheable, every exception to EL2; and what EL1's registers let EL0 do. */
static void test_el0(void **state)
{
    struct arch_reset el0 = pinned;
    uint64_t sctlr;

    (void)state;
    el0.el0 = true;
    el0.gic = false;
    arch_context_reset(&ctx, &el0);
    assert_int_equal(ctx.hcr & (HCR_EL2_TGE | HCR_EL2_DC | HCR_EL2_VM | HCR_EL2_E2H | HCR_EL2_RW),
                     HCR_EL2_TGE | HCR_EL2_DC | HCR_EL2_VM | HCR_EL2_RW);
    assert_int_equal(ctx.spsr & (SPSR_M_AARCH32 | SPSR_M_EL | SPSR_M_SPSEL), SPSR_M_EL0T);
    sctlr = ctx.sys[ARCH_SYSREG_sctlr_el1];
    assert_int_equal(sctlr & 1, 0);                         /* M */
    assert_int_equal(sctlr >> 9 & 1, 0);                    /* UMA: DAIF is not EL0's */
    assert_int_equal(sctlr & SCTLR_EL1_UCI, SCTLR_EL1_UCI); /* but caches are */
    assert_int_equal(ctx.sys[ARCH_SYSREG_cpacr_el1], CPACR_EL1_FPEN);
    assert_int_equal(ctx.sys[ARCH_SYSREG_cntkctl_el1] >> 9 & 1, 0); /* EL0PTEN: CNTP traps */
}

static void test_syndromes(void **state)
{
    /* ldrsb w5, [..]; strh; from the fields of D19.2.37. */
    uint64_t load = UINT64_C(0x24) << 26 | ESR_IL | ESR_DABT_ISV | ESR_DABT_SSE | 5u << 16 | 0x07;
    uint64_t store = UINT64_C(0x24) << 26 | ESR_IL | ESR_DABT_ISV | 1u << 22 | 31u << 16 |
                     ESR_DABT_WNR | ESR_DABT_SF | 0x06;
    /* mrs x9, id_aa64pfr0_el1 */
    uint64_t mrs = UINT64_C(0x18) << 26 | ESR_IL | ESR_SYSREG_ENCODE(3, 0, 0, 4, 0) | 9 << 5 | 1;

    (void)state;
    assert_int_equal(esr_ec_get(load), ESR_EC_DABT_LOWER);
    assert_int_equal(esr_instruction_size(load), 4);
    assert_int_equal(esr_instruction_size(load & ~ESR_IL), 2);
    assert_true(esr_dabt_has_syndrome(load) && esr_dabt_is_signed(load));
    assert_false(esr_dabt_is_write(load) || esr_dabt_is_64bit(load) || esr_abt_is_walk(load));
    assert_int_equal(esr_dabt_size(load), 1);
    assert_int_equal(esr_dabt_register(load), 5);
    assert_int_equal(esr_fsc_kind(load), ESR_FSC_TRANSLATION);
    assert_int_equal(esr_fsc_level(load), 3);
    assert_true(esr_dabt_is_write(store) && esr_dabt_is_64bit(store));
    assert_int_equal(esr_dabt_size(store), 2);
    assert_int_equal(esr_dabt_register(store), 31);
    assert_int_equal(esr_ec_get(mrs), ESR_EC_SYSREG);
    assert_true(esr_sysreg_is_read(mrs));
    assert_int_equal(esr_sysreg_register(mrs), 9);
    assert_int_equal(esr_sysreg_name(mrs), ESR_SYSREG_ENCODE(3, 0, 0, 4, 0));
    assert_int_equal(esr_fault_ipa(UINT64_C(0x90000) << 4, 0xffff000000000018), 0x90000018);
    assert_true(esr_wfx_is_wfe(1) && !esr_wfx_is_wfe(0));
}

static void test_list_registers(void **state)
{
    (void)state;
    assert_int_equal(arch_ich_elrsr(), 0xf);
    arch_ich_lr_write(0, ICH_LR_PENDING | 40);
    arch_ich_lr_write(1, ICH_LR_EOI | 41);
    arch_ich_lr_write(2, ICH_LR_HW | ICH_LR_EOI | 42); /* with HW the bit belongs to the PINTID */
    arch_ich_lr_write(99, ICH_LR_ACTIVE);
    assert_int_equal(arch_ich_elrsr(), 0xc);
    assert_int_equal(arch_ich_eisr(), 0x2);
    assert_int_equal(arch_ich_lr_read(0), ICH_LR_PENDING | 40);
    assert_int_equal(arch_ich_lr_read(99), 0);
}

static void test_acknowledge(void **state)
{
    (void)state;
    fake_hw_raise(27);
    fake_hw_raise(33);
    assert_int_equal(arch_irq_ack(), 27);
    assert_int_equal(arch_irq_ack(), 33);
    assert_int_equal(arch_irq_ack(), ARCH_IRQ_NONE);
    arch_irq_eoi(27);
    arch_irq_deactivate(33);
    assert_int_equal(fake_log_last(&fake_hw.eoi), 27);
    assert_int_equal(fake_log_last(&fake_hw.deactivated), 33);
}

static void reply_version(struct arch_smc_regs *regs)
{
    regs->x[0] = regs->x[0] == 0x84000000 ? 0x10001 : UINT64_MAX;
}

static void test_firmware(void **state)
{
    struct arch_smc_regs regs = {.x = {0x84000000}};
    jmp_buf end;

    (void)state;
    arch_smc(&regs);
    assert_int_equal(regs.x[0], UINT64_MAX);
    fake_hw.smc_reply = reply_version;
    regs.x[0] = 0x84000000;
    arch_smc(&regs);
    assert_int_equal(regs.x[0], 0x10001);
    assert_int_equal(fake_hw.smc_last.x[0], 0x84000000);
    fake_hw.on_end = &end;
    if (setjmp(end) == 0) {
        arch_psci_system_off();
    }
    fake_hw.on_end = NULL;
}

static void test_switch(void **state)
{
    static struct arch_context a, b;

    (void)state;
    arch_context_reset(&a, &pinned);
    arch_context_reset(&b, &pinned);
    b.elr = 0x1000;
    b.ich.vmcr = 0xf1000000;
    b.sys[ARCH_SYSREG_tpidr_el1] = 77;
    arch_context_load(&a);
    fake_hw.pc += 4;
    fake_hw.sys[ARCH_SYSREG_vbar_el1] = 0x800;
    arch_context_save(&a);
    arch_context_load(&b);
    assert_int_equal(a.elr, pinned.entry + 4);
    assert_int_equal(a.sys[ARCH_SYSREG_vbar_el1], 0x800);
    assert_int_equal(arch_guest_pc(), 0x1000);
    assert_int_equal(arch_ich_vmcr_read(), 0xf1000000);
    assert_int_equal(fake_hw.sys[ARCH_SYSREG_tpidr_el1], 77);
    assert_ptr_equal(fake_hw.loaded, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reset, setup),
        cmocka_unit_test_setup(test_hcr, setup),
        cmocka_unit_test_setup(test_el0, setup),
        cmocka_unit_test_setup(test_syndromes, setup),
        cmocka_unit_test_setup(test_list_registers, setup),
        cmocka_unit_test_setup(test_acknowledge, setup),
        cmocka_unit_test_setup(test_firmware, setup),
        cmocka_unit_test_setup(test_switch, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
