/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SME in the normal world: what it has in streaming mode, in ZA, ZT0 and the registers beside them
 * outlives requests to SPs and their interrupts, and SPs find a CPU that is not in streaming mode.
 */
#include "hftest_asm.h"
#include "vectors.h"
#include "work.h"

/* Named by their encodings below: SVCR S3_3_C4_C2_2, TPIDR2_EL0 S3_3_C13_C0_5, ZCR_EL1
 * S3_0_C1_C2_0, SMCR_EL1 S3_0_C1_C2_6, ID_AA64SMFR0_EL1 S3_0_C0_C4_5, FPCR S3_3_C4_C4_0, FPSR
 * S3_3_C4_C4_1. */
#define PFR1_SME_SHIFT 24
#define SMFR0_FA64     63
#define SMFR0_SME2     56
#define CPACR_ALL      (3u << 24 | 3u << 20 | 3u << 16) /* SME, FP, SVE */
#define SMCR_FA64      UINT64_C(0x80000000)
#define SMCR_ZT0       UINT64_C(0x40000000)
#define SVCR_SM        UINT64_C(1)
#define SVCR_ZA        UINT64_C(2)
#define FPSR_PATTERN   UINT64_C(0x08000011)
#define FPCR_PATTERN   UINT64_C(0x00c00000)
#define TPIDR2_PATTERN UINT64_C(0x72d17eb07007e5f6)

struct state {
    uint8_t vectors[VECTORS_SIZE];
    uint8_t table[64];
    uint8_t matrix[VECTOR_MAX * VECTOR_MAX];
    uint64_t svcr, fpsr, fpcr, tpidr2, smcr, zcr;
};

static struct state mine __attribute__((aligned(64))), now __attribute__((aligned(64)));
static bool has_ffr, has_table;

static bool has(uint32_t bit)
{
    return (sysreg_read(S3_0_C0_C4_5) >> bit & 0xf) != 0;
}

/* Of vectors that are length + 1 times 16 bytes at most. False: no SME. */
static bool matrix_open(uint64_t length, bool wants_ffr)
{
    if ((sysreg_read(id_aa64pfr1_el1) >> PFR1_SME_SHIFT & 0xf) == 0) {
        return false;
    }
    has_ffr = wants_ffr && (sysreg_read(S3_0_C0_C4_5) >> SMFR0_FA64) != 0;
    has_table = has(SMFR0_SME2);
    sysreg_write(cpacr_el1, CPACR_ALL);
    cpu_isb();
    sysreg_write(S3_0_C1_C2_0, length);
    sysreg_write(S3_0_C1_C2_6, length | (has_ffr ? SMCR_FA64 : 0) | (has_table ? SMCR_ZT0 : 0));
    cpu_isb();
    return true;
}

static void matrix_close(void)
{
    sysreg_write(S3_3_C4_C2_2, 0);
    sysreg_write(S3_3_C13_C0_5, 0);
    cpu_isb();
}

/* FFR is there outside streaming mode, or with FEAT_SME_FA64. */
static bool ffr_is_there(uint64_t mode)
{
    return (mode & SVCR_SM) == 0 || has_ffr;
}

static void state_load(const struct state *from)
{
    sysreg_write(S3_3_C4_C2_2, from->svcr);
    cpu_isb();
    vectors_load(from->vectors, ffr_is_there(from->svcr));
    if ((from->svcr & SVCR_ZA) != 0) {
        matrix_load(from->matrix);
    }
    if ((from->svcr & SVCR_ZA) != 0 && has_table) {
        matrix_table_load(from->table);
    }
    sysreg_write(S3_3_C4_C4_0, from->fpcr);
    sysreg_write(S3_3_C4_C4_1, from->fpsr);
    sysreg_write(S3_3_C13_C0_5, from->tpidr2);
}

static void state_store(struct state *to)
{
    to->svcr = sysreg_read(S3_3_C4_C2_2);
    to->fpsr = sysreg_read(S3_3_C4_C4_1);
    to->fpcr = sysreg_read(S3_3_C4_C4_0);
    to->tpidr2 = sysreg_read(S3_3_C13_C0_5);
    to->smcr = sysreg_read(S3_0_C1_C2_6);
    to->zcr = sysreg_read(S3_0_C1_C2_0);
    vectors_store(to->vectors, ffr_is_there(to->svcr));
    if ((to->svcr & SVCR_ZA) != 0) {
        matrix_store(to->matrix);
    }
    if ((to->svcr & SVCR_ZA) != 0 && has_table) {
        matrix_table_store(to->table);
    }
}

static void fill(uint8_t *bytes, uint64_t size, uint8_t seed)
{
    for (uint64_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256 + seed);
    }
}

/* Loads a pattern in that mode. FFR may hold no 0 below a 1: all ones up to the middle. */
static void matrix_fill(uint64_t mode, uint8_t seed)
{
    uint64_t length;

    memset(&mine, 0, sizeof(mine));
    memset(&now, 0, sizeof(now));
    sysreg_write(S3_3_C4_C2_2, mode);
    cpu_isb();
    length = vectors_length();
    fill(mine.vectors, sizeof(mine.vectors), seed);
    memset(mine.vectors + length * 34, 0, length / 8);
    memset(mine.vectors + length * 34, 0xff, length / 16);
    fill(mine.table, sizeof(mine.table), (uint8_t)(seed + 1));
    fill(mine.matrix, sizeof(mine.matrix), (uint8_t)(seed + 2));
    mine.svcr = mode;
    mine.fpsr = FPSR_PATTERN;
    mine.fpcr = FPCR_PATTERN;
    mine.tpidr2 = TPIDR2_PATTERN + seed;
    mine.smcr = sysreg_read(S3_0_C1_C2_6);
    mine.zcr = sysreg_read(S3_0_C1_C2_0);
    state_load(&mine);
}

static void matrix_check(void)
{
    uint64_t size;

    state_store(&now);
    EXPECT_EQ(now.svcr, mine.svcr);
    sysreg_write(S3_3_C4_C2_2, mine.svcr);
    cpu_isb();
    size = vectors_size(ffr_is_there(mine.svcr));
    EXPECT_EQ(now.fpsr, mine.fpsr);
    EXPECT_EQ(now.fpcr, mine.fpcr);
    EXPECT_EQ(now.tpidr2, mine.tpidr2);
    EXPECT_EQ(now.smcr, mine.smcr);
    EXPECT_EQ(now.zcr, mine.zcr);
    EXPECT_EQ(memcmp(now.vectors, mine.vectors, size), 0);
    if ((mine.svcr & SVCR_ZA) != 0) {
        EXPECT_EQ(memcmp(now.matrix, mine.matrix, matrix_length() * matrix_length()), 0);
    }
    if ((mine.svcr & SVCR_ZA) != 0 && has_table) {
        EXPECT_EQ(memcmp(now.table, mine.table, sizeof(mine.table)), 0);
    }
}

static uint64_t keep(uint16_t sp, enum keep what, uint64_t seed)
{
    struct ffa_value answer = ffa_direct_req(sp, what, seed, 0);

    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return answer.x[3] | answer.x[4];
}

static void requests(uint64_t mode)
{
    matrix_fill(mode, 3);
    EXPECT_EQ(keep(SP_UP, KEEP_FILL, 5), 0);
    matrix_check();
    matrix_fill(mode, 4);
    EXPECT_EQ(keep(SP_MP, KEEP_FILL, 6), 0);
    EXPECT_EQ(keep(SP_UP, KEEP_CHECK, 0), 0);
    EXPECT_EQ(keep(SP_MP, KEEP_CHECK, 0), 0);
    matrix_check();
}

/* Modes and vector lengths, with and without the instructions that streaming mode may lack. */
TEST(matrix, requests)
{
    static const uint64_t lengths[] = {0, 1, 3, 0xf};

    if (!matrix_open(0xf, true)) {
        SKIP("the CPU has no SME");
    }
    SERVICE_SELECT(SP_UP, "keeper");
    SERVICE_SELECT(SP_MP, "keeper");
    for (uint32_t i = 0; i < 2 * sizeof(lengths) / sizeof(*lengths); i++) {
        (void)matrix_open(lengths[i / 2], i % 2 != 0);
        requests(0);
        requests(SVCR_ZA);
        requests(SVCR_SM);
        requests(SVCR_SM | SVCR_ZA);
    }
    matrix_close();
}

/* An SP that touches no vectors runs. */
TEST(matrix, requests_without_vectors)
{
    if (!matrix_open(0xf, true)) {
        SKIP("the CPU has no SME");
    }
    SERVICE_SELECT(SP_UP, "echo");
    matrix_fill(SVCR_SM | SVCR_ZA, 8);
    EXPECT_EQ(ffa_direct_req(SP_UP, 1, 2, 3).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    matrix_check();
    matrix_close();
}

/* The caller says by bit 16 that it has no live vectors; streaming mode is still its own. */
TEST(matrix, request_with_the_hint)
{
    struct ffa_value answer;

    if (!matrix_open(0xf, true)) {
        SKIP("the CPU has no SME");
    }
    SERVICE_SELECT(SP_UP, "keeper");
    matrix_fill(SVCR_SM | SVCR_ZA, 9);
    answer = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64 | UINT64_C(0x10000),
                      ffa_endpoints_make(NORMAL_WORLD, SP_UP), 0, KEEP_FILL, 5);
    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[4], 0);
    matrix_check();
    matrix_close();
}

/* An SP's interrupt while the normal world is in the middle of its computation. */
static void interrupt(uint64_t mode, uint64_t turn)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);
    struct ffa_value taken;

    EXPECT_EQ(keep(SP_UP, KEEP_TIMER, 1000), 0);
    matrix_fill(mode, (uint8_t)turn);
    do {
        uint64_t pause = timer_now() + timer_from_us(500);

        while (timer_now() < pause) {
        }
        matrix_check();
        taken = ffa_direct_req(SP_UP, KEEP_TAKEN, 0, 0);
        matrix_check();
    } while (taken.x[3] < turn && timer_now() < end);
    EXPECT_EQ(taken.x[3], turn);
    EXPECT_EQ(taken.x[4] | taken.x[5], 0);
}

TEST(matrix, interrupts)
{
    if (!matrix_open(0xf, true)) {
        SKIP("the CPU has no SME");
    }
    SERVICE_SELECT(SP_UP, "keeper");
    EXPECT_EQ(keep(SP_UP, KEEP_FILL, 5), 0);
    interrupt(0, 1);
    interrupt(SVCR_ZA, 2);
    interrupt(SVCR_SM, 3);
    interrupt(SVCR_SM | SVCR_ZA, 4);
    matrix_close();
}
