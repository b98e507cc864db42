/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI of the firmware below, by SMC. Source: DEN0022 5.1. */
#include "bh/arch/arch_cpu.h"
#include "bh/base/log.h"

#define PSCI_CPU_ON_64  UINT64_C(0xc4000003)
#define PSCI_SYSTEM_OFF UINT64_C(0x84000008)

int64_t arch_psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context)
{
    struct arch_smc_regs regs = {.x = {PSCI_CPU_ON_64, mpidr, entry, context}};

    arch_smc(&regs);
    /* An SMC32-only firmware would answer with 32 bits; error codes are negative in both. */
    return (int32_t)(uint32_t)regs.x[0];
}

void arch_psci_system_off(void)
{
    struct arch_smc_regs regs = {.x = {PSCI_SYSTEM_OFF}};

    arch_smc(&regs);
    log_error("firmware refused SYSTEM_OFF: %llx", (unsigned long long)regs.x[0]);
    arch_halt();
}

void arch_halt(void)
{
    for (;;) {
        __asm__ volatile("wfi" : : : "memory");
    }
}
