/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/boot/bootinfo.h"

#include <stdbool.h>
#include <stddef.h>

#include "bh/base/libc.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/boot/fdt.h"

/* MPIDR_EL1 affinity fields: Aff3 at 39:32, Aff2..Aff0 at 23:0 (Arm ARM D23). */
#define BOOTINFO_MPIDR_MASK UINT64_C(0xff00ffffff)

struct bootinfo_value {
    const uint8_t *data;
    uint32_t size;
};

/* Properties that matter, by name. */
enum bootinfo_property {
    BOOTINFO_ADDRESS_CELLS,
    BOOTINFO_SIZE_CELLS,
    BOOTINFO_REG,
    BOOTINFO_DEVICE_TYPE,
    BOOTINFO_COMPATIBLE,
    BOOTINFO_STATUS,
    BOOTINFO_GICR_REGIONS,
    BOOTINFO_BOOTARGS,
    BOOTINFO_PROPERTIES,
};

static const char *const bootinfo_names[BOOTINFO_PROPERTIES] = {
    [BOOTINFO_ADDRESS_CELLS] = "#address-cells",
    [BOOTINFO_SIZE_CELLS] = "#size-cells",
    [BOOTINFO_REG] = "reg",
    [BOOTINFO_DEVICE_TYPE] = "device_type",
    [BOOTINFO_COMPATIBLE] = "compatible",
    [BOOTINFO_STATUS] = "status",
    [BOOTINFO_GICR_REGIONS] = "#redistributor-regions",
    [BOOTINFO_BOOTARGS] = "bootargs",
};

/* An open node that matters. Everything else in the tree is passed over unread: boards have
 * dozens of devices, and boot counts its instructions. */
struct bootinfo_node {
    const char *name;
    bool is_read;
    uint32_t address_cells, size_cells; /* for children */
    struct bootinfo_value value[BOOTINFO_PROPERTIES];
};

struct bootinfo_reader {
    struct fdt_walk walk;
    struct bootinfo *info;
    struct bootinfo_node node[FDT_DEPTH_MAX + 1];
};

static bool bootinfo_name_is(const char *name, const char *generic)
{
    while (*generic != '\0' && *name == *generic) {
        name++;
        generic++;
    }
    return *generic == '\0' && (*name == '\0' || *name == '@');
}

/* By generic names (Devicetree Specification 2.2.2); GICs are called intc by QEMU and others. */
static bool bootinfo_node_matters(const struct bootinfo_reader *reader)
{
    static const char *const names[] = {
        "memory", "cpus", "chosen", "cpu", "intc", "soc", "interrupt-controller"};
    const struct fdt_walk *walk = &reader->walk;

    if (walk->depth == 1) {
        return true;
    }
    if (!reader->node[walk->depth - 1].is_read) {
        return false;
    }
    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(names); i++) {
        if (bootinfo_name_is(walk->node, names[i])) {
            return true;
        }
    }
    return false;
}

static bool bootinfo_has(const struct bootinfo_node *node, enum bootinfo_property property,
                         const char *text)
{
    const struct bootinfo_value *value = &node->value[property];

    return value->size != 0 && fdt_has_string(value->data, value->size, text);
}

/* Range i of the node's reg; false: there is none. */
static bool bootinfo_find_range(const struct bootinfo_reader *reader, uint32_t i,
                                struct pa_range *range)
{
    const struct bootinfo_node *node = &reader->node[reader->walk.depth];
    const struct bootinfo_node *parent = node - 1;
    const struct bootinfo_value *reg = &node->value[BOOTINFO_REG];
    uint32_t cells = parent->address_cells + parent->size_cells;

    if (reg->size / 4 < (i + 1) * cells) {
        return false;
    }
    range->base = pa_init(fdt_cells_get(reg->data, i * cells, parent->address_cells));
    range->size = fdt_cells_get(reg->data, i * cells + parent->address_cells, parent->size_cells);
    return range->size != 0;
}

static void bootinfo_add_memory(struct bootinfo_reader *reader)
{
    struct board_config *board = &reader->info->board;
    struct pa_range range;

    for (uint32_t i = 0; bootinfo_find_range(reader, i, &range); i++) {
        if (board->memory_count == CONFIG_MAX_MEMORY) {
            log_warning("board: more than %u memory ranges, the rest is not used",
                        CONFIG_MAX_MEMORY);
            return;
        }
        board->memory[board->memory_count++] = range;
    }
}

static void bootinfo_add_cpu(struct bootinfo_reader *reader)
{
    struct board_config *board = &reader->info->board;
    const struct bootinfo_value *reg = &reader->node[reader->walk.depth].value[BOOTINFO_REG];
    uint32_t cells = reader->node[reader->walk.depth - 1].address_cells;

    if (cells != 0 && reg->size / 4 >= cells && board->cpu_count < BH_MAX_CPUS) {
        board->cpu_mpidr[board->cpu_count++] =
            fdt_cells_get(reg->data, 0, cells) & BOOTINFO_MPIDR_MASK;
    }
}

static void bootinfo_add_gic(struct bootinfo_reader *reader)
{
    struct board_config *board = &reader->info->board;
    const struct bootinfo_value *regions =
        &reader->node[reader->walk.depth].value[BOOTINFO_GICR_REGIONS];
    uint32_t count = regions->size == 4 ? fdt_cell_get(regions->data, 0) : 1;

    if (board->gicd.size != 0 || !bootinfo_find_range(reader, 0, &board->gicd)) {
        return;
    }
    for (uint32_t i = 0; i < num_min(count, CONFIG_MAX_GICR); i++) {
        if (!bootinfo_find_range(reader, i + 1, &board->gicr[board->gicr_count])) {
            return;
        }
        board->gicr_count++;
    }
}

static void bootinfo_add_arguments(struct bootinfo_reader *reader)
{
    const struct bootinfo_value *value = &reader->node[reader->walk.depth].value[BOOTINFO_BOOTARGS];

    if (value->size == 0 || !fdt_is_string(value->data, value->size)) {
        return;
    }
    if (value->size > BOOTINFO_ARGS_SIZE) {
        log_warning("board: /chosen/bootargs is longer than %u characters: ignored",
                    BOOTINFO_ARGS_SIZE - 1);
        return;
    }
    memcpy(reader->info->bootargs, value->data, value->size);
}

static void bootinfo_close_node(struct bootinfo_reader *reader)
{
    const struct bootinfo_node *node = &reader->node[reader->walk.depth];
    uint32_t depth = reader->walk.depth;

    if (!node->is_read || depth < 2) {
        return;
    }
    if (node->value[BOOTINFO_STATUS].size != 0 && !bootinfo_has(node, BOOTINFO_STATUS, "okay") &&
        !bootinfo_has(node, BOOTINFO_STATUS, "ok")) {
        return;
    }
    if (bootinfo_has(node, BOOTINFO_DEVICE_TYPE, "memory")) {
        bootinfo_add_memory(reader);
    } else if (bootinfo_has(node, BOOTINFO_DEVICE_TYPE, "cpu")) {
        bootinfo_add_cpu(reader);
    } else if (bootinfo_has(node, BOOTINFO_COMPATIBLE, "arm,gic-v3")) {
        bootinfo_add_gic(reader);
    } else if (depth == 2 && bootinfo_name_is(node->name, "chosen")) {
        bootinfo_add_arguments(reader);
    }
}

static void bootinfo_open_node(struct bootinfo_reader *reader)
{
    struct bootinfo_node *node = &reader->node[reader->walk.depth];

    node->is_read = bootinfo_node_matters(reader);
    if (node->is_read) {
        memset(node->value, 0, sizeof(node->value));
        node->name = reader->walk.node;
        /* Devicetree Specification 2.3.5: the values where the properties are absent. */
        node->address_cells = 2;
        node->size_cells = 1;
    }
}

/* false: a number of cells that no address has. */
static bool bootinfo_try_cells(const struct bootinfo_value *value, uint32_t *cells)
{
    *cells = value->size == 4 ? fdt_cell_get(value->data, 0) : UINT32_MAX;
    return *cells <= 2;
}

static bool bootinfo_try_property(struct bootinfo_reader *reader)
{
    struct bootinfo_node *node = &reader->node[reader->walk.depth];

    if (!node->is_read) {
        return true;
    }
    const char *name = reader->walk.name;
    uint32_t i = 0;

    while (i < BOOTINFO_PROPERTIES && strcmp(name, bootinfo_names[i]) != 0) {
        i++;
    }
    if (i == BOOTINFO_PROPERTIES) {
        return true;
    }
    node->value[i] = (struct bootinfo_value){reader->walk.data, reader->walk.size};
    if (i == BOOTINFO_ADDRESS_CELLS) {
        return bootinfo_try_cells(&node->value[i], &node->address_cells);
    }
    return i != BOOTINFO_SIZE_CELLS || bootinfo_try_cells(&node->value[i], &node->size_cells);
}

static enum status bootinfo_walk(struct bootinfo_reader *reader)
{
    for (;;) {
        switch (fdt_walk_next(&reader->walk)) {
        case FDT_EVENT_NODE:
            bootinfo_open_node(reader);
            break;
        case FDT_EVENT_PROPERTY:
            if (!bootinfo_try_property(reader)) {
                log_error("board: /%s: more than two cells for an address or size",
                          reader->node[reader->walk.depth].name);
                return STATUS_INVALID;
            }
            break;
        case FDT_EVENT_NODE_END:
            bootinfo_close_node(reader);
            break;
        case FDT_EVENT_END:
            return STATUS_OK;
        case FDT_EVENT_BAD:
            log_error("board: the loader's device tree is malformed");
            return STATUS_INVALID;
        }
    }
}

enum status bootinfo_read(const void *fdt, uint64_t limit, struct bootinfo *info)
{
    /* Not on the stack, which is a page or two. Boot, one CPU. */
    static struct bootinfo_reader reader;

    memset(info, 0, sizeof(*info));
    if (fdt_check(fdt, limit) != STATUS_OK) {
        log_error("board: the loader gave no device tree (x0 = %p)", fdt);
        return STATUS_INVALID;
    }
    info->fdt_size = fdt_total_size(fdt);
    reader.info = info;
    reader.walk = fdt_walk_init(fdt);
    return bootinfo_walk(&reader);
}

/* ---- comparison ---- */

/* The part of `range` from its base on that lies in one of the ranges, bytes. */
static uint64_t bootinfo_covered(const struct pa_range *ranges, uint32_t count,
                                 struct pa_range range)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = range.base.pa - ranges[i].base.pa;

        if (range.base.pa >= ranges[i].base.pa && offset < ranges[i].size) {
            return num_min(range.size, ranges[i].size - offset);
        }
    }
    return 0;
}

static bool bootinfo_contains(const struct pa_range *ranges, uint32_t count, struct pa_range range)
{
    while (range.size != 0) {
        uint64_t covered = bootinfo_covered(ranges, count, range);

        if (covered == 0) {
            return false;
        }
        range.base = pa_add(range.base, covered);
        range.size -= covered;
    }
    return true;
}

static bool bootinfo_has_cpu(const struct board_config *board, uint64_t mpidr)
{
    for (uint32_t i = 0; i < board->cpu_count; i++) {
        if (board->cpu_mpidr[i] == mpidr) {
            return true;
        }
    }
    return false;
}

static uint32_t bootinfo_compare_ranges(const char *name, const struct pa_range *found,
                                        uint32_t found_count, const struct pa_range *wanted,
                                        uint32_t wanted_count)
{
    uint32_t errors = 0;

    for (uint32_t i = 0; i < wanted_count; i++) {
        if (!bootinfo_contains(found, found_count, wanted[i])) {
            log_error("board: /board: %s: 0x%lx, 0x%lx bytes, does not exist on this board: "
                      "rule board-matches",
                      name, wanted[i].base.pa, wanted[i].size);
            errors++;
        }
    }
    return errors;
}

enum status bootinfo_compare(const struct bootinfo *info, const struct system_config *config)
{
    const struct board_config *found = &info->board;
    const struct board_config *wanted = &config->board;
    uint32_t errors = bootinfo_compare_ranges("memory", found->memory, found->memory_count,
                                              wanted->memory, wanted->memory_count);

    errors += bootinfo_compare_ranges("gicd", &found->gicd, 1, &wanted->gicd, 1);
    errors += bootinfo_compare_ranges("gicr", found->gicr, found->gicr_count, wanted->gicr,
                                      wanted->gicr_count);
    for (uint32_t i = 0; i < wanted->cpu_count; i++) {
        if (!bootinfo_has_cpu(found, wanted->cpu_mpidr[i])) {
            log_error("board: /board: cpus[%u]: no CPU with MPIDR 0x%lx on this board: "
                      "rule board-matches",
                      i, wanted->cpu_mpidr[i]);
            errors++;
        }
    }
    return errors == 0 ? STATUS_OK : STATUS_INVALID;
}
