/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/base/addr.h"
#include "bh/base/num.h"
#include "test/host/base/host_cmocka.h"

static void test_fields(void **state)
{
    (void)state;
    assert_int_equal(NUM_MASK(63, 0), UINT64_MAX);
    assert_int_equal(NUM_MASK(0, 0), 1);
    assert_int_equal(NUM_MASK(47, 12), 0xfffffffff000);
    assert_int_equal(num_field_get(0xabcd, 11, 4), 0xbc);
    assert_int_equal(num_field_set(0xabcd, 11, 4, 0xfff), 0xaffd);
}

static void test_alignment(void **state)
{
    uint64_t v;

    (void)state;
    assert_true(num_is_power2(1) && num_is_power2(UINT64_C(1) << 63));
    assert_false(num_is_power2(0) || num_is_power2(6));
    assert_int_equal(num_align_down(0x1fff, 0x1000), 0x1000);
    assert_int_equal(num_align_up(0x1001, 0x1000), 0x2000);
    assert_int_equal(num_align_up(0x1000, 0x1000), 0x1000);
    assert_true(num_try_align_up(UINT64_MAX - 0xfff, 0x1000, &v));
    assert_int_equal(v, UINT64_MAX - 0xfff);
    assert_false(num_try_align_up(UINT64_MAX - 0xffe, 0x1000, &v));
}

static void test_checked(void **state)
{
    uint64_t v;

    (void)state;
    assert_true(num_try_add(UINT64_MAX - 1, 1, &v));
    assert_false(num_try_add(UINT64_MAX, 1, &v));
    assert_false(num_try_sub(0, 1, &v));
    assert_true(num_try_mul(UINT64_C(1) << 32, (UINT64_C(1) << 32) - 1, &v));
    assert_false(num_try_mul(UINT64_C(1) << 32, UINT64_C(1) << 32, &v));
    assert_true(num_is_within(0, 0, 0) && num_is_within(10, 0, 10) && num_is_within(0, 10, 10));
    assert_false(num_is_within(11, 0, 10) || num_is_within(1, 10, 10));
    assert_false(num_is_within(5, UINT64_MAX, 10) || num_is_within(UINT64_MAX, 5, 10));
}

static struct pa_range range(uint64_t base, uint64_t size)
{
    return (struct pa_range){pa_init(base), size};
}

static void test_ranges(void **state)
{
    (void)state;
    assert_true(pa_range_contains(range(0x1000, 0x2000), range(0x1000, 0x2000)));
    assert_true(pa_range_contains(range(0x1000, 0x2000), range(0x3000, 0)));
    assert_false(pa_range_contains(range(0x1000, 0x2000), range(0x2000, 0x2000)));
    assert_false(pa_range_contains(range(0x1000, 0x2000), range(0, 0x1000)));
    assert_true(pa_range_overlaps(range(0x1000, 0x1000), range(0x1fff, 1)));
    assert_false(pa_range_overlaps(range(0x1000, 0x1000), range(0x2000, 0x1000)));
    assert_false(pa_range_overlaps(range(0x1000, 0x1000), range(0x1800, 0)));
    assert_true(pa_range_overlaps(range(UINT64_MAX - 1, 2), range(UINT64_MAX, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_checked),
        cmocka_unit_test(test_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
