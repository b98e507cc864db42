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

/* Interrupts that are pending are taken now. */
void vmlib_irq_window(void);
void vmlib_start(uint64_t argument);
void vmlib_start_el0(uint64_t argument);
void vmlib_secondary_start(struct vmlib_cpu *cpu);
void exception_dispatch(struct exception_frame *frame, uint64_t vector);
