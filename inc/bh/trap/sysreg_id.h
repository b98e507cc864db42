/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ID registers op0 3, op1 0, CRn 0, CRm 1 to 7 as guests see them: what the hardware has and
 * the core lets them use. Filled at boot, then free to read.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SYSREG_ID_COUNT 64 /* index CRm * 8 + op2; CRm 0 unused */

/* With or without a virtual GIC CPU interface, and what images for the established binding expect:
 * a primary has a PMU, too, a secondary has no pointer authentication. */
enum sysreg_view {
    SYSREG_VIEW_PARAVIRT,
    SYSREG_VIEW_GIC,
    SYSREG_VIEW_PRIMARY,
    SYSREG_VIEW_SECONDARY,
    SYSREG_VIEWS,
};

extern uint64_t sysreg_id_table[SYSREG_VIEWS][SYSREG_ID_COUNT];

/* What a guest sees of a hardware value. Pure. */
uint64_t sysreg_id_filter(uint32_t index, uint64_t hardware, enum sysreg_view view);
