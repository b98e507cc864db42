/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_RUN, FFA_YIELD, FFA_MSG_WAIT. */
#include <stddef.h>
#include <string.h>

#include "model_local.h"

struct model_vcpu *model_leave(struct model_vcpu *self, uint64_t x0)
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

static void message_put(struct model_vcpu *to, const struct model_message *message)
{
    memcpy(to->x, message->x, message->regs * sizeof(message->x[0]));
}

/* FFA_RUN */

static bool answer_take(struct model_vcpu *self, struct model_vcpu *from)
{
    if (self->answer_from == from) {
        self->answer_from = NULL;
        message_put(self, &self->answer);
        return true;
    }
    if (from->owed_to == self) {
        from->owed_to = NULL;
        message_put(self, &from->owed);
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
        return target->vm->life == MODEL_LIFE_RESTARTS ? E_BUSY : E_DENIED;
    case MODEL_ABORTED:
        return target->vm->life == MODEL_LIFE_RESTARTS ? E_BUSY : E_ABORTED;
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

/* The scheduled vCPU that asked waits for self on this CPU, and the home did not resume self. */
static bool has_cpu_of_asker(const struct model_vcpu *self)
{
    const struct model_vcpu *home = model.home[model_cpu_of(self)];

    return self->serving && self->asker != NULL && self->asker->vm->config->scheduled &&
           self->asker->state == MODEL_BLOCKED && self->asker->awaits == self &&
           (home == NULL || home->awaits != self);
}

struct model_vcpu *model_yield(struct model_vcpu *self)
{
    uint64_t lo = self->x[2], hi = self->x[3];

    if (self->x[1] != 0 || !are_zero(self->x, 4, 7)) {
        return model_error(self, E_INVALID);
    }
    if (self->serving && self->vm->version == V1_0) {
        return model_error(self, E_DENIED);
    }
    if (!self->vm->config->scheduled) {
        return model_success(self, 0, 0);
    }
    self->state = MODEL_BLOCKED;
    self->awaits = NULL;
    if (has_cpu_of_asker(self)) {
        model_result(self->asker, FID_32(FN_YIELD), model_info(self), lo, hi);
        self->asker->state = MODEL_RUNNING;
        self->asker->awaits = NULL;
        return self->asker;
    }
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
    if (model_message_poll(self)) {
        return self;
    }
    /* What the partition has not been told of is not lost. */
    if (!keeps_rx && !vm->message_unread) {
        vm->rx_full = false;
    }
    if (model.interrupted == self) {
        model_result(self, FID_32(FN_INTERRUPT), model_info(self), 0, 0);
        return self;
    }
    self->state = MODEL_WAITING;
    return model_notify_wait(self, model_leave(self, FID_32(FN_MSG_WAIT)));
}
