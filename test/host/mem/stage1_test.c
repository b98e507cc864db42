/* SPDX-License-Identifier: BSD-3-Clause */
#include "test/host/base/host_cmocka.h"

#include "bh/base/num.h"
#include "bh/mem/stage1.h"
#include "bh/mem/window.h"
#include "test/host/base/expect_panic.h"
#include "test/host/mem/mem_fixture.h"

#define MIB (UINT64_C(1) << 20)

#define S1_RO    NUM_BIT(7)
#define S1_XN    NUM_BIT(54)
#define S1_INDEX NUM_MASK(4, 2)

static int setup(void **state)
{
    (void)state;
    fixture_pool_init(FIXTURE_PAGES);
    stage1_init();
    return 0;
}

static struct pa_range range(uint64_t base, uint64_t size)
{
    return (struct pa_range){pa_init(base), size};
}

/* The descriptor that decides about va; 0: none. */
static uint64_t entry_of(uint64_t va)
{
    uint64_t pte = *walk_find(stage1_space(), va).pte;

    return arch_pte_is_valid(pte) ? pte : 0;
}

static uint64_t page_of(uint64_t va)
{
    return arch_pte_address(entry_of(va)).pa;
}

/* No kind is both writable and executable. */
static void test_kinds(void **state)
{
    (void)state;
    stage1_map(range(0x40200000, 0x10000), STAGE1_CODE);
    stage1_map(range(0x40210000, 0x10000), STAGE1_CONST);
    stage1_map(range(0x40220000, 0x10000), STAGE1_DATA);
    stage1_map(range(0x09000000, 0x1000), STAGE1_DEVICE);
    assert_int_equal(entry_of(0x40200000) & (S1_RO | S1_XN), S1_RO);
    assert_int_equal(entry_of(0x40210000) & (S1_RO | S1_XN), S1_RO | S1_XN);
    assert_int_equal(entry_of(0x40220000) & (S1_RO | S1_XN), S1_XN);
    assert_int_equal(entry_of(0x09000000) & (S1_RO | S1_XN), S1_XN);
    assert_int_equal(entry_of(0x40220000) & S1_INDEX, 1 << 2);
    assert_int_equal(entry_of(0x09000000) & S1_INDEX, 0);
    assert_int_equal(page_of(0x40225000), 0x40225000);
    assert_int_equal(entry_of(0x40230000), 0);
    assert_int_equal(entry_of(0), 0);
}

static void test_guard(void **state)
{
    (void)state;
    stage1_map(range(0x40000000, 4 * MIB), STAGE1_DATA);
    stage1_unmap_page(pa_init(0x40003000));
    assert_int_equal(entry_of(0x40003000), 0);
    assert_int_equal(page_of(0x40002000), 0x40002000);
    assert_int_equal(page_of(0x40004000), 0x40004000);
    assert_int_equal(page_of(0x40200000), 0x40200000);
    EXPECT_PANIC(stage1_unmap_page(pa_init(0x40003000)));
}

static void test_refusals(void **state)
{
    (void)state;
    stage1_map(range(0x40000000, 0x1000), STAGE1_DATA);
    EXPECT_PANIC(stage1_map(range(0x40000000, 0x1000), STAGE1_CODE));
    EXPECT_PANIC(stage1_map(range(0x40000800, 0x1000), STAGE1_CODE));
    EXPECT_PANIC(stage1_map(range(STAGE1_WINDOW_BASE - 0x1000, 0x2000), STAGE1_DATA));
    EXPECT_PANIC(stage1_map(range(UINT64_MAX - 0xfff, 0x1000), STAGE1_DATA));
}

static void test_enable(void **state)
{
    (void)state;
    stage1_enable();
    stage1_enable();
    assert_int_equal(fake_hw.mmu_enables, 2);
    assert_int_equal(fake_hw.mmu_root, stage1_space()->root.pa);
}

static void test_cpu_slots(void **state)
{
    static uint8_t target[2][PAGE_SIZE] __attribute__((aligned(4096)));
    uint64_t slot1_of_cpu3 = STAGE1_WINDOW_BASE + 4 * 2 * MIB + (3 * 2 + 1) * PAGE_SIZE;
    struct paddr first = pa_init((uintptr_t)target[0]);
    struct paddr second = pa_init((uintptr_t)target[1]);

    (void)state;
    window_init(4, 3);
    uint64_t used = pool_used_pages();

    assert_ptr_equal(window_map_cpu(3, 1, first, 0), target[0]);
    assert_int_equal(page_of(slot1_of_cpu3), first.pa);
    assert_int_equal(entry_of(slot1_of_cpu3) & (S1_RO | S1_XN), S1_RO | S1_XN);
    assert_int_equal(fake_hw.tlbi_el2.count, 0);
    /* The next one breaks the old mapping first. */
    assert_ptr_equal(window_map_cpu(3, 1, second, ARCH_ATTR_W), target[1]);
    assert_int_equal(page_of(slot1_of_cpu3), second.pa);
    assert_int_equal(entry_of(slot1_of_cpu3) & (S1_RO | S1_XN), S1_XN);
    assert_int_equal(fake_log_last(&fake_hw.tlbi_el2), slot1_of_cpu3);
    window_unmap_cpu(3, 1);
    assert_int_equal(entry_of(slot1_of_cpu3), 0);
    assert_int_equal(fake_hw.tlbi_el2.count, 2);
    assert_int_equal(pool_used_pages(), used);
    EXPECT_PANIC(window_map_cpu(4, 0, first, 0));
    EXPECT_PANIC(window_map_cpu(0, 2, first, 0));
}

/* All mailbox pages are distinct, also where they fill more than one table. */
static void test_mailboxes(void **state)
{
    uint64_t begin = STAGE1_WINDOW_BASE + 8 * 2 * MIB + 8 * WINDOW_CPU_SLOTS * PAGE_SIZE;

    (void)state;
    window_init(8, 64);
    for (uint32_t i = 0; i < 64 * 8; i++) {
        (void)window_map_mailbox(i / 8, i % 8 >= WINDOW_MAILBOX_PAGES, i % WINDOW_MAILBOX_PAGES,
                                 pa_init((i + 1) * PAGE_SIZE), 0);
    }
    for (uint64_t i = 0; i < 64 * 8; i++) {
        uint64_t va = begin + i * PAGE_SIZE;

        assert_int_equal(page_of(va), (i + 1) * PAGE_SIZE);
        /* TX is theirs to write, RX ours. */
        assert_int_equal((entry_of(va) & S1_RO) != 0, i % 8 < WINDOW_MAILBOX_PAGES);
    }
    window_unmap_mailbox(63, true, WINDOW_MAILBOX_PAGES);
    assert_int_equal(entry_of(begin + 511 * PAGE_SIZE), 0);
    assert_int_not_equal(entry_of(begin + 507 * PAGE_SIZE), 0);
    EXPECT_PANIC(window_map_mailbox(64, false, 0, pa_init(0), 0));
    EXPECT_PANIC(window_map_mailbox(0, false, WINDOW_MAILBOX_PAGES, pa_init(0), 0));
    EXPECT_PANIC(window_unmap_mailbox(0, false, WINDOW_MAILBOX_PAGES + 1));
    EXPECT_PANIC(window_unmap_mailbox(0, false, 0));
}

static void test_block(void **state)
{
    uint64_t base = STAGE1_WINDOW_BASE + 1 * 2 * MIB;

    (void)state;
    window_init(2, 1);
    /* Odd ends: exactly the touched pages are reachable. */
    assert_ptr_equal(window_map_block(1, range(0x40201234, 0x2000)), (void *)0x40201234);
    assert_int_equal(entry_of(base), 0);
    assert_int_equal(page_of(base + 0x1000), 0x40201000);
    assert_int_equal(page_of(base + 0x3000), 0x40203000);
    assert_int_equal(entry_of(base + 0x4000), 0);
    assert_int_equal(fake_hw.tlbi_all, 0);
    (void)window_map_block(1, range(0x40400000, 2 * MIB));
    assert_int_equal(fake_hw.tlbi_all, 1);
    assert_int_equal(page_of(base), 0x40400000);
    assert_int_equal(page_of(base + 2 * MIB - 1), 0x405ff000);
    window_unmap_block(1);
    window_unmap_block(1);
    assert_int_equal(fake_hw.tlbi_all, 2);
    assert_int_equal(entry_of(base), 0);
    EXPECT_PANIC(window_map_block(1, range(0x40201000, 2 * MIB)));
    EXPECT_PANIC(window_map_block(2, range(0x40200000, PAGE_SIZE)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_kinds, setup),
        cmocka_unit_test_setup(test_guard, setup),
        cmocka_unit_test_setup(test_refusals, setup),
        cmocka_unit_test_setup(test_enable, setup),
        cmocka_unit_test_setup(test_cpu_slots, setup),
        cmocka_unit_test_setup(test_mailboxes, setup),
        cmocka_unit_test_setup(test_block, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
