/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_MSG_SEND, FFA_MSG_POLL and the FFA_MSG_WAIT of v1.0. Source: DEN0077A 1.0 chapter 7. */
#include "ffa_indirect_fixture.h"

static struct vcpu *mute(void)
{
    return world_vcpu(WORLD_MUTE, 0);
}

static int legacy_setup(void **state)
{
    indirect_setup(state);
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_0;
    vm_find(WORLD_MUTE)->ffa_version = FFA_VERSION_1_0;
    return 0;
}

static void send(const char *text)
{
    memcpy(buffer_tx(WORLD_PRIMARY), text, strlen(text));
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_32, IDS(WORLD_PRIMARY, WORLD_MUTE), 0, strlen(text), 1);
}

static void expect_message(const char *text)
{
    const uint64_t *x = mute()->ctx.x;

    assert_int_equal(x[0], FFA_MSG_SEND_32);
    assert_int_equal(x[1], IDS(WORLD_PRIMARY, WORLD_MUTE));
    assert_int_equal(x[2], 0);
    assert_int_equal(x[3], strlen(text));
    expect_zero_of(mute(), 4, 8);
    assert_memory_equal(buffer_rx(WORLD_MUTE), text, strlen(text));
    assert_int_equal(buffer_state(WORLD_MUTE), MAILBOX_RX_FULL);
}

static void test_poll(void **state)
{
    (void)state;
    WORLD_CALL(mute(), FFA_MSG_POLL_32, 0);
    expect_error_of(mute(), FFA_RETRY);
    send("hello");
    expect_success(0, 0);
    WORLD_CALL(mute(), FFA_MSG_POLL_32, 0);
    expect_message("hello");
    /* Once. */
    WORLD_CALL(mute(), FFA_MSG_POLL_32, 0);
    expect_error_of(mute(), FFA_RETRY);
    send("again");
    expect_error(FFA_BUSY);
    WORLD_CALL(mute(), FFA_RX_RELEASE_32, 0);
    send("again");
    expect_success(0, 0);
}

/* It came before the wait: the wait returns it. */
static void test_wait_returns_message(void **state)
{
    (void)state;
    send("early");
    assert_ptr_equal(WORLD_CALL(mute(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0), mute());
    expect_message("early");
    assert_null(world.chain_call);
    /* The next one gives RX back. */
    world.chain_answer.next = NULL;
    WORLD_CALL(mute(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
    assert_string_equal(world.chain_call, "wait");
    assert_int_equal(buffer_state(WORLD_MUTE), MAILBOX_RX_EMPTY);
}

/* It comes during the wait: the wait is over, and the scheduler may run the receiver. */
static void test_message_ends_wait(void **state)
{
    (void)state;
    mute()->state = VCPU_WAITING;
    send("late");
    expect_success(0, 0);
    assert_int_equal(mute()->state, VCPU_READY);
    expect_message("late");
}

/* A newer scheduler is told which partition has a message. */
static void test_newer_scheduler(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_2;
    vm_find(WORLD_SERVICE)->ffa_version = FFA_VERSION_1_0;
    mute()->state = VCPU_WAITING;
    WORLD_CALL(service, FFA_MSG_SEND_32, IDS(WORLD_SERVICE, WORLD_MUTE), 0, 4, 0);
    assert_int_equal(service->ctx.x[0], FFA_SUCCESS_32);
    assert_int_equal(world.injections, 1);
    assert_int_equal(world.injected_intid, 8);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    assert_int_equal(ffa_caller()->ctx.x[3], WORLD_MUTE);
    /* What it has seen for itself is no news for the scheduler. */
    WORLD_CALL(mute(), FFA_RX_RELEASE_32, 0);
    mute()->state = VCPU_RUNNING;
    WORLD_CALL(service, FFA_MSG_SEND_32, IDS(WORLD_SERVICE, WORLD_MUTE), 0, 4, 0);
    WORLD_CALL(mute(), FFA_MSG_POLL_32, 0);
    assert_int_equal(mute()->ctx.x[0], FFA_MSG_SEND_32);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    expect_error(FFA_NO_DATA);
}

/* A pinned receiver's wait ends, too, also when the message came just before it. */
static void test_pinned_receiver(void **state)
{
    struct vcpu *primary = world_vcpu(WORLD_PRIMARY, 1);

    (void)state;
    primary->state = VCPU_WAITING;
    WORLD_CALL(mute(), FFA_MSG_SEND_32, IDS(WORLD_MUTE, WORLD_PRIMARY), 0, 4, 0);
    assert_int_equal(mute()->ctx.x[0], FFA_SUCCESS_32);
    assert_int_equal(primary->state, VCPU_READY);
    assert_ptr_equal(world.woken, primary);
    assert_int_equal(primary->ctx.x[0], FFA_MSG_SEND_32);
    assert_int_equal(primary->ctx.x[1], IDS(WORLD_MUTE, WORLD_PRIMARY));
    assert_int_equal(world.injections, 0);
}

static void test_refused(void **state)
{
    static const struct {
        uint64_t w1, w3, w4;
        int32_t code;
    } rows[] = {
        {IDS(WORLD_MUTE, WORLD_MUTE), 1, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_PRIMARY), 1, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, 77), 1, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, 0x8001), 1, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_NO_FFA), 1, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_MUTE), PAGE_SIZE + 1, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_MUTE), 0xffffffff, 0, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_MUTE), 1, 2, FFA_INVALID_PARAMETERS},
        {IDS(WORLD_PRIMARY, WORLD_SERVICE), 1, 0, FFA_NOT_SUPPORTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        WORLD_CALL(ffa_caller(), FFA_MSG_SEND_32, rows[i].w1, 0, rows[i].w3, rows[i].w4);
        expect_error(rows[i].code);
    }
    vm_find(WORLD_MUTE)->messaging = 0;
    send("x");
    expect_error(FFA_DENIED);
    vm_find(WORLD_MUTE)->messaging = FFA_PROPERTY_INDIRECT;
    WORLD_CALL(mute(), FFA_RXTX_UNMAP_32, 0);
    send("x");
    expect_error(FFA_BUSY);
    WORLD_CALL(ffa_caller(), FFA_RXTX_UNMAP_32, 0);
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_32, IDS(WORLD_PRIMARY, WORLD_MUTE), 0, 1, 0);
    expect_error(FFA_DENIED);
    assert_int_equal(world.injections, 0);
}

/* From v1.1 on they do not exist. */
static void test_newer_caller(void **state)
{
    static const uint64_t fids[] = {FFA_MSG_SEND_32, FFA_MSG_POLL_32};

    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_0;
        WORLD_CALL(ffa_caller(), FFA_FEATURES_32, fids[i], 0);
        expect_success(0, 0);
        vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_1;
        WORLD_CALL(ffa_caller(), FFA_FEATURES_32, fids[i], 0);
        expect_error(FFA_NOT_SUPPORTED);
        WORLD_CALL(ffa_caller(), fids[i], IDS(WORLD_PRIMARY, WORLD_MUTE), 0, 1, 0);
        expect_error(FFA_NOT_SUPPORTED);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, legacy_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_poll),
        TEST(test_wait_returns_message),
        TEST(test_message_ends_wait),
        TEST(test_newer_scheduler),
        TEST(test_pinned_receiver),
        TEST(test_refused),
        TEST(test_newer_caller),
    };

    return cmocka_run_group_tests_name("ffa_legacy", tests, NULL, NULL);
}
