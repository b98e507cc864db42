/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device of the board that belongs to the partition: the PL031 clock. Its registers are reached
 * without the core, its interrupt is injected linked to the physical one: the guest's end of
 * interrupt deactivates both. Source: DDI0224 (PL031), IHI0069 4.8 and 9.2.
 */
#include "hftest.h"
#include "hftest_irq.h"

#define RTC_DR   0x00u
#define RTC_MR   0x04u
#define RTC_LR   0x08u
#define RTC_IMSC 0x10u
#define RTC_RIS  0x14u
#define RTC_MIS  0x18u
#define RTC_ICR  0x1cu

static uint64_t rtc;
static uint32_t rtc_intid;
static volatile uint32_t clear_after;

SET_UP(passthrough)
{
    struct dtb_range range;

    ASSERT_TRUE(dtb_try_reg("arm,pl031", 0, &range));
    ASSERT_TRUE(dtb_try_interrupt("arm,pl031", 0, &rtc_intid));
    rtc = range.base;
    io_write32(rtc + RTC_IMSC, 0);
    io_write32(rtc + RTC_ICR, 1);
}

TEAR_DOWN(passthrough)
{
    io_write32(rtc + RTC_IMSC, 0);
    io_write32(rtc + RTC_ICR, 1);
}

TEST(passthrough, registers)
{
    EXPECT_GT(io_read32(rtc + RTC_DR), 0);
    io_write32(rtc + RTC_MR, 0x12345678);
    EXPECT_EQ(io_read32(rtc + RTC_MR), 0x12345678);
    /* PL031, part number 0x031. */
    EXPECT_EQ(io_read32(rtc + 0xfe0), 0x31);
}

/* The raw state of a match that is masked; then unmasked, it is an interrupt. */
static void match_now(void)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    /* A match with the present second is one at once, unless the second ends meanwhile. */
    while ((io_read32(rtc + RTC_RIS) & 1) == 0 && timer_now() < end) {
        io_write32(rtc + RTC_MR, io_read32(rtc + RTC_DR));
    }
    ASSERT_EQ(io_read32(rtc + RTC_RIS) & 1, 1);
}

static void on_rtc(uint32_t intid)
{
    if (intid == rtc_intid && irq_log_count(intid) >= clear_after) {
        io_write32(rtc + RTC_IMSC, 0);
        io_write32(rtc + RTC_ICR, 1);
    }
}

static void prepare(uint32_t times)
{
    clear_after = times;
    irq_log_start(on_rtc);
    gic_set_edge(rtc_intid, false);
    gic_set_route(rtc_intid, smp_mpidr(0));
    gic_enable(rtc_intid);
}

TEST(passthrough, interrupt)
{
    prepare(1);
    match_now();
    EXPECT_EQ(irq_log.count, 0);
    io_write32(rtc + RTC_IMSC, 1);
    ASSERT_TRUE(irq_log_wait(1));
    irq_window();
    EXPECT_EQ(irq_log.count, 1);
    EXPECT_EQ(irq_log.entry[0].intid, rtc_intid);
    EXPECT_FALSE(gic_is_active(rtc_intid));
}

/* The line stays high: the interrupt comes again after each end. */
TEST(passthrough, level)
{
    prepare(3);
    match_now();
    io_write32(rtc + RTC_IMSC, 1);
    ASSERT_TRUE(irq_log_wait(3));
    irq_window();
    EXPECT_EQ(irq_log.count, 3);
}

/* Again and again: no end of interrupt gets lost on its way to the physical GIC. */
TEST(passthrough, repeated)
{
    match_now();
    for (uint32_t i = 0; i < 50; i++) {
        prepare(2);
        io_write32(rtc + RTC_IMSC, 1);
        ASSERT_TRUE(irq_log_wait(1));
        io_write32(rtc + RTC_IMSC, 0);
        irq_window();
        ASSERT_EQ(irq_log_count(rtc_intid), irq_log.count);
        ASSERT_FALSE(gic_is_active(rtc_intid));
        if ((io_read32(rtc + RTC_RIS) & 1) == 0) {
            match_now();
        }
    }
}

TEST(passthrough, disabled_at_the_guests_gic)
{
    prepare(1);
    gic_disable(rtc_intid);
    match_now();
    io_write32(rtc + RTC_IMSC, 1);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    gic_enable(rtc_intid);
    ASSERT_TRUE(irq_log_wait(1));
    irq_window();
    EXPECT_EQ(irq_log.count, 1);
}

/* To the other vCPU, by affinity routing of the guest. */
static volatile uint32_t ready;

static void taker(uint64_t unused)
{
    (void)unused;
    gic_init_cpu();
    atomic_write(&ready, 1);
    (void)cpu_wait_irq_for(&irq_log.count, 1, EVENT_WAIT_MS);
}

TEST(passthrough, routed_to_other_vcpu)
{
    ready = 0;
    prepare(1);
    gic_set_route(rtc_intid, smp_mpidr(1));
    ASSERT_EQ(vmlib_cpu_start(1, taker, 0), PSCI_OK);
    ASSERT_TRUE(cpu_wait_flag(&ready, 1));
    match_now();
    io_write32(rtc + RTC_IMSC, 1);
    ASSERT_TRUE(cpu_wait_flag(&irq_log.count, 1));
    ASSERT_TRUE(smp_wait_off(1));
    EXPECT_EQ(irq_log.entry[0].vcpu, 1);
    EXPECT_EQ(irq_log.count, 1);
}

/* What was not passed through is not there: the GPIO controller beside it. */
TEST(passthrough, neighbouring_device)
{
    exception_expect();
    (void)io_read32(0x09030000);
    struct exception_record record = exception_expected();

    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ISS_FSC(record.esr), FSC_EXTERNAL);
}
