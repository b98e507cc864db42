/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The debug registers at a switch: of a vCPU that has them open; load also takes them away from a
 * vCPU that has not. EL2, interrupts masked.
 */
#pragma once

#include "bh/arch/arch_context.h"

void debug_save(struct arch_debug *debug);
void debug_load(const struct arch_debug *debug);
