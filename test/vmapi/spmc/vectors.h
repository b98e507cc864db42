/* SPDX-License-Identifier: BSD-3-Clause */
/* vectors.S: registers of SVE and SME. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VECTOR_MAX   256 /* bytes */
#define VECTORS_SIZE (32 * VECTOR_MAX + 17 * VECTOR_MAX / 8)

void vectors_load(const void *from, bool with_ffr);
void vectors_store(void *to, bool with_ffr);
uint64_t vectors_length(void);
uint64_t matrix_length(void);
void matrix_load(const void *from);
void matrix_store(void *to);
void matrix_table_load(const void *from);
void matrix_table_store(void *to);

/* Of Z0 to Z31, P0 to P15 and, if it is there, FFR in the length that is in force. */
static inline uint64_t vectors_size(bool with_ffr)
{
    return vectors_length() * 32 + vectors_length() / 8 * (with_ffr ? 17 : 16);
}
