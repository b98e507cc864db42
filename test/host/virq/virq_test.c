/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Delivery: list registers and model together, on one CPU and between two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/arch/sysreg.h"
#include "bh/dev/vgic.h"
#include "bh/drv/gicv3_regs.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/virq_sync.h"
#include "gicworld.h"

#define SGI 3u
#define SPI 60u

static uint64_t sgi1r(uint32_t intid, uint64_t targets)
{
    return (uint64_t)intid << 24 | targets;
}

static void sgi_to_self_takes_no_detour(void **state)
{
    struct vcpu *vcpu = gw_vcpu(GW_PINNED, 0);

    (void)state;
    for (uint32_t round = 0; round < 3; round++) {
        vgic_sgi_write(vcpu, sgi1r(SGI, 1));
        assert_int_equal(vcpu->attention, 0);
        gw_pump();
        assert_int_equal(gw_take(), SGI);
        assert_int_equal(gw_take(), GW_SPURIOUS);
    }
    /* The same list register each time. */
    assert_int_equal(gw.cpu[0].cpu->lr_used, 1);
    assert_int_equal(gw.kicks + gw.wakes, 0);
}

static void sgi_while_active_is_one_more(void **state)
{
    struct vcpu *vcpu = gw_vcpu(GW_PINNED, 0);

    (void)state;
    vgic_sgi_write(vcpu, sgi1r(SGI, 1));
    gw_pump();
    assert_int_equal(gw_ack(), SGI);
    vgic_sgi_write(vcpu, sgi1r(SGI, 1));
    vgic_sgi_write(vcpu, sgi1r(SGI, 1));
    gw_pump();
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    gw_eoi(SGI);
    assert_int_equal(gw_take(), SGI);
    assert_int_equal(gw_take(), GW_SPURIOUS);
}

static void sgi_to_other_is_one_kick(void **state)
{
    (void)state;
    vgic_sgi_write(gw_vcpu(GW_PINNED, 0), sgi1r(SGI, 2));
    vgic_sgi_write(gw_vcpu(GW_PINNED, 0), sgi1r(SGI, 2));
    assert_int_equal(gw.kicks, 1);
    gw_pump();
    assert_int_equal(gw_take(), GW_SPURIOUS);
    gw_on(1);
    assert_int_equal(gw_take(), SGI);
    assert_int_equal(gw_take(), GW_SPURIOUS);
}

static void sgi_targets(void **state)
{
    struct vcpu *vcpu = gw_vcpu(GW_PINNED, 0);

    (void)state;
    vgic_sgi_write(vcpu, sgi1r(SGI, 0));
    vgic_sgi_write(vcpu, sgi1r(SGI, 0xfffc));                /* nobody there */
    vgic_sgi_write(vcpu, sgi1r(SGI, 3) | UINT64_C(1) << 16); /* other Aff1 */
    vgic_sgi_write(vcpu, sgi1r(SGI, 3) | UINT64_C(1) << 32); /* other Aff2 */
    vgic_sgi_write(vcpu, sgi1r(SGI, 3) | UINT64_C(1) << 48); /* other Aff3 */
    vgic_sgi_write(vcpu, sgi1r(SGI, 3) | UINT64_C(1) << 44); /* other range */
    gw_pump();
    assert_int_equal(gw_take(), GW_SPURIOUS);
    vgic_sgi_write(vcpu, sgi1r(SGI, 0) | ICC_SGI1R_IRM); /* all but self */
    gw_pump();
    assert_int_equal(gw_take(), GW_SPURIOUS);
    gw_on(1);
    assert_int_equal(gw_take(), SGI);
}

static void sgi0_reaches_group_0_only(void **state)
{
    struct vcpu *vcpu = gw_vcpu(GW_PINNED, 0);

    (void)state;
    vgic_sgi0_write(vcpu, sgi1r(SGI, 1));
    gw_pump();
    assert_int_equal(gw_take(), GW_SPURIOUS);
    gw_redist(0, true, GIC_IGROUPR, 4, ~UINT64_C(8));
    vgic_sgi0_write(vcpu, sgi1r(SGI, 1));
    gw_pump();
    assert_int_equal(fake_hw.lr[0] & ICH_LR_GROUP1, 0);
    assert_int_equal(gw_take(), SGI);
}

static void disabled_waits_enabled_comes(void **state)
{
    (void)state;
    gw_bit_set(GIC_ICENABLER, SGI);
    vgic_sgi_write(gw_vcpu(GW_PINNED, 0), sgi1r(SGI, 1));
    gw_pump();
    assert_int_equal(gw_take(), GW_SPURIOUS);
    assert_true(gw_bit(GIC_ISPENDR, SGI));
    gw_bit_set(GIC_ISENABLER, SGI);
    assert_int_equal(gw_take(), SGI);
    /* Taken back while it sits in a list register. */
    vgic_sgi_write(gw_vcpu(GW_PINNED, 0), sgi1r(SGI, 1));
    gw_pump();
    gw_bit_set(GIC_ICENABLER, SGI);
    assert_int_equal(gw_take(), GW_SPURIOUS);
    assert_true(gw_bit(GIC_ISPENDR, SGI));
    gw_bit_set(GIC_ICPENDR, SGI);
    gw_bit_set(GIC_ISENABLER, SGI);
    assert_int_equal(gw_take(), GW_SPURIOUS);
}

static void groups_gate_everything(void **state)
{
    (void)state;
    gw_prepare(SPI, 0x80);
    gw_bit_set(GIC_ISPENDR, SPI);
    gw_dist(true, GICD_CTLR, 4, GICD_CTLR_GRP0);
    vgic_sgi_write(gw_vcpu(GW_PINNED, 0), sgi1r(SGI, 1));
    gw_pump();
    assert_int_equal(gw_take(), GW_SPURIOUS);
    gw_dist(true, GICD_CTLR, 4, GICD_CTLR_GRP1);
    assert_int_equal(gw_take(), SGI);
    assert_int_equal(gw_take(), SPI);
}

static void level_line_is_sampled_at_the_end(void **state)
{
    struct vcpu *vcpu = gw_vcpu(GW_PINNED, 0);

    (void)state;
    gw_prepare(SPI, 0x80);
    virq_line_set(vcpu, SPI, true);
    assert_int_equal(vcpu->attention, 0); /* straight into a list register */
    for (uint32_t round = 0; round < 3; round++) {
        assert_int_equal(gw_ack(), SPI);
        assert_int_equal(gw_ack(), GW_SPURIOUS);
        gw_eoi(SPI);
    }
    assert_int_equal(gw_ack(), SPI);
    virq_line_set(vcpu, SPI, false);
    gw_pump();
    gw_eoi(SPI);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
}

static void level_line_lowered_is_withdrawn(void **state)
{
    struct vcpu *vcpu = gw_vcpu(GW_PINNED, 0);

    (void)state;
    gw_prepare(SPI, 0x80);
    virq_line_set(vcpu, SPI, true);
    virq_line_set(vcpu, SPI, false);
    gw_pump();
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    /* Lowered and raised while the handler runs: comes again. */
    virq_line_set(vcpu, SPI, true);
    assert_int_equal(gw_ack(), SPI);
    virq_line_set(vcpu, SPI, false);
    virq_line_set(vcpu, SPI, true);
    gw_pump();
    gw_eoi(SPI);
    assert_int_equal(gw_ack(), SPI);
}

/* The handler lowers the line: its EOI needs no maintenance interrupt. */
static void served_line_costs_no_maintenance(void **state)
{
    struct vcpu *vcpu = gw_vcpu(GW_PINNED, 0);
    uint32_t before;

    (void)state;
    gw_prepare(SPI, 0x80);
    virq_line_set(vcpu, SPI, true);
    assert_int_equal(gw_ack(), SPI);
    virq_line_set(vcpu, SPI, false);
    before = fake_hw.eoi.count;
    gw_eoi(SPI);
    assert_int_equal(fake_hw.eoi.count, before);
}

static void more_pending_than_list_registers(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 20; i++) {
        gw_edge(SPI + i, true);
        gw_prepare(SPI + i, (uint8_t)(0xf0 - 8 * i));
        gw_bit_set(GIC_ISPENDR, SPI + i);
    }
    /* A newcomer displaces; all come in order of priority. */
    for (uint32_t i = 20; i-- > 0;) {
        assert_int_equal(gw_take(), SPI + i);
    }
    assert_int_equal(gw_take(), GW_SPURIOUS);
    assert_int_equal(fake_hw.ich_hcr, ICH_HCR_EL2_EN);
}

/* Nested deeper than there are list registers; EOIcount says which ended. */
static void more_active_than_list_registers(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        gw_prepare(SPI + i, (uint8_t)(0xf0 - 8 * i));
        gw_bit_set(GIC_ISPENDR, SPI + i);
        assert_int_equal(gw_ack(), SPI + i);
    }
    for (uint32_t i = 0; i < 8; i++) {
        assert_true(gw_bit(GIC_ISACTIVER, SPI + i));
    }
    for (uint32_t i = 8; i-- > 0;) {
        gw_eoi(SPI + i);
        assert_false(gw_bit(GIC_ISACTIVER, SPI + i));
        assert_int_equal(gw_bit(GIC_ISACTIVER, SPI), i != 0);
    }
    assert_int_equal(fake_hw.ich_hcr, ICH_HCR_EL2_EN);
}

static void deactivation_in_any_order(void **state)
{
    (void)state;
    gw_set_eoimode(true);
    for (uint32_t i = 0; i < 8; i++) {
        gw_prepare(SPI + i, 0x80);
        gw_bit_set(GIC_ISPENDR, SPI + i);
    }
    for (uint32_t i = 0; i < 8; i++) {
        gw_eoi(gw_ack());
    }
    for (uint32_t i = 0; i < 8; i++) {
        gw_dir(SPI + i * 3 % 8);
        assert_false(gw_bit(GIC_ISACTIVER, SPI + i * 3 % 8));
        assert_int_equal(gw_bit(GIC_ISACTIVER, SPI + 5), i < 7); /* 7 * 3 % 8 */
    }
}

static void device_interrupt_is_linked(void **state)
{
    (void)state;
    gw_wire(GW_LEVEL_PINTID, true);
    assert_false(gw.pirq[GW_LEVEL_PINTID].active); /* disabled at the source */
    gw_prepare(GW_LEVEL, 0x80);
    assert_true(gw.pirq[GW_LEVEL_PINTID].active);
    assert_int_equal(gw_ack(), GW_LEVEL);
    gw_wire(GW_LEVEL_PINTID, false);
    gw_eoi(GW_LEVEL);
    assert_false(gw.pirq[GW_LEVEL_PINTID].active);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
}

static void device_interrupt_disabled_while_pending(void **state)
{
    (void)state;
    gw_prepare(GW_LEVEL, 0x80);
    gw_wire(GW_LEVEL_PINTID, true);
    gw_bit_set(GIC_ICENABLER, GW_LEVEL);
    assert_false(gw.pirq[GW_LEVEL_PINTID].active);
    assert_false(gw.pirq[GW_LEVEL_PINTID].enabled);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    gw_wire(GW_LEVEL_PINTID, false);
    gw_bit_set(GIC_ISENABLER, GW_LEVEL);
    assert_int_equal(gw_ack(), GW_SPURIOUS); /* the line is low by now */
}

static void device_edge_survives_disabling(void **state)
{
    (void)state;
    gw_on(1);
    gw_prepare(GW_EDGE, 0x80);
    gw_wire(GW_EDGE_PINTID, true);
    gw_bit_set(GIC_ICENABLER, GW_EDGE);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    assert_false(gw.pirq[GW_EDGE_PINTID].active);
    gw_bit_set(GIC_ISENABLER, GW_EDGE);
    assert_int_equal(gw_ack(), GW_EDGE);
    /* An edge while the handler runs waits at the physical GIC or in the list register. */
    gw_wire(GW_EDGE_PINTID, true);
    gw_eoi(GW_EDGE);
    assert_int_equal(gw_take(), GW_EDGE);
    assert_int_equal(gw_take(), GW_SPURIOUS);
}

static void device_interrupt_cleared_by_guest(void **state)
{
    (void)state;
    gw_prepare(GW_LEVEL, 0x80);
    gw_wire(GW_LEVEL_PINTID, true);
    assert_int_equal(gw_ack(), GW_LEVEL);
    gw_wire(GW_LEVEL_PINTID, false);
    gw_bit_set(GIC_ICACTIVER, GW_LEVEL);
    assert_false(gw.pirq[GW_LEVEL_PINTID].active);
    assert_false(gw_bit(GIC_ISACTIVER, GW_LEVEL));
}

static void device_interrupt_goes_to_its_cpu_from_the_start(void **state)
{
    (void)state;
    assert_int_equal(gw.pirq[GW_LEVEL_PINTID].route, 0);
    assert_int_equal(gw.pirq[GW_EDGE_PINTID].route, 1);
}

static void device_interrupt_moves_with_its_route(void **state)
{
    (void)state;
    gw_prepare(GW_LEVEL, 0x80);
    gw_dist(true, GICD_IROUTER + 8 * GW_LEVEL, 8, 1);
    assert_int_equal(gw.pirq[GW_LEVEL_PINTID].route, 1);
    gw_wire(GW_LEVEL_PINTID, true);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    gw_on(1);
    assert_int_equal(gw_ack(), GW_LEVEL);
    gw_wire(GW_LEVEL_PINTID, false);
    gw_eoi(GW_LEVEL);
    /* Pending, then routed away. */
    gw_wire(GW_LEVEL_PINTID, true);
    gw_dist(true, GICD_IROUTER + 8 * GW_LEVEL, 8, 0);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    gw_on(0);
    assert_int_equal(gw_ack(), GW_LEVEL);
}

static void routed_to_nobody(void **state)
{
    (void)state;
    gw_prepare(SPI, 0x80);
    gw_dist(true, GICD_IROUTER + 8 * SPI, 8, 7);
    gw_bit_set(GIC_ISPENDR, SPI);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    gw_dist(true, GICD_IROUTER + 8 * SPI, 8, 0);
    assert_int_equal(gw_ack(), SPI);
}

static void other_vcpus_state_is_read_exactly(void **state)
{
    (void)state;
    gw_prepare(SPI, 0x80);
    gw_dist(true, GICD_IROUTER + 8 * SPI, 8, 1);
    gw_bit_set(GIC_ISPENDR, SPI);
    assert_true(gw_bit(GIC_ISPENDR, SPI));
    gw_on(1);
    assert_int_equal(gw_ack(), SPI);
    gw_on(0);
    assert_false(gw_bit(GIC_ISPENDR, SPI));
    assert_true(gw_bit(GIC_ISACTIVER, SPI));
    gw_on(1);
    gw_eoi(SPI);
    gw_on(0);
    assert_false(gw_bit(GIC_ISACTIVER, SPI));
}

static void other_vcpus_state_is_changed(void **state)
{
    (void)state;
    gw_prepare(SPI, 0x80);
    gw_edge(SPI, true);
    gw_dist(true, GICD_IROUTER + 8 * SPI, 8, 1);
    gw_bit_set(GIC_ISPENDR, SPI);
    gw_bit_set(GIC_ICPENDR, SPI);
    gw_on(1);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    gw_on(0);
    gw_bit_set(GIC_ISPENDR, SPI);
    gw_on(1);
    assert_int_equal(gw_ack(), SPI);
    gw_on(0);
    gw_bit_set(GIC_ICACTIVER, SPI);
    assert_false(gw_bit(GIC_ISACTIVER, SPI));
    gw_bit_set(GIC_ISPENDR, SPI);
    gw_on(1);
    assert_int_equal(fake_hw.lr[0] >> 62, 1);
}

static void software_makes_active(void **state)
{
    (void)state;
    gw_prepare(SPI, 0x80);
    gw_bit_set(GIC_ISACTIVER, SPI);
    gw_bit_set(GIC_ISPENDR, SPI);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    gw_bit_set(GIC_ICACTIVER, SPI);
    assert_int_equal(gw_ack(), SPI);
}

static void switched_out_keeps_everything(void **state)
{
    struct vcpu *vcpu = gw_vcpu(GW_PINNED, 0);

    (void)state;
    gw_prepare(SPI, 0x80);
    gw_prepare(SPI + 1, 0x40);
    gw_bit_set(GIC_ISPENDR, SPI);
    assert_int_equal(gw_ack(), SPI);
    gw_bit_set(GIC_ISPENDR, SPI + 1);
    gw_switch(NULL);
    for (uint32_t i = 0; i < fake_hw.lr_count; i++) {
        assert_int_equal(fake_hw.lr[i], 0);
    }
    assert_true(virq_is_pending(vcpu));
    vgic_sgi_write(gw_vcpu(GW_PINNED, 1), sgi1r(SGI, 1));
    gw_switch(vcpu);
    assert_int_equal(gw_take(), SGI); /* priority 0 */
    assert_int_equal(gw_take(), SPI + 1);
    assert_int_equal(gw_take(), GW_SPURIOUS);
    gw_eoi(SPI);
    assert_false(gw_bit(GIC_ISACTIVER, SPI));
    assert_false(virq_is_pending(vcpu));
}

static void reset_lets_go_of_the_hardware(void **state)
{
    (void)state;
    gw_prepare(GW_LEVEL, 0x80);
    gw_wire(GW_LEVEL_PINTID, true);
    assert_int_equal(gw_ack(), GW_LEVEL);
    gw_switch(NULL);
    gw_on(1);
    gw_switch(NULL);
    irq_route_reset_vm(gw_vm(GW_PINNED));
    assert_false(gw.pirq[GW_LEVEL_PINTID].active);
    assert_false(gw.pirq[GW_LEVEL_PINTID].enabled);
    assert_false(virq_is_pending(gw_vcpu(GW_PINNED, 0)));
    gw_switch(gw_vcpu(GW_PINNED, 1));
    assert_int_equal(gw_dist(false, GICD_CTLR, 4, 0), GICD_CTLR_ARE | GICD_CTLR_DS);
}

static void unowned_interrupt_is_disabled(void **state)
{
    (void)state;
    gw.pirq[60] = (struct gw_pirq){.enabled = true};
    gw_wire(60, true);
    assert_false(gw.pirq[60].enabled);
    assert_false(gw.pirq[60].active);
    gw_wire(GW_UART_PINTID, true);
    assert_int_equal(gw.console_rx, 1);
    assert_false(gw.pirq[GW_UART_PINTID].active);
}

static void home_goes_before_the_lodger(void **state)
{
    struct vcpu *home = gw_vcpu(GW_PINNED, 0);

    (void)state;
    gw_prepare(GW_LEVEL, 0x80);
    gw.cpu[0].cpu->home = home;
    gw_switch(gw_vcpu(GW_LODGER, 0));
    gw.preempt_to = home;
    gw_wire(GW_LEVEL_PINTID, true);
    assert_true(gw.preempts > 0);
    assert_ptr_equal(gw.next, home);
    gw_switch(home);
    assert_int_equal(gw_ack(), GW_LEVEL);
}

static void out_of_range_is_ignored(void **state)
{
    (void)state;
    virq_inject(gw_vcpu(GW_PINNED, 0), 32 + GW_SPIS);
    virq_line_set(gw_vcpu(GW_PINNED, 0), 1019, true);
    vgic_dir_write(gw_vcpu(GW_PINNED, 0), 1023);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
}

#define TEST_CASE(f) cmocka_unit_test_setup(f, gw_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(sgi_to_self_takes_no_detour),
        TEST_CASE(sgi_while_active_is_one_more),
        TEST_CASE(sgi_to_other_is_one_kick),
        TEST_CASE(sgi_targets),
        TEST_CASE(sgi0_reaches_group_0_only),
        TEST_CASE(disabled_waits_enabled_comes),
        TEST_CASE(groups_gate_everything),
        TEST_CASE(level_line_is_sampled_at_the_end),
        TEST_CASE(level_line_lowered_is_withdrawn),
        TEST_CASE(served_line_costs_no_maintenance),
        TEST_CASE(more_pending_than_list_registers),
        TEST_CASE(more_active_than_list_registers),
        TEST_CASE(deactivation_in_any_order),
        TEST_CASE(device_interrupt_is_linked),
        TEST_CASE(device_interrupt_disabled_while_pending),
        TEST_CASE(device_edge_survives_disabling),
        TEST_CASE(device_interrupt_cleared_by_guest),
        TEST_CASE(device_interrupt_goes_to_its_cpu_from_the_start),
        TEST_CASE(device_interrupt_moves_with_its_route),
        TEST_CASE(routed_to_nobody),
        TEST_CASE(other_vcpus_state_is_read_exactly),
        TEST_CASE(other_vcpus_state_is_changed),
        TEST_CASE(software_makes_active),
        TEST_CASE(switched_out_keeps_everything),
        TEST_CASE(reset_lets_go_of_the_hardware),
        TEST_CASE(unowned_interrupt_is_disabled),
        TEST_CASE(home_goes_before_the_lodger),
        TEST_CASE(out_of_range_is_ignored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
