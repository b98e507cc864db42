/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entry of a partition at EL0: raw image at any 4 KiB boundary, all its memory readable and
 * executable, nothing writable yet. x0 is the size of the memory or the address of a device tree.
 */
#define FFA_MEM_PERM_SET_64 0xc4000089
#define FFA_SUCCESS_32      0x84000061
#define PERM_RW             5
#define PERM_RO             7

/* From one linker symbol to another; no stack is needed. What is refused ends the partition. */
    .macro  permission begin, end, perm
    adrp    x1, \begin
    add     x1, x1, :lo12:\begin
    adrp    x2, \end
    add     x2, x2, :lo12:\end
    sub     x2, x2, x1
    lsr     x2, x2, #12
    mov     w3, #\perm
    ldr     w0, =FFA_MEM_PERM_SET_64
    svc     #0
    ldr     w1, =FFA_SUCCESS_32
    cmp     w0, w1
    b.ne    6f
    .endm

    .section .text.start, "ax"
    .global _start
_start:
    mov     x19, x0
    permission vmlib_rodata_begin, vmlib_image_end, PERM_RW

    /* As in start.S. */
    adr     x20, _start
    adrp    x1, vmlib_rela_begin
    add     x1, x1, :lo12:vmlib_rela_begin
    adrp    x2, vmlib_rela_end
    add     x2, x2, :lo12:vmlib_rela_end
1:  cmp     x1, x2
    b.hs    2f
    ldp     x3, x4, [x1], #16
    ldr     x5, [x1], #8
    cmp     w4, #1027
    b.ne    1b
    add     x5, x5, x20
    str     x5, [x3, x20]
    b       1b

2:  adrp    x1, vmlib_bss_begin
    add     x1, x1, :lo12:vmlib_bss_begin
    adrp    x2, vmlib_bss_end
    add     x2, x2, :lo12:vmlib_bss_end
3:  cmp     x1, x2
    b.hs    4f
    stp     xzr, xzr, [x1], #16
    b       3b

4:  permission vmlib_rodata_begin, vmlib_data_begin, PERM_RO
    adrp    x1, vmlib_stack_top
    add     x1, x1, :lo12:vmlib_stack_top
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x19
    bl      vmlib_start_el0
5:  wfi
    b       5b
6:  brk     #0
    .ltorg

    .section .stack, "aw", %nobits
    .balign 16
    .skip   8192 /* VMLIB_STACK_SIZE */
vmlib_stack_top:
