/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bounded reader and writer over bytes. A step outside the span changes nothing, returns 0 and
 * makes the span `failed` for good, so a parser reads everything it wants and asks once at the end.
 * All values are little-endian, at any alignment. Context: any.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes_reader {
    const uint8_t *data;
    uint64_t size;
    uint64_t offset; /* of the next byte */
    bool failed;
};

struct bytes_writer {
    uint8_t *data;
    uint64_t size;
    uint64_t offset;
    bool failed;
};

struct bytes_reader bytes_reader_init(const void *data, uint64_t size);
uint64_t bytes_left(const struct bytes_reader *r);
void bytes_seek(struct bytes_reader *r, uint64_t offset);
void bytes_skip(struct bytes_reader *r, uint64_t count);
uint8_t bytes_read_u8(struct bytes_reader *r);
uint16_t bytes_read_u16(struct bytes_reader *r);
uint32_t bytes_read_u32(struct bytes_reader *r);
uint64_t bytes_read_u64(struct bytes_reader *r);
/* On failure the target is zeroed. */
void bytes_read_block(struct bytes_reader *r, void *to, uint64_t count);
/* The part [offset, offset + count) as a reader of its own; failed when it is not inside. */
struct bytes_reader bytes_sub(const struct bytes_reader *r, uint64_t offset, uint64_t count);

struct bytes_writer bytes_writer_init(void *data, uint64_t size);
void bytes_write_u8(struct bytes_writer *w, uint8_t v);
void bytes_write_u16(struct bytes_writer *w, uint16_t v);
void bytes_write_u32(struct bytes_writer *w, uint32_t v);
void bytes_write_u64(struct bytes_writer *w, uint64_t v);
void bytes_write_block(struct bytes_writer *w, const void *from, uint64_t count);
void bytes_write_zeroes(struct bytes_writer *w, uint64_t count);
