/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hypervisor above an SPMC of FF-A 1.1 or 1.0: its list of partitions, and whom it wants to run.
 * A small SPMC answers the SMCs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bh/svc/notify.h"
#include "bh/svc/spmc_below.h"
#include "ffa_expect.h"

#define UP      0x8001
#define MP      0x8002 /* four contexts */
#define ENTRIES 2

static const uint64_t entries[ENTRIES][3] = {
    {UINT64_C(0x30d) << 32 | 1 << 16 | UP, UINT64_C(12) << 32 | 11, UINT64_C(14) << 32 | 13},
    {UINT64_C(0x101) << 32 | 4 << 16 | MP, UINT64_C(32) << 32 | 31, UINT64_C(34) << 32 | 33},
};

static struct {
    uint32_t version;
    uint32_t count;    /* entries that it says there are */
    uint32_t size;     /* of one, from 1.1 on */
    uint8_t *rx;       /* of the hypervisor */
    uint32_t releases; /* of it */
    uint64_t info[4];  /* x0 to x3 of FFA_NOTIFICATION_INFO_GET */
} below;

static void list(struct arch_smc_regs *regs)
{
    bool is_1_0 = below.version < FFA_VERSION_1_1;
    uint32_t size = is_1_0 ? 8 : below.size;

    for (uint32_t i = 1; i < 8; i++) {
        assert_int_equal(regs->x[i], 0);
    }
    assert_non_null(below.rx);
    memset(below.rx, 0xff, PAGE_SIZE);
    for (uint32_t i = 0; i < ENTRIES && size < PAGE_SIZE / ENTRIES; i++) {
        memcpy(below.rx + (size_t)i * size, entries[i], size < 24 ? size : 24);
    }
    regs->x[0] = FFA_SUCCESS_32;
    regs->x[2] = below.count;
    regs->x[3] = is_1_0 ? 0 : below.size;
}

static void answer(struct arch_smc_regs *regs)
{
    switch ((uint32_t)regs->x[0]) {
    case FFA_VERSION_32:
        regs->x[0] = below.version;
        return;
    case FFA_RXTX_MAP_64:
        below.rx = (uint8_t *)(uintptr_t)regs->x[2]; // NOLINT(performance-no-int-to-ptr)
        break;
    case FFA_PARTITION_INFO_GET_32:
        list(regs);
        return;
    case FFA_RX_RELEASE_32:
        below.releases++;
        break;
    case FFA_NOTIFICATION_INFO_GET_64:
        memcpy(regs->x, below.info, sizeof(below.info));
        return;
    case FFA_PARTITION_INFO_GET_REGS_64:
        fail();
    }
    regs->x[0] = FFA_SUCCESS_32;
}

static void discover(uint32_t version)
{
    below.version = version;
    spmc_discover(&world.config);
}

static int setup(void **state)
{
    int result = world_setup(state);

    memset(&below, 0, sizeof(below));
    below.count = ENTRIES;
    below.size = 24;
    world.on_smc = answer;
    discover(FFA_VERSION_1_1);
    return result;
}

static void test_list(void **state)
{
    static const struct uuid uuid = {{31, 32, 33, 34}};

    (void)state;
    assert_int_equal(world.config.spmc_version, FFA_VERSION_1_1);
    assert_int_equal(spmc_count(), ENTRIES);
    assert_int_equal(below.releases, 1);
    assert_int_equal(spmc_find(MP)->contexts, 4);
    assert_int_equal(spmc_find(UP)->properties, 0x30d);
    assert_memory_equal(&spmc_find(MP)->uuid, &uuid, sizeof(uuid));
    /* Longer entries of one that knows more. */
    below.size = 32;
    discover(FFA_VERSION_1_1);
    assert_int_equal(spmc_find(MP)->contexts, 4);
    assert_memory_equal(&spmc_find(MP)->uuid, &uuid, sizeof(uuid));
}

/* Entries without a UUID. */
static void test_list_of_1_0(void **state)
{
    static const struct uuid nil = {{0, 0, 0, 0}};

    (void)state;
    discover(FFA_VERSION_1_0);
    assert_int_equal(world.config.spmc_version, FFA_VERSION_1_0);
    assert_int_equal(spmc_count(), ENTRIES);
    assert_int_equal(spmc_find(MP)->contexts, 4);
    assert_int_equal(spmc_find(UP)->properties, 0x30d);
    assert_memory_equal(&spmc_find(MP)->uuid, &nil, sizeof(nil));
    assert_int_equal(below.releases, 2);
}

static void test_list_without_sense(void **state)
{
    static const uint32_t wrong[][2] = {{0, ENTRIES}, {7, ENTRIES},    {4097, 1},
                                        {24, 171},    {UINT32_MAX, 2}, {24, UINT32_MAX}};

    (void)state;
    for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        below.size = wrong[i][0];
        below.count = wrong[i][1];
        discover(FFA_VERSION_1_1);
        assert_int_equal(spmc_count(), 0);
        assert_int_equal(below.releases, 2 + i);
    }
    below.size = 24;
    below.count = 170;
    discover(FFA_VERSION_1_1);
    assert_int_equal(spmc_count(), SPMC_MAX_ENTRIES);
}

static void set_info(uint64_t x2, uint64_t x3)
{
    below.info[0] = FFA_SUCCESS_64;
    below.info[2] = x2;
    below.info[3] = x3;
}

/* Partitions with notifications are listed for the first VM that schedules, and only once. */
static void test_listed(void **state)
{
    struct vm *vm = vm_find(WORLD_PRIMARY);

    (void)state;
    vm->ffa_version = FFA_VERSION_1_2;
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    expect_error(FFA_NO_DATA);
    set_info(UINT64_C(2) << 12 | 2 << 7,
             UINT64_C(0x7001) << 48 | UINT64_C(1) << 32 | UINT64_C(3) << 16 | MP);
    spmc_sri();
    spmc_sri();
    assert_int_equal(world.injections, 1);
    assert_int_equal(world.injected_intid, NOTIFY_SRI);
    assert_ptr_equal(world.injected->vm, vm);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_SUCCESS_64);
    assert_int_equal(ffa_caller()->ctx.x[2], 2 << 12 | 1 << 7);
    assert_int_equal(ffa_caller()->ctx.x[3], UINT64_C(3) << 32 | 1 << 16 | MP);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    expect_error(FFA_NO_DATA);
    set_info(1 << 7, UP);
    spmc_sri();
    assert_int_equal(world.injections, 2);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_32);
    assert_int_equal(ffa_caller()->ctx.x[2], 1 << 7);
    assert_int_equal(ffa_caller()->ctx.x[3], UP);
}

/* What does not fit is listed by the next call. */
static void test_listed_in_parts(void **state)
{
    (void)state;
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_2;
    /* Contexts 0 to 7 of MP take three lists and eleven ids, of which there is room for ten. */
    for (uint64_t i = 0; i < 8; i += 2) {
        set_info(UINT64_C(2) << 12 | 1 << 7, (i + 1) << 32 | i << 16 | MP);
        spmc_sri();
    }
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_32);
    assert_int_equal(ffa_caller()->ctx.x[2], 1 << 16 | 3 << 14 | 3 << 12 | 3 << 7 | 1);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_32);
    assert_int_equal(ffa_caller()->ctx.x[2], 1 << 12 | 1 << 7);
    assert_int_equal(ffa_caller()->ctx.x[3], 7 << 16 | MP);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_32);
    expect_error(FFA_NO_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_list, setup),
        cmocka_unit_test_setup(test_list_of_1_0, setup),
        cmocka_unit_test_setup(test_list_without_sense, setup),
        cmocka_unit_test_setup(test_listed, setup),
        cmocka_unit_test_setup(test_listed_in_parts, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
