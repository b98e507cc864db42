/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is told of a notification: interrupts, and waits that end. */
#include "ffa_notif_fixture.h"

#define SRI          8
#define NPI_PARAVIRT 5
#define NPI_GIC      9

static struct vcpu *service(uint32_t index)
{
    return world_vcpu(WORLD_SERVICE, index);
}

static struct vcpu *primary(uint32_t index)
{
    return world_vcpu(WORLD_PRIMARY, index);
}

/* The last interrupt since the last call of this, and how many there were. */
static void expect_injected(const struct vcpu *vcpu, uint32_t intid, uint32_t count)
{
    assert_int_equal(world.injections, count);
    assert_ptr_equal(world.injected, vcpu);
    assert_int_equal(world.injected_intid, intid);
    world.injections = 0;
}

static void test_feature_ids(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_FEATURE_ID_NPI, 0);
    expect_success(NPI_GIC, 0);
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_FEATURE_ID_SRI, 0);
    expect_success(SRI, 0);
    WORLD_CALL(service(0), FFA_FEATURES_32, FFA_FEATURE_ID_NPI, 0);
    assert_int_equal(service(0)->ctx.x[2], NPI_PARAVIRT);
    WORLD_CALL(service(0), FFA_FEATURES_32, FFA_FEATURE_ID_SRI, 0);
    expect_error_of(service(0), FFA_NOT_SUPPORTED);
    for (uint32_t id = 0; id < 256; id++) {
        if (id != FFA_FEATURE_ID_NPI && id != FFA_FEATURE_ID_SRI) {
            WORLD_CALL(ffa_caller(), FFA_FEATURES_32, id, 0);
            expect_error(FFA_NOT_SUPPORTED);
        }
    }
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_FEATURE_ID_NPI, 1);
    expect_error(FFA_NOT_SUPPORTED);
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_FEATURE_ID_NPI | 0x100, 0);
    expect_error(FFA_NOT_SUPPORTED);
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_0;
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_FEATURE_ID_NPI, 0);
    expect_error(FFA_NOT_SUPPORTED);
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_FEATURE_ID_SRI, 0);
    expect_error(FFA_NOT_SUPPORTED);
}

/* The scheduler is told when there is news for it, and not again before it has asked or the news
 * are gone. */
static void test_scheduler_is_told(void **state)
{
    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 3);
    SET(WORLD_SERVICE, 0, 1, 0);
    expect_injected(primary(0), SRI, 1);
    SET(WORLD_SERVICE, 0, 2, 0);
    expect_injected(primary(0), SRI, 0);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    SET(WORLD_SERVICE, 0, 2, 0);
    expect_injected(primary(0), SRI, 1);
    GET(service(0), 0, FFA_NOTIFICATION_GET_VM);
    expect_got(service(0), 3, 0);
    SET(WORLD_SERVICE, 0, 1, 0);
    expect_injected(primary(0), SRI, 1);
}

/* On the CPU where it happens, if that is the scheduler's, else on any that is on. */
static void test_scheduler_vcpu(void **state)
{
    struct vcpu *mute = world_vcpu(WORLD_MUTE, 0);

    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 1);
    notif_bind_ok(WORLD_SERVICE, WORLD_MUTE, 0, 2);
    world_enter(primary(1), 1);
    WORLD_CALL(primary(1), FFA_NOTIFICATION_SET_32, IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 1, 0);
    expect_injected(primary(1), SRI, 1);
    GET(service(0), 0, FFA_NOTIFICATION_GET_VM);
    world_enter(mute, 4);
    WORLD_CALL(mute, FFA_NOTIFICATION_SET_32, IDS(WORLD_MUTE, WORLD_SERVICE), 0, 2, 0);
    expect_injected(primary(0), SRI, 1);
    GET(service(0), 0, FFA_NOTIFICATION_GET_VM);
    primary(0)->state = VCPU_OFF;
    WORLD_CALL(mute, FFA_NOTIFICATION_SET_32, IDS(WORLD_MUTE, WORLD_SERVICE), 0, 2, 0);
    expect_injected(primary(1), SRI, 1);
}

/* A scheduled receiver that has a CPU is interrupted, too. */
static void test_running_receiver(void **state)
{
    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 1);
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, FFA_NOTIFICATION_PER_VCPU, 2);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    world_enter(service(1), 1);
    world.self = cpu_get(0);
    SET(WORLD_SERVICE, 0, 1, 0);
    expect_injected(primary(0), SRI, 2);
    SET(WORLD_SERVICE, 0, 1, 0); /* no news for the scheduler */
    expect_injected(service(1), NPI_PARAVIRT, 1);
    SET(WORLD_SERVICE, 1 << 16 | 1, 2, 0);
    expect_injected(service(1), NPI_PARAVIRT, 1);
    SET(WORLD_SERVICE, 0 << 16 | 1, 2, 0); /* that vCPU has none */
    expect_injected(service(1), NPI_PARAVIRT, 0);
}

/* When it is given a CPU it gets the interrupt, as long as there is something for it. */
static void test_entry(void **state)
{
    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 1);
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, FFA_NOTIFICATION_PER_VCPU, 2);
    notify_enter(service(0));
    assert_int_equal(world.injections, 0);
    SET(WORLD_SERVICE, 1 << 16 | 1, 2, 0);
    world.injections = 0;
    notify_enter(service(0));
    assert_int_equal(world.injections, 0);
    notify_enter(service(1));
    expect_injected(service(1), NPI_PARAVIRT, 1);
    notify_enter(service(1));
    expect_injected(service(1), NPI_PARAVIRT, 1);
    GET(service(1), 1, FFA_NOTIFICATION_GET_VM);
    notify_enter(service(1));
    assert_int_equal(world.injections, 0);
    SET(WORLD_SERVICE, 0, 1, 0);
    world.injections = 0;
    notify_enter(service(0));
    expect_injected(service(0), NPI_PARAVIRT, 1);
}

static void set_primary(uint64_t flags, uint64_t bits)
{
    struct vcpu *sender = service(0);

    WORLD_CALL(sender, FFA_NOTIFICATION_SET_32, IDS(WORLD_SERVICE, WORLD_PRIMARY), flags, bits, 0);
    assert_int_equal(sender->ctx.x[0], FFA_SUCCESS_32);
}

/* A pinned receiver is interrupted at once, wherever it is. */
static void test_pinned_receiver(void **state)
{
    (void)state;
    notif_bind_ok(WORLD_PRIMARY, WORLD_SERVICE, 0, 1);
    notif_bind_ok(WORLD_PRIMARY, WORLD_SERVICE, FFA_NOTIFICATION_PER_VCPU, 2);
    primary(0)->virq.bank.enabled = 1u << NPI_GIC;
    set_primary(0, 1);
    expect_injected(primary(0), NPI_GIC, 1);
    primary(0)->state = VCPU_BLOCKED;
    set_primary(0, 1);
    expect_injected(primary(0), NPI_GIC, 1);
    /* Even before it has started. */
    set_primary(3 << 16 | 1, 2);
    expect_injected(primary(3), NPI_GIC, 1);
    assert_int_equal(primary(0)->state, VCPU_BLOCKED);
}

/* A scheduler that has no use for the NPI finds itself in its list, and is told to look. */
static void test_pinned_scheduler(void **state)
{
    (void)state;
    notif_bind_ok(WORLD_PRIMARY, WORLD_SERVICE, 0, 1);
    set_primary(0, 1);
    expect_injected(primary(0), SRI, 2);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_SUCCESS_64);
    assert_int_equal(ffa_caller()->ctx.x[3], WORLD_PRIMARY);
}

static void expect_run(const struct vcpu *vcpu, enum vcpu_state state)
{
    assert_int_equal(vcpu->state, state);
    assert_int_equal(vcpu->ctx.x[0], FFA_RUN_32);
    assert_int_equal(vcpu->ctx.x[1], IDS(vcpu->vm->config->id, vcpu->index));
    expect_zero_of(vcpu, 2, 8);
}

/* The wait of a pinned vCPU ends: with FFA_RUN, unless an interrupt ends it anyway. */
static void test_pinned_wait_ends(void **state)
{
    (void)state;
    notif_bind_ok(WORLD_PRIMARY, WORLD_SERVICE, 0, 1);
    /* One that waits goes before one that runs. */
    primary(2)->state = VCPU_WAITING;
    primary(2)->virq.bank.enabled = 1u << NPI_GIC;
    world.irq_pending = true;
    set_primary(0, 1);
    assert_int_equal(primary(2)->state, VCPU_WAITING);
    assert_ptr_equal(world.injected, primary(2));
    world.irq_pending = false;
    world.wakes = 0;
    set_primary(0, 1);
    expect_run(primary(2), VCPU_READY);
    assert_int_equal(world.wakes, 1);
    assert_ptr_equal(world.woken, primary(2));
    /* It knows: it is not in its list. */
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    expect_error(FFA_NO_DATA);
}

static void wait_in(struct vcpu *vcpu, struct vcpu *next)
{
    vcpu->state = VCPU_WAITING; /* as chain_wait does */
    world.chain_answer.next = NULL;
    assert_ptr_equal(WORLD_CALL(vcpu, FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0), next);
}

/* What came between two waits ends the second at once, but only once. */
static void test_pinned_wait_does_not_begin(void **state)
{
    (void)state;
    notif_bind_ok(WORLD_PRIMARY, WORLD_SERVICE, 0, 1);
    notif_bind_ok(WORLD_PRIMARY, WORLD_SERVICE, FFA_NOTIFICATION_PER_VCPU, 2);
    set_primary(0, 1);
    wait_in(primary(1), primary(1));
    expect_run(primary(1), VCPU_RUNNING);
    wait_in(primary(1), NULL);
    assert_int_equal(primary(1)->state, VCPU_WAITING);
    /* That of another vCPU is of no interest. */
    primary(1)->state = VCPU_RUNNING;
    set_primary(2 << 16 | 1, 2);
    wait_in(primary(1), NULL);
    wait_in(primary(2), primary(2));
    expect_run(primary(2), VCPU_RUNNING);
}

/* A scheduled one waits on: its scheduler knows. */
static void test_scheduled_wait(void **state)
{
    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 1);
    service(0)->state = VCPU_WAITING;
    SET(WORLD_SERVICE, 0, 1, 0);
    assert_int_equal(service(0)->state, VCPU_WAITING);
    wait_in(service(0), NULL);
    assert_int_equal(service(0)->state, VCPU_WAITING);
}

/* A notification for the owner of the CPU that the sender borrows: the owner goes first. */
static void test_owner_goes_first(void **state)
{
    (void)state;
    notif_bind_ok(WORLD_PRIMARY, WORLD_SERVICE, 0, 1);
    world_enter(service(0), 0);
    world.home_is_wanted = true;
    assert_ptr_equal(
        WORLD_CALL(service(0), FFA_NOTIFICATION_SET_32, IDS(WORLD_SERVICE, WORLD_PRIMARY), 0, 1, 0),
        primary(0));
    assert_int_equal(service(0)->ctx.x[0], FFA_SUCCESS_32);
}

#define TEST(name) cmocka_unit_test_setup(name, world_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_feature_ids),
        TEST(test_scheduler_is_told),
        TEST(test_scheduler_vcpu),
        TEST(test_running_receiver),
        TEST(test_entry),
        TEST(test_pinned_receiver),
        TEST(test_pinned_scheduler),
        TEST(test_pinned_wait_ends),
        TEST(test_pinned_wait_does_not_begin),
        TEST(test_scheduled_wait),
        TEST(test_owner_goes_first),
    };

    return cmocka_run_group_tests_name("ffa_tell", tests, NULL, NULL);
}
