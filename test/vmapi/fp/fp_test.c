/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FP/SIMD state belongs to a vCPU: whoever else runs in between, all 32 registers, FPCR and FPSR
 * are as they were; and nobody sees another's.
 */
#include "hftest.h"
#include "hftest_asm.h"
#include "hftest_irq.h"
#include "services/service_ids.h"

#define FIRST  hftest_id(2)
#define SECOND hftest_id(3)

HFTEST_SERVICES(2, 3);

static struct hftest_fp mine;
static struct hftest_fp now;

static void fill(uint64_t seed)
{
    for (uint32_t i = 0; i < 64; i++) {
        mine.v[i] = 0x8877665544332211 * (i + seed);
    }
    mine.fpcr = 0x01000000;
    mine.fpsr = 0x00000008;
}

static void check_kept(void)
{
    hftest_fp_store(&now);
    EXPECT_EQ(memcmp(&now, &mine, sizeof(now)), 0);
}

SET_UP(fp)
{
    sysreg_write(cpacr_el1, 3u << 20);
    cpu_isb();
}

TEAR_DOWN(fp)
{
    sysreg_write(cpacr_el1, 0);
    cpu_isb();
}

TEST(fp, kept_across_calls)
{
    fill(1);
    hftest_fp_load(&mine);
    for (uint32_t i = 0; i < 10; i++) {
        (void)ffa_id_get();
        (void)io_read32(gic_dist_base());
    }
    check_kept();
}

TEST(fp, kept_across_switches)
{
    SERVICE_SELECT(FIRST, "fp");
    SERVICE_SELECT(SECOND, "fp");
    for (uint64_t i = 0; i < 10; i++) {
        fill(i);
        hftest_fp_load(&mine);
        EXPECT_EQ(ffa_direct_req_complete(FIRST, 0, 0, 0).x[3], 1);
        check_kept();
        EXPECT_EQ(ffa_direct_req_complete(SECOND, 0, 0, 0).x[3], 1);
        check_kept();
    }
}

/* This partition leaves FP alone for a while: the others' state must not depend on that. */
TEST(fp, others_keep_theirs)
{
    SERVICE_SELECT(FIRST, "fp");
    SERVICE_SELECT(SECOND, "fp");
    uint64_t first = ffa_direct_req_complete(FIRST, 0, 0, 0).x[4];
    uint64_t second = ffa_direct_req_complete(SECOND, 0, 0, 0).x[4];

    EXPECT_NE(first, second);
    for (uint32_t i = 0; i < 10; i++) {
        EXPECT_EQ(ffa_direct_req_complete(FIRST, 0, 0, 0).x[3], 1);
        EXPECT_EQ(ffa_direct_req_complete(SECOND, 0, 0, 0).x[3], 1);
    }
}

static void stop_timer(uint32_t intid)
{
    (void)intid;
    timer_virtual_stop();
}

/* Preempted in the middle, at any instruction. */
TEST(fp, kept_across_preemption)
{
    SERVICE_SELECT(FIRST, "fp");
    SERVICE_SELECT(SECOND, "trouble");
    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    fill(77);
    hftest_fp_load(&mine);
    timer_virtual_set(timer_now() + timer_from_us(700));
    struct ffa_value result = ffa_direct_req(SECOND, TROUBLE_SPIN, 8000, 50000);

    while (result.x[0] == FFA_INTERRUPT_32) {
        irq_window();
        EXPECT_EQ(ffa_direct_req_complete(FIRST, 0, 0, 0).x[3], 1);
        check_kept();
        timer_virtual_set(timer_now() + timer_from_us(700));
        result = ffa_run(SECOND, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    check_kept();
}

/* The guest's own trap (CPACR_EL1) goes to the guest. */
TEST(fp, own_trap)
{
    sysreg_write(cpacr_el1, 0);
    cpu_isb();
    exception_expect();
    __asm__ volatile(".arch_extension fp\n\tfmov d0, xzr\n\t.arch_extension nofp" ::: "memory");
    struct exception_record record = exception_expected();

    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_FP);
}

/* Other vCPUs of the same partition have registers of their own. */
static volatile uint32_t go;
static struct hftest_fp seen;

static void other(uint64_t unused)
{
    static struct hftest_fp theirs;

    (void)unused;
    sysreg_write(cpacr_el1, 3u << 20);
    cpu_isb();
    memset(&theirs, 0x3c, sizeof(theirs));
    theirs.fpcr = 0;
    theirs.fpsr = 0;
    hftest_fp_load(&theirs);
    atomic_write(&go, 1);
    while (atomic_read(&go) != 2) {
        (void)ffa_id_get();
    }
    hftest_fp_store(&seen);
}

TEST(fp, vcpus_have_their_own)
{
    if (smp_count() < 2) {
        SKIP("one vCPU");
    }
    go = 0;
    fill(5);
    hftest_fp_load(&mine);
    ASSERT_EQ(vmlib_cpu_start(1, other, 0), PSCI_OK);
    ASSERT_TRUE(cpu_wait_flag(&go, 1));
    check_kept();
    atomic_write(&go, 2);
    ASSERT_TRUE(smp_wait_off(1));
    EXPECT_EQ(seen.v[0], 0x3c3c3c3c3c3c3c3c);
    EXPECT_EQ(seen.v[63], 0x3c3c3c3c3c3c3c3c);
    check_kept();
}
