/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CPUs that go off and come back, and SPs that end: with irq.dts.
 */
#include "services/service_ids.h"
#include "work.h"

static volatile uint64_t powers, power_last;
static volatile int32_t off_result;

static void note_powers(void)
{
    struct ffa_value answer = work(SP_MP, WORK_POWER, 0, 0);

    powers = answer.x[3];
    power_last = answer.x[4];
}

static void visit(uint64_t argument)
{
    (void)argument;
    note_powers();
}

static void start(void (*fn)(uint64_t))
{
    ASSERT_EQ(vmlib_cpu_start(1, fn, 0), 0);
}

/* An SP that asked for it is told each time, in its context of that CPU. */
TEST(power, cpu_off_message)
{
    uint64_t before;

    start(visit);
    ASSERT_TRUE(smp_wait_off(1));
    before = powers;
    for (uint64_t i = 1; i < 4; i++) {
        start(visit);
        ASSERT_TRUE(smp_wait_off(1));
        EXPECT_EQ(powers, before + i);
        EXPECT_EQ(power_last, PSCI_CPU_OFF_FID);
    }
}

static void refuse(uint64_t argument)
{
    (void)argument;
    (void)work(SP_MP, WORK_POWER, 0, (uint32_t)PSCI_E_DENIED);
    off_result = (int32_t)ffa_call(PSCI_CPU_OFF_FID).x[0];
    note_powers();
}

/* TF-A panics when one refuses. */
TEST(power_monitor, cpu_off_refused)
{
    off_result = 0;
    start(refuse);
    ASSERT_TRUE(smp_wait_off(1));
    EXPECT_EQ(off_result, PSCI_E_DENIED);
}

/* While the SP thinks about it, another one handles its interrupt: its answer is waited for. */
static void refuse_late(uint64_t us)
{
    (void)work(SP_MP, WORK_POWER, 4 * us, (uint32_t)PSCI_E_DENIED);
    (void)work(SP_UP, WORK_TIMER, us, 0);
    off_result = (int32_t)ffa_call(PSCI_CPU_OFF_FID).x[0];
    note_powers();
}

TEST(power_monitor, cpu_off_refused_after_an_interrupt)
{
    uint64_t last = 0;

    work_begin(SP_UP);
    work_begin(SP_MP);
    (void)work_diary(SP_UP);
    /* On a busy host the interrupt may be late: it is given more time then. */
    for (uint64_t us = 5000; us < SPIN_US && last == 0; us *= 3) {
        off_result = 0;
        ASSERT_EQ(vmlib_cpu_start(1, refuse_late, us), 0);
        ASSERT_TRUE(smp_wait_off(1));
        EXPECT_EQ(off_result, PSCI_E_DENIED);
        last = work_diary(SP_UP).last;
    }
    EXPECT_EQ(last, BH_INTID_TIMER);
}

#define POWER_STATE UINT64_C(0x10203)

static int32_t suspend(uint64_t fid)
{
    return (int32_t)ffa_call(fid, POWER_STATE, 0x60000000, 7).x[0];
}

/* The monitor tells of both, TF-A of neither. */
TEST(power_monitor, suspend_and_resume)
{
    static const uint64_t fids[] = {PSCI_CPU_SUSPEND_32, PSCI_CPU_SUSPEND_64};
    struct ffa_value answer;
    uint64_t before;

    work_begin(SP_MP);
    before = work(SP_MP, WORK_POWER, 0, 0).x[3];
    for (uint32_t i = 0; i < 2; i++) {
        EXPECT_EQ(suspend(fids[i]), 0);
        answer = work(SP_MP, WORK_POWER, 0, 0);
        EXPECT_EQ(answer.x[3], before + 2);
        EXPECT_EQ(answer.x[4], UINT64_C(1) << 32 | 1);
        EXPECT_EQ(answer.x[5], fids[i] ^ POWER_STATE << 32);
        before = answer.x[3];
    }
}

/* The CPU goes on, its contexts with it, and nobody is told that it does. */
TEST(power_monitor, suspend_refused)
{
    struct ffa_value answer;
    uint64_t before;

    work_begin(SP_MP);
    before = work(SP_MP, WORK_POWER, 0, (uint32_t)PSCI_E_DENIED).x[3];
    EXPECT_EQ(suspend(PSCI_CPU_SUSPEND_64), PSCI_E_DENIED);
    answer = work(SP_MP, WORK_POWER, 0, 0);
    EXPECT_EQ(answer.x[3], before + 1);
    EXPECT_EQ(answer.x[4], PSCI_CPU_SUSPEND_64);
}

/* It can't be told of its own faults: whoever waits for it is told, and nobody else notices. */
TEST(power, sp_aborts)
{
    work_begin(SP_EXIT_IRQ);
    SERVICE_SELECT(SP_EXIT, "end");
    EXPECT_FFA_ERROR(ffa_direct_req(SP_EXIT, END_ABORT_LOOP, 0, 0), FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_direct_req(SP_EXIT, 0, 0, 0), FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_run(SP_EXIT, 0), FFA_ABORTED);
    EXPECT_EQ(work(SP_EXIT_IRQ, WORK_SPIN, 10, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
}

/* The same when an SP waits for it. */
TEST(power, sp_aborts_in_a_chain)
{
    struct ffa_value answer;

    SERVICE_SELECT(SP_QUEUE, "end");
    SERVICE_SELECT(SP_UP, "relay");
    answer = ffa_direct_req(SP_UP, SP_QUEUE, END_ABORT_LOOP, 0);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[4], FFA_ABORTED);
}
