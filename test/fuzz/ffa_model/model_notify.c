/* SPDX-License-Identifier: BSD-3-Clause */
/* Notifications: who may set which, what is pending, who retrieves it. */
#include <stddef.h>
#include <string.h>

#include "model_local.h"

#define PER_VCPU  1u
#define DELAY_SRI 2u
#define BITS      64u

static uint64_t bitmap_of(const struct model_vcpu *self)
{
    return self->x[3] | self->x[4] << 32;
}

/* The sender and receiver word of BIND and UNBIND: self binds what somebody else may set. */
static struct model_vm *sender_of(const struct model_vcpu *self)
{
    struct model_vm *sender = model_endpoint(high(self->x[1]));

    return sender != self->vm && low(self->x[1]) == self->vm->config->id ? sender : NULL;
}

struct model_vcpu *model_bind(struct model_vcpu *self)
{
    struct model_vm *vm = self->vm;
    const struct model_vm *sender = sender_of(self);
    uint64_t bitmap = bitmap_of(self);
    bool per_vcpu = self->x[2] == PER_VCPU;

    if (!vm->config->notifications) {
        return model_error(self, E_NOT_SUPPORTED);
    }
    if (sender == NULL || self->x[2] > PER_VCPU || bitmap == 0) {
        return model_error(self, E_INVALID);
    }
    for (uint32_t i = 0; i < BITS; i++) {
        const struct model_notification *notification = &vm->notification[i];

        if ((bitmap >> i & 1) != 0 && notification->sender != 0 &&
            (notification->sender != sender->config->id || notification->per_vcpu != per_vcpu)) {
            return model_error(self, E_DENIED);
        }
    }
    for (uint32_t i = 0; i < BITS; i++) {
        if ((bitmap >> i & 1) != 0) {
            vm->notification[i].sender = sender->config->id;
            vm->notification[i].per_vcpu = per_vcpu;
        }
    }
    return model_success(self, 0, 0);
}

static bool is_pending(const struct model_notification *notification)
{
    bool pending = notification->pending;

    for (uint32_t i = 0; i < MODEL_VCPUS; i++) {
        pending = pending || notification->vcpu_pending[i];
    }
    return pending;
}

struct model_vcpu *model_unbind(struct model_vcpu *self)
{
    struct model_vm *vm = self->vm;
    const struct model_vm *sender = sender_of(self);
    uint64_t bitmap = bitmap_of(self);

    if (!vm->config->notifications) {
        return model_error(self, E_NOT_SUPPORTED);
    }
    if (sender == NULL || self->x[2] != 0 || bitmap == 0) {
        return model_error(self, E_INVALID);
    }
    for (uint32_t i = 0; i < BITS; i++) {
        if ((bitmap >> i & 1) != 0 && (vm->notification[i].sender != sender->config->id ||
                                       is_pending(&vm->notification[i]))) {
            return model_error(self, E_DENIED);
        }
    }
    for (uint32_t i = 0; i < BITS; i++) {
        if ((bitmap >> i & 1) != 0) {
            vm->notification[i].sender = 0;
        }
    }
    return model_success(self, 0, 0);
}

/* SET */

static uint32_t set_check(const struct model_vcpu *self, const struct model_vm *receiver,
                          bool per_vcpu)
{
    uint64_t bitmap = bitmap_of(self);
    bool is_other_kind = false;

    for (uint32_t i = 0; i < BITS; i++) {
        const struct model_notification *notification = &receiver->notification[i];

        if ((bitmap >> i & 1) == 0) {
            continue;
        }
        if (notification->sender != self->vm->config->id) {
            return E_DENIED;
        }
        is_other_kind = is_other_kind || notification->per_vcpu != per_vcpu;
    }
    return is_other_kind ? E_INVALID : E_OK;
}

struct model_vcpu *model_set(struct model_vcpu *self)
{
    struct model_vm *receiver = model_endpoint(low(self->x[1]));
    uint32_t flags = low(self->x[2]), vcpu = high(self->x[2]), code;
    bool per_vcpu = (flags & PER_VCPU) != 0;

    /* Only SPs may delay the SRI. */
    if (high(self->x[1]) != self->vm->config->id || receiver == NULL || receiver == self->vm ||
        (flags & ~PER_VCPU) != 0 || bitmap_of(self) == 0 ||
        (per_vcpu ? vcpu >= receiver->config->vcpus : vcpu != 0)) {
        return model_error(self, E_INVALID);
    }
    code = set_check(self, receiver, per_vcpu);
    if (code != E_OK) {
        return model_error(self, code);
    }
    for (uint32_t i = 0; i < BITS; i++) {
        if ((bitmap_of(self) >> i & 1) != 0 && per_vcpu) {
            receiver->notification[i].vcpu_pending[vcpu] = true;
        } else if ((bitmap_of(self) >> i & 1) != 0) {
            receiver->notification[i].pending = true;
        }
    }
    model_tell(receiver, per_vcpu ? &receiver->vcpu[vcpu] : NULL, MODEL_FROM_VM,
               model_cpu_of(self));
    return model_success(self, 0, 0);
}

/* GET */

static uint64_t take_from_vms(struct model_vm *vm, uint32_t vcpu)
{
    uint64_t taken = 0;

    for (uint32_t i = 0; i < BITS; i++) {
        struct model_notification *notification = &vm->notification[i];

        if (notification->pending || notification->vcpu_pending[vcpu]) {
            taken |= UINT64_C(1) << i;
        }
        notification->pending = false;
        notification->vcpu_pending[vcpu] = false;
    }
    return taken;
}

struct model_vcpu *model_get(struct model_vcpu *self)
{
    struct model_vm *vm = self->vm;
    uint32_t vcpu = high(self->x[1]), flags = (uint32_t)self->x[2];
    uint64_t bits = 0, framework = 0;

    if (low(self->x[1]) != vm->config->id || vcpu >= vm->config->vcpus || flags > 15) {
        return model_error(self, E_INVALID);
    }
    if ((flags >> MODEL_FROM_VM & 1) != 0) {
        bits = take_from_vms(vm, vcpu);
        model_retrieved(vm, vcpu, MODEL_FROM_VM);
    }
    if ((flags >> MODEL_FROM_HYP & 1) != 0) {
        framework = vm->message_waits;
        vm->message_unread = vm->message_unread && !vm->message_waits;
        vm->message_waits = false;
        model_retrieved(vm, vcpu, MODEL_FROM_HYP);
    }
    model_success(self, 0, 0);
    self->x[4] = (uint32_t)bits;
    self->x[5] = bits >> 32;
    self->x[7] = framework;
    return self;
}
