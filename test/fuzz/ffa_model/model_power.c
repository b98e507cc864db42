/* SPDX-License-Identifier: BSD-3-Clause */
/* Who has a CPU, and how vCPUs and VMs end and start. */
#include <stddef.h>
#include <string.h>

#include "model_local.h"

static bool is_on(const struct model_vcpu *vcpu)
{
    return vcpu->state != MODEL_OFF && vcpu->state != MODEL_ABORTED;
}

uint32_t model_cpu_of(const struct model_vcpu *vcpu)
{
    for (uint32_t i = 0; i < MODEL_CPUS; i++) {
        if (model.current[i] == vcpu) {
            return i;
        }
    }
    return MODEL_NO_CPU;
}

/* Starts and ends */

static void vcpu_start(struct model_vcpu *vcpu)
{
    vcpu->state = MODEL_READY;
    memset(vcpu->x, 0, sizeof(vcpu->x));
    vcpu->serving = false;
    vcpu->asker = NULL;
    vcpu->awaits = NULL;
    vcpu->answer_from = NULL;
}

static void vm_start(struct model_vm *vm, uint32_t cpu)
{
    model_notify_reset(vm);
    vm->life = MODEL_LIFE_RUNS;
    vm->version = vm->config->version;
    vm->is_fixed = false;
    vm->mapped = false;
    vm->rx_full = false;
    for (uint32_t i = 0; i < vm->config->vcpus; i++) {
        vcpu_start(&vm->vcpu[i]);
        vm->vcpu[i].state = i == 0 ? MODEL_READY : MODEL_OFF;
    }
    vm->vcpu[0].x[0] = model.boot_argument;
    model_notify_restart(vm, cpu);
}

/* After each vCPU that went off: the last one ends or restarts the VM. */
static void vm_settle(struct model_vm *vm, uint32_t cpu)
{
    for (uint32_t i = 0; i < vm->config->vcpus; i++) {
        if (is_on(&vm->vcpu[i])) {
            return;
        }
    }
    if (vm->life == MODEL_LIFE_RESTARTS) {
        vm_start(vm, cpu);
    } else {
        vm->life = MODEL_LIFE_OFF;
        vm->mapped = false;
        vm->rx_full = false;
        model_notify_reset(vm);
    }
}

/* Nobody hears of self any more, and who waits for it learns that. */
static struct model_vcpu *leave_chains(struct model_vcpu *self, uint32_t cpu)
{
    const struct model_message error = {8, {FID_32(FN_ERROR), model_info(self), E_ABORTED}};
    struct model_vcpu *next =
        self->asker == NULL ? NULL : model_answer(self->asker, self, &error, cpu);

    self->serving = false;
    self->asker = NULL;
    self->awaits = NULL;
    self->answer_from = NULL;
    for (uint32_t i = 0; i < model.vms; i++) {
        for (uint32_t k = 0; k < MODEL_VCPUS; k++) {
            struct model_vcpu *peer = &model.vm[i].vcpu[k];

            peer->asker = peer->asker == self ? NULL : peer->asker;
            peer->owed_to = peer->owed_to == self ? NULL : peer->owed_to;
        }
    }
    return next;
}

/* self leaves cpu for good; returns who has it then. */
static struct model_vcpu *retire(struct model_vcpu *self, uint32_t cpu, enum model_state state)
{
    struct model_vcpu *next;

    self->state = state;
    self->must_stop = false;
    next = leave_chains(self, cpu);
    if (next == NULL && self->vm->config->scheduled) {
        next = state == MODEL_ABORTED
                   ? model_give_back(cpu, FID_32(FN_ERROR), model_info(self), E_ABORTED, 0)
                   : model_give_back(cpu, RUN_WFI, model_info(self), UINT64_MAX, 0);
    }
    vm_settle(self->vm, cpu);
    return next;
}

/* A scheduled vCPU that no CPU has goes off as soon as somebody looks. */
static void collect(struct model_vcpu *vcpu, uint32_t cpu)
{
    if (vcpu->must_stop && vcpu->vm->config->scheduled && is_on(vcpu) &&
        vcpu->state != MODEL_RUNNING) {
        vcpu->state = MODEL_OFF;
        vcpu->must_stop = false;
        (void)leave_chains(vcpu, MODEL_NO_CPU);
        vm_settle(vcpu->vm, cpu);
    }
}

void model_end(uint32_t cpu, enum model_end how)
{
    struct model_vcpu *self = model.current[cpu];
    struct model_vm *vm = self->vm;
    bool is_first = vm->life == MODEL_LIFE_RUNS && how != MODEL_CPU_OFF;

    if (is_first) {
        vm->life = how == MODEL_SYSTEM_RESET || (how == MODEL_ABORT && vm->config->restarts)
                       ? MODEL_LIFE_RESTARTS
                       : MODEL_LIFE_STOPS;
    }
    for (uint32_t i = 0; is_first && i < vm->config->vcpus; i++) {
        if (&vm->vcpu[i] != self && is_on(&vm->vcpu[i])) {
            vm->vcpu[i].must_stop = true;
            collect(&vm->vcpu[i], cpu);
        }
    }
    model_switch(cpu, retire(self, cpu, how == MODEL_ABORT ? MODEL_ABORTED : MODEL_OFF));
}

void model_cpu_on(struct model_vcpu *vcpu)
{
    if (!is_on(vcpu) && vcpu->vm->life == MODEL_LIFE_RUNS) {
        vcpu_start(vcpu);
    }
}

/* Who has the CPU */

/* A sleeping CPU looks whether its home may run. */
static struct model_vcpu *look_after_home(uint32_t cpu)
{
    struct model_vcpu *home = model.home[cpu], *next;

    if (home == NULL) {
        return NULL;
    }
    if (home->must_stop) {
        next = retire(home, cpu, MODEL_OFF);
        if (next != NULL) {
            return next;
        }
    }
    if (home->state == MODEL_BLOCKED && model.interrupted == home) {
        model_result(home, FID_32(FN_INTERRUPT),
                     home->awaits == NULL ? 0 : model_info(home->awaits), 0, 0);
    } else if (home->state == MODEL_WAITING && model.interrupted == home) {
        model_result(home, FID_32(FN_INTERRUPT), model_info(home), 0, 0);
    } else if (home->state != MODEL_READY) {
        return NULL;
    }
    home->state = MODEL_RUNNING;
    home->awaits = NULL;
    return home;
}

static struct model_vcpu *attend(uint32_t cpu, struct model_vcpu *vcpu)
{
    while (vcpu != NULL && vcpu->must_stop) {
        vcpu = retire(vcpu, cpu, MODEL_OFF);
    }
    return vcpu;
}

void model_switch(uint32_t cpu, struct model_vcpu *vcpu)
{
    struct model_vcpu *from = model.current[cpu];

    vcpu = attend(cpu, vcpu);
    if (from != NULL && from != vcpu) {
        model.current[cpu] = NULL;
        collect(from, cpu);
    }
    if (vcpu == NULL) {
        vcpu = attend(cpu, look_after_home(cpu));
    }
    model.current[cpu] = vcpu;
    if (vcpu != NULL && vcpu != from) {
        model_notify_enter(vcpu);
    }
}

void model_wake(uint32_t cpu)
{
    model_switch(cpu, NULL);
}

struct model_vcpu *model_give_back(uint32_t cpu, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    struct model_vcpu *home = model.home[cpu];

    if (home == NULL || (home->state != MODEL_BLOCKED && home->state != MODEL_READY)) {
        return NULL;
    }
    /* READY: something better came meanwhile. */
    if (home->state == MODEL_BLOCKED) {
        model_result(home, x0, x1, x2, x3);
    }
    home->awaits = NULL;
    home->state = MODEL_RUNNING;
    return home;
}

void model_interrupt(uint32_t cpu, bool is_for_home)
{
    struct model_vcpu *self = model.current[cpu], *next = self;
    const struct model_vcpu *home = model.home[cpu];

    if (self->vm->config->scheduled && home != NULL &&
        (is_for_home || home->state == MODEL_READY || home->must_stop)) {
        self->state = MODEL_PREEMPTED;
        next = model_give_back(cpu, FID_32(FN_INTERRUPT), model_info(self), 0, 0);
    }
    model_switch(cpu, next);
}

void model_idle(uint32_t cpu, bool is_wfe)
{
    struct model_vcpu *self = model.current[cpu], *next = self;

    if (is_wfe) {
        self->state = MODEL_PREEMPTED;
        next = model_give_back(cpu, FID_32(FN_YIELD), model_info(self), 0, 0);
    } else if (model.interrupted != self) {
        self->state = MODEL_IDLE;
        next = model_give_back(cpu, RUN_WFI, model_info(self), model.wait_ns, 0);
    }
    model_switch(cpu, next);
}
