/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_MEM_PERM_GET, FFA_MEM_PERM_SET. Source: DEN0140 2.10, 2.11. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ffa_expect.h"

#define RAM_PAGES (WORLD_RAM_SIZE / PAGE_SIZE)

/* The partition at EL0: the mute one, while it initialises. */
static struct vcpu *el0(void)
{
    return world_vcpu(WORLD_MUTE, 0);
}

static int setup(void **state)
{
    world_setup(state);
    world.vm[WORLD_MUTE - 1].level = VM_EL0;
    el0()->is_el0 = true;
    world_enter(el0(), 0);
    return 0;
}

static void expect_perm(uint64_t address, uint64_t perm)
{
    WORLD_CALL(el0(), FFA_MEM_PERM_GET_64, address);
    assert_int_equal(el0()->ctx.x[0], FFA_SUCCESS_32);
    assert_int_equal(el0()->ctx.x[1], 0);
    assert_int_equal(el0()->ctx.x[2], perm);
    expect_zero_of(el0(), 3, 8);
}

static void set(uint64_t address, uint64_t pages, uint64_t perm)
{
    WORLD_CALL(el0(), FFA_MEM_PERM_SET_64, address, pages, perm);
}

static void expect_refused(int32_t code)
{
    expect_error_of(el0(), code);
    assert_int_equal(world.protects, 0);
}

static void test_starts_without_writable_code(void **state)
{
    const struct vm_config *config = &world.vm[WORLD_MUTE - 1];

    (void)state;
    assert_int_equal(vm_region_access(config, &config->region[0]),
                     STAGE2_R | STAGE2_W | STAGE2_DEVICE);
    assert_int_equal(vm_region_access(config, &config->region[1]), STAGE2_R | STAGE2_X);
    assert_int_equal(vm_region_access(config, &config->region[2]), STAGE2_R | STAGE2_X);
    assert_int_equal(vm_region_access(&world.vm[0], &config->region[1]),
                     STAGE2_R | STAGE2_W | STAGE2_X);
}

static void test_set_and_get(void **state)
{
    (void)state;
    set(WORLD_RAM + PAGE_SIZE, 2, FFA_MEM_PERM_RW);
    assert_int_equal(el0()->ctx.x[0], FFA_SUCCESS_32);
    expect_zero_of(el0(), 1, 8);
    expect_perm(WORLD_RAM + PAGE_SIZE, FFA_MEM_PERM_RW);
    expect_perm(WORLD_RAM + 2 * PAGE_SIZE, FFA_MEM_PERM_RW);
    assert_int_equal(world.access[0], 0);
    assert_int_equal(world.access[3], 0);
    set(WORLD_RAM + PAGE_SIZE, 1, FFA_MEM_PERM_RO);
    expect_perm(WORLD_RAM + PAGE_SIZE, FFA_MEM_PERM_RO);
    expect_perm(WORLD_RAM + 2 * PAGE_SIZE, FFA_MEM_PERM_RW);
    set(WORLD_RAM + PAGE_SIZE, 1, FFA_MEM_PERM_RX);
    expect_perm(WORLD_RAM + PAGE_SIZE, FFA_MEM_PERM_RX);
    set(WORLD_RAM, RAM_PAGES, FFA_MEM_PERM_RW);
    expect_perm(WORLD_RAM + WORLD_RAM_SIZE - PAGE_SIZE, FFA_MEM_PERM_RW);
    set(WORLD_DEVICE, 1, FFA_MEM_PERM_RO);
    assert_int_equal(el0()->ctx.x[0], FFA_SUCCESS_32);
}

static void test_32_bit_form(void **state)
{
    (void)state;
    WORLD_CALL(el0(), FFA_MEM_PERM_SET_32, WORLD_RAM | UINT64_C(1) << 32, UINT64_C(1) << 32 | 1,
               UINT64_C(1) << 32 | FFA_MEM_PERM_RO);
    assert_int_equal(el0()->ctx.x[0], FFA_SUCCESS_32);
    WORLD_CALL(el0(), FFA_MEM_PERM_GET_32, WORLD_RAM | UINT64_C(1) << 32);
    assert_int_equal(el0()->ctx.x[2], FFA_MEM_PERM_RO);
}

static void test_set_refused(void **state)
{
    static const struct {
        uint64_t address, pages, perm;
        int32_t code;
    } rows[] = {
        {WORLD_RAM + 1, 1, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {WORLD_RAM + 0x800, 1, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {WORLD_RAM, 0, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {WORLD_RAM, 1, 0, FFA_INVALID_PARAMETERS},   /* no access */
        {WORLD_RAM, 1, 4, FFA_INVALID_PARAMETERS},   /* no access, not executable */
        {WORLD_RAM, 1, 1, FFA_INVALID_PARAMETERS},   /* writable and executable */
        {WORLD_RAM, 1, 2, FFA_INVALID_PARAMETERS},   /* reserved */
        {WORLD_RAM, 1, 6, FFA_INVALID_PARAMETERS},   /* reserved */
        {WORLD_RAM, 1, 0xd, FFA_INVALID_PARAMETERS}, /* bit 3 */
        {WORLD_RAM, 1, 0x80000005, FFA_INVALID_PARAMETERS},
        {WORLD_RAM, RAM_PAGES + 1, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {WORLD_RAM - PAGE_SIZE, 2, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {WORLD_RAM + WORLD_RAM_SIZE, 1, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {WORLD_RAM, 0xffffffff, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {UINT64_C(1) << 40, 1, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {0xfffffffffffff000, 1, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {0xfffffffffffff000, 2, FFA_MEM_PERM_RW, FFA_INVALID_PARAMETERS},
        {WORLD_DEVICE, 1, FFA_MEM_PERM_RX, FFA_INVALID_PARAMETERS},
        {WORLD_ROM, 1, FFA_MEM_PERM_RW, FFA_DENIED}, /* the manifest says read only */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set(rows[i].address, rows[i].pages, rows[i].perm);
        expect_refused(rows[i].code);
    }
}

static void test_get_refused(void **state)
{
    static const uint64_t addresses[] = {WORLD_RAM + 4, WORLD_RAM - PAGE_SIZE, UINT64_C(1) << 40,
                                         0xfffffffffffff000, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        WORLD_CALL(el0(), FFA_MEM_PERM_GET_64, addresses[i]);
        expect_refused(FFA_INVALID_PARAMETERS);
    }
}

static void test_mixed_range_refused(void **state)
{
    struct region_config *region = world.vm[0].region;
    struct ipaddr before = region[0].ipa;

    (void)state;
    region[0].ipa = ipa_init(WORLD_RAM - PAGE_SIZE); /* the device, just below the memory */
    set(WORLD_RAM - PAGE_SIZE, 2, FFA_MEM_PERM_RO);
    region[0].ipa = before;
    expect_refused(FFA_INVALID_PARAMETERS);
}

static void test_only_while_it_initialises(void **state)
{
    (void)state;
    el0()->model = VCPU_MODEL_REQUEST;
    WORLD_CALL(el0(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
    expect_error_of(el0(), FFA_DENIED);
    el0()->model = VCPU_MODEL_INIT;
    expect_perm(WORLD_ROM, FFA_MEM_PERM_RX); /* a wait that fails ends nothing */
    world.chain_answer = (struct chain_result){.status = STATUS_OK, .next = el0()};
    WORLD_CALL(el0(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
    set(WORLD_RAM, 1, FFA_MEM_PERM_RW);
    expect_refused(FFA_DENIED);
    set(WORLD_RAM + 1, 0, 0); /* the phase comes before the other checks, */
    expect_refused(FFA_DENIED);
    set(0xfffffffffffff000, 2, FFA_MEM_PERM_RW); /* an overflow before it */
    expect_refused(FFA_INVALID_PARAMETERS);
    WORLD_CALL(el0(), FFA_MEM_PERM_GET_64, WORLD_RAM);
    expect_refused(FFA_DENIED);
}

static void test_not_for_el1(void **state)
{
    static const uint64_t ids[] = {FFA_MEM_PERM_GET_32, FFA_MEM_PERM_GET_64, FFA_MEM_PERM_SET_32,
                                   FFA_MEM_PERM_SET_64};

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        WORLD_CALL(ffa_caller(), ids[i], WORLD_RAM, 1, FFA_MEM_PERM_RO);
        expect_error(FFA_NOT_SUPPORTED);
        WORLD_CALL(ffa_caller(), FFA_FEATURES_32, ids[i], 0);
        expect_error(FFA_NOT_SUPPORTED);
        WORLD_CALL(el0(), FFA_FEATURES_32, ids[i], 0);
        assert_int_equal(el0()->ctx.x[0], FFA_SUCCESS_32);
        expect_zero_of(el0(), 1, 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_starts_without_writable_code, setup),
        cmocka_unit_test_setup(test_set_and_get, setup),
        cmocka_unit_test_setup(test_32_bit_form, setup),
        cmocka_unit_test_setup(test_set_refused, setup),
        cmocka_unit_test_setup(test_get_refused, setup),
        cmocka_unit_test_setup(test_mixed_range_refused, setup),
        cmocka_unit_test_setup(test_only_while_it_initialises, setup),
        cmocka_unit_test_setup(test_not_for_el1, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
