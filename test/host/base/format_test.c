/* SPDX-License-Identifier: BSD-3-Clause */
/* Every conversion gives what the C library gives; short buffers are never left. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bh/base/format.h"
#include "test/host/base/host_cmocka.h"

#define SAME(...)                                                                                  \
    do {                                                                                           \
        char ours[128], theirs[128];                                                               \
        uint32_t n = format_print(ours, sizeof(ours), __VA_ARGS__);                                \
        int m = snprintf(theirs, sizeof(theirs), __VA_ARGS__);                                     \
        assert_string_equal(ours, theirs);                                                         \
        assert_int_equal(n, m);                                                                    \
    } while (0)

static void test_text(void **state)
{
    (void)state;
    SAME("plain");
    SAME("%s|%10s|%-10s|%.2s|%*s", "abc", "abc", "abc", "abc", 5, "x");
    SAME("%c%c|%3c|%-3c|", 'a', 'b', 'c', 'd');
    SAME("100%%");
    SAME("%.*s", 2, "abcdef");
}

static void test_numbers(void **state)
{
    (void)state;
    SAME("%d %d %d %i", 0, INT_MIN, INT_MAX, -7);
    SAME("%u %x %X", UINT_MAX, 0xdeadbeefu, 0xdeadbeefu);
    SAME("%lu %lx %ld", ULONG_MAX, ULONG_MAX, LONG_MIN);
    SAME("%llu %llx %lld", ULLONG_MAX, 1ull << 63, LLONG_MIN);
    SAME("%hhx %hx %zu", (unsigned char)0xff, (unsigned short)0xffff, (size_t)1 << 40);
    SAME("%8d|%-8d|%08d|%08x", -42, -42, -42, 0xabcu);
    SAME("%.5d|%8.5d|%-8.5x|", 42, -42, 0x2a);
    SAME("%p", (void *)0x1234);
}

static void test_unknown(void **state)
{
    char text[32];

    (void)state;
    assert_int_equal(format_print(text, sizeof(text), "%s", (const char *)NULL), 6);
    assert_string_equal(text, "(null)");
    /* The compiler checks formats, so what is unknown comes through a variable. */
    const char *odd = "%q %";

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat"
#pragma clang diagnostic ignored "-Wformat-security"
#pragma clang diagnostic ignored "-Wformat-nonliteral"
    assert_int_equal(format_print(text, sizeof(text), odd), 4);
#pragma clang diagnostic pop
    assert_string_equal(text, "%q %");
}

static void test_bounds(void **state)
{
    char text[8];

    (void)state;
    memset(text, '#', sizeof(text));
    assert_int_equal(format_print(text, 0, "abc"), 0);
    assert_int_equal(text[0], '#');
    assert_int_equal(format_print(text, 1, "abc"), 0);
    assert_string_equal(text, "");
    assert_int_equal(format_print(text, 4, "%s", "abcdef"), 3);
    assert_string_equal(text, "abc");
    assert_int_equal(text[4], '#');
    assert_int_equal(format_print(text, 4, "%999999999d", 1), 3);
    assert_string_equal(text, "   ");
    assert_int_equal(format_print(text, 4, "%.999999999d", 1), 3);
    assert_string_equal(text, "000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
