/* SPDX-License-Identifier: BSD-3-Clause */
/* FF-A set-up and discovery: the table, versions, features, ids, console. Source: DEN0077A v1.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/abi/ffa_call.h"
#include "bh/abi/smccc.h"
#include "ffa_expect.h"

static struct vm *primary(void)
{
    return vm_find(WORLD_PRIMARY);
}

struct table_row {
    const char *name;
    uint32_t number, forms, since, callers, mbz;
    bool is_call;
};

static const struct table_row table[] = {
#define FFA_ROW(number, name, forms, since, callers, mbz, features, handler)                       \
    {#name, number, forms, since, callers, mbz, true},
#define FFA_RESULT(number, name, forms, since, callers)                                            \
    {#name, number, forms, since, callers, 0, false},
#include "bh/abi/ffa_table.def"
#undef FFA_ROW
#undef FFA_RESULT
};
#define TABLE_ROWS (sizeof(table) / sizeof(table[0]))

static const struct table_row *row_of(uint32_t number)
{
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        if (table[i].number == number) {
            return &table[i];
        }
    }
    return NULL;
}

static bool is_for_vm(const struct table_row *row, uint32_t form)
{
    /* The primary schedules, is at EL1, and speaks v1.2. */
    return row != NULL && (row->forms & form) != 0 && (row->callers & ROLE_CALLER_VM) != 0 &&
           (row->callers & (FFA_CALLER_V1_0 | FFA_CALLER_EL0)) == 0;
}

/* Numbers ascend: none twice, all inside the range. */
static void test_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        assert_true(table[i].number >= FFA_NUMBER_FIRST && table[i].number < FFA_NUMBER_END);
        assert_true(i == 0 || table[i].number > table[i - 1].number);
        assert_true(table[i].forms != 0 && table[i].callers != 0);
    }
}

/* FFA_FEATURES says of every number what the table says, and nothing else is callable. */
static void test_features_follow_the_table(void **state)
{
    (void)state;
    for (uint32_t number = 0x60; number < 0xf0; number++) {
        const struct table_row *row = row_of(number);

        for (uint32_t form = FFA_FORM_32; form <= FFA_FORM_64; form++) {
            uint64_t fid = form == FFA_FORM_64 ? FFA_FID_64(number) : FFA_FID_32(number);

            WORLD_CALL(ffa_caller(), FFA_FEATURES_32, fid);
            if (is_for_vm(row, form)) {
                assert_int_equal(ffa_caller()->ctx.x[0], FFA_SUCCESS_32);
            } else {
                expect_error(FFA_NOT_SUPPORTED);
            }
            if (!is_for_vm(row, form) || !row->is_call) {
                WORLD_CALL(ffa_caller(), fid);
                expect_error(FFA_NOT_SUPPORTED);
                WORLD_SMC(ffa_caller(), fid);
                expect_error(FFA_NOT_SUPPORTED);
            }
        }
    }
    assert_int_equal(world.smcs, 0);
}

static void test_must_be_zero(void **state)
{
    (void)state;
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        for (uint32_t reg = 1; reg < 8; reg++) {
            uint64_t x[8] = {FFA_FID_32(table[i].number)};

            if ((table[i].mbz & (1u << reg)) != 0) {
                x[reg] = 0x80000000;
                world_call(ffa_caller(), false, 8, x);
                expect_error(FFA_INVALID_PARAMETERS);
            }
        }
    }
    assert_null(world.chain_call);
    /* The upper half of a register does not belong to a 32-bit call. */
    world.chain_answer.next = ffa_caller();
    WORLD_CALL(ffa_caller(), FFA_YIELD_32, UINT64_C(1) << 32, 0, 0, 0, 0, 0, UINT64_C(1) << 63);
    assert_string_equal(world.chain_call, "yield");
}

/* In the oldest version nothing newer exists, and a partition without FF-A has FFA_VERSION only. */
static void test_versions_of_rows(void **state)
{
    struct vcpu *plain = world_vcpu(WORLD_NO_FFA, 0);

    (void)state;
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        uint64_t fid = table[i].forms == FFA_FORM_64 ? FFA_FID_64(table[i].number)
                                                     : FFA_FID_32(table[i].number);

        primary()->ffa_version = FFA_VERSION_1_0;
        if (table[i].since > FFA_VERSION_1_0) {
            WORLD_CALL(ffa_caller(), fid);
            expect_error(FFA_NOT_SUPPORTED);
        }
        if (table[i].since != 0) {
            WORLD_CALL(plain, fid);
            expect_error_of(plain, FFA_NOT_SUPPORTED);
        }
    }
    WORLD_CALL(plain, FFA_VERSION_32, FFA_VERSION_1_1);
    assert_int_equal(plain->ctx.x[0], FFA_VERSION_1_2);
    assert_int_equal(vm_find(WORLD_NO_FFA)->ffa_version, 0);
}

static void test_version(void **state)
{
    static const struct {
        uint64_t asked, result;
    } rows[] = {
        {FFA_VERSION_1_0, FFA_VERSION_1_2}, {FFA_VERSION_1_1, FFA_VERSION_1_2},
        {FFA_VERSION_1_2, FFA_VERSION_1_2}, {0x10003, FFA_VERSION_REFUSED},
        {0x20000, FFA_VERSION_REFUSED},     {0x00009, FFA_VERSION_REFUSED},
        {0, FFA_VERSION_REFUSED},           {0x80010002, FFA_VERSION_REFUSED},
        {0x1ffff, FFA_VERSION_REFUSED},     {0xffffffff, FFA_VERSION_REFUSED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t before = primary()->ffa_version;
        bool accepted = rows[i].result != FFA_VERSION_REFUSED;

        WORLD_CALL(ffa_caller(), FFA_VERSION_32, rows[i].asked | UINT64_C(7) << 32);
        assert_int_equal(ffa_caller()->ctx.x[0], rows[i].result);
        expect_zero(1, 8);
        expect_preserved(8);
        assert_int_equal(primary()->ffa_version, accepted ? rows[i].asked : before);
    }
    assert_false(primary()->ffa_version_locked);
}

static void test_version_locks(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_VERSION_32, FFA_VERSION_1_1);
    /* A refused call does not end the negotiation, a successful one does. */
    WORLD_CALL(ffa_caller(), FFA_RX_RELEASE_32);
    expect_error(FFA_DENIED);
    assert_false(primary()->ffa_version_locked);
    WORLD_CALL(ffa_caller(), FFA_ID_GET_32);
    assert_true(primary()->ffa_version_locked);
    WORLD_CALL(ffa_caller(), FFA_VERSION_32, FFA_VERSION_1_0);
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_VERSION_REFUSED);
    WORLD_CALL(ffa_caller(), FFA_VERSION_32, FFA_VERSION_1_2);
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_VERSION_REFUSED);
    WORLD_CALL(ffa_caller(), FFA_VERSION_32, FFA_VERSION_1_1);
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_VERSION_1_2);
    assert_int_equal(primary()->ffa_version, FFA_VERSION_1_1);
}

/* A call that gives the CPU away is a success, whatever stands in the registers later. */
static void test_version_locks_by_switch(void **state)
{
    (void)state;
    world.chain_answer.next = NULL;
    WORLD_CALL(ffa_caller(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
    assert_true(primary()->ffa_version_locked);
}

static void test_features(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_RXTX_MAP_64, 0);
    expect_success(MAILBOX_MAX_PAGES << 16, 0);
    primary()->ffa_version = FFA_VERSION_1_1;
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_RXTX_MAP_64, 0);
    expect_success(0, 0);
    /* v1.2 functions are not there for a v1.1 caller. */
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_PARTITION_INFO_GET_REGS_64);
    expect_error(FFA_NOT_SUPPORTED);
    /* Feature ids; things that look like function ids. */
    for (uint32_t id = 0; id < 256; id++) {
        WORLD_CALL(ffa_caller(), FFA_FEATURES_32, id);
        expect_error(FFA_NOT_SUPPORTED);
    }
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, 0x80000000);
    expect_error(FFA_NOT_SUPPORTED);
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, 0x85000063);
    expect_error(FFA_NOT_SUPPORTED);
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, 0x84010063);
    expect_error(FFA_NOT_SUPPORTED);
}

static void test_ids(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_ID_GET_32);
    expect_success(WORLD_PRIMARY, 0);
    WORLD_SMC(ffa_caller(), FFA_ID_GET_32 | SMCCC_SVE_HINT);
    expect_success(WORLD_PRIMARY, 0);
    /* No SPMC answers here. */
    WORLD_CALL(ffa_caller(), FFA_SPM_ID_GET_32);
    expect_error(FFA_NOT_SUPPORTED);
}

static void test_console(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_CONSOLE_LOG_32, 5, 0x6c6c6568, UINT64_C(0xffffffff0000006f));
    expect_success(0, 0);
    assert_int_equal(world.console_length, 5);
    assert_memory_equal(world.console, "hello", 5);
    WORLD_CALL(ffa_caller(), FFA_CONSOLE_LOG_64, 10, UINT64_C(0x3736353433323130), 0x3938);
    expect_success(0, 0);
    assert_int_equal(world.console_length, 10);
    assert_memory_equal(world.console, "0123456789", 10);
}

static void test_console_limits(void **state)
{
    static const struct {
        uint64_t fid, count;
        uint32_t version;
        bool is_fine;
    } rows[] = {
        {FFA_CONSOLE_LOG_32, 24, FFA_VERSION_1_2, true},
        {FFA_CONSOLE_LOG_32, 25, FFA_VERSION_1_2, false},
        {FFA_CONSOLE_LOG_32, 0, FFA_VERSION_1_2, false},
        {FFA_CONSOLE_LOG_64, 128, FFA_VERSION_1_2, true},
        {FFA_CONSOLE_LOG_64, 129, FFA_VERSION_1_2, false},
        {FFA_CONSOLE_LOG_64, UINT64_C(1) << 32 | 1, FFA_VERSION_1_2, false},
        {FFA_CONSOLE_LOG_64, 0, FFA_VERSION_1_2, false},
        {FFA_CONSOLE_LOG_64, 48, FFA_VERSION_1_1, true},
        {FFA_CONSOLE_LOG_64, 49, FFA_VERSION_1_1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        primary()->ffa_version = rows[i].version;
        WORLD_CALL(ffa_caller(), rows[i].fid, rows[i].count);
        if (rows[i].is_fine) {
            expect_success(0, 0);
            assert_int_equal(world.console_length, rows[i].count);
        } else {
            expect_error(FFA_INVALID_PARAMETERS);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup(name, world_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_table_is_sound),
        TEST(test_features_follow_the_table),
        TEST(test_must_be_zero),
        TEST(test_versions_of_rows),
        TEST(test_version),
        TEST(test_version_locks),
        TEST(test_version_locks_by_switch),
        TEST(test_features),
        TEST(test_ids),
        TEST(test_console),
        TEST(test_console_limits),
    };

    return cmocka_run_group_tests_name("ffa", tests, NULL, NULL);
}
