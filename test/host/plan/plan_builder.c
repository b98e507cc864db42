/* SPDX-License-Identifier: BSD-3-Clause */
#include "test/host/plan/plan_builder.h"

#include <assert.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bh/base/log.h"

#define MAX_BLOCKS 256
#define LOG_SIZE   16384

static void *blocks[MAX_BLOCKS];
static uint32_t block_count;
static char log_text[LOG_SIZE];
static uint32_t log_length, log_lines;

/* ---- content ---- */

#define CELLS(...) ((const uint32_t[]){__VA_ARGS__})

struct content {
    const char *path, *property, *text;
    const uint32_t *cells;
    uint32_t count;
};

/* Versions of clang-format differ on these. */
/* clang-format off */
#define NUMBERS(path, property, ...)                                                               \
    {                                                                                              \
        path, property, NULL, CELLS(__VA_ARGS__), sizeof(CELLS(__VA_ARGS__)) / 4                   \
    }
#define EMPTY(path, property)                                                                      \
    {                                                                                              \
        path, property, NULL, NULL, 0                                                              \
    }
#define TEXT(path, property, text)                                                                 \
    {                                                                                              \
        path, property, text, NULL, 0                                                              \
    }
/* clang-format on */

#define VM1  "/vms/vm@1"
#define VM2  "/vms/vm@2"
#define GIC  "/vms/vm@1/devices/gic"
#define UART "/vms/vm@1/devices/uart"

/* Parents before children; libfdt puts new nodes and properties first, so the order is last first.
 */
static const char *const nodes[][2] = {
    {"/", "vms"},
    {"/", "board"},
    {"/", "core"},
    {"/vms", "vm@2"},
    {"/vms", "vm@1"},
    {"/vms/vm@1", "devices"},
    {VM1 "/devices", "uart"},
    {VM1 "/devices", "gic"},
};

static const struct content contents[] = {
    TEXT("/", "compatible", "bulkhead,plan-1"),
    TEXT("/", "platform", "qemu_virt"),
    NUMBERS("/", "role", 0),

    NUMBERS("/core", "image", 0, 0x40200000, 0, 0x20000),
    NUMBERS("/core", "bundle", 0, 0x40220000, 0, 0x100000),
    NUMBERS("/core", "pool", 0, 0x40320000, 0, 0x100000),
    NUMBERS("/core", "log-level", 2),

    NUMBERS("/board", "memory", 0, 0x40000000, 0, 0x40000000),
    EMPTY("/board", "memory-ns"),
    NUMBERS("/board", "cpus", 0, 0, 0, 1, 0, 2),
    NUMBERS("/board", "gicd", 0, 0x08000000, 0, 0x10000),
    NUMBERS("/board", "gicr", 0, 0x080a0000, 0, 0xf60000),
    NUMBERS("/board", "its", 0, 0x08080000, 0, 0x20000),
    NUMBERS("/board", "uart", 0, 0x09000000, 0, 0x1000),
    NUMBERS("/board", "uart-irq", 33),
    NUMBERS("/board", "irq-maintenance", 25),
    NUMBERS("/board", "irq-vtimer", 27),
    NUMBERS("/board", "irq-ptimer", 30),
    NUMBERS("/board", "irq-htimer", 26),

    NUMBERS(VM1, "id", 1),
    TEXT(VM1, "name", "linux"),
    NUMBERS(VM1, "scheduling", 0),
    NUMBERS(VM1, "scheduler", 0),
    NUMBERS(VM1, "interrupt-model", 0),
    NUMBERS(VM1, "exception-level", 0),
    NUMBERS(VM1, "contract", 1),
    NUMBERS(VM1, "ffa-version", 0x10002),
    NUMBERS(VM1, "uuids", 1, 2, 3, 4, 5, 6, 7, 8),
    NUMBERS(VM1, "messaging", 3, 1),
    NUMBERS(VM1, "notifications", 1),
    NUMBERS(VM1, "boot-order", 0xffff),
    NUMBERS(VM1, "sp-policy", 2),
    NUMBERS(VM1, "ipa-bits", 40),
    NUMBERS(VM1, "entry", 0, 0x50000000),
    NUMBERS(VM1, "arg0", 0, 0x50100000),
    NUMBERS(VM1, "arg-register", 0),
    NUMBERS(VM1, "bootargs-from-loader", 1),
    NUMBERS(VM1, "abort-action", 1),
    NUMBERS(VM1, "vcpu-mpidr", 0, 0, 0, 1),
    NUMBERS(VM1, "vcpu-cpu", 0, 1),
    NUMBERS(VM1, "regions", /* flash */ 0, 0x04000000, 0, 0x04000000, 0, 0x40000, 0, 8 | 1,
            /* memory */ 0, 0x50000000, 0, 0x60000000, 0, 0x08000000, 0, 7,
            /* shared */ 1, 0, 0, 0x70000000, 0, 0x1000, 0, 16 | 3),
    NUMBERS(VM1, "images", 0, 0x40221000, 0, 0x2000, 0, 0x50000000, 0, 0, 0, 0x40223000, 0, 0x2000,
            0, 0x50100000, 0, 1),
    NUMBERS(VM1, "interrupts", 48, 40, 1, 1),
    NUMBERS(VM1, "smc-allow-all", 1),
    EMPTY(VM1, "smc-allow"),

    TEXT(GIC, "kind", "gic-v3"),
    NUMBERS(GIC, "reg", 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0x40000),
    NUMBERS(GIC, "irq", 0),
    NUMBERS(GIC, "spis", 64),

    TEXT(UART, "kind", "pl011"),
    NUMBERS(UART, "reg", 0, 0x09000000, 0, 0x1000),
    NUMBERS(UART, "irq", 33),
    NUMBERS(UART, "input", 1),

    NUMBERS(VM2, "id", 2),
    TEXT(VM2, "name", "service"),
    NUMBERS(VM2, "scheduling", 1),
    NUMBERS(VM2, "scheduler", 1),
    NUMBERS(VM2, "interrupt-model", 1),
    NUMBERS(VM2, "exception-level", 0),
    NUMBERS(VM2, "contract", 2),
    NUMBERS(VM2, "ffa-version", 0x10001),
    EMPTY(VM2, "uuids"),
    NUMBERS(VM2, "messaging", 3),
    NUMBERS(VM2, "notifications", 0),
    NUMBERS(VM2, "boot-order", 1),
    NUMBERS(VM2, "sp-policy", 73),
    NUMBERS(VM2, "ipa-bits", 32),
    NUMBERS(VM2, "entry", 0, 0x61000000),
    NUMBERS(VM2, "arg0", 0, 0x100001),
    NUMBERS(VM2, "arg-register", 3),
    NUMBERS(VM2, "bootargs-from-loader", 0),
    NUMBERS(VM2, "abort-action", 0),
    NUMBERS(VM2, "vcpu-mpidr", 0, 0),
    NUMBERS(VM2, "vcpu-cpu", 0xffffffff),
    NUMBERS(VM2, "regions", 0, 0x61000000, 0, 0x71000000, 0, 0x100000, 0, 7,
            /* shared */ 0, 0x70000000, 0, 0x70000000, 0, 0x1000, 0, 16 | 1),
    NUMBERS(VM2, "images", 0, 0x40225000, 0, 0x1000, 0, 0x61000000, 0, 0),
    EMPTY(VM2, "interrupts"),
    NUMBERS(VM2, "smc-allow-all", 0),
    NUMBERS(VM2, "smc-allow", 0xc3000001, 0x82000001),
};

static int node_offset(const void *blob, const char *path)
{
    int offset = fdt_path_offset(blob, path);

    assert(offset >= 0);
    return offset;
}

void plan_builder_base(void *blob)
{
    int error = fdt_create_empty_tree(blob, PLAN_BUILDER_SIZE);

    assert(error == 0);
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        plan_builder_add_node(blob, nodes[i][0], nodes[i][1]);
    }
    for (size_t i = sizeof(contents) / sizeof(contents[0]); i-- > 0;) {
        const struct content *c = &contents[i];

        if (c->text != NULL) {
            plan_builder_set_text(blob, c->path, c->property, c->text);
        } else {
            plan_builder_set_cells(blob, c->path, c->property, c->cells, c->count);
        }
    }
}

void plan_builder_set_cells(void *blob, const char *path, const char *property,
                            const uint32_t *value, uint32_t count)
{
    fdt32_t cells[256];

    assert(count <= sizeof(cells) / sizeof(cells[0]));
    for (uint32_t i = 0; i < count; i++) {
        cells[i] = cpu_to_fdt32(value[i]);
    }
    int error = fdt_setprop(blob, node_offset(blob, path), property, cells, (int)(count * 4));

    assert(error == 0);
}

void plan_builder_set_text(void *blob, const char *path, const char *property, const char *text)
{
    int error = fdt_setprop_string(blob, node_offset(blob, path), property, text);

    assert(error == 0);
}

void plan_builder_delete(void *blob, const char *path, const char *property)
{
    int error = fdt_delprop(blob, node_offset(blob, path), property);

    assert(error == 0);
}

void plan_builder_add_node(void *blob, const char *path, const char *name)
{
    int offset = fdt_add_subnode(blob, node_offset(blob, path), name);

    assert(offset >= 0);
}

void plan_builder_delete_node(void *blob, const char *path)
{
    int error = fdt_del_node(blob, node_offset(blob, path));

    assert(error == 0);
}

uint32_t plan_builder_size(const void *blob)
{
    return fdt_totalsize(blob);
}

uint32_t plan_builder_packed_size(const void *blob)
{
    return fdt_magic(blob) == FDT_MAGIC ? fdt_off_dt_strings(blob) + fdt_size_dt_strings(blob) : 0;
}

/* ---- allocation and log ---- */

void *plan_builder_alloc(uint64_t size, uint64_t alignment)
{
    assert(block_count < MAX_BLOCKS && alignment <= 16);
    /* One allocation each, exactly as large: ASan sees what a packed pool would hide. */
    blocks[block_count] = calloc(1, size);
    return blocks[block_count++];
}

void plan_builder_free_all(void)
{
    while (block_count > 0) {
        free(blocks[--block_count]);
    }
}

static void log_keep(const char *line, uint32_t length)
{
    if (log_length + length + 2 < LOG_SIZE) {
        memcpy(log_text + log_length, line, length);
        log_length += length;
        log_text[log_length++] = '\n';
        log_text[log_length] = '\0';
    }
    log_lines++;
}

void plan_builder_log_start(void)
{
    log_length = 0;
    log_lines = 0;
    log_text[0] = '\0';
    log_init(log_keep, LOG_WARNING);
}

bool plan_builder_log_has(const char *text)
{
    return strstr(log_text, text) != NULL;
}

uint32_t plan_builder_log_lines(void)
{
    return log_lines;
}

const char *plan_builder_log_text(void)
{
    return log_text;
}
