/* SPDX-License-Identifier: BSD-3-Clause */
/* Reset, vectors, and the way back to a lower exception level. */
#define STACK_SIZE 8192
#define FRAME_SIZE (34 * 8)

.section .text.head, "ax"
.global _start
_start:
    adr     x0, vectors
    msr     vbar_el3, x0
    mrs     x19, mpidr_el1
    and     x19, x19, #0xff
    ldr     x0, =monitor_stacks
    mov     x1, #STACK_SIZE
    madd    x0, x19, x1, x0
    add     x0, x0, x1
    msr     spsel, #1
    mov     sp, x0
    ldr     x0, =0x30c50830         /* SCTLR_EL3: RES1, everything off */
    msr     sctlr_el3, x0
    isb
    cbnz    x19, 2f
    ldr     x0, =monitor_bss_begin
    ldr     x1, =monitor_bss_end
1:  cmp     x0, x1
    b.hs    2f
    stp     xzr, xzr, [x0], #16
    b       1b
2:  sub     sp, sp, #FRAME_SIZE    /* the first frame to return with */
    mov     x0, x19
    mov     x1, sp
    bl      monitor_start
    b       .

/* x0 = the frame to return with. */
.global monitor_return
monitor_return:
    mov     sp, x0
    ldp     x1, x2, [sp, #248]      /* elr, spsr */
    ldr     x3, [sp, #264]
    msr     elr_el3, x1
    msr     spsr_el3, x2
    msr     scr_el3, x3
    isb
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldr     x30, [sp, #240]
    ldp     x0, x1, [sp], #FRAME_SIZE
    eret

.macro slot offset, cause
    .org    vectors + \offset
    sub     sp, sp, #FRAME_SIZE
    stp     x0, x1, [sp]
    mov     x1, #\cause
    b       save
.endm

.balign 2048
vectors:
    .rept 8                          /* from EL3 itself: a bug */
    b       monitor_crash
    .balign 128
    .endr
    slot    0x400, 0
    slot    0x480, 1
    slot    0x500, 1
    slot    0x580, 2
    .org    vectors + 0x600
    .rept 4
    b       monitor_crash
    .balign 128
    .endr

save:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    str     x30, [sp, #240]
    mrs     x2, elr_el3
    mrs     x3, spsr_el3
    mrs     x4, scr_el3
    stp     x2, x3, [sp, #248]
    str     x4, [sp, #264]
    mov     x0, sp
    bl      monitor_exception
    mov     x0, sp
    b       monitor_return

monitor_crash:
    mrs     x0, esr_el3
    mrs     x1, elr_el3
    b       monitor_broken
