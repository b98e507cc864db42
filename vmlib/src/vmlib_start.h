/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between start.S, vectors.S and C.
 */
#pragma once

#include <stdint.h>

#include "vmlib_exception.h"

extern uint8_t vmlib_stacks[];
extern uint8_t vmlib_vectors[];
extern uint8_t vmlib_secondary_entry[];
extern uint8_t vmlib_context_entry[];

/* Interrupts that are pending are taken now. */
void vmlib_irq_window(void);
/* registers: x0 to x3 at entry; from_el2: that was at EL2. */
void vmlib_start(const uint64_t *registers, uint64_t from_el2);
void vmlib_start_el0(uint64_t argument);
void vmlib_secondary_start(struct vmlib_cpu *cpu);
void vmlib_context_start(uint32_t index);
void exception_dispatch(struct exception_frame *frame, uint64_t vector);
