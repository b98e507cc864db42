/* SPDX-License-Identifier: BSD-3-Clause */
/* The loader's tree: what is found in a board like QEMU's, what a plan may ask of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "bh/boot/bootinfo.h"
#include "bh/boot/fdt.h"
#include "test/host/plan/plan_builder.h"

#define PADDED_SIZE (1 << 20)

static _Alignas(8) uint8_t blob[PADDED_SIZE];
static struct bootinfo info;
static struct system_config config;

static void add_cells(const char *path, const char *property, uint32_t count, ...)
{
    uint32_t cells[32];
    va_list args;

    va_start(args, count);
    for (uint32_t i = 0; i < count; i++) {
        cells[i] = va_arg(args, uint32_t);
    }
    va_end(args);
    plan_builder_set_cells(blob, path, property, cells, count);
}

static void add_cpu(const char *name, uint32_t mpidr)
{
    char path[64] = "/cpus/";

    plan_builder_add_node(blob, "/cpus", name);
    strcat(path, name);
    plan_builder_set_text(blob, path, "device_type", "cpu");
    add_cells(path, "reg", 1, mpidr);
}

/* As QEMU lays its tree out, with 1 MiB of padding. */
static void build_board(void)
{
    assert_int_equal(fdt_create_empty_tree(blob, PADDED_SIZE), 0);
    add_cells("/", "#address-cells", 1, 2);
    add_cells("/", "#size-cells", 1, 2);
    plan_builder_add_node(blob, "/", "chosen");
    plan_builder_set_text(blob, "/chosen", "bootargs", "console=ttyAMA0 quiet");
    plan_builder_add_node(blob, "/", "memory@40000000");
    plan_builder_set_text(blob, "/memory@40000000", "device_type", "memory");
    add_cells("/memory@40000000", "reg", 8, 0, 0x40000000, 0, 0x20000000, 0, 0x60000000, 0,
              0x20000000);
    plan_builder_add_node(blob, "/", "secram@e000000");
    plan_builder_set_text(blob, "/secram@e000000", "device_type", "memory");
    add_cells("/secram@e000000", "reg", 4, 0, 0x0e000000, 0, 0x01000000);
    plan_builder_add_node(blob, "/", "cpus");
    add_cells("/cpus", "#address-cells", 1, 1);
    add_cells("/cpus", "#size-cells", 1, 0);
    add_cpu("cpu@0", 0);
    add_cpu("cpu@1", 1);
    add_cpu("cpu@100", 0x80000100);
    plan_builder_add_node(blob, "/", "intc@8000000");
    plan_builder_set_text(blob, "/intc@8000000", "compatible", "arm,gic-v3");
    add_cells("/intc@8000000", "#address-cells", 1, 2);
    add_cells("/intc@8000000", "#size-cells", 1, 2);
    add_cells("/intc@8000000", "#redistributor-regions", 1, 2);
    add_cells("/intc@8000000", "reg", 12, 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0xf60000,
              0x40, 0, 0, 0x4000000);
}

static int setup(void **state)
{
    (void)state;
    build_board();
    plan_builder_log_start();
    memset(&config, 0, sizeof(config));
    config.board = (struct board_config){
        .gicd = {{0x08000000}, 0x10000},
        .gicr = {{{0x080a0000}, 0xf60000}},
        .gicr_count = 1,
        .cpu_count = 2,
        .cpu_mpidr = {0, 0x100},
        .memory = {{{0x50000000}, 0x20000000}},
        .memory_count = 1,
    };
    return 0;
}

static void test_board_is_found(void **state)
{
    (void)state;
    assert_int_equal(bootinfo_read(blob, sizeof(blob), &info), STATUS_OK);
    assert_string_equal(info.bootargs, "console=ttyAMA0 quiet");
    assert_int_equal(info.fdt_size, PADDED_SIZE);
    assert_int_equal(info.board.memory_count, 2);
    assert_int_equal(info.board.memory[0].base.pa, 0x60000000 - 0x20000000);
    assert_int_equal(info.board.gicd.base.pa, 0x08000000);
    assert_int_equal(info.board.gicr_count, 2);
    assert_int_equal(info.board.gicr[1].base.pa, UINT64_C(0x4000000000));
    assert_int_equal(info.board.cpu_count, 3);
}

static void test_board_matches(void **state)
{
    (void)state;
    assert_int_equal(bootinfo_read(blob, sizeof(blob), &info), STATUS_OK);
    /* The plan's range spans two of the loader's. */
    assert_int_equal(bootinfo_compare(&info, &config), STATUS_OK);
}

static void refuse(const char *expected)
{
    assert_int_equal(bootinfo_read(blob, sizeof(blob), &info), STATUS_OK);
    assert_int_equal(bootinfo_compare(&info, &config), STATUS_INVALID);
    assert_true(plan_builder_log_has(expected));
    assert_int_equal(plan_builder_log_lines(), 1);
}

static void test_too_little_memory(void **state)
{
    (void)state;
    config.board.memory[0].size += 0x10001000;
    refuse("/board: memory: 0x50000000, 0x30001000 bytes, does not exist on this board");
}

static void test_other_gic(void **state)
{
    (void)state;
    plan_builder_set_text(blob, "/intc@8000000", "compatible", "arm,cortex-a15-gic");
    assert_int_equal(bootinfo_read(blob, sizeof(blob), &info), STATUS_OK);
    assert_int_equal(bootinfo_compare(&info, &config), STATUS_INVALID);
    assert_true(plan_builder_log_has("gicd: 0x8000000"));
    assert_true(plan_builder_log_has("gicr: 0x80a0000"));
}

static void test_missing_cpu(void **state)
{
    (void)state;
    config.board.cpu_mpidr[1] = 7;
    refuse("/board: cpus[1]: no CPU with MPIDR 0x7 on this board: rule board-matches");
}

static void test_disabled_nodes_do_not_count(void **state)
{
    (void)state;
    plan_builder_set_text(blob, "/cpus/cpu@100", "status", "disabled");
    refuse("/board: cpus[1]: no CPU with MPIDR 0x100");
}

static void test_no_arguments(void **state)
{
    (void)state;
    plan_builder_delete_node(blob, "/chosen");
    assert_int_equal(bootinfo_read(blob, sizeof(blob), &info), STATUS_OK);
    assert_string_equal(info.bootargs, "");
}

static void test_long_arguments_are_ignored_aloud(void **state)
{
    static char text[BOOTINFO_ARGS_SIZE + 1];

    (void)state;
    memset(text, 'a', BOOTINFO_ARGS_SIZE);
    plan_builder_set_text(blob, "/chosen", "bootargs", text);
    assert_int_equal(bootinfo_read(blob, sizeof(blob), &info), STATUS_OK);
    assert_string_equal(info.bootargs, "");
    assert_true(plan_builder_log_has("bootargs is longer than 1023"));
}

static void test_bad_trees_are_refused(void **state)
{
    (void)state;
    assert_int_equal(bootinfo_read(blob + 4, sizeof(blob) - 4, &info), STATUS_INVALID);
    assert_int_equal(bootinfo_read(blob, 1000, &info), STATUS_INVALID);
    add_cells("/", "#address-cells", 1, 3);
    assert_int_equal(bootinfo_read(blob, sizeof(blob), &info), STATUS_INVALID);
    assert_true(plan_builder_log_has("more than two cells"));
    /* An end tag in the middle. */
    setup(state);
    memset(blob + fdt_off_dt_struct(blob) + 64, 0, 4);
    assert_int_equal(bootinfo_read(blob, sizeof(blob), &info), STATUS_INVALID);
}

/* ---- arguments into a guest's tree ---- */

static void test_arguments_replace_the_guests(void **state)
{
    (void)state;
    assert_int_equal(fdt_bootargs_set(blob, sizeof(blob), "root=/dev/vda"), STATUS_OK);
    assert_string_equal(fdt_getprop(blob, fdt_path_offset(blob, "/chosen"), "bootargs", NULL),
                        "root=/dev/vda");
    assert_int_equal(fdt_total_size(blob), sizeof(blob));
    plan_builder_delete_node(blob, "/chosen");
    assert_int_equal(fdt_bootargs_set(blob, sizeof(blob), "again"), STATUS_OK);
    assert_string_equal(fdt_getprop(blob, fdt_path_offset(blob, "/chosen"), "bootargs", NULL),
                        "again");
}

static void test_arguments_need_room(void **state)
{
    static char text[BOOTINFO_ARGS_SIZE];

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    assert_int_equal(fdt_pack(blob), 0);
    uint64_t size = fdt_totalsize(blob);

    assert_int_equal(fdt_bootargs_set(blob, size, text), STATUS_NO_MEMORY);
    assert_int_equal(fdt_bootargs_set(blob, size - 1, "x"), STATUS_INVALID);
    assert_int_equal(fdt_bootargs_set(blob, size + FDT_ARGS_ROOM, text), STATUS_OK);
    assert_int_equal(fdt_total_size(blob), size + FDT_ARGS_ROOM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_board_is_found, setup),
        cmocka_unit_test_setup(test_board_matches, setup),
        cmocka_unit_test_setup(test_too_little_memory, setup),
        cmocka_unit_test_setup(test_other_gic, setup),
        cmocka_unit_test_setup(test_missing_cpu, setup),
        cmocka_unit_test_setup(test_disabled_nodes_do_not_count, setup),
        cmocka_unit_test_setup(test_no_arguments, setup),
        cmocka_unit_test_setup(test_long_arguments_are_ignored_aloud, setup),
        cmocka_unit_test_setup(test_bad_trees_are_refused, setup),
        cmocka_unit_test_setup(test_arguments_replace_the_guests, setup),
        cmocka_unit_test_setup(test_arguments_need_room, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
