/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers of the two sides of a world switch, a row for each: they are filled with a pattern, and
 * looked at later.
 */
#pragma once

#include <vmlib.h>

/* Whose it is. */
enum registers_side {
    REGISTERS_OWN, /* each side, and each SP, has its own, and it means nothing when it is filled */
    REGISTERS_USED,  /* the same, but it is in use: only looked at */
    REGISTERS_WORLD, /* the normal world's alone: SPs neither see nor change it */
};

/* What the CPU must have, and EL3 must leave to the normal world. */
enum registers_need { ALWAYS, NEEDS_PAUTH, NEEDS_RAS, NEEDS_SVE, NEEDS_LOR };

/*
 * R(whose, register, what it needs, bits that take a pattern). No exception is taken, and neither
 * pointer authentication nor the virtual timer's interrupt is in use, while they are filled.
 */
#define REGISTERS(R)                                                                               \
    R(OWN, tpidr_el0, ALWAYS, UINT64_MAX)                                                          \
    R(OWN, tpidrro_el0, ALWAYS, UINT64_MAX)                                                        \
    R(OWN, contextidr_el1, ALWAYS, UINT64_MAX)                                                     \
    R(OWN, esr_el1, ALWAYS, UINT64_MAX)                                                            \
    R(OWN, far_el1, ALWAYS, UINT64_MAX)                                                            \
    R(OWN, elr_el1, ALWAYS, UINT64_MAX)                                                            \
    R(OWN, spsr_el1, ALWAYS, UINT64_MAX)                                                           \
    R(OWN, afsr0_el1, ALWAYS, UINT64_MAX)                                                          \
    R(OWN, afsr1_el1, ALWAYS, UINT64_MAX)                                                          \
    R(OWN, amair_el1, ALWAYS, UINT64_MAX)                                                          \
    R(OWN, csselr_el1, ALWAYS, UINT64_MAX)                                                         \
    R(OWN, cntkctl_el1, ALWAYS, UINT64_MAX)                                                        \
    R(OWN, cntv_cval_el0, ALWAYS, UINT64_MAX)                                                      \
    R(OWN, par_el1, ALWAYS, UINT64_MAX)                                                            \
    R(OWN, sp_el0, ALWAYS, UINT64_MAX)                                                             \
    R(OWN, S3_0_C12_C1_1 /* DISR_EL1 */, NEEDS_RAS, UINT64_C(0x81ffffff))                          \
    R(OWN, S3_0_C2_C1_0 /* APIAKeyLo_EL1, and so on: IB, DA, DB, GA */, NEEDS_PAUTH, UINT64_MAX)   \
    R(OWN, S3_0_C2_C1_1, NEEDS_PAUTH, UINT64_MAX)                                                  \
    R(OWN, S3_0_C2_C1_2, NEEDS_PAUTH, UINT64_MAX)                                                  \
    R(OWN, S3_0_C2_C1_3, NEEDS_PAUTH, UINT64_MAX)                                                  \
    R(OWN, S3_0_C2_C2_0, NEEDS_PAUTH, UINT64_MAX)                                                  \
    R(OWN, S3_0_C2_C2_1, NEEDS_PAUTH, UINT64_MAX)                                                  \
    R(OWN, S3_0_C2_C2_2, NEEDS_PAUTH, UINT64_MAX)                                                  \
    R(OWN, S3_0_C2_C2_3, NEEDS_PAUTH, UINT64_MAX)                                                  \
    R(OWN, S3_0_C2_C3_0, NEEDS_PAUTH, UINT64_MAX)                                                  \
    R(OWN, S3_0_C2_C3_1, NEEDS_PAUTH, UINT64_MAX)                                                  \
    R(USED, sctlr_el1, ALWAYS, 0)                                                                  \
    R(USED, tcr_el1, ALWAYS, 0)                                                                    \
    R(USED, ttbr0_el1, ALWAYS, 0)                                                                  \
    R(USED, ttbr1_el1, ALWAYS, 0)                                                                  \
    R(USED, mair_el1, ALWAYS, 0)                                                                   \
    R(USED, vbar_el1, ALWAYS, 0)                                                                   \
    R(USED, cpacr_el1, ALWAYS, 0)                                                                  \
    R(USED, tpidr_el1, ALWAYS, 0)                                                                  \
    R(WORLD, mdscr_el1, ALWAYS, 0x1000)                                                            \
    R(WORLD, dbgbvr0_el1, ALWAYS, UINT64_C(0xfffffffffffc))                                        \
    R(WORLD, dbgbcr0_el1, ALWAYS, 0x1e0)                                                           \
    R(WORLD, dbgwvr0_el1, ALWAYS, UINT64_C(0xfffffffffffc))                                        \
    R(WORLD, dbgwcr0_el1, ALWAYS, 0x1fe0)                                                          \
    R(WORLD, pmuserenr_el0, ALWAYS, 0xf)                                                           \
    R(WORLD, pmccfiltr_el0, ALWAYS, UINT64_C(0xc0000000))                                          \
    R(WORLD, pmccntr_el0, ALWAYS, UINT64_MAX)                                                      \
    R(WORLD, pmselr_el0, ALWAYS, 3)                                                                \
    R(WORLD, S3_3_C14_C8_0 /* PMEVCNTR0_EL0 */, ALWAYS, UINT64_C(0xffffffff))                      \
    R(WORLD, S3_3_C14_C12_0 /* PMEVTYPER0_EL0 */, ALWAYS, 0xff)                                    \
    R(WORLD, cntp_cval_el0, ALWAYS, UINT64_MAX)                                                    \
    R(WORLD, S3_0_C1_C2_0 /* ZCR_EL1 */, NEEDS_SVE, 0xf)                                           \
    R(WORLD, S3_0_C10_C4_0 /* LORSA_EL1; LOREA, LORN */, NEEDS_LOR, UINT64_C(0xffffffff0000))      \
    R(WORLD, S3_0_C10_C4_1, NEEDS_LOR, UINT64_C(0xffffffff0000))                                   \
    R(WORLD, S3_0_C10_C4_2, NEEDS_LOR, 0xff)

#define REGISTERS_ONE(whose, name, need, mask) +1
#define REGISTERS_COUNT                        (0 REGISTERS(REGISTERS_ONE))

_Static_assert(REGISTERS_COUNT <= 64, "a bit for each in what registers_changed returns");

struct registers {
    uint64_t value[REGISTERS_COUNT];
};

/* ID registers do not say it to SPs. Asked before anything is filled: an exception changes it. */
static inline bool registers_have_ras(void)
{
    static enum { UNKNOWN, ABSENT, PRESENT } ras;

    if (ras == UNKNOWN) {
        exception_expect();
        (void)sysreg_read(S3_0_C12_C1_1);
        ras = exception_expected().count == 0 ? PRESENT : ABSENT;
    }
    return ras == PRESENT;
}

static inline bool registers_have(enum registers_need need)
{
    uint64_t pfr0 = sysreg_read(id_aa64pfr0_el1);

    switch (need) {
    case NEEDS_PAUTH:
        return (sysreg_read(id_aa64isar1_el1) & 0xff0) != 0 ||
               (sysreg_read(S3_0_C0_C6_2) & 0xf000) != 0;
    case NEEDS_RAS:
        return registers_have_ras();
    case NEEDS_SVE:
        return (pfr0 >> 32 & 0xf) != 0;
    case NEEDS_LOR:
        return (sysreg_read(id_aa64mmfr1_el1) >> 16 & 0xf) != 0;
    default:
        return true;
    }
}

/* What row i is filled with. */
static inline uint64_t registers_pattern(uint64_t seed, uint32_t i)
{
    return (seed + i) * UINT64_C(0x9e3779b97f4a7c15);
}

/* The rows of a side; of the others nothing is touched. */
static inline void registers_read(struct registers *to, enum registers_side side)
{
    uint32_t i = 0;

#define REGISTERS_READ(whose, name, need, mask)                                                    \
    if (REGISTERS_##whose == side && registers_have(need)) {                                       \
        to->value[i] = sysreg_read(name);                                                          \
    }                                                                                              \
    i++;
    REGISTERS(REGISTERS_READ)
#undef REGISTERS_READ
}

static inline void registers_write(uint64_t seed, enum registers_side side)
{
    uint32_t i = 0;

#define REGISTERS_WRITE(whose, name, need, mask)                                                   \
    if (REGISTERS_##whose == side && registers_have(need)) {                                       \
        sysreg_write(name, registers_pattern(seed, i) & (mask));                                   \
    }                                                                                              \
    i++;
    REGISTERS(REGISTERS_WRITE)
#undef REGISTERS_WRITE
    cpu_isb();
}

/* What registers_read found. */
static inline void registers_load(const struct registers *from, enum registers_side side)
{
    uint32_t i = 0;

#define REGISTERS_LOAD(whose, name, need, mask)                                                    \
    if (REGISTERS_##whose == side && registers_have(need)) {                                       \
        sysreg_write(name, from->value[i]);                                                        \
    }                                                                                              \
    i++;
    REGISTERS(REGISTERS_LOAD)
#undef REGISTERS_LOAD
    cpu_isb();
}

/* A value of its own for each; to: what they then hold, without the bits that they lack. */
static inline void registers_fill(struct registers *to, uint64_t seed)
{
    registers_write(seed, REGISTERS_OWN);
    registers_read(to, REGISTERS_OWN);
    registers_read(to, REGISTERS_USED);
}

/* Bit per row of the side that holds something else than it did. */
static inline uint64_t registers_changed_of(const struct registers *expected,
                                            enum registers_side side)
{
    struct registers now = *expected;
    uint64_t changed = 0;

    registers_read(&now, side);
    for (uint32_t i = 0; i < REGISTERS_COUNT; i++) {
        changed |= now.value[i] != expected->value[i] ? UINT64_C(1) << i : 0;
    }
    return changed;
}

static inline uint64_t registers_changed(const struct registers *expected)
{
    return registers_changed_of(expected, REGISTERS_OWN) |
           registers_changed_of(expected, REGISTERS_USED);
}

/* An SP: writes to all that is the normal world's, and reads it. Bit per row that showed what the
 * normal world has filled it with: the pattern of seed. Exceptions are expected. */
static inline uint64_t registers_reach(uint64_t seed)
{
    uint64_t seen = 0;
    uint32_t i = 0;

#define REGISTERS_REACH(whose, name, need, mask)                                                   \
    if (REGISTERS_##whose == REGISTERS_WORLD) {                                                    \
        uint64_t pattern_ = registers_pattern(seed, i) & (mask), value_ = ~pattern_;               \
        __asm__ volatile("mrs %0, " #name : "+r"(value_) : : "memory");                            \
        seen |= pattern_ != 0 && value_ == pattern_ ? UINT64_C(1) << i : 0;                        \
        sysreg_write(name, ~pattern_ &(mask));                                                     \
    }                                                                                              \
    i++;
    REGISTERS(REGISTERS_REACH)
#undef REGISTERS_REACH
    cpu_isb();
    return seen;
}
