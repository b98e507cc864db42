/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the configuration to VMs that can be started. Context: boot, one CPU, after config_set,
 * pool_init and vm_init_all; no VM has run.
 */
#pragma once

#include "bh/boot/bootinfo.h"

/*
 * For every VM: Stage 2 with all its regions, its emulated devices, and, where the manifest says
 * so, the loader's boot arguments in its device tree. The tree is changed once, in the bundle, which
 * no VM can write: each start and reset copies it from there. A loader without arguments leaves the
 * manifest's. What this CPU or board cannot do stops the machine with the plan's node and rule.
 */
void boot_vm_setup_all(const struct bootinfo *info);
