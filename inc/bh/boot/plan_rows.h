/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plan's grammar as data: which nodes there are, which properties each has, and where every
 * value goes in system_config. docs/plan-format.md is the same table in words; plan.c walks it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum plan_type {
    PLAN_CELLS,   /* groups of cells, one group per element */
    PLAN_STRING,  /* to char[CONFIG_NAME_SIZE] */
    PLAN_LITERAL, /* must be exactly `text` */
    PLAN_KIND,    /* a device kind by name */
};

enum plan_storage {
    PLAN_INLINE,    /* element 0 at `offset`; further ones follow after `stride` */
    PLAN_ALLOCATED, /* a pointer at `offset`; the reader allocates count * stride */
};

/* What fits in the field means something. */
#define PLAN_NO_LIMIT UINT32_MAX

/* One number of a group. */
struct plan_column {
    uint8_t cells;   /* 1 or 2 */
    uint8_t width;   /* bytes of the field */
    uint16_t offset; /* in the element */
    uint32_t limit;  /* largest value that means anything */
};

#define PLAN_NO_COUNT     UINT16_MAX /* the property has exactly `min` elements */
#define PLAN_COLUMNS      4
#define PLAN_EVERY_DEVICE UINT8_MAX

struct plan_row {
    const char *name;
    enum plan_type type;
    enum plan_storage storage;
    uint8_t column_count;
    uint8_t devices; /* bit per enum device_kind that has the property; other nodes: all */
    uint16_t offset; /* of the value, array or pointer in the object */
    uint16_t stride;
    uint16_t count_offset; /* of a uint32_t in the object, or PLAN_NO_COUNT */
    uint16_t min, max;     /* elements */
    const char *text;
    struct plan_column column[PLAN_COLUMNS];
};

enum plan_node {
    PLAN_NODE_NONE, /* above the root */
    PLAN_NODE_ROOT,
    PLAN_NODE_CORE,
    PLAN_NODE_BOARD,
    PLAN_NODE_VMS,
    PLAN_NODE_VM,
    PLAN_NODE_DEVICES,
    PLAN_NODE_DEVICE,
    PLAN_NODES,
};

struct plan_node_row {
    const char *name; /* "": any; one that ends in '@': a prefix */
    enum plan_node parent;
    bool is_head; /* read by plan_read_head, else by plan_read_vms */
    const struct plan_row *row;
    uint32_t row_count; /* at most 32: a bit mask says which were seen */
};

extern const struct plan_node_row plan_nodes[PLAN_NODES];
/* Names of enum device_kind. */
extern const char *const plan_device_kinds[];
