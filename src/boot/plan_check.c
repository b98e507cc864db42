/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "bh/base/format.h"
#include "bh/base/libc.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/boot/plan.h"
#include "bh/boot/plan_rules.h"

#define PLAN_CHECK_TEXT  160u
#define GICR_FRAMES_SIZE UINT64_C(0x20000) /* RD_base and SGI_base of one CPU (IHI 0069, 12.10) */
#define PA_LIMIT         (UINT64_C(1) << 48)

void plan_check_refuse(struct plan_check *check, const struct vm_config *vm, const char *format,
                       ...)
{
    char text[PLAN_CHECK_TEXT];
    va_list args;

    va_start(args, format);
    format_vprint(text, sizeof(text), format, args);
    va_end(args);
    check->errors++;
    if (vm != NULL) {
        log_error("plan: /vms/vm@%x: %s", vm->id, text);
    } else {
        log_error("plan: %s", text);
    }
}

static bool plan_check_is_pages(struct pa_range range)
{
    return range.size != 0 && num_is_aligned(range.base.pa | range.size, PAGE_SIZE) &&
           num_is_within(range.base.pa, range.size, PA_LIMIT);
}

struct plan_check_named {
    const char *name;
    struct pa_range range;
};

static bool plan_check_is_memory(const struct board_config *board, struct pa_range range)
{
    for (uint32_t i = 0; i < board->memory_count; i++) {
        if (pa_range_contains(board->memory[i], range)) {
            return true;
        }
    }
    return false;
}

static void plan_check_core_ranges(struct plan_check *check)
{
    const struct system_config *config = check->config;
    const struct plan_check_named own[] = {
        {"image", config->core}, {"bundle", config->bundle}, {"pool", config->pool}};

    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(own); i++) {
        struct pa_range range = own[i].range;

        if (!plan_check_is_pages(range)) {
            plan_check_refuse(check, NULL, "/core: %s: 0x%lx, 0x%lx bytes: rule range-pages",
                              own[i].name, range.base.pa, range.size);
            continue;
        }
        if (!plan_check_is_memory(&config->board, range)) {
            plan_check_refuse(check, NULL,
                              "/core: %s: 0x%lx, 0x%lx bytes: not in memory: rule core-in-memory",
                              own[i].name, range.base.pa, range.size);
        }
        for (uint32_t n = 0; n < i; n++) {
            if (pa_range_overlaps(range, own[n].range)) {
                plan_check_refuse(check, NULL, "/core: %s: 0x%lx overlaps %s: rule core-disjoint",
                                  own[i].name, range.base.pa, own[n].name);
            }
        }
    }
}

static void plan_check_board_range(struct plan_check *check, const char *name,
                                   struct pa_range range, bool is_memory)
{
    const struct board_config *board = &check->config->board;

    if (!plan_check_is_pages(range)) {
        plan_check_refuse(check, NULL, "/board: %s: 0x%lx, 0x%lx bytes: rule range-pages", name,
                          range.base.pa, range.size);
        return;
    }
    for (uint32_t i = 0; !is_memory && i < board->memory_count; i++) {
        if (pa_range_overlaps(range, board->memory[i])) {
            plan_check_refuse(check, NULL,
                              "/board: %s: 0x%lx overlaps memory: rule device-outside-memory", name,
                              range.base.pa);
        }
    }
}

static void plan_check_board_ranges(struct plan_check *check)
{
    const struct board_config *board = &check->config->board;
    uint64_t frames = 0;

    for (uint32_t i = 0; i < board->memory_count; i++) {
        plan_check_board_range(check, "memory", board->memory[i], true);
    }
    for (uint32_t i = 0; i < board->memory_ns_count; i++) {
        plan_check_board_range(check, "memory-ns", board->memory_ns[i], false);
    }
    if (check->config->role == SYSTEM_HYPERVISOR && board->memory_ns_count != 0) {
        plan_check_refuse(check, NULL, "/board: memory-ns: not for a hypervisor: rule memory-ns");
    }
    plan_check_board_range(check, "gicd", board->gicd, false);
    plan_check_board_range(check, "uart", board->uart, false);
    for (uint32_t i = 0; i < board->gicr_count; i++) {
        plan_check_board_range(check, "gicr", board->gicr[i], false);
        frames += board->gicr[i].size / GICR_FRAMES_SIZE;
    }
    if (frames < board->cpu_count) {
        plan_check_refuse(check, NULL, "/board: gicr: room for %lu of %u CPUs: rule gicr-room",
                          frames, board->cpu_count);
    }
}

static void plan_check_board_irqs(struct plan_check *check)
{
    const struct board_config *board = &check->config->board;
    const struct {
        const char *name;
        uint32_t intid;
    } ppis[] = {{"irq-maintenance", board->irq_maintenance},
                {"irq-vtimer", board->irq_vtimer},
                {"irq-ptimer", board->irq_ptimer},
                {"irq-htimer", board->irq_htimer}};
    uint32_t seen = 0;

    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(ppis); i++) {
        if (ppis[i].intid == 0 && check->config->role == SYSTEM_SPMC) {
            continue; /* the normal world's */
        }
        if (ppis[i].intid < 16 || ppis[i].intid > 31) {
            plan_check_refuse(check, NULL, "/board: %s: %u is no PPI: rule board-interrupt",
                              ppis[i].name, ppis[i].intid);
        } else if ((seen & (UINT32_C(1) << ppis[i].intid)) != 0) {
            plan_check_refuse(check, NULL, "/board: %s: %u stands twice: rule board-interrupt",
                              ppis[i].name, ppis[i].intid);
        } else {
            seen |= UINT32_C(1) << ppis[i].intid;
        }
    }
    if (board->uart_irq == 0 && check->config->role == SYSTEM_SPMC) {
        return;
    }
    if (board->uart_irq < 32 || board->uart_irq > 1019) {
        plan_check_refuse(check, NULL, "/board: uart-irq: %u is no SPI: rule board-interrupt",
                          board->uart_irq);
    }
}

static void plan_check_board_cpus(struct plan_check *check)
{
    const struct board_config *board = &check->config->board;

    for (uint32_t i = 0; i < board->cpu_count; i++) {
        for (uint32_t n = 0; n < i; n++) {
            if (board->cpu_mpidr[i] == board->cpu_mpidr[n]) {
                plan_check_refuse(check, NULL,
                                  "/board: cpus[%u]: 0x%lx stands twice: rule cpu-unique", i,
                                  board->cpu_mpidr[i]);
            }
        }
    }
}

/* The interrupts of all VMs in one bit mask: a physical interrupt has one owner. */
static void plan_check_interrupt_owners(struct plan_check *check)
{
    const struct system_config *config = check->config;
    uint32_t seen[1024 / 32] = {0};

    for (uint32_t i = 0; i < config->vm_count; i++) {
        for (uint32_t n = 0; n < config->vm[i].irq_count; n++) {
            uint32_t intid = config->vm[i].irq[n].pintid & 1023;

            if ((seen[intid / 32] & (UINT32_C(1) << (intid % 32))) != 0) {
                plan_check_refuse(check, &config->vm[i],
                                  "interrupts[%u]: %u has an owner already: rule interrupt-owner",
                                  n, intid);
            }
            seen[intid / 32] |= UINT32_C(1) << (intid % 32);
        }
    }
}

/* No CPU belongs to two vCPUs. */
static void plan_check_cpu_owners(struct plan_check *check)
{
    const struct system_config *config = check->config;
    const struct vm_config *owner[BH_MAX_CPUS] = {NULL};

    for (uint32_t i = 0; i < config->vm_count; i++) {
        const struct vm_config *vm = &config->vm[i];

        for (uint32_t n = 0; vm->scheduling == VM_PINNED && n < vm->vcpu_count; n++) {
            uint32_t cpu = vm->vcpu[n].cpu;

            if (cpu >= config->board.cpu_count) {
                plan_check_refuse(check, vm, "vcpu-cpu[%u]: %u, there are %u CPUs: rule cpu-exists",
                                  n, cpu, config->board.cpu_count);
            } else if (owner[cpu] != NULL) {
                plan_check_refuse(check, vm,
                                  "vcpu-cpu[%u]: CPU %u belongs to vm@%x already: rule cpu-owner",
                                  n, cpu, owner[cpu]->id);
            } else {
                owner[cpu] = vm;
            }
        }
    }
}

enum status plan_check(const struct system_config *config)
{
    struct plan_check check = {.config = config};

    plan_check_core_ranges(&check);
    plan_check_board_ranges(&check);
    plan_check_board_irqs(&check);
    plan_check_board_cpus(&check);
    for (uint32_t i = 0; i < config->vm_count; i++) {
        const struct vm_config *vm = &config->vm[i];

        plan_check_identity(&check, vm);
        plan_check_cpus(&check, vm);
        plan_check_scheduler(&check, vm);
        plan_check_regions(&check, vm);
        plan_check_foreign(&check, vm);
        plan_check_images(&check, vm);
        plan_check_devices(&check, vm);
        plan_check_interrupts(&check, vm);
    }
    plan_check_interrupt_owners(&check);
    plan_check_cpu_owners(&check);
    return check.errors == 0 ? STATUS_OK : STATUS_INVALID;
}

enum status plan_check_build(const struct system_config *config, const char *platform,
                             struct pa_range core)
{
    struct plan_check check = {.config = config};

    if (strcmp(config->platform, platform) != 0) {
        plan_check_refuse(&check, NULL,
                          "/: platform: \"%s\", the core is built for \"%s\": "
                          "rule platform",
                          config->platform, platform);
    }
    if (config->core.base.pa != core.base.pa || config->core.size != core.size) {
        plan_check_refuse(&check, NULL,
                          "/core: image: 0x%lx, 0x%lx bytes, the core is at 0x%lx, 0x%lx bytes: "
                          "rule core-image",
                          config->core.base.pa, config->core.size, core.base.pa, core.size);
    }
    if (config->bundle.base.pa != core.base.pa + core.size) {
        plan_check_refuse(&check, NULL,
                          "/core: bundle: 0x%lx, not behind the core: rule core-image",
                          config->bundle.base.pa);
    }
    return check.errors == 0 ? STATUS_OK : STATUS_INVALID;
}
