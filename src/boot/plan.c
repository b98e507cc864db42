/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/boot/plan.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "bh/base/format.h"
#include "bh/base/libc.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/boot/fdt.h"
#include "bh/boot/plan_rows.h"

/* Root, vms, vm, devices, device. */
#define PLAN_DEPTH_MAX 5u
#define PLAN_TEXT_SIZE 160u

/* A node that is open: where we are in it. */
struct plan_frame {
    enum plan_node kind; /* PLAN_NODE_NONE: not ours to read in this pass */
    const char *name;
    void *object;
    uint32_t seen; /* bit per row */
    uint32_t next; /* row that is expected next: properties mostly come in the table's order */
};

struct plan_reader {
    struct fdt_walk walk;
    struct system_config *config;
    plan_alloc_fn *alloc;
    bool is_head;
    uint32_t errors;
    uint32_t nodes_seen; /* bit per enum plan_node */
    struct plan_frame frame[PLAN_DEPTH_MAX + 1];
    struct device_config device[CONFIG_MAX_DEVICES]; /* of the VM that is open */
    uint32_t device_count;
};

static struct plan_frame *plan_frame_get(struct plan_reader *reader)
{
    return &reader->frame[reader->walk.depth];
}

/* One line: the node's path, the property, what is wrong and by which rule. */
__attribute__((format(printf, 3, 4))) static void
plan_refuse(struct plan_reader *reader, const char *property, const char *format, ...)
{
    char path[PLAN_TEXT_SIZE] = "/";
    char text[PLAN_TEXT_SIZE];
    uint32_t length = 0;
    va_list args;

    for (uint32_t depth = 2; depth <= num_min(reader->walk.depth, PLAN_DEPTH_MAX); depth++) {
        length +=
            format_print(path + length, PLAN_TEXT_SIZE - length, "/%s", reader->frame[depth].name);
    }
    va_start(args, format);
    format_vprint(text, sizeof(text), format, args);
    va_end(args);
    reader->errors++;
    log_error("plan: %s: %s: %s", path, property, text);
}

/* ---- values ---- */

static bool plan_store(void *field, uint8_t width, uint64_t value)
{
    if (width < 8 && value >> (8 * width) != 0) {
        return false;
    }
    switch (width) {
    case 1:
        *(uint8_t *)field = (uint8_t)value;
        return true;
    case 2:
        *(uint16_t *)field = (uint16_t)value;
        return true;
    case 4:
        *(uint32_t *)field = (uint32_t)value;
        return true;
    default:
        *(uint64_t *)field = value;
        return true;
    }
}

/* cell: index of the group's first cell in the property. */
static void plan_read_group(struct plan_reader *reader, const struct plan_row *row, void *element,
                            uint32_t cell)
{
    for (uint32_t i = 0; i < row->column_count; i++) {
        const struct plan_column *column = &row->column[i];
        uint64_t value = fdt_cells_get(reader->walk.data, cell, column->cells);

        if ((column->limit != PLAN_NO_LIMIT && value > column->limit) ||
            !plan_store((uint8_t *)element + column->offset, column->width, value)) {
            plan_refuse(reader, row->name, "0x%lx in cell %u is too large: rule value-range", value,
                        cell);
        }
        cell += column->cells;
    }
}

static uint32_t plan_group_cells(const struct plan_row *row)
{
    uint32_t cells = 0;

    for (uint32_t i = 0; i < row->column_count; i++) {
        cells += row->column[i].cells;
    }
    return cells;
}

/* Number of elements, checked against the row; false: refused. */
static bool plan_try_count(struct plan_reader *reader, const struct plan_row *row, uint32_t *count)
{
    uint32_t bytes = plan_group_cells(row) * 4;

    if (reader->walk.size % bytes != 0) {
        plan_refuse(reader, row->name, "%u bytes are no multiple of %u: rule property-size",
                    reader->walk.size, bytes);
        return false;
    }
    *count = reader->walk.size / bytes;
    if (*count < row->min || *count > row->max) {
        plan_refuse(reader, row->name, "%u entries, allowed are %u to %u: rule property-count",
                    *count, row->min, row->max);
        return false;
    }
    return true;
}

/* Where the elements go; NULL: refused. Two properties may fill one array (vcpu-mpidr, vcpu-cpu):
 * the second must be as long as the first. */
static uint8_t *plan_try_array(struct plan_reader *reader, const struct plan_row *row,
                               uint32_t count)
{
    uint8_t *object = plan_frame_get(reader)->object;

    if (row->storage == PLAN_INLINE) {
        return object + row->offset;
    }
    uint8_t *array;
    uint32_t known;

    /* Pointers to whatever: copied, so that no object is reached through a foreign type. */
    memcpy(&array, object + row->offset, sizeof(array));
    memcpy(&known, object + row->count_offset, sizeof(known));
    if (array == NULL) {
        array = reader->alloc((uint64_t)count * row->stride, 8);
        memcpy(object + row->offset, &array, sizeof(array));
    } else if (known != count) {
        plan_refuse(reader, row->name, "%u entries, but %u vCPUs: rule property-count", count,
                    known);
        return NULL;
    }
    return array;
}

static void plan_read_cells(struct plan_reader *reader, const struct plan_row *row)
{
    uint8_t *object = plan_frame_get(reader)->object;
    uint32_t cells = plan_group_cells(row);
    uint32_t count;

    if (!plan_try_count(reader, row, &count) || count == 0) {
        return;
    }
    uint8_t *array = plan_try_array(reader, row, count);

    if (array == NULL) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        plan_read_group(reader, row, array + i * row->stride, i * cells);
    }
    if (row->count_offset != PLAN_NO_COUNT) {
        *(uint32_t *)(void *)(object + row->count_offset) = count;
    }
}

static bool plan_is_string(struct plan_reader *reader, const struct plan_row *row)
{
    if (!fdt_is_string(reader->walk.data, reader->walk.size)) {
        plan_refuse(reader, row->name, "not a string: rule property-type");
        return false;
    }
    return true;
}

static void plan_read_string(struct plan_reader *reader, const struct plan_row *row)
{
    if (!plan_is_string(reader, row)) {
        return;
    }
    if (reader->walk.size > CONFIG_NAME_SIZE) {
        plan_refuse(reader, row->name, "longer than %u characters: rule string-length",
                    CONFIG_NAME_SIZE - 1);
        return;
    }
    memcpy((uint8_t *)plan_frame_get(reader)->object + row->offset, reader->walk.data,
           reader->walk.size);
}

static void plan_read_literal(struct plan_reader *reader, const struct plan_row *row)
{
    if (plan_is_string(reader, row) && strcmp((const char *)reader->walk.data, row->text) != 0) {
        plan_refuse(reader, row->name, "not \"%s\": rule plan-version", row->text);
    }
}

static void plan_read_kind(struct plan_reader *reader, const struct plan_row *row)
{
    struct device_config *device = plan_frame_get(reader)->object;

    if (!plan_is_string(reader, row)) {
        return;
    }
    for (uint32_t i = 0; i < DEVICE_KINDS; i++) {
        if (strcmp((const char *)reader->walk.data, plan_device_kinds[i]) == 0) {
            device->kind = (enum device_kind)i;
            return;
        }
    }
    plan_refuse(reader, row->name, "\"%.32s\": rule device-kind", (const char *)reader->walk.data);
}

/* ---- properties ---- */

/* Index of the row with this name, or row_count. Starts where the last match ended. */
static uint32_t plan_find_row(const struct plan_node_row *node, uint32_t start, const char *name)
{
    for (uint32_t n = 0; n < node->row_count; n++) {
        uint32_t i = start + n < node->row_count ? start + n : start + n - node->row_count;

        if (strcmp(node->row[i].name, name) == 0) {
            return i;
        }
    }
    return node->row_count;
}

static void plan_read_property(struct plan_reader *reader)
{
    struct plan_frame *frame = plan_frame_get(reader);
    const struct plan_node_row *node = &plan_nodes[frame->kind];
    const char *name = reader->walk.name;
    uint32_t i = plan_find_row(node, frame->next, name);

    if (i == node->row_count) {
        plan_refuse(reader, name, "unknown property: rule property-known");
        return;
    }
    if ((frame->seen & (UINT32_C(1) << i)) != 0) {
        plan_refuse(reader, name, "stands twice: rule property-once");
        return;
    }
    frame->seen |= UINT32_C(1) << i;
    frame->next = i + 1;
    switch (node->row[i].type) {
    case PLAN_CELLS:
        plan_read_cells(reader, &node->row[i]);
        break;
    case PLAN_STRING:
        plan_read_string(reader, &node->row[i]);
        break;
    case PLAN_LITERAL:
        plan_read_literal(reader, &node->row[i]);
        break;
    case PLAN_KIND:
        plan_read_kind(reader, &node->row[i]);
        break;
    }
}

/* ---- nodes ---- */

static bool plan_node_matches(const struct plan_node_row *row, const char *name)
{
    size_t length = strlen(row->name);

    if (length == 0) {
        return true;
    }
    return row->name[length - 1] == '@' ? strncmp(row->name, name, length) == 0
                                        : strcmp(row->name, name) == 0;
}

static enum plan_node plan_find_node(enum plan_node parent, const char *name)
{
    for (uint32_t i = PLAN_NODE_ROOT; i < PLAN_NODES; i++) {
        if (plan_nodes[i].parent == parent && plan_node_matches(&plan_nodes[i], name)) {
            return (enum plan_node)i;
        }
    }
    return PLAN_NODE_NONE;
}

/* The object that the node's properties fill; NULL: no room, refused. */
static void *plan_open_object(struct plan_reader *reader, enum plan_node kind)
{
    struct system_config *config = reader->config;

    if (kind == PLAN_NODE_VM) {
        reader->device_count = 0;
        config->vm[config->vm_count].index = (uint16_t)config->vm_count;
        return &config->vm[config->vm_count++];
    }
    if (kind == PLAN_NODE_DEVICE) {
        if (reader->device_count == CONFIG_MAX_DEVICES) {
            plan_refuse(reader, "devices", "more than %u: rule device-count", CONFIG_MAX_DEVICES);
            return NULL;
        }
        struct device_config *device = &reader->device[reader->device_count++];

        memset(device, 0, sizeof(*device));
        return device;
    }
    return config;
}

static void plan_open_node(struct plan_reader *reader)
{
    if (reader->walk.depth > PLAN_DEPTH_MAX) {
        plan_refuse(reader, reader->walk.node, "unknown node: rule node-known");
        return;
    }
    struct plan_frame *frame = plan_frame_get(reader);
    enum plan_node parent = reader->walk.depth == 1 ? PLAN_NODE_NONE : frame[-1].kind;

    *frame = (struct plan_frame){.name = reader->walk.node};
    if (parent == PLAN_NODE_NONE && reader->walk.depth != 1) {
        return;
    }
    enum plan_node kind = plan_find_node(parent, reader->walk.node);

    if (kind == PLAN_NODE_NONE) {
        plan_refuse(reader, reader->walk.node, "unknown node: rule node-known");
        return;
    }
    bool is_single = kind != PLAN_NODE_VM && kind != PLAN_NODE_DEVICE && kind != PLAN_NODE_DEVICES;

    if (is_single && (reader->nodes_seen & (UINT32_C(1) << kind)) != 0) {
        plan_refuse(reader, reader->walk.node, "stands twice: rule node-once");
        return;
    }
    reader->nodes_seen |= UINT32_C(1) << kind;
    /* The root is entered in both passes: its children are looked for below it. */
    if (plan_nodes[kind].is_head == reader->is_head || kind == PLAN_NODE_ROOT) {
        frame->object = plan_open_object(reader, kind);
        frame->kind = frame->object != NULL ? kind : PLAN_NODE_NONE;
    }
}

static void plan_close_vm(struct plan_reader *reader, struct vm_config *vm)
{
    uint64_t size = sizeof(struct device_config) * reader->device_count;
    uint32_t wanted = vm->uuid_count != 0 ? vm->uuid_count : 1;

    if (vm->messaging_count != 0 && vm->messaging_count != wanted) {
        plan_refuse(reader, "messaging", "%u entries for %u UUIDs: rule property-count",
                    vm->messaging_count, vm->uuid_count);
    }
    if (reader->device_count != 0) {
        vm->device = reader->alloc(size, 8);
        memcpy(vm->device, reader->device, size);
        vm->device_count = reader->device_count;
    }
}

/* The node that is open is one to read in this pass. */
static bool plan_is_reading(struct plan_reader *reader)
{
    if (reader->walk.depth > PLAN_DEPTH_MAX) {
        return false;
    }
    enum plan_node kind = plan_frame_get(reader)->kind;

    return kind != PLAN_NODE_NONE && plan_nodes[kind].is_head == reader->is_head;
}

static void plan_close_node(struct plan_reader *reader)
{
    struct plan_frame *frame = plan_frame_get(reader);
    const struct plan_node_row *node = &plan_nodes[frame->kind];
    uint32_t kinds = PLAN_EVERY_DEVICE;

    if (frame->kind == PLAN_NODE_DEVICE) {
        kinds = UINT32_C(1) << ((const struct device_config *)frame->object)->kind;
    }
    for (uint32_t i = 0; i < node->row_count; i++) {
        bool wanted = (node->row[i].devices & kinds) != 0;
        bool seen = (frame->seen & (UINT32_C(1) << i)) != 0;

        if (wanted != seen) {
            plan_refuse(reader, node->row[i].name,
                        wanted ? "missing: rule property-required"
                               : "not for this kind of device: rule property-known");
        }
    }
    if (frame->kind == PLAN_NODE_VM) {
        plan_close_vm(reader, frame->object);
    }
}

/* ---- passes ---- */

/* until: bit per node kind; the walk may stop when all of them have been read. */
static void plan_walk(struct plan_reader *reader, uint32_t until)
{
    uint32_t closed = 0;

    while ((closed & until) != until) {
        switch (fdt_walk_next(&reader->walk)) {
        case FDT_EVENT_NODE:
            plan_open_node(reader);
            break;
        case FDT_EVENT_PROPERTY:
            if (plan_is_reading(reader)) {
                plan_read_property(reader);
            }
            break;
        case FDT_EVENT_NODE_END:
            if (plan_is_reading(reader)) {
                closed |= UINT32_C(1) << plan_frame_get(reader)->kind;
                plan_close_node(reader);
            }
            break;
        case FDT_EVENT_END:
            return;
        case FDT_EVENT_BAD:
            plan_refuse(reader, "tree", "malformed: rule plan-tree");
            return;
        }
    }
}

static void plan_require_node(struct plan_reader *reader, enum plan_node kind)
{
    if ((reader->nodes_seen & (UINT32_C(1) << kind)) == 0) {
        reader->walk.depth = 1;
        plan_refuse(reader, plan_nodes[kind].name, "missing: rule node-required");
    }
}

enum status plan_read_head(const void *plan, uint64_t limit, struct system_config *config)
{
    struct plan_reader reader = {.config = config, .is_head = true};

    memset(config, 0, sizeof(*config));
    if (fdt_check(plan, limit) != STATUS_OK) {
        log_error("plan: /: header: no device tree of at most 0x%lx bytes: rule plan-tree", limit);
        return STATUS_INVALID;
    }
    reader.walk = fdt_walk_init(plan);
    plan_walk(&reader, (UINT32_C(1) << PLAN_NODE_CORE) | (UINT32_C(1) << PLAN_NODE_BOARD));
    plan_require_node(&reader, PLAN_NODE_ROOT);
    plan_require_node(&reader, PLAN_NODE_CORE);
    plan_require_node(&reader, PLAN_NODE_BOARD);
    return reader.errors == 0 ? STATUS_OK : STATUS_INVALID;
}

/* Children of /vms, so that their array can be exactly as long. */
static uint32_t plan_count_vms(const void *plan)
{
    struct fdt_walk walk = fdt_walk_init(plan);
    bool in_vms = false;
    uint32_t count = 0;

    for (;;) {
        switch (fdt_walk_next(&walk)) {
        case FDT_EVENT_NODE:
            if (walk.depth == 2) {
                in_vms = strcmp(walk.node, plan_nodes[PLAN_NODE_VMS].name) == 0;
            }
            count += in_vms && walk.depth == 3 ? 1 : 0;
            break;
        case FDT_EVENT_PROPERTY:
        case FDT_EVENT_NODE_END:
            break;
        case FDT_EVENT_END:
        case FDT_EVENT_BAD:
            return count;
        }
    }
}

enum status plan_read_vms(const void *plan, struct system_config *config, plan_alloc_fn *alloc)
{
    struct plan_reader reader = {.config = config, .alloc = alloc};
    uint32_t count = plan_count_vms(plan);

    config->vm_count = 0;
    if (count == 0 || count > CONFIG_MAX_VMS) {
        log_error("plan: /vms: %u VMs, allowed are 1 to %u: rule vm-count", count, CONFIG_MAX_VMS);
        return STATUS_INVALID;
    }
    config->vm = alloc(sizeof(struct vm_config) * count, 8);
    reader.walk = fdt_walk_init(plan);
    plan_walk(&reader, UINT32_C(1) << PLAN_NODE_VMS);
    return reader.errors == 0 ? STATUS_OK : STATUS_INVALID;
}
