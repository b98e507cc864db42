/* SPDX-License-Identifier: BSD-3-Clause */
/* Guest memory: across pages, and refused where the guest itself could not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bh/svc/guestmem.h"
#include "test/host/devworld/devworld.h"

static int setup(void **state)
{
    (void)state;
    world_setup();
    for (uint32_t i = 0; i < sizeof(world.ram); i++) {
        world.ram[i] = (uint8_t)(i * 7);
    }
    return 0;
}

static void across_pages(void **state)
{
    uint8_t buffer[5000];

    (void)state;
    assert_int_equal(guestmem_read(&world.vm[0], ipa_init(WORLD_RAM + 100), buffer, 5000),
                     STATUS_OK);
    assert_memory_equal(buffer, &world.ram[100], 5000);
    memset(buffer, 0xa5, sizeof(buffer));
    assert_int_equal(guestmem_write(&world.vm[0], ipa_init(WORLD_RAM + 3000), buffer, 5000),
                     STATUS_OK);
    assert_memory_equal(buffer, &world.ram[3000], 5000);
    assert_int_equal(world.ram[2999], (uint8_t)(2999 * 7));
    assert_int_equal(world.ram[8000], (uint8_t)(8000 * 7));
    assert_null(world.window_page);
}

static void refusals(void **state)
{
    uint8_t buffer[16] = {0};
    struct vm *vm = &world.vm[0];

    (void)state;
    assert_int_equal(guestmem_read(vm, ipa_init(WORLD_RAM - 8), buffer, 16), STATUS_INVALID);
    assert_int_equal(guestmem_read(vm, ipa_init(WORLD_ROM + 0x1000 - 8), buffer, 16),
                     STATUS_INVALID);
    assert_int_equal(guestmem_read(vm, ipa_init(WORLD_ROM), buffer, 16), STATUS_OK);
    assert_int_equal(guestmem_write(vm, ipa_init(WORLD_ROM), buffer, 16), STATUS_INVALID);
    assert_int_equal(guestmem_read(vm, ipa_init(UINT64_MAX - 7), buffer, 16), STATUS_INVALID);
    assert_int_equal(guestmem_read(vm, ipa_init(0), buffer, 0), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(across_pages, setup),
        cmocka_unit_test_setup(refusals, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
