/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers: what is the guest's own keeps its values, what is hidden reads as absent and is
 * undefined, what operating systems write at boot is accepted.
 */
#include "hftest.h"

#define FIELD(value, low) (0xf & ((value) >> (low)))

#define EXPECT_UNDEFINED(statement)                                                                \
    do {                                                                                           \
        exception_expect();                                                                        \
        statement;                                                                                 \
        struct exception_record record_ = exception_expected();                                    \
        EXPECT_EQ(record_.count, 1);                                                               \
        EXPECT_EQ(ESR_EC(record_.esr), EC_UNKNOWN);                                                \
    } while (0)

#define EXPECT_FINE(statement)                                                                     \
    do {                                                                                           \
        exception_expect();                                                                        \
        statement;                                                                                 \
        EXPECT_EQ(exception_expected().count, 0);                                                  \
    } while (0)

TEST(sysreg, own_registers_keep_values)
{
#define KEEPS(name, value)                                                                         \
    do {                                                                                           \
        uint64_t old_ = sysreg_read(name);                                                         \
        sysreg_write(name, value);                                                                 \
        cpu_isb();                                                                                 \
        /* A call in between: the core runs and comes back. */                                     \
        (void)psci_call(PSCI_VERSION_FID, 0, 0, 0);                                                \
        EXPECT_EQ(sysreg_read(name), value);                                                       \
        sysreg_write(name, old_);                                                                  \
    } while (0)

    KEEPS(tpidr_el0, 0x1122334455667788);
    KEEPS(tpidrro_el0, 0x2233445566778899);
    KEEPS(sp_el0, 0x1000);
    KEEPS(far_el1, 0x123456789abc);
    KEEPS(afsr0_el1, 0);
    KEEPS(contextidr_el1, 0x1234);
    KEEPS(csselr_el1, 2);
    KEEPS(elr_el1, 0x40000000);
    KEEPS(mair_el1, 0xff44);
    KEEPS(ttbr0_el1, 0x40000000);
    KEEPS(ttbr1_el1, 0x40001000);
    KEEPS(par_el1, 1);
    KEEPS(cntkctl_el1, 3);
}

TEST(sysreg, cache_identification)
{
    EXPECT_NE(sysreg_read(ctr_el0), 0);
    EXPECT_NE(sysreg_read(dczid_el0), UINT64_MAX);
    EXPECT_NE(sysreg_read(clidr_el1) & 7, 0);
    sysreg_write(csselr_el1, 0);
    cpu_isb();
    EXPECT_NE(sysreg_read(ccsidr_el1), 0);
    EXPECT_NE(sysreg_read(midr_el1), 0);
    EXPECT_FINE((void)sysreg_read(revidr_el1));
    EXPECT_FINE((void)sysreg_read(aidr_el1));
}

TEST(sysreg, hidden_features_are_absent)
{
    uint64_t pfr0 = sysreg_read(id_aa64pfr0_el1);
    uint64_t pfr1 = sysreg_read(id_aa64pfr1_el1);
    uint64_t dfr0 = sysreg_read(id_aa64dfr0_el1);
    uint64_t mmfr1 = sysreg_read(id_aa64mmfr1_el1);
    uint64_t mmfr2 = sysreg_read(id_aa64mmfr2_el1);

    EXPECT_EQ(FIELD(pfr0, 4), 1);   /* EL1: AArch64 only */
    EXPECT_EQ(FIELD(pfr0, 8), 0);   /* EL2 */
    EXPECT_EQ(FIELD(pfr0, 12), 0);  /* EL3 */
    EXPECT_EQ(FIELD(pfr0, 24), 1);  /* GIC system registers */
    EXPECT_EQ(FIELD(pfr0, 32), 0);  /* SVE */
    EXPECT_EQ(FIELD(pfr0, 40), 0);  /* MPAM */
    EXPECT_EQ(FIELD(pfr0, 44), 0);  /* AMU */
    EXPECT_EQ(FIELD(pfr1, 8), 0);   /* MTE */
    EXPECT_EQ(FIELD(pfr1, 24), 0);  /* SME */
    EXPECT_EQ(FIELD(dfr0, 4), 0);   /* trace */
    EXPECT_EQ(FIELD(dfr0, 8), 0);   /* PMU */
    EXPECT_EQ(FIELD(dfr0, 32), 0);  /* SPE */
    EXPECT_EQ(FIELD(dfr0, 40), 0);  /* trace filter */
    EXPECT_EQ(FIELD(mmfr1, 8), 0);  /* VHE */
    EXPECT_EQ(FIELD(mmfr1, 16), 0); /* LORegions */
    EXPECT_EQ(FIELD(mmfr2, 24), 0); /* nested virtualization */
}

TEST(sysreg, useful_features_are_there)
{
    uint64_t mmfr0 = sysreg_read(id_aa64mmfr0_el1);
    uint64_t pfr0 = sysreg_read(id_aa64pfr0_el1);

    EXPECT_EQ(FIELD(mmfr0, 28), 0);                       /* 4 KiB granule */
    EXPECT_LE(FIELD(mmfr0, 0), 5);                        /* at most 48 bits */
    EXPECT_NE(FIELD(pfr0, 16), 0xf);                      /* FP */
    EXPECT_NE(FIELD(pfr0, 20), 0xf);                      /* AdvSIMD */
    EXPECT_GE(FIELD(sysreg_read(id_aa64dfr0_el1), 0), 6); /* debug architecture */
}

/* The whole space of ID registers can be read: what nobody knows is zero. */
TEST(sysreg, identification_space)
{
    EXPECT_FINE((void)sysreg_read(S3_0_C0_C4_5));
    EXPECT_EQ(sysreg_read(S3_0_C0_C4_7), 0);
    EXPECT_EQ(sysreg_read(S3_0_C0_C5_2), 0);
    EXPECT_EQ(sysreg_read(S3_0_C0_C6_7), 0);
    EXPECT_EQ(sysreg_read(S3_0_C0_C7_7), 0);
    EXPECT_FINE((void)sysreg_read(id_pfr0_el1));
    EXPECT_FINE((void)sysreg_read(id_dfr0_el1));
    EXPECT_FINE((void)sysreg_read(mvfr0_el1));
    EXPECT_FINE((void)sysreg_read(id_isar5_el1));
    EXPECT_FINE((void)sysreg_read(S3_0_C0_C4_4)); /* ID_AA64ZFR0_EL1 */
}

TEST(sysreg, two_reads_agree)
{
    for (uint32_t i = 0; i < 10; i++) {
        ASSERT_EQ(sysreg_read(id_aa64isar0_el1), sysreg_read(id_aa64isar0_el1));
    }
}

TEST(sysreg, unknown_registers_are_undefined)
{
    EXPECT_UNDEFINED((void)sysreg_read(S3_0_C10_C4_3)); /* LORC_EL1 */
    EXPECT_UNDEFINED(sysreg_write(S3_0_C10_C4_3, 0));
    EXPECT_UNDEFINED((void)sysreg_read(S3_3_C15_C7_5)); /* implementation defined */
    EXPECT_UNDEFINED((void)sysreg_read(S3_4_C1_C1_0));  /* HCR_EL2 */
    EXPECT_UNDEFINED((void)sysreg_read(S3_6_C1_C1_0));  /* SCR_EL3 */
    EXPECT_UNDEFINED((void)sysreg_read(S3_4_C4_C0_1));  /* ELR_EL2 */
}

TEST(sysreg, pmu_is_absent)
{
    EXPECT_UNDEFINED((void)sysreg_read(pmcr_el0));
    EXPECT_UNDEFINED((void)sysreg_read(pmccntr_el0));
}

TEST(sysreg, sve_is_absent)
{
    /* CPACR_EL1.ZEN, where it exists: the guest's own trap comes before the core's. */
    sysreg_write(cpacr_el1, UINT64_C(0x330000));
    cpu_isb();
    EXPECT_UNDEFINED((void)sysreg_read(S3_0_C1_C2_0)); /* ZCR_EL1 */
    sysreg_write(cpacr_el1, 0);
    cpu_isb();
}

/* Read-only and absent: HVC's own immediate counts for nothing, the CPU's EL2 is not visible. */
TEST(sysreg, eret_to_higher_level_is_impossible)
{
    EXPECT_UNDEFINED(sysreg_write(S3_4_C4_C0_0, 0));  /* SPSR_EL2 */
    EXPECT_UNDEFINED(sysreg_write(S3_4_C12_C0_0, 0)); /* VBAR_EL2 */
}

/* What Linux and others write to the debug registers at boot. */
TEST(sysreg, debug_registers)
{
    EXPECT_FINE(sysreg_write(mdscr_el1, 0));
    EXPECT_FINE((void)sysreg_read(mdscr_el1));
    EXPECT_FINE(sysreg_write(oslar_el1, 0));
    EXPECT_FINE(sysreg_write(osdlr_el1, 0));
    EXPECT_EQ(sysreg_read(oslsr_el1) & 2, 0);
    EXPECT_FINE(sysreg_write(dbgbvr0_el1, 0));
    EXPECT_FINE(sysreg_write(dbgbcr0_el1, 0));
    EXPECT_FINE(sysreg_write(dbgwvr0_el1, 0));
    EXPECT_FINE(sysreg_write(dbgwcr0_el1, 0));
}

TEST(sysreg, interrupt_controller_interface)
{
    EXPECT_EQ(sysreg_read(ICC_SRE_EL1) & 1, 1);
    EXPECT_FINE(sysreg_write(ICC_SRE_EL1, 7));
    /* Five priority bits at least, EOImode writable. */
    EXPECT_GE((sysreg_read(ICC_CTLR_EL1) >> 8 & 7) + 1, 5);
    sysreg_write(ICC_CTLR_EL1, 2);
    cpu_isb();
    EXPECT_EQ(sysreg_read(ICC_CTLR_EL1) & 2, 2);
    sysreg_write(ICC_CTLR_EL1, 0);
    EXPECT_FINE(sysreg_write(ICC_AP1R0_EL1, 0));
    EXPECT_FINE(sysreg_write(ICC_BPR1_EL1, 0));
}

TEST(sysreg, physical_counter)
{
    uint64_t before = timer_physical_now();

    EXPECT_GT(before, 0);
    EXPECT_GE(timer_physical_now(), before);
}
