/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Priorities: order, preemption, binary point, mask; end of interrupt in both modes; active state;
 * more interrupts than list registers.
 */
#include "hftest.h"
#include "hftest_irq.h"

#define LOW          44u
#define MIDDLE       45u
#define HIGH         46u
#define CTLR_EOIMODE UINT64_C(2)
#define FIRST        34u
#define MANY         24u /* more than the 16 list registers that the architecture allows */

static void prepare_spi(uint32_t intid, uint8_t priority)
{
    gic_set_edge(intid, true);
    gic_set_route(intid, smp_mpidr(0));
    gic_set_priority(intid, priority);
    gic_enable(intid);
}

static void prepare_three(void)
{
    prepare_spi(LOW, 0xc0);
    prepare_spi(MIDDLE, 0x80);
    prepare_spi(HIGH, 0x40);
}

static void set_eoimode(bool split)
{
    sysreg_write(ICC_CTLR_EL1, split ? CTLR_EOIMODE : 0);
    cpu_isb();
}

TEST(vgic, priority_order)
{
    irq_log_start(NULL);
    prepare_three();
    gic_set_pending(LOW);
    gic_set_pending(HIGH);
    gic_set_pending(MIDDLE);
    EXPECT_EQ(sysreg_read(ICC_HPPIR1_EL1), HIGH);
    ASSERT_TRUE(irq_log_wait(3));
    EXPECT_EQ(irq_log.entry[0].intid, HIGH);
    EXPECT_EQ(irq_log.entry[1].intid, MIDDLE);
    EXPECT_EQ(irq_log.entry[2].intid, LOW);
    EXPECT_EQ(irq_log.entry[0].priority, 0x40);
    EXPECT_EQ(irq_log.entry[1].priority, 0x80);
    EXPECT_EQ(irq_log.entry[2].priority, 0xc0);
}

TEST(vgic, equal_priority_lowest_id_first)
{
    irq_log_start(NULL);
    for (uint32_t i = 0; i < 4; i++) {
        prepare_spi(FIRST + i, 0x90);
    }
    for (uint32_t i = 4; i > 0; i--) {
        gic_set_pending(FIRST + i - 1);
    }
    ASSERT_TRUE(irq_log_wait(4));
    for (uint32_t i = 0; i < 4; i++) {
        EXPECT_EQ(irq_log.entry[i].intid, FIRST + i);
    }
}

/* A change of priority counts for what already waits. */
TEST(vgic, priority_changed_while_pending)
{
    irq_log_start(NULL);
    prepare_three();
    gic_set_pending(LOW);
    gic_set_pending(MIDDLE);
    gic_set_priority(LOW, 0x20);
    ASSERT_TRUE(irq_log_wait(2));
    EXPECT_EQ(irq_log.entry[0].intid, LOW);
    EXPECT_EQ(irq_log.entry[1].intid, MIDDLE);
}

/* Inside the handler of `intid`: raise `next` and open interrupts for a moment. */
static uint32_t raise_in, raise_what;
static volatile uint32_t count_inside;

static void raise_inside(uint32_t intid)
{
    if (intid != raise_in || irq_log_count(intid) != 1) {
        return;
    }
    gic_set_pending(raise_what);
    irq_window();
    count_inside = irq_log_count(raise_what);
}

static void check_nested(uint32_t outer, uint32_t inner, uint32_t expected_inside)
{
    raise_in = outer;
    raise_what = inner;
    count_inside = 99;
    irq_log_start(raise_inside);
    gic_set_pending(outer);
    ASSERT_TRUE(irq_log_wait(outer == inner ? 2 : 2));
    EXPECT_EQ(count_inside, expected_inside);
    EXPECT_EQ(irq_log.entry[0].intid, outer);
    EXPECT_EQ(irq_log.entry[1].intid, inner);
    EXPECT_EQ(sysreg_read(ICC_RPR_EL1), 0xff);
}

TEST(vgic, higher_priority_preempts)
{
    prepare_three();
    check_nested(MIDDLE, HIGH, 1);
    EXPECT_EQ(irq_log.entry[1].priority, 0x40);
}

TEST(vgic, lower_priority_does_not_preempt)
{
    prepare_three();
    check_nested(MIDDLE, LOW, 0);
}

TEST(vgic, equal_priority_does_not_preempt)
{
    prepare_three();
    gic_set_priority(HIGH, 0x80);
    check_nested(MIDDLE, HIGH, 0);
}

/* Binary point 7 of group 1: one group only, nothing preempts. */
TEST(vgic, binary_point_limits_preemption)
{
    prepare_three();
    sysreg_write(ICC_BPR1_EL1, 7);
    cpu_isb();
    EXPECT_EQ(sysreg_read(ICC_BPR1_EL1), 7);
    gic_set_priority(MIDDLE, 0x70);
    check_nested(MIDDLE, HIGH, 0);
    sysreg_write(ICC_BPR1_EL1, 0);
    cpu_isb();
    gic_set_priority(MIDDLE, 0x80);
    check_nested(MIDDLE, HIGH, 1);
}

TEST(vgic, mask_holds_back)
{
    irq_log_start(NULL);
    prepare_three();
    gic_set_mask(0x80);
    EXPECT_EQ(sysreg_read(ICC_PMR_EL1), 0x80);
    gic_set_pending(LOW);
    gic_set_pending(MIDDLE);
    irq_window();
    EXPECT_EQ(irq_log.count, 0); /* equal to the mask is masked */
    gic_set_pending(HIGH);
    ASSERT_TRUE(irq_log_wait(1));
    EXPECT_EQ(irq_log.entry[0].intid, HIGH);
    gic_set_mask(0x88);
    ASSERT_TRUE(irq_log_wait(2));
    EXPECT_EQ(irq_log.entry[1].intid, MIDDLE);
    gic_set_mask(0xff);
    ASSERT_TRUE(irq_log_wait(3));
    EXPECT_EQ(irq_log.entry[2].intid, LOW);
}

TEST(vgic, active_state)
{
    irq_log_start_manual(NULL);
    prepare_three();
    gic_set_pending(LOW);
    ASSERT_TRUE(irq_log_wait(1));
    EXPECT_TRUE(gic_is_active(LOW));
    EXPECT_FALSE(gic_is_pending(LOW));
    EXPECT_EQ(sysreg_read(ICC_RPR_EL1), 0xc0);
    gic_end(LOW);
    EXPECT_FALSE(gic_is_active(LOW));
    EXPECT_EQ(sysreg_read(ICC_RPR_EL1), 0xff);
}

/* An interrupt made active by software is not delivered until it is deactivated. */
TEST(vgic, active_by_software_blocks)
{
    irq_log_start(NULL);
    prepare_three();
    gic_bit_write(GICD_ISACTIVER, LOW);
    EXPECT_TRUE(gic_is_active(LOW));
    gic_set_pending(LOW);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_TRUE(gic_is_pending(LOW));
    gic_bit_write(GICD_ICACTIVER, LOW);
    ASSERT_TRUE(irq_log_wait(1));
    EXPECT_EQ(irq_log.entry[0].intid, LOW);
    EXPECT_FALSE(gic_is_active(LOW));
}

/* EOImode 1: the end drops the priority, the interrupt stays active until DIR. */
TEST(vgic, eoimode_1)
{
    irq_log_start_manual(NULL);
    prepare_three();
    set_eoimode(true);
    gic_set_pending(MIDDLE);
    ASSERT_TRUE(irq_log_wait(1));
    gic_end(MIDDLE);
    EXPECT_EQ(sysreg_read(ICC_RPR_EL1), 0xff);
    EXPECT_TRUE(gic_is_active(MIDDLE));
    /* Its own next edge waits, others of any priority come. */
    gic_set_pending(MIDDLE);
    gic_set_pending(LOW);
    ASSERT_TRUE(irq_log_wait(2));
    EXPECT_EQ(irq_log.entry[1].intid, LOW);
    gic_end(LOW);
    gic_deactivate(LOW);
    EXPECT_FALSE(gic_is_active(LOW));
    irq_window();
    EXPECT_EQ(irq_log.count, 2);
    gic_deactivate(MIDDLE);
    ASSERT_TRUE(irq_log_wait(3));
    EXPECT_EQ(irq_log.entry[2].intid, MIDDLE);
    gic_end(MIDDLE);
    gic_deactivate(MIDDLE);
    EXPECT_FALSE(gic_is_active(MIDDLE));
}

static void prepare_many(void)
{
    for (uint32_t i = 0; i < MANY; i++) {
        /* Priorities fall with the id: the order of delivery is the reverse of the ids. */
        prepare_spi(FIRST + i, (uint8_t)(0xf0 - 8 * i));
    }
}

TEST(vgic, more_pending_than_list_registers)
{
    irq_log_start(NULL);
    prepare_many();
    for (uint32_t i = 0; i < MANY; i++) {
        gic_set_pending(FIRST + i);
    }
    ASSERT_TRUE(irq_log_wait(MANY));
    irq_window();
    EXPECT_EQ(irq_log.count, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        EXPECT_EQ(irq_log.entry[i].intid, FIRST + MANY - 1 - i);
        EXPECT_FALSE(gic_is_pending(FIRST + i));
        EXPECT_FALSE(gic_is_active(FIRST + i));
    }
}

/* The same with one priority and repeated: none lost, none doubled. */
TEST(vgic, many_pending_repeatedly)
{
    for (uint32_t i = 0; i < MANY; i++) {
        prepare_spi(FIRST + i, 0xa0);
    }
    for (uint32_t round = 0; round < 20; round++) {
        irq_log_start(NULL);
        for (uint32_t i = 0; i < MANY; i++) {
            gic_set_pending(FIRST + i);
        }
        ASSERT_TRUE(irq_log_wait(MANY));
        irq_window();
        ASSERT_EQ(irq_log.count, MANY);
        for (uint32_t i = 0; i < MANY; i++) {
            ASSERT_EQ(irq_log_count(FIRST + i), 1);
        }
    }
}

static void end_only(uint32_t intid)
{
    gic_end(intid);
}

/* More active than list registers: deactivation finds them wherever they are kept. */
TEST(vgic, more_active_than_list_registers)
{
    irq_log_start_manual(end_only);
    set_eoimode(true);
    for (uint32_t i = 0; i < MANY; i++) {
        prepare_spi(FIRST + i, 0xa0);
        gic_set_pending(FIRST + i);
    }
    ASSERT_TRUE(irq_log_wait(MANY));
    for (uint32_t i = 0; i < MANY; i++) {
        EXPECT_TRUE(gic_is_active(FIRST + i));
        EXPECT_FALSE(gic_is_pending(FIRST + i));
    }
    for (uint32_t i = 0; i < MANY; i += 2) {
        gic_deactivate(FIRST + i);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        EXPECT_EQ(gic_is_active(FIRST + i), i % 2 == 1);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        gic_set_pending(FIRST + i);
    }
    irq_window();
    ASSERT_TRUE(irq_log_wait(MANY + MANY / 2));
    irq_window();
    EXPECT_EQ(irq_log.count, MANY + MANY / 2);
    for (uint32_t i = 0; i < MANY; i++) {
        gic_deactivate(FIRST + i);
    }
    ASSERT_TRUE(irq_log_wait(MANY * 2));
    for (uint32_t i = 0; i < MANY; i++) {
        EXPECT_EQ(irq_log_count(FIRST + i), 2);
        gic_deactivate(FIRST + i);
        EXPECT_FALSE(gic_is_active(FIRST + i));
    }
}

/* A high-priority latecomer passes those that already fill the list registers. */
TEST(vgic, latecomer_passes_a_full_queue)
{
    irq_log_start(NULL);
    for (uint32_t i = 0; i < MANY; i++) {
        prepare_spi(FIRST + i, 0xc0);
        gic_set_pending(FIRST + i);
    }
    gic_enable(3);
    gic_set_priority(3, 0x10);
    gic_send_sgi(3, smp_mpidr(0));
    ASSERT_TRUE(irq_log_wait(MANY + 1));
    EXPECT_EQ(irq_log.entry[0].intid, 3);
    EXPECT_EQ(irq_log.count, MANY + 1);
}

/* Nested to depth 8: active priorities are kept apart. */
static void nest(uint32_t intid)
{
    if (intid < FIRST + 7) {
        gic_set_pending(intid + 1);
        irq_window();
    }
}

TEST(vgic, nesting_of_eight)
{
    irq_log_start(nest);
    for (uint32_t i = 0; i < 8; i++) {
        prepare_spi(FIRST + i, (uint8_t)(0xe0 - 0x10 * i));
    }
    gic_set_pending(FIRST);
    ASSERT_TRUE(irq_log_wait(8));
    for (uint32_t i = 0; i < 8; i++) {
        EXPECT_EQ(irq_log.entry[i].intid, FIRST + i);
        EXPECT_EQ(irq_log.entry[i].priority, 0xe0 - 0x10 * i);
        EXPECT_FALSE(gic_is_active(FIRST + i));
    }
    EXPECT_EQ(sysreg_read(ICC_RPR_EL1), 0xff);
}
