/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The partition's own device tree, as it was passed at entry.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dtb_range {
    uint64_t base;
    uint64_t size;
};

/* argument: x0 at entry; not a device tree (a memory size) leaves everything absent. */
void dtb_init(uint64_t argument);
/* NULL: there is none. */
const void *dtb_get(void);
/* x0 at entry, whatever it was. */
uint64_t dtb_entry_argument(void);
/* "" when there are none. */
const char *dtb_bootargs(void);
/* Entry n of the reg of the first node with this compatible. */
bool dtb_try_reg(const char *compatible, uint32_t n, struct dtb_range *range);
/* Range n over all memory nodes. */
bool dtb_try_memory(uint32_t n, struct dtb_range *range);
/* MPIDR affinity of cpu node n. */
bool dtb_try_cpu(uint32_t n, uint64_t *mpidr);
/* vCPUs that the device tree names; 1 without one. */
uint32_t dtb_cpu_count(void);
/* Specifier n (3 cells) of the interrupts of the first node with this compatible, as an INTID. */
bool dtb_try_interrupt(const char *compatible, uint32_t n, uint32_t *intid);
