/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_NOTIFICATION_*: what is refused, what is delivered, what a scheduler is listed. */
#include "ffa_notif_fixture.h"

#include "bh/svc/power.h"

/* The service binds, the primary sets, the service gets. */
static void test_global(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 1);

    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, UINT64_C(0x8000000100000002));
    SET(WORLD_SERVICE, 0, 0x00000002, 0x80000000);
    expect_success(0, 0);
    /* Without the flag for VMs there is nothing. */
    GET(service, 1, FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM | FFA_NOTIFICATION_GET_HYP);
    expect_got(service, 0, 0);
    GET(service, 1, FFA_NOTIFICATION_GET_VM);
    expect_got(service, 0x00000002, 0x80000000);
    GET(service, 1, FFA_NOTIFICATION_GET_ALL);
    expect_got(service, 0, 0);
    GET(service, 0, 0);
    expect_got(service, 0, 0);
}

static void test_per_vcpu(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, FFA_NOTIFICATION_PER_VCPU, 0xf);
    SET(WORLD_SERVICE, 1 << 16 | FFA_NOTIFICATION_PER_VCPU, 5, 0);
    expect_success(0, 0);
    GET(service, 0, FFA_NOTIFICATION_GET_ALL);
    expect_got(service, 0, 0);
    GET(service, 1, FFA_NOTIFICATION_GET_ALL);
    expect_got(service, 5, 0);
}

struct refusal {
    uint64_t w1, w2, w3, w4;
    int32_t code;
};

/* Calls of the service, which is bound to the primary: bits 0-3 globally, 4-7 per vCPU. */
static const struct refusal binds[] = {
    {IDS(WORLD_SERVICE, WORLD_SERVICE), 0, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_PRIMARY), 0, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_MUTE), 0, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_SERVICE, WORLD_PRIMARY), 0, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(77, WORLD_SERVICE), 0, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(0, WORLD_SERVICE), 0, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(0x8001, WORLD_SERVICE), 0, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(0xffff, WORLD_SERVICE), 0, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_NO_FFA, WORLD_SERVICE), 0, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 2, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0x10000, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0x80000000, 0x100, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_MUTE, WORLD_SERVICE), 0, 0x101, 0, FFA_DENIED},
    {IDS(WORLD_MUTE, WORLD_SERVICE), 1, 0x110, 1, FFA_DENIED},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0x10, 0, FFA_DENIED},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 1, 0x01, 0, FFA_DENIED},
    /* Malformed comes first. */
    {IDS(WORLD_MUTE, WORLD_SERVICE), 4, 0x101, 0, FFA_INVALID_PARAMETERS},
};

static const struct refusal unbinds[] = {
    {IDS(WORLD_SERVICE, WORLD_SERVICE), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_PRIMARY), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(77, WORLD_SERVICE), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 1, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 1, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_MUTE, WORLD_SERVICE), 0, 1, 0, FFA_DENIED},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0x101, 0, FFA_DENIED},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0, 1, FFA_DENIED},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0x2, 0, FFA_DENIED},  /* pending */
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0x12, 0, FFA_DENIED}, /* one of them */
};

/* Of the primary. */
static const struct refusal sets[] = {
    {IDS(WORLD_SERVICE, WORLD_SERVICE), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_PRIMARY), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_MUTE, WORLD_SERVICE), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, 77), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, 0), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, 0x8001), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_NO_FFA), 0, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 4, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0x8000, 1, 0, FFA_INVALID_PARAMETERS},
    /* Only SPs put the interrupt off. */
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), FFA_NOTIFICATION_DELAY_SRI, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 1 << 16, 1, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 2 << 16 | 1, 0x10, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0xffff0001, 0x10, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0x11, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 1, 0x11, 0, FFA_INVALID_PARAMETERS},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0x101, 0, FFA_DENIED},
    {IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0, 1, FFA_DENIED},
    {IDS(WORLD_PRIMARY, WORLD_MUTE), 0, 1, 0, FFA_DENIED},
};

static const struct refusal gets[] = {
    {IDS(0, WORLD_SERVICE), 0x1, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(0, 0), 0x1, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(0, 0x8001), 0x1, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(4, WORLD_PRIMARY), 0x1, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(0xffff, WORLD_PRIMARY), 0x1, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(0, WORLD_PRIMARY), 0x10, 0, 0, FFA_INVALID_PARAMETERS},
    {IDS(0, WORLD_PRIMARY), 0x80000001, 0, 0, FFA_INVALID_PARAMETERS},
};

static void expect_refusals(struct vcpu *caller, uint64_t fid, const struct refusal *row,
                            size_t count)
{
    for (size_t i = 0; i < count; i++, row++) {
        WORLD_CALL(caller, fid, row->w1, row->w2, row->w3, row->w4);
        expect_error_of(caller, row->code);
    }
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void test_refused(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 0x0f);
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, FFA_NOTIFICATION_PER_VCPU, 0xf0);
    SET(WORLD_SERVICE, 0, 2, 0);
    SET(WORLD_SERVICE, 1, 0x10, 0);
    world.injections = 0;
    expect_refusals(service, FFA_NOTIFICATION_BIND_32, binds, COUNT(binds));
    expect_refusals(service, FFA_NOTIFICATION_UNBIND_32, unbinds, COUNT(unbinds));
    expect_refusals(ffa_caller(), FFA_NOTIFICATION_SET_32, sets, COUNT(sets));
    expect_refusals(ffa_caller(), FFA_NOTIFICATION_GET_32, gets, COUNT(gets));
    /* None of it has left a trace. */
    assert_int_equal(world.injections, 0);
    GET(service, 0, FFA_NOTIFICATION_GET_ALL);
    expect_got(service, 0x12, 0);
    WORLD_CALL(service, FFA_NOTIFICATION_UNBIND_32, IDS(WORLD_PRIMARY, WORLD_SERVICE), 0, 0xff, 0);
    assert_int_equal(service->ctx.x[0], FFA_SUCCESS_32);
    SET(WORLD_SERVICE, 0, 1, 0);
    expect_error(FFA_DENIED);
}

/* A partition whose manifest does not ask for notifications gets those of the framework only. */
static void test_without_support(void **state)
{
    struct vcpu *mute = world_vcpu(WORLD_MUTE, 0);

    (void)state;
    WORLD_CALL(mute, FFA_NOTIFICATION_BIND_32, IDS(WORLD_PRIMARY, WORLD_MUTE), 0, 1, 0);
    expect_error_of(mute, FFA_NOT_SUPPORTED);
    WORLD_CALL(mute, FFA_NOTIFICATION_UNBIND_32, IDS(WORLD_PRIMARY, WORLD_MUTE), 0, 1, 0);
    expect_error_of(mute, FFA_NOT_SUPPORTED);
    GET(mute, 0, FFA_NOTIFICATION_GET_ALL);
    expect_got(mute, 0, 0);
    /* It may still notify others. */
    notif_bind_ok(WORLD_SERVICE, WORLD_MUTE, 0, 1);
    WORLD_CALL(mute, FFA_NOTIFICATION_SET_32, IDS(WORLD_MUTE, WORLD_SERVICE), 0, 1, 0);
    assert_int_equal(mute->ctx.x[0], FFA_SUCCESS_32);
}

static void test_versions(void **state)
{
    static const uint64_t fids[] = {FFA_NOTIFICATION_BIND_32,     FFA_NOTIFICATION_UNBIND_32,
                                    FFA_NOTIFICATION_SET_32,      FFA_NOTIFICATION_GET_32,
                                    FFA_NOTIFICATION_INFO_GET_32, FFA_NOTIFICATION_INFO_GET_64};

    (void)state;
    for (size_t i = 0; i < COUNT(fids); i++) {
        vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_0;
        WORLD_CALL(ffa_caller(), fids[i], 0);
        expect_error(FFA_NOT_SUPPORTED);
        WORLD_CALL(ffa_caller(), FFA_FEATURES_32, fids[i], 0);
        expect_error(FFA_NOT_SUPPORTED);
        vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_1;
        WORLD_CALL(ffa_caller(), FFA_FEATURES_32, fids[i], 0);
        expect_success(0, 0);
    }
    /* For the SPMC's normal world, not for VMs. */
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_BITMAP_CREATE_32, WORLD_PRIMARY, 1);
    expect_error(FFA_NOT_SUPPORTED);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_BITMAP_DESTROY_32, WORLD_PRIMARY);
    expect_error(FFA_NOT_SUPPORTED);
}

/* Targets of a VM become news for its scheduler. */
static void news(uint16_t vm, uint32_t targets)
{
    struct vm_locked locked = vm_lock(vm_find(vm));

    locked.vm->notif.unreported[NOTIF_FROM_VMS] |= (uint16_t)targets;
    notify_receiver(locked, 0);
    vm_unlock(locked);
}

static void expect_info(uint64_t fid, uint64_t x2, const uint64_t *ids)
{
    const uint64_t *x = ffa_caller()->ctx.x;

    assert_int_equal(x[0], fid);
    assert_int_equal(x[1], 0);
    assert_int_equal(x[2], x2);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(x[3 + i], ids[i]);
    }
    expect_preserved(8);
}

static void expect_no_data(uint64_t fid)
{
    WORLD_CALL(ffa_caller(), fid);
    expect_error(FFA_NO_DATA);
}

/* Endpoint 1 with five vCPUs, 2 with global ones, 3 with one vCPU. */
static void test_info_lists(void **state)
{
    (void)state;
    expect_no_data(FFA_NOTIFICATION_INFO_GET_64);
    news(WORLD_PRIMARY, 0x55 | NOTIF_VCPU(7));
    news(WORLD_SERVICE, NOTIF_GLOBAL);
    news(WORLD_MUTE, NOTIF_VCPU(1) | NOTIF_GLOBAL);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    /* 1: 0 2 4, 1: 6 7, 2, 3: 1 */
    expect_info(FFA_SUCCESS_64, 4 << 7 | UINT64_C(0x4b) << 12,
                (const uint64_t[]){UINT64_C(0x0004000200000001), UINT64_C(0x0002000700060001),
                                   UINT64_C(0x0000000000010003), 0, 0});
    expect_no_data(FFA_NOTIFICATION_INFO_GET_64);
    /* Set anew it is listed anew. */
    news(WORLD_SERVICE, NOTIF_GLOBAL);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    expect_info(FFA_SUCCESS_64, 1 << 7, (const uint64_t[]){WORLD_SERVICE, 0, 0, 0, 0});
    expect_no_data(FFA_NOTIFICATION_INFO_GET_32);
}

/* Twenty ids in the 64-bit form: the second VM's list is cut, the rest comes with the next call. */
static void test_info_overflow(void **state)
{
    (void)state;
    news(WORLD_PRIMARY, 0xff);
    news(WORLD_SERVICE, 0x7f | NOTIF_GLOBAL);
    news(WORLD_MUTE, NOTIF_GLOBAL);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    /* 1: 0 1 2, 1: 3 4 5, 1: 6 7, 2: 0 1 2, 2: 3 4 5, 3 */
    expect_info(FFA_SUCCESS_64, 6 << 7 | UINT64_C(0x3ef) << 12 | 1,
                (const uint64_t[]){UINT64_C(0x0002000100000001), UINT64_C(0x0005000400030001),
                                   UINT64_C(0x0002000700060001), UINT64_C(0x0002000200010000),
                                   UINT64_C(0x0003000500040003)});
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    expect_info(FFA_SUCCESS_64, 1 << 7 | 1 << 12,
                (const uint64_t[]){UINT64_C(0x60002), 0, 0, 0, 0});
    expect_no_data(FFA_NOTIFICATION_INFO_GET_64);
}

/* Ten in the 32-bit form. */
static void test_info_32(void **state)
{
    (void)state;
    news(WORLD_PRIMARY, 0x7f);
    news(WORLD_SERVICE, NOTIF_VCPU(1));
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_32);
    /* 1: 0 1 2, 1: 3 4 5, 1: 6; no room for 2: 1 but one id: nothing */
    expect_info(FFA_SUCCESS_32, 3 << 7 | UINT64_C(0x1f) << 12 | 1 << 0 | (0),
                (const uint64_t[]){0x00000001, 0x00020001, 0x00030001, 0x00050004, 0x00060001});
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_32);
    expect_info(FFA_SUCCESS_32, 1 << 7 | 1 << 12, (const uint64_t[]){0x00010002, 0, 0, 0, 0});
}

/* What was retrieved is listed no more, what others may still retrieve is. */
static void test_info_after_get(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 1);
    SET(WORLD_SERVICE, 0, 1, 0);
    GET(service, 0, FFA_NOTIFICATION_GET_VM);
    expect_no_data(FFA_NOTIFICATION_INFO_GET_64);
    SET(WORLD_SERVICE, 0, 1, 0);
    GET(service, 0, FFA_NOTIFICATION_GET_SP);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    expect_info(FFA_SUCCESS_64, 1 << 7, (const uint64_t[]){WORLD_SERVICE, 0, 0, 0, 0});
}

/* Who schedules nobody has no list. */
static void test_info_for_schedulers_only(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    news(WORLD_SERVICE, NOTIF_GLOBAL);
    WORLD_CALL(service, FFA_NOTIFICATION_INFO_GET_64);
    expect_error_of(service, FFA_NOT_SUPPORTED);
    WORLD_CALL(service, FFA_NOTIFICATION_INFO_GET_32);
    expect_error_of(service, FFA_NOT_SUPPORTED);
    WORLD_CALL(service, FFA_FEATURES_32, FFA_NOTIFICATION_INFO_GET_64, 0);
    expect_error_of(service, FFA_NOT_SUPPORTED);
}

/* A receiver that starts anew has nothing bound and nothing pending; one that is off neither. */
static void test_reset(void **state)
{
    struct vm *vm = vm_find(WORLD_SERVICE);

    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 3);
    SET(WORLD_SERVICE, 0, 1, 0);
    world_vcpu(WORLD_SERVICE, 0)->state = VCPU_OFF;
    power_vm_start(vm);
    expect_no_data(FFA_NOTIFICATION_INFO_GET_64);
    SET(WORLD_SERVICE, 0, 1, 0);
    expect_error(FFA_DENIED);
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 3);
    SET(WORLD_SERVICE, 0, 1, 0);
    world_enter(world_vcpu(WORLD_SERVICE, 0), 0);
    power_system_off(world_vcpu(WORLD_SERVICE, 0));
    world_enter(ffa_caller(), 0);
    assert_int_equal(vm->life, VM_OFF);
    expect_no_data(FFA_NOTIFICATION_INFO_GET_64);
    SET(WORLD_SERVICE, 0, 1, 0);
    expect_error(FFA_DENIED);
}

/* The sender starts anew: what it has set stays for its receiver, and so does the binding. */
static void test_sender_reset(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    notif_bind_ok(WORLD_SERVICE, WORLD_PRIMARY, 0, 3);
    SET(WORLD_SERVICE, 0, 1, 0);
    for (uint32_t i = 0; i < 4; i++) {
        world_vcpu(WORLD_PRIMARY, i)->state = VCPU_OFF;
    }
    world.injections = 0;
    power_vm_start(vm_find(WORLD_PRIMARY));
    /* It is the service's scheduler, too: told again. */
    assert_int_equal(world.injections, 1);
    assert_int_equal(world.injected_intid, 8);
    world_enter(ffa_caller(), 0);
    SET(WORLD_SERVICE, 0, 2, 0);
    expect_success(0, 0);
    GET(service, 0, FFA_NOTIFICATION_GET_VM);
    expect_got(service, 3, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, world_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_global),         TEST(test_per_vcpu),
        TEST(test_refused),        TEST(test_without_support),
        TEST(test_versions),       TEST(test_info_lists),
        TEST(test_info_overflow),  TEST(test_info_32),
        TEST(test_info_after_get), TEST(test_info_for_schedulers_only),
        TEST(test_reset),          TEST(test_sender_reset),
    };

    return cmocka_run_group_tests_name("ffa_notif", tests, NULL, NULL);
}
