/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Boot, in order. init.c has the whole list on one screen.
 */
#pragma once

#include <stdint.h>

#include "bh/obj/config.h"

/* boot.S, boot CPU: MMU off, bss zero, stack set. fdt: the loader's device tree (x0). */
_Noreturn void boot_primary(uint64_t fdt);
_Noreturn void boot_secondary(uint64_t cpu_index);
