/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Offsets of C structures for assembly. Compiled to assembly (never linked); offsets.py turns each
 * marked line into "#define NAME value" of the generated header arch_offsets.h.
 */
#include <stddef.h>

#include "bh/arch/arch_context.h"
#include "bh/arch/arch_cpu.h"

#define OFFSET(name, value) __asm__ volatile("\n.ascii \"OFFSET " #name " %c0\"" : : "i"(value))

void offsets(void);

void offsets(void)
{
    OFFSET(CTX_X, offsetof(struct arch_context, x));
    OFFSET(CTX_ELR, offsetof(struct arch_context, elr));
    OFFSET(CTX_SPSR, offsetof(struct arch_context, spsr));
    OFFSET(CTX_SIZE, sizeof(struct arch_context));
    OFFSET(FP_FPSR, offsetof(struct arch_fp, fpsr));
    OFFSET(FP_FPCR, offsetof(struct arch_fp, fpcr));
    /* vectors.S finds the current vCPU at offset 0 of the struct that TPIDR_EL2 points at. */
    OFFSET(CPU_CURRENT, 0);
}
