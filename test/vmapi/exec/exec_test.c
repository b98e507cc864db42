/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest runs: entry state, memory, hypercalls and what they must not touch, system registers by
 * policy, hidden features.
 */
#include "hftest.h"
#include "hftest_asm.h"
#include "vmapi/bh.h"
#include "vmapi/vm_smccc.h"

#define SCTLR_A UINT64_C(2)

TEST(exec, entry_state)
{
    EXPECT_EQ(sysreg_read(CurrentEL), 1u << 2);
    EXPECT_EQ(sysreg_read(SPSel), 1);
    EXPECT_EQ(sysreg_read(sctlr_el1) & 0x1005, 0); /* I, C, M */
    EXPECT_EQ(sysreg_read(mpidr_el1) & UINT64_C(0xff00ffffff), smp_mpidr(0));
    EXPECT_EQ(sysreg_read(mpidr_el1) >> 31 & 1, 1);
    EXPECT_NE(dtb_get(), NULL);
}

TEST(exec, counter_frequency)
{
    EXPECT_GE(timer_frequency(), 1000000);
}

/* The memory that the device tree names is there, from its first to its last word. */
TEST(exec, memory_is_there)
{
    struct dtb_range memory;

    ASSERT_TRUE(dtb_try_memory(0, &memory));
    EXPECT_EQ(memory.size % 4096, 0);
    uint64_t image = (uint64_t)&hftest_fail;
    uint64_t last = memory.base + memory.size - 8;

    EXPECT_TRUE(image >= memory.base && image < memory.base + memory.size);
    /* A page in the middle that neither image nor device tree uses. */
    uint64_t middle = (memory.base + memory.size / 2) & ~UINT64_C(7);

    io_write64(middle, 0x0123456789abcdef);
    EXPECT_EQ(io_read64(middle), 0x0123456789abcdef);
    exception_expect();
    (void)io_read64(last);
    (void)io_read64(memory.base);
    EXPECT_EQ(exception_expected().count, 0);
}

TEST(exec, own_mmu)
{
    static volatile uint64_t word = 1;

    mmu_enable();
    EXPECT_EQ(sysreg_read(sctlr_el1) & 5, 5);
    word = 0x55aa;
    uint32_t old = atomic_increment((volatile uint32_t *)&word);

    EXPECT_EQ(old, 0x55ab);
    /* Unaligned accesses are for memory that is normal. */
    uint64_t unaligned;

    __asm__ volatile("ldr %0, [%1, #1]" : "=r"(unaligned) : "r"(&word) : "memory");
    __asm__ volatile("dc civac, %0\n\tdsb sy" ::"r"(&word) : "memory");
    mmu_disable();
    EXPECT_EQ(word, 0x55ab);
    EXPECT_EQ(unaligned & 0xff, 0x55);
}

TEST(exec, cache_maintenance)
{
    static uint64_t line;

    exception_expect();
    __asm__ volatile("dc civac, %0\n\tdc cvac, %0\n\tdc cvau, %0\n\tdsb sy\n\tic ivau, %0\n\t"
                     "ic iallu\n\tdsb sy\n\tisb" ::"r"(&line)
                     : "memory");
    __asm__ volatile("dc zva, %0" ::"r"((uint64_t)&line & ~UINT64_C(63)) : "memory");
    /* dc zva of device memory (MMU off) faults at EL1; nothing else may. */
    EXPECT_LE(exception_expected().count, 1);
}

/* Calls `fid` with a pattern in x1..x30; bits of the result: which of x1..x30 came back changed. */
static uint64_t changed_by(uint64_t fid, bool smc, uint64_t *x0)
{
    uint64_t in[32];
    uint64_t out[32] = {0};
    uint64_t changed = 0;

    in[0] = fid;
    for (uint32_t i = 1; i < 31; i++) {
        in[i] = 0xa5a5000000000000 + i * 0x0101;
    }
    hftest_call_pattern(in, out, smc);
    for (uint32_t i = 1; i < 31; i++) {
        if (in[i] != out[i]) {
            changed |= UINT64_C(1) << i;
        }
    }
    *x0 = out[0];
    return changed;
}

TEST(exec, hvc_keeps_registers)
{
    uint64_t x0;

    EXPECT_EQ(changed_by(PSCI_VERSION_FID, false, &x0), 0);
    EXPECT_EQ(x0, PSCI_V1_1);
    EXPECT_EQ(changed_by(SMCCC_VERSION_FID, false, &x0), 0);
    EXPECT_EQ(x0, SMCCC_V1_2);
}

TEST(exec, smc_keeps_registers)
{
    uint64_t x0;

    EXPECT_EQ(changed_by(PSCI_VERSION_FID, true, &x0), 0);
    EXPECT_EQ(x0, PSCI_V1_1);
}

/* Unknown functions say so and change nothing else. */
TEST(exec, unknown_calls)
{
    static const uint64_t unknown[] = {
        0,
        1,
        0xff00,
        0x80000abc,
        0xc0000abc,
        0x82000000,
        0xc6000000,
        SMCCC_TRNG_VERSION_FID,
        SMCCC_VENDOR_HYP_UID_FID,
        SMCCC_ARCH_SOC_ID_FID,
        0xbf00ff01,
        UINT64_MAX,
        0xdeadbeef00001234,
    };
    uint64_t x0;

    for (uint32_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        for (uint32_t smc = 0; smc < 2; smc++) {
            uint64_t changed = changed_by(unknown[i], smc == 1, &x0);

            if (changed != 0 || (uint32_t)x0 != UINT32_MAX) {
                hftest_fail(__FILE__, __LINE__, "%s 0x%lx: x0 0x%lx, changed 0x%lx",
                            smc == 1 ? "smc" : "hvc", unknown[i], x0, changed);
            }
        }
    }
}

TEST(exec, smccc_discovery)
{
    EXPECT_EQ(psci_call(PSCI_FEATURES_FID, SMCCC_VERSION_FID, 0, 0), 0);
    EXPECT_EQ(ffa_call(SMCCC_VERSION_FID).x[0], SMCCC_V1_2);
    EXPECT_EQ(ffa_call(SMCCC_ARCH_FEATURES_FID, SMCCC_VERSION_FID).x[0], 0);
    EXPECT_EQ(ffa_call(SMCCC_ARCH_FEATURES_FID, 0x80007fff).x[0], SMCCC_UNKNOWN);
}

/* Bit 16 of a function id is a hint about SVE and no part of the id. */
TEST(exec, sve_hint_is_masked)
{
    EXPECT_EQ(ffa_call(PSCI_VERSION_FID | SMCCC_SVE_HINT_BIT).x[0], PSCI_V1_1);
    EXPECT_EQ(ffa_call(SMCCC_VERSION_FID | SMCCC_SVE_HINT_BIT).x[0], SMCCC_V1_2);
}

/* Only x0's low word is the function id of a 32-bit call. */
TEST(exec, upper_half_of_function_id)
{
    struct ffa_value result = ffa_call(UINT64_C(0xffffffff00000000) | PSCI_VERSION_FID);

    EXPECT_EQ(result.x[0], PSCI_V1_1);
}

/* No FF-A for a partition that is no endpoint of it (its manifest says no ffa-version). */
TEST(exec, no_ffa_without_version)
{
    struct ffa_value result = ffa_call(FFA_ID_GET_32);

    EXPECT_EQ(result.x[0], FFA_ERROR_32);
    EXPECT_EQ((uint32_t)result.x[2], (uint32_t)FFA_NOT_SUPPORTED);
    result = ffa_call(FFA_MSG_WAIT_32);
    EXPECT_EQ(result.x[0], FFA_ERROR_32);
    EXPECT_EQ((uint32_t)result.x[2], (uint32_t)FFA_NOT_SUPPORTED);
    result = ffa_call(FFA_RUN_32, ffa_target_make(1, 0));
    EXPECT_EQ(result.x[0], FFA_ERROR_32);
}

/* The para-virtual interrupt calls are not for partitions with a virtual GIC. */
TEST(exec, no_paravirtual_interrupts_with_a_gic)
{
    struct ffa_value result = ffa_call(BH_INTERRUPT_ENABLE, BH_INTID_TIMER, 1, 0);

    EXPECT_EQ((uint32_t)result.x[0], UINT32_MAX);
}

TEST(exec, wfe_and_sev)
{
    /* The event register is set: WFE falls through. */
    cpu_sev();
    cpu_wfe();
    __asm__ volatile("sevl\n\twfe" ::: "memory");
    __asm__ volatile("yield" ::: "memory");
}

TEST(exec, svc_goes_to_the_guest)
{
    exception_expect();
    __asm__ volatile("svc #7" ::: "memory");
    struct exception_record record = exception_expected();

    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_SVC);
    EXPECT_EQ(record.esr & 0xffff, 7);
}

TEST(exec, brk_goes_to_the_guest)
{
    exception_expect();
    __asm__ volatile("brk #3" ::: "memory");
    struct exception_record record = exception_expected();

    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_BRK);
}

TEST(exec, undefined_instruction)
{
    exception_expect();
    __asm__ volatile(".inst 0x00000000" ::: "memory");
    struct exception_record record = exception_expected();

    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_UNKNOWN);
}

/* Memory accesses at EL1 that fault in the guest's own Stage 1 stay its own business. */
TEST(exec, alignment_fault_is_the_guests)
{
    static uint64_t word[2];
    uint64_t value;

    sysreg_write(sctlr_el1, sysreg_read(sctlr_el1) | SCTLR_A);
    cpu_isb();
    exception_expect();
    __asm__ volatile("ldr %0, [%1, #1]" : "=r"(value) : "r"(word) : "memory");
    sysreg_write(sctlr_el1, sysreg_read(sctlr_el1) & ~SCTLR_A);
    cpu_isb();
    struct exception_record record = exception_expected();

    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_DATA_ABORT);
    EXPECT_EQ(ISS_FSC(record.esr), FSC_ALIGNMENT);
}
