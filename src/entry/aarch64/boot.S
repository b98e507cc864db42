/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reset: the arm64 Image header, then from MMU off to C with a stack.
 * Source: Linux Documentation/arch/arm64/booting.rst (Image header, entry state), PSCI (DEN0022).
 */

#define IMAGE_FLAGS 0x2 /* little endian, 4 KiB pages, at text_offset from the start of RAM */

.section .text.head, "ax"
.global _start
_start:
    b boot_entry
    .long 0
    .quad BH_CORE_TEXT_OFFSET
    .quad core_image_size /* up to the end of .bss; the compiler raises it to the end of the pool */
    .quad IMAGE_FLAGS
    .quad 0
    .quad 0
    .quad 0
    .ascii "ARM\x64"
    .long 0

/* Boot CPU: x0 = the loader's device tree. Whoever loaded us may have left the MMU on, identity
 * mapped: nothing below relies on it. */
boot_entry:
    mov x19, x0
    mrs x1, CurrentEL
    cmp x1, #(2 << 2)
    mov x20, #0
    b.lo boot_refuse          /* C code can't run EL2's way below EL2 */
    adrp x1, _start
    ldr x2, =BH_CORE_BASE
    cmp x1, x2
    mov x20, #1
    b.ne boot_refuse
    bl boot_mmu_off

    /* The cache may hold lines older than the image's zero pages: throw them away, then clear. */
    adrp x1, core_bss_begin
    add x1, x1, :lo12:core_bss_begin
    adrp x2, core_bss_end
    add x2, x2, :lo12:core_bss_end
    mrs x3, ctr_el0
    ubfx x3, x3, #16, #4      /* DminLine: log2 of words */
    mov x4, #4
    lsl x3, x4, x3
    mov x4, x1
1:  dc ivac, x4
    add x4, x4, x3
    cmp x4, x2
    b.lo 1b
    dsb sy
2:  stp xzr, xzr, [x1]
    stp xzr, xzr, [x1, #16]
    stp xzr, xzr, [x1, #32]
    stp xzr, xzr, [x1, #48]
    add x1, x1, #64
    cmp x1, x2
    b.lo 2b

    mov x0, #0
    bl boot_cpu_setup
    mov x0, x19
    bl boot_primary
    b .

/*
 * PSCI CPU_ON enters here, by the firmware or (SPMC) when the normal world starts the CPU; then
 * what is in registers and whether the MMU is on depend on the firmware and on how the CPU went
 * off. Who we are stands in MPIDR_EL1.
 */
.global boot_secondary_entry
boot_secondary_entry:
    bl boot_mmu_off
    mrs x1, mpidr_el1
    ldr x2, =0xff00ffffff     /* affinity fields */
    and x1, x1, x2
    adrp x2, boot_cpu_mpidr
    add x2, x2, :lo12:boot_cpu_mpidr
    mov x0, #0
1:  cmp x0, #BH_MAX_CPUS
    b.eq boot_unknown_cpu
    ldr x3, [x2, x0, lsl #3]
    add x0, x0, #1
    cmp x3, x1
    b.ne 1b
    sub x19, x0, #1
    mov x0, x19
    bl boot_cpu_setup
    mov x0, x19
    bl boot_secondary
    b .

/* Not in the plan: who started it goes on without us (FFA_ERROR, NOT_SUPPORTED), or it halts. */
boot_unknown_cpu:
    ldr x0, =0x84000060
    mov x1, #0
    ldr x2, =0xffffffff
    smc #0
1:  wfi
    b 1b

/* SCTLR_EL2: RES1 bits alone. Keeps all but x1. */
boot_mmu_off:
    ldr x1, =0x30c50830
    msr sctlr_el2, x1
    isb                       /* fetches and accesses from here on are untranslated */
    ret

/* x0 = CPU index: stack pointer and vectors of this CPU. Leaves x19, x20 alone. */
boot_cpu_setup:
    adrp x1, core_stacks
    add x1, x1, :lo12:core_stacks
    mov x2, #BH_STACK_STRIDE
    madd x1, x0, x2, x1
    add x1, x1, x2            /* stacks grow down; the lowest page of each is the guard */
    mov sp, x1
    adrp x1, vectors
    add x1, x1, :lo12:vectors
    msr vbar_el2, x1
    isb
    ret

/* x20 = 0: below EL2, 1: wrong address. Tells the reason on the platform's UART and stops. */
boot_refuse:
    adr x1, boot_message_el
    adr x2, boot_message_address
    cmp x20, #0
    csel x1, x1, x2, eq
    ldr x2, =BH_UART_BASE
1:  ldrb w3, [x1], #1
    cbz w3, 3f
2:  ldr w4, [x2, #0x18]       /* UARTFR.TXFF: room for a character? */
    tbnz w4, #5, 2b
    str w3, [x2]
    b 1b
3:  wfi
    b 3b

boot_message_el:
    .asciz "bulkhead: not entered at EL2: start QEMU with -M virt,virtualization=on\r\n"
boot_message_address:
    .asciz "bulkhead: not loaded at the address that it is linked for\r\n"

.balign 8
