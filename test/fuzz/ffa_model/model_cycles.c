/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_RUN, FFA_YIELD, FFA_MSG_WAIT, direct messages. */
#include <stddef.h>
#include <string.h>

#include "model_local.h"

#define WORDS(n) ((n) * sizeof(uint64_t))

/* self gives up its CPU, and its home, if that is somebody else, learns why. */
static struct model_vcpu *leave(struct model_vcpu *self, uint64_t x0)
{
    if (!self->vm->config->scheduled) {
        return NULL;
    }
    return model_give_back(model_cpu_of(self), x0, model_info(self), 0, 0);
}

static bool are_zero(const uint64_t *x, uint32_t first, uint32_t last)
{
    for (uint32_t i = first; i <= last; i++) {
        if (x[i] != 0) {
            return false;
        }
    }
    return true;
}

/* FFA_RUN */

static bool answer_take(struct model_vcpu *self, struct model_vcpu *from)
{
    if (self->answer_from == from) {
        self->answer_from = NULL;
        memcpy(self->x, self->answer, WORDS(8));
        return true;
    }
    if (from->owed_to == self) {
        from->owed_to = NULL;
        memcpy(self->x, from->owed, WORDS(8));
        return true;
    }
    return false;
}

/* What a vCPU that is to run sees; the code when it can't. */
static uint32_t resume(struct model_vcpu *target)
{
    switch (target->state) {
    case MODEL_READY:
    case MODEL_PREEMPTED:
    case MODEL_IDLE:
        return E_OK;
    case MODEL_WAITING:
        model_result(target, FID_32(FN_RUN), model_info(target), 0, 0);
        return E_OK;
    case MODEL_BLOCKED:
        if (target->awaits != NULL) {
            return E_BUSY;
        }
        model_result(target, FID_32(FN_SUCCESS), 0, 0, 0);
        return E_OK;
    case MODEL_OFF:
        return E_DENIED;
    case MODEL_ABORTED:
        return E_ABORTED;
    case MODEL_RUNNING:
        break;
    }
    return E_BUSY;
}

static bool may_run(const struct model_vcpu *self, const struct model_vcpu *target)
{
    bool is_scheduled = self->vm->config->scheduled;
    bool is_asker = target->serving && target->asker == self;

    if (!target->vm->config->scheduled) {
        return is_asker && !is_scheduled;
    }
    return is_asker || (!is_scheduled && target->vm->config->scheduler == self->vm->config->id);
}

struct model_vcpu *model_run(struct model_vcpu *self)
{
    struct model_vm *vm = model_vm_find(high(self->x[1]));
    struct model_vcpu *target;
    uint32_t code = E_OK;

    if (vm == NULL || vm == self->vm || low(self->x[1]) >= vm->config->vcpus) {
        return model_error(self, E_INVALID);
    }
    target = &vm->vcpu[low(self->x[1])];
    if (answer_take(self, target)) {
        return self;
    }
    if (!may_run(self, target)) {
        return model_error(self, E_DENIED);
    }
    if (vm->config->scheduled) {
        code = resume(target);
    }
    if (code != E_OK) {
        return model_error(self, code);
    }
    self->state = MODEL_BLOCKED;
    self->awaits = target;
    if (!vm->config->scheduled) {
        return NULL;
    }
    target->state = MODEL_RUNNING;
    return target;
}

/* FFA_YIELD, FFA_MSG_WAIT */

struct model_vcpu *model_yield(struct model_vcpu *self)
{
    uint64_t lo = self->x[2], hi = self->x[3];

    if (self->x[1] != 0 || !are_zero(self->x, 4, 7)) {
        return model_error(self, E_INVALID);
    }
    if (!self->vm->config->scheduled) {
        return model_success(self, 0, 0);
    }
    self->state = MODEL_BLOCKED;
    self->awaits = NULL;
    return model_give_back(model_cpu_of(self), FID_32(FN_YIELD), model_info(self), lo, hi);
}

struct model_vcpu *model_msg_wait(struct model_vcpu *self)
{
    struct model_vm *vm = self->vm;
    bool keeps_rx = self->x[2] == 1 && vm->version >= V1_2;

    if (self->x[1] != 0 || !are_zero(self->x, 3, 7) || (self->x[2] != 0 && !keeps_rx)) {
        return model_error(self, E_INVALID);
    }
    if (self->serving) {
        return model_error(self, E_DENIED);
    }
    if (!keeps_rx) {
        vm->rx_full = false;
    }
    if (model.interrupted == self) {
        model_result(self, FID_32(FN_INTERRUPT), model_info(self), 0, 0);
        return self;
    }
    self->state = MODEL_WAITING;
    return leave(self, FID_32(FN_MSG_WAIT));
}

/* Direct messages */

static bool is_well_formed(const struct model_vcpu *self)
{
    return (uint32_t)self->x[2] == 0 && high(self->x[1]) == self->vm->config->id &&
           low(self->x[1]) != self->vm->config->id && model_endpoint(low(self->x[1])) != NULL;
}

/* Ids and flags are 32 bits wide in both forms. */
static void message_copy(uint64_t *to, const uint64_t *x)
{
    memcpy(to, x, WORDS(8));
    to[1] = (uint32_t)x[1];
    to[2] = (uint32_t)x[2];
}

static uint32_t receiver_check(const struct model_vcpu *target)
{
    switch (target->state) {
    case MODEL_WAITING:
        return E_OK;
    case MODEL_OFF:
        return target->vm->life == MODEL_LIFE_OFF ? E_ABORTED : E_DENIED;
    case MODEL_ABORTED:
        return E_ABORTED;
    default:
        return E_BUSY;
    }
}

static void request_put(struct model_vcpu *self, struct model_vcpu *target)
{
    message_copy(target->x, self->x);
    target->serving = true;
    target->asker = self;
    target->owed_to = NULL;
    if (self->answer_from == target) {
        self->answer_from = NULL;
    }
    self->state = MODEL_BLOCKED;
    self->awaits = target;
    target->state = target->vm->config->scheduled ? MODEL_RUNNING : MODEL_READY;
}

struct model_vcpu *model_direct_req(struct model_vcpu *self)
{
    struct model_vm *vm = model_endpoint(low(self->x[1]));
    struct model_vcpu *target;
    uint32_t code;

    if (!is_well_formed(self)) {
        return model_error(self, E_INVALID);
    }
    if ((model_messaging(self->vm->config) & P_SENDS_DIRECT) == 0 ||
        (model_messaging(vm->config) & P_RECEIVES_DIRECT) == 0) {
        return model_error(self, E_DENIED);
    }
    target = &vm->vcpu[self->index < vm->config->vcpus ? self->index : 0];
    code = receiver_check(target);
    if (code != E_OK) {
        return model_error(self, code);
    }
    request_put(self, target);
    return vm->config->scheduled ? target : leave(self, FID_32(FN_YIELD));
}

struct model_vcpu *model_answer(struct model_vcpu *asker, struct model_vcpu *from,
                                const uint64_t *x, uint32_t cpu)
{
    bool waits = asker->state == MODEL_BLOCKED && asker->awaits == from;
    bool is_here =
        cpu != MODEL_NO_CPU && from->vm->config->scheduled &&
        (asker->vm->config->scheduled ? waits
                                      : asker->state == MODEL_BLOCKED && model.home[cpu] == asker);

    if (waits || is_here) {
        message_copy(asker->x, x);
        asker->awaits = NULL;
        asker->state = is_here ? MODEL_RUNNING : MODEL_READY;
    } else if (asker->answer_from == NULL) {
        message_copy(asker->answer, x);
        asker->answer_from = from;
    } else {
        message_copy(from->owed, x);
        from->owed_to = asker;
    }
    return is_here ? asker : NULL;
}

struct model_vcpu *model_direct_resp(struct model_vcpu *self)
{
    struct model_vcpu *asker = self->asker, *next;

    if (!is_well_formed(self)) {
        return model_error(self, E_INVALID);
    }
    if (!self->serving || (asker != NULL && asker->vm->config->id != low(self->x[1]))) {
        return model_error(self, E_DENIED);
    }
    self->serving = false;
    self->asker = NULL;
    if (asker == NULL) {
        return model_error(self, E_ABORTED);
    }
    self->state = MODEL_WAITING;
    next = model_answer(asker, self, self->x, model_cpu_of(self));
    return next != NULL ? next : leave(self, FID_32(FN_MSG_WAIT));
}
