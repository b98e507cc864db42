/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shortest interrupt handlers: what remains is the core's. x18 counts interrupts; x16 and x17
 * are the handler's (the code under test leaves them alone).
 */
    .section .text.bench, "ax"

/* Acknowledge, stop the virtual timer, end. 6 instructions and the branch-free return. */
    .balign 2048
    .global bench_vectors
bench_vectors:
    .skip   0x280
    mrs     x16, ICC_IAR1_EL1
    msr     cntv_ctl_el0, xzr
    msr     ICC_EOIR1_EL1, x16
    add     x18, x18, #1
    eret

/* Answers an SGI from the other vCPU with one back to the MPIDR in x17's SGI1R value. */
    .balign 2048
    .global bench_echo_vectors
bench_echo_vectors:
    .skip   0x280
    mrs     x16, ICC_IAR1_EL1
    msr     ICC_EOIR1_EL1, x16
    msr     ICC_SGI1R_EL1, x17
    eret
    .balign 128
