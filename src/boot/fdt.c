/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/boot/fdt.h"

#include <libfdt.h>

#include "bh/base/libc.h"
#include "bh/base/num.h"

/* libfdt takes offsets as int: a larger tree would wrap them. */
#define FDT_SIZE_MAX    ((uint64_t)INT32_MAX)
/* The first that says how long the structure block is. */
#define FDT_VERSION_MIN 17

enum status fdt_check(const void *fdt, uint64_t limit)
{
    if (!num_is_aligned((uintptr_t)fdt, 8) || limit < sizeof(struct fdt_header)) {
        return STATUS_INVALID;
    }
    /* Blocks inside totalsize, known version. */
    if (fdt_check_header(fdt) != 0 || fdt_version(fdt) < FDT_VERSION_MIN) {
        return STATUS_INVALID;
    }
    uint32_t strings = fdt_size_dt_strings(fdt);
    const char *last = (const char *)fdt + fdt_off_dt_strings(fdt) + strings - 1;

    if (!num_is_aligned(fdt_off_dt_struct(fdt), FDT_TAGSIZE) ||
        fdt_totalsize(fdt) > num_min(limit, FDT_SIZE_MAX)) {
        return STATUS_INVALID;
    }
    return strings == 0 || *last == '\0' ? STATUS_OK : STATUS_INVALID;
}

uint32_t fdt_total_size(const void *fdt)
{
    return fdt_totalsize(fdt);
}

struct fdt_walk fdt_walk_init(const void *fdt)
{
    const uint8_t *begin = (const uint8_t *)fdt + fdt_off_dt_struct(fdt);

    return (struct fdt_walk){
        .next = begin,
        .end = begin + num_align_down(fdt_size_dt_struct(fdt), FDT_TAGSIZE),
        .strings = (const char *)fdt + fdt_off_dt_strings(fdt),
        .strings_size = fdt_size_dt_strings(fdt),
    };
}

static uint32_t fdt_walk_left(const struct fdt_walk *walk)
{
    return (uint32_t)(walk->end - walk->next);
}

/* The caller has seen that it is there. */
static uint32_t fdt_walk_cell(struct fdt_walk *walk)
{
    uint32_t cell = fdt_cell_get(walk->next, 0);

    walk->next += FDT_TAGSIZE;
    return cell;
}

/* size is at most what is left, which is a multiple of 4: so is the size with its padding. */
static void fdt_walk_skip(struct fdt_walk *walk, uint32_t size)
{
    walk->next += num_align_up(size, FDT_TAGSIZE);
}

static enum fdt_event fdt_walk_node(struct fdt_walk *walk)
{
    const char *name = (const char *)walk->next;
    size_t length = strnlen(name, fdt_walk_left(walk));

    if (length == fdt_walk_left(walk) || walk->depth == FDT_DEPTH_MAX) {
        return FDT_EVENT_BAD;
    }
    fdt_walk_skip(walk, (uint32_t)length + 1);
    walk->node = name;
    walk->depth++;
    walk->in_properties = true;
    return FDT_EVENT_NODE;
}

static enum fdt_event fdt_walk_property(struct fdt_walk *walk)
{
    if (fdt_walk_left(walk) < 2 * FDT_TAGSIZE || !walk->in_properties) {
        return FDT_EVENT_BAD;
    }
    walk->size = fdt_walk_cell(walk);
    uint32_t name = fdt_walk_cell(walk);

    if (walk->size > fdt_walk_left(walk) || name >= walk->strings_size) {
        return FDT_EVENT_BAD;
    }
    walk->data = walk->next;
    walk->name = walk->strings + name;
    fdt_walk_skip(walk, walk->size);
    return FDT_EVENT_PROPERTY;
}

enum fdt_event fdt_walk_next(struct fdt_walk *walk)
{
    uint32_t tag = FDT_NOP;

    if (walk->closing) {
        walk->depth--;
        walk->closing = false;
    }
    while (tag == FDT_NOP && fdt_walk_left(walk) != 0) {
        tag = fdt_walk_cell(walk);
    }
    switch (tag) {
    case FDT_BEGIN_NODE:
        return fdt_walk_node(walk);
    case FDT_PROP:
        return fdt_walk_property(walk);
    case FDT_END_NODE:
        walk->in_properties = false;
        walk->closing = true;
        return walk->depth > 0 ? FDT_EVENT_NODE_END : FDT_EVENT_BAD;
    case FDT_END:
        return walk->depth == 0 ? FDT_EVENT_END : FDT_EVENT_BAD;
    default:
        return FDT_EVENT_BAD;
    }
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
