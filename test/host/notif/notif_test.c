/* SPDX-License-Identifier: BSD-3-Clause */
/* Notifications of one receiver: bindings, what is pending for whom, what was reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/obj/notif.h"

#define VM_A 2
#define VM_B 3
#define SP_A 0x8001

#define FROM(source) (UINT32_C(1) << (source))
#define FROM_ALL     (FROM(NOTIF_SOURCES) - 1)

static struct notif notif;

static int setup(void **state)
{
    (void)state;
    notif_reset(&notif);
    return 0;
}

static enum status set_global(uint16_t sender, uint64_t bits)
{
    return notif_set(&notif, &(struct notif_request){.bits = bits, .sender = sender});
}

static enum status set_vcpu(uint16_t sender, uint64_t bits, uint16_t vcpu)
{
    return notif_set(&notif, &(struct notif_request){
                                 .bits = bits, .sender = sender, .per_vcpu = true, .vcpu = vcpu});
}

static void bind(uint16_t sender, uint64_t bits, bool per_vcpu)
{
    assert_int_equal(notif_bind(&notif, sender, bits, per_vcpu), STATUS_OK);
}

static void expect_vm_bits(uint16_t vcpu, uint64_t bits)
{
    struct notif_taken taken = notif_take(&notif, vcpu, FROM_ALL);

    assert_int_equal(taken.bits[NOTIF_FROM_VMS], bits);
    assert_int_equal(taken.bits[NOTIF_FROM_SPS], 0);
    assert_int_equal(taken.framework[0], 0);
    assert_int_equal(taken.framework[1], 0);
}

static void test_global(void **state)
{
    (void)state;
    bind(VM_A, 0x8000000000000003, false);
    assert_int_equal(set_global(VM_A, 0x8000000000000001), STATUS_OK);
    assert_true(notif_is_waiting(&notif, 0));
    assert_true(notif_is_waiting(&notif, CONFIG_MAX_VCPUS - 1));
    assert_int_equal(set_global(VM_A, 1), STATUS_OK);
    /* Any vCPU takes them, once. */
    expect_vm_bits(3, 0x8000000000000001);
    assert_false(notif_is_waiting(&notif, 0));
    expect_vm_bits(0, 0);
}

static void test_per_vcpu(void **state)
{
    (void)state;
    bind(VM_A, 0xf0, true);
    assert_int_equal(set_vcpu(VM_A, 0x10, 0), STATUS_OK);
    assert_int_equal(set_vcpu(VM_A, 0x30, 7), STATUS_OK);
    assert_true(notif_is_waiting(&notif, 0));
    assert_false(notif_is_waiting(&notif, 1));
    assert_true(notif_is_waiting(&notif, 7));
    expect_vm_bits(1, 0);
    expect_vm_bits(7, 0x30);
    assert_false(notif_is_waiting(&notif, 7));
    assert_true(notif_is_waiting(&notif, 0));
    expect_vm_bits(0, 0x10);
}

static void test_sources_are_apart(void **state)
{
    struct notif_taken taken;

    (void)state;
    /* The same bit, once from a VM and once from an SP. */
    bind(VM_A, 1, false);
    bind(SP_A, 1, true);
    assert_int_equal(set_global(VM_A, 1), STATUS_OK);
    assert_int_equal(set_vcpu(SP_A, 1, 2), STATUS_OK);
    notif_set_framework(&notif, NOTIF_FROM_HYPERVISOR, 1);
    notif_set_framework(&notif, NOTIF_FROM_SPM, 5);

    taken = notif_take(&notif, 2, FROM(NOTIF_FROM_SPS));
    assert_int_equal(taken.bits[NOTIF_FROM_SPS], 1);
    assert_int_equal(taken.bits[NOTIF_FROM_VMS], 0);
    taken = notif_take(&notif, 2, FROM(NOTIF_FROM_SPM));
    assert_int_equal(taken.framework[0], 5);
    assert_int_equal(taken.framework[1], 0);
    assert_true(notif_is_waiting(&notif, 5));
    taken = notif_take(&notif, 2, FROM(NOTIF_FROM_HYPERVISOR) | FROM(NOTIF_FROM_VMS));
    assert_int_equal(taken.framework[1], 1);
    assert_int_equal(taken.bits[NOTIF_FROM_VMS], 1);
    assert_false(notif_is_waiting(&notif, 5));
    taken = notif_take(&notif, 2, 0);
    assert_int_equal(taken.bits[NOTIF_FROM_SPS] | taken.bits[NOTIF_FROM_VMS], 0);
}

static void test_bind_refused(void **state)
{
    (void)state;
    bind(VM_A, 0x0f, false);
    bind(VM_B, 0xf0, true);
    assert_int_equal(notif_bind(&notif, VM_B, 0x01, false), STATUS_DENIED);
    assert_int_equal(notif_bind(&notif, VM_B, 0x101, false), STATUS_DENIED);
    assert_int_equal(notif_bind(&notif, VM_A, 0x110, true), STATUS_DENIED);
    /* The other way. */
    assert_int_equal(notif_bind(&notif, VM_A, 0x01, true), STATUS_DENIED);
    assert_int_equal(notif_bind(&notif, VM_B, 0x10, false), STATUS_DENIED);
    /* Nothing has changed. */
    assert_int_equal(set_global(VM_A, 0x100), STATUS_DENIED);
    assert_int_equal(set_global(VM_B, 0x100), STATUS_DENIED);
    assert_int_equal(set_global(VM_A, 0x0f), STATUS_OK);
    /* Again the same is no mistake. */
    bind(VM_A, 0x1f00 | 0x01, false);
}

static void test_set_refused(void **state)
{
    (void)state;
    bind(VM_A, 0x3, false);
    bind(VM_B, 0xc, true);
    assert_int_equal(set_global(VM_B, 0x1), STATUS_DENIED);
    assert_int_equal(set_global(VM_A, 0x11), STATUS_DENIED);
    assert_int_equal(set_global(VM_A, 0x5), STATUS_DENIED);
    assert_int_equal(set_global(0, 0x10), STATUS_DENIED);
    assert_int_equal(set_global(SP_A, 0x1), STATUS_DENIED);
    assert_int_equal(set_vcpu(VM_A, 0x1, 0), STATUS_INVALID);
    assert_int_equal(set_global(VM_B, 0x4), STATUS_INVALID);
    expect_vm_bits(0, 0);
    assert_int_equal(notif_unreported(&notif), 0);
}

static void test_unbind(void **state)
{
    (void)state;
    bind(VM_A, 0x3, false);
    bind(VM_A, 0xc, true);
    assert_int_equal(set_global(VM_A, 0x1), STATUS_OK);
    assert_int_equal(set_vcpu(VM_A, 0x8, 6), STATUS_OK);
    assert_int_equal(notif_unbind(&notif, VM_A, 0x3), STATUS_DENIED);
    assert_int_equal(notif_unbind(&notif, VM_A, 0xc), STATUS_DENIED);
    assert_int_equal(notif_unbind(&notif, VM_B, 0x2), STATUS_DENIED);
    assert_int_equal(notif_unbind(&notif, VM_A, 0x12), STATUS_DENIED);
    assert_int_equal(notif_unbind(&notif, VM_A, 0x6), STATUS_OK);
    assert_int_equal(set_global(VM_A, 0x2), STATUS_DENIED);
    assert_int_equal(notif_unbind(&notif, VM_A, 0x2), STATUS_DENIED);
    /* Free for others, and for the other kind. */
    bind(VM_B, 0x2, true);
    bind(VM_B, 0x4, false);
    expect_vm_bits(6, 0x9);
    assert_int_equal(notif_unbind(&notif, VM_A, 0x9), STATUS_OK);
}

static void test_reported(void **state)
{
    (void)state;
    bind(VM_A, 0x1, false);
    bind(VM_A, 0x2, true);
    assert_int_equal(set_global(VM_A, 1), STATUS_OK);
    assert_int_equal(set_vcpu(VM_A, 2, 3), STATUS_OK);
    assert_int_equal(notif_unreported(&notif), NOTIF_GLOBAL | NOTIF_VCPU(3));
    notif_report(&notif, NOTIF_GLOBAL);
    assert_int_equal(notif_unreported(&notif), NOTIF_VCPU(3));
    /* Pending all the same; set anew it is news. */
    assert_true(notif_is_waiting(&notif, 0));
    assert_int_equal(set_global(VM_A, 1), STATUS_OK);
    assert_int_equal(notif_unreported(&notif), NOTIF_GLOBAL | NOTIF_VCPU(3));
    /* What was retrieved needs no report. */
    expect_vm_bits(0, 1);
    assert_int_equal(notif_unreported(&notif), NOTIF_VCPU(3));
    expect_vm_bits(3, 2);
    assert_int_equal(notif_unreported(&notif), 0);
}

/* Something reported stays, something new from another source is retrieved: nothing to report. */
static void test_reported_by_source(void **state)
{
    (void)state;
    bind(VM_A, 1, false);
    notif_set_framework(&notif, NOTIF_FROM_HYPERVISOR, 1);
    notif_report(&notif, NOTIF_GLOBAL);
    assert_int_equal(set_global(VM_A, 1), STATUS_OK);
    (void)notif_take(&notif, 0, FROM(NOTIF_FROM_VMS));
    assert_int_equal(notif_unreported(&notif), 0);
    assert_true(notif_is_waiting(&notif, 0));
}

static void test_reset(void **state)
{
    (void)state;
    bind(VM_A, UINT64_MAX, false);
    assert_int_equal(set_global(VM_A, UINT64_MAX), STATUS_OK);
    notif_set_framework(&notif, NOTIF_FROM_HYPERVISOR, 1);
    notif_reset(&notif);
    assert_false(notif_is_waiting(&notif, 0));
    assert_int_equal(notif_unreported(&notif), 0);
    assert_int_equal(set_global(VM_A, 1), STATUS_DENIED);
    expect_vm_bits(0, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_global),       TEST(test_per_vcpu),           TEST(test_sources_are_apart),
        TEST(test_bind_refused), TEST(test_set_refused),        TEST(test_unbind),
        TEST(test_reported),     TEST(test_reported_by_source), TEST(test_reset),
    };

    return cmocka_run_group_tests_name("notif", tests, NULL, NULL);
}
