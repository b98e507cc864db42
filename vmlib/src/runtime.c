/* SPDX-License-Identifier: BSD-3-Clause */
#include "vmlib.h"
#include "vmlib_start.h"

static struct vmlib_cpu cpus[VMLIB_MAX_CPUS];
static bool is_normal_world;

static void cpu_prepare(uint32_t index)
{
    struct vmlib_cpu *cpu = &cpus[index];

    *cpu = (struct vmlib_cpu){0};
    cpu->index = index;
    cpu->stack_top = (uint64_t)vmlib_stacks + (index + 1) * (uint64_t)VMLIB_STACK_SIZE;
}

void vmlib_irq_window(void)
{
    cpu_irq_enable();
    cpu_irq_disable();
}

bool vmlib_is_normal_world(void)
{
    return is_normal_world;
}

void vmlib_start(const uint64_t *registers, uint64_t from_el2)
{
    struct dtb_range uart = {0};

    is_normal_world = from_el2 != 0;
    cpu_prepare(0);
    sysreg_write(tpidr_el1, (uint64_t)&cpus[0]);
    exception_init_cpu();
    dtb_init(registers[0]);
    boot_info_init(registers);
    if (!dtb_try_reg("arm,pl011", 0, &uart)) {
        uart.base = 0;
    }
    console_init(uart.base);
    gic_init();

    int result = main();

    if (result != 0) {
        console_print("main returned %d\n", result);
    }
    psci_system_off();
}

void vmlib_secondary_start(struct vmlib_cpu *cpu)
{
    exception_init_cpu();
    cpu->entry(cpu->argument);
    smp_off();
}

static void (*context_entry)(uint64_t index);

void vmlib_context_start(uint32_t index)
{
    cpu_prepare(index);
    sysreg_write(tpidr_el1, (uint64_t)&cpus[index]);
    exception_init_cpu();
    context_entry(index);
}

bool smp_try_register_contexts(void (*fn)(uint64_t index))
{
    struct ffa_value result;

    context_entry = fn;
    cpu_dsb();
    result = ffa_call(FFA_SECONDARY_EP_REGISTER_64, (uint64_t)vmlib_context_entry);
    return !ffa_is_error(&result);
}

uint64_t smp_mpidr(uint32_t index)
{
    uint64_t mpidr;

    return dtb_try_cpu(index, &mpidr) ? mpidr : index;
}

uint32_t smp_count(void)
{
    return dtb_cpu_count();
}

int32_t vmlib_cpu_start(uint32_t index, void (*fn)(uint64_t), uint64_t argument)
{
    if (index == 0 || index >= VMLIB_MAX_CPUS) {
        return PSCI_E_INVALID_PARAMETERS;
    }
    cpu_prepare(index);
    cpus[index].entry = fn;
    cpus[index].argument = argument;
    cpu_dsb();
    return psci_cpu_on(smp_mpidr(index), (uint64_t)vmlib_secondary_entry, (uint64_t)&cpus[index]);
}

bool smp_wait_off(uint32_t index)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    while (psci_affinity_info(smp_mpidr(index)) != PSCI_IS_OFF) {
        if (timer_now() > end) {
            return false;
        }
        cpu_relax();
    }
    return true;
}

void smp_off(void)
{
    psci_call(PSCI_CPU_OFF_FID, 0, 0, 0);
    for (;;) {
        cpu_wfi();
    }
}

void cpu_wait_irq(const volatile uint32_t *flag, uint32_t value)
{
    cpu_irq_disable();
    while (atomic_read(flag) < value) {
        cpu_wfi();
        cpu_irq_enable();
        cpu_irq_disable();
    }
}

bool cpu_wait_irq_for(const volatile uint32_t *flag, uint32_t value, uint64_t milliseconds)
{
    uint64_t end = timer_now() + timer_from_ms(milliseconds);

    cpu_irq_enable();
    while (atomic_read(flag) < value && timer_now() < end) {
        cpu_relax();
    }
    cpu_irq_disable();
    return atomic_read(flag) >= value;
}

bool cpu_wait_flag(const volatile uint32_t *flag, uint32_t value)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    while (atomic_read(flag) < value && timer_now() < end) {
        cpu_relax();
    }
    return atomic_read(flag) >= value;
}
