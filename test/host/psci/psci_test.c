/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI 1.1 and SMCCC discovery as a VM sees them. Source: DEN0022, DEN0028. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/abi/psci.h"
#include "bh/abi/smccc.h"
#include "test/host/world/world.h"
#include "vmapi/bh.h"

#define PSCI(nr)   (PSCI_FID_FIRST + (nr))
#define PSCI64(nr) (PSCI(nr) | SMCCC_64)

static struct vcpu *caller(void)
{
    return world_vcpu(WORLD_PRIMARY, 0);
}

static int64_t result(void)
{
    return (int64_t)caller()->ctx.x[0];
}

/* Only x0 changes. */
static void assert_preserved(uint32_t from)
{
    for (uint32_t i = from; i < 31; i++) {
        assert_int_equal(caller()->ctx.x[i], world_pattern(i));
    }
}

static void test_version(void **state)
{
    (void)state;
    assert_ptr_equal(WORLD_CALL(caller(), PSCI(PSCI_VERSION_NR)), caller());
    assert_int_equal(result(), 0x10001);
    assert_preserved(1);
    WORLD_SMC(caller(), PSCI(PSCI_VERSION_NR) | SMCCC_SVE_HINT);
    assert_int_equal(result(), 0x10001);
    WORLD_CALL(caller(), UINT64_C(0xffffffff00000000) | PSCI(PSCI_VERSION_NR));
    assert_int_equal(result(), 0x10001);
}

static void test_features(void **state)
{
    static const struct {
        uint32_t fid;
        int64_t result;
    } rows[] = {
        {PSCI(PSCI_VERSION_NR), 0},
        {PSCI64(PSCI_VERSION_NR), -1},
        {PSCI(PSCI_FEATURES_NR), 0},
        {PSCI(PSCI_CPU_ON_NR), 0},
        {PSCI64(PSCI_CPU_ON_NR), 0},
        {PSCI(PSCI_CPU_OFF_NR), 0},
        {PSCI64(PSCI_CPU_OFF_NR), -1},
        {PSCI(PSCI_CPU_SUSPEND_NR), 0},
        {PSCI64(PSCI_CPU_SUSPEND_NR), 0},
        {PSCI64(PSCI_AFFINITY_INFO_NR), 0},
        {PSCI(PSCI_SYSTEM_OFF_NR), 0},
        {PSCI(PSCI_SYSTEM_RESET_NR), 0},
        {PSCI64(PSCI_SYSTEM_RESET2_NR), 0},
        {PSCI(PSCI_MIGRATE_INFO_TYPE_NR), 0},
        {PSCI(0x05), -1},   /* MIGRATE */
        {PSCI64(0x0e), -1}, /* SYSTEM_SUSPEND */
        {PSCI(0x13), -1},   /* MEM_PROTECT */
        {SMCCC_VERSION, 0}, /* tells Linux that SMCCC_VERSION may be called */
        {SMCCC_ARCH_FEATURES, -1},
        {0x84000063, -1},
        {0, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        WORLD_CALL(caller(), PSCI(PSCI_FEATURES_NR), rows[i].fid);
        assert_int_equal(result(), rows[i].result);
    }
}

static void test_unknown_psci(void **state)
{
    (void)state;
    for (uint32_t nr = 0; nr < PSCI_FID_COUNT; nr++) {
        WORLD_CALL(caller(), PSCI(PSCI_FEATURES_NR), PSCI(nr));
        if (result() == 0) {
            continue;
        }
        WORLD_SMC(caller(), PSCI(nr));
        assert_int_equal(result(), -1);
        assert_preserved(1);
    }
    assert_int_equal(world.smcs, 0);
}

static void test_smccc(void **state)
{
    static const uint64_t absent[] = {
        0x80000002, /* SOC_ID */
        0x80008000, /* WORKAROUND_1 */
        0x80007fff, /* WORKAROUND_2 */
        0x80003fff, /* WORKAROUND_3 */
        0xc5000020, /* PV_TIME_FEATURES */
        0x8600ff01, /* vendor hypervisor UID */
        0x84000050, /* TRNG_VERSION */
        0x8400005f, 0x840000f0, 0x00000000, 0x0000beef, 0xffffffff, 0x81000000, 0xb2000000,
    };

    (void)state;
    WORLD_CALL(caller(), SMCCC_VERSION);
    assert_int_equal(result(), 0x10002);
    assert_preserved(1);
    WORLD_CALL(caller(), SMCCC_ARCH_FEATURES, SMCCC_VERSION);
    assert_int_equal(result(), 0);
    WORLD_CALL(caller(), SMCCC_ARCH_FEATURES, SMCCC_ARCH_FEATURES);
    assert_int_equal(result(), 0);
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        WORLD_CALL(caller(), SMCCC_ARCH_FEATURES, absent[i]);
        assert_int_equal(result(), -1);
        WORLD_CALL(caller(), absent[i]);
        assert_int_equal(result(), -1);
        assert_preserved(1);
        WORLD_SMC(caller(), absent[i]);
        assert_int_equal(result(), -1);
        assert_preserved(1);
    }
    assert_int_equal(world.smcs, 0);
}

static void test_smc_allowed(void **state)
{
    struct vcpu *other = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    world.smc_reply = (struct arch_smc_regs){{10, 11, 12, 13, 14, 15, 16, 17, 18}};
    WORLD_SMC(caller(), 0xc2000002, 1, 2, 3, 4, 5, 6, UINT64_C(0x1122334455667788));
    assert_int_equal(world.smcs, 1);
    assert_int_equal(world.smc_seen.x[0], 0xc2000002);
    for (uint32_t i = 1; i < 7; i++) {
        assert_int_equal(world.smc_seen.x[i], i);
        assert_int_equal(caller()->ctx.x[i], 10 + i);
    }
    assert_int_equal(result(), 10);
    /* x7[15:0] is the partition for EL3, and the caller's own afterwards. */
    assert_int_equal(world.smc_seen.x[7], UINT64_C(0x1122334455660001));
    assert_int_equal(caller()->ctx.x[7], UINT64_C(0x1122334455667788));
    assert_preserved(8);

    /* Exact match, by SMC only, by this VM only. */
    WORLD_CALL(caller(), 0xc2000002);
    assert_int_equal(result(), -1);
    WORLD_SMC(caller(), 0x82000002);
    assert_int_equal(result(), -1);
    WORLD_SMC(other, 0xc2000002);
    assert_int_equal((int64_t)other->ctx.x[0], -1);
    assert_int_equal(world.smcs, 1);
}

static void test_paravirt(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    WORLD_CALL(service, BH_INTERRUPT_ENABLE, 40, 1, BH_INTERRUPT_FIQ);
    assert_int_equal(service->ctx.x[0], 0);
    assert_int_equal(world.virq_enabled, 40 | 1 << 16 | 1 << 17);
    WORLD_CALL(service, BH_INTERRUPT_ENABLE, 3, 0, BH_INTERRUPT_IRQ);
    assert_int_equal(world.virq_enabled, 3);
    WORLD_CALL(service, BH_INTERRUPT_GET);
    assert_int_equal(service->ctx.x[0], 33);

    WORLD_CALL(service, BH_INTERRUPT_ENABLE, 64, 1, 0);
    assert_int_equal(service->ctx.x[0], BH_INTERRUPT_REFUSED);
    WORLD_CALL(service, BH_INTERRUPT_ENABLE, UINT64_C(1) << 32, 1, 0);
    assert_int_equal(service->ctx.x[0], BH_INTERRUPT_REFUSED);
    WORLD_CALL(service, BH_INTERRUPT_ENABLE, 40, 2, 0);
    assert_int_equal(service->ctx.x[0], BH_INTERRUPT_REFUSED);
    WORLD_CALL(service, BH_INTERRUPT_ENABLE, 40, 1, 2);
    assert_int_equal(service->ctx.x[0], BH_INTERRUPT_REFUSED);

    /* Other calls of the range, other conduits, other interrupt models: unknown. */
    WORLD_CALL(service, 0xff0a, 1);
    assert_int_equal(service->ctx.x[0], UINT64_MAX);
    WORLD_SMC(service, BH_INTERRUPT_GET);
    assert_int_equal(service->ctx.x[0], UINT64_MAX);
    WORLD_CALL(caller(), BH_INTERRUPT_GET);
    assert_int_equal(result(), -1);
}

static void test_cpu_on(void **state)
{
    struct vcpu *target = world_vcpu(WORLD_PRIMARY, 2);

    (void)state;
    WORLD_CALL(caller(), PSCI64(PSCI_CPU_ON_NR), 0x100, WORLD_RAM + 0x40, UINT64_MAX);
    assert_int_equal(result(), 0);
    assert_ptr_equal(world.woken, target);
    assert_int_equal(target->state, VCPU_READY);
    assert_ptr_equal(world.reset_ctx, &target->ctx);
    assert_int_equal(world.reset.entry, WORLD_RAM + 0x40);
    assert_int_equal(world.reset.arg0, UINT64_MAX);
    assert_int_equal(world.reset.mpidr, 0x100);
    assert_true(world.reset.gic);
    assert_false(world.reset.trap_wfx);
    WORLD_CALL(caller(), PSCI64(PSCI_CPU_ON_NR), 0x100, WORLD_RAM, 0);
    assert_int_equal(result(), PSCI_ALREADY_ON);
    WORLD_CALL(caller(), PSCI64(PSCI_CPU_ON_NR), 0x0, WORLD_RAM, 0);
    assert_int_equal(result(), PSCI_ALREADY_ON);
}

static void test_cpu_on_32(void **state)
{
    (void)state;
    /* Upper halves are not part of a 32-bit call. */
    WORLD_CALL(caller(), PSCI(PSCI_CPU_ON_NR), UINT64_C(0xff00000101),
               WORLD_RAM | UINT64_C(1) << 40, UINT64_C(0x500000007));
    assert_int_equal(result(), 0);
    assert_int_equal(world.reset.entry, WORLD_RAM);
    assert_int_equal(world.reset.arg0, 7);
    assert_ptr_equal(world.woken, world_vcpu(WORLD_PRIMARY, 3));
}

/* Everything that a list may name, and nothing that the core answers itself. */
static void test_smc_allow_all(void **state)
{
    static const uint32_t never[] = {0x02000001, 0x80000002, 0x84000060, 0x840000ff};
    struct vcpu *other = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    world.vm[WORLD_SERVICE - 1].smc_allow_all = true;
    WORLD_SMC(other, 0xc2000002);
    WORLD_SMC(other, 0x84000050);
    assert_int_equal(world.smcs, 2);
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        WORLD_SMC(other, never[i]);
    }
    assert_int_equal(world.smcs, 2);
    WORLD_SMC(caller(), 0xc2000003);
    assert_int_equal(result(), -1);
}

static void test_cpu_on_refused(void **state)
{
    static const struct {
        uint64_t mpidr, entry;
        int64_t result;
    } rows[] = {
        {0x2, WORLD_RAM, PSCI_INVALID_PARAMETERS},
        {0x80000001, WORLD_RAM, PSCI_INVALID_PARAMETERS},
        {UINT64_C(0x100000001), WORLD_RAM, PSCI_INVALID_PARAMETERS},
        {0x2, 0, PSCI_INVALID_PARAMETERS},
        {0x1, 0, PSCI_INVALID_ADDRESS},
        {0x1, WORLD_RAM + 2, PSCI_INVALID_ADDRESS},
        {0x1, WORLD_RAM - 4, PSCI_INVALID_ADDRESS},
        {0x1, WORLD_RAM + WORLD_RAM_SIZE, PSCI_INVALID_ADDRESS},
        {0x1, WORLD_DEVICE, PSCI_INVALID_ADDRESS},
        {0x1, UINT64_MAX & ~UINT64_C(3), PSCI_INVALID_ADDRESS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        WORLD_CALL(caller(), PSCI64(PSCI_CPU_ON_NR), rows[i].mpidr, rows[i].entry, 0);
        assert_int_equal(result(), rows[i].result);
    }
    assert_int_equal(world_vcpu(WORLD_PRIMARY, 1)->state, VCPU_OFF);
    assert_int_equal(world.wakes, 0);
}

static void test_affinity_info(void **state)
{
    (void)state;
    WORLD_CALL(caller(), PSCI64(PSCI_AFFINITY_INFO_NR), 0, 0);
    assert_int_equal(result(), PSCI_AFFINITY_ON);
    WORLD_CALL(caller(), PSCI(PSCI_AFFINITY_INFO_NR), 0x101, 0);
    assert_int_equal(result(), PSCI_AFFINITY_OFF);
    WORLD_CALL(caller(), PSCI64(PSCI_AFFINITY_INFO_NR), 0x102, 0);
    assert_int_equal(result(), PSCI_INVALID_PARAMETERS);
    WORLD_CALL(caller(), PSCI64(PSCI_AFFINITY_INFO_NR), 0, 1);
    assert_int_equal(result(), PSCI_INVALID_PARAMETERS);
}

static void test_suspend(void **state)
{
    struct vcpu *scheduled = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    assert_ptr_equal(WORLD_CALL(caller(), PSCI64(PSCI_CPU_SUSPEND_NR), 0, 0, 0), caller());
    assert_int_equal(result(), 0);
    assert_int_equal(world.waits, 1);

    /* Something is pending: no wait. */
    world.irq_pending = true;
    WORLD_CALL(caller(), PSCI(PSCI_CPU_SUSPEND_NR), 0x1, 0, 0);
    assert_int_equal(result(), 0);
    assert_int_equal(world.waits, 1);

    WORLD_CALL(caller(), PSCI(PSCI_CPU_SUSPEND_NR), 0x04000000, 0, 0);
    assert_int_equal(result(), PSCI_INVALID_PARAMETERS);
    WORLD_CALL(caller(), PSCI64(PSCI_CPU_SUSPEND_NR), UINT64_C(1) << 32, 0, 0);
    assert_int_equal(result(), PSCI_INVALID_PARAMETERS);
    WORLD_CALL(caller(), PSCI64(PSCI_CPU_SUSPEND_NR), 0x10000, WORLD_RAM + 1, 0);
    assert_int_equal(result(), PSCI_INVALID_ADDRESS);

    world_enter(scheduled, 0);
    WORLD_CALL(scheduled, PSCI(PSCI_CPU_SUSPEND_NR), 0);
    assert_string_equal(world.chain_call, "idle");
    assert_int_equal(scheduled->ctx.x[0], 0);
}

static void test_suspend_down(void **state)
{
    (void)state;
    assert_ptr_equal(
        WORLD_CALL(caller(), PSCI64(PSCI_CPU_SUSPEND_NR), 0x10000, WORLD_RAM + 0x80, 99), caller());
    /* Starts anew: the CPU has to load all of it. */
    assert_null(world.self->current);
    assert_null(caller()->cpu);
    assert_int_equal(caller()->state, VCPU_RUNNING);
    assert_int_equal(caller()->ctx.elr, WORLD_RAM + 0x80);
    assert_int_equal(result(), 99);
}

static void test_migrate_info(void **state)
{
    (void)state;
    WORLD_CALL(caller(), PSCI(PSCI_MIGRATE_INFO_TYPE_NR));
    assert_int_equal(result(), 2);
}

static void test_reset2(void **state)
{
    (void)state;
    WORLD_CALL(caller(), PSCI64(PSCI_SYSTEM_RESET2_NR), 1);
    assert_int_equal(result(), PSCI_INVALID_PARAMETERS);
    WORLD_CALL(caller(), PSCI64(PSCI_SYSTEM_RESET2_NR), 0x80000000);
    assert_int_equal(result(), PSCI_INVALID_PARAMETERS);
    assert_int_equal(world.loads, 0);
    WORLD_CALL(caller(), PSCI64(PSCI_SYSTEM_RESET2_NR), 0);
    assert_int_equal(world.loads, 1);
}

#define TEST(name) cmocka_unit_test_setup(name, world_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_version),       TEST(test_features),    TEST(test_unknown_psci),
        TEST(test_smccc),         TEST(test_smc_allowed), TEST(test_smc_allow_all),
        TEST(test_cpu_on),        TEST(test_cpu_on_32),   TEST(test_cpu_on_refused),
        TEST(test_affinity_info), TEST(test_suspend),     TEST(test_suspend_down),
        TEST(test_migrate_info),  TEST(test_reset2),      TEST(test_paravirt),
    };

    return cmocka_run_group_tests_name("psci", tests, NULL, NULL);
}
