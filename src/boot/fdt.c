/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/boot/fdt.h"

#include <libfdt.h>

#include "bh/base/libc.h"
#include "bh/base/num.h"

/* libfdt takes offsets as int: a larger tree would wrap them. */
#define FDT_SIZE_MAX ((uint64_t)INT32_MAX)

enum status fdt_check(const void *fdt, uint64_t limit)
{
    if (!num_is_aligned((uintptr_t)fdt, 8) || limit < sizeof(struct fdt_header)) {
        return STATUS_INVALID;
    }
    if (fdt_check_header(fdt) != 0 || fdt_version(fdt) < 16) {
        return STATUS_INVALID;
    }
    return fdt_totalsize(fdt) <= num_min(limit, FDT_SIZE_MAX) ? STATUS_OK : STATUS_INVALID;
}

uint32_t fdt_total_size(const void *fdt)
{
    return fdt_totalsize(fdt);
}

struct fdt_walk fdt_walk_init(const void *fdt)
{
    return (struct fdt_walk){.fdt = fdt};
}

static enum fdt_event fdt_walk_node(struct fdt_walk *walk, int32_t offset)
{
    const struct fdt_node_header *node = fdt_offset_ptr(walk->fdt, offset, sizeof(*node));

    if (node == NULL || walk->depth == FDT_DEPTH_MAX) {
        return FDT_EVENT_BAD;
    }
    walk->node = node->name; /* fdt_next_tag has seen its NUL */
    walk->depth++;
    walk->in_properties = true;
    return FDT_EVENT_NODE;
}

static enum fdt_event fdt_walk_property(struct fdt_walk *walk, int32_t offset)
{
    const struct fdt_property *property = fdt_offset_ptr(walk->fdt, offset, sizeof(*property));

    if (property == NULL || !walk->in_properties) {
        return FDT_EVENT_BAD;
    }
    walk->name = fdt32_to_cpu(property->nameoff);
    walk->data = (const uint8_t *)property->data;
    walk->size = fdt32_to_cpu(property->len);
    return FDT_EVENT_PROPERTY;
}

static enum fdt_event fdt_walk_tag(struct fdt_walk *walk, uint32_t tag, int32_t offset)
{
    switch (tag) {
    case FDT_BEGIN_NODE:
        return fdt_walk_node(walk, offset);
    case FDT_PROP:
        return fdt_walk_property(walk, offset);
    case FDT_END_NODE:
        walk->in_properties = false;
        walk->closing = true;
        return walk->depth > 0 ? FDT_EVENT_NODE_END : FDT_EVENT_BAD;
    case FDT_END:
        return walk->depth == 0 && walk->next >= 0 ? FDT_EVENT_END : FDT_EVENT_BAD;
    default:
        return FDT_EVENT_BAD;
    }
}

enum fdt_event fdt_walk_next(struct fdt_walk *walk)
{
    int32_t offset;
    uint32_t tag;

    if (walk->closing) {
        walk->depth--;
        walk->closing = false;
    }
    do {
        int next;

        offset = walk->next;
        tag = fdt_next_tag(walk->fdt, offset, &next);
        walk->next = next;
    } while (tag == FDT_NOP && walk->next >= 0);
    return fdt_walk_tag(walk, tag, offset);
}

const char *fdt_walk_name(const struct fdt_walk *walk)
{
    const char *name = fdt_string(walk->fdt, (int)(walk->name & INT32_MAX));

    return name != NULL ? name : "";
}

uint32_t fdt_cell_get(const uint8_t *data, uint32_t i)
{
    /* Aligned: trees are 8-byte aligned and properties lie at multiples of 4. */
    return fdt32_to_cpu(((const fdt32_t *)(const void *)data)[i]);
}

uint64_t fdt_cells_get(const uint8_t *data, uint32_t i, uint32_t count)
{
    uint64_t value = 0;

    for (uint32_t n = 0; n < count; n++) {
        value = (value << 32) | fdt_cell_get(data, i + n);
    }
    return value;
}

bool fdt_is_string(const uint8_t *data, uint32_t size)
{
    return size != 0 && memchr(data, 0, size) == data + size - 1;
}

bool fdt_has_string(const uint8_t *data, uint32_t size, const char *text)
{
    return fdt_stringlist_contains((const char *)data, (int)size, text) == 1;
}

enum status fdt_bootargs_set(void *fdt, uint64_t limit, const char *bootargs)
{
    if (fdt_check(fdt, limit) != STATUS_OK) {
        return STATUS_INVALID;
    }
    /* In place: the tree may now use all of its room. */
    if (fdt_open_into(fdt, fdt, (int)num_min(limit, FDT_SIZE_MAX)) != 0) {
        return STATUS_INVALID;
    }
    int chosen = fdt_path_offset(fdt, "/chosen");

    if (chosen == -FDT_ERR_NOTFOUND) {
        chosen = fdt_add_subnode(fdt, 0, "chosen");
    }
    if (chosen < 0) {
        return chosen == -FDT_ERR_NOSPACE ? STATUS_NO_MEMORY : STATUS_INVALID;
    }
    int error = fdt_setprop_string(fdt, chosen, "bootargs", bootargs);

    if (error != 0) {
        return error == -FDT_ERR_NOSPACE ? STATUS_NO_MEMORY : STATUS_INVALID;
    }
    return STATUS_OK;
}
