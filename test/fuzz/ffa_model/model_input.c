/* SPDX-License-Identifier: BSD-3-Clause */
#include "model_input.h"

#include <stddef.h>
#include <string.h>

#include "test/host/world/world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Repeated: more often. */
static const uint8_t functions[] = {
    FN_DIRECT_REQ,
    FN_DIRECT_REQ,
    FN_DIRECT_REQ,
    FN_DIRECT_REQ,
    FN_DIRECT_RESP,
    FN_DIRECT_RESP,
    FN_DIRECT_RESP,
    FN_DIRECT_RESP,
    FN_RUN,
    FN_RUN,
    FN_RUN,
    FN_RUN,
    FN_MSG_WAIT,
    FN_MSG_WAIT,
    FN_MSG_WAIT,
    FN_MSG_WAIT,
    FN_YIELD,
    FN_YIELD,
    FN_RXTX_MAP,
    FN_RXTX_MAP,
    FN_RXTX_UNMAP,
    FN_RX_RELEASE,
    FN_ID_GET,
    FN_VERSION,
    FN_VERSION,
    FN_FEATURES,
    FN_FEATURES,
    FN_CONSOLE_LOG,
    FN_SPM_ID_GET,
    FN_PARTITION_INFO_GET,
    FN_PARTITION_INFO_GET,
    FN_PARTITION_INFO_GET_REGS,
    FN_MSG_SEND2,
    FN_MSG_SEND2,
    FN_MSG_SEND,
    FN_MSG_POLL,
    FN_BIND,
    FN_BIND,
    FN_UNBIND,
    FN_SET,
    FN_SET,
    FN_GET,
    FN_GET,
    FN_INFO_GET,
    FN_INFO_GET,
    FN_DIRECT_REQ2,
    FN_DIRECT_REQ2,
    FN_DIRECT_RESP2,
    FN_DIRECT_RESP2,
    FN_BITMAP_CREATE,
};

static const uint64_t values[] = {
    0,
    1,
    2,
    3,
    0x1f,
    0x40,
    0x80,
    0xff,
    0x100,
    0xffff,
    0x10000,
    0x10001,
    0x10002,
    0x10003,
    0x20000,
    0x20001,
    0x60001,
    0x70001,
    0x80000000,
    0xffff0000,
    0xffffffff,
    0x100000000,
    UINT64_MAX,
    0x8000,
    0x18000,
    WORLD_RAM + 1,
    WORLD_RAM + WORLD_RAM_SIZE - 0x1000,
    WORLD_ROM,
    WORLD_DEVICE,
    UINT64_C(1) << 40,
    UINT64_C(0xfffffffffffff000),
    FID_32(FN_RUN),
};

static const struct model_uuid uuids[] = {
    {{0, 0, 0, 0}}, {{0, 0, 0, 0}}, {{1, 2, 3, 4}}, {{5, 6, 7, 8}},
    {{5, 6, 7, 9}}, {{7, 0, 0, 0}}, {{1, 2, 3, 5}}, {{0, 0, 0, 7}},
};

static uint64_t value_of(uint8_t byte)
{
    return values[byte % COUNT(values)];
}

static uint16_t vm_of(uint8_t byte)
{
    return (uint16_t)(byte % (MODEL_VMS + 2));
}

/* Sender and receiver; the receiver of an answer is mostly the one that asked. */
static void fill_message(const struct model_vcpu *self, const uint8_t *reg, bool is_answer,
                         uint64_t *x)
{
    uint16_t peer = vm_of(reg[0]);

    if (is_answer && self->asker != NULL && reg[1] < 240) {
        peer = self->asker->vm->config->id;
    }
    x[1] = (uint64_t)self->vm->config->id << 16 | peer;
    for (uint32_t i = 3; i < 8; i++) {
        x[i] = value_of(reg[i]);
    }
}

static void fill_message2(const struct model_vcpu *self, const uint8_t *reg, bool is_answer,
                          uint64_t *x)
{
    const struct model_uuid *uuid = &uuids[reg[2] % COUNT(uuids)];

    fill_message(self, reg, is_answer, x);
    x[3] = 0;
    if (!is_answer) {
        x[2] = uuid->word[0] | (uint64_t)uuid->word[1] << 32;
        x[3] = uuid->word[2] | (uint64_t)uuid->word[3] << 32;
    }
}

static bool owes_answer(const struct model_vcpu *vcpu, const struct model_vcpu *self)
{
    return (vcpu->serving && vcpu->asker == self) || vcpu->owed_to == self ||
           self->answer_from == vcpu;
}

/* Mostly whoever owes self an answer, if anybody does. */
static void fill_run(const struct model_vcpu *self, const uint8_t *reg, uint64_t *x)
{
    x[1] = (uint64_t)vm_of(reg[0]) << 16 | reg[1] % 5;
    for (uint32_t i = 0; i < model.vms && reg[2] < 160; i++) {
        for (uint32_t k = 0; k < model.vm[i].config->vcpus; k++) {
            if (owes_answer(&model.vm[i].vcpu[k], self)) {
                x[1] = (uint64_t)model.vm[i].config->id << 16 | k;
            }
        }
    }
}

static void fill_info_get(const uint8_t *reg, bool in_regs, uint64_t *x)
{
    const struct model_uuid *uuid = &uuids[reg[0] % COUNT(uuids)];

    if (in_regs) {
        x[1] = uuid->word[0] | (uint64_t)uuid->word[1] << 32;
        x[2] = uuid->word[2] | (uint64_t)uuid->word[3] << 32;
        x[3] = reg[1] < 128 ? 0 : reg[1] % 20u | (reg[2] > 240 ? 0x10000u : 0);
        return;
    }
    for (uint32_t i = 0; i < 4; i++) {
        x[1 + i] = uuid->word[i];
    }
    x[5] = reg[1] < 160 ? 0 : reg[1] < 240 ? 1 : reg[2];
}

/* Few bits, so that partitions meet. */
static uint64_t bits_of(uint8_t byte)
{
    return byte < 8 ? 0 : UINT64_C(1) << (byte % 4) | (byte > 128 ? UINT64_C(1) << (byte % 6) : 0);
}

/* A notification that self may set, if there is one. */
static void fill_set(const struct model_vcpu *self, const uint8_t *reg, uint64_t *x)
{
    for (uint32_t i = 0; i < model.vms * 64; i++) {
        const struct model_vm *vm = &model.vm[(reg[5] + i) % model.vms];
        uint32_t bit = (reg[6] + i / model.vms) % 64;

        if (vm->notification[bit].sender == self->vm->config->id) {
            x[1] = (uint64_t)self->vm->config->id << 16 | vm->config->id;
            x[2] = vm->notification[bit].per_vcpu ? 1 | (uint64_t)(reg[2] % vm->config->vcpus) << 16
                                                  : 0;
            x[3] = (uint32_t)(UINT64_C(1) << bit);
            x[4] = UINT64_C(1) << bit >> 32;
            return;
        }
    }
}

static void fill_notification(const struct model_vcpu *self, uint32_t fn, const uint8_t *reg,
                              uint64_t *x)
{
    uint64_t own = self->vm->config->id, peer = vm_of(reg[0]);
    bool per_vcpu = (reg[1] & 1) != 0;

    if (fn == FN_GET) {
        x[1] = (uint64_t)(reg[1] % 4) << 16 | own;
        x[2] = reg[2] < 128 ? 15 : reg[2] % 16;
        return;
    }
    x[1] = fn == FN_SET ? own << 16 | peer : peer << 16 | own;
    x[2] = fn == FN_UNBIND || !per_vcpu ? 0 : 1;
    if (fn == FN_SET && per_vcpu) {
        x[2] |= (uint64_t)(reg[2] % 4) << 16;
    }
    x[3] = bits_of(reg[3]);
    x[4] = reg[4] < 200 ? 0 : bits_of(reg[5]);
    if (fn == FN_SET && reg[7] < 200) {
        fill_set(self, reg, x);
    }
}

static void fill_map(const uint8_t *reg, uint64_t *x)
{
    x[1] = WORLD_RAM + reg[0] % 8 * UINT64_C(0x1000);
    x[2] = WORLD_RAM + reg[1] % 8 * UINT64_C(0x1000);
    x[3] = reg[2] < 200 ? 1 : reg[2] % 8;
}

static void fill(const struct model_vcpu *self, uint32_t fn, bool is_64, const uint8_t *reg,
                 uint64_t *x)
{
    switch (fn) {
    case FN_DIRECT_REQ:
    case FN_DIRECT_RESP:
        fill_message(self, reg, fn == FN_DIRECT_RESP, x);
        break;
    case FN_DIRECT_REQ2:
    case FN_DIRECT_RESP2:
        fill_message2(self, reg, fn == FN_DIRECT_RESP2, x);
        break;
    case FN_RUN:
        fill_run(self, reg, x);
        break;
    case FN_YIELD:
        x[2] = reg[0];
        x[3] = reg[1];
        break;
    case FN_MSG_WAIT:
        x[2] = reg[0] < 200 ? 0 : 1;
        break;
    case FN_VERSION:
        x[1] = V1_0 + reg[0] % 3;
        break;
    case FN_FEATURES:
        x[1] = reg[0] < 40 ? reg[0] : (reg[1] & 1) != 0 ? FID_64(reg[0]) : FID_32(reg[0]);
        break;
    case FN_MSG_SEND2:
        break;
    case FN_MSG_SEND:
        x[1] = (uint64_t)self->vm->config->id << 16 | vm_of(reg[0]);
        x[3] = reg[1] < 200 ? reg[1] % 64 : value_of(reg[1]);
        x[4] = reg[2] & 1;
        break;
    case FN_BIND:
    case FN_UNBIND:
    case FN_SET:
    case FN_GET:
        fill_notification(self, fn, reg, x);
        break;
    case FN_RXTX_MAP:
        fill_map(reg, x);
        break;
    case FN_PARTITION_INFO_GET:
    case FN_PARTITION_INFO_GET_REGS:
        fill_info_get(reg, fn == FN_PARTITION_INFO_GET_REGS, x);
        break;
    case FN_CONSOLE_LOG:
        x[1] = reg[0] < 128 ? reg[0] % 25u : reg[0];
        x[2] = is_64 ? value_of(reg[2]) : reg[2];
        break;
    default:
        for (uint32_t i = 1; i < 8; i++) {
            x[i] = value_of(reg[i]);
        }
    }
}

/* An answer is mostly of the kind that was asked. */
static uint32_t fn_adapt(const struct model_vcpu *self, uint32_t fn, uint8_t byte)
{
    if ((fn == FN_DIRECT_RESP || fn == FN_DIRECT_RESP2) && self->serving && byte < 230) {
        return self->asked == FN_DIRECT_REQ2 ? FN_DIRECT_RESP2 : FN_DIRECT_RESP;
    }
    return fn;
}

static void put_32(uint8_t *header, uint32_t at, uint64_t value)
{
    uint32_t word = (uint32_t)value;

    memcpy(&header[at], &word, sizeof(word));
}

uint32_t model_input_header(const struct model_vcpu *self, const struct model_step *step,
                            uint8_t header[MODEL_HEADER_SIZE])
{
    static const uint32_t offsets[] = {0, 0, 0, 0, 19, 24, 40, 64, 4000, 4096, 8192};
    const uint8_t *reg = step->reg;
    uint32_t own = self->vm->version >= V1_2 ? 40 : 20;
    uint32_t offset = offsets[reg[2] % COUNT(offsets)];

    memset(header, 0, MODEL_HEADER_SIZE);
    offset = offset == 0 ? own : offset;
    put_32(header, 8, offset);
    put_32(header, 12, (uint64_t)self->vm->config->id << 16 | vm_of(reg[0]));
    put_32(header, 16, reg[3] < 200 ? reg[3] % 64 : value_of(reg[4]));
    if (reg[5] > 160) {
        memcpy(&header[24], &uuids[reg[5] % COUNT(uuids)], sizeof(uuids[0]));
    }
    if (reg[6] > 240) {
        put_32(header, reg[7] % 10 * 4, value_of(reg[8]));
    }
    return offset;
}

static void mutate(const struct model_step *step, uint64_t *x)
{
    if ((step->flavour & FLAVOUR_MUTATE) != 0) {
        x[1 + step->reg[8] % 7] = value_of(step->reg[9]);
    }
    if ((step->flavour & FLAVOUR_MUTATE2) != 0) {
        x[1 + step->reg[10] % 7] = UINT64_C(1) << (step->reg[11] % 64);
    }
}

void model_input_call(const struct model_vcpu *self, const struct model_step *step, uint32_t turn,
                      uint64_t x[MODEL_REGS])
{
    bool is_random = (step->flavour & FLAVOUR_RANDOM) == FLAVOUR_RANDOM;
    uint32_t fn = is_random ? FN_FIRST + step->fn % (FN_END - FN_FIRST)
                            : fn_adapt(self, functions[step->fn % COUNT(functions)], step->reg[7]);
    bool is_64 = fn == FN_PARTITION_INFO_GET_REGS || fn == FN_DIRECT_REQ2 || fn == FN_DIRECT_RESP2;

    if ((step->flavour & FLAVOUR_WIDTH) != 0) {
        is_64 = !is_64;
    }
    for (uint32_t i = 1; i < MODEL_REGS; i++) {
        x[i] = i < 8 ? 0 : UINT64_C(0xa5a5000000000000) | (uint64_t)turn << 8 | i;
    }
    x[0] = is_64 ? FID_64(fn) : FID_32(fn);
    fill(self, fn, is_64, step->reg, x);
    mutate(step, x);
    if ((step->flavour & FLAVOUR_HINT) != 0) {
        x[0] |= FID_SVE_HINT;
    }
    for (uint32_t i = 0; (step->flavour & FLAVOUR_GARBAGE) != 0 && i < (is_64 ? 1 : 8); i++) {
        x[i] |= UINT64_C(0xdead0000) << 32;
    }
}
