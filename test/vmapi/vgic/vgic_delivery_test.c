/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From pending to taken: SGIs, PPIs and SPIs set pending by software on one vCPU; enables, groups,
 * edge and level; what is not to be delivered.
 */
#include "hftest.h"
#include "hftest_irq.h"

#define SPI_A 40u
#define SPI_B 41u
#define PPI   20u
#define SGI   5u

static void check_taken_once(uint32_t intid)
{
    ASSERT_TRUE(irq_log_wait(1));
    irq_window();
    EXPECT_EQ(irq_log.count, 1);
    EXPECT_EQ(irq_log.entry[0].intid, intid);
    EXPECT_FALSE(gic_is_pending(intid));
    EXPECT_FALSE(gic_is_active(intid));
}

static void enable_edge(uint32_t intid)
{
    if (intid >= 16) {
        gic_set_edge(intid, true);
    }
    gic_enable(intid);
}

TEST(vgic, spurious_when_nothing_pends)
{
    EXPECT_EQ(gic_acknowledge(), GIC_SPURIOUS);
    EXPECT_EQ(sysreg_read(ICC_HPPIR1_EL1), GIC_SPURIOUS);
    EXPECT_EQ(sysreg_read(ICC_RPR_EL1), 0xff);
}

TEST(vgic, sgi_to_self)
{
    irq_log_start(NULL);
    enable_edge(SGI);
    gic_send_sgi(SGI, smp_mpidr(0));
    check_taken_once(SGI);
}

TEST(vgic, every_sgi)
{
    for (uint32_t i = 0; i < 16; i++) {
        irq_log_start(NULL);
        gic_enable(i);
        gic_send_sgi(i, smp_mpidr(0));
        check_taken_once(i);
    }
}

TEST(vgic, sgi_without_target)
{
    irq_log_start(NULL);
    gic_enable(SGI);
    sysreg_write(ICC_SGI1R_EL1, (uint64_t)SGI << 24);
    cpu_isb();
    gic_send_sgi(SGI, 0xff00);
    gic_send_sgi_others(SGI);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_FALSE(gic_is_pending(SGI));
}

TEST(vgic, sgi_by_pending_register)
{
    irq_log_start(NULL);
    gic_enable(SGI);
    gic_set_pending(SGI);
    check_taken_once(SGI);
}

TEST(vgic, ppi_by_pending_register)
{
    irq_log_start(NULL);
    enable_edge(PPI);
    gic_set_pending(PPI);
    check_taken_once(PPI);
}

TEST(vgic, spi_by_pending_register)
{
    irq_log_start(NULL);
    enable_edge(SPI_A);
    gic_set_route(SPI_A, smp_mpidr(0));
    gic_set_pending(SPI_A);
    check_taken_once(SPI_A);
}

/* The state of a level interrupt set by ISPENDR is taken once, too: no line holds it. */
TEST(vgic, spi_level_by_pending_register)
{
    irq_log_start(NULL);
    gic_set_edge(SPI_A, false);
    gic_enable(SPI_A);
    gic_set_route(SPI_A, smp_mpidr(0));
    gic_set_pending(SPI_A);
    check_taken_once(SPI_A);
}

TEST(vgic, every_spi)
{
    uint32_t last = gic_id_count() < 1020 ? gic_id_count() : 1020;

    /* SPI 33 may be the console's, with a line of its own. */
    for (uint32_t i = 34; i < last; i++) {
        irq_log_start(NULL);
        enable_edge(i);
        gic_set_route(i, smp_mpidr(0));
        gic_set_pending(i);
        check_taken_once(i);
        gic_disable(i);
    }
}

TEST(vgic, pending_is_cleared_before_delivery)
{
    irq_log_start(NULL);
    enable_edge(SPI_A);
    gic_set_route(SPI_A, smp_mpidr(0));
    gic_set_pending(SPI_A);
    EXPECT_TRUE(gic_is_pending(SPI_A));
    gic_clear_pending(SPI_A);
    EXPECT_FALSE(gic_is_pending(SPI_A));
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
}

/* A disabled interrupt keeps its pending state until it is enabled. */
TEST(vgic, disabled_pending)
{
    irq_log_start(NULL);
    gic_set_edge(SPI_A, true);
    gic_set_route(SPI_A, smp_mpidr(0));
    gic_set_pending(SPI_A);
    EXPECT_TRUE(gic_is_pending(SPI_A));
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_EQ(gic_acknowledge(), GIC_SPURIOUS);
    gic_enable(SPI_A);
    check_taken_once(SPI_A);
}

/* Disabling takes back what waits in the CPU interface, without losing it. */
TEST(vgic, disabled_after_pending)
{
    irq_log_start(NULL);
    enable_edge(SPI_A);
    gic_set_route(SPI_A, smp_mpidr(0));
    gic_set_pending(SPI_A);
    gic_disable(SPI_A);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_TRUE(gic_is_pending(SPI_A));
    gic_enable(SPI_A);
    check_taken_once(SPI_A);
}

TEST(vgic, cpu_group_disabled)
{
    irq_log_start(NULL);
    gic_enable(SGI);
    sysreg_write(ICC_IGRPEN1_EL1, 0);
    cpu_isb();
    EXPECT_EQ(sysreg_read(ICC_IGRPEN1_EL1), 0);
    gic_send_sgi(SGI, smp_mpidr(0));
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_TRUE(gic_is_pending(SGI));
    sysreg_write(ICC_IGRPEN1_EL1, 1);
    cpu_isb();
    check_taken_once(SGI);
}

TEST(vgic, dist_group_disabled)
{
    irq_log_start(NULL);
    enable_edge(SPI_A);
    gic_set_route(SPI_A, smp_mpidr(0));
    io_write32(gic_dist_base() + GICD_CTLR, GICD_CTLR_ARE);
    gic_wait_rwp();
    gic_set_pending(SPI_A);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_TRUE(gic_is_pending(SPI_A));
    io_write32(gic_dist_base() + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_ENABLE_GRP1);
    gic_wait_rwp();
    check_taken_once(SPI_A);
}

/* Set pending again while it is handled: an edge interrupt comes once more. */
static void pend_again(uint32_t intid)
{
    if (irq_log_count(intid) == 1) {
        EXPECT_TRUE(gic_is_active(intid));
        EXPECT_FALSE(gic_is_pending(intid));
        gic_set_pending(intid);
        gic_set_pending(intid);
        EXPECT_TRUE(gic_is_pending(intid));
        EXPECT_TRUE(gic_is_active(intid));
    }
}

TEST(vgic, edge_while_active)
{
    static const uint32_t ids[] = {SGI, PPI, SPI_A};

    for (uint32_t i = 0; i < 3; i++) {
        irq_log_start(pend_again);
        enable_edge(ids[i]);
        if (ids[i] >= 32) {
            gic_set_route(ids[i], smp_mpidr(0));
        }
        gic_set_pending(ids[i]);
        ASSERT_TRUE(irq_log_wait(2));
        irq_window();
        EXPECT_EQ(irq_log.count, 2);
        EXPECT_FALSE(gic_is_pending(ids[i]));
        EXPECT_FALSE(gic_is_active(ids[i]));
    }
}

TEST(vgic, acknowledge_by_polling)
{
    enable_edge(SPI_A);
    gic_set_route(SPI_A, smp_mpidr(0));
    gic_set_pending(SPI_A);
    EXPECT_EQ(sysreg_read(ICC_HPPIR1_EL1), SPI_A);
    EXPECT_EQ(gic_acknowledge(), SPI_A);
    EXPECT_EQ(sysreg_read(ICC_HPPIR1_EL1), GIC_SPURIOUS);
    EXPECT_EQ(gic_acknowledge(), GIC_SPURIOUS);
    gic_end(SPI_A);
    EXPECT_EQ(sysreg_read(ICC_RPR_EL1), 0xff);
}

/* WFI ends when an interrupt pends, although PSTATE.I keeps it from being taken. */
TEST(vgic, wfi_with_masked_interrupts)
{
    irq_log_start(NULL);
    enable_edge(SPI_A);
    gic_set_route(SPI_A, smp_mpidr(0));
    gic_set_pending(SPI_A);
    cpu_wfi();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_EQ(sysreg_read(isr_el1) >> 7 & 1, 1);
    check_taken_once(SPI_A);
}

/* Group 0 is not what ICC_IAR1_EL1 acknowledges. */
TEST(vgic, group_0_is_not_acknowledged_as_group_1)
{
    uint32_t bit;
    uint64_t group = gic_bit_register(GICD_IGROUPR, SPI_B, &bit);

    io_write32(group, ~bit);
    if ((io_read32(group) & bit) != 0) {
        SKIP("no group 0");
    }
    enable_edge(SPI_B);
    gic_set_route(SPI_B, smp_mpidr(0));
    gic_set_pending(SPI_B);
    EXPECT_NE(gic_acknowledge(), SPI_B);
    gic_clear_pending(SPI_B);
    io_write32(group, UINT32_MAX);
}
