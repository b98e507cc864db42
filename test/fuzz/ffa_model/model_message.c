/* SPDX-License-Identifier: BSD-3-Clause */
/* Indirect messages: MSG_SEND2, and MSG_SEND and MSG_POLL of v1.0. */
#include <stddef.h>
#include <string.h>

#include "model_local.h"

#define HEADER_V1_1 20u
#define HEADER_V1_2 40u

struct header {
    uint32_t flags, reserved, offset;
    uint16_t receiver, sender;
    uint32_t size, reserved_v1_2;
    struct model_uuid uuid;
};

static uint32_t header_size(const struct model_vm *vm)
{
    return vm->version >= V1_2 ? HEADER_V1_2 : HEADER_V1_1;
}

static uint32_t buffer_size(const struct model_vm *vm)
{
    return vm->mapped ? vm->pages * 4096 : 0;
}

/* Into RX, and compared from now on. */
static void rx_write(struct model_vm *vm, uint32_t at, const void *bytes, uint32_t size)
{
    memcpy(&vm->rx_data[at], bytes, size);
    vm->rx_part[vm->rx_parts++] = (struct model_part){at, size};
}

/* The part of a service, or of all of them, that takes indirect messages; -1: no such service. */
static int32_t service_messaging(const struct model_vm_config *config,
                                 const struct model_uuid *uuid)
{
    static const struct model_uuid nil;

    if (model_uuid_is_equal(uuid, &nil)) {
        return (int32_t)model_messaging(config);
    }
    for (uint32_t i = 0; i < config->uuids; i++) {
        if (model_uuid_is_equal(uuid, &config->uuid[i])) {
            return (int32_t)config->messaging[i];
        }
    }
    return -1;
}

/* Can the receiver take it now? room: bytes in RX. */
static uint32_t delivery_check(const struct model_vm *receiver, uint64_t room)
{
    if (receiver->life == MODEL_LIFE_OFF || receiver->life == MODEL_LIFE_STOPS) {
        return E_ABORTED;
    }
    if (receiver->life != MODEL_LIFE_RUNS || !receiver->mapped || receiver->rx_full) {
        return E_BUSY;
    }
    return room > buffer_size(receiver) ? E_NO_MEMORY : E_OK;
}

static void delivered(struct model_vcpu *self, struct model_vm *receiver, uint32_t size)
{
    receiver->rx_full = true;
    receiver->message_unread = true;
    receiver->message_from = self->vm->config->id;
    receiver->message_size = size;
    receiver->message_waits = true;
    model_tell(receiver, NULL, MODEL_FROM_HYP, model_cpu_of(self));
}

static uint32_t send2_check(const struct model_vm *vm, const struct model_vm *receiver,
                            const struct header *header)
{
    int32_t messaging;

    if (header->flags != 0 || header->sender != vm->config->id || receiver == NULL ||
        receiver == vm || header->offset < header_size(vm) ||
        (uint64_t)header->offset + header->size > buffer_size(vm)) {
        return E_INVALID;
    }
    messaging = service_messaging(receiver->config, &header->uuid);
    if (messaging < 0) {
        return E_INVALID;
    }
    if (receiver->version < V1_1) {
        return E_NOT_SUPPORTED;
    }
    return (messaging & P_INDIRECT) != 0 && (model_messaging(vm->config) & P_INDIRECT) != 0
               ? E_OK
               : E_DENIED;
}

struct model_vcpu *model_msg_send2(struct model_vcpu *self)
{
    struct model_vm *vm = self->vm, *receiver;
    struct header header = {0};
    uint32_t code, to, own;

    if (self->x[1] != 0 || self->x[2] != 0) {
        return model_error(self, E_INVALID);
    }
    if (!vm->mapped) {
        return model_error(self, E_DENIED);
    }
    memcpy(&header, vm->tx_data, header_size(vm));
    receiver = model_endpoint(header.receiver);
    code = send2_check(vm, receiver, &header);
    if (code != E_OK) {
        return model_error(self, code);
    }
    own = header_size(receiver);
    to = header.offset == header_size(vm) || header.offset < own ? own : header.offset;
    code = delivery_check(receiver, (uint64_t)to + header.size);
    if (code != E_OK) {
        return model_error(self, code);
    }
    receiver->rx_parts = 0;
    rx_write(receiver, to, &vm->tx_data[header.offset], header.size);
    header.reserved = 0;
    header.reserved_v1_2 = 0;
    header.offset = to;
    rx_write(receiver, 0, &header, own);
    delivered(self, receiver, header.size);
    return model_success(self, 0, 0);
}

/* v1.0 */

struct model_vcpu *model_msg_send(struct model_vcpu *self)
{
    struct model_vm *vm = self->vm, *receiver = model_endpoint(low(self->x[1]));
    uint32_t size = (uint32_t)self->x[3], code;

    if (high(self->x[1]) != vm->config->id || receiver == NULL || receiver == vm ||
        self->x[4] > 1 || (vm->mapped && size > buffer_size(vm))) {
        return model_error(self, E_INVALID);
    }
    if (receiver->version >= V1_1) {
        return model_error(self, E_NOT_SUPPORTED);
    }
    if (!vm->mapped || (model_messaging(vm->config) & P_INDIRECT) == 0 ||
        (model_messaging(receiver->config) & P_INDIRECT) == 0) {
        return model_error(self, E_DENIED);
    }
    code = delivery_check(receiver, size);
    if (code != E_OK) {
        return model_error(self, code);
    }
    receiver->rx_parts = 0;
    rx_write(receiver, 0, vm->tx_data, size);
    delivered(self, receiver, size);
    return model_success(self, 0, 0);
}

bool model_message_try_take(struct model_vcpu *vcpu)
{
    struct model_vm *vm = vcpu->vm;

    if (vm->version != V1_0 || !vm->message_unread) {
        return false;
    }
    vm->message_unread = false;
    model_result(vcpu, FID_32(FN_MSG_SEND), (uint64_t)vm->message_from << 16 | vm->config->id, 0,
                 vm->message_size);
    return true;
}

bool model_message_poll(struct model_vcpu *self)
{
    bool is_message = model_message_try_take(self);

    if (self->vm->version == V1_0) {
        self->vm->message_waits = false;
        model_retrieved(self->vm, self->index, MODEL_FROM_HYP);
    }
    return is_message;
}

struct model_vcpu *model_msg_poll(struct model_vcpu *self)
{
    return model_message_poll(self) ? self : model_error(self, E_RETRY);
}
