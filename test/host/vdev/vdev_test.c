/* SPDX-License-Identifier: BSD-3-Clause */
/* The device table: sorted whatever the plan's order, exact at its edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/dev/vdev.h"
#include "test/host/devworld/devworld.h"

static int setup(void **state)
{
    (void)state;
    world_setup();
    return 0;
}

static struct vdev *at(uint64_t ipa)
{
    return vdev_find(world.vm[0].vdev, ipa_init(ipa));
}

static void is_sorted(void **state)
{
    const struct vdev_table *table = world.vm[0].vdev;

    (void)state;
    assert_int_equal(table->count, 3);
    for (uint32_t i = 1; i < table->count; i++) {
        assert_true(table->dev[i - 1].base.ipa < table->dev[i].base.ipa);
    }
    for (uint32_t i = 0; i < table->count; i++) {
        assert_ptr_equal(table->dev[i].vm, &world.vm[0]);
    }
}

static void finds_first_and_last_byte(void **state)
{
    const struct vdev_table *table = world.vm[0].vdev;

    (void)state;
    for (uint32_t i = 0; i < table->count; i++) {
        struct vdev *dev = &table->dev[i];

        assert_ptr_equal(at(dev->base.ipa), dev);
        assert_ptr_equal(at(dev->base.ipa + dev->size - 1), dev);
        assert_ptr_not_equal(at(dev->base.ipa - 1), dev);
        assert_ptr_not_equal(at(dev->base.ipa + dev->size), dev);
    }
}

static void finds_nothing_in_holes(void **state)
{
    (void)state;
    assert_null(at(0));
    assert_null(at(WORLD_GICD - 1));
    assert_null(at(WORLD_GICD + 0x10000));
    assert_null(at(WORLD_UART + 0x1000));
    assert_null(at(WORLD_RAM));
    assert_null(at(UINT64_MAX));
    assert_null(vdev_find(NULL, ipa_init(WORLD_UART)));
}

static void no_devices_at_all(void **state)
{
    (void)state;
    world.vm_config[2].device_count = 0;
    vdev_init_vm(&world.vm[2]);
    assert_int_equal(world.vm[2].vdev->count, 0);
    assert_null(vdev_find(world.vm[2].vdev, ipa_init(WORLD_UART)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_sorted, setup),
        cmocka_unit_test_setup(finds_first_and_last_byte, setup),
        cmocka_unit_test_setup(finds_nothing_in_holes, setup),
        cmocka_unit_test_setup(no_devices_at_all, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
