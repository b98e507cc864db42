/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An interrupt with a line behind it: the transmit interrupt of the virtual PL011. Level-triggered:
 * it pends while the line is high, whatever the guest writes to the pending registers.
 */
#include "hftest.h"
#include "hftest_irq.h"

#define UART_DR   0x00u
#define UART_IMSC 0x38u
#define UART_RIS  0x3cu
#define UART_MIS  0x40u
#define UART_ICR  0x44u
#define UART_TX   0x20u

static uint64_t uart;
static uint32_t uart_intid;
static volatile uint32_t clear_after;

static void on_uart(uint32_t intid)
{
    if (intid == uart_intid && irq_log_count(intid) >= clear_after) {
        io_write16(uart + UART_IMSC, 0);
        io_write16(uart + UART_ICR, UART_TX);
    }
}

static void prepare(uint32_t times)
{
    struct dtb_range range;

    ASSERT_TRUE(dtb_try_reg("arm,pl011", 0, &range));
    ASSERT_TRUE(dtb_try_interrupt("arm,pl011", 0, &uart_intid));
    uart = range.base;
    clear_after = times;
    irq_log_start(on_uart);
    io_write16(uart + UART_IMSC, 0);
    io_write16(uart + UART_ICR, UART_TX);
    gic_set_edge(uart_intid, false);
    gic_set_route(uart_intid, smp_mpidr(0));
    gic_enable(uart_intid);
    /* A character that has left raises the state. */
    io_write8(uart + UART_DR, '\n');
}

TEST(vgic, line_masked_at_the_device)
{
    prepare(1);
    EXPECT_EQ(io_read16(uart + UART_RIS) & UART_TX, UART_TX);
    EXPECT_EQ(io_read16(uart + UART_MIS) & UART_TX, 0);
    EXPECT_FALSE(gic_is_pending(uart_intid));
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
}

TEST(vgic, line_raised_and_lowered)
{
    prepare(1);
    gic_disable(uart_intid);
    io_write16(uart + UART_IMSC, UART_TX);
    EXPECT_TRUE(gic_is_pending(uart_intid));
    /* The line holds it: clearing does nothing. */
    gic_clear_pending(uart_intid);
    EXPECT_TRUE(gic_is_pending(uart_intid));
    /* Lowered before it was taken: gone. */
    io_write16(uart + UART_IMSC, 0);
    EXPECT_FALSE(gic_is_pending(uart_intid));
    gic_enable(uart_intid);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
}

TEST(vgic, line_taken_once_when_served)
{
    prepare(1);
    io_write16(uart + UART_IMSC, UART_TX);
    ASSERT_TRUE(irq_log_wait(1));
    irq_window();
    EXPECT_EQ(irq_log.count, 1);
    EXPECT_EQ(irq_log.entry[0].intid, uart_intid);
    EXPECT_FALSE(gic_is_pending(uart_intid));
}

TEST(vgic, line_comes_again_until_served)
{
    prepare(5);
    io_write16(uart + UART_IMSC, UART_TX);
    ASSERT_TRUE(irq_log_wait(5));
    irq_window();
    EXPECT_EQ(irq_log.count, 5);
}

/* Lowered while it waits in the CPU interface: not taken any more. */
TEST(vgic, line_lowered_before_taken)
{
    prepare(1);
    io_write16(uart + UART_IMSC, UART_TX);
    EXPECT_TRUE(gic_is_pending(uart_intid));
    io_write16(uart + UART_IMSC, 0);
    EXPECT_FALSE(gic_is_pending(uart_intid));
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
}
