/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Direct messages and CPU cycles: what is refused before svc/chain.h is asked, in which order, and
 * what reaches it. Source: DEN0077A v1.2 chapters 7, 8, 14, 15.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ffa_expect.h"

#define IDS(from, to) ((uint64_t)(from) << 16 | (to))
#define REQ32         FFA_MSG_SEND_DIRECT_REQ_32
#define REQ64         FFA_MSG_SEND_DIRECT_REQ_64
#define RESP32        FFA_MSG_SEND_DIRECT_RESP_32
#define RESP64        FFA_MSG_SEND_DIRECT_RESP_64

static void test_request(void **state)
{
    struct vcpu *next = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    world.chain_answer.next = next;
    assert_ptr_equal(WORLD_CALL(ffa_caller(), REQ64, IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 3,
                                UINT64_MAX, 5, 6, 7, 8),
                     next);
    assert_string_equal(world.chain_call, "request");
    assert_ptr_equal(world.chain_target, next);
    assert_int_equal(world.chain_message[0], REQ64);
    assert_int_equal(world.chain_message[1], IDS(WORLD_PRIMARY, WORLD_SERVICE));
    assert_int_equal(world.chain_message[2], 0);
    assert_int_equal(world.chain_message[3], 3);
    assert_int_equal(world.chain_message[4], UINT64_MAX);
    assert_int_equal(world.chain_message[7], 7);
    assert_int_equal(ffa_caller()->ctx.x[8], 8);
}

static void test_request_32(void **state)
{
    (void)state;
    world.chain_answer.next = NULL;
    /* Hint bit and upper halves are not part of a 32-bit message. */
    WORLD_CALL(ffa_caller(), REQ32 | 0x10000 | UINT64_C(1) << 40,
               IDS(WORLD_PRIMARY, WORLD_SERVICE) | UINT64_C(1) << 32, UINT64_C(1) << 32, UINT64_MAX,
               UINT64_C(0x100000002));
    assert_int_equal(world.chain_message[0], REQ32);
    assert_int_equal(world.chain_message[1], IDS(WORLD_PRIMARY, WORLD_SERVICE));
    assert_int_equal(world.chain_message[2], 0);
    assert_int_equal(world.chain_message[3], UINT32_MAX);
    assert_int_equal(world.chain_message[4], 2);
    assert_int_equal(world.chain_message[5], (uint32_t)world_pattern(5));
}

struct refusal {
    uint64_t w1, w2;
    int32_t code;
};

static const struct refusal requests[] = {
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 1, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0x80000000, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0x80000008, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_SERVICE, WORLD_SERVICE), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_SERVICE, WORLD_PRIMARY), 0, FFA_INVALID_PARAMETERS},
    {IDS(0, WORLD_SERVICE), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_PRIMARY), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, 0), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, 77), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, 0x7fff), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, 0x8000), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, 0x8001), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, 0xffff), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_NO_FFA), 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_MUTE), 0, FFA_DENIED},
    {IDS(WORLD_PRIMARY, WORLD_MUTE), 1, FFA_INVALID_PARAMETERS}, /* malformed comes first */
};

static void test_request_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        WORLD_CALL(ffa_caller(), REQ32, requests[i].w1, requests[i].w2);
        expect_error(requests[i].code);
        WORLD_CALL(ffa_caller(), REQ64, requests[i].w1, requests[i].w2);
        expect_error(requests[i].code);
    }
    assert_null(world.chain_call);
}

/* The service receives only: it must not send. */
static void test_request_sender_without_property(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    WORLD_CALL(service, REQ32, IDS(WORLD_SERVICE, WORLD_PRIMARY), 0);
    expect_error_of(service, FFA_DENIED);
    assert_null(world.chain_call);
}

static void test_chain_refusals(void **state)
{
    static const struct {
        enum status status;
        int32_t code;
    } rows[] = {
        {STATUS_BUSY, FFA_BUSY},           {STATUS_DENIED, FFA_DENIED},
        {STATUS_ABORTED, FFA_ABORTED},     {STATUS_INVALID, FFA_INVALID_PARAMETERS},
        {STATUS_NOT_READY, FFA_NOT_READY}, {STATUS_NOT_SUPPORTED, FFA_NOT_SUPPORTED},
        {STATUS_NO_DATA, FFA_NO_DATA},     {STATUS_NO_MEMORY, FFA_NO_MEMORY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world.chain_answer.status = rows[i].status;
        assert_ptr_equal(WORLD_CALL(ffa_caller(), REQ64, IDS(WORLD_PRIMARY, WORLD_SERVICE), 0),
                         ffa_caller());
        expect_error(rows[i].code);
        WORLD_CALL(ffa_caller(), RESP64, IDS(WORLD_PRIMARY, WORLD_SERVICE), 0);
        expect_error(rows[i].code);
        WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(WORLD_SERVICE, 0));
        expect_error(rows[i].code);
        WORLD_CALL(ffa_caller(), FFA_YIELD_32, 0, 0, 0, 0, 0, 0, 0);
        expect_error(rows[i].code);
        WORLD_CALL(ffa_caller(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
        expect_error(rows[i].code);
    }
}

static void test_response(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    world.chain_answer.next = ffa_caller();
    assert_ptr_equal(WORLD_CALL(service, RESP32, IDS(WORLD_SERVICE, WORLD_PRIMARY), 0, UINT64_MAX),
                     ffa_caller());
    assert_string_equal(world.chain_call, "respond");
    assert_int_equal(world.chain_receiver, WORLD_PRIMARY);
    assert_int_equal(world.chain_message[0], RESP32);
    assert_int_equal(world.chain_message[3], UINT32_MAX);
}

static void test_response_refused(void **state)
{
    static const struct refusal rows[] = {
        {IDS(WORLD_PRIMARY, WORLD_SERVICE), 1, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0x80000002, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_SERVICE, WORLD_PRIMARY), 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_PRIMARY), 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, 77), 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, 0x8001), 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_NO_FFA), 0, FFA_INVALID_PARAMETERS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        WORLD_CALL(ffa_caller(), RESP32, rows[i].w1, rows[i].w2);
        expect_error(rows[i].code);
    }
    assert_null(world.chain_call);
}

static void test_run(void **state)
{
    (void)state;
    world.chain_answer.next = world_vcpu(WORLD_SERVICE, 1);
    /* Other registers should be zero and are ignored, x8-x17 too. */
    assert_ptr_equal(WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(WORLD_SERVICE, 1)),
                     world_vcpu(WORLD_SERVICE, 1));
    assert_string_equal(world.chain_call, "run");
    assert_ptr_equal(world.chain_target, world_vcpu(WORLD_SERVICE, 1));
}

static void test_run_refused(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(0, 0));
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(77, 0));
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(0x8001, 0));
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(WORLD_SERVICE, 2));
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(WORLD_SERVICE, 0xffff));
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(WORLD_PRIMARY, 1));
    expect_error(FFA_INVALID_PARAMETERS);
    assert_null(world.chain_call);
    /* Who may run whom is svc/chain.h's question. */
    WORLD_CALL(service, FFA_RUN_32, IDS(WORLD_MUTE, 0));
    assert_string_equal(world.chain_call, "run");
}

static void test_yield(void **state)
{
    (void)state;
    world.chain_answer.next = ffa_caller();
    WORLD_CALL(ffa_caller(), FFA_YIELD_32, 0, UINT64_C(0xffffffff00000005), 7, 0, 0, 0, 0);
    assert_int_equal(world.chain_timeout, UINT64_C(7) << 32 | 5);
}

static void test_msg_wait_flags(void **state)
{
    (void)state;
    world.chain_answer.next = ffa_caller();
    WORLD_CALL(ffa_caller(), FFA_MSG_WAIT_32, 0, 2, 0, 0, 0, 0, 0);
    expect_error(FFA_INVALID_PARAMETERS);
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_1;
    WORLD_CALL(ffa_caller(), FFA_MSG_WAIT_32, 0, 1, 0, 0, 0, 0, 0);
    expect_error(FFA_INVALID_PARAMETERS);
    assert_null(world.chain_call);
    WORLD_CALL(ffa_caller(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
    assert_string_equal(world.chain_call, "wait");
}

#define TEST(name) cmocka_unit_test_setup(name, world_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_request),          TEST(test_request_32),
        TEST(test_request_refused),  TEST(test_request_sender_without_property),
        TEST(test_chain_refusals),   TEST(test_response),
        TEST(test_response_refused), TEST(test_run),
        TEST(test_run_refused),      TEST(test_yield),
        TEST(test_msg_wait_flags),
    };

    return cmocka_run_group_tests_name("ffa_messages", tests, NULL, NULL);
}
