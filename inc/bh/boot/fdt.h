/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flattened device trees, bounded: the only place that touches libfdt. A tree is walked once, front
 * to back; nothing outside [fdt, fdt + totalsize) is read, and a malformed tree ends the walk with
 * FDT_EVENT_BAD. Names and data point into the tree and live as long as it does.
 *
 * libfdt checks the header and edits trees. Walking is ours: libfdt checks each byte of each node
 * name by a call of its own, which for the tree of a common board is half of all that boot
 * executes. Source: Devicetree Specification 0.4, chapter 5. Context: boot, one CPU, no locks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/status.h"

/* Room that a guest's device tree needs behind its content for the loader's arguments, bytes. */
#define FDT_ARGS_ROOM 2048u
/* Deeper trees are refused. */
#define FDT_DEPTH_MAX 16u

enum fdt_event {
    FDT_EVENT_NODE,     /* name; depth is the node's own, 1 for the root */
    FDT_EVENT_PROPERTY, /* name, data, size; depth is its node's */
    FDT_EVENT_NODE_END, /* depth is that of the node that ended */
    FDT_EVENT_END,
    FDT_EVENT_BAD,
};

struct fdt_walk {
    const uint8_t *next, *end; /* in the structure block; multiples of 4 */
    const char *strings;       /* ends with a zero: each offset below its size is a string */
    uint32_t strings_size;
    uint32_t depth;
    bool closing;       /* the last event ended a node: depth falls before the next one */
    bool in_properties; /* properties come before child nodes */
    const char *node;   /* FDT_EVENT_NODE: its name */
    const char *name;   /* FDT_EVENT_PROPERTY: its name */
    const uint8_t *data;
    uint32_t size; /* bytes */
};

/* A whole tree of version 17 lies in [fdt, fdt + limit), 8-byte aligned. */
enum status fdt_check(const void *fdt, uint64_t limit) BH_NODISCARD;
uint32_t fdt_total_size(const void *fdt);

/* fdt: checked. */
struct fdt_walk fdt_walk_init(const void *fdt);
enum fdt_event fdt_walk_next(struct fdt_walk *walk);

/* Cell i of a property; the caller has compared i with the size. */
uint32_t fdt_cell_get(const uint8_t *data, uint32_t i);
/* count cells (0..2) from cell i on, as one number. */
uint64_t fdt_cells_get(const uint8_t *data, uint32_t i, uint32_t count);
/* The property is one string, NUL-terminated, without another NUL. */
bool fdt_is_string(const uint8_t *data, uint32_t size);
/* text equals one of the strings of a list such as `compatible`. */
bool fdt_has_string(const uint8_t *data, uint32_t size, const char *text);

/* Replaces /chosen/bootargs in the tree at fdt, which may grow up to limit bytes. Creates /chosen.
 * STATUS_INVALID: no tree; STATUS_NO_MEMORY: limit is too small; the tree is then unchanged or
 * still a valid tree without the new arguments. */
enum status fdt_bootargs_set(void *fdt, uint64_t limit, const char *bootargs) BH_NODISCARD;
