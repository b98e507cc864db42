/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Everything a bare-metal partition needs. Define main(); when it returns, the partition switches
 * itself off. Entered at EL1 with MMU off and interrupts masked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bh/base/libc.h"
#include "vmlib_boot_info.h"
#include "vmlib_call.h"
#include "vmlib_console.h"
#include "vmlib_cpu.h"
#include "vmlib_dtb.h"
#include "vmlib_exception.h"
#include "vmlib_gic.h"
#include "vmlib_io.h"
#include "vmlib_mmu.h"
#include "vmlib_smp.h"
#include "vmlib_timer.h"

/* The partition's program. Its result is printed when it is not 0. */
int main(void);

/* The image is the whole of a normal world: the firmware entered it at EL2. Not at EL0. */
bool vmlib_is_normal_world(void);
