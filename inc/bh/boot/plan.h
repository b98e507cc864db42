/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plan (docs/plan-format.md): read with libfdt, filled into system_config, checked. Also built
 * for the host as bulkhead-plan: what it accepts, boot accepts.
 * Every refusal is one line "plan: <node>: <property>: <value>: <rule>" through the log.
 */
#pragma once

#include <stdint.h>

#include "bh/base/status.h"
#include "bh/obj/config.h"

/* Memory for config arrays comes from alloc (boot: pool_alloc). */
typedef void *plan_alloc_fn(uint64_t size, uint64_t alignment);

/* First only what is needed to set up the pool: core, pool, bundle, board. No allocation. */
enum status plan_read_head(const void *plan, uint64_t limit,
                           struct system_config *config) BH_NODISCARD;
enum status plan_read_vms(const void *plan, struct system_config *config,
                          plan_alloc_fn *alloc) BH_NODISCARD;
/* plan_check.c: bounds, overlaps, ownership, alignment, references. All errors are logged. */
enum status plan_check(const struct system_config *config) BH_NODISCARD;
/* The plan was made for this build of the core: platform name, and where the core lies. */
enum status plan_check_build(const struct system_config *config, const char *platform,
                             struct pa_range core) BH_NODISCARD;
