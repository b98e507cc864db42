/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/boot/plan_rows.h"

#include <stddef.h>

#include "bh/base/num.h"
#include "bh/obj/config.h"

#define ANY PLAN_NO_LIMIT

#define SIZE_OF(object, field) sizeof(((struct object *)0)->field)

/* Versions of clang-format differ on these. */
/* clang-format off */
#define COLUMN(cell_count, object, field, most)                                                    \
    {                                                                                              \
        .cells = (cell_count), .width = SIZE_OF(object, field),                                    \
        .offset = offsetof(struct object, field), .limit = (most)                                  \
    }

/* One number. */
#define NUMBER(property, cell_count, object, field, most)                                          \
    {                                                                                              \
        .name = (property), .type = PLAN_CELLS, .devices = PLAN_EVERY_DEVICE,                      \
        .count_offset = PLAN_NO_COUNT, .min = 1, .max = 1, .column_count = 1, .column = {          \
            COLUMN(cell_count, object, field, most)                                                \
        }                                                                                          \
    }

/* One [u64 base, u64 size]. */
#define RANGE(property, object, field)                                                             \
    {                                                                                              \
        .name = (property), .type = PLAN_CELLS, .devices = PLAN_EVERY_DEVICE,                      \
        .count_offset = PLAN_NO_COUNT, .min = 1, .max = 1, .column_count = 2, .column = {          \
            COLUMN(2, object, field.base.pa, ANY),                                                 \
            COLUMN(2, object, field.size, ANY)                                                     \
        }                                                                                          \
    }

#define STRING(property, object, field)                                                            \
    {                                                                                              \
        .name = (property), .type = PLAN_STRING, .devices = PLAN_EVERY_DEVICE,                     \
        .count_offset = PLAN_NO_COUNT, .offset = offsetof(struct object, field)                    \
    }

/* An array inside the object. */
#define ARRAY(property, object, field, count, least, most, columns, ...)                           \
    {                                                                                              \
        .name = (property), .type = PLAN_CELLS, .devices = PLAN_EVERY_DEVICE,                      \
        .offset = offsetof(struct object, field), .stride = SIZE_OF(object, field[0]),             \
        .count_offset = offsetof(struct object, count), .min = (least), .max = (most),             \
        .column_count = (columns), .column = {                                                     \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* An array of its own that the object points at. */
#define LIST(property, field, count, least, most, columns, ...)                                    \
    {                                                                                              \
        .name = (property), .type = PLAN_CELLS, .storage = PLAN_ALLOCATED,                         \
        .devices = PLAN_EVERY_DEVICE, .offset = offsetof(struct vm_config, field),                 \
        .stride = SIZE_OF(vm_config, field[0]), .count_offset = offsetof(struct vm_config, count), \
        .min = (least), .max = (most), .column_count = (columns), .column = {                      \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* An element that is a plain number. */
#define PLAIN(cell_count, bytes)                                                                   \
    {                                                                                              \
        .cells = (cell_count), .width = (bytes), .limit = ANY                                      \
    }
/* clang-format on */

/* An element that is a struct pa_range. */
#define RANGE_COLUMNS COLUMN(2, pa_range, base.pa, ANY), COLUMN(2, pa_range, size, ANY)

static const struct plan_row plan_root_rows[] = {
    {.name = "compatible",
     .type = PLAN_LITERAL,
     .devices = PLAN_EVERY_DEVICE,
     .text = "bulkhead,plan-1"},
    STRING("platform", system_config, platform),
    NUMBER("role", 1, system_config, role, SYSTEM_SPMC),
};

static const struct plan_row plan_core_rows[] = {
    RANGE("image", system_config, core),
    RANGE("bundle", system_config, bundle),
    RANGE("pool", system_config, pool),
    NUMBER("log-level", 1, system_config, log_level, 4),
};

static const struct plan_row plan_board_rows[] = {
    ARRAY("memory", system_config, board.memory, board.memory_count, 1, CONFIG_MAX_MEMORY, 2,
          RANGE_COLUMNS),
    ARRAY("memory-ns", system_config, board.memory_ns, board.memory_ns_count, 0, CONFIG_MAX_MEMORY,
          2, RANGE_COLUMNS),
    ARRAY("cpus", system_config, board.cpu_mpidr, board.cpu_count, 1, BH_MAX_CPUS, 1, PLAIN(2, 8)),
    RANGE("gicd", system_config, board.gicd),
    ARRAY("gicr", system_config, board.gicr, board.gicr_count, 1, CONFIG_MAX_GICR, 2,
          RANGE_COLUMNS),
    ARRAY("its", system_config, board.its, board.its_count, 0, CONFIG_MAX_ITS, 2, RANGE_COLUMNS),
    RANGE("uart", system_config, board.uart),
    NUMBER("uart-irq", 1, system_config, board.uart_irq, ANY),
    NUMBER("irq-maintenance", 1, system_config, board.irq_maintenance, ANY),
    NUMBER("irq-vtimer", 1, system_config, board.irq_vtimer, ANY),
    NUMBER("irq-ptimer", 1, system_config, board.irq_ptimer, ANY),
    NUMBER("irq-htimer", 1, system_config, board.irq_htimer, ANY),
};

static const struct plan_row plan_vm_rows[] = {
    NUMBER("id", 1, vm_config, id, CONFIG_VM_ID_LIMIT - 1),
    STRING("name", vm_config, name),
    NUMBER("scheduling", 1, vm_config, scheduling, VM_SCHEDULED),
    NUMBER("scheduler", 1, vm_config, scheduler, CONFIG_VM_ID_LIMIT - 1),
    NUMBER("interrupt-model", 1, vm_config, irq_model, VM_IRQ_PARAVIRT),
    NUMBER("exception-level", 1, vm_config, level, VM_EL0),
    NUMBER("contract", 1, vm_config, contract, VM_CONTRACT_SECONDARY),
    NUMBER("ffa-version", 1, vm_config, ffa_version, INT32_MAX),
    LIST("uuids", uuid, uuid_count, 0, CONFIG_MAX_UUIDS, 4, COLUMN(1, uuid, word[0], ANY),
         COLUMN(1, uuid, word[1], ANY), COLUMN(1, uuid, word[2], ANY),
         COLUMN(1, uuid, word[3], ANY)),
    LIST("messaging", messaging, messaging_count, 1, CONFIG_MAX_UUIDS, 1, PLAIN(1, 4)),
    NUMBER("notifications", 1, vm_config, notifications, 1),
    NUMBER("boot-order", 1, vm_config, boot_order, 0xffff),
    NUMBER("sp-policy", 1, vm_config, sp_policy, CONFIG_SP_POLICY),
    NUMBER("ipa-bits", 1, vm_config, ipa_bits, 48),
    NUMBER("entry", 2, vm_config, entry, ANY),
    NUMBER("arg0", 2, vm_config, arg0, ANY),
    NUMBER("arg-register", 1, vm_config, arg_register, CONFIG_ARG_REGISTERS - 1),
    NUMBER("bootargs-from-loader", 1, vm_config, bootargs_from_loader, 1),
    NUMBER("abort-action", 1, vm_config, abort_action, VM_ABORT_RESTART),
    LIST("vcpu-mpidr", vcpu, vcpu_count, 1, CONFIG_MAX_VCPUS, 1,
         COLUMN(2, vcpu_config, mpidr, ANY)),
    LIST("vcpu-cpu", vcpu, vcpu_count, 1, CONFIG_MAX_VCPUS, 1, COLUMN(1, vcpu_config, cpu, ANY)),
    LIST("regions", region, region_count, 1, CONFIG_MAX_REGIONS, 4,
         COLUMN(2, region_config, ipa.ipa, ANY), COLUMN(2, region_config, pa.base.pa, ANY),
         COLUMN(2, region_config, pa.size, ANY),
         COLUMN(2, region_config, attributes, CONFIG_REGION_ATTRIBUTES)),
    LIST("images", image, image_count, 0, CONFIG_MAX_IMAGES, 4,
         COLUMN(2, image_config, source.pa, ANY), COLUMN(2, image_config, size, ANY),
         COLUMN(2, image_config, destination.ipa, ANY), COLUMN(2, image_config, is_dtb, 1)),
    LIST("interrupts", irq, irq_count, 0, CONFIG_MAX_IRQS, 4, COLUMN(1, irq_config, pintid, ANY),
         COLUMN(1, irq_config, vintid, ANY), COLUMN(1, irq_config, edge, 1),
         COLUMN(1, irq_config, vcpu, ANY)),
    NUMBER("smc-allow-all", 1, vm_config, smc_allow_all, 1),
    LIST("smc-allow", smc_allow, smc_allow_count, 0, CONFIG_MAX_SMC_ALLOW, 1, PLAIN(1, 4)),
};

#define ONLY(kind) (UINT8_C(1) << (kind))

/* base and size are two arrays side by side: one stride serves both. */
_Static_assert(SIZE_OF(device_config, base[0]) == SIZE_OF(device_config, size[0]), "one stride");

static const struct plan_row plan_device_rows[] = {
    {.name = "kind",
     .type = PLAN_KIND,
     .devices = PLAN_EVERY_DEVICE,
     .offset = offsetof(struct device_config, kind)},
    {.name = "reg",
     .type = PLAN_CELLS,
     .devices = PLAN_EVERY_DEVICE,
     .stride = SIZE_OF(device_config, base[0]),
     .count_offset = offsetof(struct device_config, reg_count),
     .min = 1,
     .max = 2,
     .column_count = 2,
     .column = {COLUMN(2, device_config, base[0].ipa, ANY),
                COLUMN(2, device_config, size[0], ANY)}},
    NUMBER("irq", 1, device_config, irq, 1019),
    {.name = "spis",
     .type = PLAN_CELLS,
     .devices = ONLY(DEVICE_GIC_V3),
     .count_offset = PLAN_NO_COUNT,
     .min = 1,
     .max = 1,
     .column_count = 1,
     .column = {COLUMN(1, device_config, spis, 960)}},
    {.name = "input",
     .type = PLAN_CELLS,
     .devices = ONLY(DEVICE_PL011),
     .count_offset = PLAN_NO_COUNT,
     .min = 1,
     .max = 1,
     .column_count = 1,
     .column = {COLUMN(1, device_config, input, 1)}},
};

#define ROWS(table) .row = (table), .row_count = NUM_ARRAY_COUNT(table)

const struct plan_node_row plan_nodes[PLAN_NODES] = {
    [PLAN_NODE_ROOT] = {.name = "",
                        .parent = PLAN_NODE_NONE,
                        .is_head = true,
                        ROWS(plan_root_rows)},
    [PLAN_NODE_CORE] = {.name = "core",
                        .parent = PLAN_NODE_ROOT,
                        .is_head = true,
                        ROWS(plan_core_rows)},
    [PLAN_NODE_BOARD] = {.name = "board",
                         .parent = PLAN_NODE_ROOT,
                         .is_head = true,
                         ROWS(plan_board_rows)},
    [PLAN_NODE_VMS] = {.name = "vms", .parent = PLAN_NODE_ROOT},
    [PLAN_NODE_VM] = {.name = "vm@", .parent = PLAN_NODE_VMS, ROWS(plan_vm_rows)},
    [PLAN_NODE_DEVICES] = {.name = "devices", .parent = PLAN_NODE_VM},
    [PLAN_NODE_DEVICE] = {.name = "", .parent = PLAN_NODE_DEVICES, ROWS(plan_device_rows)},
};

const char *const plan_device_kinds[DEVICE_KINDS] = {
#define DEVICE_KIND(name, plan, create, frames, size, vcpu_size, alignment)                        \
    [DEVICE_##name] = (plan),
#include "bh/obj/device_kinds.def"
#undef DEVICE_KIND
};

_Static_assert(DEVICE_KINDS <= 8, "a bit per kind");
_Static_assert(NUM_ARRAY_COUNT(plan_vm_rows) <= 32, "a bit per row");
