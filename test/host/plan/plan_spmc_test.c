/* SPDX-License-Identifier: BSD-3-Clause */
/* The plan of the SPMC: the normal world first, then secure partitions with memory of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bh/base/num.h"
#include "bh/boot/plan.h"
#include "bh/mem/stage2.h"
#include "test/host/plan/plan_builder.h"

#define WORLD "/vms/vm@1"
#define SP    "/vms/vm@2"

#define RW_NS        (STAGE2_NS | STAGE2_R | STAGE2_W)
#define RWX_NS       (RW_NS | STAGE2_X)
#define DEVICE_RW_NS (RW_NS | STAGE2_DEVICE)

static _Alignas(8) uint8_t blob[PLAN_BUILDER_SIZE];
static struct system_config config;

#define SET(path, property, ...)                                                                   \
    plan_builder_set_cells(blob, path, property, (const uint32_t[]){__VA_ARGS__},                  \
                           NUM_ARRAY_COUNT(((const uint32_t[]){__VA_ARGS__})))
#define REGION(at, size, attributes) 0, at, 0, at, 0, size, 0, attributes

/* The hypervisor's plan, with its first VM as the normal world and its second as an SP. */
static int setup(void **state)
{
    (void)state;
    plan_builder_base(blob);
    SET("/", "role", SYSTEM_SPMC);
    SET("/board", "memory-ns", 0, 0x80000000, 0, 0x40000000);
    SET(WORLD, "id", CONFIG_WORLD_ID);
    plan_builder_set_text(blob, WORLD, "name", "normal-world");
    SET(WORLD, "interrupt-model", VM_IRQ_PARAVIRT);
    SET(WORLD, "entry", 0, 0);
    SET(WORLD, "bootargs-from-loader", 0);
    SET(WORLD, "vcpu-mpidr", 0, 0, 0, 1, 0, 2);
    SET(WORLD, "vcpu-cpu", 0, 1, 2);
    SET(WORLD, "regions", REGION(0x80000000, 0x40000000, RWX_NS));
    plan_builder_set_cells(blob, WORLD, "images", NULL, 0);
    plan_builder_set_cells(blob, WORLD, "interrupts", NULL, 0);
    plan_builder_delete_node(blob, WORLD "/devices");
    SET(SP, "id", CONFIG_SECURE_ID + 1);
    SET(SP, "scheduler", CONFIG_WORLD_ID);
    SET(SP, "regions", REGION(0x61000000, 0x100000, 7), REGION(0x90000000, 0x1000, RW_NS));
    plan_builder_log_start();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    plan_builder_free_all();
    return 0;
}

static enum status read_all(void)
{
    enum status status = plan_read_head(blob, sizeof(blob), &config);

    if (status == STATUS_OK) {
        status = plan_read_vms(blob, &config, plan_builder_alloc);
    }
    return status == STATUS_OK ? plan_check(&config) : status;
}

static void assert_refused(const char *text)
{
    assert_int_equal(read_all(), STATUS_INVALID);
    if (!plan_builder_log_has(text)) {
        fail_msg("not said: %s; said instead: %s", text, plan_builder_log_text());
    }
}

static void test_the_normal_world_and_an_sp(void **state)
{
    (void)state;
    if (read_all() != STATUS_OK) {
        fail_msg("%s", plan_builder_log_text());
    }
    assert_int_equal(config.vm[0].id, CONFIG_WORLD_ID);
    assert_int_equal(config.vm[1].id, 0x8001);
    assert_int_equal(config.vm[1].scheduling, VM_SCHEDULED);
    assert_int_equal(config.vm[1].region[1].attributes, RW_NS);
}

static void test_the_first_vm_is_the_normal_world(void **state)
{
    (void)state;
    SET(WORLD, "id", 0x8001);
    assert_refused("vm@8001: id: the normal world, vm@0, comes first: rule id-world");
    setup(state);
    SET(WORLD, "vcpu-mpidr", 0, 0, 0, 1);
    SET(WORLD, "vcpu-cpu", 0, 1);
    assert_refused("vm@0: vcpu-cpu: the normal world has a vCPU on each of 3 CPUs: rule id-world");
    setup(state);
    SET(WORLD, "scheduling", VM_SCHEDULED);
    assert_refused("rule id-world");
}

static void test_sp_ids_are_secure(void **state)
{
    (void)state;
    SET(SP, "id", 1);
    assert_refused("vm@1: id: 0x1, must be above 0x8000: rule id-ascending");
    setup(state);
    SET(SP, "id", CONFIG_SECURE_ID);
    assert_refused("id: 0x8000, must be above 0x8000: rule id-ascending");
}

static void test_the_normal_world_has_nothing_secure(void **state)
{
    (void)state;
    SET(WORLD, "regions", REGION(0x80000000, 0x1000, 7));
    assert_refused("vm@0: regions[0]: attributes 0x7: rule region-security");
    setup(state);
    SET(WORLD, "regions", REGION(0x7ffff000, 0x2000, RWX_NS));
    assert_refused("vm@0: regions[0]: pa 0x7ffff000, 0x2000 bytes, is not in memory");
}

static void test_an_sp_shares_memory_that_the_normal_world_has(void **state)
{
    (void)state;
    SET(SP, "regions", REGION(0x61000000, 0x100000, 7), REGION(0xbffff000, 0x2000, RW_NS));
    assert_refused("regions[1]: pa 0xbffff000, 0x2000 bytes, is not in memory");
    setup(state);
    SET(SP, "regions", REGION(0x61000000, 0x100000, RWX_NS));
    assert_refused("regions[0]: pa 0x61000000, 0x100000 bytes, is not in memory");
    setup(state);
    /* Memory that is not marked as the normal world's is secure, and that has to exist. */
    SET(SP, "regions", REGION(0x61000000, 0x100000, 7), REGION(0x90000000, 0x1000, 3));
    assert_refused("regions[1]: pa 0x90000000, 0x1000 bytes, is not in memory");
}

static void test_devices_of_the_normal_world(void **state)
{
    (void)state;
    SET(SP, "regions", REGION(0x0a000000, 0x1000, DEVICE_RW_NS), REGION(0x61000000, 0x100000, 7));
    assert_int_equal(read_all(), STATUS_OK);
    setup(state);
    /* Given away, it is not the normal world's. */
    SET(WORLD, "regions", REGION(0x0a000000, 0x1000, DEVICE_RW_NS),
        REGION(0x80000000, 0x1000, RWX_NS));
    SET(SP, "regions", REGION(0x0a000000, 0x1000, DEVICE_RW_NS), REGION(0x61000000, 0x100000, 7));
    assert_refused("regions[0]: pa 0xa000000 overlaps vm@0 regions[0]: rule region-owner");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_normal_world_and_an_sp, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_first_vm_is_the_normal_world, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sp_ids_are_secure, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_normal_world_has_nothing_secure, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_sp_shares_memory_that_the_normal_world_has, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_devices_of_the_normal_world, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
