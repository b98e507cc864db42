/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bulkhead-plan FILE: the core's own reader, checker and table builder on a plan, before anybody
 * boots it. Prints one line per broken rule and exits 1, or a JSON summary with the pages that boot
 * will draw and exits 0. Exit 2: no such file, wrong usage.
 *
 * The pool is host memory: EL2 reaches its own memory with VA = PA, and here VA is the host's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bh/base/libc.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/boot/bootinfo.h"
#include "bh/boot/plan.h"
#include "bh/boot/setup.h"
#include "bh/boot/usage.h"
#include "bh/mem/pool.h"
#include "bh/mem/stage1.h"
#include "bh/mem/window.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vm.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/nwd_box.h"

#define TOOL_EXIT_OK     0
#define TOOL_EXIT_BROKEN 1
#define TOOL_EXIT_USAGE  2

#define TOOL_PLAN_LIMIT (1u << 20)
/* Larger than any pool that a plan needs: 64 VMs with scattered memory. */
#define TOOL_POOL_PAGES 16384u
#define TOOL_POOL_ALIGN (UINT64_C(2) << 20)

static void tool_print_line(const char *line, uint32_t length)
{
    static const char prefix[] = "ERROR: ";
    uint32_t skip = strncmp(line, prefix, sizeof(prefix) - 1) == 0 ? sizeof(prefix) - 1 : 0;

    printf("%.*s\n", (int)(length - skip), line + skip);
}

static _Noreturn void tool_panic(void)
{
    exit(TOOL_EXIT_BROKEN);
}

/* NULL: not readable, said on stderr. */
static const void *tool_read_file(const char *name, uint64_t *size)
{
    static _Alignas(8) uint8_t data[TOOL_PLAN_LIMIT];
    FILE *file = fopen(name, "rb");

    if (file == NULL) {
        perror(name);
        return NULL;
    }
    *size = fread(data, 1, sizeof(data), file);
    (void)fclose(file);
    return data;
}

/* Where the plan's pool lies modulo any alignment that is asked of it: padding costs pages, too. */
static void tool_init_pool(const struct system_config *config)
{
    static uint64_t base; /* kept: nothing is lost that leak checkers look for */
    uint64_t size = TOOL_POOL_PAGES * PAGE_SIZE;

    base = (uintptr_t)aligned_alloc(TOOL_POOL_ALIGN, size + TOOL_POOL_ALIGN);
    pool_init((struct pa_range){
        pa_init(base + num_align_down(config->pool.base.pa % TOOL_POOL_ALIGN, PAGE_SIZE)), size});
}

/* The steps of boot that draw from the pool, in boot's order (init.c). */
static void tool_build(const struct system_config *config)
{
    static const struct bootinfo no_loader;

    config_set(config);
    cpu_init_all(&config->board);
    window_init(cpu_count(), config->vm_count + nwd_boxes(config));
    vm_init_all(config);
    boot_vm_setup_all(&no_loader);
    irq_route_init(config); /* as large as a GIC can be: the board's may be smaller */
}

static int tool_report(const struct system_config *config)
{
    uint64_t pages = pool_used_pages();
    struct boot_usage usage;

    boot_usage_get(&usage);

    if (pages > config->pool.size / PAGE_SIZE) {
        printf("plan: /core: pool: %lu pages, boot draws %lu: rule pool-size\n",
               config->pool.size / PAGE_SIZE, pages);
        return TOOL_EXIT_BROKEN;
    }
    printf("{\"ok\":true,\"pool_pages\":%lu,\"stage1_pages\":%lu,\"vms\":[", pages,
           stage1_pages_used());
    for (uint32_t i = 0; i < vm_count(); i++) {
        const struct vm *vm = vm_get_index(i);

        /* Names are printable, as checked; a quote or backslash would still break the JSON. */
        printf("%s{\"name\":\"", i == 0 ? "" : ",");
        for (const char *c = vm->config->name; *c != '\0'; c++) {
            printf("%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
        }
        struct boot_usage own = {0};

        boot_usage_add_vm(&own, vm);
        printf("\",\"stage2_pages\":%lu,\"interrupt_slots\":%u}", own.vm_tables,
               own.interrupt_slots);
    }
    printf("],\"used\":{\"pages\":%lu,\"core_tables\":%lu,\"vm_tables\":%lu,"
           "\"object_bytes\":%lu,\"vcpus\":%u,\"interrupt_slots\":%u,\"mailbox_pages\":%u,"
           "\"notified\":%u}}\n",
           usage.pool_pages, usage.core_tables, usage.vm_tables, usage.object_bytes, usage.vcpus,
           usage.interrupt_slots, usage.mailbox_pages, usage.notified);
    return TOOL_EXIT_OK;
}

int main(int argc, char **argv)
{
    static struct system_config config;
    uint64_t size = 0;

    if (argc != 2 || argv[1][0] == '-') {
        (void)fprintf(stderr, "usage: bulkhead-plan FILE\n"
                              "Checks a plan (device tree blob) as the core does at boot.\n");
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? TOOL_EXIT_OK : TOOL_EXIT_USAGE;
    }
    const void *plan = tool_read_file(argv[1], &size);

    if (plan == NULL) {
        return TOOL_EXIT_USAGE;
    }
    log_init(tool_print_line, LOG_WARNING);
    panic_init(tool_panic);
    if (plan_read_head(plan, size, &config) != STATUS_OK) {
        return TOOL_EXIT_BROKEN;
    }
    tool_init_pool(&config);
    if (plan_read_vms(plan, &config, pool_alloc) != STATUS_OK || plan_check(&config) != STATUS_OK) {
        return TOOL_EXIT_BROKEN;
    }
    stage1_init();
    stage1_map(config.core, STAGE1_DATA);
    boot_map_system(&config);
    tool_build(&config);
    return tool_report(&config);
}
