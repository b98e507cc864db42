/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/trap/mmio_decode.h"

#include "bh/base/num.h"

/* Encoding groups: bits 29:27, with V (bit 26) 0. */
#define GROUP_MASK   UINT32_C(0x3c000000)
#define GROUP_PAIR   UINT32_C(0x28000000)
#define GROUP_SINGLE UINT32_C(0x38000000)

static uint32_t bits(uint32_t word, uint32_t high, uint32_t low)
{
    return (uint32_t)num_field_get(word, high, low);
}

static int32_t signed_bits(uint32_t word, uint32_t high, uint32_t low)
{
    uint32_t width = high - low + 1;

    return (int32_t)(bits(word, high, low) << (32 - width)) >> (32 - width);
}

/* C4.1.94.23 to 26: no-allocate, post-indexed, offset, pre-indexed. */
static bool decode_pair(uint32_t word, struct mmio_instruction *out)
{
    static const enum mmio_writeback writeback[] = {MMIO_WRITEBACK_NONE, MMIO_WRITEBACK_POST,
                                                    MMIO_WRITEBACK_NONE, MMIO_WRITEBACK_PRE};
    uint32_t opc = bits(word, 31, 30);
    uint32_t mode = bits(word, 24, 23);

    if (bits(word, 25, 25) != 0 || opc == 3) {
        return false;
    }
    out->write = bits(word, 22, 22) == 0;
    /* opc 1 is LDPSW; its store is STGP (tags), its no-allocate form does not exist. */
    out->is_signed = opc == 1;
    if (out->is_signed && (out->write || mode == 0)) {
        return false;
    }
    out->is_64bit = opc != 0;
    out->size = opc == 2 ? 8 : 4;
    out->count = 2;
    out->data[0] = (uint8_t)bits(word, 4, 0);
    out->data[1] = (uint8_t)bits(word, 14, 10);
    out->offset = signed_bits(word, 21, 15) * out->size;
    out->writeback = writeback[mode];
    return out->write || out->data[0] != out->data[1];
}

/* size and opc of a single register: C4.1.94.32 and following. */
static bool decode_single_kind(uint32_t word, struct mmio_instruction *out)
{
    uint32_t size = bits(word, 31, 30);
    uint32_t opc = bits(word, 23, 22);

    out->count = 1;
    out->size = (uint8_t)(1u << size);
    out->write = opc == 0;
    out->is_signed = opc >= 2;
    out->is_64bit = opc == 2 || size == 3;
    out->data[0] = (uint8_t)bits(word, 4, 0);
    /* opc 2 of 8 bytes is a prefetch; opc 3 extends to 32 bits, so only from less. */
    return opc < 2 || size + opc < 5;
}

static bool decode_index(uint32_t word, struct mmio_instruction *out)
{
    out->has_index = true;
    out->index = (uint8_t)bits(word, 20, 16);
    out->extend = (uint8_t)bits(word, 15, 13);
    out->shift = bits(word, 12, 12) != 0 ? (uint8_t)bits(word, 31, 30) : 0;
    return (out->extend & 2) != 0;
}

static bool decode_single(uint32_t word, struct mmio_instruction *out)
{
    uint32_t form = bits(word, 11, 10);

    if (!decode_single_kind(word, out)) {
        return false;
    }
    if (bits(word, 25, 24) == 1) { /* unsigned offset */
        out->offset = (int32_t)(bits(word, 21, 10) * out->size);
        return true;
    }
    if (bits(word, 25, 24) != 0) {
        return false;
    }
    if (bits(word, 21, 21) != 0) {
        return form == 2 && decode_index(word, out); /* the others are atomics and PAC loads */
    }
    out->offset = signed_bits(word, 20, 12);
    if ((form & 1) != 0) {
        out->writeback = form == 1 ? MMIO_WRITEBACK_POST : MMIO_WRITEBACK_PRE;
    }
    return true;
}

/* Writeback into a register that is also data: the architecture lets anything happen; we refuse. */
static bool has_clash(const struct mmio_instruction *in)
{
    return in->writeback != MMIO_WRITEBACK_NONE && in->base != MMIO_REGISTER_31 &&
           (in->data[0] == in->base || (in->count == 2 && in->data[1] == in->base));
}

bool mmio_decode(uint32_t word, struct mmio_instruction *out)
{
    *out = (struct mmio_instruction){.base = (uint8_t)bits(word, 9, 5)};
    switch (word & GROUP_MASK) {
    case GROUP_PAIR:
        return decode_pair(word, out) && !has_clash(out);
    case GROUP_SINGLE:
        return decode_single(word, out) && !has_clash(out);
    default:
        return false;
    }
}
