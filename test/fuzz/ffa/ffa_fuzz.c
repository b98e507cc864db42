/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All hypercalls above real objects, chains and power, on five CPUs that take turns as the input
 * says, also in the middle of a switch. After each step every CPU and vCPU must be in a state that
 * makes sense; the transition table of vcpu.c and the sanitizers watch the rest.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bh/abi/call.h"
#include "bh/base/log.h"
#include "bh/svc/power.h"
#include "bh/svc/run.h"
#include "test/host/chain/chain_fixture.h"

/* What a step is: the bytes of the input, eight each. */
struct step {
    uint8_t cpu, kind, function;
    uint8_t reg[5];
};

enum kind { KIND_CALL = 0, KIND_INTERRUPT = 10, KIND_IDLE, KIND_PENDING, KIND_HOOK, KINDS };

static const uint32_t functions[] = {
    0x84000060, 0x84000061, 0x84000063, 0x84000064, 0x84000065, 0x84000066, 0xc4000066, 0x84000067,
    0x84000068, 0x84000069, 0x8400006b, 0x8400006c, 0x8400006d, 0x8400006f, 0xc400006f, 0x84000070,
    0xc4000070, 0x84000085, 0x8400008a, 0xc400008b, 0xc400008d, 0x84000000, 0xc4000001, 0x84000002,
    0xc4000003, 0xc4000004, 0x84000006, 0x84000008, 0x84000009, 0x8400000a, 0xc4000012, 0x80000000,
    0x80000001, 0xff03,     0xff04,     0x82000001, 0xffffffff, 0x8400007f, 0x84000080, 0x84000081,
    0x84000082, 0x84000083, 0xc4000083, 0x84000086, 0x8400006a, 0x8400006e,
};

static const uint64_t values[] = {
    0,
    1,
    2,
    3,
    4,
    0x10001,
    0x10002,
    0x10003,
    0x10004,
    0x20001,
    0x20002,
    0x20003,
    0x20004,
    0x30001,
    0x30002,
    0x40001,
    0x40002,
    0x20000,
    0x20001,
    0x30000,
    0x10000,
    0x40000,
    0x100,
    0x101,
    WORLD_RAM,
    WORLD_RAM + 0x1000,
    WORLD_RAM + 0x2000,
    WORLD_RAM + WORLD_RAM_SIZE,
    WORLD_ROM,
    WORLD_DEVICE,
    0x40000000,
    0x80000000,
    0xffffffff,
    UINT64_MAX,
    1u << 30,
};

static const struct step *next_step, *end_step;
static jmp_buf given_up;

static void silent(const char *text, uint32_t length)
{
    (void)text;
    (void)length;
}

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* The world cannot go on: a CPU waits for one that is in the middle of something. */
static void give_up(void)
{
    longjmp(given_up, 1);
}

static void step_call(uint32_t cpu, const struct step *step)
{
    struct vcpu *vcpu = chain_on(cpu);
    uint64_t *x = vcpu->ctx.x;

    x[0] = functions[step->function % (sizeof(functions) / sizeof(functions[0]))];
    for (uint32_t i = 1; i < 18; i++) {
        x[i] = 0;
    }
    for (uint32_t i = 0; i < 5; i++) {
        x[i + 1] = values[step->reg[i] % (sizeof(values) / sizeof(values[0]))];
    }
    (void)chain_enter(cpu, smccc_call(vcpu, (step->kind & 0x80) != 0));
}

/* As trap_irq: for the home of this CPU, or the kick. */
static void step_interrupt(uint32_t cpu, const struct step *step)
{
    struct vcpu *current = chain_on(cpu);
    bool is_for_home = (step->reg[0] & 1) != 0;

    if (is_for_home || chain_home_waits(world.self, current)) {
        current = chain_preempt(current);
    }
    (void)chain_enter(cpu, current);
}

static void step_take(void);

static void step_do(const struct step *step)
{
    uint32_t cpu = step->cpu % WORLD_CPUS;
    bool is_asleep = cpu_get(cpu)->current == NULL;

    switch ((step->kind & 0x7f) % KINDS) {
    case KIND_PENDING:
        world.irq_pending = (step->reg[0] & 1) != 0;
        chain_fixture.is_plain = (step->reg[0] & 2) != 0;
        break;
    case KIND_HOOK:
        *((step->reg[0] & 1) != 0 ? &chain_fixture.on_save : &chain_fixture.on_load) = step_take;
        break;
    case KIND_IDLE:
        if (!is_asleep && cpu_get(cpu)->current->scheduled) {
            struct vcpu *current = chain_on(cpu);

            (void)chain_enter(cpu, chain_idle(current, (step->reg[0] & 1) != 0));
        }
        break;
    case KIND_INTERRUPT:
        if (!is_asleep) {
            step_interrupt(cpu, step);
        }
        break;
    default:
        if (!is_asleep) {
            step_call(cpu, step);
        }
    }
    if (is_asleep) {
        (void)chain_wake(cpu);
    }
}

static bool is_switching[WORLD_CPUS];

/* The next step, by a CPU that is not in the middle of a switch itself. */
static void step_take(void)
{
    if (next_step < end_step) {
        const struct step *step = next_step++;
        uint32_t cpu = step->cpu % WORLD_CPUS;

        if (!is_switching[cpu]) {
            is_switching[cpu] = true;
            step_do(step);
            is_switching[cpu] = false;
        }
    }
}

static uint32_t cpus_with(const struct vcpu *vcpu)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < WORLD_CPUS; i++) {
        count += cpu_get(i)->current == vcpu;
    }
    return count;
}

static void check_vcpu(const struct vcpu *vcpu)
{
    bool is_running = vcpu->state == VCPU_RUNNING;

    expect(cpus_with(vcpu) == is_running);
    expect((vcpu->cpu != NULL) == is_running);
    expect(vcpu->callee == NULL || vcpu->state == VCPU_BLOCKED);
    bool in_request = vcpu->model == VCPU_MODEL_REQUEST;

    expect(!in_request || (vcpu->state != VCPU_OFF && vcpu->state != VCPU_WAITING));
    /* Nobody waits for who is gone, nor answers to one. */
    if (vcpu->state == VCPU_BLOCKED && vcpu->callee != NULL && vcpu->scheduled) {
        expect(vcpu->callee->caller == vcpu);
    }
    if (vcpu->caller != NULL) {
        expect(in_request && vcpu->caller->state != VCPU_OFF);
    }
}

static void check_vm(struct vm *vm)
{
    uint32_t on = 0;

    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        check_vcpu(&vm->vcpu[i]);
        on += vm->vcpu[i].state != VCPU_OFF && vm->vcpu[i].state != VCPU_ABORTED;
    }
    expect(vm->vcpus_on == on);
    expect((on == 0) == (vm->life == VM_OFF));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct step steps[64];
    size_t count = size / sizeof(steps[0]);

    count = count > 64 ? 64 : count;
    memcpy(steps, data, count * sizeof(steps[0]));
    world_forget();
    chain_setup(NULL);
    log_init(silent, LOG_ERROR);
    memset(is_switching, 0, sizeof(is_switching));
    world.on_relax = give_up;
    next_step = steps;
    end_step = steps + count;
    if (setjmp(given_up) != 0 || setjmp(world.off) != 0) {
        return 0;
    }
    while (next_step < end_step) {
        step_take();
        for (uint32_t i = 0; i < WORLD_VMS; i++) {
            check_vm(vm_get_index(i));
        }
    }
    return 0;
}
