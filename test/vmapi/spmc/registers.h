/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What one side of a world switch keeps in registers: filled with a pattern, and looked at later.
 */
#pragma once

#include <vmlib.h>

/* Registers of EL1 and EL0 that mean nothing while they are filled: no exception is taken, and
 * neither pointer authentication nor the virtual timer's interrupt is in use. */
#define REGISTERS_ANY(op)                                                                          \
    op(tpidr_el0) op(tpidrro_el0) op(contextidr_el1) op(esr_el1) op(far_el1) op(elr_el1)           \
        op(spsr_el1) op(csselr_el1) op(cntkctl_el1) op(cntv_cval_el0) op(par_el1) op(sp_el0)       \
            op(S3_0_C2_C1_0) op(S3_0_C2_C1_1) op(S3_0_C2_C1_2) op(S3_0_C2_C1_3) op(S3_0_C2_C2_0)   \
                op(S3_0_C2_C2_1) op(S3_0_C2_C2_2) op(S3_0_C2_C2_3) op(S3_0_C2_C3_0)                \
                    op(S3_0_C2_C3_1)
/* Those that are in use: only looked at. */
#define REGISTERS_USED(op)                                                                         \
    op(sctlr_el1) op(tcr_el1) op(ttbr0_el1) op(ttbr1_el1) op(mair_el1) op(vbar_el1) op(cpacr_el1)  \
        op(tpidr_el1)

#define REGISTERS_ONE(name) +1
#define REGISTERS_COUNT     (0 REGISTERS_ANY(REGISTERS_ONE) REGISTERS_USED(REGISTERS_ONE))

struct registers {
    uint64_t value[REGISTERS_COUNT];
};

static inline void registers_read(struct registers *to)
{
    uint32_t i = 0;

#define REGISTERS_READ(name) to->value[i++] = sysreg_read(name);
    REGISTERS_ANY(REGISTERS_READ)
    REGISTERS_USED(REGISTERS_READ)
#undef REGISTERS_READ
}

/* A value of its own for each; to: what they then hold, without the bits that they lack. */
static inline void registers_fill(struct registers *to, uint64_t seed)
{
#define REGISTERS_WRITE(name) sysreg_write(name, seed *= UINT64_C(0x9e3779b97f4a7c15));
    REGISTERS_ANY(REGISTERS_WRITE)
#undef REGISTERS_WRITE
    cpu_isb();
    registers_read(to);
}

/* Bit per register, in the order above, that holds something else than it did. */
static inline uint64_t registers_changed(const struct registers *expected)
{
    struct registers now;
    uint64_t changed = 0;

    registers_read(&now);
    for (uint32_t i = 0; i < REGISTERS_COUNT; i++) {
        changed |= now.value[i] != expected->value[i] ? UINT64_C(1) << i : 0;
    }
    return changed;
}
