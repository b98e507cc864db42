/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rules of the plan checker, one function per subject: pure over the configuration, every
 * broken rule is one line with node, property, value and the rule's name. Only boot/plan_check*.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/obj/config.h"

struct plan_check {
    const struct system_config *config;
    uint32_t errors;
};

/* vm NULL: the text names the node itself. */
void plan_check_refuse(struct plan_check *check, const struct vm_config *vm, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

/* vm stands for the normal world: memory that it may share, and nothing to load or start. */
bool plan_check_is_world(const struct system_config *config, const struct vm_config *vm);

/* First vINTID that the VM does not have: interrupts and devices stay below. */
uint32_t plan_check_vintid_limit(const struct vm_config *vm);

void plan_check_regions(struct plan_check *check, const struct vm_config *vm);
/* Physical memory of vm against that of all VMs before it. */
void plan_check_foreign(struct plan_check *check, const struct vm_config *vm);
void plan_check_images(struct plan_check *check, const struct vm_config *vm);
void plan_check_devices(struct plan_check *check, const struct vm_config *vm);
void plan_check_identity(struct plan_check *check, const struct vm_config *vm);
void plan_check_cpus(struct plan_check *check, const struct vm_config *vm);
void plan_check_scheduler(struct plan_check *check, const struct vm_config *vm);
void plan_check_interrupts(struct plan_check *check, const struct vm_config *vm);
