/* SPDX-License-Identifier: BSD-3-Clause */
/* UUIDs to partitions: all of them found, in the order of the configuration, and nobody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bh/obj/uuid_index.h"

static struct uuid uuids[CONFIG_MAX_VMS][CONFIG_MAX_UUIDS];
static struct vm_config vms[CONFIG_MAX_VMS];
static struct system_config config = {.vm_count = CONFIG_MAX_VMS, .vm = vms};

static void fill(uint32_t entries)
{
    for (uint32_t vm = 0; vm < CONFIG_MAX_VMS; vm++) {
        vms[vm] = (struct vm_config){.uuid_count = entries, .uuid = uuids[vm]};
        for (uint32_t i = 0; i < CONFIG_MAX_UUIDS; i++) {
            uuids[vm][i] = (struct uuid){{vm, 0, i, 0x1000}};
        }
    }
}

static void test_every_uuid_is_found_once(void **state)
{
    (void)state;
    fill(CONFIG_MAX_UUIDS);
    uuid_index_build(&config);
    for (uint32_t vm = 0; vm < CONFIG_MAX_VMS; vm++) {
        for (uint32_t i = 0; i < CONFIG_MAX_UUIDS; i++) {
            uint32_t code = uuid_index_first(&uuids[vm][i]);

            assert_int_equal(uuid_code_vm(code), vm);
            assert_int_equal(uuid_code_entry(code), i);
            assert_int_equal(uuid_index_next(code, &uuids[vm][i]), UUID_CODE_END);
        }
    }
}

static void test_unknown_uuids_are_not_found(void **state)
{
    const struct uuid unknown[] = {{{0}}, {{1, 0, CONFIG_MAX_UUIDS, 0x1000}}, {{0, 0, 0, 0x1001}}};

    (void)state;
    fill(2);
    uuid_index_build(&config);
    for (uint32_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_int_equal(uuid_index_first(&unknown[i]), UUID_CODE_END);
    }
    /* Behind the end of its list. */
    assert_int_equal(uuid_index_first(&uuids[3][2]), UUID_CODE_END);
}

static void test_partitions_that_share_one_come_in_order(void **state)
{
    const struct uuid shared = {{1, 2, 3, 4}};
    uint32_t code;

    (void)state;
    fill(1);
    uuids[5][0] = shared;
    uuids[6][0] = shared;
    uuids[63][0] = shared;
    uuid_index_build(&config);
    code = uuid_index_first(&shared);
    assert_int_equal(uuid_code_vm(code), 5);
    code = uuid_index_next(code, &shared);
    assert_int_equal(uuid_code_vm(code), 6);
    code = uuid_index_next(code, &shared);
    assert_int_equal(uuid_code_vm(code), 63);
    assert_int_equal(uuid_index_next(code, &shared), UUID_CODE_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_uuid_is_found_once),
        cmocka_unit_test(test_unknown_uuids_are_not_found),
        cmocka_unit_test(test_partitions_that_share_one_come_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
