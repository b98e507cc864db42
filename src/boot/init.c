/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Boot from the first C instruction to the first guest instruction, in order, on one screen.
 */
#include "bh/arch/arch_cache.h"
#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/boot/boot.h"
#include "bh/boot/bootinfo.h"
#include "bh/boot/plan.h"
#include "bh/boot/setup.h"
#include "bh/boot/usage.h"
#include "bh/drv/drv.h"
#include "bh/mem/pool.h"
#include "bh/mem/stage1.h"
#include "bh/mem/window.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/console.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/nwd.h"
#include "bh/svc/nwd_box.h"
#include "bh/svc/power.h"
#include "bh/svc/spmc_below.h"
#include "bh/trap/trap.h"

#define FDT_LIMIT                 (UINT64_C(2) << 20) /* QEMU pads its tree to 1 MiB */
#define PLAN_LIMIT                (UINT64_C(1) << 20)
#define SECONDARY_TIMEOUT_SECONDS 5

extern const char core_text_begin[], core_text_end[], core_rodata_begin[], core_rodata_end[];
extern const char core_data_begin[], core_image_end[], core_stacks[];
extern const char boot_secondary_entry[];
extern const char world_call[] __attribute__((weak)); /* the SPMC's */

_Noreturn void entry_run(struct cpu *cpu, const char *stack_top);

/* By CPU index, for boot.S. */
uint64_t boot_cpu_mpidr[BH_MAX_CPUS];

static struct system_config system_config;
static struct bootinfo bootinfo;

static struct pa_range range_of(const char *begin, const char *end)
{
    return (struct pa_range){pa_init((uintptr_t)begin), (uint64_t)(end - begin)};
}

static struct pa_range core_range(void)
{
    return (struct pa_range){pa_init(BH_CORE_BASE), (uintptr_t)core_image_end - BH_CORE_BASE};
}

static void map_core(const struct system_config *config)
{
    stage1_init();
    stage1_map(range_of(core_text_begin, core_text_end), STAGE1_CODE);
    stage1_map(range_of(core_rodata_begin, core_rodata_end), STAGE1_CONST);
    stage1_map(range_of(core_data_begin, core_image_end), STAGE1_DATA);
    for (uint32_t i = 0; i <= BH_MAX_CPUS; i++) {
        /* The lowest page of each stack, and the page above the last: overflow faults at once. */
        stage1_unmap_page(pa_init((uintptr_t)core_stacks + i * BH_STACK_STRIDE));
    }
    boot_map_system(config);
}

static const char *stack_top(const struct cpu *cpu)
{
    return core_stacks + (cpu->index + 1) * BH_STACK_STRIDE;
}

static void refuse_if(enum status status, const char *what)
{
    if (status != STATUS_OK) {
        panic("boot stopped: %s", what);
    }
}

static void read_plan(uint64_t fdt)
{
    const void *plan = core_image_end;

    if (!role_is_secure()) {
        refuse_if(bootinfo_read((const void *)fdt, FDT_LIMIT, &bootinfo),
                  "the loader's device tree can't be read");
    }
    refuse_if(plan_read_head(plan, PLAN_LIMIT, &system_config), "no valid plan behind the core");
    refuse_if(plan_check_build(&system_config, BH_PLATFORM, core_range()), "not this core's plan");
    pool_init(system_config.pool);
    map_core(&system_config);
    stage1_enable();
    refuse_if(plan_read_vms(plan, &system_config, pool_alloc), "the plan can't be read");
    refuse_if(plan_check(&system_config), "the plan breaks a rule");
    if (role_is_secure()) {
        system_config.vm[CONFIG_WORLD_ID].entry = (uintptr_t)world_call;
        spmc_discover_logical();
    } else {
        refuse_if(bootinfo_compare(&bootinfo, &system_config), "this is not the plan's board");
        spmc_discover(&system_config);
    }
    config_set(&system_config);
}

/* The others read it with their caches off. */
static void publish_cpus(void)
{
    for (uint32_t i = 0; i < BH_MAX_CPUS; i++) {
        boot_cpu_mpidr[i] = i < cpu_count() ? cpu_get(i)->mpidr : UINT64_MAX;
    }
    arch_cache_clean(boot_cpu_mpidr, sizeof(boot_cpu_mpidr));
}

/* What each CPU sets up for itself. */
static void init_cpu(struct cpu *cpu)
{
    arch_irq_init();
    drv_gic_init_cpu(cpu->index, cpu->mpidr);
    irq_route_init_cpu();
    sysreg_id_init();
    __atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
    arch_send_event();
}

static void start_secondary(struct cpu *cpu)
{
    uint64_t limit = arch_counter() + SECONDARY_TIMEOUT_SECONDS * arch_counter_frequency();
    int64_t result = arch_psci_cpu_on(cpu->mpidr, (uint64_t)(uintptr_t)boot_secondary_entry, 0);

    if (result != 0) {
        panic("boot stopped: CPU %u (mpidr 0x%lx): PSCI CPU_ON gives %d", cpu->index,
              (unsigned long)cpu->mpidr, (int)result);
    }
    while (!__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE)) {
        if (arch_counter() > limit) {
            panic("boot stopped: CPU %u (mpidr 0x%lx) does not come up", cpu->index,
                  (unsigned long)cpu->mpidr);
        }
        arch_cpu_relax();
    }
}

/* The SPMC's CPUs come up when the normal world starts them. */
static void start_secondaries(void)
{
    if (role_is_secure()) {
        nwd_register_entry((uintptr_t)boot_secondary_entry);
        return;
    }
    for (uint32_t i = 1; i < cpu_count(); i++) {
        start_secondary(cpu_get(i));
    }
}

static void start_vms_of(enum vm_scheduling scheduling)
{
    for (uint32_t i = 0; i < vm_count(); i++) {
        if (vm_get_index(i)->config->scheduling == scheduling) {
            power_vm_start(vm_get_index(i));
        }
    }
}

/* Scheduled VMs first: a pinned one runs at once, and those that it schedules are to be ready. */
static void start_vms(void)
{
    start_vms_of(VM_SCHEDULED);
    start_vms_of(VM_PINNED);
}

_Noreturn void boot_primary(uint64_t fdt)
{
    struct cpu *cpu = cpu_get(0);

    cpu->mpidr = arch_cpu_mpidr();
    arch_cpu_set_self(cpu);
    drv_uart_init(pa_init(BH_UART_BASE));
    panic_init(arch_psci_system_off); /* one CPU that stops must not leave the others running */
    log_init(console_log_sink, LOG_NOTICE);
    arch_el2_init();
    read_plan(fdt);
    log_init(console_log_sink, (enum log_level)system_config.log_level);

    cpu_init_all(&system_config.board);
    publish_cpus();
    drv_uart_init(system_config.board.uart.base);
    drv_gic_init(&system_config.board);
    window_init(cpu_count(), system_config.vm_count + nwd_boxes(&system_config));
    vm_init_all(&system_config);
    boot_vm_setup_all(&bootinfo);
    if (role_is_secure()) {
        nwd_init();
    }
    irq_route_init(&system_config);
    init_cpu(cpu);
    start_secondaries();
    log_notice("Bulkhead: %u partitions on %u CPUs, %lu of %lu pool pages used", vm_count(),
               cpu_count(), (unsigned long)pool_used_pages(), (unsigned long)pool_total_pages());
    boot_usage_print();
    console_start();
    start_vms();
    if (role_is_secure()) {
        nwd_learn_version();
        nwd_cpu_start(cpu);
    }
    entry_run(cpu, stack_top(cpu));
}

_Noreturn void boot_secondary(uint64_t index)
{
    struct cpu *cpu = cpu_get((uint32_t)index);

    arch_cpu_set_self(cpu);
    arch_el2_init();
    stage1_enable();
    init_cpu(cpu);
    if (role_is_secure()) {
        nwd_cpu_start(cpu);
    }
    entry_run(cpu, stack_top(cpu));
}
