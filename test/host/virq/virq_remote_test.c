/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One vCPU looks at, and changes, interrupts of another that runs, while the other's CPU takes its
 * time: it may be busy in the core or the firmware, or be a thread of a busy host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/arch/sysreg.h"
#include "bh/dev/vgic.h"
#include "bh/drv/gicv3_regs.h"
#include "bh/svc/virq_sync.h"
#include "gicworld.h"

#define SGI     3u
#define SGI_BIT (1u << SGI)
#define SPI     60u

static void send_sgi(uint32_t from, uint32_t to)
{
    vgic_sgi_write(gw_vcpu(GW_PINNED, from), (uint64_t)SGI << 24 | UINT64_C(1) << to);
}

static bool is_set_of_other(uint32_t array)
{
    return (gw_redist(1, false, array, 4, 0) & SGI_BIT) != 0;
}

/* The other takes and ends a pending SPI; whoever asks then hears of it, however late. */
static void slow_cpu_is_waited_for(void **state)
{
    (void)state;
    gw_prepare(SPI, 0x80);
    gw_edge(SPI, true);
    gw_dist(true, GICD_IROUTER + 8 * SPI, 8, 1);
    gw_bit_set(GIC_ISPENDR, SPI);
    gw_on(1);
    gw.cpu[1].deaf = 1100000;
    assert_int_equal(gw_take(), SPI);
    gw_on(0);
    assert_false(gw_bit(GIC_ISPENDR, SPI));
    assert_int_equal(gw.cpu[1].deaf, 0);
    assert_false(gw_bit(GIC_ISACTIVER, SPI));
}

/* Its route changes while it is pending in a list register: it moves. */
static void rerouted_spi_moves(void **state)
{
    (void)state;
    gw_prepare(SPI, 0x80);
    gw_edge(SPI, true);
    gw_bit_set(GIC_ISPENDR, SPI);
    gw.cpu[1].deaf = 1000;
    gw_dist(true, GICD_IROUTER + 8 * SPI, 8, 1);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    assert_true(gw_bit(GIC_ISPENDR, SPI)); /* nobody has it: nobody is waited for */
    assert_int_equal(gw.cpu[1].deaf, 1000);
    gw.cpu[1].deaf = 0;
    gw_pump();
    gw_on(1);
    assert_int_equal(gw_take(), SPI);
    gw_on(0);
    assert_false(gw_bit(GIC_ISPENDR, SPI));
}

/* Also while the list registers of the other still hold an earlier one. */
static void sgi_on_its_way_is_pending(void **state)
{
    (void)state;
    gw.cpu[1].deaf = UINT32_MAX;
    send_sgi(0, 1);
    assert_true(is_set_of_other(GIC_ISPENDR));
    gw.cpu[1].deaf = 0;
    gw_pump();
    assert_true(is_set_of_other(GIC_ISPENDR));
    gw_on(1);
    assert_int_equal(gw_take(), SGI);
    gw_on(0);
    assert_false(is_set_of_other(GIC_ISPENDR));
}

static void sgi_on_its_way_is_cleared(void **state)
{
    (void)state;
    gw.cpu[1].deaf = UINT32_MAX;
    send_sgi(0, 1);
    gw_redist(1, true, GIC_ICPENDR, 4, SGI_BIT);
    assert_false(is_set_of_other(GIC_ISPENDR));
    gw.cpu[1].deaf = 0;
    gw_pump();
    gw_on(1);
    assert_int_equal(gw_take(), GW_SPURIOUS);
    gw_on(0);
    send_sgi(0, 1);
    gw_pump();
    gw_on(1);
    assert_int_equal(gw_take(), SGI);
}

/* What was cleared is the SGI before: not the one that the other sends itself after it. */
static void cleared_sgi_is_not_the_next_one(void **state)
{
    (void)state;
    send_sgi(0, 1);
    gw_pump();
    gw.cpu[1].deaf = UINT32_MAX;
    gw_redist(1, true, GIC_ICPENDR, 4, SGI_BIT);
    gw_on(1);
    assert_int_equal(gw_take(), SGI); /* it has not heard of it yet */
    send_sgi(1, 1);
    gw.cpu[1].deaf = 0;
    gw_pump();
    assert_int_equal(gw_take(), SGI);
    assert_int_equal(gw_take(), GW_SPURIOUS);
}

static void look_and_send(void)
{
    gw_on(1);
    virq_sync(gw_vcpu(GW_PINNED, 1));
    send_sgi(1, 1);
    gw_on(0);
}

/* The other goes on between its look at the list registers and the answer: no state of an earlier
 * time, here active, may show. */
static void answer_is_not_of_earlier(void **state)
{
    (void)state;
    send_sgi(0, 1);
    gw_pump();
    gw_on(1);
    assert_int_equal(gw_ack(), SGI);
    gw_on(0);
    assert_true(is_set_of_other(GIC_ISACTIVER));
    gw_on(1);
    gw_eoi(SGI);
    gw_on(0);
    fake_hw.on_wait = look_and_send;
    assert_false(is_set_of_other(GIC_ISACTIVER));
    gw_on(1);
    assert_int_equal(gw_take(), SGI);
}

#define TEST_CASE(f) cmocka_unit_test_setup(f, gw_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(slow_cpu_is_waited_for),          TEST_CASE(rerouted_spi_moves),
        TEST_CASE(sgi_on_its_way_is_pending),       TEST_CASE(sgi_on_its_way_is_cleared),
        TEST_CASE(cleared_sgi_is_not_the_next_one), TEST_CASE(answer_is_not_of_earlier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
