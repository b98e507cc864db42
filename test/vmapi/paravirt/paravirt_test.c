/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts by hypercall: a partition with interrupt-model "paravirt" has no GIC. Either of its
 * timers is interrupt 3; the console UART has its own number.
 */
#include "hftest.h"
#include "vmapi/bh.h"

static volatile uint32_t taken;
static volatile uint32_t last;

static void on_irq(void)
{
    last = (uint32_t)ffa_call(BH_INTERRUPT_GET).x[0];
    timer_virtual_stop();
    timer_physical_stop();
    atomic_increment(&taken);
}

static uint64_t enable(uint64_t intid, uint64_t on, uint64_t type)
{
    return ffa_call(BH_INTERRUPT_ENABLE, intid, on, type).x[0];
}

/* SPs have only the physical timer: the virtual one's registers are the normal world's. */
static void own_timer_set(uint64_t us)
{
    if (hftest_side() == HFTEST_SP) {
        timer_physical_set(timer_physical_now() + timer_from_us(us));
    } else {
        timer_virtual_set(timer_now() + timer_from_us(us));
    }
}

SET_UP(paravirt)
{
    taken = 0;
    last = 0;
    exception_set_irq(on_irq);
}

TEAR_DOWN(paravirt)
{
    (void)enable(BH_INTID_TIMER, 0, BH_INTERRUPT_IRQ);
    timer_virtual_stop();
    timer_physical_stop();
}

TEST(paravirt, nothing_pends)
{
    EXPECT_EQ((uint32_t)ffa_call(BH_INTERRUPT_GET).x[0], BH_INTERRUPT_NONE);
    cpu_irq_enable();
    cpu_irq_disable();
    EXPECT_EQ(taken, 0);
}

TEST(paravirt, enable_refusals)
{
    EXPECT_EQ(enable(100000, 1, BH_INTERRUPT_IRQ), BH_INTERRUPT_REFUSED);
    EXPECT_EQ(enable(UINT64_MAX, 1, BH_INTERRUPT_IRQ), BH_INTERRUPT_REFUSED);
    /* An interrupt of the board that the manifest has not given to it. */
    EXPECT_EQ(enable(40, 1, BH_INTERRUPT_IRQ), BH_INTERRUPT_REFUSED);
    EXPECT_EQ(enable(BH_INTID_TIMER, 2, BH_INTERRUPT_IRQ), BH_INTERRUPT_REFUSED);
    EXPECT_EQ(enable(BH_INTID_TIMER, 1, 2), BH_INTERRUPT_REFUSED);
}

TEST(paravirt, virtual_timer)
{
    SKIP_ON(HFTEST_SP, "the virtual timer is the normal world's");
    EXPECT_EQ(enable(BH_INTID_TIMER, 1, BH_INTERRUPT_IRQ), 0);
    for (uint32_t i = 1; i <= 20; i++) {
        uint64_t compare = timer_now() + timer_from_us(100);

        timer_virtual_set(compare);
        ASSERT_TRUE(cpu_wait_irq_for(&taken, i, EVENT_WAIT_MS));
        EXPECT_EQ(last, BH_INTID_TIMER);
        EXPECT_GE(timer_now(), compare);
        EXPECT_EQ((uint32_t)ffa_call(BH_INTERRUPT_GET).x[0], BH_INTERRUPT_NONE);
    }
    EXPECT_EQ(taken, 20);
}

TEST(paravirt, physical_timer)
{
    EXPECT_EQ(enable(BH_INTID_TIMER, 1, BH_INTERRUPT_IRQ), 0);
    timer_physical_set(timer_physical_now() + timer_from_us(100));
    ASSERT_TRUE(cpu_wait_irq_for(&taken, 1, EVENT_WAIT_MS));
    EXPECT_EQ(last, BH_INTID_TIMER);
}

/* Disabled: neither taken nor handed out; enabled later, it comes. */
TEST(paravirt, disabled_timer)
{
    uint64_t end = timer_now() + timer_from_ms(2);

    own_timer_set(0);
    cpu_irq_enable();
    while (timer_now() < end) {
        cpu_relax();
    }
    cpu_irq_disable();
    EXPECT_EQ(taken, 0);
    EXPECT_EQ((uint32_t)ffa_call(BH_INTERRUPT_GET).x[0], BH_INTERRUPT_NONE);
    EXPECT_EQ(enable(BH_INTID_TIMER, 1, BH_INTERRUPT_IRQ), 0);
    ASSERT_TRUE(cpu_wait_irq_for(&taken, 1, EVENT_WAIT_MS));
    EXPECT_EQ(last, BH_INTID_TIMER);
}

TEST(paravirt, wakes_wfi)
{
    EXPECT_EQ(enable(BH_INTID_TIMER, 1, BH_INTERRUPT_IRQ), 0);
    for (uint32_t i = 1; i <= 5; i++) {
        own_timer_set(500);
        cpu_wait_irq(&taken, i);
    }
    EXPECT_EQ(taken, 5);
}

/* As FIQ: PSTATE.I does not hold it back, PSTATE.F does; GET hands it out all the same. */
TEST(paravirt, as_fiq)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    EXPECT_EQ(enable(BH_INTID_TIMER, 1, BH_INTERRUPT_FIQ), 0);
    own_timer_set(0);
    while ((sysreg_read(isr_el1) >> 6 & 1) == 0 && timer_now() < end) {
        cpu_relax();
    }
    EXPECT_EQ(sysreg_read(isr_el1) >> 6 & 3, 1); /* F, not I */
    timer_virtual_stop();
    timer_physical_stop();
    (void)ffa_call(BH_INTERRUPT_GET);
}

TEST(paravirt, no_gic)
{
    uint64_t acknowledged;

    exception_expect();
    acknowledged = sysreg_read(ICC_IAR1_EL1);
    if (exception_expected().count == 0) {
        /* QEMU up to 10 traps nothing of S-EL1 for ICH_HCR_EL2.TALL1: there is no interrupt. */
        EXPECT_EQ(hftest_side(), HFTEST_SP);
        EXPECT_EQ(acknowledged, GIC_SPURIOUS);
    }
    exception_expect();
    (void)io_read32(0x08000000);
    EXPECT_EQ(exception_expected().count, 1);
    EXPECT_EQ(sysreg_read(id_aa64pfr0_el1) >> 24 & 0xf, 0);
}

/* These calls are HVCs; by SMC they are unknown. */
TEST(paravirt, not_by_smc)
{
    struct ffa_value result = ffa_call_smc((struct ffa_value){{BH_INTERRUPT_GET}});

    EXPECT_EQ(result.x[0], UINT64_MAX);
}
