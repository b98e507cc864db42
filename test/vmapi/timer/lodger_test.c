/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two partitions with virtual GICs on one CPU, each with its own timers ticking: one borrows the
 * other's CPU, and they interrupt each other at any point. No tick of either may get lost, because
 * each tick arms the next.
 */
#include "hftest.h"
#include "hftest_irq.h"

#define LODGER   2
#define TICKS    40
#define PERIOD   500 /* microseconds */
#define CYCLE_US 170 /* ours: no multiple of theirs */

HFTEST_SERVICES(LODGER);

static volatile uint32_t ticks;

static void tick(uint32_t intid)
{
    if (intid == GIC_VTIMER) {
        ticks++;
        timer_virtual_set(timer_now() + timer_from_us(CYCLE_US));
    } else {
        timer_physical_set(timer_now() + timer_from_us(3 * CYCLE_US));
    }
}

/* Gives the CPU to the lodger until it answers. */
static struct ffa_value lodge(bool in_wfi)
{
    struct ffa_value result = ffa_direct_req(LODGER, TICKS, PERIOD, in_wfi);

    while (result.x[0] == FFA_INTERRUPT_32 || result.x[0] == FFA_RUN_WAIT_FOR_INTERRUPT) {
        irq_window();
        result = ffa_run(LODGER, 0);
    }
    return result;
}

static void check_lodger(bool in_wfi)
{
    SERVICE_SELECT(LODGER, "ticker");
    ticks = 0;
    irq_log_start(tick);
    gic_enable(GIC_VTIMER);
    gic_enable(GIC_PTIMER);
    timer_virtual_set(timer_now() + timer_from_us(CYCLE_US));
    timer_physical_set(timer_now());
    uint64_t begin = timer_now();
    struct ffa_value result = lodge(in_wfi);
    uint64_t elapsed = timer_now() - begin;

    ASSERT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_GE(result.x[3], TICKS);
    EXPECT_GE(result.x[4], TICKS);
    EXPECT_EQ(result.x[5], 0);
    EXPECT_GE(elapsed, timer_from_us(TICKS * PERIOD));
    EXPECT_GE(ticks, 2);
    /* Ours go on. */
    uint32_t before = ticks;

    EXPECT_TRUE(cpu_wait_irq_for(&ticks, before + 5, EVENT_WAIT_MS));
    timer_virtual_stop();
    timer_physical_stop();
}

TEST(lodger, timers_of_both_while_it_spins)
{
    check_lodger(false);
}

TEST(lodger, timers_of_both_while_it_waits)
{
    check_lodger(true);
}
