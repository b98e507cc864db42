/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/base/bytes.h"

#include "bh/base/libc.h"
#include "bh/base/num.h"

struct bytes_reader bytes_reader_init(const void *data, uint64_t size)
{
    return (struct bytes_reader){.data = data, .size = size};
}

uint64_t bytes_left(const struct bytes_reader *r)
{
    return r->failed ? 0 : r->size - r->offset;
}

/* The next count bytes; NULL when refused, and for no bytes at all (the span may be NULL). */
static const uint8_t *reader_take(struct bytes_reader *r, uint64_t count)
{
    if (r->failed || !num_is_within(r->offset, count, r->size)) {
        r->failed = true;
        return NULL;
    }
    r->offset += count;
    return count == 0 ? NULL : r->data + (r->offset - count);
}

void bytes_seek(struct bytes_reader *r, uint64_t offset)
{
    if (r->failed || offset > r->size) {
        r->failed = true;
        return;
    }
    r->offset = offset;
}

void bytes_skip(struct bytes_reader *r, uint64_t count)
{
    (void)reader_take(r, count);
}

static uint64_t read_value(struct bytes_reader *r, uint32_t count)
{
    const uint8_t *p = reader_take(r, count);
    uint64_t v = 0;

    if (p == NULL) {
        return 0;
    }
    for (uint32_t i = count; i > 0; i--) {
        v = (v << 8) | p[i - 1];
    }
    return v;
}

uint8_t bytes_read_u8(struct bytes_reader *r)
{
    return (uint8_t)read_value(r, 1);
}

uint16_t bytes_read_u16(struct bytes_reader *r)
{
    return (uint16_t)read_value(r, 2);
}

uint32_t bytes_read_u32(struct bytes_reader *r)
{
    return (uint32_t)read_value(r, 4);
}

uint64_t bytes_read_u64(struct bytes_reader *r)
{
    return read_value(r, 8);
}

void bytes_read_block(struct bytes_reader *r, void *to, uint64_t count)
{
    const uint8_t *p = reader_take(r, count);

    if (p == NULL) {
        memset(to, 0, count);
        return;
    }
    memcpy(to, p, count);
}

struct bytes_reader bytes_sub(const struct bytes_reader *r, uint64_t offset, uint64_t count)
{
    if (r->failed || !num_is_within(offset, count, r->size)) {
        return (struct bytes_reader){.failed = true};
    }
    return bytes_reader_init(count == 0 ? r->data : r->data + offset, count);
}

struct bytes_writer bytes_writer_init(void *data, uint64_t size)
{
    return (struct bytes_writer){.data = data, .size = size};
}

static uint8_t *writer_take(struct bytes_writer *w, uint64_t count)
{
    if (w->failed || !num_is_within(w->offset, count, w->size)) {
        w->failed = true;
        return NULL;
    }
    w->offset += count;
    return count == 0 ? NULL : w->data + (w->offset - count);
}

static void write_value(struct bytes_writer *w, uint64_t v, uint32_t count)
{
    uint8_t *p = writer_take(w, count);

    for (uint32_t i = 0; p != NULL && i < count; i++) {
        p[i] = (uint8_t)(v >> (8 * i));
    }
}

void bytes_write_u8(struct bytes_writer *w, uint8_t v)
{
    write_value(w, v, 1);
}

void bytes_write_u16(struct bytes_writer *w, uint16_t v)
{
    write_value(w, v, 2);
}

void bytes_write_u32(struct bytes_writer *w, uint32_t v)
{
    write_value(w, v, 4);
}

void bytes_write_u64(struct bytes_writer *w, uint64_t v)
{
    write_value(w, v, 8);
}

void bytes_write_block(struct bytes_writer *w, const void *from, uint64_t count)
{
    uint8_t *p = writer_take(w, count);

    if (p != NULL) {
        memcpy(p, from, count);
    }
}

void bytes_write_zeroes(struct bytes_writer *w, uint64_t count)
{
    uint8_t *p = writer_take(w, count);

    if (p != NULL) {
        memset(p, 0, count);
    }
}
