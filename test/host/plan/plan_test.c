/* SPDX-License-Identifier: BSD-3-Clause */
/* The plan reader and checker: one good plan is read completely, each rule refuses its bad plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bh/boot/plan.h"
#include "bh/mem/stage2.h"
#include "test/host/plan/plan_builder.h"

static _Alignas(8) uint8_t blob[PLAN_BUILDER_SIZE];
static struct system_config config;

static enum status read_all(void)
{
    enum status status = plan_read_head(blob, sizeof(blob), &config);

    if (status == STATUS_OK) {
        status = plan_read_vms(blob, &config, plan_builder_alloc);
    }
    return status == STATUS_OK ? plan_check(&config) : status;
}

static int setup(void **state)
{
    (void)state;
    plan_builder_base(blob);
    plan_builder_log_start();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    plan_builder_free_all();
    return 0;
}

static void test_good_plan_is_read_completely(void **state)
{
    (void)state;
    assert_int_equal(read_all(), STATUS_OK);
    assert_int_equal(plan_builder_log_lines(), 0);

    assert_string_equal(config.platform, "qemu_virt");
    assert_int_equal(config.core.base.pa, 0x40200000);
    assert_int_equal(config.pool.size, 0x100000);
    assert_int_equal(config.log_level, 2);
    assert_int_equal(config.board.cpu_count, 3);
    assert_int_equal(config.board.cpu_mpidr[2], 2);
    assert_int_equal(config.board.gicr_count, 1);
    assert_int_equal(config.board.gicr[0].size, 0xf60000);
    assert_int_equal(config.board.irq_htimer, 26);
    assert_int_equal(config.vm_count, 2);
}

static void test_good_vm_is_read_completely(void **state)
{
    (void)state;
    assert_int_equal(read_all(), STATUS_OK);
    const struct vm_config *vm = &config.vm[0];

    assert_string_equal(vm->name, "linux");
    assert_int_equal(vm->index, 0);
    assert_int_equal(vm->uuid_count, 2);
    assert_int_equal(vm->uuid[1].word[3], 8);
    assert_int_equal(vm->messaging[1], 1);
    assert_true(vm->notifications);
    assert_true(vm->bootargs_from_loader);
    assert_int_equal(vm->abort_action, VM_ABORT_RESTART);
    assert_int_equal(vm->vcpu_count, 2);
    assert_int_equal(vm->vcpu[1].mpidr, 1);
    assert_int_equal(vm->vcpu[1].cpu, 1);
    assert_int_equal(vm->region_count, 3);
    assert_int_equal(vm->region[2].ipa.ipa, UINT64_C(0x100000000));
    assert_int_equal(vm->region[2].pa.base.pa, 0x70000000);
    assert_int_equal(vm->region[0].attributes, STAGE2_DEVICE | STAGE2_R);
    assert_int_equal(vm->image[1].is_dtb, true);
    assert_int_equal(vm->irq[0].pintid, 48);
    assert_true(vm->irq[0].edge);
    assert_int_equal(vm->smc_allow_count, 0);
    assert_int_equal(vm->device_count, 2);
    assert_int_equal(vm->device[0].kind, DEVICE_GIC_V3);
    assert_int_equal(vm->device[0].size[1], 0x40000);
    assert_int_equal(vm->device[1].irq, 33);
    assert_true(vm->device[1].input);

    assert_int_equal(config.vm[1].scheduling, VM_SCHEDULED);
    assert_int_equal(config.vm[1].vcpu[0].cpu, CONFIG_CPU_NONE);
    assert_int_equal(config.vm[1].smc_allow[0], 0xc3000001);
    assert_int_equal(config.vm[1].device_count, 0);
}

/* ---- one bad plan a rule ---- */

enum change { CELLS, TEXT, REMOVE, NODE, NO_NODE };

struct bad_plan {
    const char *expected; /* part of the line */
    enum change change;
    const char *path, *property, *text;
    uint32_t count;
    uint32_t cell[28];
};

#define VM1  "/vms/vm@1"
#define VM2  "/vms/vm@2"
#define GIC  VM1 "/devices/gic"
#define UART VM1 "/devices/uart"

/* One region instead of the three of VM 1. */
#define REGION(ipa, pa, size, attributes)                                                          \
    CELLS, VM1, "regions", NULL, 8,                                                                \
    {                                                                                              \
        0, ipa, 0, pa, 0, size, 0, attributes                                                      \
    }
#define WORDS(path, property, n, ...)                                                              \
    CELLS, path, property, NULL, n,                                                                \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

#define SAYS(path_, property_, text_)                                                              \
    .change = TEXT, .path = path_, .property = property_, .text = text_
#define WITHOUT(path_, property_) .change = REMOVE, .path = path_, .property = property_

static const struct bad_plan bad_plans[] = {
    /* form */
    {"/: compatible: not \"bulkhead,plan-1\": rule plan-version", SAYS("/", "compatible", "other")},
    {"/vms/vm@1: entry: missing: rule property-required", WITHOUT(VM1, "entry")},
    {"/core: pool: missing: rule property-required", WITHOUT("/core", "pool")},
    {"/vms/vm@1: colour: unknown property: rule property-known", WORDS(VM1, "colour", 1, 1)},
    {"/vms/vm@1/extra: extra: unknown node: rule node-known", .change = NODE, .path = VM1,
     .property = "extra"},
    {"/: board: missing: rule node-required", .change = NO_NODE, .path = "/board"},
    {"/vms: 0 VMs, allowed are 1 to 64: rule vm-count", .change = NO_NODE, .path = "/vms"},
    {"regions: 12 bytes are no multiple of 32: rule property-size",
     WORDS(VM1, "regions", 3, 1, 2, 3)},
    {"entry: 2 entries, allowed are 1 to 1: rule property-count",
     WORDS(VM1, "entry", 4, 0, 0x50000000, 0, 0)},
    {"vcpu-cpu: 1 entries, but 2 vCPUs: rule property-count", WORDS(VM1, "vcpu-cpu", 1, 0)},
    {"messaging: 1 entries for 2 UUIDs: rule property-count", WORDS(VM1, "messaging", 1, 1)},
    {"scheduling: 0x2 in cell 0 is too large: rule value-range", WORDS(VM1, "scheduling", 1, 2)},
    {"id: 0xffc0 in cell 0 is too large: rule value-range", WORDS(VM2, "id", 1, 0xffc0)},
    {"vm@8001: id: 0x8001, is the secure world's: rule id-ascending", WORDS(VM2, "id", 1, 0x8001)},
    {"vm@1: id: the normal world, vm@0, comes first: rule id-world", WORDS("/", "role", 1, 1)},
    {"/board: memory-ns: not for a hypervisor: rule memory-ns",
     WORDS("/board", "memory-ns", 4, 0, 0x80000000, 0, 0x1000)},
    {"ipa-bits: 0x34 in cell 0 is too large: rule value-range", WORDS(VM1, "ipa-bits", 1, 52)},
    {"name: not a string: rule property-type", WORDS(VM1, "name", 1, 0x61626364)},
    {"name: longer than 39 characters: rule string-length",
     SAYS(VM1, "name", "a-name-of-exactly-40-characters, or 40..")},
    {"/vms/vm@1/devices/uart: kind: \"lamp\": rule device-kind", SAYS(UART, "kind", "lamp")},
    {"/vms/vm@1/devices/uart: input: missing: rule property-required", WITHOUT(UART, "input")},
    {"/vms/vm@1/devices/uart: spis: not for this kind of device: rule property-known",
     WORDS(UART, "spis", 1, 32)},

    /* core and board */
    {"/core: pool: 0x40320800, 0x100000 bytes: rule range-pages",
     WORDS("/core", "pool", 4, 0, 0x40320800, 0, 0x100000)},
    {"/core: pool: 0x90000000, 0x100000 bytes: not in memory: rule core-in-memory",
     WORDS("/core", "pool", 4, 0, 0x90000000, 0, 0x100000)},
    {"/core: bundle: 0x40210000 overlaps image: rule core-disjoint",
     WORDS("/core", "bundle", 4, 0, 0x40210000, 0, 0x110000)},
    {"/board: uart: 0x40000000 overlaps memory: rule device-outside-memory",
     WORDS("/board", "uart", 4, 0, 0x40000000, 0, 0x1000)},
    {"/board: gicr: room for 2 of 3 CPUs: rule gicr-room",
     WORDS("/board", "gicr", 4, 0, 0x080a0000, 0, 0x40000)},
    {"/board: irq-vtimer: 32 is no PPI: rule board-interrupt",
     WORDS("/board", "irq-vtimer", 1, 32)},
    {"/board: irq-htimer: 27 stands twice: rule board-interrupt",
     WORDS("/board", "irq-htimer", 1, 27)},
    {"/board: uart-irq: 27 is no SPI: rule board-interrupt", WORDS("/board", "uart-irq", 1, 27)},
    {"/board: cpus[2]: 0x1 stands twice: rule cpu-unique",
     WORDS("/board", "cpus", 6, 0, 0, 0, 1, 0, 1)},

    /* identity */
    {"/vms/vm@1: id: 0x1, must be above 0x1: rule id-ascending", WORDS(VM2, "id", 1, 1)},
    {"/vms/vm@0: id: 0x0, must be above 0x0: rule id-ascending", WORDS(VM1, "id", 1, 0)},
    {"/vms/vm@2: name: \"linux\" is also vm@1: rule name-unique", SAYS(VM2, "name", "linux")},
    {"name: empty or not printable: rule name-printable", SAYS(VM1, "name", "a b")},
    {"name: empty or not printable: rule name-printable", SAYS(VM1, "name", "")},
    {"uuids[1]: nil: rule uuid-nil", WORDS(VM1, "uuids", 8, 1, 2, 3, 4, 0, 0, 0, 0)},
    {"uuids[1]: same as uuids[0]: rule uuid-unique",
     WORDS(VM1, "uuids", 8, 1, 2, 3, 4, 1, 2, 3, 4)},
    {"ffa-version: 0x20000: rule ffa-version", WORDS(VM1, "ffa-version", 1, 0x20000)},
    {"notifications: 1, but no endpoint: rule ffa-notifications", WORDS(VM1, "ffa-version", 1, 0)},
    {"exception-level: EL0 needs one vCPU, paravirt, FF-A and no devices: rule el0",
     WORDS(VM1, "exception-level", 1, 1)},
    {"arg-register: 0x4 in cell 0 is too large", WORDS(VM1, "arg-register", 1, 4)},
    {"exception-level: 0x2 in cell 0 is too large", WORDS(VM1, "exception-level", 1, 2)},
    {"contract: vm@1 is the primary already: rule primary", WORDS(VM2, "contract", 1, 1)},
    {"ipa-bits: 31: rule ipa-bits", WORDS(VM1, "ipa-bits", 1, 31)},
    {"smc-allow[0]: 0x84000008: rule smc-allow", WORDS(VM1, "smc-allow", 1, 0x84000008)},
    {"smc-allow[0]: 0x84000070: rule smc-allow", WORDS(VM1, "smc-allow", 1, 0x84000070)},
    {"smc-allow[1]: 0x43000001: rule smc-allow",
     WORDS(VM1, "smc-allow", 2, 0xc3000001, 0x43000001)},

    /* CPUs and scheduling */
    {"vcpu-mpidr[1]: 0x80000001: rule mpidr-affinity",
     WORDS(VM1, "vcpu-mpidr", 4, 0, 0, 0, 0x80000001)},
    {"vcpu-mpidr[1]: 0x0 stands twice: rule mpidr-unique", WORDS(VM1, "vcpu-mpidr", 4, 0, 0, 0, 0)},
    {"vcpu-cpu[1]: 3, there are 3 CPUs: rule cpu-exists", WORDS(VM1, "vcpu-cpu", 2, 0, 3)},
    {"vcpu-cpu[1]: CPU 0 belongs to vm@1 already: rule cpu-owner", WORDS(VM1, "vcpu-cpu", 2, 0, 0)},
    {"vcpu-cpu[0]: 0, but the VM is scheduled: rule cpu-none", WORDS(VM2, "vcpu-cpu", 1, 0)},
    {"scheduler: 0x2, but the VM is pinned: rule scheduler", WORDS(VM1, "scheduler", 1, 2)},
    {"scheduler: no VM 0x7: rule scheduler", WORDS(VM2, "scheduler", 1, 7)},
    {"scheduler: 0x2: VMs schedule each other in a loop: rule scheduler-loop",
     WORDS(VM2, "scheduler", 1, 2)},

    /* memory */
    {"regions[0]: pa 0x40200000 overlaps the core: rule region-outside-core",
     REGION(0x50000000, 0x40200000, 0x1000, 7)},
    {"regions[0]: pa 0x40220000 overlaps the bundle: rule region-outside-bundle",
     REGION(0x50000000, 0x40220000, 0x1000, 7)},
    {"regions[0]: pa 0x40300000 overlaps the page pool: rule region-outside-pool",
     REGION(0x50000000, 0x40300000, 0x1000000, 7)},
    {"regions[0]: pa 0x8000000 overlaps the GIC distributor: rule region-outside-gic",
     REGION(0x50000000, 0x08000000, 0x1000, 9)},
    {"regions[0]: pa 0x80c0000 overlaps the GIC redistributors: rule region-outside-gic",
     REGION(0x50000000, 0x080c0000, 0x1000, 9)},
    {"regions[0]: pa 0x8080000 overlaps the GIC's ITS: rule region-outside-gic",
     REGION(0x50000000, 0x08080000, 0x1000, 9)},
    {"regions[0]: pa 0x9000000 overlaps the console UART: rule region-outside-uart",
     REGION(0x50000000, 0x09000000, 0x1000, 9)},
    {"regions[0]: pa 0x71000000 overlaps vm@1 regions[0]: rule region-owner",
     REGION(0x50000000, 0x71000000, 0x1000, 7)},
    {"regions[0]: pa 0x71000000 overlaps vm@1 regions[0]: rule region-owner",
     REGION(0x50000000, 0x71000000, 0x1000, 23)},
    {"regions[0]: pa 0x7fff0000, 0x20000 bytes, is not in memory: rule region-in-memory",
     REGION(0x50000000, 0x7fff0000, 0x20000, 7)},
    {"regions[0]: device pa 0x60000000 overlaps memory: rule device-outside-memory",
     REGION(0x50000000, 0x60000000, 0x1000, 11)},
    {"regions[0]: attributes 0xd: rule region-attributes",
     REGION(0x50000000, 0x0a000000, 0x1000, 13)},
    {"regions[0]: attributes 0x6: rule region-attributes",
     REGION(0x50000000, 0x60000000, 0x1000, 6)},
    {"regions: 0x40 in cell 6 is too large: rule value-range",
     REGION(0x50000000, 0x60000000, 0x1000, 64)},
    {"regions[0]: attributes 0x27: rule region-security",
     REGION(0x50000000, 0x60000000, 0x1000, 39)},
    {"regions[0]: ipa 0x50000800, pa 0x60000000, 0x1000 bytes: rule region-pages",
     REGION(0x50000800, 0x60000000, 0x1000, 7)},
    {"regions[0]: ipa 0x50000000, pa 0x60000000, 0x0 bytes: rule region-pages",
     REGION(0x50000000, 0x60000000, 0, 7)},
    {"regions[0]: ipa 0xfffff000, 0x2000 bytes, ipa-bits 32: rule region-ipa-space",
     WORDS(VM2, "regions", 8, 0, 0xfffff000, 0, 0x71000000, 0, 0x2000, 0, 7)},
    {"regions[0]: pa 0xfffffffffffff000, 0x2000 bytes: rule region-pa-space",
     WORDS(VM2, "regions", 8, 0, 0x61000000, 0xffffffff, 0xfffff000, 0, 0x2000, 0, 7)},
    {"regions[1]: ipa 0x50000000 lies before the end of the region before: rule region-order",
     WORDS(VM1, "regions", 16, 0, 0x50000000, 0, 0x60000000, 0, 0x2000, 0, 7, 0, 0x50000000, 0,
           0x62000000, 0, 0x2000, 0, 7)},

    /* entry and images */
    {"entry: 0x4000000 is not in an executable region: rule entry-code",
     WORDS(VM1, "entry", 2, 0, 0x04000000)},
    {"entry: 0x50000002 is not in an executable region: rule entry-code",
     WORDS(VM1, "entry", 2, 0, 0x50000002)},
    {"images[0]: source 0x40200000, 0x2000 bytes, is not in the bundle: rule image-source",
     WORDS(VM2, "images", 8, 0, 0x40200000, 0, 0x2000, 0, 0x61000000, 0, 0)},
    {"images[0]: source 0x4031f000, 0x2000 bytes, is not in the bundle: rule image-source",
     WORDS(VM2, "images", 8, 0, 0x4031f000, 0, 0x2000, 0, 0x61000000, 0, 0)},
    {"images[0]: source 0x40225000, 0xfffffffffffff000 bytes, is not in the bundle",
     WORDS(VM2, "images", 8, 0, 0x40225000, 0xffffffff, 0xfffff000, 0, 0x61000000, 0, 0)},
    {"images[0]: destination 0x610ff000, 0x2000 bytes, is not in one writable region: "
     "rule image-destination",
     WORDS(VM2, "images", 8, 0, 0x40225000, 0, 0x2000, 0, 0x610ff000, 0, 0)},
    {"is not in one writable region: rule image-destination",
     WORDS(VM2, "images", 8, 0, 0x40225000, 0, 0x1000, 0, 0x70000000, 0, 0)},
    {"images[0]: source 0x40225000, destination 0x61000004: rule image-align",
     WORDS(VM2, "images", 8, 0, 0x40225000, 0, 0x1000, 0, 0x61000004, 0, 0)},
    {"images[1]: source 0x40223000 is also vm@2 images[0]: rule bootargs-image",
     WORDS(VM2, "images", 8, 0, 0x40224000, 0, 0x1000, 0, 0x61000000, 0, 0)},
    {"bootargs-from-loader: 1 without a device tree image: rule bootargs-image",
     WORDS(VM2, "bootargs-from-loader", 1, 1)},

    /* devices */
    {"devices[1]: reg[0]: 0x9000000, 0x2000 bytes, must be 0x1000 bytes: rule device-reg",
     WORDS(UART, "reg", 4, 0, 0x09000000, 0, 0x2000)},
    {"devices[0]: reg[1]: 0x80a0000, 0x20000 bytes, must be 0x40000 bytes: rule device-reg",
     WORDS(GIC, "reg", 8, 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0x20000)},
    {"devices[0]: reg: 1 ranges, must be 2: rule device-reg",
     WORDS(GIC, "reg", 4, 0, 0x08000000, 0, 0x10000)},
    {"devices[1]: reg[0]: 0x50000000 overlaps a region or device: rule device-disjoint",
     WORDS(UART, "reg", 4, 0, 0x50000000, 0, 0x1000)},
    {"devices[1]: reg[0]: 0x8001000 overlaps a region or device: rule device-disjoint",
     WORDS(UART, "reg", 4, 0, 0x08001000, 0, 0x1000)},
    {"devices[1]: reg[0]: 0x10000000000: rule device-ipa-space",
     WORDS(UART, "reg", 4, 0x100, 0, 0, 0x1000)},
    {"devices[1]: irq: 96, SPIs are 32 to 96: rule device-irq", WORDS(UART, "irq", 1, 96)},
    {"devices[1]: irq: 27, SPIs are 32 to 96: rule device-irq", WORDS(UART, "irq", 1, 27)},
    {"devices[0]: spis: 33: rule gic-spis", WORDS(GIC, "spis", 1, 33)},
    {"devices[0]: irq: 40: rule gic-irq", WORDS(GIC, "irq", 1, 40)},
    {"devices[0]: kind: second GIC or not a gic VM: rule gic-single",
     WORDS(VM1, "interrupt-model", 1, 1)},

    /* interrupts */
    {"interrupts[0]: 27 is no SPI: rule interrupt-range",
     WORDS(VM1, "interrupts", 4, 27, 40, 0, 0)},
    {"interrupts[0]: 1020 is no SPI: rule interrupt-range",
     WORDS(VM1, "interrupts", 4, 1020, 40, 0, 0)},
    {"interrupts[0]: 33 is the console's: rule interrupt-core",
     WORDS(VM1, "interrupts", 4, 33, 40, 0, 0)},
    {"interrupts[0]: virtual 96, SPIs are 32 to 96: rule interrupt-virtual",
     WORDS(VM1, "interrupts", 4, 48, 96, 0, 0)},
    {"interrupts[0]: virtual 33 stands twice: rule interrupt-unique",
     WORDS(VM1, "interrupts", 4, 48, 33, 0, 0)},
    {"interrupts[0]: vCPU 2 of 2: rule interrupt-vcpu", WORDS(VM1, "interrupts", 4, 48, 40, 0, 2)},
    {"/vms/vm@2: interrupts[0]: 48 has an owner already: rule interrupt-owner",
     WORDS(VM2, "interrupts", 4, 48, 48, 0, 0)},
};

static void spoil(const struct bad_plan *bad)
{
    switch (bad->change) {
    case CELLS:
        plan_builder_set_cells(blob, bad->path, bad->property, bad->cell, bad->count);
        break;
    case TEXT:
        plan_builder_set_text(blob, bad->path, bad->property, bad->text);
        break;
    case REMOVE:
        plan_builder_delete(blob, bad->path, bad->property);
        break;
    case NODE:
        plan_builder_add_node(blob, bad->path, bad->property);
        break;
    case NO_NODE:
        plan_builder_delete_node(blob, bad->path);
        break;
    }
}

static void test_each_bad_plan_is_refused_with_its_rule(void **state)
{
    uint32_t missed = 0;

    for (size_t i = 0; i < sizeof(bad_plans) / sizeof(bad_plans[0]); i++) {
        setup(state);
        spoil(&bad_plans[i]);
        enum status status = read_all();

        if (status == STATUS_OK || !plan_builder_log_has(bad_plans[i].expected)) {
            print_error("not said: %s\nsaid instead:\n%s", bad_plans[i].expected,
                        plan_builder_log_text());
            missed++;
        }
        teardown(state);
    }
    assert_int_equal(missed, 0);
}

/* ---- the tree itself ---- */

static void test_order_of_properties_does_not_matter(void **state)
{
    static const uint32_t id = 1;

    (void)state;
    plan_builder_delete(blob, VM1, "id");
    plan_builder_set_cells(blob, VM1, "id", &id, 1); /* now it is the first one */
    plan_builder_delete(blob, VM1, "arg0");
    plan_builder_set_cells(blob, VM1, "arg0", (const uint32_t[]){0, 0}, 2);
    assert_int_equal(read_all(), STATUS_OK);
}

static void test_blob_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(plan_read_head(blob, 8, &config), STATUS_INVALID);
    assert_int_equal(plan_read_head(blob, plan_builder_size(blob) - 1, &config), STATUS_INVALID);
    assert_int_equal(plan_read_head(blob + 4, sizeof(blob) - 4, &config), STATUS_INVALID);
    memset(blob, 0, sizeof(blob));
    assert_int_equal(plan_read_head(blob, sizeof(blob), &config), STATUS_INVALID);
}

static void test_build_must_match(void **state)
{
    struct pa_range core = {{0x40200000}, 0x20000};

    (void)state;
    assert_int_equal(read_all(), STATUS_OK);
    assert_int_equal(plan_check_build(&config, "qemu_virt", core), STATUS_OK);
    assert_int_equal(plan_check_build(&config, "other", core), STATUS_INVALID);
    assert_true(plan_builder_log_has("the core is built for \"other\": rule platform"));
    core.size += 0x1000;
    assert_int_equal(plan_check_build(&config, "qemu_virt", core), STATUS_INVALID);
    assert_true(plan_builder_log_has("rule core-image"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good_plan_is_read_completely, setup, teardown),
        cmocka_unit_test_setup_teardown(test_good_vm_is_read_completely, setup, teardown),
        cmocka_unit_test(test_each_bad_plan_is_refused_with_its_rule),
        cmocka_unit_test_setup_teardown(test_order_of_properties_does_not_matter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_blob_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_build_must_match, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
