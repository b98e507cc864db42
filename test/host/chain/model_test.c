/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runtime models: what each allows, and how vCPUs come by theirs. Source: DEN0077A 8.1-8.4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/role/role.h"
#include "bh/svc/power.h"
#include "chain_fixture.h"

static struct vcpu *run_service(void)
{
    return chain_accept(0, chain_run(PRIMARY(0), SERVICE(0)));
}

static struct vcpu *ask_service(void)
{
    SERVICE(0)->state = VCPU_WAITING;
    return chain_accept(0, chain_ask(PRIMARY(0), SERVICE(0), 1));
}

/* Every cell, in every version. */
static void test_table(void **state)
{
    static const uint32_t versions[] = {FFA_VERSION_1_0, FFA_VERSION_1_1, FFA_VERSION_1_2};

    (void)state;
    for (size_t v = 0; v < 3; v++) {
        /* The last one is the SPMC's. */
        for (uint32_t m = 0; m < VCPU_MODEL_POWER; m++) {
            enum vcpu_model model = (enum vcpu_model)m;
            bool is_asked = model == VCPU_MODEL_REQUEST;

            assert_true(role_model_allows(model, ROLE_CALL_REQUEST, &versions[v]));
            assert_true(role_model_allows(model, ROLE_CALL_RUN, &versions[v]));
            assert_int_equal(role_model_allows(model, ROLE_CALL_RESPONSE, &versions[v]), is_asked);
            assert_int_equal(role_model_allows(model, ROLE_CALL_WAIT, &versions[v]), !is_asked);
            assert_int_equal(role_model_allows(model, ROLE_CALL_YIELD, &versions[v]),
                             !is_asked || v > 0);
        }
    }
}

static void test_first_wait_ends_init(void **state)
{
    (void)state;
    assert_int_equal(SERVICE(0)->model, VCPU_MODEL_INIT);
    run_service();
    assert_int_equal(SERVICE(0)->model, VCPU_MODEL_INIT);
    /* Yielding does not, and nobody may ask it anything meanwhile. */
    chain_accept(0, chain_yield(SERVICE(0), 0));
    assert_int_equal(SERVICE(0)->model, VCPU_MODEL_INIT);
    assert_int_equal(chain_ask(PRIMARY(0), SERVICE(0), 1).status, STATUS_BUSY);
    run_service();
    chain_accept(0, chain_wait(SERVICE(0)));
    assert_int_equal(SERVICE(0)->model, VCPU_MODEL_RUN);
    /* The next life begins with it. */
    run_service();
    chain_enter(0, power_system_reset(SERVICE(0)));
    assert_int_equal(SERVICE(0)->model, VCPU_MODEL_INIT);
}

static void test_request_and_back(void **state)
{
    (void)state;
    ask_service();
    assert_int_equal(SERVICE(0)->model, VCPU_MODEL_REQUEST);
    /* Neither yielding nor an interruption changes it. */
    chain_accept(0, chain_yield(SERVICE(0), 0));
    run_service();
    chain_enter(0, chain_preempt(SERVICE(0)));
    run_service();
    assert_int_equal(SERVICE(0)->model, VCPU_MODEL_REQUEST);
    assert_int_equal(chain_wait(SERVICE(0)).status, STATUS_DENIED);
    chain_accept(0, chain_answer(SERVICE(0), PRIMARY(0), 1));
    assert_int_equal(SERVICE(0)->model, VCPU_MODEL_RUN);
    run_service();
    assert_int_equal(chain_answer(SERVICE(0), PRIMARY(0), 1).status, STATUS_DENIED);
}

static void test_pinned(void **state)
{
    (void)state;
    assert_int_equal(PLAIN->model, VCPU_MODEL_OWN);
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_wait(PLAIN)));
    assert_null(chain_accept(0, chain_ask(PRIMARY(0), PLAIN, 1)));
    assert_ptr_equal(chain_wake(CHAIN_PLAIN_CPU), PLAIN);
    assert_int_equal(PLAIN->model, VCPU_MODEL_REQUEST);
    assert_int_equal(chain_wait(PLAIN).status, STATUS_DENIED);
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_answer(PLAIN, PRIMARY(0), 1)));
    assert_int_equal(PLAIN->model, VCPU_MODEL_OWN);
}

static void test_yield_in_a_request_by_version(void **state)
{
    (void)state;
    ask_service();
    SERVICE(0)->vm->ffa_version = FFA_VERSION_1_0;
    assert_int_equal(chain_yield(SERVICE(0), 0).status, STATUS_DENIED);
    assert_int_equal(SERVICE(0)->state, VCPU_RUNNING);
    SERVICE(0)->vm->ffa_version = FFA_VERSION_1_1;
    assert_ptr_equal(chain_accept(0, chain_yield(SERVICE(0), 0)), PRIMARY(0));
    /* Outside of one it always may. */
    run_service();
    chain_accept(0, chain_answer(SERVICE(0), PRIMARY(0), 1));
    SERVICE(0)->vm->ffa_version = FFA_VERSION_1_0;
    run_service();
    assert_ptr_equal(chain_accept(0, chain_yield(SERVICE(0), 0)), PRIMARY(0));
}

/* Who asked is told, not the home of the CPU; it resumes the other one by FFA_RUN. */
static void test_yield_to_who_asked(void **state)
{
    (void)state;
    MUTE->state = VCPU_WAITING;
    ask_service();
    chain_accept(0, chain_ask(SERVICE(0), MUTE, 2));
    assert_ptr_equal(chain_accept(0, chain_yield(MUTE, UINT64_C(9) << 32 | 8)), SERVICE(0));
    chain_expect(SERVICE(0), FFA_YIELD_32, chain_info(MUTE), 9);
    assert_int_equal(SERVICE(0)->ctx.x[2], 8);
    assert_int_equal(MUTE->state, VCPU_BLOCKED);
    assert_ptr_equal(chain_accept(0, chain_run(SERVICE(0), MUTE)), MUTE);
    chain_expect(MUTE, FFA_SUCCESS_32, 0, 0);
    assert_ptr_equal(chain_accept(0, chain_answer(MUTE, SERVICE(0), 3)), SERVICE(0));
    chain_expect(SERVICE(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(3, 2), 3);
    /* Whom it does not wait for it may not run. */
    assert_int_equal(chain_run(SERVICE(0), MUTE).status, STATUS_DENIED);
}

/* The home has resumed the end of the chain itself: it is the one that gave the CPU. */
static void test_yield_to_who_resumed(void **state)
{
    (void)state;
    MUTE->state = VCPU_WAITING;
    ask_service();
    chain_accept(0, chain_ask(SERVICE(0), MUTE, 2));
    chain_enter(0, chain_preempt(MUTE));
    chain_accept(0, chain_run(PRIMARY(0), MUTE));
    assert_ptr_equal(chain_accept(0, chain_yield(MUTE, 0)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_YIELD_32, chain_info(MUTE), 0);
    assert_int_equal(SERVICE(0)->state, VCPU_BLOCKED);
    /* The one in the middle waits on. */
    assert_int_equal(chain_run(PRIMARY(0), SERVICE(0)).status, STATUS_BUSY);
}

/* It has yielded to who asked, who then gave way itself: the answer waits for that one. */
static void test_yields_all_the_way(void **state)
{
    (void)state;
    MUTE->state = VCPU_WAITING;
    ask_service();
    chain_accept(0, chain_ask(SERVICE(0), MUTE, 2));
    chain_accept(0, chain_yield(MUTE, 0));
    assert_ptr_equal(chain_accept(0, chain_yield(SERVICE(0), 0)), PRIMARY(0));
    chain_accept(0, chain_run(PRIMARY(0), MUTE));
    assert_ptr_equal(chain_accept(0, chain_answer(MUTE, SERVICE(0), 5)), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_MSG_WAIT_32, chain_info(MUTE), 0);
    assert_ptr_equal(run_service(), SERVICE(0));
    chain_expect(SERVICE(0), FFA_SUCCESS_32, 0, 0);
    assert_ptr_equal(chain_accept(0, chain_run(SERVICE(0), MUTE)), SERVICE(0));
    chain_expect(SERVICE(0), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(3, 2), 5);
}

/* Back to somebody who waits in the chain, near or far. */
static void test_no_loops(void **state)
{
    (void)state;
    MUTE->state = VCPU_WAITING;
    ask_service();
    assert_int_equal(chain_ask(SERVICE(0), PRIMARY(0), 2).status, STATUS_BUSY);
    assert_int_equal(chain_run(SERVICE(0), PRIMARY(0)).status, STATUS_DENIED);
    chain_accept(0, chain_ask(SERVICE(0), MUTE, 2));
    assert_int_equal(chain_ask(MUTE, PRIMARY(0), 2).status, STATUS_BUSY);
    assert_int_equal(chain_ask(MUTE, SERVICE(0), 2).status, STATUS_BUSY);
    assert_int_equal(chain_run(MUTE, PRIMARY(0)).status, STATUS_DENIED);
    assert_int_equal(chain_run(MUTE, SERVICE(0)).status, STATUS_DENIED);
    assert_int_equal(chain_run(MUTE, MUTE).status, STATUS_INVALID);
}

/* Two vCPUs of one partition, each on a CPU of its own. */
static void test_two_vcpus_at_once(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        SERVICE(i)->state = VCPU_WAITING;
        world.self = cpu_get(i);
        assert_ptr_equal(chain_target_vcpu(PRIMARY(i), SERVICE(0)->vm), SERVICE(i));
        assert_ptr_equal(chain_accept(i, chain_ask(PRIMARY(i), SERVICE(i), 10 + i)), SERVICE(i));
    }
    assert_int_equal(chain_run(PRIMARY(2), SERVICE(0)).status, STATUS_BUSY);
    assert_int_equal(chain_ask(PRIMARY(2), SERVICE(1), 1).status, STATUS_BUSY);
    for (uint32_t i = 0; i < 2; i++) {
        world.self = cpu_get(i);
        assert_ptr_equal(chain_accept(i, chain_answer(SERVICE(i), PRIMARY(i), 20 + i)), PRIMARY(i));
        chain_expect(PRIMARY(i), FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(2, 1), 20 + i);
    }
}

/* All of x0..x17 for messages with a UUID, x0..x7 for the others; the rest stays the receiver's. */
static void expect_registers(const struct vcpu *vcpu, const struct vcpu *sent_by, uint32_t count)
{
    for (uint32_t i = 4; i < 31; i++) {
        assert_int_equal(vcpu->ctx.x[i], i < count ? sent_by->ctx.x[i] : 1000 + i);
    }
}

static void own_registers(struct vcpu *vcpu)
{
    for (uint32_t i = 0; i < 31; i++) {
        vcpu->ctx.x[i] = 1000 + i;
    }
}

static void test_registers(void **state)
{
    struct vcpu *service = SERVICE(0);

    (void)state;
    service->state = VCPU_WAITING;
    own_registers(service);
    chain_accept(0, chain_ask(PRIMARY(0), service, 1));
    expect_registers(service, PRIMARY(0), 8);
    own_registers(PRIMARY(0));
    chain_accept(0, chain_answer(service, PRIMARY(0), 1));
    expect_registers(PRIMARY(0), service, 8);
    own_registers(service);
    chain_accept(0, chain_ask2(PRIMARY(0), service, 1));
    expect_registers(service, PRIMARY(0), 18);
    own_registers(PRIMARY(0));
    chain_accept(0, chain_answer2(service, PRIMARY(0), 1));
    expect_registers(PRIMARY(0), service, 18);
}

/* Answers that are fetched later, of both kinds at once. */
static void test_registers_of_late_answers(void **state)
{
    (void)state;
    MUTE->state = VCPU_WAITING;
    ask_service();
    chain_enter(0, chain_preempt(SERVICE(0)));
    chain_accept(0, chain_ask2(PRIMARY(0), MUTE, 1));
    chain_enter(0, chain_preempt(MUTE));
    chain_accept(1, chain_run(PRIMARY(1), SERVICE(0)));
    chain_accept(1, chain_answer(SERVICE(0), PRIMARY(0), 2));
    chain_accept(1, chain_run(PRIMARY(1), MUTE));
    chain_accept(1, chain_answer2(MUTE, PRIMARY(0), 3));
    world.self = cpu_get(0);
    own_registers(PRIMARY(0));
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), MUTE)), PRIMARY(0));
    expect_registers(PRIMARY(0), MUTE, 18);
    own_registers(PRIMARY(0));
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), SERVICE(0))), PRIMARY(0));
    expect_registers(PRIMARY(0), SERVICE(0), 8);
}

static void test_answer_of_the_other_kind(void **state)
{
    (void)state;
    ask_service();
    assert_int_equal(chain_answer2(SERVICE(0), PRIMARY(0), 1).status, STATUS_DENIED);
    chain_accept(0, chain_answer(SERVICE(0), PRIMARY(0), 1));
    chain_accept(0, chain_ask2(PRIMARY(0), SERVICE(0), 1));
    assert_int_equal(chain_answer(SERVICE(0), PRIMARY(0), 1).status, STATUS_DENIED);
    assert_ptr_equal(chain_accept(0, chain_answer2(SERVICE(0), PRIMARY(0), 1)), PRIMARY(0));
}

#define TEST(name) cmocka_unit_test_setup(name, chain_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        TEST(test_first_wait_ends_init),
        TEST(test_request_and_back),
        TEST(test_pinned),
        TEST(test_yield_in_a_request_by_version),
        TEST(test_yield_to_who_asked),
        TEST(test_yield_to_who_resumed),
        TEST(test_yields_all_the_way),
        TEST(test_no_loops),
        TEST(test_two_vcpus_at_once),
        TEST(test_registers),
        TEST(test_registers_of_late_answers),
        TEST(test_answer_of_the_other_kind),
    };

    return CHAIN_RUN_TESTS("model", tests);
}
