/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the loader's device tree says: RAM, CPUs, GIC, boot arguments. Read and copied before
 * anything of the machine's memory is used, because the tree may lie in a partition's memory.
 * Malformed trees are refused with a message, never followed.
 */
#pragma once

#include <stdint.h>

#include "bh/base/status.h"
#include "bh/obj/config.h"

#define BOOTINFO_ARGS_SIZE 1024

struct bootinfo {
    struct board_config board; /* what was found; counts 0 where absent */
    char bootargs[BOOTINFO_ARGS_SIZE];
    uint32_t fdt_size;
};

/* fdt: readable for limit bytes. */
enum status bootinfo_read(const void *fdt, uint64_t limit, struct bootinfo *info) BH_NODISCARD;
/* The plan's board must be part of the loader's. Logs every difference; STATUS_INVALID if any. */
enum status bootinfo_compare(const struct bootinfo *info,
                             const struct system_config *config) BH_NODISCARD;
