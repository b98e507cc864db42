/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts of SPs in every state of theirs. The test monitor makes them pending when a test wants
 * it; no firmware has such a call.
 */
#include "work.h"

/* The interrupt comes while the normal world runs. */
static void raise(uint64_t intid)
{
    EXPECT_EQ(ffa_call(MONITOR_RAISE, intid).x[0], 0);
}

static void begin(uint16_t sp, uint64_t spi)
{
    work_begin(sp);
    EXPECT_EQ(work_result(work(sp, WORK_ENABLE, spi, 1)), 0);
    (void)work_diary(sp);
}

static void check_waiting(uint16_t sp, uint64_t spi)
{
    struct work_diary diary;

    begin(sp, spi);
    for (uint32_t i = 0; i < 5; i++) {
        raise(spi);
        diary = work_diary(sp);
        EXPECT_EQ(diary.taken, 1);
        EXPECT_EQ(diary.last, spi);
        EXPECT_EQ(diary.interrupts, 1);
        EXPECT_EQ(diary.last_x2, spi);
    }
}

TEST(irq_monitor, waiting)
{
    check_waiting(SP_UP, UP_SPI);
    check_waiting(SP_MP, MP_SPI);
}

TEST(irq_monitor, running)
{
    struct ffa_value result;

    begin(SP_UP, UP_SPI);
    result = work(SP_UP, WORK_RAISE, UP_SPI, UINT64_MAX);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 1);
    EXPECT_EQ(result.x[4], UP_SPI);
    EXPECT_EQ(work_diary(SP_UP).interrupts, 0);
}

/* The owner waits while another one runs: it comes first, and that one goes on. */
TEST(irq_monitor, waiting_while_another_runs)
{
    struct work_diary diary;

    begin(SP_MP, MP_SPI);
    begin(SP_UP, UP_SPI);
    EXPECT_EQ(work(SP_UP, WORK_RAISE, MP_SPI, 1000).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    diary = work_diary(SP_MP);
    EXPECT_EQ(diary.taken, 1);
    EXPECT_EQ(diary.last, MP_SPI);
    EXPECT_EQ(diary.interrupts, 1);
    EXPECT_EQ(work_diary(SP_UP).taken, 0);
}

/* The same, but the one that runs does not let others' interrupts through: they come after it. */
TEST(irq_monitor, waiting_while_a_queueing_one_runs)
{
    struct work_diary diary;

    begin(SP_UP, UP_SPI);
    work_begin(SP_QUEUE);
    EXPECT_EQ(work(SP_QUEUE, WORK_RAISE, UP_SPI, 1000).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    diary = work_diary(SP_UP);
    EXPECT_EQ(diary.taken, 1);
    EXPECT_EQ(diary.interrupts, 1);
}

/* It is preempted by the normal world: the interrupt waits until it goes on. */
TEST(irq_monitor, preempted)
{
    struct ffa_value result;

    gic_init_dist();
    gic_init_cpu();
    gic_enable(GIC_PTIMER);
    begin(SP_UP, UP_SPI);
    world_timer(1000);
    result = work(SP_UP, WORK_UNTIL, 0, 0);
    timer_physical_stop();
    ASSERT_EQ(result.x[0], FFA_INTERRUPT_32);
    raise(UP_SPI);
    raise(UP_SPI);
    result = ffa_run(SP_UP, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[4], UP_SPI);
}

/* It waits for an answer: it is told at once, and runs on whom it has asked. */
TEST(irq_monitor, blocked)
{
    struct ffa_value result;

    begin(SP_UP, UP_SPI);
    work_begin(SP_MP);
    result = work(SP_UP, WORK_ASK, SP_MP, 0);
    EXPECT_EQ(result.x[5], UINT64_C(1) << 32);
    SERVICE_SELECT(SP_MP, "raiser");
    (void)work_diary(SP_UP);
    result = work(SP_UP, WORK_ASK, SP_MP, UP_SPI);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 1);
    EXPECT_EQ(result.x[4], UP_SPI);
    EXPECT_EQ(result.x[5], UINT64_C(1) << 32 | 1);
}

/* Nobody owns it, or its owner has not enabled it: the normal world notices nothing. */
TEST(irq_monitor, nobody)
{
    work_begin(SP_UP);
    (void)work(SP_UP, WORK_ENABLE, UP_SPI, 0);
    (void)work_diary(SP_UP);
    raise(UP_SPI);
    raise(210);
    EXPECT_EQ(work_diary(SP_UP).taken, 0);
    /* What came meanwhile comes when it is enabled. */
    (void)work(SP_UP, WORK_ENABLE, UP_SPI, 1);
    EXPECT_EQ(work_diary(SP_UP).last, UP_SPI);
}

TEST(irq_monitor, reconfigured)
{
    const uint64_t spi = UINT64_C(UP_SPI) << 32;

    begin(SP_UP, UP_SPI);
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, UINT64_C(MP_SPI) << 32 | 2, 1).x[5],
              BH_INTERRUPT_REFUSED);
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, spi | 3, 1).x[5], BH_INTERRUPT_REFUSED);
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, spi | 2, 2).x[5], BH_INTERRUPT_REFUSED);
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, spi, 1).x[5], BH_INTERRUPT_REFUSED);
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, spi, 0).x[5], 0);
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, spi | 2, 0).x[5], 0);
    raise(UP_SPI);
    EXPECT_EQ(work_diary(SP_UP).taken, 0);
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, spi | 2, 1).x[5], 0);
    EXPECT_EQ(work_diary(SP_UP).last, UP_SPI);
    /* The normal world's, and back. */
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, spi | 1, 0).x[5], 0);
    raise(UP_SPI);
    EXPECT_EQ(work_diary(SP_UP).taken, 0);
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, spi | 1, 1).x[5], 0);
    EXPECT_EQ(work(SP_UP, WORK_CONFIGURE, spi | 2, 1).x[5], 0);
    raise(UP_SPI);
    EXPECT_EQ(work_diary(SP_UP).last, UP_SPI);
}

/* How many interrupts EL3 has taken; refusals: so often it will not, when the SPMC asks it to. */
static uint64_t el3_taken(uint64_t refusals)
{
    return ffa_call(MONITOR_GROUP0, EL3_SPI, refusals).x[0];
}

static void check_el3_over(uint16_t sp, uint64_t refusals)
{
    uint64_t before = el3_taken(refusals);
    struct ffa_value result;

    work_begin(sp);
    (void)work_diary(sp);
    result = work(sp, WORK_RAISE, EL3_SPI, 100);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 0);
    EXPECT_EQ(work_diary(sp).taken, 0);
    EXPECT_EQ(el3_taken(0), before + 1);
}

/* Group 0: handed to EL3, and the SP that runs notices nothing, whatever its manifest says. */
TEST(irq_monitor, of_el3)
{
    for (uint32_t i = 0; i < 3; i++) {
        check_el3_over(SP_UP, 0);
        check_el3_over(SP_MP, 0);
        check_el3_over(SP_QUEUE, 0);
    }
}

/* EL3 does not take it, however often it would be asked: it does when the normal world runs, which
 * runs the SP on. One that is not to be interrupted goes on, and is not stopped by it either. */
static void check_el3_refused(uint64_t refusals)
{
    uint64_t before = el3_taken(refusals);
    struct ffa_value result;

    work_begin(SP_UP);
    result = work(SP_UP, WORK_RAISE, EL3_SPI, 100);
    EXPECT_EQ(result.x[0], FFA_INTERRUPT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(SP_UP, 0));
    EXPECT_EQ(el3_taken(0), before + 1);
    EXPECT_EQ(ffa_run(SP_UP, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    check_el3_over(SP_QUEUE, refusals);
}

TEST(irq_monitor, of_el3_refused)
{
    check_el3_refused(1);
    check_el3_refused(UINT32_MAX);
    check_el3_over(SP_MP, 0);
}

TEST(irq_monitor, of_el3_while_the_normal_world_runs)
{
    uint64_t before = el3_taken(0);

    for (uint64_t i = 1; i < 4; i++) {
        raise(EL3_SPI);
        EXPECT_EQ(el3_taken(0), before + i);
    }
    check_waiting(SP_UP, UP_SPI);
}
