/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EL2 exception vectors: save the general registers into the current vCPU's frame, call C, restore.
 *
 * tpidr_el2 = struct cpu, whose first field is the current vCPU, whose first field is x0..x30
 * (static asserts in trap.c). SVC, HVC, SMC and IRQ keep x19-x29 in registers: C preserves them,
 * and only a switch needs them in memory. All other exits save everything, because emulation reads
 * and writes any register. SP_EL2 is the top of this CPU's stack whenever a guest runs.
 */

#define EC_SHIFT 26
#define EC_SVC64 0x15 /* EC_HVC64 is 0x16, EC_SMC64 0x17 */

#include "save.inc"

.macro save_preserved frame
    stp x19, x20, [\frame, #152]
    stp x21, x22, [\frame, #168]
    stp x23, x24, [\frame, #184]
    stp x25, x26, [\frame, #200]
    stp x27, x28, [\frame, #216]
    str x29, [\frame, #232]
.endm

.macro restore_preserved
    ldp x19, x20, [x0, #152]
    ldp x21, x22, [x0, #168]
    ldp x23, x24, [x0, #184]
    ldp x25, x26, [x0, #200]
    ldp x27, x28, [x0, #216]
    ldr x29, [x0, #232]
.endm

.macro restore_volatile_eret
    ldp x2, x3, [x0, #16]
    ldp x4, x5, [x0, #32]
    ldp x6, x7, [x0, #48]
    ldp x8, x9, [x0, #64]
    ldp x10, x11, [x0, #80]
    ldp x12, x13, [x0, #96]
    ldp x14, x15, [x0, #112]
    ldp x16, x17, [x0, #128]
    ldr x18, [x0, #144]
    ldr x30, [x0, #240]
    ldp x0, x1, [x0]
    eret
    dsb nsh /* no speculation past ERET */
    isb
.endm

/* One slot: 128 bytes, padded; more does not assemble (.org can't go backwards). */
.macro slot offset, target
    .org vectors + \offset
    b \target
.endm

.macro slot_el2 offset
    .org vectors + \offset
    mov x3, #\offset
    b el2_exception
.endm

.section .text.vectors, "ax"
.balign 2048
.global vectors
vectors:
    slot_el2 0x000
    slot_el2 0x080
    slot_el2 0x100
    slot_el2 0x180
    slot_el2 0x200
    slot_el2 0x280
    slot_el2 0x300
    slot_el2 0x380
    .org vectors + 0x400
lower_sync:
    save_volatile
    mrs x1, esr_el2
    lsr x2, x1, #EC_SHIFT
    sub x2, x2, #EC_SVC64
    cmp x2, #2
    b.hi lower_sync_full
    bl trap_call
    b exit_volatile
    slot 0x480, lower_irq
    slot 0x500, lower_fiq
    slot 0x580, lower_serror
    /* AArch32 EL0 of an AArch64 guest */
    slot 0x600, lower_sync_32
    slot 0x680, lower_irq
    slot 0x700, lower_fiq
    slot 0x780, lower_serror
    .org vectors + 0x800

lower_sync_32:
    save_volatile
    mrs x1, esr_el2
lower_sync_full:
    save_preserved x0
    bl trap_sync
    b exit_full

lower_fiq:
    save_volatile
    bl trap_fiq
    b exit_volatile

lower_irq:
    save_volatile
    bl trap_irq

/* x0 = vCPU to enter, or NULL to idle. Of the current one only volatile registers are in memory. */
.global exit_volatile
exit_volatile:
    mrs x1, tpidr_el2
    ldr x2, [x1]
    cmp x0, x2
    b.ne 1f
    cbz x0, exit_switch /* current is gone for good and nobody follows yet */
    restore_volatile_eret
1:  cbz x2, exit_switch
    save_preserved x2
    b exit_switch

lower_serror:
    save_volatile
    save_preserved x0
    mrs x1, esr_el2
    bl trap_serror

/* The same with the whole frame in memory. */
exit_full:
    mrs x1, tpidr_el2
    ldr x2, [x1]
    cmp x0, x2
    b.ne exit_switch
    cbz x0, exit_switch
    restore_preserved
    restore_volatile_eret

exit_switch:
    bl run_switch
    restore_preserved
    restore_volatile_eret

/*
 * First entry on this CPU, from boot: x0 = struct cpu, x1 = top of its stack. What boot left on the
 * stack is dropped: from here on it is empty whenever a guest runs.
 */
.global entry_run
entry_run:
    mov sp, x1
    mov x1, x0
    mov x0, #0
    bl run_switch
    restore_preserved
    restore_volatile_eret

el2_exception:
    mrs x0, esr_el2
    mrs x1, elr_el2
    mrs x2, far_el2
    /* The stack may be what faulted: use the emergency one. */
    adrp x4, core_emergency_stack_end
    add x4, x4, :lo12:core_emergency_stack_end
    mov sp, x4
    b trap_el2
