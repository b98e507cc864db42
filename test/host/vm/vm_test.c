/* SPDX-License-Identifier: BSD-3-Clause */
/* VMs as objects: looked up by id, index and MPIDR, linked with their vCPUs and CPUs; images copied
 * to where Stage 2 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bh/arch/arch_cpu.h"
#include "bh/mem/pool.h"
#include "bh/mem/stage1.h"
#include "bh/mem/window.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vm.h"
#include "bh/svc/vm_load.h"

#define POOL_SIZE   (UINT64_C(4) << 20)
#define MEMORY_SIZE (UINT64_C(6) << 20)
#define IPA_BASE    UINT64_C(0x40000000)

static void *pool;
static uint8_t *memory;
static uint8_t source[3 << 20];

static struct vcpu_config first_vcpus[] = {{.mpidr = 0, .cpu = 2}, {.mpidr = 0x100, .cpu = 0}};
static struct vcpu_config other_vcpus[] = {{.mpidr = 0, .cpu = CONFIG_CPU_NONE}};
static struct region_config regions[4];
static struct image_config images[2];

static struct vm_config vms[] = {
    {.name = "first", .id = 1, .index = 0, .vcpu_count = 2, .vcpu = first_vcpus},
    {.name = "other",
     .id = 0x7f03,
     .index = 1,
     .scheduling = VM_SCHEDULED,
     .scheduler = 1,
     .irq_model = VM_IRQ_PARAVIRT,
     .vcpu_count = 1,
     .vcpu = other_vcpus},
};

static struct system_config config = {
    .board = {.cpu_count = 3, .cpu_mpidr = {0, 1, 0x80000100}},
    .vm_count = 2,
    .vm = vms,
};

static int setup(void **state)
{
    (void)state;
    pool = aligned_alloc(POOL_SIZE, POOL_SIZE);
    memory = aligned_alloc(MEMORY_SIZE / 3, MEMORY_SIZE);
    memset(memory, 0xee, MEMORY_SIZE);
    pool_init((struct pa_range){pa_init((uintptr_t)pool), POOL_SIZE});
    config_set(&config);
    cpu_init_all(&config.board);
    arch_cpu_set_self(cpu_get(1));
    stage1_init();
    window_init(cpu_count(), config.vm_count);
    vm_init_all(&config);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(pool);
    free(memory);
    return 0;
}

static void test_find_by_id(void **state)
{
    (void)state;
    assert_int_equal(vm_count(), 2);
    assert_ptr_equal(vm_find(1), vm_get_index(0));
    assert_ptr_equal(vm_find(0x7f03), vm_get_index(1));
    assert_null(vm_find(0));
    assert_null(vm_find(2));
    assert_null(vm_find(0x7f04));
    assert_null(vm_find(0x8001));
    assert_null(vm_find(0xffff));
    for (uint16_t id = 0xff00; id != 0; id++) {
        assert_null(vm_find(id));
    }
}

static void test_objects_are_linked(void **state)
{
    (void)state;
    struct vm *first = vm_find(1);

    assert_ptr_equal(first->config, &vms[0]);
    assert_ptr_equal(first->vcpu[1].vm, first);
    assert_int_equal(first->vcpu[1].index, 1);
    assert_false(first->vcpu[0].scheduled);
    assert_true(vm_find(0x7f03)->vcpu[0].scheduled);
    assert_ptr_equal(cpu_get(2)->home, &first->vcpu[0]);
    assert_ptr_equal(cpu_get(0)->home, &first->vcpu[1]);
    assert_null(cpu_get(1)->home);
    assert_null(first->scheduler);
    assert_true(first->is_scheduler);
    assert_ptr_equal(vm_find(0x7f03)->scheduler, first);
    assert_false(vm_find(0x7f03)->is_scheduler);
    /* The machine goes off when all VMs are off: one that has not started yet is not. */
    assert_int_equal(first->life, VM_RUNNING);
}

static void test_find_by_mpidr(void **state)
{
    (void)state;
    struct vm *first = vm_find(1);

    assert_ptr_equal(vm_find_vcpu_mpidr(first, 0x100), &first->vcpu[1]);
    assert_null(vm_find_vcpu_mpidr(first, 1));
    assert_ptr_equal(cpu_find_mpidr(0x80000100), cpu_get(2));
    assert_null(cpu_find_mpidr(7));
}

static void test_lock_gives_the_token(void **state)
{
    (void)state;
    struct vm_locked locked = vm_lock(vm_find(1));

    assert_ptr_equal(locked.vm, vm_find(1));
    /* In either order of the arguments. */
    vm_unlock(locked);
    vm_lock_both(vm_find(0x7f03), vm_find(1));
    vm_unlock((struct vm_locked){vm_find(1)});
    vm_unlock((struct vm_locked){vm_find(0x7f03)});
}

/* An image of 3 MiB, 1 MiB + 8 into the memory: its pieces end at 2 MiB boundaries. */
static void test_images_are_copied(void **state)
{
    const uint64_t offset = (1 << 20) + 8;

    (void)state;
    for (size_t i = 0; i < sizeof(source); i++) {
        source[i] = (uint8_t)(i * 7 + i / 4096);
    }
    regions[0] = (struct region_config){{0x1000}, {{0xdead000}, 0x1000}, STAGE2_R};
    regions[1] = (struct region_config){
        {IPA_BASE}, {pa_init((uintptr_t)memory), MEMORY_SIZE}, STAGE2_R | STAGE2_W | STAGE2_X};
    images[0] = (struct image_config){
        pa_init((uintptr_t)source), sizeof(source), {IPA_BASE + offset}, false};
    images[1] =
        (struct image_config){pa_init((uintptr_t)source), 5, {IPA_BASE + MEMORY_SIZE - 8}, true};
    vms[0].region = regions;
    vms[0].region_count = 2;
    vms[0].image = images;
    vms[0].image_count = 2;

    vm_load_images(vm_find(1));
    assert_int_equal(memory[offset - 1], 0xee);
    assert_memory_equal(memory + offset, source, sizeof(source));
    assert_int_equal(memory[offset + sizeof(source)], 0xee);
    assert_memory_equal(memory + MEMORY_SIZE - 8, source, 5);
    assert_int_equal(memory[MEMORY_SIZE - 3], 0xee);
}

/* After an abort: what the VM could write is zero, what others have, too, is left alone. */
static void test_memory_is_cleared(void **state)
{
    const uint64_t shared = MEMORY_SIZE - PAGE_SIZE, read_only = shared - PAGE_SIZE;
    const uint32_t rw = STAGE2_R | STAGE2_W;

    (void)state;
    memset(memory, 0xee, MEMORY_SIZE);
    regions[0] =
        (struct region_config){{IPA_BASE}, {pa_init((uintptr_t)memory), read_only}, rw | STAGE2_X};
    regions[1] = (struct region_config){
        {IPA_BASE + read_only}, {pa_init((uintptr_t)memory + read_only), PAGE_SIZE}, STAGE2_R};
    regions[2] = (struct region_config){{IPA_BASE + shared},
                                        {pa_init((uintptr_t)memory + shared), PAGE_SIZE},
                                        rw | CONFIG_REGION_SHARED};
    /* Nothing is mapped there: touching it would fail. */
    regions[3] = (struct region_config){
        {IPA_BASE + MEMORY_SIZE}, {{0xdead000}, PAGE_SIZE}, rw | STAGE2_DEVICE};
    vms[0].region = regions;
    vms[0].region_count = 4;

    vm_clear_memory(vm_find(1));
    for (uint64_t i = 0; i < MEMORY_SIZE; i++) {
        assert_int_equal(memory[i], i < read_only ? 0 : 0xee);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_find_by_id, setup, teardown),
        cmocka_unit_test_setup_teardown(test_objects_are_linked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_find_by_mpidr, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lock_gives_the_token, setup, teardown),
        cmocka_unit_test_setup_teardown(test_images_are_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory_is_cleared, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
