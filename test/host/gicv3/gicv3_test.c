/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver of the physical GIC on frames in memory: registers keep what was written last.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bh/arch/fake_hw.h"
#include "bh/drv/drv.h"
#include "bh/drv/gicv3_regs.h"

#define CPUS 2u

static _Alignas(65536) uint8_t gicd[GICD_FRAME_SIZE];
/* CPU 0 has the two extra frames of a GICv4. */
static _Alignas(65536) uint8_t gicr[3 * GICR_STRIDE];
static struct board_config board;

static uint32_t *reg(uint8_t *frame, uint32_t offset)
{
    return (uint32_t *)(void *)(frame + offset);
}

static uint8_t *sgi_frame(uint32_t cpu)
{
    return gicr + (cpu == 0 ? 0 : 2 * GICR_STRIDE) + GICR_SGI_FRAME;
}

static int setup(void **state)
{
    uint64_t typer[CPUS] = {GICR_TYPER_VLPIS, UINT64_C(0x01000203) << 32 | GICR_TYPER_LAST};

    (void)state;
    fake_hw_reset();
    memset(gicd, 0, sizeof(gicd));
    memset(gicr, 0, sizeof(gicr));
    *reg(gicd, GICD_TYPER) = 3; /* 128 INTIDs */
    memcpy(gicr + GICR_TYPER, &typer[0], 8);
    memcpy(gicr + 2 * GICR_STRIDE + GICR_TYPER, &typer[1], 8);
    *reg(gicr, GICR_WAKER) = GICR_WAKER_PROCESSOR_SLEEP;
    board = (struct board_config){
        .gicd = {pa_init((uintptr_t)gicd), sizeof(gicd)},
        .gicr = {{pa_init((uintptr_t)gicr), sizeof(gicr)}},
        .gicr_count = 1,
    };
    drv_gic_init(&board);
    drv_gic_init_cpu(1, UINT64_C(0x0100000203));
    drv_gic_init_cpu(0, 0);
    return 0;
}

static void distributor_is_set_up(void **state)
{
    (void)state;
    assert_int_equal(*reg(gicd, GICD_CTLR), GICD_CTLR_ARE | GICD_CTLR_GRP1);
    assert_int_equal(drv_gic_intid_limit(), 128);
    for (uint32_t bank = 1; bank < 4; bank++) {
        assert_int_equal(*reg(gicd, GIC_ICENABLER + bank * 4), UINT32_MAX);
        assert_int_equal(*reg(gicd, GIC_IGROUPR + bank * 4), UINT32_MAX);
    }
    assert_int_equal(*reg(gicd, GIC_ICENABLER + 16), 0);
}

static void redistributors_are_found_by_affinity(void **state)
{
    (void)state;
    assert_int_equal(*reg(gicr, GICR_WAKER), 0);
    assert_int_equal(*reg(sgi_frame(0), GIC_IGROUPR), UINT32_MAX);
    assert_int_equal(*reg(sgi_frame(1), GIC_IGROUPR), UINT32_MAX);
    fake_hw.mpidr = UINT64_C(0x0100000203);
    drv_gic_enable(27, true);
    assert_int_equal(*reg(sgi_frame(1), GIC_ISENABLER), 1u << 27);
    assert_int_equal(*reg(sgi_frame(0), GIC_ISENABLER), 0);
    fake_hw.mpidr = 0;
    drv_gic_set_active(27, false);
    assert_int_equal(*reg(sgi_frame(0), GIC_ICACTIVER), 1u << 27);
}

static void shared_interrupts(void **state)
{
    uint64_t route;

    (void)state;
    drv_gic_enable(70, true);
    assert_int_equal(*reg(gicd, GIC_ISENABLER + 8), 1u << 6);
    drv_gic_enable(70, false);
    assert_int_equal(*reg(gicd, GIC_ICENABLER + 8), 1u << 6);
    drv_gic_set_pending(70, true);
    assert_true(drv_gic_is_pending(70));
    assert_false(drv_gic_is_pending(71));
    drv_gic_configure(70, true, 0x50);
    drv_gic_configure(71, true, 0x60);
    drv_gic_configure(70, false, 0x50);
    assert_int_equal(*reg(gicd, GIC_ICFGR + 16), 2u << 14);
    assert_int_equal(gicd[GIC_IPRIORITYR + 70], 0x50);
    assert_int_equal(gicd[GIC_IPRIORITYR + 71], 0x60);
    drv_gic_route(70, UINT64_C(0x0180000203)); /* bits that are no affinity */
    memcpy(&route, gicd + GICD_IROUTER + 8 * 70, 8);
    assert_int_equal(route, UINT64_C(0x0100000203));
}

#define TEST_CASE(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(distributor_is_set_up),
        TEST_CASE(redistributors_are_found_by_affinity),
        TEST_CASE(shared_interrupts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
