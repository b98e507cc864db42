/* SPDX-License-Identifier: BSD-3-Clause */
/* A correct plan with one VM of each sort, and the means to spoil it in one place. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PLAN_BUILDER_SIZE 16384

/* Replaces the plan in blob: a Linux VM (1, pinned, GIC, PL011) and a scheduled partition (2). */
void plan_builder_base(void *blob);
/* value: cells in CPU order. count 0: an empty property. */
void plan_builder_set_cells(void *blob, const char *path, const char *property,
                            const uint32_t *value, uint32_t count);
void plan_builder_set_text(void *blob, const char *path, const char *property, const char *text);
void plan_builder_delete(void *blob, const char *path, const char *property);
void plan_builder_add_node(void *blob, const char *path, const char *name);
void plan_builder_delete_node(void *blob, const char *path);
uint32_t plan_builder_size(const void *blob);
/* Bytes that a plan really takes in its blob; 0: there is none. */
uint32_t plan_builder_packed_size(const void *blob);

/* Pool for config arrays: plan_alloc_fn. */
void *plan_builder_alloc(uint64_t size, uint64_t alignment);
void plan_builder_free_all(void);

/* Log sink that keeps the lines. */
void plan_builder_log_start(void);
bool plan_builder_log_has(const char *text);
const char *plan_builder_log_text(void);
uint32_t plan_builder_log_lines(void);
