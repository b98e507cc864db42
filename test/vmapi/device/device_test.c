/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts of a device that the partition owns: the board's real-time clock, whose alarm is a
 * level. Hardware-linked: the partition's end of interrupt lets the physical one fire again.
 * Source of the registers: DDI 0224 (PL031).
 */
#include "hftest.h"
#include "hftest_irq.h"
#include "vmlib_dtb.h"

#define RTC_DR   0x00u
#define RTC_MR   0x04u
#define RTC_IMSC 0x10u
#define RTC_MIS  0x18u
#define RTC_ICR  0x1cu
#define RTC_ID   0xfe0u

static uint64_t rtc;
static uint32_t intid;
static volatile uint32_t rounds;

/* An alarm for now: the line rises at once and stays. */
static void alarm(void)
{
    io_write32(rtc + RTC_MR, io_read32(rtc + RTC_DR));
}

static void quiet(void)
{
    io_write32(rtc + RTC_ICR, 1);
}

SET_UP(device)
{
    struct dtb_range range;

    ASSERT_TRUE(dtb_try_reg("arm,pl031", 0, &range));
    ASSERT_TRUE(dtb_try_interrupt("arm,pl031", 0, &intid));
    rtc = range.base;
    rounds = 1;
    quiet();
    io_write32(rtc + RTC_IMSC, 1);
}

TEAR_DOWN(device)
{
    io_write32(rtc + RTC_IMSC, 0);
    quiet();
}

/* The last of `rounds` interrupts silences the device. */
static void serve(uint32_t id)
{
    (void)id;
    if (--rounds == 0) {
        quiet();
    }
}

static void serve_and_end_split(uint32_t id)
{
    gic_end(id);
    quiet();
    gic_deactivate(id);
}

TEST(device, registers_are_there)
{
    EXPECT_EQ(io_read32(rtc + RTC_ID) & 0xff, 0x31);
    EXPECT_TRUE(io_read32(rtc + RTC_DR) != 0);
}

TEST(device, interrupt_is_taken_once)
{
    irq_log_start(serve);
    gic_enable(intid);
    alarm();
    ASSERT_TRUE(irq_log_wait(1));
    irq_window();
    EXPECT_EQ(irq_log.count, 1);
    EXPECT_EQ(irq_log.entry[0].intid, intid);
    EXPECT_FALSE(gic_is_pending(intid));
    EXPECT_FALSE(gic_is_active(intid));
}

TEST(device, interrupt_again_and_again)
{
    gic_enable(intid);
    for (uint32_t i = 0; i < 50; i++) {
        rounds = 1;
        irq_log_start(serve);
        alarm();
        ASSERT_TRUE(irq_log_wait(1));
        irq_window();
        ASSERT_EQ(irq_log.count, 1);
    }
}

/* Not silenced: it comes again at each end of interrupt. */
TEST(device, level_comes_until_it_is_served)
{
    rounds = 5;
    irq_log_start(serve);
    gic_enable(intid);
    alarm();
    ASSERT_TRUE(irq_log_wait(5));
    irq_window();
    EXPECT_EQ(irq_log.count, 5);
}

TEST(device, disabled_waits)
{
    irq_log_start(serve);
    gic_disable(intid);
    alarm();
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_EQ(io_read32(rtc + RTC_MIS), 1);
    gic_enable(intid);
    ASSERT_TRUE(irq_log_wait(1));
    EXPECT_EQ(irq_log.count, 1);
}

/* Pending, not taken, disabled, served by polling: nothing is left. */
TEST(device, withdrawn_while_disabled)
{
    irq_log_start(serve);
    gic_enable(intid);
    alarm();
    gic_disable(intid);
    quiet();
    gic_enable(intid);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_FALSE(gic_is_pending(intid));
    alarm();
    ASSERT_TRUE(irq_log_wait(1));
}

TEST(device, deactivation_apart_from_priority_drop)
{
    uint64_t ctlr = sysreg_read(ICC_CTLR_EL1);

    sysreg_write(ICC_CTLR_EL1, ctlr | 2);
    cpu_isb();
    gic_enable(intid);
    for (uint32_t i = 0; i < 5; i++) {
        irq_log_start_manual(serve_and_end_split);
        alarm();
        ASSERT_TRUE(irq_log_wait(1));
        irq_window();
        EXPECT_EQ(irq_log.count, 1);
        EXPECT_FALSE(gic_is_active(intid));
    }
    sysreg_write(ICC_CTLR_EL1, ctlr);
    cpu_isb();
}

/* The guest may also make it active and inactive by hand. */
TEST(device, software_deactivates)
{
    irq_log_start_manual(NULL);
    gic_enable(intid);
    alarm();
    ASSERT_TRUE(irq_log_wait(1));
    quiet();
    EXPECT_TRUE(gic_is_active(intid));
    gic_bit_write(GICD_ICACTIVER, intid);
    EXPECT_FALSE(gic_is_active(intid));
    gic_end(intid); /* priority drop */
    irq_log_start(serve);
    alarm();
    ASSERT_TRUE(irq_log_wait(1));
}

static volatile uint32_t ready;
static volatile uint32_t quit;

static void taker(uint64_t unused)
{
    (void)unused;
    gic_init_cpu();
    atomic_increment(&ready);
    cpu_irq_enable();
    while (atomic_read(&quit) == 0) {
        cpu_relax();
    }
    cpu_irq_disable();
}

TEST(device, interrupt_follows_its_route)
{
    ready = 0;
    quit = 0;
    irq_log_start(serve);
    gic_enable(intid);
    ASSERT_EQ(vmlib_cpu_start(1, taker, 0), 0);
    ASSERT_TRUE(cpu_wait_flag(&ready, 1));
    gic_set_route(intid, smp_mpidr(1));
    alarm();
    EXPECT_TRUE(cpu_wait_flag(&irq_log.count, 1));
    EXPECT_EQ(irq_log.entry[0].vcpu, 1);
    /* Back, while it is asserted and not yet taken by anybody. */
    rounds = 1;
    gic_disable(intid);
    alarm();
    gic_set_route(intid, smp_mpidr(0));
    gic_enable(intid);
    EXPECT_TRUE(irq_log_wait(2));
    EXPECT_EQ(irq_log.entry[1].vcpu, 0);
    atomic_write(&quit, 1);
}
