/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What images written for the established binding rely on: the primary of vm_contract, and the
 * partitions that it runs. docs/decisions/010-established-images.md
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/abi/psci.h"
#include "chain_fixture.h"

static struct vcpu *primary(void)
{
    return PRIMARY(0);
}

static int setup(void **state)
{
    chain_setup(state);
    world.vm[WORLD_PRIMARY - 1].contract = VM_CONTRACT_PRIMARY;
    world.vm[WORLD_SERVICE - 1].contract = VM_CONTRACT_SECONDARY;
    return 0;
}

static void expect_not_run(struct vcpu *target, uint64_t ns)
{
    assert_ptr_equal(chain_accept(0, chain_run(primary(), target)), primary());
    chain_expect(primary(), FFA_RUN_WAIT_FOR_INTERRUPT, chain_info(target), 0);
    assert_int_equal(primary()->ctx.x[2], ns);
    assert_int_equal(primary()->state, VCPU_RUNNING);
}

static void test_run_of_what_is_off(void **state)
{
    (void)state;
    SERVICE(1)->state = VCPU_OFF;
    expect_not_run(SERVICE(1), 0);
    assert_int_equal(SERVICE(1)->state, VCPU_OFF);
    SERVICE(1)->state = VCPU_ABORTED;
    assert_int_equal(chain_run(primary(), SERVICE(1)).status, STATUS_ABORTED);
}

static void test_run_of_what_is_blocked(void **state)
{
    (void)state;
    SERVICE(0)->state = VCPU_BLOCKED;
    SERVICE(0)->callee = PLAIN;
    expect_not_run(SERVICE(0), 0);
    SERVICE(0)->callee = NULL; /* it has yielded */
    assert_ptr_equal(chain_accept(0, chain_run(primary(), SERVICE(0))), SERVICE(0));
}

/* In WFI it runs only with a reason; 0 is for ever, and never what a timer says. */
static void test_run_of_what_sleeps(void **state)
{
    (void)state;
    assert_ptr_equal(chain_accept(0, chain_run(primary(), SERVICE(0))), SERVICE(0));
    chain_fixture.deadline = UINT64_MAX;
    assert_ptr_equal(chain_enter(0, chain_idle(SERVICE(0), false)), primary());
    chain_expect(primary(), FFA_RUN_WAIT_FOR_INTERRUPT, chain_info(SERVICE(0)), 0);
    assert_int_equal(primary()->ctx.x[2], 0);
    expect_not_run(SERVICE(0), 0);
    chain_fixture.deadline = CHAIN_DEADLINE;
    expect_not_run(SERVICE(0), (CHAIN_DEADLINE - CHAIN_NOW) * 1000000);
    chain_fixture.deadline = CHAIN_NOW;
    assert_ptr_equal(chain_accept(0, chain_run(primary(), SERVICE(0))), SERVICE(0));
    assert_ptr_equal(chain_enter(0, chain_idle(SERVICE(0), false)), primary());
    assert_int_equal(primary()->ctx.x[2], 1);
    chain_fixture.deadline = UINT64_MAX;
    world.irq_pending = true;
    assert_ptr_equal(chain_accept(0, chain_run(primary(), SERVICE(0))), SERVICE(0));
}

/* A WFE is no WFI. */
static void test_run_after_wfe(void **state)
{
    (void)state;
    assert_ptr_equal(chain_accept(0, chain_run(primary(), SERVICE(0))), SERVICE(0));
    assert_ptr_equal(chain_enter(0, chain_idle(SERVICE(0), true)), primary());
    chain_expect(primary(), FFA_YIELD_32, chain_info(SERVICE(0)), 0);
    assert_ptr_equal(chain_accept(0, chain_run(primary(), SERVICE(0))), SERVICE(0));
}

static void expect_error(const struct vcpu *vcpu, int32_t code)
{
    assert_int_equal(vcpu->ctx.x[0], FFA_ERROR_32);
    assert_int_equal(vcpu->ctx.x[2], (uint32_t)code);
}

static void test_primary_does_not_wait(void **state)
{
    (void)state;
    WORLD_CALL(primary(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
    expect_error(primary(), FFA_NOT_SUPPORTED);
    primary()->vm->ffa_version = FFA_VERSION_1_0;
    WORLD_CALL(primary(), FFA_MSG_POLL_32);
    expect_error(primary(), FFA_NOT_SUPPORTED);
    WORLD_CALL(primary(), FFA_YIELD_32, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(primary()->ctx.x[0], FFA_SUCCESS_32);
}

static void test_primary_is_not_listed(void **state)
{
    (void)state;
    WORLD_CALL(primary(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 1);
    assert_int_equal(primary()->ctx.x[0], FFA_SUCCESS_32);
    assert_int_equal(primary()->ctx.x[2], 3); /* two UUIDs of the service, the mute one */
    WORLD_CALL(primary(), FFA_PARTITION_INFO_GET_32, 1, 2, 3, 4, 1); /* its own UUID */
    expect_error(primary(), FFA_INVALID_PARAMETERS);
}

static void test_power_is_the_primarys(void **state)
{
    static const uint32_t numbers[] = {PSCI_SYSTEM_OFF_NR, PSCI_SYSTEM_RESET_NR,
                                       PSCI_SYSTEM_RESET2_NR};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        uint64_t fid = PSCI_FID_FIRST + numbers[i];

        assert_ptr_equal(WORLD_SMC(SERVICE(0), fid, 0), SERVICE(0));
        assert_int_equal((int64_t)SERVICE(0)->ctx.x[0], PSCI_NOT_SUPPORTED);
        WORLD_SMC(SERVICE(0), PSCI_FID_FIRST + PSCI_FEATURES_NR, fid);
        assert_int_equal((int64_t)SERVICE(0)->ctx.x[0], PSCI_NOT_SUPPORTED);
        WORLD_SMC(primary(), PSCI_FID_FIRST + PSCI_FEATURES_NR, fid);
        assert_int_equal(primary()->ctx.x[0], PSCI_SUCCESS);
    }
    assert_int_equal(SERVICE(0)->vm->life, VM_RUNNING);
}

static void start_second(uint16_t id)
{
    world_vcpu(id, 1)->state = VCPU_OFF;
    world_vcpu(id, 1)->cpu = NULL;
    WORLD_CALL(world_vcpu(id, 0), (PSCI_FID_FIRST + PSCI_CPU_ON_NR), 1, WORLD_RAM, 0);
    assert_int_equal(world_vcpu(id, 0)->ctx.x[0], PSCI_SUCCESS);
}

static void test_resets_know_the_contract(void **state)
{
    (void)state;
    start_second(WORLD_PRIMARY);
    assert_true(world.reset.pmu && !world.reset.no_pauth);
    start_second(WORLD_SERVICE);
    assert_true(world.reset.no_pauth && !world.reset.pmu);
    world.vm[WORLD_SERVICE - 1].contract = VM_CONTRACT_NONE;
    start_second(WORLD_SERVICE);
    assert_false(world.reset.pmu || world.reset.no_pauth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_run_of_what_is_off, setup),
        cmocka_unit_test_setup(test_run_of_what_is_blocked, setup),
        cmocka_unit_test_setup(test_run_of_what_sleeps, setup),
        cmocka_unit_test_setup(test_run_after_wfe, setup),
        cmocka_unit_test_setup(test_primary_does_not_wait, setup),
        cmocka_unit_test_setup(test_primary_is_not_listed, setup),
        cmocka_unit_test_setup(test_power_is_the_primarys, setup),
        cmocka_unit_test_setup(test_resets_know_the_contract, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
