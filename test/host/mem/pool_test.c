/* SPDX-License-Identifier: BSD-3-Clause */
#include "test/host/base/host_cmocka.h"

#include "test/host/base/expect_panic.h"
#include "test/host/mem/mem_fixture.h"

static void assert_zero(const void *p, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(((const uint8_t *)p)[i], 0);
    }
}

static void test_objects_and_pages(void **state)
{
    (void)state;
    fixture_pool_init(8);
    assert_int_equal(pool_total_pages(), 8);
    assert_int_equal(pool_used_pages(), 0);
    uint8_t *object = pool_alloc(100, 64);
    uint8_t *page = pool_alloc_pages(1, 0);
    uint8_t *second = pool_alloc(3, 1);
    uint8_t *pair = pool_alloc_pages(2, 2 * PAGE_SIZE);

    assert_ptr_equal(page, fixture_memory);
    assert_ptr_equal(pair, fixture_memory + 2 * PAGE_SIZE);
    assert_int_equal((uintptr_t)object % 64, 0);
    assert_int_equal((uintptr_t)second % 8, 0);
    assert_true(second + 3 <= object);
    assert_zero(object, 100);
    assert_zero(page, PAGE_SIZE);
    assert_zero(pair, 2 * PAGE_SIZE);
    /* One page, the hole before the aligned pair, the pair, and the page of the objects. */
    assert_int_equal(pool_used_pages(), 5);
    assert_int_equal(pool_page_range().size, 4 * PAGE_SIZE);
}

static void test_empty(void **state)
{
    (void)state;
    fixture_pool_init(4);
    EXPECT_PANIC(pool_alloc_pages(5, 0));
    EXPECT_PANIC(pool_alloc(4 * PAGE_SIZE + 1, 8));
    EXPECT_PANIC(pool_alloc(UINT64_MAX, 8));
    (void)pool_alloc_pages(3, 0);
    /* The rest does not hold an aligned page. */
    EXPECT_PANIC(pool_alloc_pages(1, 8 * PAGE_SIZE));
    (void)pool_alloc(PAGE_SIZE - 8, 8);
    EXPECT_PANIC(pool_alloc(16, 8));
    EXPECT_PANIC(pool_alloc_pages(1, 0));
    assert_non_null(strstr(panic_text, "page pool is empty"));
}

static void test_reserve(void **state)
{
    (void)state;
    fixture_pool_init(4);
    pool_share();
    assert_true(pool_try_reserve(0));
    assert_true(pool_try_reserve(3));
    assert_false(pool_try_reserve(2));
    assert_int_equal(pool_used_pages(), 3);
    /* What is promised is nobody else's. */
    EXPECT_PANIC(pool_alloc_pages(2, 0));
    EXPECT_PANIC(pool_alloc(PAGE_SIZE + 1, 8));
    struct paddr a = pool_draw_page();
    struct paddr b = pool_draw_page();

    assert_int_equal(b.pa, a.pa + PAGE_SIZE);
    assert_zero(pa_identity_ptr(b), PAGE_SIZE);
    pool_unreserve(1);
    assert_int_equal(pool_used_pages(), 2);
    assert_true(pool_try_reserve(2));
    assert_false(pool_try_reserve(1));
    assert_false(pool_try_reserve(UINT32_MAX));
}

static void test_draw_unreserved(void **state)
{
    (void)state;
    fixture_pool_init(4);
    EXPECT_PANIC(pool_draw_page());
    EXPECT_PANIC(pool_unreserve(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects_and_pages),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_draw_unreserved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
