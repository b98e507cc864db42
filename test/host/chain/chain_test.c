/* SPDX-License-Identifier: BSD-3-Clause */
/* CPU cycles and direct messages, state by state: docs/ffa.md, with everybody alive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "chain_fixture.h"

/* What FFA_RUN by its scheduler makes of a target in each state. */
static void test_run_of_each_state(void **state)
{
    static const struct {
        enum vcpu_state state;
        bool has_callee;
        enum status status;
        uint64_t x0; /* of the target; 0: as it was */
    } cases[] = {
        {VCPU_READY, false, STATUS_OK, 0},
        {VCPU_PREEMPTED, false, STATUS_OK, 0},
        {VCPU_IDLE, false, STATUS_OK, 0},
        {VCPU_WAITING, false, STATUS_OK, FFA_RUN_32},
        {VCPU_BLOCKED, false, STATUS_OK, FFA_SUCCESS_32},
        {VCPU_BLOCKED, true, STATUS_BUSY, 0},
        {VCPU_RUNNING, false, STATUS_BUSY, 0},
        {VCPU_OFF, false, STATUS_DENIED, 0},
        {VCPU_ABORTED, false, STATUS_ABORTED, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vcpu *target;
        struct chain_result result;

        chain_setup(state);
        target = SERVICE(0);
        target->state = cases[i].state;
        target->callee = cases[i].has_callee ? PLAIN : NULL;
        target->ctx.x[0] = 77;
        result = chain_run(PRIMARY(0), target);
        assert_int_equal(result.status, cases[i].status);
        assert_int_equal(target->ctx.x[0], cases[i].x0 == 0 ? 77 : cases[i].x0);
        if (result.status == STATUS_OK) {
            assert_ptr_equal(chain_enter(0, result.next), target);
            assert_int_equal(PRIMARY(0)->state, VCPU_BLOCKED);
            assert_int_equal(target->state, VCPU_RUNNING);
        } else {
            assert_int_equal(PRIMARY(0)->state, VCPU_RUNNING);
            assert_int_equal(target->state, cases[i].state);
        }
    }
}

static void test_run_refusals(void **state)
{
    (void)state;
    assert_int_equal(chain_run(PRIMARY(0), PRIMARY(0)).status, STATUS_INVALID);
    /* Not its scheduler; pinned; scheduled ones schedule nobody. */
    assert_int_equal(chain_run(PLAIN, SERVICE(0)).status, STATUS_DENIED);
    assert_int_equal(chain_run(PRIMARY(0), PLAIN).status, STATUS_DENIED);
    assert_int_equal(chain_run(SERVICE(0), MUTE).status, STATUS_DENIED);
}

static struct vcpu *run_service(void)
{
    struct vcpu *service = chain_accept(0, chain_run(PRIMARY(0), SERVICE(0)));

    assert_ptr_equal(service, SERVICE(0));
    return service;
}

static void test_yield(void **state)
{
    (void)state;
    assert_ptr_equal(chain_accept(0, chain_yield(run_service(), UINT64_C(7) << 32 | 5)),
                     PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_YIELD_32, chain_info(SERVICE(0)), 7);
    assert_int_equal(PRIMARY(0)->ctx.x[2], 5);
    assert_int_equal(SERVICE(0)->state, VCPU_BLOCKED);
    run_service();
    chain_expect(SERVICE(0), FFA_SUCCESS_32, 0, 0);
    /* A pinned one owns its CPU. */
    assert_ptr_equal(chain_accept(1, chain_yield(PRIMARY(1), 0)), PRIMARY(1));
    chain_expect(PRIMARY(1), FFA_SUCCESS_32, 0, 0);
}

static void test_wait(void **state)
{
    (void)state;
    assert_ptr_equal(chain_accept(0, chain_wait(run_service())), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_WAIT_32, chain_info(SERVICE(0)), 0);
    assert_int_equal(SERVICE(0)->state, VCPU_WAITING);
    world.irq_pending = true;
    run_service();
    chain_expect(SERVICE(0), FFA_RUN_32, chain_info(SERVICE(0)), 0);
    /* Something is pending: it does not wait at all. */
    assert_ptr_equal(chain_accept(0, chain_wait(SERVICE(0))), SERVICE(0));
    chain_expect(SERVICE(0), FFA_INTERRUPT_32, chain_info(SERVICE(0)), 0);
}

static void test_pinned_wait(void **state)
{
    (void)state;
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_wait(PLAIN)));
    assert_null(chain_wake(CHAIN_PLAIN_CPU));
    world.irq_pending = true;
    assert_ptr_equal(chain_wake(CHAIN_PLAIN_CPU), PLAIN);
    chain_expect(PLAIN, FFA_INTERRUPT_32, chain_info(PLAIN), 0);
}

/* At EL0 FFA_INTERRUPT is how an interrupt is taken: its number, once; FFA_RUN tells of it, too. */
static void test_wait_at_el0(void **state)
{
    struct vcpu *service = SERVICE(0);

    (void)state;
    service->is_el0 = true;
    run_service();
    world.irq_pending = true;
    assert_ptr_equal(chain_accept(0, chain_wait(service)), service);
    chain_expect(service, FFA_INTERRUPT_32, chain_info(service), 0);
    assert_int_equal(service->ctx.x[2], 40);
    assert_ptr_equal(chain_accept(0, chain_wait(service)), PRIMARY(0));
    world.irq_pending = true;
    run_service();
    chain_expect(service, FFA_INTERRUPT_32, chain_info(service), 0);
    assert_int_equal(service->ctx.x[2], 40);
    assert_ptr_equal(chain_accept(0, chain_wait(service)), PRIMARY(0));
    run_service();
    chain_expect(service, FFA_RUN_32, chain_info(service), 0);
}

/* It could not take the interrupt while it waits for an answer. */
static void test_blocked_at_el0(void **state)
{
    (void)state;
    assert_ptr_equal(chain_accept(0, chain_wait(run_service())), PRIMARY(0));
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_wait(PLAIN)));
    PRIMARY(0)->is_el0 = true;
    assert_null(chain_accept(0, chain_ask(PRIMARY(0), PLAIN, 1)));
    world.irq_pending = true;
    assert_null(chain_wake(0));
    assert_int_equal(PRIMARY(0)->state, VCPU_BLOCKED);
    PRIMARY(0)->is_el0 = false;
    assert_ptr_equal(chain_wake(0), PRIMARY(0));
}

static void test_idle(void **state)
{
    (void)state;
    chain_fixture.deadline = CHAIN_DEADLINE;
    assert_ptr_equal(chain_enter(0, chain_idle(run_service(), false)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_RUN_WAIT_FOR_INTERRUPT, chain_info(SERVICE(0)), 0);
    assert_int_equal(PRIMARY(0)->ctx.x[2], (CHAIN_DEADLINE - CHAIN_NOW) * 1000000);
    chain_fixture.deadline = UINT64_MAX;
    assert_ptr_equal(chain_enter(0, chain_idle(run_service(), false)), PRIMARY(0));
    assert_int_equal(PRIMARY(0)->ctx.x[2], UINT64_MAX);
    chain_fixture.deadline = CHAIN_NOW;
    assert_ptr_equal(chain_enter(0, chain_idle(run_service(), false)), PRIMARY(0));
    assert_int_equal(PRIMARY(0)->ctx.x[2], 0);
    assert_ptr_equal(chain_enter(0, chain_idle(run_service(), true)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_YIELD_32, chain_info(SERVICE(0)), 0);
    world.irq_pending = true;
    assert_ptr_equal(chain_enter(0, chain_idle(run_service(), false)), SERVICE(0));
}

static void test_preempt(void **state)
{
    struct vcpu *service = run_service();

    (void)state;
    service->ctx.x[0] = 77;
    assert_ptr_equal(chain_enter(0, chain_preempt(service)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_INTERRUPT_32, chain_info(service), 0);
    assert_int_equal(service->state, VCPU_PREEMPTED);
    /* Goes on on another CPU, with its registers. */
    assert_ptr_equal(chain_accept(1, chain_run(PRIMARY(1), service)), service);
    assert_int_equal(service->ctx.x[0], 77);
    assert_int_equal(chain_run(PRIMARY(0), service).status, STATUS_BUSY);
    /* Nobody takes the CPU from its home. */
    assert_ptr_equal(chain_preempt(PRIMARY(0)), PRIMARY(0));
}

/* Every state of the receiver but WAITING refuses. */
static void test_request_of_each_state(void **state)
{
    static const enum status expected[VCPU_STATES] = {
        [VCPU_OFF] = STATUS_BUSY,   [VCPU_READY] = STATUS_BUSY,   [VCPU_RUNNING] = STATUS_BUSY,
        [VCPU_WAITING] = STATUS_OK, [VCPU_BLOCKED] = STATUS_BUSY, [VCPU_PREEMPTED] = STATUS_BUSY,
        [VCPU_IDLE] = STATUS_BUSY,  [VCPU_ABORTED] = STATUS_BUSY,
    };

    for (uint32_t i = 0; i < VCPU_STATES; i++) {
        chain_setup(state);
        SERVICE(0)->state = (enum vcpu_state)i;
        assert_int_equal(chain_ask(PRIMARY(0), SERVICE(0), 1).status, expected[i]);
        assert_int_equal(PRIMARY(0)->state, i == VCPU_WAITING ? VCPU_BLOCKED : VCPU_RUNNING);
    }
}

/* One that is off may be started, or restarts: busy. Unless its VM has ended, or is about to. */
static void test_request_of_one_that_is_off(void **state)
{
    static const struct {
        enum vm_life life;
        enum status status;
    } cases[] = {
        {VM_RUNNING, STATUS_BUSY},
        {VM_RESETTING, STATUS_BUSY},
        {VM_STOPPING, STATUS_ABORTED},
        {VM_OFF, STATUS_ABORTED},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        chain_setup(state);
        SERVICE(0)->vm->life = cases[i].life;
        SERVICE(0)->state = VCPU_OFF;
        assert_int_equal(chain_ask(PRIMARY(0), SERVICE(0), 1).status, cases[i].status);
        SERVICE(0)->state = VCPU_ABORTED;
        assert_int_equal(chain_ask(PRIMARY(0), SERVICE(0), 1).status, cases[i].status);
    }
}

static void test_run_of_one_that_restarts(void **state)
{
    (void)state;
    SERVICE(0)->vm->life = VM_RESETTING;
    SERVICE(0)->state = VCPU_OFF;
    assert_int_equal(chain_run(PRIMARY(0), SERVICE(0)).status, STATUS_BUSY);
    SERVICE(0)->state = VCPU_ABORTED;
    assert_int_equal(chain_run(PRIMARY(0), SERVICE(0)).status, STATUS_BUSY);
}

static void test_local_request(void **state)
{
    struct vcpu *service = SERVICE(0);

    (void)state;
    service->state = VCPU_WAITING;
    assert_ptr_equal(chain_accept(0, chain_ask(PRIMARY(0), service, 5)), service);
    chain_expect(service, FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(1, 2), 5);
    /* Not before it has answered, and only to who asked. */
    assert_int_equal(chain_wait(service).status, STATUS_DENIED);
    assert_int_equal(chain_answer(service, PLAIN, 6).status, STATUS_DENIED);
    assert_ptr_equal(chain_accept(0, chain_answer(service, PRIMARY(0), 6)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(2, 1), 6);
    assert_int_equal(service->state, VCPU_WAITING);
    assert_int_equal(chain_answer(service, PRIMARY(0), 6).status, STATUS_DENIED);
}

static void test_chain_of_three(void **state)
{
    struct vcpu *service = SERVICE(0);

    (void)state;
    service->state = VCPU_WAITING;
    MUTE->state = VCPU_WAITING;
    chain_accept(0, chain_ask(PRIMARY(0), service, 1));
    assert_ptr_equal(chain_accept(0, chain_ask(service, MUTE, 2)), MUTE);
    /* Everybody in it is busy. */
    assert_int_equal(chain_ask(MUTE, PRIMARY(0), 3).status, STATUS_BUSY);
    assert_int_equal(chain_ask(MUTE, service, 3).status, STATUS_BUSY);
    assert_int_equal(chain_run(PRIMARY(1), service).status, STATUS_BUSY);
    assert_ptr_equal(chain_accept(0, chain_answer(MUTE, service, 4)), service);
    chain_expect(service, FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(3, 2), 4);
    assert_ptr_equal(chain_accept(0, chain_answer(service, PRIMARY(0), 5)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(2, 1), 5);
}

/* The home resumes the end of the chain, not the one it asked: it gets the answer all the same. */
static void test_answer_past_a_preempted_peer(void **state)
{
    struct vcpu *service = SERVICE(0);

    (void)state;
    service->state = VCPU_WAITING;
    MUTE->state = VCPU_WAITING;
    chain_accept(0, chain_ask(PRIMARY(0), service, 1));
    chain_accept(0, chain_ask(service, MUTE, 2));
    assert_ptr_equal(chain_enter(0, chain_preempt(MUTE)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_INTERRUPT_32, chain_info(MUTE), 0);
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), MUTE)), MUTE);
    assert_ptr_equal(chain_accept(0, chain_answer(MUTE, service, 3)), service);
    assert_ptr_equal(chain_accept(0, chain_answer(service, PRIMARY(0), 4)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(2, 1), 4);
}

/* Interrupted, then answered while another CPU ran the peer: FFA_RUN fetches the answer. */
static void test_answer_found_later(void **state)
{
    struct vcpu *service = SERVICE(0);

    (void)state;
    service->state = VCPU_WAITING;
    chain_accept(0, chain_ask(PRIMARY(0), service, 1));
    chain_enter(0, chain_preempt(service));
    chain_accept(1, chain_run(PRIMARY(1), service));
    assert_ptr_equal(chain_accept(1, chain_answer(service, PRIMARY(0), 9)), PRIMARY(1));
    chain_expect(PRIMARY(1), FFA_MSG_WAIT_32, chain_info(service), 0);
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), service)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(2, 1), 9);
    assert_int_equal(service->state, VCPU_WAITING);
    /* Once. */
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), service)), service);
}

static void wait_plain(void)
{
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_wait(PLAIN)));
}

static void test_remote_request(void **state)
{
    (void)state;
    wait_plain();
    assert_null(chain_accept(0, chain_ask(PRIMARY(0), PLAIN, 1)));
    assert_int_equal(chain_fixture.sgi_mpidr, CHAIN_PLAIN_CPU);
    assert_ptr_equal(chain_wake(CHAIN_PLAIN_CPU), PLAIN);
    chain_expect(PLAIN, FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(1, 4), 1);
    assert_null(chain_wake(0));
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_answer(PLAIN, PRIMARY(0), 2)));
    assert_int_equal(chain_fixture.sgi_mpidr, 0);
    assert_ptr_equal(chain_wake(0), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(4, 1), 2);
}

static void ask_plain_and_be_interrupted(void)
{
    wait_plain();
    assert_null(chain_accept(0, chain_ask(PRIMARY(0), PLAIN, 1)));
    world.irq_pending = true;
    assert_ptr_equal(chain_wake(0), PRIMARY(0));
    world.irq_pending = false;
    chain_expect(PRIMARY(0), FFA_INTERRUPT_32, chain_info(PLAIN), 0);
    assert_ptr_equal(chain_wake(CHAIN_PLAIN_CPU), PLAIN);
}

static void test_remote_request_interrupted(void **state)
{
    (void)state;
    ask_plain_and_be_interrupted();
    assert_int_equal(chain_run(PRIMARY(1), PLAIN).status, STATUS_DENIED);
    assert_null(chain_accept(0, chain_run(PRIMARY(0), PLAIN)));
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_answer(PLAIN, PRIMARY(0), 2)));
    assert_ptr_equal(chain_wake(0), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(4, 1), 2);
    assert_int_equal(chain_run(PRIMARY(0), PLAIN).status, STATUS_DENIED);
}

/* An old answer is not taken for that of whom the vCPU asks next. */
static void test_two_requests_at_once(void **state)
{
    struct vcpu *service = SERVICE(0);

    (void)state;
    ask_plain_and_be_interrupted();
    service->state = VCPU_WAITING;
    chain_accept(0, chain_ask(PRIMARY(0), service, 3));
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_answer(PLAIN, PRIMARY(0), 2)));
    assert_int_equal(PRIMARY(0)->state, VCPU_BLOCKED);
    assert_ptr_equal(chain_accept(0, chain_yield(chain_on(0), 0)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_YIELD_32, chain_info(service), 0);
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), service)), service);
    assert_ptr_equal(chain_accept(0, chain_answer(service, PRIMARY(0), 4)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(2, 1), 4);
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), PLAIN)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(4, 1), 2);
}

/* Interrupted twice, answered twice: both answers are there. The second stays with who gave it, and
 * keeps nobody else from asking that one. */
static void test_two_answers_found_later(void **state)
{
    struct vcpu *service = SERVICE(0);

    (void)state;
    ask_plain_and_be_interrupted();
    service->state = VCPU_WAITING;
    chain_accept(0, chain_ask(PRIMARY(0), service, 3));
    chain_enter(0, chain_preempt(service));
    chain_accept(1, chain_run(PRIMARY(1), service));
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_answer(PLAIN, PRIMARY(0), 2)));
    assert_ptr_equal(chain_accept(1, chain_answer(service, PRIMARY(0), 4)), PRIMARY(1));
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), service)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(2, 1), 4);
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), PLAIN)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(4, 1), 2);
    assert_int_equal(chain_run(PRIMARY(0), PLAIN).status, STATUS_DENIED);
}

static void test_scheduled_sender_of_a_remote_request(void **state)
{
    struct vcpu *service = run_service();

    (void)state;
    wait_plain();
    world.self = cpu_get(0);
    assert_ptr_equal(chain_accept(0, chain_ask(service, PLAIN, 1)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_YIELD_32, chain_info(service), 0);
    assert_int_equal(chain_run(PRIMARY(0), service).status, STATUS_BUSY);
    assert_ptr_equal(chain_wake(CHAIN_PLAIN_CPU), PLAIN);
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_answer(PLAIN, service, 2)));
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), service)), service);
    chain_expect(service, FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(4, 2), 2);
}

/* The vCPU with the index of the home of this CPU, if there is one. */
static void test_target_vcpu(void **state)
{
    (void)state;
    world.self = cpu_get(1);
    assert_ptr_equal(chain_target_vcpu(PRIMARY(1), SERVICE(0)->vm), SERVICE(1));
    assert_ptr_equal(chain_target_vcpu(MUTE, SERVICE(0)->vm), SERVICE(1));
    assert_ptr_equal(chain_target_vcpu(SERVICE(0), MUTE->vm), MUTE);
    world.self = cpu_get(0);
    assert_ptr_equal(chain_target_vcpu(MUTE, SERVICE(0)->vm), SERVICE(0));
    world.self = cpu_get(3);
    assert_ptr_equal(chain_target_vcpu(PRIMARY(3), SERVICE(0)->vm), SERVICE(0));
    world.self->home = NULL;
    assert_ptr_equal(chain_target_vcpu(SERVICE(1), PLAIN->vm), PLAIN);
}

#define TEST(name) cmocka_unit_test_setup(name, chain_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_run_of_each_state),
        TEST(test_run_refusals),
        TEST(test_yield),
        TEST(test_wait),
        TEST(test_pinned_wait),
        TEST(test_wait_at_el0),
        TEST(test_blocked_at_el0),
        TEST(test_idle),
        TEST(test_preempt),
        TEST(test_request_of_each_state),
        TEST(test_request_of_one_that_is_off),
        TEST(test_run_of_one_that_restarts),
        TEST(test_local_request),
        TEST(test_chain_of_three),
        TEST(test_answer_past_a_preempted_peer),
        TEST(test_answer_found_later),
        TEST(test_remote_request),
        TEST(test_remote_request_interrupted),
        TEST(test_two_requests_at_once),
        TEST(test_two_answers_found_later),
        TEST(test_scheduled_sender_of_a_remote_request),
        TEST(test_target_vcpu),
    };

    return CHAIN_RUN_TESTS("chain", tests);
}
