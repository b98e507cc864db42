/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entry of a partition: raw image at any 4 KiB boundary, EL1h, MMU off, interrupts masked. x0 is
 * the address of the device tree or the size of the memory; or one of x0 to x3 is the address of
 * the boot information.
 *
 * As the whole of a normal world the same image is entered at EL2 (TF-A's BL33). It goes on at EL1,
 * with the device tree that stands at VMLIB_BL33_DTB, and what stays at EL2 passes its HVCs on as
 * SMCs.
 */
#define VMLIB_BL33_DTB 0x48000000

/* Goes on behind itself at EL1h if this is EL2. Uses x1, x2. */
    .macro  leave_el2
    mrs     x1, CurrentEL
    cmp     x1, #(2 << 2)
    b.ne    1f
    mov     x1, #(1 << 31)      /* HCR_EL2: RW, and pointer authentication does not trap */
    movk    x1, #0x300, lsl #32
    msr     hcr_el2, x1
    mov     x1, #3              /* CNTHCTL_EL2: timer and counter are EL1's */
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    mov     x1, #0x32ff         /* CPTR_EL2: RES1, nothing of FP and SVE traps */
    msr     cptr_el2, x1
    mrs     x1, id_aa64pfr0_el1
    ubfx    x1, x1, #32, #4     /* SVE */
    cbz     x1, 2f
    isb
    mov     x1, #0xf            /* ZCR_EL2: the longest vectors */
    msr     S3_4_C1_C2_0, x1
2:  mrs     x1, id_aa64pfr1_el1
    ubfx    x1, x1, #24, #4     /* SME; an EL3 that keeps it for itself has a CPU without it */
    cbz     x1, 3f
    mov     x1, #0x22ff         /* CPTR_EL2: nor does SME */
    msr     cptr_el2, x1
    isb
    mov     x1, #0xf            /* SMCR_EL2: the longest vectors, all instructions, ZT0 */
    movk    x1, #0xc000, lsl #16
    msr     S3_4_C1_C2_6, x1
    mov     x1, #(1 << 55)      /* HFGRTR_EL2, HFGWTR_EL2: nor does TPIDR2_EL0 */
    msr     S3_4_C1_C1_4, x1
    msr     S3_4_C1_C1_5, x1
3:  mrs     x1, midr_el1
    msr     vpidr_el2, x1
    mrs     x1, mpidr_el1
    msr     vmpidr_el2, x1
    mov     x1, #0xf            /* ICC_SRE_EL2: EL1 has the GIC's registers */
    msr     S3_4_C12_C9_5, x1
    ldr     x1, =0x30d00800     /* SCTLR_EL1: RES1 */
    msr     sctlr_el1, x1
    adr     x1, vmlib_el2_vectors
    msr     vbar_el2, x1
    adr     x1, 1f
    msr     elr_el2, x1
    mov     x1, #0x3c5          /* EL1h, DAIF */
    msr     spsr_el2, x1
    isb
    eret
1:
    .endm

    .section .text.start, "ax"
    .global _start
_start:
    msr     daifset, #15
    mov     x19, x0
    mov     x21, x1
    mov     x22, x2
    mov     x23, x3
    mov     x24, #0
    mrs     x1, CurrentEL
    cmp     x1, #(2 << 2)
    b.ne    1f
    ldr     x19, =VMLIB_BL33_DTB
    mov     x24, #1
1:  leave_el2

    /* The image is linked at 0: what it holds of its own addresses moves with it. Only
     * R_AARCH64_RELATIVE (1027) exists in a static position-independent image. */
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

4:  dsb     sy
    ic      iallu
    isb
    adrp    x1, vmlib_boot_stack_top
    add     x1, x1, :lo12:vmlib_boot_stack_top
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    stp     x19, x21, [sp, #-32]!
    stp     x22, x23, [sp, #16]
    mov     x0, sp
    mov     x1, x24
    bl      vmlib_start
5:  wfi
    b       5b

/* Entry of the other vCPUs from PSCI CPU_ON: x0 is their struct vmlib_cpu. */
    .global vmlib_secondary_entry
vmlib_secondary_entry:
    msr     daifset, #15
    leave_el2
    ic      iallu
    isb
    ldr     x1, [x0]
    mov     sp, x1
    msr     tpidr_el1, x0
    mov     x29, xzr
    mov     x30, xzr
    bl      vmlib_secondary_start
6:  wfi
    b       6b

/* Entry of a secure partition's contexts of other CPUs, each time its CPU comes up. */
    .global vmlib_context_entry
vmlib_context_entry:
    msr     daifset, #15
    ic      iallu
    isb
    mrs     x0, mpidr_el1
    and     x0, x0, #7          /* VMLIB_MAX_CPUS - 1; the number of the context */
    adrp    x1, vmlib_boot_stack_top
    add     x1, x1, :lo12:vmlib_boot_stack_top
    add     x1, x1, x0, lsl #13 /* VMLIB_STACK_SIZE */
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    bl      vmlib_context_start
7:  wfi
    b       7b

    .balign 2048
vmlib_el2_vectors:
    .org    vmlib_el2_vectors + 0x400 /* from EL1: HVC */
    smc     #0
    eret
    .org    vmlib_el2_vectors + 0x800

    .section .stack, "aw", %nobits
    .balign 16
    .global vmlib_stacks
vmlib_stacks:
    .skip   8192 /* VMLIB_STACK_SIZE */
vmlib_boot_stack_top:
    .skip   8192 * 7 /* VMLIB_MAX_CPUS - 1 */
