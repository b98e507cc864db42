/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Immutable description of the system, filled from the plan at boot and free to read ever after,
 * without locks, by everybody. Meanings and units: docs/plan-format.md, row by row.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"
#include "bh/drv/board.h"

#define CONFIG_NAME_SIZE     40 /* established manifests have names of up to 36 characters */
#define CONFIG_MAX_VMS       64
#define CONFIG_MAX_VCPUS     8 /* per VM */
#define CONFIG_MAX_REGIONS   32
#define CONFIG_MAX_IMAGES    8
#define CONFIG_MAX_IRQS      988 /* all SPIs */
#define CONFIG_MAX_UUIDS     4
#define CONFIG_MAX_DEVICES   8
#define CONFIG_MAX_SMC_ALLOW 32
#define CONFIG_ARG_REGISTERS 4 /* x0 to x3 (DEN0077A 5.4.2) */
#define CONFIG_CPU_NONE      UINT32_C(0xffffffff)

/* Ids with this bit belong to the secure world (DEN0077A 6.1). */
#define CONFIG_SECURE_ID   0x8000u
/* Above are the partitions of EL3 and EL3 itself. */
#define CONFIG_VM_ID_LIMIT 0xffc0u

/* In the SPMC's plan: the VM that stands for the normal world. */
#define CONFIG_WORLD_ID 0u

/* Beside STAGE2_*: the manifest lets other VMs that say the same have this memory, too. */
#define CONFIG_REGION_SHARED     UINT32_C(16)
#define CONFIG_REGION_ATTRIBUTES UINT32_C(63)

enum system_role { SYSTEM_HYPERVISOR = 0, SYSTEM_SPMC = 1 };
enum vm_scheduling { VM_PINNED = 0, VM_SCHEDULED = 1 };
enum vm_irq_model { VM_IRQ_GIC = 0, VM_IRQ_PARAVIRT = 1 };
/* The privilege that a partition runs with; none runs above EL1. */
enum vm_level { VM_EL1 = 0, VM_EL0 = 1 };
/* What a partition was written for beyond the interfaces: images for the established binding rely
 * on more. docs/decisions/010-established-images.md has the list. */
enum vm_contract { VM_CONTRACT_NONE = 0, VM_CONTRACT_PRIMARY = 1, VM_CONTRACT_SECONDARY = 2 };
enum vm_abort_action { VM_ABORT_STOP = 0, VM_ABORT_RESTART = 1 };

/* What the normal world's interrupts do to an SP: the weakest of a call chain counts. */
enum sp_action { SP_QUEUED = 0, SP_MANAGED_EXIT = 1, SP_SIGNALED = 2 };

/* Bits of sp_policy. */
#define CONFIG_SP_ACTION         UINT32_C(3)     /* enum sp_action */
#define CONFIG_SP_EXIT_IRQ       UINT32_C(4)     /* managed exit comes as IRQ, else as FIQ */
#define CONFIG_SP_OTHER_QUEUED   UINT32_C(8)     /* other SPs' interrupts wait */
#define CONFIG_SP_SRI_WAITING    UINT32_C(0x10)  /* interrupt while it waits: SRI, no run */
#define CONFIG_SP_SRI_LEAVING    UINT32_C(0x20)  /* one when it is about to wait: likewise */
#define CONFIG_SP_POWER_MESSAGES UINT32_C(0x40)  /* it is told when a CPU goes off */
#define CONFIG_SP_VM_CREATED     UINT32_C(0x80)  /* it is told of new VMs, */
#define CONFIG_SP_VM_DESTROYED   UINT32_C(0x100) /* and of those that go */
#define CONFIG_SP_SUSPEND        UINT32_C(0x200) /* it is told when a CPU is suspended, */
#define CONFIG_SP_RESUME         UINT32_C(0x400) /* and when it goes on */
#define CONFIG_SP_POLICY         UINT32_C(0x7ff)

struct uuid {
    uint32_t word[4]; /* SMCCC register words; nil is all zero */
};

struct region_config {
    struct ipaddr ipa;
    struct pa_range pa;
    uint32_t attributes; /* STAGE2_*, CONFIG_REGION_SHARED */
};

struct image_config {
    struct paddr source;
    uint64_t size;
    struct ipaddr destination;
    bool is_dtb;
};

struct irq_config {
    uint32_t pintid;
    uint32_t vintid;
    bool edge;
    uint32_t vcpu;
};

enum device_kind {
/* Versions of clang-format differ on this. */
/* clang-format off */
#define DEVICE_KIND(name, plan, create, frames, size, vcpu_size, alignment) DEVICE_##name,
#include "bh/obj/device_kinds.def"
#undef DEVICE_KIND
    /* clang-format on */
    DEVICE_KINDS
};

#define DEVICE_MAX_FRAMES 2

struct device_config {
    enum device_kind kind;
    struct ipaddr base[DEVICE_MAX_FRAMES]; /* gic-v3: distributor, redistributors */
    uint64_t size[DEVICE_MAX_FRAMES];
    uint32_t reg_count; /* of base and size */
    uint32_t irq;       /* vINTID or 0 */
    uint32_t spis;      /* gic-v3 */
    bool input;         /* pl011 */
};

struct vcpu_config {
    uint64_t mpidr;
    uint32_t cpu; /* index, or CONFIG_CPU_NONE for scheduled */
};

struct vm_config {
    char name[CONFIG_NAME_SIZE];
    uint16_t id;
    uint16_t index; /* position in the plan: dense, for tables */
    enum vm_scheduling scheduling;
    uint16_t scheduler; /* id */
    enum vm_irq_model irq_model;
    enum vm_level level;
    enum vm_contract contract;
    enum vm_abort_action abort_action;
    uint32_t ffa_version; /* 0: no FF-A endpoint */
    uint32_t boot_order;
    uint16_t sp_policy; /* CONFIG_SP_*; SPs only */
    uint8_t ipa_bits;
    bool notifications; /* may bind and receive them */
    bool bootargs_from_loader;
    bool smc_allow_all; /* all that smc_allow may name */
    uint64_t entry;
    uint64_t arg0;
    uint8_t arg_register; /* which of the first general registers has arg0 */
    uint32_t vcpu_count, region_count, image_count, irq_count, uuid_count, device_count;
    uint32_t messaging_count, smc_allow_count;
    struct vcpu_config *vcpu;
    struct region_config *region; /* sorted by ipa */
    struct image_config *image;
    struct irq_config *irq;
    struct uuid *uuid;
    uint32_t *messaging; /* one per UUID; one when there is none */
    struct device_config *device;
    uint32_t *smc_allow;
};

struct system_config {
    char platform[CONFIG_NAME_SIZE]; /* boot refuses a plan for another one */
    enum system_role role;
    struct board_config board;
    struct pa_range core, bundle, pool;
    uint32_t log_level;
    uint32_t spmc_version; /* of FF-A, that the SPMC below and this core speak; not in the plan */
    uint16_t spmc_id;      /* 0: there is none */
    uint32_t vm_count;
    struct vm_config *vm; /* ascending id */
};

/* An SMC that a plan may pass on to EL3: fast calls (DEN0028), and none that the core answers
 * itself: PSCI (DEN0022 5.1) and FF-A (DEN0077A). */
static inline bool config_smc_may_pass(uint32_t id)
{
    uint32_t service = (id >> 24) & 0x3f;
    uint32_t number = id & 0xffff;
    bool is_own = service == 4 && (number <= 0x1f || (number >= 0x60 && number <= 0xff));

    return (id & UINT32_C(0x80000000)) != 0 && service != 0 && !is_own;
}

/* Set once by boot before any other CPU or VM runs. */
void config_set(const struct system_config *config);
const struct system_config *config_get(void);
