/* SPDX-License-Identifier: BSD-3-Clause */
#include "save.inc"

.section .text.world_call, "ax"
/*
 * What the vCPU of the other world executes, at EL2: run_switch enters it like a guest, by ERET.
 * The SMC returns when the other world wants something: an exit like that of a guest's call.
 */
.global world_call
world_call:
    smc #0
    save_volatile
    bl trap_world
    b exit_volatile
