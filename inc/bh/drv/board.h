/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a board is made of, as the plan and the loader's tree say it. Part of the system's immutable
 * configuration (obj/config.h), here because drivers are below it.
 */
#pragma once

#include <stdint.h>

#include "bh/base/addr.h"

#ifndef BH_MAX_CPUS
#define BH_MAX_CPUS 8
#endif

#define CONFIG_MAX_MEMORY 8
#define CONFIG_MAX_GICR   4
#define CONFIG_MAX_ITS    4

struct board_config {
    struct pa_range gicd;
    struct pa_range gicr[CONFIG_MAX_GICR];
    uint32_t gicr_count;
    struct pa_range its[CONFIG_MAX_ITS]; /* nobody's: it reads and writes memory by itself */
    uint32_t its_count;
    struct pa_range uart;
    uint32_t uart_irq;
    uint32_t irq_maintenance, irq_vtimer, irq_ptimer, irq_htimer;
    uint32_t cpu_count;
    uint64_t cpu_mpidr[BH_MAX_CPUS];
    struct pa_range memory[CONFIG_MAX_MEMORY];
    uint32_t memory_count;
    struct pa_range memory_ns[CONFIG_MAX_MEMORY]; /* the normal world's, as the SPMC sees it */
    uint32_t memory_ns_count;
};
