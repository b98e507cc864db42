/* SPDX-License-Identifier: BSD-3-Clause */
#include "model_steps.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "bh/abi/call.h"
#include "bh/svc/power.h"
#include "model_world.h"
#include "test/host/chain/chain_fixture.h"

enum kind {
    KIND_CALL = 0,
    KIND_INTERRUPT = 48,
    KIND_IDLE = 52,
    KIND_PENDING = 55,
    KIND_TIMER = 59,
    KIND_CPU_ON = 60,
    KIND_END = 62,
    KINDS = 64,
};

/* CPUs of a step: those with more to do more often. */
static const uint8_t cpus[] = {0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 5, 5, 5, 5};

bool model_is_traced;

static void trace_registers(const char *what, const struct model_vcpu *vcpu)
{
    if (vcpu == NULL) {
        printf("    %s: sleeps\n", what);
        return;
    }
    printf("    %s: vm %u vcpu %u:", what, vcpu->vm->config->id, vcpu->index);
    for (uint32_t i = 0; i < 8; i++) {
        printf(" %llx", (unsigned long long)vcpu->x[i]);
    }
    printf("\n");
}

static void trace(const char *what, uint32_t cpu)
{
    if (model_is_traced) {
        printf("cpu %u %s\n", cpu, what);
        trace_registers("before", model.current[cpu]);
        (void)fflush(stdout);
    }
}

/* The call whose registers the model has already. */
static void call_both(uint32_t cpu, bool is_smc)
{
    struct model_vcpu *self = model.current[cpu];
    struct vcpu *vcpu = chain_on(cpu);

    memcpy(vcpu->ctx.x, self->x, sizeof(self->x));
    trace("calls", cpu);
    model_call(cpu);
    (void)chain_enter(cpu, smccc_call(vcpu, is_smc));
}

/* The message that self is going to send stands in its TX. */
static void message_write(const struct model_vcpu *self, const struct model_step *step,
                          uint32_t turn)
{
    uint8_t header[MODEL_HEADER_SIZE], payload[64];
    uint32_t offset = model_input_header(self, step, header);

    memset(payload, (int)(turn | 1), sizeof(payload));
    model_world_tx_write(self->vm, 0, header, sizeof(header));
    if (offset >= sizeof(header) / 2) {
        model_world_tx_write(self->vm, offset, payload, sizeof(payload));
    }
}

static void step_call(uint32_t cpu, const struct model_step *step, uint32_t turn)
{
    struct model_vcpu *self = model.current[cpu];

    model_input_call(self, step, turn, self->x);
    if ((uint32_t)(self->x[0] & ~FID_SVE_HINT) == FID_32(FN_MSG_SEND2)) {
        message_write(self, step, turn);
    }
    call_both(cpu, (step->flavour & FLAVOUR_SMC) != 0);
}

static void step_interrupt(uint32_t cpu, const struct model_step *step)
{
    struct vcpu *vcpu = chain_on(cpu);
    bool is_for_home = (step->reg[0] & 1) != 0;

    trace(is_for_home ? "interrupt for home" : "kick", cpu);
    if (is_for_home || chain_home_waits(world.self, vcpu)) {
        vcpu = chain_preempt(vcpu);
    }
    (void)chain_enter(cpu, vcpu);
    model_interrupt(cpu, is_for_home);
}

static void step_idle(uint32_t cpu, const struct model_step *step)
{
    struct vcpu *vcpu = chain_on(cpu);
    bool is_wfe = (step->reg[0] & 1) != 0;

    if (vcpu->scheduled) {
        trace(is_wfe ? "wfe" : "wfi", cpu);
        (void)chain_enter(cpu, chain_idle(vcpu, is_wfe));
        model_idle(cpu, is_wfe);
    }
}

/* The next timer of whoever idles: none, or some ticks away; a tick is a millisecond here. */
void model_step_timer(const struct model_step *step)
{
    uint64_t ticks = step->reg[0];

    chain_fixture.deadline = ticks == 0 ? UINT64_MAX : CHAIN_NOW + ticks - 1;
    model.wait_ns = ticks == 0 ? UINT64_MAX : (ticks - 1) * 1000000;
}

/* Who has a virtual interrupt: whoever the CPU runs, or its home, or nobody. */
static void step_pending(uint32_t cpu, const struct model_step *step)
{
    const struct model_vcpu *vcpus[4] = {model.current[cpu], model.home[cpu], model.home[cpu]};

    model.interrupted = vcpus[step->reg[0] % 4];
    world.irq_pending_for = model.interrupted == NULL ? NULL : model_world_vcpu(model.interrupted);
}

static void step_cpu_on(uint32_t cpu, const struct model_step *step)
{
    struct model_vm *vm = model.current[cpu]->vm;
    uint32_t index = step->reg[0] % vm->config->vcpus;

    trace("CPU_ON of a sibling", cpu);
    (void)power_cpu_on(chain_on(cpu)->vm, index, WORLD_RAM, 0);
    model_cpu_on(&vm->vcpu[index]);
}

/* Not the VM of CPU 4, which keeps the machine on; seldom the primary. */
static void step_end(uint32_t cpu, const struct model_step *step)
{
    enum model_end how = step->reg[0] % MODEL_ENDS;
    struct vcpu *vcpu = chain_on(cpu);

    if (model.current[cpu]->vm->config->id == MODEL_PLAIN ||
        (model.current[cpu]->vm->config->id == MODEL_PRIMARY && step->reg[1] > 64)) {
        return;
    }
    trace(how == MODEL_ABORT ? "aborts" : how == MODEL_CPU_OFF ? "CPU_OFF" : "off or reset", cpu);
    switch (how) {
    case MODEL_CPU_OFF:
        vcpu = power_cpu_off(vcpu);
        break;
    case MODEL_SYSTEM_OFF:
        vcpu = power_system_off(vcpu);
        break;
    case MODEL_SYSTEM_RESET:
        vcpu = power_system_reset(vcpu);
        break;
    default:
        vcpu = power_abort(vcpu, "test");
    }
    (void)chain_enter(cpu, vcpu);
    model_end(cpu, how);
}

static void step_asleep(uint32_t cpu)
{
    trace("wakes", cpu);
    (void)chain_wake(cpu);
    model_wake(cpu);
}

static void step_awake(uint32_t cpu, const struct model_step *step, uint32_t turn)
{
    uint32_t kind = step->kind % KINDS;

    if (kind >= KIND_END) {
        step_end(cpu, step);
    } else if (kind >= KIND_CPU_ON) {
        step_cpu_on(cpu, step);
    } else if (kind >= KIND_IDLE) {
        step_idle(cpu, step);
    } else if (kind >= KIND_INTERRUPT) {
        step_interrupt(cpu, step);
    } else {
        step_call(cpu, step, turn);
    }
}

void model_step_do(const struct model_step *step, uint32_t turn)
{
    uint32_t cpu = cpus[step->cpu % sizeof(cpus)];
    uint32_t kind = step->kind % KINDS;

    model_world_begin();
    if (kind >= KIND_PENDING && kind < KIND_TIMER) {
        step_pending(cpu, step);
    } else if (kind == KIND_TIMER) {
        model_step_timer(step);
    } else if (model.current[cpu] == NULL) {
        step_asleep(cpu);
    } else {
        step_awake(cpu, step, turn);
    }
    if (model_is_traced) {
        trace_registers("after ", model.current[cpu]);
    }
}

void model_step_call(uint32_t cpu, const uint64_t x[MODEL_REGS])
{
    model_world_begin();
    memcpy(model.current[cpu]->x, x, sizeof(model.current[cpu]->x));
    call_both(cpu, false);
    model_world_compare();
}
