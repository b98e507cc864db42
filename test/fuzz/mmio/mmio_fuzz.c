/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 data aborts with any syndrome, any instruction and any registers. The oracle is a model
 * that knows the instructions by their bit patterns, not by their structure, and the rule that an
 * abort ends in exactly one way: emulated, refused with nothing changed, or tried again.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bh/arch/esr.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/trap/mmio_decode.h"
#include "bh/trap/trap.h"
#include "test/host/devworld/devworld.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DABT ((uint64_t)ESR_EC_DABT_LOWER << ESR_EC_SHIFT)
#define PC   WORLD_RAM

/* DDI 0487 C6.2: addressing forms of one register, to be joined with size and opc. */
static const struct pattern {
    uint32_t mask, value;
} single_forms[] = {
    {0x3f200c00, 0x38000000}, /* LDUR */
    {0x3f200c00, 0x38000400}, /* post-indexed */
    {0x3f200c00, 0x38000800}, /* LDTR */
    {0x3f200c00, 0x38000c00}, /* pre-indexed */
    {0x3f204c00, 0x38204800}, /* register */
    {0x3f000000, 0x39000000}, /* unsigned offset */
};
/* size and opc in bits 31, 30, 23, 22: STRB STRH STR STR, LDRB.., LDRSB.., LDRSB w.. */
static const uint32_t single_kinds[] = {
    0x00000000, 0x40000000, 0x80000000, 0xc0000000, 0x00400000, 0x40400000, 0x80400000,
    0xc0400000, 0x00800000, 0x40800000, 0x80800000, 0x00c00000, 0x40c00000,
};
#define SINGLE_KIND_MASK UINT32_C(0xc0c00000)

/* Bits 31 to 22 of STP, LDP and LDPSW, LDNP and STNP. */
static const uint32_t pairs[] = {
    0x28000000, 0x28400000, 0x28800000, 0x28c00000, 0x29000000, 0x29400000, 0x29800000,
    0x29c00000, 0xa8000000, 0xa8400000, 0xa8800000, 0xa8c00000, 0xa9000000, 0xa9400000,
    0xa9800000, 0xa9c00000, 0x68c00000, 0x69400000, 0x69c00000,
};
#define PAIR_MASK UINT32_C(0xffc00000)

static bool is_pair(uint32_t word)
{
    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(pairs); i++) {
        if ((word & PAIR_MASK) == pairs[i]) {
            return true;
        }
    }
    return false;
}

static bool is_single(uint32_t word)
{
    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(single_forms); i++) {
        for (uint32_t k = 0; k < NUM_ARRAY_COUNT(single_kinds); k++) {
            if ((word & single_forms[i].mask) == single_forms[i].value &&
                (word & SINGLE_KIND_MASK) == single_kinds[k]) {
                return true;
            }
        }
    }
    return false;
}

static bool has_writeback(uint32_t word)
{
    return is_pair(word) ? ((word >> 23) & 1) != 0 : (word & 0x3f200400) == 0x38000400;
}

/* What the architecture leaves open, the core refuses. */
static bool is_open(uint32_t word)
{
    uint32_t rt = word & 31;
    uint32_t rn = (word >> 5) & 31;
    uint32_t rt2 = (word >> 10) & 31;
    bool is_load = (word & 0x00400000) != 0;

    if (is_pair(word) && is_load && rt == rt2) {
        return true;
    }
    return has_writeback(word) && rn != 31 && (rt == rn || (is_pair(word) && rt2 == rn));
}

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_decode(uint32_t word)
{
    struct mmio_instruction in;
    bool is_known = (is_pair(word) || is_single(word)) && !is_open(word);

    expect(mmio_decode(word, &in) == is_known);
    if (!is_known) {
        return;
    }
    expect(in.count == (is_pair(word) ? 2 : 1));
    expect(in.size == 1 || in.size == 2 || in.size == 4 || in.size == 8);
    expect((in.writeback != MMIO_WRITEBACK_NONE) == has_writeback(word));
    expect(!(in.write && in.is_signed));
    expect(in.offset % in.size == 0 || !is_pair(word));
}

struct input {
    uint32_t word;
    uint32_t iss; /* 25 bits of syndrome */
    uint64_t far, hpfar_page;
    uint64_t x[31], sp;
    uint8_t flags;
};

static void silent(const char *line, uint32_t length)
{
    (void)line;
    (void)length;
}

static void check_abort(const struct input *input)
{
    struct vcpu *vcpu = world_vcpu(0);
    struct arch_context before;
    uint64_t esr = DABT | ESR_IL | (input->iss & 0x1ffffff);
    bool is_changed;

    world.pc = PC;
    world.far = input->far;
    world.sp_el1 = input->sp;
    world.spsr = (input->flags & 1) != 0 ? 0x10 : 5;
    world.refuse = (input->flags & 2) != 0;
    world.answer = input->far ^ input->sp;
    /* Near devices and memory more often than not. */
    world.fault_ipa = ipa_init(((input->flags & 4) != 0 ? WORLD_GICD : input->hpfar_page << 12) |
                               (input->far & 0xfff));
    world.fault_ipa.ipa &= NUM_MASK(47, 0);
    memcpy(world.ram, &input->word, sizeof(input->word));
    memcpy(vcpu->ctx.x, input->x, sizeof(input->x));
    before = vcpu->ctx;

    expect(mmio_data_abort(vcpu, esr) == vcpu);
    is_changed = memcmp(&before, &vcpu->ctx, sizeof(before)) != 0 || world.sp_el1 != input->sp;
    if (world.exception != WORLD_NONE || world.advances == 0) {
        expect(!is_changed);
        expect(world.advances == 0);
    } else {
        expect(world.advances == 1);
    }
    expect(vcpu->ctx.elr == before.elr);
    for (uint32_t i = 0; i < world.accesses && i < 4; i++) {
        expect(world.access[i].offset % world.access[i].size == 0);
        expect(world.access[i].offset + world.access[i].size <= 0x20000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {0};

    memcpy(&input, data, size < sizeof(input) ? size : sizeof(input));
    check_decode(input.word);
    world_setup();
    log_init(silent, LOG_ERROR);
    check_abort(&input);
    return 0;
}
