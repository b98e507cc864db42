/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "bh/base/log.h"
#include "test/host/base/expect_panic.h"
#include "test/host/base/host_cmocka.h"

static char last[512];
static uint32_t lines;

static void sink(const char *line, uint32_t length)
{
    memcpy(last, line, length);
    last[length] = '\0';
    lines++;
}

static int setup(void **state)
{
    (void)state;
    lines = 0;
    last[0] = '\0';
    log_init(sink, LOG_INFO);
    return 0;
}

static void test_levels(void **state)
{
    (void)state;
    log_info("n %u", 7);
    assert_string_equal(last, "INFO: n 7");
    log_debug("hidden");
    assert_int_equal(lines, 1);
    log_level_set(LOG_ERROR);
    log_warning("hidden");
    log_error("seen");
    assert_string_equal(last, "ERROR: seen");
    log_init(NULL, LOG_DEBUG);
    log_error("nowhere");
    assert_int_equal(lines, 2);
}

static void test_long_line(void **state)
{
    (void)state;
    log_info("%0400d", 1);
    assert_int_equal(strlen(last), 255);
}

static void test_guest_limit(void **state)
{
    struct log_limit limit = {0};
    struct log_limit other = {0};

    (void)state;
    for (int i = 0; i < 16; i++) {
        log_guest(&limit, "g");
    }
    assert_int_equal(lines, 16);
    assert_string_equal(last, "WARNING: g");
    for (int i = 0; i < 1023; i++) {
        log_guest(&limit, "g");
    }
    assert_int_equal(lines, 16);
    log_guest(&limit, "g");
    assert_int_equal(lines, 17);
    assert_string_equal(last, "WARNING: g (1023 like this not shown)");
    /* A neighbour's budget is its own. */
    log_guest(&other, "h");
    assert_string_equal(last, "WARNING: h");
}

/* A guest that faults for hours: ever fewer lines, and every event is counted. */
static void test_guest_limit_backs_off(void **state)
{
    struct log_limit limit = {0};

    (void)state;
    for (int i = 0; i < 16 + 1024 + 2048; i++) {
        log_guest(&limit, "g");
    }
    assert_int_equal(lines, 18);
    assert_string_equal(last, "WARNING: g (2047 like this not shown)");
    for (int i = 0; i < 10 * 1000 * 1000; i++) {
        log_guest(&limit, "g");
    }
    assert_in_range(lines, 18 + 8, 18 + 16);
    assert_string_equal(last, "WARNING: g (1048575 like this not shown)");
}

static void test_assert(void **state)
{
    (void)state;
    bh_assert(1 + 1 == 2);
    EXPECT_PANIC(bh_assert(1 + 1 == 3));
    assert_non_null(strstr(panic_text, "PANIC: assert "));
    assert_non_null(strstr(panic_text, "1 + 1 == 3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_levels, setup),
        cmocka_unit_test_setup(test_long_line, setup),
        cmocka_unit_test_setup(test_guest_limit, setup),
        cmocka_unit_test_setup(test_guest_limit_backs_off, setup),
        cmocka_unit_test_setup(test_assert, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
