/* SPDX-License-Identifier: BSD-3-Clause */
#include "chain_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bh/arch/arch_irq.h"
#include "bh/role/role.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/power.h"
#include "bh/svc/run.h"
#include "bh/svc/timer.h"
#include "bh/svc/virq_sync.h"

struct chain_fixture chain_fixture;

static jmp_buf asleep;

static bool may_sleep; /* in run_idle, not in the standby of a vCPU */

static void sleep_now(void)
{
    if (may_sleep) {
        longjmp(asleep, 1);
    }
}

static bool switches_are_plain;

int chain_plain(void **state)
{
    (void)state;
    switches_are_plain = true;
    return 0;
}

int chain_setup(void **state)
{
    int result;

    chain_fixture = (struct chain_fixture){.deadline = UINT64_MAX, .is_plain = switches_are_plain};
    may_sleep = false;
    result = world_setup(state);
    world.on_wait = sleep_now;
    for (uint32_t i = 1; i < 4; i++) {
        struct vcpu *vcpu = PRIMARY(i);

        assert_int_equal(power_cpu_on(vcpu->vm, vcpu->config->mpidr, WORLD_RAM, 0), STATUS_OK);
        world_enter(vcpu, i);
    }
    assert_int_equal(power_cpu_on(SERVICE(1)->vm, 1, WORLD_RAM, 0), STATUS_OK);
    for (uint32_t i = 0; i < world.config.board.cpu_count; i++) {
        cpu_get(i)->mpidr = i;
    }
    world.self = cpu_get(0);
    chain_fixture.sgis = 0;
    return result;
}

/* Out of line: what setjmp's caller keeps in registers does not matter. */
static __attribute__((noinline)) struct vcpu *switch_or_sleep(struct vcpu *next)
{
    /* A hook may get here for another CPU. */
    jmp_buf outer;
    struct vcpu *volatile entered = NULL;

    memcpy(&outer, &asleep, sizeof(outer));
    if (setjmp(asleep) == 0) {
        may_sleep = true;
        entered = run_switch(next, world.self);
    }
    may_sleep = false;
    memcpy(&asleep, &outer, sizeof(asleep));
    return entered;
}

struct vcpu *chain_enter(uint32_t cpu, struct vcpu *next)
{
    world.self = cpu_get(cpu);
    next = run_next(world.self, next);
    if (next != NULL && next == world.self->current) {
        return next;
    }
    return switch_or_sleep(next);
}

struct vcpu *chain_wake(uint32_t cpu)
{
    assert_null(cpu_get(cpu)->current);
    world.self = cpu_get(cpu);
    return switch_or_sleep(NULL);
}

struct vcpu *chain_accept(uint32_t cpu, struct chain_result result)
{
    assert_int_equal(result.status, STATUS_OK);
    return chain_enter(cpu, result.next);
}

struct vcpu *chain_on(uint32_t cpu)
{
    world.self = cpu_get(cpu);
    assert_non_null(world.self->current);
    assert_int_equal(world.self->current->state, VCPU_RUNNING);
    return world.self->current;
}

uint64_t chain_info(const struct vcpu *vcpu)
{
    return ffa_target_make(vcpu->vm->config->id, vcpu->index);
}

static void message_set(struct vcpu *from, uint64_t fid, uint16_t to, uint64_t x3)
{
    uint64_t *x = from->ctx.x;

    for (uint32_t i = 0; i < 31; i++) {
        x[i] = world_pattern(i);
    }
    x[0] = fid;
    x[1] = ffa_endpoints_make(from->vm->config->id, to);
    x[2] = 0;
    x[3] = x3;
    world.self = from->cpu;
}

struct chain_result chain_ask(struct vcpu *from, struct vcpu *to, uint64_t x3)
{
    message_set(from, FFA_MSG_SEND_DIRECT_REQ_64, to->vm->config->id, x3);
    return chain_request(from, to, VCPU_REQUEST_DIRECT);
}

struct chain_result chain_answer(struct vcpu *from, const struct vcpu *to, uint64_t x3)
{
    message_set(from, FFA_MSG_SEND_DIRECT_RESP_64, to->vm->config->id, x3);
    return chain_respond(from, to->vm->config->id, VCPU_REQUEST_DIRECT);
}

struct chain_result chain_ask2(struct vcpu *from, struct vcpu *to, uint64_t x3)
{
    message_set(from, FFA_MSG_SEND_DIRECT_REQ2_64, to->vm->config->id, x3);
    return chain_request(from, to, VCPU_REQUEST_DIRECT2);
}

struct chain_result chain_answer2(struct vcpu *from, const struct vcpu *to, uint64_t x3)
{
    message_set(from, FFA_MSG_SEND_DIRECT_RESP2_64, to->vm->config->id, x3);
    return chain_respond(from, to->vm->config->id, VCPU_REQUEST_DIRECT2);
}

void chain_expect(const struct vcpu *vcpu, uint64_t x0, uint64_t x1, uint64_t x3)
{
    assert_int_equal(vcpu->ctx.x[0], x0);
    assert_int_equal(vcpu->ctx.x[1], x1);
    assert_int_equal(vcpu->ctx.x[3], x3);
}

/* fakes */

static void call_once(void (**hook)(void))
{
    void (*fn)(void) = *hook;

    *hook = NULL;
    if (fn != NULL) {
        struct cpu *self = world.self;

        may_sleep = false;
        fn();
        may_sleep = true;
        world.self = self;
    }
}

void arch_context_save(struct arch_context *ctx)
{
    (void)ctx;
    call_once(&chain_fixture.on_save);
}

void arch_context_load(const struct arch_context *ctx)
{
    (void)ctx;
    call_once(&chain_fixture.on_load);
}

void arch_debug_save(struct arch_context *ctx)
{
    (void)ctx;
}

void arch_debug_load(const struct arch_context *ctx)
{
    (void)ctx;
}

void arch_fp_save(struct arch_fp *fp)
{
    (void)fp;
    chain_fixture.fp_saves++;
}

void arch_fp_load(const struct arch_fp *fp)
{
    (void)fp;
}

void arch_world_fp_load(const struct arch_context *ctx)
{
    arch_fp_load(&ctx->fp);
}

void arch_fp_trap(bool on)
{
    chain_fixture.fp_is_trapped = on;
}

void arch_vtimer_save(struct arch_context *ctx)
{
    (void)ctx;
}

uint64_t arch_counter(void)
{
    return CHAIN_NOW;
}

uint64_t arch_counter_frequency(void)
{
    return 1000;
}

void arch_irq_send_sgi(uint64_t mpidr, uint32_t sgi)
{
    assert_int_equal(sgi, role_kick_sgi());
    chain_fixture.sgis++;
    chain_fixture.sgi_mpidr = mpidr;
}

struct vcpu *irq_route_handle(struct cpu *cpu, struct vcpu *current)
{
    (void)cpu;
    return current;
}

void virq_sync(struct vcpu *vcpu)
{
    (void)vcpu;
}

void virq_sync_enter(struct vcpu *vcpu)
{
    (void)vcpu;
}

bool virq_leave_is_plain(const struct cpu *cpu, const struct vcpu *vcpu)
{
    (void)cpu;
    (void)vcpu;
    return chain_fixture.is_plain;
}

bool virq_enter_is_plain(const struct cpu *cpu, const struct vcpu *vcpu)
{
    (void)cpu;
    (void)vcpu;
    return chain_fixture.is_plain;
}

bool timer_is_plain(const struct cpu *cpu, const struct vcpu *to)
{
    (void)cpu;
    (void)to;
    return chain_fixture.deadline == UINT64_MAX;
}

void timer_switch(struct cpu *cpu, struct vcpu *to)
{
    (void)cpu;
    (void)to;
}

void timer_idle(struct cpu *cpu)
{
    (void)cpu;
}

uint64_t timer_deadline(const struct vcpu *vcpu)
{
    (void)vcpu;
    return chain_fixture.deadline;
}
