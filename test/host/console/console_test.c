/* SPDX-License-Identifier: BSD-3-Clause */
/* The console: who wrote a line, whose incomplete line stands on the screen, who gets the keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bh/svc/console.h"
#include "test/host/devworld/devworld.h"

static struct console_port *port[WORLD_VMS];

static int setup(void **state)
{
    (void)state;
    world_setup();
    /* In order of creation, alpha first. */
    port[0] = console_focus_get();
    port[1] = console_port_next(port[0]);
    return 0;
}

static void put(uint32_t vm, const char *text)
{
    for (; *text != '\0'; text++) {
        console_put(port[vm], *text);
    }
}

static void focus_shows_at_once(void **state)
{
    (void)state;
    put(0, "# ");
    assert_string_equal(world_output(), "[alpha] # ");
    put(0, "ls\r\n");
    assert_string_equal(world_output(), "ls\r\n");
    put(0, "\r\n");
    assert_string_equal(world_output(), "[alpha] \r\n");
}

static void newline_alone_returns_too(void **state)
{
    (void)state;
    put(0, "a\nb\n");
    assert_string_equal(world_output(), "[alpha] a\r\n[alpha] b\r\n");
    put(0, "a\r\r\n");
    assert_string_equal(world_output(), "[alpha] a\r\n");
}

static void background_waits_for_the_line(void **state)
{
    (void)state;
    put(1, "hel");
    assert_string_equal(world_output(), "");
    put(1, "lo\r\n");
    assert_string_equal(world_output(), "[beta] hello\r\n");
}

static void background_line_moves_the_open_one(void **state)
{
    (void)state;
    put(0, "# ls -");
    (void)world_output();
    put(1, "hello\n");
    assert_string_equal(world_output(), "\r\n[beta] hello\r\n[alpha] # ls -");
    put(0, "l");
    assert_string_equal(world_output(), "l");
    console_log_sink("NOTICE: x", 9);
    assert_string_equal(world_output(), "\r\n[bulkhead] NOTICE: x\r\n[alpha] # ls -l");
}

static void carriage_return_keeps_the_prefix(void **state)
{
    (void)state;
    put(0, "10%\r20%");
    assert_string_equal(world_output(), "[alpha] 10%\r[alpha] 20%");
    /* Return pending while another line comes: the return still works afterwards. */
    put(0, "\r");
    put(1, "x\n");
    assert_string_equal(world_output(), "\r\n[beta] x\r\n[alpha] 20%");
    put(0, "30%\n");
    assert_string_equal(world_output(), "\r[alpha] 30%\r\n");
    put(1, "10%\r20%\r\n");
    assert_string_equal(world_output(), "[beta] 20%\r\n");
}

static void backspace_leaves_the_copy(void **state)
{
    (void)state;
    put(0, "ab\b \b");
    (void)world_output();
    put(1, "x\n");
    assert_string_equal(world_output(), "\r\n[beta] x\r\n[alpha] a");
    put(1, "\b\bxy\bz\n");
    assert_string_equal(world_output(), "\r\n[beta] xz\r\n[alpha] a");
}

static void escapes_pass(void **state)
{
    (void)state;
    put(0, "\x1b[1mbold\x1b[0m\n");
    assert_string_equal(world_output(), "[alpha] \x1b[1mbold\x1b[0m\r\n");
    put(1, "\x1b[1mbold\x1b[0m\n");
    assert_string_equal(world_output(), "[beta] \x1b[1mbold\x1b[0m\r\n");
}

static void long_background_line_is_cut(void **state)
{
    char expected[700] = "[beta] ";

    (void)state;
    for (uint32_t i = 0; i < CONSOLE_LINE_SIZE + 3; i++) {
        put(1, "x");
    }
    memset(expected + 7, 'x', CONSOLE_LINE_SIZE);
    strcpy(expected + 7 + CONSOLE_LINE_SIZE, "\r\n");
    assert_string_equal(world_output(), expected);
    put(1, "\n");
    assert_string_equal(world_output(), "[beta] xxx\r\n");
}

static void long_focus_line_goes_on(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 3 * CONSOLE_LINE_SIZE + 4; i++) {
        put(0, "x");
    }
    assert_int_equal(strlen(world_output()), 8 + 3 * CONSOLE_LINE_SIZE + 4);
    put(1, "y\n");
    assert_string_equal(world_output(), "\r\n[beta] y\r\n[alpha] xxxx");
}

static void off_shows_what_was_begun(void **state)
{
    (void)state;
    put(1, "EXIT: STATUS=1");
    console_vm_flush(&world.vm[1]);
    assert_string_equal(world_output(), "[beta] EXIT: STATUS=1\r\n");
    put(0, "# ");
    console_vm_flush(&world.vm[0]);
    assert_string_equal(world_output(), "[alpha] # \r\n");
    console_vm_flush(&world.vm[0]);
    assert_string_equal(world_output(), "");
}

static void off_gives_the_keyboard_away(void **state)
{
    (void)state;
    put(0, "bye");
    put(1, "# ");
    (void)world_output();
    console_vm_off(&world.vm[0]);
    assert_string_equal(world_output(), "\r\n[bulkhead] input: beta (Ctrl-T: next)\r\n[beta] # ");
    world_type("\x14");
    assert_ptr_equal(console_focus_get(), port[1]);
    console_port_reset(port[0]); /* it starts again */
    world.counter += 10000;
    world_type("\x14");
    assert_ptr_equal(console_focus_get(), port[0]);
    console_vm_off(&world.vm[1]);
    assert_ptr_equal(console_focus_get(), port[0]);
    console_vm_off(&world.vm[0]);
    assert_ptr_equal(console_focus_get(), port[0]);
}

/* The answer to a query would reach whoever has the keyboard. */
static void late_queries_are_left_out(void **state)
{
    (void)state;
    put(0, "# \x1b[6n");
    assert_string_equal(world_output(), "[alpha] # \x1b[6n");
    put(1, "\x1b[1ma\x1b[6nb\x1b[0c\x1b[\n");
    assert_string_equal(world_output(), "\r\n[beta] \x1b[1mab\x1b[\r\n[alpha] # ");
}

static void ffa_log_is_per_vcpu(void **state)
{
    (void)state;
    console_vm_write(&world.vm[2], 0, "one\ntw", 6);
    assert_string_equal(world_output(), "[gamma] one\r\n");
    console_vm_write(&world.vm[2], 0, "o\0\0\0", 4);
    assert_string_equal(world_output(), "[gamma] two\r\n");
    console_vm_write(&world.vm[2], 0, "three", 5);
    console_vm_flush(&world.vm[2]);
    assert_string_equal(world_output(), "[gamma] three\r\n");
}

static void keys_reach_the_focus(void **state)
{
    (void)state;
    assert_true(world.rx_irq);
    world_type("hi");
    assert_int_equal(console_port_take(port[0]), 'h');
    assert_int_equal(console_port_take(port[0]), 'i');
    assert_int_equal(console_port_take(port[0]), -1);
    assert_false(console_port_has_input(port[1]));
}

static void ctrl_t_switches(void **state)
{
    (void)state;
    put(0, "# ");
    put(1, "login: ");
    (void)world_output();
    world_type("\x14");
    assert_string_equal(world_output(),
                        "\r\n[bulkhead] input: beta (Ctrl-T: next)\r\n[beta] login: ");
    world_type("x");
    assert_int_equal(console_port_take(port[1]), 'x');
    assert_false(console_port_has_input(port[0]));
    world_type("\x14");
    assert_string_equal(world_output(), "\r\n[bulkhead] input: alpha (Ctrl-T: next)\r\n[alpha] # ");
    /* gamma takes no input. */
    world.counter += 10000;
    world_type("\x14");
    assert_ptr_equal(console_focus_get(), port[1]);
}

static void ctrl_t_twice_is_one_for_the_guest(void **state)
{
    (void)state;
    world_type("\x14\x14");
    assert_ptr_equal(console_focus_get(), port[0]);
    assert_int_equal(console_port_take(port[0]), 0x14);
    assert_int_equal(console_port_take(port[0]), -1);
    /* Slowly it is two switches. */
    world_type("\x14");
    world.counter += 600;
    world_type("\x14");
    assert_ptr_equal(console_focus_get(), port[0]);
    assert_false(console_port_has_input(port[0]));
    /* Three in a row: one for the guest, then a switch. */
    world_type("\x14\x14\x14");
    assert_ptr_equal(console_focus_get(), port[1]);
}

static void input_overflow_is_told(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CONSOLE_INPUT_SIZE + 5; i++) {
        world_type("x");
    }
    assert_int_equal(console_port_take(port[0]), 'x');
    world_type("y");
    for (uint32_t i = 0; i < CONSOLE_INPUT_SIZE - 1; i++) {
        assert_int_equal(console_port_take(port[0]), 'x');
    }
    assert_int_equal(console_port_take(port[0]), 'y' | CONSOLE_INPUT_OVERRUN);
    assert_int_equal(console_port_take(port[0]), -1);
}

static void panic_needs_no_lock(void **state)
{
    (void)state;
    put(0, "# ");
    (void)world_output();
    console_log_sink("PANIC: x", 8);
    assert_string_equal(world_output(), "\r\n[bulkhead] PANIC: x\r\n[alpha] # ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(focus_shows_at_once, setup),
        cmocka_unit_test_setup(newline_alone_returns_too, setup),
        cmocka_unit_test_setup(background_waits_for_the_line, setup),
        cmocka_unit_test_setup(background_line_moves_the_open_one, setup),
        cmocka_unit_test_setup(carriage_return_keeps_the_prefix, setup),
        cmocka_unit_test_setup(backspace_leaves_the_copy, setup),
        cmocka_unit_test_setup(escapes_pass, setup),
        cmocka_unit_test_setup(long_background_line_is_cut, setup),
        cmocka_unit_test_setup(long_focus_line_goes_on, setup),
        cmocka_unit_test_setup(off_shows_what_was_begun, setup),
        cmocka_unit_test_setup(off_gives_the_keyboard_away, setup),
        cmocka_unit_test_setup(late_queries_are_left_out, setup),
        cmocka_unit_test_setup(ffa_log_is_per_vcpu, setup),
        cmocka_unit_test_setup(keys_reach_the_focus, setup),
        cmocka_unit_test_setup(ctrl_t_switches, setup),
        cmocka_unit_test_setup(ctrl_t_twice_is_one_for_the_guest, setup),
        cmocka_unit_test_setup(input_overflow_is_told, setup),
        cmocka_unit_test_setup(panic_needs_no_lock, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
