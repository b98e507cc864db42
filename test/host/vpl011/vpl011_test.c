/* SPDX-License-Identifier: BSD-3-Clause */
/* The virtual UART as drivers use it: identification, output, input with interrupts, reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/dev/vdev.h"
#include "bh/svc/console.h"
#include "test/host/devworld/devworld.h"

#define DR   0x00
#define RSR  0x04
#define FR   0x18
#define IBRD 0x24
#define LCRH 0x2c
#define CR   0x30
#define IFLS 0x34
#define IMSC 0x38
#define RIS  0x3c
#define MIS  0x40
#define ICR  0x44

#define RX 0x10
#define TX 0x20
#define RT 0x40
#define OE 0x400

static int setup(void **state)
{
    (void)state;
    world_setup();
    return 0;
}

static struct vdev *uart(uint32_t vm)
{
    return vdev_find(world.vm[vm].vdev, ipa_init(WORLD_UART));
}

static uint32_t get(uint32_t offset, uint8_t size)
{
    struct vdev_access access = {.offset = offset, .size = size};

    assert_true(uart(0)->ops->access(uart(0), world_vcpu(0), &access));
    return (uint32_t)access.value;
}

static void set(uint32_t offset, uint8_t size, uint32_t value)
{
    struct vdev_access access = {.offset = offset, .size = size, .write = true, .value = value};

    assert_true(uart(0)->ops->access(uart(0), world_vcpu(0), &access));
}

static void identifies_as_r1p5(void **state)
{
    static const uint32_t expected[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(get(0xfe0 + 4 * i, 4), expected[i]);
        assert_int_equal(get(0xfe0 + 4 * i, 1), expected[i]);
        assert_int_equal(get(0xfe1 + 4 * i, 1), 0);
    }
}

static void reset_values(void **state)
{
    (void)state;
    assert_int_equal(get(FR, 2), 0x90);
    assert_int_equal(get(CR, 2), 0x300);
    assert_int_equal(get(IFLS, 2), 0x12);
    assert_int_equal(get(IMSC, 2), 0);
    assert_int_equal(get(RIS, 2), 0);
}

static void sends_with_every_size(void **state)
{
    (void)state;
    set(DR, 1, 'a');
    set(DR, 2, 'b');
    set(DR, 4, 'c');
    assert_string_equal(world_output(), "[alpha] abc");
    assert_int_equal(get(FR, 4), 0x90);
}

static void refuses_64_bits(void **state)
{
    struct vdev_access access = {.offset = CR, .size = 8};

    (void)state;
    assert_false(uart(0)->ops->access(uart(0), world_vcpu(0), &access));
}

static void keeps_its_settings(void **state)
{
    (void)state;
    set(IBRD, 2, 13);
    set(LCRH, 2, 0x70);
    set(CR, 2, 0x301);
    assert_int_equal(get(IBRD, 2), 13);
    assert_int_equal(get(LCRH, 4), 0x70);
    assert_int_equal(get(CR, 4), 0x301);
    assert_int_equal(get(CR + 1, 1), 0x3);
    set(CR + 1, 1, 0xff); /* not the register itself: ignored */
    assert_int_equal(get(CR, 4), 0x301);
    assert_int_equal(get(0x100, 4), 0);
    set(0x100, 4, 1);
}

static void one_key_interrupts(void **state)
{
    (void)state;
    set(IMSC, 2, RT);
    assert_false(world.line[0]);
    world_type("x");
    assert_true(world.line[0]);
    assert_int_equal(get(FR, 2), 0x80);
    assert_int_equal(get(RIS, 2), RX | RT);
    assert_int_equal(get(MIS, 2), RT);
    set(ICR, 2, 0x7ff);
    assert_true(world.line[0]);
    assert_int_equal(get(DR, 2), 'x');
    assert_false(world.line[0]);
    assert_int_equal(get(FR, 2), 0x90);
    assert_int_equal(get(DR, 2), 0);
}

static void line_stays_until_the_last(void **state)
{
    (void)state;
    set(IMSC, 2, RX);
    world_type("xyz");
    assert_int_equal(world.line_calls, 1);
    (void)get(DR, 1);
    (void)get(DR, 1);
    assert_true(world.line[0]);
    (void)get(DR, 1);
    assert_false(world.line[0]);
    assert_int_equal(world.line_calls, 2);
}

static void input_before_unmasking_counts(void **state)
{
    (void)state;
    world_type("x");
    assert_false(world.line[0]);
    set(IMSC, 2, RX);
    assert_true(world.line[0]);
    set(IMSC, 2, 0);
    assert_false(world.line[0]);
}

static void transmit_interrupt_is_an_event(void **state)
{
    (void)state;
    set(IMSC, 2, TX);
    assert_false(world.line[0]);
    set(DR, 1, 'a');
    assert_true(world.line[0]);
    assert_int_equal(get(MIS, 2), TX);
    set(ICR, 2, TX);
    assert_false(world.line[0]);
    set(DR, 1, 'b');
    assert_true(world.line[0]);
    set(IMSC, 2, 0);
    assert_false(world.line[0]);
}

static void overrun_is_reported_and_cleared(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CONSOLE_INPUT_SIZE + 1; i++) {
        world_type("x");
    }
    assert_int_equal(get(DR, 4), 'x');
    world_type("y");
    for (uint32_t i = 1; i < CONSOLE_INPUT_SIZE; i++) {
        assert_int_equal(get(DR, 4), 'x');
    }
    assert_int_equal(get(DR, 4), 0x800 | 'y');
    assert_int_equal(get(RSR, 4), 8);
    assert_int_equal(get(RIS, 4) & OE, OE);
    set(RSR, 4, 0);
    set(ICR, 4, OE);
    assert_int_equal(get(RSR, 4), 0);
    assert_int_equal(get(RIS, 4), 0);
}

static void reset_forgets(void **state)
{
    (void)state;
    set(IMSC, 2, RX);
    set(DR, 1, '$');
    world_type("x");
    assert_true(world.line[0]);
    uart(0)->ops->reset(uart(0));
    assert_false(world.line[0]);
    assert_int_equal(get(FR, 2), 0x90);
    assert_int_equal(get(IMSC, 2), 0);
    assert_int_equal(get(RIS, 2), 0);
    assert_string_equal(world_output(), "[alpha] $\r\n");
}

/* Whatever a guest writes and reads: no sanitizer complaint, and the device still works. */
static void every_offset_and_size(void **state)
{
    (void)state;
    for (uint32_t offset = 0; offset < 0x1000; offset++) {
        for (uint8_t size = 1; size <= 4; size *= 2) {
            if (offset % size == 0) {
                set(offset, size, 0xffffffff);
                assert_true(get(offset, size) <= 0xffffffffu >> (32 - 8 * size));
            }
        }
    }
    (void)world_output();
    set(DR, 4, 'k');
    assert_string_equal(world_output(), "k");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(identifies_as_r1p5, setup),
        cmocka_unit_test_setup(reset_values, setup),
        cmocka_unit_test_setup(sends_with_every_size, setup),
        cmocka_unit_test_setup(refuses_64_bits, setup),
        cmocka_unit_test_setup(keeps_its_settings, setup),
        cmocka_unit_test_setup(one_key_interrupts, setup),
        cmocka_unit_test_setup(line_stays_until_the_last, setup),
        cmocka_unit_test_setup(input_before_unmasking_counts, setup),
        cmocka_unit_test_setup(transmit_interrupt_is_an_event, setup),
        cmocka_unit_test_setup(overrun_is_reported_and_cleared, setup),
        cmocka_unit_test_setup(reset_forgets, setup),
        cmocka_unit_test_setup(every_offset_and_size, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
