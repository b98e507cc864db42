/* SPDX-License-Identifier: BSD-3-Clause */
/* What can happen, to the core and to the model at once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model_input.h"

/* Prints every step. */
extern bool model_is_traced;

/* turn: makes registers differ from step to step. */
void model_step_do(const struct model_step *step, uint32_t turn);
/* The next timer of whoever idles. */
void model_step_timer(const struct model_step *step);
/* A call of the vCPU that this CPU runs, compared. */
void model_step_call(uint32_t cpu, const uint64_t x[MODEL_REGS]);
