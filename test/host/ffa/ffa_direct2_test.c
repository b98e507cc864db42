/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_MSG_SEND_DIRECT_REQ2 and RESP2: refusals, row by row and in their order, and what reaches
 * svc/chain.h. Source: DEN0077A v1.2 15.5, 15.6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ffa_expect.h"

#define IDS(from, to) ((uint64_t)(from) << 16 | (to))
#define OK            IDS(WORLD_PRIMARY, WORLD_SERVICE)
#define REQ2          FFA_MSG_SEND_DIRECT_REQ2_64
#define RESP2         FFA_MSG_SEND_DIRECT_RESP2_64

/* The service's first UUID takes common requests, its second one those with a UUID, too. */
#define UUID_LOW    (UINT64_C(6) << 32 | 5)
#define UUID_COMMON (UINT64_C(8) << 32 | 7)
#define UUID_SECOND (UINT64_C(9) << 32 | 7)

static int setup(void **state)
{
    int result = world_setup(state);

    vm_find(WORLD_PRIMARY)->messaging |= FFA_PROPERTY_SENDS_DIRECT2;
    return result;
}

static void test_request(void **state)
{
    static const uint64_t uuids[][2] = {{UUID_LOW, UUID_SECOND}, {0, 0}};

    (void)state;
    world.chain_answer.next = world_vcpu(WORLD_SERVICE, 0);
    for (size_t u = 0; u < 2; u++) {
        /* The ids are in a 32-bit register: what stands above them is nobody's. */
        assert_ptr_equal(
            WORLD_CALL(ffa_caller(), REQ2, UINT64_C(7) << 32 | OK, uuids[u][0], uuids[u][1], 44),
            world_vcpu(WORLD_SERVICE, 0));
        assert_string_equal(world.chain_call, "request");
        assert_ptr_equal(world.chain_target, world_vcpu(WORLD_SERVICE, 0));
        assert_int_equal(world.chain_request, VCPU_REQUEST_DIRECT2);
        assert_int_equal(world.chain_message[0], REQ2);
        assert_int_equal(world.chain_message[1], OK);
        assert_int_equal(world.chain_message[2], uuids[u][0]);
        assert_int_equal(world.chain_message[3], uuids[u][1]);
        assert_int_equal(world.chain_message[4], 44);
        for (uint32_t i = 5; i < VCPU_MESSAGE_REGS; i++) {
            assert_int_equal(world.chain_message[i], world_pattern(i));
        }
        world.chain_call = NULL;
    }
}

struct refusal {
    uint64_t w1, x2, x3;
    int32_t code;
};

static void test_request_refused(void **state)
{
    static const struct refusal rows[] = {
        {IDS(WORLD_SERVICE, WORLD_PRIMARY), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(0, WORLD_SERVICE), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_PRIMARY), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, 0), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, 77), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, 0x8001), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_NO_FFA), 0, 0, FFA_INVALID_PARAMETERS},
        /* UUIDs that are the sender's, nobody's, or only half there; one of who has none */
        {OK, UINT64_C(2) << 32 | 1, UINT64_C(4) << 32 | 3, FFA_INVALID_PARAMETERS},
        {OK, 1, 0, FFA_INVALID_PARAMETERS},
        {OK, UUID_LOW, 0, FFA_INVALID_PARAMETERS},
        {OK, 0, UUID_COMMON, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_MUTE), UUID_LOW, UUID_COMMON, FFA_INVALID_PARAMETERS},
        /* this service does not take them; nor does this partition */
        {OK, UUID_LOW, UUID_COMMON, FFA_DENIED},
        {IDS(WORLD_PRIMARY, WORLD_MUTE), 0, 0, FFA_DENIED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ptr_equal(WORLD_CALL(ffa_caller(), REQ2, rows[i].w1, rows[i].x2, rows[i].x3),
                         ffa_caller());
        expect_error(rows[i].code);
    }
    assert_null(world.chain_call);
}

static void test_sender_without_property(void **state)
{
    (void)state;
    vm_find(WORLD_PRIMARY)->messaging &= ~FFA_PROPERTY_SENDS_DIRECT2;
    WORLD_CALL(ffa_caller(), REQ2, OK, 0, 0);
    expect_error(FFA_DENIED);
    /* Malformed comes first. */
    WORLD_CALL(ffa_caller(), REQ2, OK, 1, 1);
    expect_error(FFA_INVALID_PARAMETERS);
    assert_null(world.chain_call);
}

static void test_versions(void **state)
{
    static const uint32_t old[] = {FFA_VERSION_1_0, FFA_VERSION_1_1};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        vm_find(WORLD_SERVICE)->ffa_version = old[i];
        WORLD_CALL(ffa_caller(), REQ2, OK, 0, 0);
        expect_error(FFA_DENIED);
    }
    vm_find(WORLD_SERVICE)->ffa_version = FFA_VERSION_1_2;
    for (size_t i = 0; i < 2; i++) {
        vm_find(WORLD_PRIMARY)->ffa_version = old[i];
        WORLD_CALL(ffa_caller(), REQ2, OK, 0, 0);
        expect_error(FFA_NOT_SUPPORTED);
        WORLD_CALL(ffa_caller(), RESP2, OK, 0, 0);
        expect_error(FFA_NOT_SUPPORTED);
    }
    assert_null(world.chain_call);
}

/* Neither has a 32-bit form. */
static void test_width(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_FID_32(0x8d), OK, 0, 0);
    expect_error(FFA_NOT_SUPPORTED);
    WORLD_CALL(ffa_caller(), FFA_FID_32(0x8e), OK, 0, 0);
    expect_error(FFA_NOT_SUPPORTED);
}

static void test_response(void **state)
{
    (void)state;
    world.chain_answer.next = world_vcpu(WORLD_SERVICE, 0);
    WORLD_CALL(ffa_caller(), RESP2, UINT64_C(1) << 40 | OK, 0, 0);
    assert_string_equal(world.chain_call, "respond");
    assert_int_equal(world.chain_request, VCPU_REQUEST_DIRECT2);
    assert_int_equal(world.chain_receiver, WORLD_SERVICE);
    assert_int_equal(world.chain_message[1], OK);
    for (uint32_t i = 4; i < VCPU_MESSAGE_REGS; i++) {
        assert_int_equal(world.chain_message[i], world_pattern(i));
    }
}

static void test_response_refused(void **state)
{
    static const struct refusal rows[] = {
        {OK, 1, 0, FFA_INVALID_PARAMETERS},
        {OK, 0, 1, FFA_INVALID_PARAMETERS},
        {OK, UINT64_C(1) << 63, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_SERVICE, WORLD_PRIMARY), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_PRIMARY), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, 77), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, 0x8001), 0, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_NO_FFA), 0, 0, FFA_INVALID_PARAMETERS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        WORLD_CALL(ffa_caller(), RESP2, rows[i].w1, rows[i].x2, rows[i].x3);
        expect_error(rows[i].code);
    }
    assert_null(world.chain_call);
}

static void test_chain_refusals(void **state)
{
    static const struct {
        enum status status;
        int32_t code;
    } rows[] = {
        {STATUS_BUSY, FFA_BUSY}, {STATUS_DENIED, FFA_DENIED}, {STATUS_ABORTED, FFA_ABORTED}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world.chain_answer.status = rows[i].status;
        WORLD_CALL(ffa_caller(), REQ2, OK, 0, 0);
        expect_error(rows[i].code);
        WORLD_CALL(ffa_caller(), RESP2, OK, 0, 0);
        expect_error(rows[i].code);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_request),          TEST(test_request_refused), TEST(test_sender_without_property),
        TEST(test_versions),         TEST(test_width),           TEST(test_response),
        TEST(test_response_refused), TEST(test_chain_refusals),
    };

    return cmocka_run_group_tests_name("ffa_direct2", tests, NULL, NULL);
}
