/* SPDX-License-Identifier: BSD-3-Clause */
/* From bytes of the fuzzer to calls that are mostly plausible. */
#pragma once

#include <stdint.h>

#include "model.h"

/* A step of the input. */
struct model_step {
    uint8_t cpu, kind, fn, flavour;
    uint8_t reg[12];
};

/* flavour */
#define FLAVOUR_HINT    0x01 /* with the SVE hint */
#define FLAVOUR_GARBAGE 0x02 /* in upper halves that nobody reads */
#define FLAVOUR_SMC     0x04
#define FLAVOUR_WIDTH   0x08 /* the other width */
#define FLAVOUR_MUTATE  0x10 /* a register gets another value */
#define FLAVOUR_MUTATE2 0x20
#define FLAVOUR_RANDOM  0xc0 /* all of these: any function id */

#define MODEL_HEADER_SIZE 40

/* The header of a message that self sends by MSG_SEND2. Returns where the payload begins. */
uint32_t model_input_header(const struct model_vcpu *self, const struct model_step *step,
                            uint8_t header[MODEL_HEADER_SIZE]);
/* x0 to x17 of a call by self. turn: makes registers differ from call to call. */
void model_input_call(const struct model_vcpu *self, const struct model_step *step, uint32_t turn,
                      uint64_t x[MODEL_REGS]);
