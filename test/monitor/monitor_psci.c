/* SPDX-License-Identifier: BSD-3-Clause */
/* PSCI for the normal world. Source: DEN0022. */
#include "monitor.h"

#include <stddef.h>

#include "vmapi/vm_psci.h"
#include "vmapi/vm_smccc.h"

#define SECURE_GPIO UINT64_C(0x090b0000) /* pin 0 switches the machine off, pin 1 resets it */

static void gpio_raise(uint32_t pin)
{
    volatile uint32_t *direction = (volatile uint32_t *)(SECURE_GPIO + 0x400);
    volatile uint32_t *data = (volatile uint32_t *)(SECURE_GPIO + (UINT64_C(4) << pin));

    *direction |= UINT32_C(1) << pin;
    *data = UINT32_C(1) << pin;
    for (;;) {
        __asm__ volatile("wfi");
    }
}

static struct monitor_cpu *find(uint64_t mpidr)
{
    return mpidr < MONITOR_CPUS ? &monitor_cpus[mpidr] : NULL;
}

static int64_t cpu_on(uint64_t mpidr, uint64_t entry, uint64_t argument)
{
    struct monitor_cpu *target = find(mpidr);

    if (target == NULL) {
        return PSCI_E_INVALID_PARAMETERS;
    }
    if (*(volatile enum power *)&target->power != POWER_OFF) {
        return PSCI_E_ALREADY_ON;
    }
    target->entry = entry;
    target->argument = argument;
    __asm__ volatile("dsb sy" : : : "memory");
    *(volatile enum power *)&target->power = POWER_PENDING;
    monitor_wake(mpidr);
    return 0;
}

static int64_t affinity_info(uint64_t mpidr)
{
    struct monitor_cpu *target = find(mpidr);

    if (target == NULL) {
        return PSCI_E_INVALID_PARAMETERS;
    }
    return *(volatile enum power *)&target->power == POWER_OFF ? 1 : 0;
}

void monitor_cpu_off(struct monitor_cpu *cpu)
{
    /* The registers of the SPMC are kept, for MONITOR_OLD_ENTRY. */
    monitor_switch(cpu, NORMAL);
    monitor_wake_enable(cpu);
    *(volatile enum power *)&cpu->power = POWER_OFF;
    monitor_park(cpu);
}

/* The SPMC is told, and told again: it wakes at once. TF-A tells nobody. */
static void cpu_suspend(struct monitor_cpu *cpu)
{
    const uint64_t *x = cpu->frame->x;
    uint64_t arguments[3] = {x[1], x[2], x[3]};

    monitor_message(cpu, 0, (uint32_t)x[0], PSCI_CPU_SUSPEND_32);
    for (uint32_t i = 0; i < 3; i++) {
        cpu->frame->x[4 + i] = (uint32_t)arguments[i];
    }
}

/* An operating system asks for these before it uses anything else. */
static int64_t features(uint64_t fid)
{
    switch ((uint32_t)fid & ~(UINT32_C(1) << 30)) {
    case SMCCC_VERSION_FID:
    case PSCI_VERSION_FID:
    case PSCI_CPU_SUSPEND_32:
    case PSCI_CPU_OFF_FID:
    case PSCI_CPU_ON_32:
    case PSCI_AFFINITY_INFO_32:
    case PSCI_SYSTEM_OFF_FID:
    case PSCI_SYSTEM_RESET_FID:
    case PSCI_FEATURES_FID:
        return 0;
    default:
        return PSCI_E_NOT_SUPPORTED;
    }
}

bool monitor_psci(struct monitor_cpu *cpu)
{
    uint64_t *x = cpu->frame->x;

    switch ((uint32_t)x[0] & ~(UINT32_C(1) << 30)) {
    case PSCI_VERSION_FID:
        x[0] = PSCI_V1_1;
        return true;
    case PSCI_FEATURES_FID:
        x[0] = (uint64_t)features(x[1]);
        return true;
    case SMCCC_VERSION_FID:
        x[0] = SMCCC_V1_2;
        return true;
    case PSCI_CPU_SUSPEND_32:
        cpu_suspend(cpu);
        return true;
    case PSCI_CPU_OFF_FID:
        monitor_message(cpu, 0, PSCI_CPU_OFF_FID, PSCI_CPU_OFF_FID);
        return true;
    case PSCI_CPU_ON_32:
        x[0] = (uint64_t)cpu_on(x[1], x[2], x[3]);
        return true;
    case PSCI_AFFINITY_INFO_32:
        x[0] = (uint64_t)affinity_info(x[1]);
        return true;
    case PSCI_SYSTEM_OFF_FID:
        gpio_raise(0);
        return true;
    case PSCI_SYSTEM_RESET_FID:
        gpio_raise(1);
        return true;
    default:
        return false;
    }
}
