/* SPDX-License-Identifier: BSD-3-Clause */
/* Who hears of notifications: interrupts, ends of waits, the scheduler's list. */
#include <stddef.h>
#include <string.h>

#include "model_local.h"

#define SRI 8u

static bool is_on(const struct model_vcpu *vcpu)
{
    return vcpu->state != MODEL_OFF && vcpu->state != MODEL_ABORTED;
}

static bool is_scheduler(const struct model_vm *vm)
{
    for (uint32_t i = 0; i < model.vms; i++) {
        const struct model_vm_config *config = model.vm[i].config;

        if (config->scheduled && config->scheduler == vm->config->id) {
            return true;
        }
    }
    return false;
}

uint32_t model_npi(const struct model_vm *vm)
{
    return vm->version >= V1_1 ? vm->config->npi : 0;
}

uint32_t model_sri(const struct model_vm *vm)
{
    return vm->version >= V1_1 && is_scheduler(vm) ? SRI : 0;
}

static void raise(const struct model_vcpu *vcpu, uint32_t intid)
{
    if (intid != 0 && model.raised < MODEL_RAISES) {
        model.raise[model.raised++] = (struct model_interrupt){vcpu, intid};
    }
}

static struct model_vcpu *first_on(struct model_vm *vm)
{
    for (uint32_t i = 0; i < vm->config->vcpus; i++) {
        if (is_on(&vm->vcpu[i])) {
            return &vm->vcpu[i];
        }
    }
    return &vm->vcpu[0];
}

/* To the scheduler's vCPU of this CPU, if it has one. */
static void raise_sri(struct model_vm *scheduler, uint32_t cpu)
{
    struct model_vcpu *home = cpu == MODEL_NO_CPU ? NULL : model.home[cpu];
    bool is_here = home != NULL && home->vm == scheduler && is_on(home);

    raise(is_here ? home : first_on(scheduler), model_sri(scheduler));
}

static bool has_news(const struct model_vm *vm)
{
    for (uint32_t i = 0; i < MODEL_SOURCES; i++) {
        for (uint32_t k = 0; k <= MODEL_ALL; k++) {
            if (vm->news[i][k]) {
                return true;
            }
        }
    }
    return false;
}

static bool has_news_for(const struct model_vcpu *vcpu)
{
    for (uint32_t i = 0; i < MODEL_SOURCES; i++) {
        if (vcpu->vm->news[i][vcpu->index] || vcpu->vm->news[i][MODEL_ALL]) {
            return true;
        }
    }
    return false;
}

static void news_forget(struct model_vm *vm, uint32_t vcpu)
{
    for (uint32_t i = 0; i < MODEL_SOURCES; i++) {
        vm->news[i][vcpu] = false;
        vm->news[i][MODEL_ALL] = false;
    }
    vm->is_listed = vm->is_listed && has_news(vm);
}

void model_retrieved(struct model_vm *receiver, uint32_t vcpu, enum model_source source)
{
    receiver->news[source][vcpu] = false;
    receiver->news[source][MODEL_ALL] = false;
    receiver->is_listed = receiver->is_listed && has_news(receiver);
}

/* Pinned receivers: the core is their scheduler. */

/* vcpu waits, and is told by the end of its wait. False: of v1.0, and it knows already. */
static bool end_wait(struct model_vcpu *vcpu, enum model_state state)
{
    if (vcpu->vm->version >= V1_1) {
        model_result(vcpu, FID_32(FN_RUN), model_info(vcpu), 0, 0);
    } else if (!model_message_try_take(vcpu)) {
        return false;
    }
    vcpu->state = state;
    /* Somebody else has to give a scheduled one its CPU, and must be told still. */
    if (!vcpu->vm->config->scheduled) {
        news_forget(vcpu->vm, vcpu->index);
    }
    return true;
}

static struct model_vcpu *waiting_or_first(struct model_vm *vm)
{
    for (uint32_t i = 0; i < vm->config->vcpus; i++) {
        if (vm->vcpu[i].state == MODEL_WAITING) {
            return &vm->vcpu[i];
        }
    }
    return first_on(vm);
}

static void tell_waiting(struct model_vcpu *vcpu)
{
    if (vcpu->state == MODEL_WAITING && model.interrupted != vcpu) {
        (void)end_wait(vcpu, MODEL_READY);
    }
}

static void tell_pinned(struct model_vcpu *vcpu, bool is_new, uint32_t cpu)
{
    raise(vcpu, model_npi(vcpu->vm));
    tell_waiting(vcpu);
    /* No NPI is enabled in this world; a scheduler finds itself in its list. */
    if (is_new) {
        raise_sri(vcpu->vm, cpu);
    }
}

/* Scheduled receivers: one that runs is interrupted; the scheduler learns of the others. */
static void tell_running(struct model_vm *vm, const struct model_vcpu *wanted)
{
    for (uint32_t i = 0; i < vm->config->vcpus; i++) {
        struct model_vcpu *vcpu = &vm->vcpu[i];

        if ((wanted == NULL || wanted == vcpu) && model_cpu_of(vcpu) != MODEL_NO_CPU) {
            raise(vcpu, model_npi(vm));
            return;
        }
    }
}

void model_tell(struct model_vm *receiver, struct model_vcpu *vcpu, enum model_source source,
                uint32_t cpu)
{
    bool is_new = !receiver->is_listed;

    receiver->news[source][vcpu == NULL ? MODEL_ALL : vcpu->index] = true;
    receiver->is_listed = true;
    if (!receiver->config->scheduled) {
        tell_pinned(vcpu == NULL ? waiting_or_first(receiver) : vcpu, is_new, cpu);
        return;
    }
    if (receiver->version >= V1_1) {
        tell_running(receiver, vcpu);
    } else {
        tell_waiting(waiting_or_first(receiver));
    }
    if (is_new) {
        raise_sri(model_vm_find(receiver->config->scheduler), cpu);
    }
}

static bool is_pending_for(const struct model_vcpu *vcpu)
{
    const struct model_vm *vm = vcpu->vm;

    for (uint32_t i = 0; i < 64; i++) {
        if (vm->notification[i].pending || vm->notification[i].vcpu_pending[vcpu->index]) {
            return true;
        }
    }
    return vm->message_waits;
}

void model_notify_enter(struct model_vcpu *vcpu)
{
    if (vcpu->vm->config->scheduled && is_pending_for(vcpu)) {
        raise(vcpu, model_npi(vcpu->vm));
    }
}

struct model_vcpu *model_notify_wait(struct model_vcpu *vcpu, struct model_vcpu *next)
{
    bool is_scheduled = vcpu->vm->config->scheduled;

    if ((is_scheduled && vcpu->vm->version >= V1_1) || vcpu->state != MODEL_WAITING ||
        !is_pending_for(vcpu) || !has_news_for(vcpu)) {
        return next;
    }
    return end_wait(vcpu, is_scheduled ? MODEL_READY : MODEL_RUNNING) && !is_scheduled ? vcpu
                                                                                       : next;
}

void model_notify_reset(struct model_vm *vm)
{
    memset(vm->notification, 0, sizeof(vm->notification));
    memset(vm->news, 0, sizeof(vm->news));
    vm->message_waits = false;
    vm->message_unread = false;
    vm->is_listed = false;
}

/* In the list of scheduler: those that it schedules, and itself if it has its own CPUs. */
static bool is_in_list(const struct model_vm *vm, const struct model_vm *scheduler)
{
    return vm->is_listed && (vm->config->scheduled ? vm->config->scheduler == scheduler->config->id
                                                   : vm == scheduler);
}

void model_notify_restart(struct model_vm *vm, uint32_t cpu)
{
    for (uint32_t i = 0; i < model.vms; i++) {
        if (is_in_list(&model.vm[i], vm)) {
            raise_sri(vm, cpu);
            return;
        }
    }
}

/* FFA_NOTIFICATION_INFO_GET */

#define LISTS_AT 7  /* x2: number of lists */
#define SIZES_AT 12 /* two bits each: vCPUs of a list */

struct answer {
    uint16_t ids[20];
    uint32_t used, room;
    uint32_t lists;
    uint64_t sizes;
    bool more;
};

/* A list of count vCPUs of vm; none: global news only. False: there is no room. */
static bool list_try_add(struct answer *answer, const struct model_vm *vm, const uint16_t *vcpus,
                         uint32_t count)
{
    if (answer->room - answer->used < 1 + count) {
        answer->more = true;
        return false;
    }
    answer->ids[answer->used++] = vm->config->id;
    memcpy(&answer->ids[answer->used], vcpus, count * sizeof(vcpus[0]));
    answer->used += count;
    answer->sizes |= (uint64_t)count << (SIZES_AT + 2 * answer->lists++);
    return true;
}

static void vm_report(struct answer *answer, struct model_vm *vm)
{
    uint16_t vcpus[MODEL_VCPUS];
    uint32_t count = 0, done = 0;

    for (uint16_t i = 0; i < vm->config->vcpus; i++) {
        if (vm->news[MODEL_FROM_VM][i]) {
            vcpus[count++] = i;
        }
    }
    do {
        uint32_t size = count - done < 3 ? count - done : 3;

        if (!list_try_add(answer, vm, &vcpus[done], size)) {
            return;
        }
        for (uint32_t i = done; i < done + size; i++) {
            vm->news[MODEL_FROM_VM][vcpus[i]] = false;
        }
        done += size;
    } while (done < count);
    news_forget(vm, 0);
}

struct model_vcpu *model_info_get(struct model_vcpu *self)
{
    bool is_64 = (self->x[0] & FID_WIDTH_64) != 0;
    uint32_t per_register = is_64 ? 4 : 2;
    struct answer answer = {.room = 5 * per_register};

    for (uint32_t i = 0; i < model.vms; i++) {
        if (is_in_list(&model.vm[i], self->vm)) {
            vm_report(&answer, &model.vm[i]);
        }
    }
    if (answer.lists == 0) {
        return model_error(self, E_NO_DATA);
    }
    model_success(self, (answer.more ? 1 : 0) | answer.lists << LISTS_AT | answer.sizes, 0);
    self->x[0] = is_64 ? FID_64(FN_SUCCESS) : FID_32(FN_SUCCESS);
    for (uint32_t i = 0; i < answer.used; i++) {
        self->x[3 + i / per_register] |= (uint64_t)answer.ids[i] << (16 * (i % per_register));
    }
    return self;
}
