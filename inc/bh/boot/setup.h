/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the configuration to VMs that can be started. bulkhead-plan runs the same functions on the
 * host. Context: boot, one CPU, no VM has run.
 */
#pragma once

#include "bh/boot/bootinfo.h"

/* What EL2 needs beside its own image, in its Stage 1: bundle, pool, GIC, UART. After stage1_init.
 */
void boot_map_system(const struct system_config *config);

/*
 * After config_set, window_init and vm_init_all. For every VM: Stage 2 with all its regions, its
 * emulated devices, and, where the manifest says so, the loader's boot arguments in its device
 * tree. The tree is changed once, in the bundle, which no VM can write: each start and reset copies
 * it from there. A loader without arguments leaves the manifest's. What this CPU or board cannot do
 * stops the machine with the plan's node and rule.
 */
void boot_vm_setup_all(const struct bootinfo *info);
