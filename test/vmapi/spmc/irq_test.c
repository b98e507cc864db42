/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts of the normal world while an SP runs, and timers and interprocessor interrupts of SPs:
 * what works under every firmware.
 */
#include "hftest_irq.h"
#include "spmc.h"
#include "work.h"

SET_UP(irq)
{
    gic_init_dist();
    gic_init_cpu();
    gic_enable(GIC_PTIMER);
    gic_enable(GIC_VTIMER);
}

TEAR_DOWN(irq)
{
    timer_physical_stop();
    timer_virtual_stop();
    gic_disable(GIC_PTIMER);
    gic_disable(GIC_VTIMER);
}

/* One interrupt for one level, although the device holds it until the SP has quieted it. */
static void check_device(uint64_t how)
{
    struct work_diary diary;

    for (uint32_t i = 0; i < 3; i++) {
        /* It runs. */
        EXPECT_EQ(work(SP_UP, WORK_DEVICE, how & 1, 1000).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        diary = work_diary(SP_UP);
        EXPECT_EQ(diary.taken, 1);
        EXPECT_EQ(diary.last, UART_SPI);
        EXPECT_EQ(diary.interrupts, 0);
        /* It is about to wait. */
        EXPECT_EQ(work(SP_UP, WORK_DEVICE, how | 2, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        diary = work_diary(SP_UP);
        EXPECT_EQ(diary.taken, 1);
        EXPECT_EQ(diary.interrupts, 1);
        EXPECT_EQ(work_diary(SP_UP).taken, 0);
    }
}

TEST(irq, level_of_a_device)
{
    work_begin(SP_UP);
    EXPECT_EQ(work_result(work(SP_UP, WORK_ENABLE, UART_SPI, 1)), 0);
    (void)work_diary(SP_UP);
    check_device(0);
}

/* The SP never says that it has finished. */
TEST(irq, level_of_a_device_without_an_end)
{
    work_begin(SP_UP);
    EXPECT_EQ(work_result(work(SP_UP, WORK_ENABLE, UART_SPI, 1)), 0);
    (void)work_diary(SP_UP);
    check_device(1);
}

/* The SP is preempted; the normal world sees its interrupt, and runs the SP on. */
static void check_signaled(uint16_t sp)
{
    struct ffa_value result;

    work_begin(sp);
    world_timer(10000);
    result = work(sp, WORK_SPIN, SPIN_US, 0);
    ASSERT_EQ(result.x[0], FFA_INTERRUPT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(sp, 0));
    EXPECT_EQ(result.x[2], 0);
    EXPECT_TRUE(gic_is_pending(GIC_PTIMER));
    /* It is in the middle of a request. */
    EXPECT_FFA_ERROR(work(sp, WORK_DIARY, 0, 0), FFA_BUSY);
    timer_physical_stop();
    result = ffa_run(sp, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[5], 0);
}

TEST(irq, signaled_up)
{
    check_signaled(SP_UP);
}

TEST(irq, signaled_mp)
{
    check_signaled(SP_MP);
}

/* The virtual timer's registers are the SP's while it runs: the interrupt comes all the same. */
TEST(irq, signaled_by_the_virtual_timer)
{
    struct ffa_value result;

    work_begin(SP_UP);
    timer_virtual_set(timer_now() + timer_from_us(50000));
    result = work(SP_UP, WORK_SPIN, SPIN_US, 0);
    ASSERT_EQ(result.x[0], FFA_INTERRUPT_32);
    EXPECT_TRUE((sysreg_read(cntv_ctl_el0) & TIMER_CTL_STATUS) != 0);
    timer_virtual_stop();
    EXPECT_EQ(ffa_run(SP_UP, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
}

/* One that is due before the SP runs, too: the normal world masks it for a moment only. */
TEST(irq, virtual_timer_due_at_the_call)
{
    struct ffa_value result;

    work_begin(SP_UP);
    timer_virtual_set(0);
    result = work(SP_UP, WORK_SPIN, SPIN_US, 0);
    EXPECT_EQ(result.x[0], FFA_INTERRUPT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(SP_UP, 0));
    EXPECT_EQ(ffa_run(SP_UP, 0).x[0], FFA_INTERRUPT_32);
    EXPECT_TRUE(gic_is_pending(GIC_VTIMER));
    timer_virtual_stop();
    /* Nothing is left of how it was signalled. */
    EXPECT_FALSE(gic_is_pending(GIC_VTIMER));
    EXPECT_EQ(ffa_run(SP_UP, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
}

/* Disabled in the GIC, it does not keep the SP from running. */
TEST(irq, timer_that_nobody_waits_for)
{
    gic_disable(GIC_VTIMER);
    timer_virtual_set(0);
    work_begin(SP_UP);
    EXPECT_EQ(work(SP_UP, WORK_SPIN, 100, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    timer_virtual_set(timer_now() + timer_from_us(1000));
    EXPECT_EQ(work(SP_UP, WORK_SPIN, 3000, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    timer_virtual_stop();
}

/* Interrupts of the normal world that its priority mask keeps off do not preempt. */
TEST(irq, masked_by_priority)
{
    work_begin(SP_UP);
    gic_set_mask(0x10);
    world_timer(0);
    EXPECT_EQ(work(SP_UP, WORK_SPIN, 3000, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(sysreg_read(ICC_PMR_EL1), 0x10);
    gic_set_mask(0xff);
}

/* The SP is told, and answers. */
static void check_managed_exit(uint16_t sp)
{
    struct ffa_value result;

    work_begin(sp);
    world_timer(10000);
    result = work(sp, WORK_SPIN, SPIN_US, 0);
    ASSERT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 1);
    EXPECT_EQ(result.x[4], BH_INTID_MANAGED_EXIT);
    EXPECT_EQ(result.x[5], 1);
    EXPECT_TRUE(gic_is_pending(GIC_PTIMER));
    timer_physical_stop();
    /* And that was all. */
    result = work(sp, WORK_SPIN, 1000, 0);
    EXPECT_EQ(result.x[3], 0);
}

TEST(irq, managed_exit_as_fiq)
{
    check_managed_exit(SP_EXIT);
}

TEST(irq, managed_exit_as_irq)
{
    check_managed_exit(SP_EXIT_IRQ);
}

TEST(irq, queued)
{
    struct ffa_value result;

    work_begin(SP_QUEUE);
    world_timer(0);
    result = work(SP_QUEUE, WORK_SPIN, 5000, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 0);
    EXPECT_TRUE(gic_is_pending(GIC_PTIMER));
}

/* What works for an SP whose interrupts are queued is not preempted either. */
TEST(irq, queued_for_those_that_it_asks)
{
    struct ffa_value result;

    work_begin(SP_QUEUE);
    work_begin(SP_UP);
    world_timer(0);
    result = work(SP_QUEUE, WORK_ASK, SP_UP, 5000);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[5], UINT64_C(1) << 32);
    timer_physical_stop();
}

/* What SP_UP answers after it has asked SP_MP, and the normal world had an interrupt after us. */
static uint64_t ask_and_interrupt(uint64_t us)
{
    struct ffa_value result;

    world_timer(us);
    result = work(SP_UP, WORK_ASK, SP_MP, SPIN_US);
    ASSERT_EQ(result.x[0], FFA_INTERRUPT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(SP_UP, 0));
    timer_physical_stop();
    result = ffa_run(SP_UP, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return result.x[5];
}

/* A chain unwinds: who is asked is preempted, then who asked. Each is run on by whom it was called.
 * On a busy host the interrupt may come before the second request. */
TEST(irq, signaled_in_a_chain)
{
    uint64_t result = 0;

    work_begin(SP_UP);
    work_begin(SP_MP);
    for (uint64_t us = 30000; us < SPIN_US && (uint32_t)result == 0; us *= 3) {
        result = ask_and_interrupt(us);
    }
    EXPECT_EQ(result, UINT64_C(1) << 32 | 1);
}

/* x5 of what an SP with managed exit answers, after it has asked another one to spin for long. */
static uint64_t ask_and_exit(uint16_t sp, uint16_t asked, uint64_t us, uint64_t spin_us)
{
    struct ffa_value result;

    world_timer(us);
    result = work(sp, WORK_ASK, asked, spin_us);
    ASSERT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 1);
    EXPECT_EQ(result.x[4], BH_INTID_MANAGED_EXIT);
    EXPECT_TRUE(gic_is_pending(GIC_PTIMER));
    timer_physical_stop();
    return result.x[5];
}

/* Who is asked is preempted, who asked gives way. What it left is run on by it later. */
TEST(irq, managed_exit_in_a_chain)
{
    struct ffa_value result;
    uint64_t answer = 0;

    work_begin(SP_EXIT);
    work_begin(SP_UP);
    for (uint64_t us = 30000; us < SPIN_US && answer != 1; us *= 3) {
        answer = ask_and_exit(SP_EXIT, SP_UP, us, 10 * us);
    }
    EXPECT_EQ(answer, 1);
    EXPECT_FFA_ERROR(work(SP_UP, WORK_DIARY, 0, 0), FFA_BUSY);
    /* Whom it answers has answered already: the normal world gives it the time to do so. */
    result = ffa_run(SP_UP, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_WAIT_32);
}

/* Both give way: who is asked first, by its answer; who asked has the interrupt then. */
TEST(irq, managed_exit_of_both)
{
    uint64_t asked_saw = 0;

    work_begin(SP_EXIT);
    work_begin(SP_EXIT_IRQ);
    for (uint64_t us = 10000; us < SPIN_US && asked_saw == 0; us *= 3) {
        EXPECT_EQ(ask_and_exit(SP_EXIT_IRQ, SP_EXIT, us, SPIN_US), UINT64_C(1) << 32);
        asked_saw = work_diary(SP_EXIT).last;
    }
    EXPECT_EQ(asked_saw, BH_INTID_MANAGED_EXIT);
}

static bool wait_taken(uint16_t sp, struct work_diary *found)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);
    struct work_diary sum = {0};

    while (sum.taken == 0 && timer_now() < end) {
        uint64_t pause = timer_now() + timer_from_us(200);

        while (timer_now() < pause) {
        }
        *found = work_diary(sp);
        sum.taken += found->taken;
    }
    return sum.taken != 0;
}

/* The SP waits, and the normal world spins with everything masked. */
TEST(irq, timer_of_a_waiting_sp)
{
    struct work_diary diary = {0};

    work_begin(SP_UP);
    (void)work_diary(SP_UP);
    for (uint64_t us = 3000; us < SPIN_US && diary.interrupts == 0; us *= 3) {
        EXPECT_EQ(work_result(work(SP_UP, WORK_TIMER, us, 0)), 0);
        ASSERT_TRUE(wait_taken(SP_UP, &diary));
        EXPECT_EQ(diary.taken, 1);
    }
    EXPECT_EQ(diary.last, BH_INTID_TIMER);
    EXPECT_EQ(diary.interrupts, 1);
    EXPECT_EQ(diary.last_x2, BH_INTID_TIMER);
}

TEST(irq, timer_of_a_running_sp)
{
    struct ffa_value result;

    work_begin(SP_UP);
    result = work(SP_UP, WORK_TIMER, 2000, UINT64_MAX);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[4], BH_INTID_TIMER);
}

/* It comes in front of the one that runs. */
TEST(irq, timer_while_another_sp_runs)
{
    struct work_diary diary;

    work_begin(SP_UP);
    work_begin(SP_MP);
    (void)work_diary(SP_MP);
    (void)work(SP_MP, WORK_TIMER, 2000, 0);
    EXPECT_EQ(work_result(work(SP_UP, WORK_SPIN, 20000, 0)), 0);
    ASSERT_TRUE(wait_taken(SP_MP, &diary));
    EXPECT_EQ(diary.last, BH_INTID_TIMER);
    EXPECT_EQ(diary.interrupts, 1);
}

/* One that is preempted takes it when it goes on. */
TEST(irq, timer_of_a_preempted_sp)
{
    struct ffa_value result;

    work_begin(SP_UP);
    world_timer(1000);
    result = work(SP_UP, WORK_TIMER, 8000, UINT64_MAX);
    timer_physical_stop();
    if (result.x[0] == FFA_INTERRUPT_32) {
        result = ffa_run(SP_UP, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[4], BH_INTID_TIMER);
}

/* Its timer fires while it waits, or while it runs and takes nothing: the normal world is told,
 * finds it in the list, and gives it the CPU. */
TEST(irq, left_to_the_scheduler)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);
    struct work_diary diary;

    if (el3_is_old()) {
        SKIP("FFA_NOTIFICATION_INFO_GET is of FF-A 1.1");
    }
    gic_enable(8);
    gic_clear_pending(8);
    work_begin(SP_PATIENT);
    (void)work_diary(SP_PATIENT);
    EXPECT_EQ(work_result(work(SP_PATIENT, WORK_TIMER, 1000, 0)), 0);
    while (!gic_is_pending(8) && timer_now() < end) {
    }
    EXPECT_TRUE(gic_is_pending(8));
    gic_clear_pending(8);
    EXPECT_EQ(ffa_call(FFA_NOTIFICATION_INFO_GET_64).x[3], SP_PATIENT);
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_INFO_GET_64), FFA_NO_DATA);
    EXPECT_EQ(ffa_run(SP_PATIENT, 0).x[0], FFA_MSG_WAIT_32);
    diary = work_diary(SP_PATIENT);
    EXPECT_EQ(diary.taken, 1);
    EXPECT_EQ(diary.last, BH_INTID_TIMER);
    EXPECT_EQ(diary.interrupts, 0);
    gic_disable(8);
}

TEST(irq, features)
{
    SERVICE_SELECT(SP_UP, "call");
    EXPECT_EQ(ffa_direct_req(SP_UP, FFA_FEATURES_32, FFA_FEATURE_ID_MEI, 0).x[5],
              BH_INTID_MANAGED_EXIT);
    EXPECT_EQ(ffa_direct_req(SP_UP, FFA_FEATURES_32, FFA_SECONDARY_EP_REGISTER_64, 0).x[3],
              FFA_ERROR_32);
    SERVICE_SELECT(SP_MP, "call");
    EXPECT_EQ(ffa_direct_req(SP_MP, FFA_FEATURES_32, FFA_SECONDARY_EP_REGISTER_64, 0).x[3],
              FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_features(FFA_FEATURE_ID_MEI), FFA_NOT_SUPPORTED);
}

/* ---- other CPUs ---- */

static volatile uint32_t other_ready, other_go;
static volatile uint64_t other_taken, other_last, other_interrupts;

/* CPU 1: the SP's context there waits for the interprocessor interrupt. */
static void other_cpu(uint64_t argument)
{
    struct work_diary diary = {0};

    (void)argument;
    (void)work_diary(SP_MP);
    atomic_write(&other_ready, 1);
    (void)cpu_wait_flag(&other_go, 1);
    (void)wait_taken(SP_MP, &diary);
    other_taken = diary.taken;
    other_last = diary.last;
    other_interrupts = diary.interrupts;
    atomic_write(&other_ready, 2);
}

TEST(irq, interprocessor_interrupt)
{
    struct ffa_value result;

    work_begin(SP_MP);
    result = work(SP_MP, WORK_IPI, 4, 0);
    EXPECT_EQ(result.x[5], BH_INTERRUPT_REFUSED);
    /* To itself. */
    (void)work_diary(SP_MP);
    (void)work(SP_MP, WORK_IPI, 0, 0);
    result = work(SP_MP, WORK_SPIN, 100, 0);
    EXPECT_EQ(result.x[4], BH_INTID_IPI);
    ASSERT_EQ(vmlib_cpu_start(1, other_cpu, 0), 0);
    ASSERT_TRUE(cpu_wait_flag(&other_ready, 1));
    EXPECT_EQ(work_result(work(SP_MP, WORK_IPI, 1, 0)), 0);
    atomic_write(&other_go, 1);
    ASSERT_TRUE(cpu_wait_flag(&other_ready, 2));
    EXPECT_EQ(other_taken, 1);
    EXPECT_EQ(other_last, BH_INTID_IPI);
    EXPECT_EQ(other_interrupts, 1);
    EXPECT_TRUE(smp_wait_off(1));
}

/* The schedule receiver interrupt is pending on a CPU where the normal world has set up nothing of
 * the GIC: what is urgent there is not its to say, and secure interrupts come through. */
static void bare_cpu(uint64_t argument)
{
    (void)argument;
    gic_send_sgi(8, smp_mpidr(1));
    other_last = work(SP_MP, WORK_TIMER, 2000, UINT64_MAX).x[4];
    atomic_write(&other_ready, 3);
}

TEST(irq, timer_on_a_cpu_without_its_gic)
{
    work_begin(SP_MP);
    ASSERT_EQ(vmlib_cpu_start(1, bare_cpu, 0), 0);
    ASSERT_TRUE(cpu_wait_flag(&other_ready, 3));
    EXPECT_EQ(other_last, BH_INTID_TIMER);
    EXPECT_TRUE(smp_wait_off(1));
}
