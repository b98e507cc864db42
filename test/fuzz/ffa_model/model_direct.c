/* SPDX-License-Identifier: BSD-3-Clause */
/* Direct messages: common ones, and those to a service. */
#include <stddef.h>
#include <string.h>

#include "model_local.h"

static bool ids_are_good(const struct model_vcpu *self)
{
    return high(self->x[1]) == self->vm->config->id && low(self->x[1]) != self->vm->config->id &&
           model_endpoint(low(self->x[1])) != NULL;
}

/* What the peer sees of self's call: ids and flags are 32 bits wide in the 64-bit form, too. */
static struct model_message message_of(const struct model_vcpu *self)
{
    uint32_t fn = self->x[0] & 0xffff;
    bool is_long = fn == FN_DIRECT_REQ2 || fn == FN_DIRECT_RESP2;
    struct model_message message = {.regs = is_long ? MODEL_REGS : 8};

    memcpy(message.x, self->x, sizeof(message.x));
    message.x[1] = (uint32_t)message.x[1];
    message.x[2] = is_long ? message.x[2] : (uint32_t)message.x[2];
    return message;
}

static void message_put(struct model_vcpu *to, const struct model_message *message)
{
    memcpy(to->x, message->x, message->regs * sizeof(message->x[0]));
}

/* Requests */

static uint32_t receiver_check(const struct model_vcpu *target)
{
    bool has_ended = target->vm->life == MODEL_LIFE_OFF || target->vm->life == MODEL_LIFE_STOPS;

    switch (target->state) {
    case MODEL_WAITING:
        return E_OK;
    case MODEL_OFF:
    case MODEL_ABORTED:
        return has_ended ? E_ABORTED : E_BUSY;
    default:
        return E_BUSY;
    }
}

/* The vCPU with the index of the one that owns the CPU. */
static struct model_vcpu *target_of(const struct model_vcpu *self, struct model_vm *vm)
{
    const struct model_vcpu *home = model.home[model_cpu_of(self)];

    return &vm->vcpu[home->index < vm->config->vcpus ? home->index : 0];
}

static struct model_vcpu *request(struct model_vcpu *self, struct model_vm *vm)
{
    struct model_vcpu *target = target_of(self, vm);
    struct model_message message = message_of(self);
    uint32_t code = receiver_check(target);

    if (code != E_OK) {
        return model_error(self, code);
    }
    message_put(target, &message);
    target->serving = true;
    target->asked = self->x[0] & 0xffff;
    target->asker = self;
    target->owed_to = NULL;
    if (self->answer_from == target) {
        self->answer_from = NULL;
    }
    self->state = MODEL_BLOCKED;
    self->awaits = target;
    if (vm->config->scheduled) {
        target->state = MODEL_RUNNING;
        return target;
    }
    target->state = MODEL_READY;
    return model_leave(self, FID_32(FN_YIELD));
}

struct model_vcpu *model_direct_req(struct model_vcpu *self)
{
    struct model_vm *vm = model_endpoint(low(self->x[1]));

    if ((uint32_t)self->x[2] != 0 || !ids_are_good(self)) {
        return model_error(self, E_INVALID);
    }
    if ((model_messaging(self->vm->config) & P_SENDS_DIRECT) == 0 ||
        (model_messaging(vm->config) & P_RECEIVES_DIRECT) == 0) {
        return model_error(self, E_DENIED);
    }
    return request(self, vm);
}

/* Index of the service x2, x3 of vm, or uuids: none. */
static uint32_t service_find(const struct model_vm_config *config, const uint64_t *x)
{
    uint32_t i = 0;
    struct model_uuid uuid = {
        {(uint32_t)x[2], (uint32_t)(x[2] >> 32), (uint32_t)x[3], (uint32_t)(x[3] >> 32)}};

    while (i < config->uuids && !model_uuid_is_equal(&uuid, &config->uuid[i])) {
        i++;
    }
    return i;
}

struct model_vcpu *model_direct_req2(struct model_vcpu *self)
{
    struct model_vm *vm = model_endpoint(low(self->x[1]));
    bool is_any = (self->x[2] | self->x[3]) == 0;
    uint32_t service, messaging;

    if (!ids_are_good(self)) {
        return model_error(self, E_INVALID);
    }
    service = service_find(vm->config, self->x);
    if (!is_any && service == vm->config->uuids) {
        return model_error(self, E_INVALID);
    }
    messaging = is_any ? model_messaging(vm->config) : vm->config->messaging[service];
    if ((model_messaging(self->vm->config) & P_SENDS_DIRECT2) == 0 ||
        (messaging & P_RECEIVES_DIRECT2) == 0 || vm->version < V1_2) {
        return model_error(self, E_DENIED);
    }
    return request(self, vm);
}

/* Answers */

struct model_vcpu *model_answer(struct model_vcpu *asker, struct model_vcpu *from,
                                const struct model_message *message, uint32_t cpu)
{
    bool waits = asker->state == MODEL_BLOCKED && asker->awaits == from;
    bool is_here =
        cpu != MODEL_NO_CPU && from->vm->config->scheduled &&
        (asker->vm->config->scheduled ? waits
                                      : asker->state == MODEL_BLOCKED && model.home[cpu] == asker);

    if (waits || is_here) {
        message_put(asker, message);
        asker->awaits = NULL;
        asker->state = is_here ? MODEL_RUNNING : MODEL_READY;
    } else if (asker->answer_from == NULL) {
        asker->answer = *message;
        asker->answer_from = from;
    } else {
        from->owed = *message;
        from->owed_to = asker;
    }
    return is_here ? asker : NULL;
}

static struct model_vcpu *respond(struct model_vcpu *self, uint32_t asked)
{
    struct model_message message = message_of(self);
    struct model_vcpu *asker = self->asker, *next;

    if (!ids_are_good(self)) {
        return model_error(self, E_INVALID);
    }
    if (!self->serving || self->asked != asked ||
        (asker != NULL && asker->vm->config->id != low(self->x[1]))) {
        return model_error(self, E_DENIED);
    }
    self->serving = false;
    self->asker = NULL;
    if (asker == NULL) {
        return model_error(self, E_ABORTED);
    }
    self->state = MODEL_WAITING;
    next = model_answer(asker, self, &message, model_cpu_of(self));
    return next != NULL ? next : model_notify_wait(self, model_leave(self, FID_32(FN_MSG_WAIT)));
}

struct model_vcpu *model_direct_resp(struct model_vcpu *self)
{
    if ((uint32_t)self->x[2] != 0) {
        return model_error(self, E_INVALID);
    }
    return respond(self, FN_DIRECT_REQ);
}

struct model_vcpu *model_direct_resp2(struct model_vcpu *self)
{
    if ((self->x[2] | self->x[3]) != 0) {
        return model_error(self, E_INVALID);
    }
    return respond(self, FN_DIRECT_REQ2);
}
