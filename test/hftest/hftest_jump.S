/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * setjmp and longjmp: an ASSERT in a helper ends the whole test.
 */
    .text
    .global hftest_jump_save
hftest_jump_save:
    mov     x1, sp
    stp     x19, x20, [x0]
    stp     x21, x22, [x0, #16]
    stp     x23, x24, [x0, #32]
    stp     x25, x26, [x0, #48]
    stp     x27, x28, [x0, #64]
    stp     x29, x30, [x0, #80]
    str     x1, [x0, #96]
    mov     w0, #0
    ret

    .global hftest_jump_to
hftest_jump_to:
    ldp     x19, x20, [x0]
    ldp     x21, x22, [x0, #16]
    ldp     x23, x24, [x0, #32]
    ldp     x25, x26, [x0, #48]
    ldp     x27, x28, [x0, #64]
    ldp     x29, x30, [x0, #80]
    ldr     x1, [x0, #96]
    mov     sp, x1
    mov     w0, #1
    ret
