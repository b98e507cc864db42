/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * src/base/libc.c, compiled with its functions renamed to core_*, against the host's library: all
 * alignments and lengths around the block sizes, and nothing outside is touched.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "test/host/base/host_cmocka.h"

#define AREA   400
#define MARGIN 16

void *core_memcpy(void *restrict to, const void *restrict from, size_t size);
void *core_memmove(void *to, const void *from, size_t size);
void *core_memset(void *to, int value, size_t size);
int core_memcmp(const void *a, const void *b, size_t size);
void *core_memchr(const void *s, int c, size_t size);
size_t core_strlen(const char *s);
size_t core_strnlen(const char *s, size_t limit);
int core_strcmp(const char *a, const char *b);
int core_strncmp(const char *a, const char *b, size_t limit);
char *core_strchr(const char *s, int c);
char *core_strrchr(const char *s, int c);
unsigned long core_strtoul(const char *s, char **end, int base);

static uint8_t ours[AREA], theirs[AREA], source[AREA];

static void fill(uint8_t *area, uint8_t seed)
{
    for (size_t i = 0; i < AREA; i++) {
        area[i] = (uint8_t)(i * 7 + seed);
    }
}

static void test_memcpy(void **state)
{
    (void)state;
    fill(source, 1);
    for (size_t to = 0; to < 9; to++) {
        for (size_t from = 0; from < 9; from++) {
            for (size_t size = 0; size < 300; size += size < 70 ? 1 : 37) {
                fill(ours, 100);
                fill(theirs, 100);
                assert_ptr_equal(core_memcpy(ours + MARGIN + to, source + from, size),
                                 ours + MARGIN + to);
                memcpy(theirs + MARGIN + to, source + from, size);
                assert_memory_equal(ours, theirs, AREA);
            }
        }
    }
}

static void test_memmove(void **state)
{
    (void)state;
    for (size_t to = 0; to < 80; to++) {
        for (size_t size = 0; size < 200; size += 13) {
            fill(ours, 3);
            fill(theirs, 3);
            core_memmove(ours + to, ours + 40, size);
            memmove(theirs + to, theirs + 40, size);
            assert_memory_equal(ours, theirs, AREA);
        }
    }
}

static void test_memset(void **state)
{
    (void)state;
    for (size_t to = 0; to < 9; to++) {
        for (size_t size = 0; size < 300; size++) {
            fill(ours, 5);
            fill(theirs, 5);
            assert_ptr_equal(core_memset(ours + MARGIN + to, 0x1a5, size), ours + MARGIN + to);
            memset(theirs + MARGIN + to, 0x1a5, size);
            assert_memory_equal(ours, theirs, AREA);
        }
    }
}

static int sign(int v)
{
    return (v > 0) - (v < 0);
}

static void test_compare(void **state)
{
    static const char *const words[] = {"", "a", "ab", "b", "abc", "ab\xff", "ABC"};

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++) {
            assert_int_equal(sign(core_strcmp(words[i], words[j])),
                             sign(strcmp(words[i], words[j])));
            for (size_t n = 0; n < 5; n++) {
                assert_int_equal(sign(core_strncmp(words[i], words[j], n)),
                                 sign(strncmp(words[i], words[j], n)));
            }
        }
    }
    assert_int_equal(sign(core_memcmp("a\0b", "a\0c", 3)), -1);
    assert_int_equal(core_memcmp("a\0b", "a\0c", 2), 0);
    assert_int_equal(sign(core_memcmp("\xff", "\x01", 1)), 1);
}

static void test_search(void **state)
{
    const char *text = "path/to/node";

    (void)state;
    assert_ptr_equal(core_strchr(text, '/'), text + 4);
    assert_ptr_equal(core_strrchr(text, '/'), text + 7);
    assert_ptr_equal(core_strchr(text, '\0'), text + 12);
    assert_ptr_equal(core_strrchr(text, '\0'), text + 12);
    assert_null(core_strchr(text, 'x'));
    assert_null(core_strrchr(text, 'x'));
    assert_ptr_equal(core_memchr(text, 't', 6), text + 2);
    assert_null(core_memchr(text, 'n', 6));
    assert_int_equal(core_strlen(text), 12);
    assert_int_equal(core_strnlen(text, 5), 5);
    assert_int_equal(core_strnlen(text, 50), 12);
}

static void test_strtoul(void **state)
{
    static const char *const texts[] = {
        "0", "42", "0x1F", "077", "123abc", "0xg1", "abc", "", "18446744073709551615"};
    char *our_end, *their_end;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (int base = 0; base <= 16; base += base == 0 ? 10 : 6) {
            assert_int_equal(core_strtoul(texts[i], &our_end, base),
                             strtoul(texts[i], &their_end, base));
            assert_ptr_equal(our_end, their_end);
        }
    }
    assert_int_equal(core_strtoul("99999999999999999999", NULL, 10), ULONG_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memcpy), cmocka_unit_test(test_memmove),
        cmocka_unit_test(test_memset), cmocka_unit_test(test_compare),
        cmocka_unit_test(test_search), cmocka_unit_test(test_strtoul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
