/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whose the GIC is: gicv3_side.c, all of it is ours, and every interrupt is group 1; secure_side.c,
 * only what we claim is ours, as secure group 1, and the rest belongs to EL3 or the normal world.
 * Source: IHI 0069 4.6 (groups and security), 4.8 (priorities).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define GICV3_PRIORITY_DEFAULT 0xa0a0a0a0u

/* Boot: the distributor at dist, which has banks of 32 interrupts. */
void gicv3_side_init(uint64_t dist, uint32_t banks);
/* The calling CPU's redistributor, which is awake. */
void gicv3_side_init_cpu(uint64_t rd);
/* frame: has the arrays of intid, which becomes ours, disabled and idle unless it was ours. */
void gicv3_side_claim(uint64_t frame, uint32_t intid);
/* The same interrupt becomes the normal world's, or ours again. */
void gicv3_side_secure(uint64_t frame, uint32_t intid, bool on);
/* What the register takes for one of the core's priorities. */
uint8_t gicv3_side_priority(uint8_t priority);

/* gicv3.c: until the bits read as zero; panics when they never do. */
void gicv3_wait_clear(uint64_t address, uint32_t bits, const char *what);
