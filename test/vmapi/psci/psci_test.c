/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI for the partition itself: versions and features, starting and stopping vCPUs, refusals.
 * Source: DEN0022, chapter 5.
 */
#include "hftest.h"
#include "hftest_irq.h"
#include "vmapi/vm_smccc.h"

#define UNKNOWN_MPIDR UINT64_C(0x00ff0000)

static volatile uint32_t started;
static volatile uint32_t release_vcpu;

static void skip_if_alone(void)
{
    if (smp_count() < 2) {
        SKIP("one vCPU");
    }
}

SET_UP(psci)
{
    started = 0;
    release_vcpu = 0;
}

TEAR_DOWN(psci)
{
    atomic_write(&release_vcpu, 1);
}

static void stay(uint64_t unused)
{
    (void)unused;
    atomic_increment(&started);
    while (atomic_read(&release_vcpu) == 0) {
        cpu_relax();
    }
}

static void leave(uint64_t unused)
{
    (void)unused;
    atomic_increment(&started);
}

TEST(psci, version)
{
    EXPECT_EQ(psci_call(PSCI_VERSION_FID, 0, 0, 0), PSCI_V1_1);
}

TEST(psci, smc_conduit)
{
    struct ffa_value result = ffa_call_smc((struct ffa_value){{PSCI_VERSION_FID}});

    EXPECT_EQ(result.x[0], PSCI_V1_1);
    result = ffa_call_smc((struct ffa_value){{PSCI_AFFINITY_INFO_64, smp_mpidr(0), 0}});
    EXPECT_EQ(result.x[0], PSCI_IS_ON);
}

TEST(psci, features)
{
    static const uint64_t present[] = {
        PSCI_VERSION_FID,           PSCI_CPU_SUSPEND_32,   PSCI_CPU_SUSPEND_64,
        PSCI_CPU_OFF_FID,           PSCI_CPU_ON_32,        PSCI_CPU_ON_64,
        PSCI_AFFINITY_INFO_32,      PSCI_AFFINITY_INFO_64, PSCI_SYSTEM_OFF_FID,
        PSCI_SYSTEM_RESET_FID,      PSCI_FEATURES_FID,     SMCCC_VERSION_FID,
        PSCI_MIGRATE_INFO_TYPE_FID,
    };
    static const uint64_t absent[] = {
        PSCI_MIGRATE_32,      PSCI_MEM_PROTECT_FID, UINT64_C(0x8400001f), UINT64_C(0xc4000000), 0,
        UINT64_C(0xffffffff),
    };

    for (uint32_t i = 0; i < sizeof(present) / sizeof(present[0]); i++) {
        int32_t result = psci_call(PSCI_FEATURES_FID, present[i], 0, 0);

        if (result < 0) {
            hftest_fail(__FILE__, __LINE__, "function 0x%lx: %d", present[i], result);
        }
    }
    for (uint32_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        EXPECT_EQ(psci_call(PSCI_FEATURES_FID, absent[i], 0, 0), PSCI_E_NOT_SUPPORTED);
    }
}

TEST(psci, migrate_info_type)
{
    EXPECT_EQ(psci_call(PSCI_MIGRATE_INFO_TYPE_FID, 0, 0, 0), PSCI_MIGRATE_NOT_NEEDED);
    EXPECT_EQ(psci_call(PSCI_MIGRATE_32, 0, 0, 0), PSCI_E_NOT_SUPPORTED);
}

TEST(psci, unknown_functions)
{
    EXPECT_EQ(psci_call(UINT64_C(0x8400001f), 0, 0, 0), PSCI_E_NOT_SUPPORTED);
    EXPECT_EQ(psci_call(UINT64_C(0xc4000000), 0, 0, 0), PSCI_E_NOT_SUPPORTED);
    EXPECT_EQ(psci_call(PSCI_MEM_PROTECT_FID, 0, 0, 0), PSCI_E_NOT_SUPPORTED);
    /* 64-bit result: -1 is sign-extended, too, for SMCCC's sake. */
    EXPECT_EQ(ffa_call(UINT64_C(0xc400001f)).x[0], SMCCC_UNKNOWN);
}

TEST(psci, affinity_info)
{
    EXPECT_EQ(psci_affinity_info(smp_mpidr(0)), PSCI_IS_ON);
    EXPECT_EQ(psci_call(PSCI_AFFINITY_INFO_32, smp_mpidr(0), 0, 0), PSCI_IS_ON);
    for (uint32_t i = 1; i < smp_count(); i++) {
        EXPECT_EQ(psci_affinity_info(smp_mpidr(i)), PSCI_IS_OFF);
    }
    EXPECT_EQ(psci_affinity_info(UNKNOWN_MPIDR), PSCI_E_INVALID_PARAMETERS);
    EXPECT_EQ(psci_call(PSCI_AFFINITY_INFO_64, smp_mpidr(0), 4, 0), PSCI_E_INVALID_PARAMETERS);
}

/* What a vCPU finds when CPU_ON brings it up; checked by vCPU 0. */
static struct {
    uint64_t context, mpidr, el, sctlr, sp_sel;
    volatile uint32_t done;
} seen;

/* Runs before any C: x0 must be the context, so vmlib's entry takes a struct vmlib_cpu there. */
static void look(uint64_t argument)
{
    seen.context = argument;
    seen.mpidr = sysreg_read(mpidr_el1) & UINT64_C(0xff00ffffff);
    seen.el = sysreg_read(CurrentEL);
    seen.sctlr = sysreg_read(sctlr_el1);
    seen.sp_sel = sysreg_read(SPSel);
    atomic_write(&seen.done, 1);
}

TEST(psci, cpu_on_state)
{
    skip_if_alone();
    for (uint32_t i = 1; i < smp_count(); i++) {
        seen.done = 0;
        ASSERT_EQ(vmlib_cpu_start(i, look, 0x1234567890abcdef + i), PSCI_OK);
        ASSERT_TRUE(cpu_wait_flag(&seen.done, 1));
        EXPECT_EQ(seen.context, 0x1234567890abcdef + i);
        EXPECT_EQ(seen.mpidr, smp_mpidr(i));
        EXPECT_EQ(seen.el, 1u << 2);
        EXPECT_EQ(seen.sctlr & 0x1005, 0); /* I, C, M */
        EXPECT_EQ(seen.sp_sel, 1);
        EXPECT_TRUE(smp_wait_off(i));
    }
}

TEST(psci, cpu_on_refusals)
{
    skip_if_alone();
    uint64_t entry = (uint64_t)&started & ~UINT64_C(0xfff);

    EXPECT_EQ(psci_cpu_on(smp_mpidr(0), entry, 0), PSCI_E_ALREADY_ON);
    EXPECT_EQ(psci_cpu_on(UNKNOWN_MPIDR, entry, 0), PSCI_E_INVALID_PARAMETERS);
    EXPECT_EQ(psci_cpu_on(UINT64_MAX, entry, 0), PSCI_E_INVALID_PARAMETERS);
    EXPECT_EQ(psci_cpu_on(smp_mpidr(1), UINT64_C(1) << 56, 0), PSCI_E_INVALID_ADDRESS);
    EXPECT_EQ(psci_cpu_on(smp_mpidr(1), entry + 2, 0), PSCI_E_INVALID_ADDRESS);
    EXPECT_EQ(psci_affinity_info(smp_mpidr(1)), PSCI_IS_OFF);

    ASSERT_EQ(vmlib_cpu_start(1, stay, 0), PSCI_OK);
    EXPECT_EQ(psci_cpu_on(smp_mpidr(1), entry, 0), PSCI_E_ALREADY_ON);
    ASSERT_TRUE(cpu_wait_flag(&started, 1));
    EXPECT_EQ(psci_cpu_on(smp_mpidr(1), entry, 0), PSCI_E_ALREADY_ON);
    EXPECT_EQ(psci_affinity_info(smp_mpidr(1)), PSCI_IS_ON);
}

TEST(psci, off_and_on_again)
{
    skip_if_alone();
    for (uint32_t round = 1; round <= 50; round++) {
        ASSERT_EQ(vmlib_cpu_start(1, leave, 0), PSCI_OK);
        ASSERT_TRUE(smp_wait_off(1));
        ASSERT_EQ(started, round);
    }
}

TEST(psci, all_on_together)
{
    skip_if_alone();
    for (uint32_t i = 1; i < smp_count(); i++) {
        ASSERT_EQ(vmlib_cpu_start(i, stay, 0), PSCI_OK);
    }
    ASSERT_TRUE(cpu_wait_flag(&started, smp_count() - 1));
    for (uint32_t i = 0; i < smp_count(); i++) {
        EXPECT_EQ(psci_affinity_info(smp_mpidr(i)), PSCI_IS_ON);
    }
    atomic_write(&release_vcpu, 1);
    for (uint32_t i = 1; i < smp_count(); i++) {
        EXPECT_TRUE(smp_wait_off(i));
    }
}

/* The 32-bit form takes the low words of its arguments. */
TEST(psci, cpu_on_32)
{
    skip_if_alone();
    uint64_t entry = (uint32_t)(uint64_t)&started & ~UINT64_C(0xfff);

    EXPECT_EQ(psci_call(PSCI_CPU_ON_32, UNKNOWN_MPIDR, entry, 0), PSCI_E_INVALID_PARAMETERS);
    EXPECT_EQ(psci_call(PSCI_CPU_ON_32, smp_mpidr(0) | UINT64_C(1) << 40, entry, 0),
              PSCI_E_ALREADY_ON);
}

/* A vCPU may start another one. */
static void start_next(uint64_t index)
{
    atomic_increment(&started);
    if (index + 1 < smp_count()) {
        (void)vmlib_cpu_start((uint32_t)index + 1, start_next, index + 1);
    }
}

TEST(psci, chain_of_starts)
{
    skip_if_alone();
    ASSERT_EQ(vmlib_cpu_start(1, start_next, 1), PSCI_OK);
    EXPECT_TRUE(cpu_wait_flag(&started, smp_count() - 1));
}

static void stop_timer(uint32_t intid)
{
    (void)intid;
    timer_virtual_stop();
}

TEST(psci, suspend_standby)
{
    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    uint64_t compare = timer_now() + timer_from_us(500);

    timer_virtual_set(compare);
    while ((sysreg_read(cntv_ctl_el0) & TIMER_CTL_STATUS) == 0) {
        ASSERT_EQ(psci_call(PSCI_CPU_SUSPEND_64, 0, 0, 0), PSCI_OK);
    }
    EXPECT_GE(timer_now(), compare);
    EXPECT_EQ(irq_log.count, 0);
    ASSERT_TRUE(irq_log_wait(1));
    EXPECT_EQ(irq_log.entry[0].intid, GIC_VTIMER);
}

TEST(psci, suspend_refusals)
{
    EXPECT_EQ(psci_call(PSCI_CPU_SUSPEND_64, UINT64_C(0x80000000), 0, 0),
              PSCI_E_INVALID_PARAMETERS);
    EXPECT_EQ(psci_call(PSCI_CPU_SUSPEND_64, 0x10000, UINT64_C(1) << 56, 0),
              PSCI_E_INVALID_ADDRESS);
}

/* Interrupts of a vCPU that went off do not come back with it. */
static void check_quiet(uint64_t unused)
{
    (void)unused;
    gic_init_cpu();
    gic_enable(5);
    if (gic_acknowledge() == GIC_SPURIOUS) {
        atomic_increment(&started);
    }
}

TEST(psci, timer_is_off_after_restart)
{
    skip_if_alone();
    for (uint32_t i = 1; i <= 3; i++) {
        ASSERT_EQ(vmlib_cpu_start(1, check_quiet, 0), PSCI_OK);
        ASSERT_TRUE(smp_wait_off(1));
        EXPECT_EQ(started, i);
    }
}
