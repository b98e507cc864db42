/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition without a library, that calls by SMC: looks at its registers at entry, in every
 * context, and answers requests with what it saw: x3 what is wrong, x4 its MPIDR, x5 x0 of what the
 * registration of the other contexts' entry came back with.
 */
#define FFA_MSG_WAIT_32             0x8400006b
#define FFA_MSG_SEND_DIRECT_REQ_32  0x8400006f
#define FFA_MSG_SEND_DIRECT_RESP_32 0x84000070
#define FFA_SECONDARY_EP_REGISTER   0xc4000087

#define WRONG_X4    1  /* is not the affinity */
#define WRONG_OTHER 2  /* of x0 to x7 is not 0 */
#define WRONG_LEVEL 4  /* not EL1 with its own stack pointer */
#define WRONG_DAIF  8  /* something is not masked */
#define WRONG_MMU   16 /* is on */

/* Adds flag to x19 if the condition holds. */
    .macro  note_if condition, flag
    orr     x9, x19, #\flag
    csel    x19, x9, x19, \condition
    .endm

/* x19: what is wrong; x20: MPIDR without the bit that is always 1. */
    .macro  look
    mov     x19, #0
    mrs     x20, mpidr_el1
    and     x20, x20, #~(1 << 31)
    cmp     x4, x20
    note_if ne, WRONG_X4
    orr     x9, x0, x1
    orr     x9, x9, x2
    orr     x9, x9, x3
    orr     x9, x9, x5
    orr     x9, x9, x6
    orr     x9, x9, x7
    cmp     x9, #0
    note_if ne, WRONG_OTHER
    mrs     x9, CurrentEL
    mrs     x10, SPSel
    orr     x9, x9, x10
    cmp     x9, #(1 << 2 | 1)
    note_if ne, WRONG_LEVEL
    mrs     x9, daif
    cmp     x9, #(15 << 6)
    note_if ne, WRONG_DAIF
    mrs     x9, sctlr_el1
    tst     x9, #1
    note_if ne, WRONG_MMU
    .endm

    .section .text.start, "ax"
    .global _start
_start:
    look
    ldr     x0, =FFA_SECONDARY_EP_REGISTER
    adr     x1, other
    smc     #0
    mov     x21, x0
    b       wait

other:
    look
    mov     x21, #0

wait:
    mov     x1, #0
    mov     x2, #0
    mov     x3, #0
    mov     x4, #0
    mov     x5, #0
    mov     x6, #0
    mov     x7, #0
    ldr     x0, =FFA_MSG_WAIT_32
1:  smc     #0
    ldr     x9, =FFA_MSG_SEND_DIRECT_REQ_32
    cmp     x0, x9
    b.ne    wait
    ror     w1, w1, #16
    mov     x2, #0
    mov     x3, x19
    mov     x4, x20
    mov     x5, x21
    mov     x6, #0
    mov     x7, #0
    ldr     x0, =FFA_MSG_SEND_DIRECT_RESP_32
    b       1b
    .ltorg
