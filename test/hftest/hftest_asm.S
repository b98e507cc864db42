/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hftest_asm.h
 */
    .arch   armv8-a+fp+simd
    .text

/* x0 in, x1 out, w2 smc. Stack: x19..x30, in, out, and x0, x30 of the result. */
    .global hftest_call_pattern
hftest_call_pattern:
    stp     x29, x30, [sp, #-128]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    str     x1, [sp, #96]
    cmp     w2, #0
    mov     x30, x0
    ldp     x1, x2, [x30, #8]
    ldp     x3, x4, [x30, #24]
    ldp     x5, x6, [x30, #40]
    ldp     x7, x8, [x30, #56]
    ldp     x9, x10, [x30, #72]
    ldp     x11, x12, [x30, #88]
    ldp     x13, x14, [x30, #104]
    ldp     x15, x16, [x30, #120]
    ldp     x17, x18, [x30, #136]
    ldp     x19, x20, [x30, #152]
    ldp     x21, x22, [x30, #168]
    ldp     x23, x24, [x30, #184]
    ldp     x25, x26, [x30, #200]
    ldp     x27, x28, [x30, #216]
    ldr     x0, [x30]
    ldp     x29, x30, [x30, #232]
    b.ne    1f
    hvc     #0
    b       2f
1:  smc     #0
2:  str     x30, [sp, #104]
    ldr     x30, [sp, #96]
    stp     x0, x1, [x30]
    stp     x2, x3, [x30, #16]
    stp     x4, x5, [x30, #32]
    stp     x6, x7, [x30, #48]
    stp     x8, x9, [x30, #64]
    stp     x10, x11, [x30, #80]
    stp     x12, x13, [x30, #96]
    stp     x14, x15, [x30, #112]
    stp     x16, x17, [x30, #128]
    stp     x18, x19, [x30, #144]
    stp     x20, x21, [x30, #160]
    stp     x22, x23, [x30, #176]
    stp     x24, x25, [x30, #192]
    stp     x26, x27, [x30, #208]
    stp     x28, x29, [x30, #224]
    ldr     x0, [sp, #104]
    str     x0, [x30, #240]
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #128
    ret

    .macro  fp_all operation
    \operation  q0, q1, [x0]
    \operation  q2, q3, [x0, #32]
    \operation  q4, q5, [x0, #64]
    \operation  q6, q7, [x0, #96]
    \operation  q8, q9, [x0, #128]
    \operation  q10, q11, [x0, #160]
    \operation  q12, q13, [x0, #192]
    \operation  q14, q15, [x0, #224]
    \operation  q16, q17, [x0, #256]
    \operation  q18, q19, [x0, #288]
    \operation  q20, q21, [x0, #320]
    \operation  q22, q23, [x0, #352]
    \operation  q24, q25, [x0, #384]
    \operation  q26, q27, [x0, #416]
    \operation  q28, q29, [x0, #448]
    \operation  q30, q31, [x0, #480]
    .endm

    .global hftest_fp_load
hftest_fp_load:
    fp_all  ldp
    ldr     x1, [x0, #512]
    ldr     x2, [x0, #520]
    msr     fpcr, x1
    msr     fpsr, x2
    ret

    .global hftest_fp_store
hftest_fp_store:
    fp_all  stp
    mrs     x1, fpcr
    mrs     x2, fpsr
    str     x1, [x0, #512]
    str     x2, [x0, #520]
    ret
