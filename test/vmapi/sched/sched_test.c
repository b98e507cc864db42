/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The test partition is the scheduler of two others; a fourth is pinned beside them. Who runs, who
 * waits, and what FFA_RUN returns.
 */
#include "hftest.h"
#include "hftest_irq.h"
#include "services/service_ids.h"

/* Some hundred milliseconds of work, so that a timer comes in between also on a busy host. */
#define SPIN_TURNS 1000000

#define FIRST   2 /* scheduled, para-virtual interrupts, 1 vCPU */
#define SECOND  3 /* scheduled, 2 vCPUs */
#define PINNED  4 /* on CPU 1 */
#define NOBODYS 5 /* scheduled by PINNED */

HFTEST_SERVICES(FIRST, SECOND, PINNED);

static void stop_timer(uint32_t intid)
{
    (void)intid;
    timer_virtual_stop();
}

static void alarm_prepare(void)
{
    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
}

static void alarm_set(uint64_t milliseconds)
{
    timer_virtual_set(timer_now() + timer_from_ms(milliseconds));
}

TEST(sched, run_to_wait)
{
    SERVICE_SELECT(FIRST, "wakeups");
    for (uint32_t i = 0; i < 5; i++) {
        struct ffa_value result = ffa_run(FIRST, 0);

        EXPECT_EQ(result.x[0], FFA_MSG_WAIT_32);
        EXPECT_EQ(result.x[1], ffa_target_make(FIRST, 0));
    }
    /* What woke it was FFA_RUN with its own id. */
    struct ffa_value answer = ffa_direct_req_complete(FIRST, 0, 0, 0);

    EXPECT_EQ(answer.x[3], FFA_RUN_32);
    EXPECT_EQ(answer.x[4], ffa_target_make(FIRST, 0));
}

TEST(sched, run_refusals)
{
    SERVICE_SELECT(FIRST, "echo");
    EXPECT_FFA_ERROR(ffa_run(77, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(0, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(0x8001, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(1, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(FIRST, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(SECOND, 2), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(PINNED, 0), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_run(NOBODYS, 0), FFA_DENIED);
    /* Its second vCPU has not been started. */
    EXPECT_FFA_ERROR(ffa_run(SECOND, 1), FFA_DENIED);
}

TEST(sched, others_may_not_run)
{
    SERVICE_SELECT(PINNED, "call");
    struct ffa_value answer = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(1, PINNED), 0,
                                       FFA_RUN_32, ffa_target_make(FIRST, 0));

    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[5], FFA_DENIED);
}

TEST(sched, yield)
{
    SERVICE_SELECT(FIRST, "yield");
    struct ffa_value result = ffa_direct_req(FIRST, 10, 0x12345678, 0);

    for (uint32_t i = 0; i < 9; i++) {
        ASSERT_EQ(result.x[0], FFA_YIELD_32);
        EXPECT_EQ(result.x[1], ffa_target_make(FIRST, 0));
        EXPECT_EQ(result.x[2], 0x12345678);
        EXPECT_EQ(result.x[3], 0);
        result = ffa_run(FIRST, 0);
    }
    result = ffa_run(FIRST, 0);
    ASSERT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 10);
}

/* The scheduler's own timer takes the CPU back from one that never gives it up. */
TEST(sched, preempted_by_timer)
{
    uint32_t preemptions = 0;

    SERVICE_SELECT(FIRST, "trouble");
    alarm_prepare();
    alarm_set(2);
    struct ffa_value result = ffa_direct_req(FIRST, TROUBLE_SPIN, 30000, SPIN_TURNS);

    while (result.x[0] == FFA_INTERRUPT_32) {
        EXPECT_EQ(result.x[1], ffa_target_make(FIRST, 0));
        preemptions++;
        irq_window();
        EXPECT_EQ(irq_log.count, preemptions);
        alarm_set(2);
        result = ffa_run(FIRST, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_GE(preemptions, 2);
    timer_virtual_stop();
}

/* How often FIRST gave the CPU back while it waited us for its timer. */
static uint32_t sleeps_of(uint64_t us)
{
    struct ffa_value result = ffa_direct_req(FIRST, us, 0, 0);
    uint32_t sleeps = 0;

    while (result.x[0] == FFA_RUN_WAIT_FOR_INTERRUPT) {
        EXPECT_EQ(result.x[1], ffa_target_make(FIRST, 0));
        EXPECT_LE(result.x[2], us * 1000);
        sleeps++;
        uint64_t end = timer_now() + result.x[2] * timer_frequency() / 1000000000 + 1;

        while (timer_now() < end) {
        }
        result = ffa_run(FIRST, 0);
    }
    ASSERT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 3); /* the para-virtual timer interrupt */
    EXPECT_GE(result.x[4], timer_from_us(us));
    return sleeps;
}

/* A partition in WFI gives the CPU back; the answer says for how long. On a busy host the timer may
 * be due before the WFI. */
TEST(sched, wait_for_interrupt)
{
    uint32_t sleeps = 0;

    SERVICE_SELECT(FIRST, "timer");
    for (uint64_t us = 3000; sleeps == 0 && us < 3000000; us *= 3) {
        sleeps = sleeps_of(us);
    }
    EXPECT_GE(sleeps, 1);
}

/* Two spinners in turns: each gets its share, none is lost. */
TEST(sched, round_robin)
{
    bool done[2] = {false, false};
    uint32_t slices[2] = {0, 0};
    const uint16_t vm[2] = {FIRST, SECOND};
    struct ffa_value result;

    SERVICE_SELECT(FIRST, "trouble");
    SERVICE_SELECT(SECOND, "trouble");
    alarm_prepare();
    for (uint32_t i = 0; i < 2; i++) {
        alarm_set(1);
        result = ffa_direct_req(vm[i], TROUBLE_SPIN, 20000, SPIN_TURNS);
        ASSERT_EQ(result.x[0], FFA_INTERRUPT_32);
        irq_window();
    }
    while (!done[0] || !done[1]) {
        for (uint32_t i = 0; i < 2; i++) {
            if (done[i]) {
                continue;
            }
            alarm_set(1);
            result = ffa_run(vm[i], 0);
            slices[i]++;
            if (result.x[0] == FFA_MSG_SEND_DIRECT_RESP_64) {
                done[i] = true;
            } else {
                ASSERT_EQ(result.x[0], FFA_INTERRUPT_32);
            }
            irq_window();
        }
    }
    timer_virtual_stop();
    EXPECT_GE(slices[0], 1);
    EXPECT_GE(slices[1], 1);
}

/* The pinned partition goes on while this CPU is given to others. */
TEST(sched, pinned_beside_scheduled)
{
    SERVICE_SELECT(PINNED, "echo");
    SERVICE_SELECT(FIRST, "trouble");
    alarm_prepare();
    alarm_set(2);
    struct ffa_value result = ffa_direct_req(FIRST, TROUBLE_SPIN, 15000, SPIN_TURNS);

    while (result.x[0] == FFA_INTERRUPT_32) {
        irq_window();
        result = ffa_run(FIRST, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(ffa_direct_req_complete(PINNED, 1, 0, 0).x[3], 2);
}

/* Several vCPUs of one partition on this one CPU. */
TEST(sched, two_vcpus_on_one_cpu)
{
    struct ffa_value answer;

    SERVICE_SELECT(SECOND, "workers");
    answer = ffa_direct_req_complete(SECOND, 0, 0, 0);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    ASSERT_EQ(answer.x[3], PSCI_OK);
    EXPECT_EQ(answer.x[4], 0);
    for (uint32_t i = 1; i <= 10; i++) {
        struct ffa_value result = ffa_run(SECOND, 1);

        ASSERT_EQ(result.x[0], FFA_YIELD_32);
        ASSERT_EQ(result.x[1], ffa_target_make(SECOND, 1));
    }
    answer = ffa_direct_req_complete(SECOND, 1, 0, 0);
    EXPECT_EQ(answer.x[4], 10);
    /* Off with it: a reset takes both vCPUs down and only the first comes back. */
    SERVICE_SELECT(SECOND, "end");
    EXPECT_FFA_ERROR(ffa_direct_req_complete(SECOND, END_RESET, 0, 0), FFA_ABORTED);
    SERVICE_SELECT(SECOND, "echo");
    EXPECT_FFA_ERROR(ffa_run(SECOND, 1), FFA_DENIED);
}

/* After SYSTEM_OFF nothing of it runs; a reset one comes back as new. */
TEST(sched, reset_is_a_fresh_start)
{
    uint64_t boots;

    SERVICE_SELECT(FIRST, "boots");
    boots = ffa_direct_req_complete(FIRST, 0, 0, 0).x[3];
    EXPECT_EQ(boots, 1);
    EXPECT_EQ(ffa_direct_req_complete(FIRST, 1, 0, 0).x[3], 1);
    for (uint32_t i = 2; i < 5; i++) {
        SERVICE_SELECT(FIRST, "end");
        EXPECT_FFA_ERROR(ffa_direct_req_complete(FIRST, END_RESET, 0, 0), FFA_ABORTED);
        SERVICE_SELECT(FIRST, "boots");
        EXPECT_EQ(ffa_direct_req_complete(FIRST, 1, 0, 0).x[3], i);
    }
}

/* Last: FIRST does not come back. */
TEST(sched, z_off_is_off)
{
    struct ffa_value result;

    SERVICE_SELECT(FIRST, "end");
    EXPECT_FFA_ERROR(ffa_direct_req_complete(FIRST, END_OFF, 0, 0), FFA_ABORTED);
    result = ffa_run(FIRST, 0);
    EXPECT_EQ(result.x[0], FFA_ERROR_32);
    EXPECT_EQ((int32_t)result.x[2], FFA_DENIED);
    result = ffa_direct_req(FIRST, 0, 0, 0);
    EXPECT_EQ(result.x[0], FFA_ERROR_32);
    /* Everybody else lives. */
    SERVICE_SELECT(SECOND, "echo");
    EXPECT_EQ(ffa_direct_req_complete(SECOND, 1, 0, 0).x[3], 2);
    EXPECT_EQ(psci_affinity_info(smp_mpidr(0)), PSCI_IS_ON);
}
