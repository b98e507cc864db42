/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * void arch_smc(struct arch_smc_regs *regs)
 *
 * Assembly because x0-x17 all carry arguments and results (SMCCC 1.2) and the compiler has no
 * register left to find regs again; it waits on the stack.
 */
.section .text.arch_smc, "ax"
.global arch_smc
.type arch_smc, @function
arch_smc:
	stp x29, x30, [sp, #-32]!
	mov x29, sp
	str x0, [sp, #16]
	mov x18, x0
	ldp x0, x1, [x18, #0]
	ldp x2, x3, [x18, #16]
	ldp x4, x5, [x18, #32]
	ldp x6, x7, [x18, #48]
	ldp x8, x9, [x18, #64]
	ldp x10, x11, [x18, #80]
	ldp x12, x13, [x18, #96]
	ldp x14, x15, [x18, #112]
	ldp x16, x17, [x18, #128]
	smc #0
	ldr x18, [sp, #16]
	stp x0, x1, [x18, #0]
	stp x2, x3, [x18, #16]
	stp x4, x5, [x18, #32]
	stp x6, x7, [x18, #48]
	stp x8, x9, [x18, #64]
	stp x10, x11, [x18, #80]
	stp x12, x13, [x18, #96]
	stp x14, x15, [x18, #112]
	stp x16, x17, [x18, #128]
	ldp x29, x30, [sp], #32
	ret
.size arch_smc, . - arch_smc
