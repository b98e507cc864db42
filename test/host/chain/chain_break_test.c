/* SPDX-License-Identifier: BSD-3-Clause */
/* A member of a call chain dies, goes off, or starts anew: nobody is left waiting for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/svc/power.h"
#include "bh/svc/run.h"
#include "chain_fixture.h"

static void expect_aborted(const struct vcpu *vcpu, const struct vcpu *peer)
{
    chain_expect(vcpu, FFA_ERROR_32, chain_info(peer), 0);
    assert_int_equal((int32_t)vcpu->ctx.x[2], FFA_ABORTED);
}

static void wait_plain(void)
{
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_wait(PLAIN)));
}

/* The vCPU that runs on cpu makes the call. */
static struct vcpu *call(uint32_t cpu, struct vcpu *(*fn)(struct vcpu *))
{
    return chain_enter(cpu, fn(chain_on(cpu)));
}

static struct vcpu *abort_now(struct vcpu *current)
{
    return power_abort(current, "test");
}

static void test_scheduled_target_goes(void **state)
{
    static const struct {
        struct vcpu *(*fn)(struct vcpu *);
        bool is_dead;
    } cases[] = {{power_cpu_off, false},
                 {power_system_off, false},
                 {power_system_reset, false},
                 {abort_now, true}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        chain_setup(state);
        chain_accept(0, chain_run(PRIMARY(0), SERVICE(0)));
        assert_ptr_equal(call(0, cases[i].fn), PRIMARY(0));
        if (cases[i].is_dead) {
            expect_aborted(PRIMARY(0), SERVICE(0));
        } else {
            chain_expect(PRIMARY(0), FFA_RUN_WAIT_FOR_INTERRUPT, chain_info(SERVICE(0)), 0);
            assert_int_equal(PRIMARY(0)->ctx.x[2], UINT64_MAX);
        }
        assert_null(SERVICE(0)->cpu);
    }
}

static void test_local_receiver_dies(void **state)
{
    (void)state;
    SERVICE(0)->state = VCPU_WAITING;
    chain_accept(0, chain_ask(PRIMARY(0), SERVICE(0), 1));
    assert_ptr_equal(call(0, power_system_reset), PRIMARY(0));
    expect_aborted(PRIMARY(0), SERVICE(0));
}

static void test_remote_receiver_dies(void **state)
{
    (void)state;
    wait_plain();
    assert_null(chain_accept(0, chain_ask(PRIMARY(0), PLAIN, 1)));
    assert_ptr_equal(chain_wake(CHAIN_PLAIN_CPU), PLAIN);
    assert_ptr_equal(call(CHAIN_PLAIN_CPU, power_system_reset), PLAIN);
    assert_int_equal(PLAIN->ctx.elr, WORLD_RAM);
    assert_ptr_equal(chain_wake(0), PRIMARY(0));
    expect_aborted(PRIMARY(0), PLAIN);
}

/* The sender does something else: it learns about it by FFA_RUN. */
static void test_receiver_of_an_interrupted_request_dies(void **state)
{
    (void)state;
    wait_plain();
    chain_accept(0, chain_ask(PRIMARY(0), PLAIN, 1));
    world.irq_pending = true;
    chain_wake(0);
    world.irq_pending = false;
    assert_ptr_equal(chain_wake(CHAIN_PLAIN_CPU), PLAIN);
    call(CHAIN_PLAIN_CPU, power_system_reset);
    world.self = cpu_get(0);
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), PLAIN)), PRIMARY(0));
    expect_aborted(PRIMARY(0), PLAIN);
}

static void test_sender_dies(void **state)
{
    (void)state;
    SERVICE(0)->state = VCPU_WAITING;
    chain_accept(0, chain_ask(PRIMARY(0), SERVICE(0), 1));
    chain_enter(0, chain_preempt(SERVICE(0)));
    /* It asked, was interrupted, and goes off with its whole VM, which starts again. */
    chain_enter(0, power_system_reset(chain_on(0)));
    for (uint32_t i = 1; i < 4; i++) {
        world.self = cpu_get(i);
        chain_enter(i, cpu_get(i)->current);
    }
    assert_ptr_equal(chain_wake(0), PRIMARY(0));
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), SERVICE(0))), SERVICE(0));
    PRIMARY(0)->ctx.x[0] = 88;
    assert_int_equal(chain_answer(SERVICE(0), PRIMARY(0), 2).status, STATUS_ABORTED);
    assert_int_equal(PRIMARY(0)->ctx.x[0], 88);
    assert_null(PRIMARY(0)->arrived.peer);
    /* Free for the next request. */
    assert_ptr_equal(chain_accept(0, chain_wait(SERVICE(0))), PRIMARY(0));
    assert_ptr_equal(chain_accept(0, chain_ask(PRIMARY(0), SERVICE(0), 3)), SERVICE(0));
}

/* In the middle of a chain, by a sibling on another CPU: the rest of the chain works on for nobody,
 * and the home gets its CPU back with the news. */
static void test_middle_of_a_chain_is_stopped(void **state)
{
    (void)state;
    SERVICE(0)->state = VCPU_WAITING;
    MUTE->state = VCPU_WAITING;
    chain_accept(0, chain_ask(PRIMARY(0), SERVICE(0), 1));
    chain_accept(0, chain_ask(SERVICE(0), MUTE, 2));
    chain_accept(1, chain_run(PRIMARY(1), SERVICE(1)));
    call(1, power_system_reset);
    assert_int_equal(SERVICE(0)->state, VCPU_READY);
    assert_int_equal(SERVICE(0)->vm->life, VM_RUNNING);

    world.self = cpu_get(0);
    assert_true(chain_home_waits(cpu_get(0), MUTE));
    assert_ptr_equal(chain_enter(0, chain_preempt(MUTE)), PRIMARY(0));
    expect_aborted(PRIMARY(0), SERVICE(0));
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), MUTE)), MUTE);
    assert_int_equal(chain_answer(MUTE, SERVICE(0), 3).status, STATUS_ABORTED);
}

/* The news comes just when the CPU goes back by itself: it is not overwritten. */
static void test_news_and_return_at_once(void **state)
{
    (void)state;
    SERVICE(0)->state = VCPU_WAITING;
    MUTE->state = VCPU_WAITING;
    chain_accept(0, chain_ask(PRIMARY(0), SERVICE(0), 1));
    chain_accept(0, chain_ask(SERVICE(0), MUTE, 2));
    chain_accept(1, chain_run(PRIMARY(1), SERVICE(1)));
    call(1, power_system_reset);
    world.self = cpu_get(0);
    assert_ptr_equal(chain_accept(0, chain_yield(MUTE, 0)), PRIMARY(0));
    expect_aborted(PRIMARY(0), SERVICE(0));
}

/* Its home restarts while a scheduled vCPU runs: that one gives way. */
static void test_home_restarts(void **state)
{
    struct vcpu *home = PRIMARY(0);

    (void)state;
    chain_accept(0, chain_run(home, SERVICE(0)));
    call(1, power_system_reset);
    world.self = cpu_get(0);
    assert_true(chain_home_waits(cpu_get(0), SERVICE(0)));
    assert_null(chain_enter(0, chain_preempt(SERVICE(0))));
    assert_int_equal(SERVICE(0)->state, VCPU_PREEMPTED);
    assert_int_equal(home->state, VCPU_OFF);
    for (uint32_t i = 2; i < 4; i++) {
        assert_null(chain_enter(i, cpu_get(i)->current));
    }
    assert_int_equal(home->state, VCPU_READY);
    assert_ptr_equal(chain_wake(0), home);
    assert_int_equal(home->ctx.elr, WORLD_RAM);
    assert_ptr_equal(chain_accept(0, chain_run(home, SERVICE(0))), SERVICE(0));
}

/* CPU_SUSPEND with power-down in the middle of a request. */
static void test_receiver_suspends(void **state)
{
    (void)state;
    wait_plain();
    chain_accept(0, chain_ask(PRIMARY(0), PLAIN, 1));
    chain_wake(CHAIN_PLAIN_CPU);
    PLAIN->attention = VCPU_ATTENTION_VIRQ; /* so that it wakes at once */
    assert_ptr_equal(
        chain_enter(CHAIN_PLAIN_CPU, power_cpu_suspend(chain_on(CHAIN_PLAIN_CPU), WORLD_RAM, 5)),
        PLAIN);
    assert_int_equal(PLAIN->ctx.x[0], 5);
    assert_ptr_equal(chain_wake(0), PRIMARY(0));
    expect_aborted(PRIMARY(0), PLAIN);
}

#define TEST(name) cmocka_unit_test_setup(name, chain_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_scheduled_target_goes),
        TEST(test_local_receiver_dies),
        TEST(test_remote_receiver_dies),
        TEST(test_receiver_of_an_interrupted_request_dies),
        TEST(test_sender_dies),
        TEST(test_middle_of_a_chain_is_stopped),
        TEST(test_news_and_return_at_once),
        TEST(test_home_restarts),
        TEST(test_receiver_suspends),
    };

    return CHAIN_RUN_TESTS("chain_break", tests);
}
