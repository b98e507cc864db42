/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two partitions on one CPU, each with its own pattern in every register that EL1 can write: what
 * one writes, the other must not see, nor lose its own. MMU off, so that most are mere memory. The
 * rows are those of bh/arch/context.def that EL1 may fill with anything; vmlib uses the rest.
 */
#include "robust_common.h"

#define OTHER  2
#define ROUNDS 3u

/* name, writable bits */
#define REGISTERS(R)                                                                               \
    R(ttbr0_el1, UINT64_C(0x0000fffffffff000))                                                     \
    R(ttbr1_el1, UINT64_C(0x0000fffffffff000))                                                     \
    R(mair_el1, UINT64_C(0xffffffffffffffff))                                                      \
    R(contextidr_el1, UINT64_C(0xffffffff))                                                        \
    R(tpidr_el0, UINT64_C(0xffffffffffffffff))                                                     \
    R(tpidrro_el0, UINT64_C(0xffffffffffffffff))                                                   \
    R(sp_el0, UINT64_C(0xffffffffffffffff))                                                        \
    R(elr_el1, UINT64_C(0xffffffffffffffff))                                                       \
    R(spsr_el1, UINT64_C(0xf0000000))                                                              \
    R(esr_el1, UINT64_C(0xffffffff))                                                               \
    R(far_el1, UINT64_C(0xffffffffffffffff))                                                       \
    R(par_el1, UINT64_C(0x0000fffffffff000))                                                       \
    R(tcr_el1, UINT64_C(0x3f003f))                                                                 \
    R(cpacr_el1, UINT64_C(0x300000))                                                               \
    R(cntkctl_el1, UINT64_C(0x3))                                                                  \
    R(vbar_el1, UINT64_C(0x0000fffffffff800))                                                      \
    R(cntv_cval_el0, UINT64_C(0xffffffffffffffff))                                                 \
    R(pmr, UINT64_C(0xf8))

/* ICC_PMR_EL1 lives in the GIC's own save area, PAuth keys in theirs. */
#define pmr ICC_PMR_EL1

#define KEYS(R)                                                                                    \
    R(S3_0_C2_C1_0) /* APIAKeyLo_EL1, and so on: IB, DA, DB, GA */                                 \
    R(S3_0_C2_C1_1)                                                                                \
    R(S3_0_C2_C1_2)                                                                                \
    R(S3_0_C2_C1_3)                                                                                \
    R(S3_0_C2_C2_0)                                                                                \
    R(S3_0_C2_C2_1)                                                                                \
    R(S3_0_C2_C2_2)                                                                                \
    R(S3_0_C2_C2_3)                                                                                \
    R(S3_0_C2_C3_0)                                                                                \
    R(S3_0_C2_C3_1)

enum {
#define R(name, mask) REG_##name,
    REGISTERS(R)
#undef R
        REGISTER_COUNT,
    KEY_COUNT = 10,
    DISR = REGISTER_COUNT + KEY_COUNT, /* DISR_EL1, of FEAT_RAS */
    ALL_COUNT,
};

#define DISR_MASK UINT64_C(0x81ffffff)

static uint64_t wanted[ALL_COUNT], found[ALL_COUNT];
static bool has_keys, has_ras;

static void keys_write(const uint64_t *from)
{
#define R(name) sysreg_write(name, *from++);
    KEYS(R)
#undef R
}

static void keys_read(uint64_t *to)
{
#define R(name) *to++ = sysreg_read(name);
    KEYS(R)
#undef R
}

/* Nothing but the call between the two: no exception could be taken with these registers. */
static void call_with_pattern(struct ffa_value *value)
{
    const uint64_t *from = wanted;
    uint64_t *to = found;
    uint64_t vbar = sysreg_read(vbar_el1);

    if (has_keys) {
        keys_write(&wanted[REGISTER_COUNT]);
    }
    if (has_ras) {
        sysreg_write(S3_0_C12_C1_1, wanted[DISR]);
    }
#define R(name, mask) sysreg_write(name, *from++);
    REGISTERS(R)
#undef R
    cpu_isb();
    call_hvc(value);
#define R(name, mask) *to++ = sysreg_read(name);
    REGISTERS(R)
#undef R
    sysreg_write(vbar_el1, vbar);
    cpu_isb();
    if (has_keys) {
        keys_read(&found[REGISTER_COUNT]);
    }
    found[DISR] = has_ras ? sysreg_read(S3_0_C12_C1_1) : wanted[DISR];
}

static void pattern_make(struct robust_random *random)
{
    uint32_t i = 0;

#define R(name, mask) wanted[i++] = robust_next(random) & (mask);
    REGISTERS(R)
#undef R
    for (; i < ALL_COUNT; i++) {
        wanted[i] = robust_next(random);
    }
    wanted[DISR] &= DISR_MASK;
    sysreg_write(cntv_ctl_el0, 0);
}

static uint32_t pattern_check(void)
{
    static const char *const names[] = {
#define R(name, mask) #name,
        REGISTERS(R)
#undef R
    };
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < ALL_COUNT; i++) {
        if (found[i] != wanted[i] && (has_keys || i < REGISTER_COUNT || i == DISR)) {
            console_print("context: %s was 0x%lx, is 0x%lx\n",
                          i < REGISTER_COUNT ? names[i]
                          : i == DISR        ? "DISR_EL1"
                                             : "a PAuth key",
                          wanted[i], found[i]);
            wrong++;
        }
    }
    return wrong;
}

int main(void)
{
    uint16_t self = ffa_id_get();
    struct robust_random random;
    uint32_t wrong = 0;

    robust_seed(&random, self, 7);
    has_keys =
        (sysreg_read(id_aa64isar1_el1) & 0xff0) != 0 || (sysreg_read(S3_0_C0_C6_2) & 0xf000) != 0;
    /* Its ID field says no, but the CPU may have the register all the same. */
    exception_expect();
    sysreg_write(S3_0_C12_C1_1, 0);
    has_ras = exception_expected().count == 0;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct ffa_value value = {{FFA_YIELD_32}};

        if (self != OTHER) {
            value = (struct ffa_value){{FFA_RUN_32, ffa_target_make(OTHER, 0)}};
        }
        pattern_make(&random);
        call_with_pattern(&value);
        wrong += pattern_check();
        if (self != OTHER && value.x[0] != FFA_YIELD_32) {
            console_print("context: FFA_RUN: 0x%lx\n", value.x[0]);
            wrong++;
        }
    }
    if (self != OTHER) {
        (void)ffa_run(OTHER, 0);
    }
    console_print("context: partition %u, %u rounds, %s PAuth keys, %s DISR_EL1, %u wrong\n", self,
                  ROUNDS, has_keys ? "with" : "no", has_ras ? "with" : "no", wrong);
    return 0;
}
