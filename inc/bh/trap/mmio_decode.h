/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A64 load or store instructions for which the abort's syndrome says nothing (ISV 0): pairs and
 * those with writeback. Decodes general-register loads and stores of the plain kind, with their
 * siblings that do have a syndrome. Everything else (FP/SIMD, exclusives, atomics, tags) is
 * refused: devices do not answer to it. Pure.
 * Source: DDI 0487 C4.1.94 "Loads and Stores".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MMIO_REGISTER_31 31 /* data: zero register; base: stack pointer */

enum mmio_writeback { MMIO_WRITEBACK_NONE, MMIO_WRITEBACK_PRE, MMIO_WRITEBACK_POST };

struct mmio_instruction {
    bool write;
    bool is_signed;  /* load: sign-extended */
    bool is_64bit;   /* load: the register is 64 bits wide, else its upper half is cleared */
    uint8_t size;    /* bytes of one access: 1, 2, 4, 8 */
    uint8_t count;   /* 1, or 2: a pair at size bytes distance */
    uint8_t data[2]; /* registers */
    uint8_t base;    /* register */
    bool has_index;  /* register offset: the next three say which */
    uint8_t index;   /* register */
    uint8_t extend;  /* option field: 2 UXTW, 3 LSL, 6 SXTW, 7 SXTX */
    uint8_t shift;   /* left, after extension */
    enum mmio_writeback writeback;
    int32_t offset; /* bytes */
};

/* False: refused; *out is then unspecified. */
bool mmio_decode(uint32_t word, struct mmio_instruction *out);
