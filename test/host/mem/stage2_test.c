/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 over fake memory. What is mapped is asked twice: through stage2_query, and by a walk of
 * this file's own that knows the Arm ARM only.
 */
#include "test/host/base/host_cmocka.h"

#include "bh/arch/sysreg.h"
#include "bh/base/num.h"
#include "bh/mem/stage2.h"
#include "src/arch/aarch64/features.h"
#include "test/host/base/expect_panic.h"
#include "test/host/mem/mem_fixture.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)
#define RWX (STAGE2_R | STAGE2_W | STAGE2_X)

static struct stage2 s2;

static struct pa_range pa(uint64_t base, uint64_t size)
{
    return (struct pa_range){pa_init(base), size};
}

/* DDI 0487 D8.2: from VTTBR and VTCR as the hardware reads them. Returns the descriptor, 0: fault.
 */
static uint64_t hardware_walk(uint64_t ipa, uint32_t *level)
{
    uint64_t bits = 64 - (s2.vtcr & 0x3f);
    uint64_t table = s2.vttbr & NUM_MASK(47, 1);

    *level = 2 - (uint32_t)((s2.vtcr >> 6) & 3);
    if ((ipa >> bits) != 0) {
        return 0;
    }
    for (uint64_t top = bits;; (*level)++) {
        uint64_t low = 39 - 9 * (uint64_t)*level;
        uint64_t index = (ipa >> low) & NUM_MASK(top - 1 - low, 0);
        uint64_t descriptor = ((const uint64_t *)(uintptr_t)table)[index];

        if ((descriptor & 1) == 0 || *level == 3 || (descriptor & 2) == 0) {
            return (descriptor & 1) == 0 ? 0 : descriptor;
        }
        table = descriptor & NUM_MASK(47, 12);
        top = low;
    }
}

static void expect_mapped(uint64_t ipa, uint64_t want, uint32_t attributes, uint64_t leaf)
{
    struct stage2_entry entry = stage2_query(&s2, ipa_init(ipa));
    uint32_t level;
    uint64_t descriptor = hardware_walk(ipa, &level);
    uint64_t span = UINT64_C(1) << (39 - 9 * level);

    assert_true(entry.valid);
    assert_int_equal(entry.pa.pa, want);
    assert_int_equal(entry.attributes, attributes);
    assert_int_equal(entry.span, leaf - (ipa & (leaf - 1)));
    assert_int_equal(span, leaf);
    assert_int_equal((descriptor & NUM_MASK(47, 12)) + (ipa & (span - 1)), want);
    assert_int_equal(descriptor & 3, level == 3 ? 3 : 1);
}

static void expect_hole(uint64_t ipa)
{
    uint32_t level;

    assert_false(stage2_query(&s2, ipa_init(ipa)).valid);
    assert_int_equal(hardware_walk(ipa, &level), 0);
}

static int setup(void **state)
{
    (void)state;
    fixture_pool_init(FIXTURE_PAGES);
    stage2_init(&s2, 40, 7);
    return 0;
}

/* Every IPA size: start level, root size and alignment, the first and last page. */
static void test_sizes(void **state)
{
    static const uint32_t roots[] = {1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 8, 16, 1, 1, 1, 1, 1};

    (void)state;
    for (uint8_t bits = 32; bits <= 48; bits++) {
        uint64_t last = (UINT64_C(1) << bits) - PAGE_SIZE;

        fixture_pool_init(FIXTURE_PAGES);
        stage2_init(&s2, bits, 3);
        assert_int_equal(stage2_pages_used(&s2), roots[bits - 32]);
        assert_int_equal(s2.space.root.pa % (roots[bits - 32] * PAGE_SIZE), 0);
        assert_int_equal(s2.vtcr & 0x3f, 64 - bits);
        assert_int_equal((s2.vtcr >> 6) & 3, bits <= 43 ? 1 : 2);
        assert_int_equal(s2.vttbr, (UINT64_C(3) << 48) | s2.space.root.pa);
        assert_int_equal(stage2_map(&s2, ipa_init(0), pa(0x1000, 0x1000), RWX), STATUS_OK);
        assert_int_equal(stage2_map(&s2, ipa_init(last), pa(0x5000, 0x1000), RWX), STATUS_OK);
        expect_mapped(0xabc, 0x1abc, RWX, PAGE_SIZE);
        expect_mapped(last + 4, 0x5004, RWX, PAGE_SIZE);
        expect_hole(0x1000);
        expect_hole(last - 1);
        expect_hole(last + PAGE_SIZE);
        assert_int_equal(stage2_query(&s2, ipa_init(last + PAGE_SIZE)).span, 0);
        assert_int_equal(stage2_map(&s2, ipa_init(last), pa(0, 2 * PAGE_SIZE), RWX),
                         STATUS_INVALID);
        assert_int_equal(stage2_map(&s2, ipa_init(last + PAGE_SIZE), pa(0, PAGE_SIZE), RWX),
                         STATUS_INVALID);
    }
}

/* Pages only: every table that a change of one page could need is there from the start. */
static void test_pages(void **state)
{
    const uint64_t block = UINT64_C(2) << 20;

    (void)state;
    stage2_use_pages(&s2);
    assert_int_equal(stage2_map(&s2, ipa_init(block), pa(block, 2 * block), RWX), STATUS_OK);
    assert_int_equal(stage2_pages_used(&s2), 2 + 1 + 2);
    expect_mapped(block, block, RWX, PAGE_SIZE);
    expect_mapped(3 * block - 1, 3 * block - 1, RWX, PAGE_SIZE);
    stage2_commit_protect(&s2, ipa_init(block + PAGE_SIZE), PAGE_SIZE, STAGE2_R);
    expect_mapped(block + PAGE_SIZE, block + PAGE_SIZE, STAGE2_R, PAGE_SIZE);
    expect_mapped(block, block, RWX, PAGE_SIZE);
    expect_mapped(block + 2 * PAGE_SIZE, block + 2 * PAGE_SIZE, RWX, PAGE_SIZE);
    assert_int_equal(stage2_pages_used(&s2), 2 + 1 + 2);
}

/* The CPU's PA size bounds the IPA size: a larger T0SZ would fault on everything. */
static void test_small_cpu(void **state)
{
    (void)state;
    arch_features.pa_range = 2; /* 40 bits */
    stage2_init(&s2, 48, 1);
    assert_int_equal(s2.ipa_bits, 48);
    assert_int_equal(s2.vtcr & 0x3f, 24);
    assert_int_equal((s2.vtcr >> 6) & 3, 1);
    assert_int_equal((s2.vtcr >> 16) & 7, 2);
    assert_int_equal(stage2_map(&s2, ipa_init(UINT64_C(1) << 40), pa(0, 0x1000), RWX),
                     STATUS_INVALID);
    EXPECT_PANIC(stage2_init(&s2, 31, 1));
    EXPECT_PANIC(stage2_init(&s2, 49, 1));
    EXPECT_PANIC(stage2_init(&s2, 40, 0));
    EXPECT_PANIC(stage2_init(&s2, 40, 256));
}

static void test_block_sizes(void **state)
{
    /* 2 pages, 2 blocks of 2 MiB, 1 block of 1 GiB, 1 block of 2 MiB, 1 page. */
    uint64_t begin = 1 * GIB - 4 * MIB - 2 * PAGE_SIZE;
    uint64_t size = 2 * PAGE_SIZE + 4 * MIB + 1 * GIB + 2 * MIB + PAGE_SIZE;

    (void)state;
    assert_int_equal(stage2_map(&s2, ipa_init(begin), pa(begin + 4 * GIB, size), RWX), STATUS_OK);
    expect_mapped(begin, begin + 4 * GIB, RWX, PAGE_SIZE);
    expect_mapped(1 * GIB - 1, 5 * GIB - 1, RWX, 2 * MIB);
    expect_mapped(1 * GIB + 12345, 5 * GIB + 12345, RWX, 1 * GIB);
    expect_mapped(2 * GIB, 6 * GIB, RWX, 2 * MIB);
    expect_mapped(2 * GIB + 2 * MIB, 6 * GIB + 2 * MIB, RWX, PAGE_SIZE);
    expect_hole(begin - 1);
    expect_hole(begin + size);
    /* Root 2; below: tables for GiB 0 and 2, a page table in each. */
    assert_int_equal(stage2_pages_used(&s2), 2 + 2 + 2);
    assert_int_equal(pool_used_pages(), stage2_pages_used(&s2));
}

/* IPA and PA differ modulo 2 MiB: only pages fit; modulo 1 GiB: blocks of 2 MiB fit. */
static void test_offsets(void **state)
{
    (void)state;
    assert_int_equal(stage2_map(&s2, ipa_init(0), pa(0x1000, 4 * MIB), RWX), STATUS_OK);
    expect_mapped(2 * MIB, 2 * MIB + 0x1000, RWX, PAGE_SIZE);
    assert_int_equal(stage2_map(&s2, ipa_init(1 * GIB), pa(2 * MIB, 1 * GIB), RWX), STATUS_OK);
    expect_mapped(1 * GIB + 5, 2 * MIB + 5, RWX, 2 * MIB);
    expect_mapped(2 * GIB - 1, 1 * GIB + 2 * MIB - 1, RWX, 2 * MIB);
    assert_int_equal(pool_used_pages(), stage2_pages_used(&s2));
}

static void test_attributes(void **state)
{
    (void)state;
    for (uint32_t attributes = 0; attributes < 16; attributes++) {
        uint64_t ipa = attributes * 2 * PAGE_SIZE;
        uint32_t level;

        assert_int_equal(stage2_map(&s2, ipa_init(ipa), pa(GIB, PAGE_SIZE), attributes), STATUS_OK);
        expect_mapped(ipa, GIB, attributes, PAGE_SIZE);
        uint64_t descriptor = hardware_walk(ipa, &level);

        assert_int_equal((descriptor >> 6) & 3, attributes & 3);           /* S2AP */
        assert_int_equal((descriptor >> 53) & 3, attributes & 4 ? 0 : 2);  /* XN */
        assert_int_equal((descriptor >> 2) & 15, attributes & 8 ? 1 : 15); /* MemAttr */
        assert_int_equal((descriptor >> 8) & 3, attributes & 8 ? 0 : 3);   /* SH */
        assert_int_equal((descriptor >> 10) & 1, 1);                       /* AF */
    }
}

static void test_map_refusals(void **state)
{
    uint64_t used = pool_used_pages();
    struct ipaddr zero = ipa_init(0);

    (void)state;
    assert_int_equal(stage2_map(&s2, ipa_init(0x800), pa(0, 0x1000), RWX), STATUS_INVALID);
    assert_int_equal(stage2_map(&s2, zero, pa(0x800, 0x1000), RWX), STATUS_INVALID);
    assert_int_equal(stage2_map(&s2, zero, pa(0, 0x1800), RWX), STATUS_INVALID);
    assert_int_equal(stage2_map(&s2, zero, pa(0, 0), RWX), STATUS_INVALID);
    assert_int_equal(stage2_map(&s2, zero, pa(UINT64_C(1) << 48, 0x1000), RWX), STATUS_INVALID);
    assert_int_equal(stage2_map(&s2, ipa_init(0x1000), pa(0, UINT64_MAX - 0xfff), RWX),
                     STATUS_INVALID);
    assert_int_equal(stage2_map(&s2, ipa_init(UINT64_MAX - 0xfff), pa(0, 0x1000), RWX),
                     STATUS_INVALID);
    assert_int_equal(pool_used_pages(), used);
    /* Occupied in the middle: nothing of it is mapped. */
    assert_int_equal(stage2_map(&s2, ipa_init(4 * MIB), pa(0, 0x1000), RWX), STATUS_OK);
    used = pool_used_pages();
    assert_int_equal(stage2_map(&s2, zero, pa(0, 8 * MIB), RWX), STATUS_DENIED);
    expect_hole(0);
    assert_int_equal(pool_used_pages(), used);
}

static void test_pool_too_small(void **state)
{
    (void)state;
    fixture_pool_init(3);
    stage2_init(&s2, 39, 1);
    assert_int_equal(stage2_map(&s2, ipa_init(1 * GIB), pa(2 * GIB, 1 * GIB), RWX), STATUS_OK);
    /* Needs two tables, then one more for the second 2 MiB. */
    assert_int_equal(stage2_map(&s2, ipa_init(2 * MIB - PAGE_SIZE), pa(0, 2 * PAGE_SIZE), RWX),
                     STATUS_NO_MEMORY);
    expect_hole(2 * MIB - PAGE_SIZE);
    assert_int_equal(pool_used_pages(), 1);
    assert_int_equal(stage2_map(&s2, ipa_init(0), pa(0, PAGE_SIZE), RWX), STATUS_OK);
    assert_int_equal(pool_used_pages(), 3);
    /* Splitting the block needs tables that do not exist: refused, still one block. */
    assert_int_equal(stage2_unmap(&s2, ipa_init(1 * GIB), PAGE_SIZE), STATUS_NO_MEMORY);
    expect_mapped(1 * GIB, 2 * GIB, RWX, 1 * GIB);
}

static void test_unmap(void **state)
{
    struct ipaddr page = ipa_init(1 * GIB + 3 * MIB);

    (void)state;
    assert_int_equal(stage2_map(&s2, ipa_init(1 * GIB), pa(4 * GIB, 2 * GIB), RWX), STATUS_OK);
    /* One page out of the middle of a 1 GiB block. */
    assert_int_equal(stage2_unmap(&s2, page, PAGE_SIZE), STATUS_OK);
    expect_hole(page.ipa);
    expect_mapped(page.ipa - 1, 4 * GIB + 3 * MIB - 1, RWX, PAGE_SIZE);
    expect_mapped(page.ipa + PAGE_SIZE, 4 * GIB + 3 * MIB + PAGE_SIZE, RWX, PAGE_SIZE);
    expect_mapped(1 * GIB, 4 * GIB, RWX, 2 * MIB);
    expect_mapped(2 * GIB - 1, 5 * GIB - 1, RWX, 2 * MIB);
    expect_mapped(2 * GIB, 5 * GIB, RWX, 1 * GIB);
    assert_int_equal(fake_log_last(&fake_hw.tlbi_stage2), page.ipa);
    assert_int_equal(fake_hw.tlbi_vttbr, s2.vttbr);
    /* The tables stay; the page comes back without new ones. */
    uint64_t used = pool_used_pages();

    assert_int_equal(stage2_map(&s2, page, pa(0x7000, PAGE_SIZE), STAGE2_R), STATUS_OK);
    expect_mapped(page.ipa, 0x7000, STAGE2_R, PAGE_SIZE);
    assert_int_equal(pool_used_pages(), used);
    /* All of it, through leaves of all three sizes. */
    assert_int_equal(stage2_unmap(&s2, ipa_init(1 * GIB), 2 * GIB), STATUS_OK);
    for (uint64_t ipa = 1 * GIB; ipa < 3 * GIB; ipa += 1 * MIB) {
        expect_hole(ipa);
    }
    assert_int_equal(stage2_unmap(&s2, ipa_init(1 * GIB), PAGE_SIZE), STATUS_DENIED);
    /* A large mapping over empty tables uses them. */
    assert_int_equal(stage2_map(&s2, ipa_init(1 * GIB), pa(4 * GIB, 1 * GIB), RWX), STATUS_OK);
    expect_mapped(1 * GIB, 4 * GIB, RWX, 2 * MIB);
    expect_mapped(page.ipa, 4 * GIB + 3 * MIB, RWX, PAGE_SIZE);
    assert_int_equal(pool_used_pages(), used);
}

static void test_unmap_refusals(void **state)
{
    struct ipaddr zero = ipa_init(0);

    (void)state;
    assert_int_equal(stage2_map(&s2, zero, pa(4 * GIB, 4 * MIB), RWX), STATUS_OK);
    assert_int_equal(stage2_unmap(&s2, zero, 0), STATUS_INVALID);
    assert_int_equal(stage2_unmap(&s2, ipa_init(1), PAGE_SIZE), STATUS_INVALID);
    assert_int_equal(stage2_unmap(&s2, zero, UINT64_C(1) << 41), STATUS_INVALID);
    assert_int_equal(stage2_unmap(&s2, zero, 4 * MIB + PAGE_SIZE), STATUS_DENIED);
    expect_mapped(0, 4 * GIB, RWX, 2 * MIB);
    EXPECT_PANIC(stage2_commit_unmap(&s2, ipa_init(8 * MIB), PAGE_SIZE));
}

static void test_protect(void **state)
{
    uint64_t ipa = 2 * MIB - PAGE_SIZE;
    uint64_t size = 2 * PAGE_SIZE + 2 * MIB;

    (void)state;
    assert_int_equal(stage2_map(&s2, ipa_init(0), pa(4 * GIB, 8 * MIB), RWX), STATUS_OK);
    assert_int_equal(stage2_prepare(&s2, ipa_init(ipa), size), STATUS_OK);
    uint64_t used = pool_used_pages();

    /* Prepared is still mapped as before. */
    expect_mapped(ipa, 4 * GIB + ipa, RWX, PAGE_SIZE);
    stage2_commit_protect(&s2, ipa_init(ipa), size, STAGE2_R);
    expect_mapped(ipa - 1, 4 * GIB + ipa - 1, RWX, PAGE_SIZE);
    expect_mapped(ipa, 4 * GIB + ipa, STAGE2_R, PAGE_SIZE);
    expect_mapped(ipa + PAGE_SIZE, 4 * GIB + ipa + PAGE_SIZE, STAGE2_R, 2 * MIB);
    expect_mapped(4 * MIB, 4 * GIB + 4 * MIB, STAGE2_R, PAGE_SIZE);
    expect_mapped(4 * MIB + PAGE_SIZE, 4 * GIB + 4 * MIB + PAGE_SIZE, RWX, PAGE_SIZE);
    /* Memory type: break-before-make, one entry after the other. */
    fake_hw.tlbi_stage2.count = 0;
    stage2_commit_protect(&s2, ipa_init(ipa), size, STAGE2_R | STAGE2_DEVICE);
    expect_mapped(ipa, 4 * GIB + ipa, STAGE2_R | STAGE2_DEVICE, PAGE_SIZE);
    assert_int_equal(fake_hw.tlbi_stage2.count, 3);
    assert_int_equal(pool_used_pages(), used);
}

enum { MODEL_PAGES = 3 * 512 };

/* PA page + 1; 0: hole */
static uint32_t model[MODEL_PAGES];

static void model_step(uint32_t first, uint32_t count, bool is_map)
{
    struct ipaddr ipa = ipa_init(first * PAGE_SIZE);
    bool holes = true;
    bool mapped = true;

    for (uint32_t i = first; i < first + count; i++) {
        holes &= model[i] == 0;
        mapped &= model[i] != 0;
    }
    enum status status =
        is_map ? stage2_map(&s2, ipa, pa(GIB + first * PAGE_SIZE, count * PAGE_SIZE), RWX)
               : stage2_unmap(&s2, ipa, count * PAGE_SIZE);

    assert_int_equal(status, (is_map ? holes : mapped) ? STATUS_OK : STATUS_DENIED);
    for (uint32_t i = first; i < first + count && status == STATUS_OK; i++) {
        model[i] = is_map ? i + 1 : 0;
    }
}

/* Many mappings and unmappings against a plain array of what should be there. */
static void test_model(void **state)
{
    uint64_t random = 12345;

    (void)state;
    memset(model, 0, sizeof(model));
    for (int round = 0; round < 2000; round++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t first = (uint32_t)(random >> 33) % MODEL_PAGES;
        uint32_t limit = (random >> 32 & 1) != 0 ? MODEL_PAGES - first : 1;
        uint32_t count = 1 + (uint32_t)(random >> 45) % limit;

        model_step(first, count, (random >> 40 & 1) != 0);
        for (uint32_t i = 0; i < MODEL_PAGES; i += 7) {
            struct stage2_entry entry = stage2_query(&s2, ipa_init(i * PAGE_SIZE));

            assert_int_equal(entry.valid, model[i] != 0);
            assert_true(!entry.valid || entry.pa.pa == GIB + i * PAGE_SIZE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_sizes, setup),
        cmocka_unit_test_setup(test_pages, setup),
        cmocka_unit_test_setup(test_small_cpu, setup),
        cmocka_unit_test_setup(test_block_sizes, setup),
        cmocka_unit_test_setup(test_offsets, setup),
        cmocka_unit_test_setup(test_attributes, setup),
        cmocka_unit_test_setup(test_map_refusals, setup),
        cmocka_unit_test_setup(test_pool_too_small, setup),
        cmocka_unit_test_setup(test_unmap, setup),
        cmocka_unit_test_setup(test_unmap_refusals, setup),
        cmocka_unit_test_setup(test_protect, setup),
        cmocka_unit_test_setup(test_model, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
