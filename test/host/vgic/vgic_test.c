/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The virtual GIC's registers: what reads back, what is reserved, sizes, halves, identification.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/drv/gicv3_regs.h"
#include "gicworld.h"

#define LAST_BANK (GW_SPIS / 32)

static uint64_t dist(uint32_t offset, uint32_t size)
{
    return gw_dist(false, offset, size, 0);
}

static uint64_t rd(uint32_t vcpu, uint32_t offset, uint32_t size)
{
    return gw_rd(vcpu, false, offset, size, 0);
}

static void identification(void **state)
{
    (void)state;
    assert_int_equal(dist(GIC_PIDR2, 4), 0x3b);
    assert_int_equal(rd(0, GIC_PIDR2, 4), 0x3b);
    assert_int_equal(rd(1, GIC_PIDR2, 4), 0x3b);
    assert_int_equal(dist(0xffd0, 4), 0x44);
    assert_int_equal(dist(0xfffc, 4), 0xb1);
    assert_int_equal(dist(GICD_TYPER2, 4), 0);
    assert_int_equal(dist(GICD_STATUSR, 4), 0);
    assert_int_equal(dist(GICD_IIDR, 4) & 0xfff, 0x43b);
    /* 64 SPIs, 10 bits of INTID, Aff3, no LPIs, no 1-of-N */
    assert_int_equal(dist(GICD_TYPER, 4), 0x03480002);
}

static void control(void **state)
{
    (void)state;
    gw_dist(true, GICD_CTLR, 4, 0);
    assert_int_equal(dist(GICD_CTLR, 4), GICD_CTLR_ARE | GICD_CTLR_DS);
    gw_dist(true, GICD_CTLR, 4, 0x13); /* Linux's value */
    assert_int_equal(dist(GICD_CTLR, 4), 0x53);
    assert_int_equal(dist(GICD_CTLR, 2), 0);
    assert_int_equal(dist(GICD_CTLR, 1), 0);
    assert_int_equal(dist(GICD_CTLR, 8), 0);
}

static void redistributor_types(void **state)
{
    (void)state;
    assert_int_equal(rd(0, GICR_TYPER, 8), 0);
    assert_int_equal(rd(1, GICR_TYPER, 8), UINT64_C(1) << 32 | 1 << 8 | GICR_TYPER_LAST);
    assert_int_equal(rd(1, GICR_TYPER, 4), 1 << 8 | GICR_TYPER_LAST);
    assert_int_equal(rd(1, GICR_TYPER + 4, 4), 1);
    assert_int_equal(rd(1, GICR_TYPER, 2), 0);
    assert_int_equal(rd(0, GICR_CTLR, 4), 0);
}

static void waker(void **state)
{
    const uint32_t asleep = GICR_WAKER_PROCESSOR_SLEEP | GICR_WAKER_CHILDREN_ASLEEP;

    (void)state;
    assert_int_equal(rd(0, GICR_WAKER, 4), asleep);
    gw_rd(0, true, GICR_WAKER, 4, 0);
    assert_int_equal(rd(0, GICR_WAKER, 4), 0);
    assert_int_equal(rd(1, GICR_WAKER, 4), asleep);
    gw_rd(0, true, GICR_WAKER, 4, GICR_WAKER_PROCESSOR_SLEEP);
    assert_int_equal(rd(0, GICR_WAKER, 4), asleep);
}

/* Set and clear registers of one property. */
static void check_bits(uint32_t set, uint32_t clear, uint32_t word)
{
    uint32_t s = set + word * 4;
    uint32_t c = clear + word * 4;

    gw_dist(true, c, 4, UINT32_MAX);
    assert_int_equal(dist(s, 4), 0);
    gw_dist(true, s, 4, 0x80000f00);
    assert_int_equal(dist(s, 4), 0x80000f00);
    assert_int_equal(dist(c, 4), 0x80000f00);
    gw_dist(true, s, 4, 0); /* zeroes change nothing */
    gw_dist(true, c, 4, 0x00000300);
    assert_int_equal(dist(s, 4), 0x80000c00);
    assert_int_equal(dist(s, 1), 0);
    assert_int_equal(dist(s, 8), 0);
    gw_dist(true, s, 1, 0xff);
    assert_int_equal(dist(s, 4), 0x80000c00);
    gw_dist(true, c, 4, UINT32_MAX);
}

static void bit_arrays(void **state)
{
    (void)state;
    for (uint32_t word = 2; word <= LAST_BANK; word++) {
        check_bits(GIC_ISENABLER, GIC_ICENABLER, word);
        check_bits(GIC_ISPENDR, GIC_ICPENDR, word);
        check_bits(GIC_ISACTIVER, GIC_ICACTIVER, word);
        gw_dist(true, GIC_IGROUPR + word * 4, 4, 0x12345678);
        assert_int_equal(dist(GIC_IGROUPR + word * 4, 4), 0x12345678);
    }
}

static void priorities(void **state)
{
    uint32_t offset = GIC_IPRIORITYR + 40;

    (void)state;
    gw_dist(true, offset, 4, 0x0123abff);
    assert_int_equal(dist(offset, 4), 0x0020a8f8); /* five bits */
    assert_int_equal(dist(offset + 1, 1), 0xa8);
    gw_dist(true, offset + 2, 1, 0x40);
    assert_int_equal(dist(offset, 4), 0x0040a8f8);
    assert_int_equal(dist(offset, 8), 0x0040a8f8);
    /* The last interrupt there is, and the first that is not. */
    gw_dist(true, GIC_IPRIORITYR + 95, 1, 0x80);
    assert_int_equal(dist(GIC_IPRIORITYR + 95, 1), 0x80);
    gw_dist(true, GIC_IPRIORITYR + 96, 4, UINT32_MAX);
    assert_int_equal(dist(GIC_IPRIORITYR + 96, 4), 0);
}

static void configuration(void **state)
{
    (void)state;
    gw_dist(true, GIC_ICFGR + 16, 4, UINT32_MAX); /* INTID 64 to 79 */
    assert_int_equal(dist(GIC_ICFGR + 16, 4), 0xaaaaaaaa);
    assert_int_equal(dist(GIC_ICFGR + 20, 4), 0);
    gw_dist(true, GIC_ICFGR + 20, 4, 0x00800002);
    assert_int_equal(dist(GIC_ICFGR + 20, 4), 0x00800002);
    /* SGIs are edges, PPIs levels, for good. */
    gw_redist(0, true, GIC_ICFGR, 4, 0);
    gw_redist(0, true, GIC_ICFGR + 4, 4, UINT32_MAX);
    assert_int_equal(gw_redist(0, false, GIC_ICFGR, 4, 0), 0xaaaaaaaa);
    assert_int_equal(gw_redist(0, false, GIC_ICFGR + 4, 4, 0), 0);
}

static void routing(void **state)
{
    uint32_t offset = GICD_IROUTER + 8 * 40;

    (void)state;
    gw_dist(true, offset, 8, UINT64_MAX);
    assert_int_equal(dist(offset, 8), GICD_IROUTER_AFFINITY);
    gw_dist(true, offset, 4, 0x80000001); /* IRM is not there */
    assert_int_equal(dist(offset, 8), UINT64_C(0xff00000001));
    gw_dist(true, offset + 4, 4, 0);
    assert_int_equal(dist(offset, 8), 1);
    assert_int_equal(dist(offset + 4, 4), 0);
    assert_int_equal(dist(offset, 2), 0);
    gw_dist(true, GICD_IROUTER + 8 * 31, 8, 1);
    assert_int_equal(dist(GICD_IROUTER + 8 * 31, 8), 0);
    gw_dist(true, GICD_IROUTER + 8 * 96, 8, 1);
    assert_int_equal(dist(GICD_IROUTER + 8 * 96, 8), 0);
}

static void bank_0_is_in_the_redistributors(void **state)
{
    (void)state;
    gw_dist(true, GIC_ISENABLER, 4, UINT32_MAX);
    assert_int_equal(dist(GIC_ISENABLER, 4), 0);
    assert_int_equal(gw_redist(0, false, GIC_ISENABLER, 4, 0), 0xffff);
    gw_redist(1, true, GIC_ISENABLER, 4, 1u << 27);
    assert_int_equal(gw_redist(0, false, GIC_ISENABLER, 4, 0), 0xffff);
    assert_int_equal(gw_redist(1, false, GIC_ISENABLER, 4, 0), 0x0800ffff);
    gw_redist(1, true, GIC_IPRIORITYR + 27, 1, 0x60);
    assert_int_equal(gw_redist(1, false, GIC_IPRIORITYR + 24, 4, 0), 0x60000000);
    assert_int_equal(gw_redist(0, false, GIC_IPRIORITYR + 24, 4, 0), 0);
    /* No more than one bank in an SGI frame. */
    gw_redist(0, true, GIC_ISENABLER + 4, 4, UINT32_MAX);
    assert_int_equal(gw_redist(0, false, GIC_ISENABLER + 4, 4, 0), 0);
}

static void every_word_can_be_touched(void **state)
{
    (void)state;
    for (uint32_t offset = 0; offset < GICD_FRAME_SIZE; offset += 4) {
        dist(offset, 4);
        rd(0, offset, 4);
        gw_redist(1, false, offset, 4, 0);
        if (offset >= GIC_ARRAYS_END) {
            gw_dist(true, offset, 4, UINT32_MAX);
        }
    }
    for (uint32_t size = 1; size <= 8; size *= 2) {
        for (uint32_t offset = GIC_IPRIORITYR; offset < GIC_ITARGETSR; offset += size) {
            gw_dist(true, offset, size, 0);
            gw_redist(0, true, offset, size, 0);
        }
    }
    assert_int_equal(dist(GIC_ITARGETSR + 40, 4), 0);
}

static void beyond_the_last_redistributor_is_nothing(void **state)
{
    struct vdev *dev = &gw.gic[GW_PINNED][1];
    struct vdev_access access = {.offset = 2 * GICR_STRIDE, .size = 4};

    (void)state;
    assert_false(dev->ops->access(dev, gw_vcpu(GW_PINNED, 0), &access));
}

#define TEST_CASE(f) cmocka_unit_test_setup(f, gw_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(identification),
        TEST_CASE(control),
        TEST_CASE(redistributor_types),
        TEST_CASE(waker),
        TEST_CASE(bit_arrays),
        TEST_CASE(priorities),
        TEST_CASE(configuration),
        TEST_CASE(routing),
        TEST_CASE(bank_0_is_in_the_redistributors),
        TEST_CASE(every_word_can_be_touched),
        TEST_CASE(beyond_the_last_redistributor_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
