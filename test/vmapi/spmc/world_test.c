/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * World switches: each side finds its registers as it left them, and nothing of the other's. SPs
 * fill theirs and come back; EL3 may bank those of EL1, or leave them to the SPMC.
 */
#include "hftest_asm.h"
#include "hftest_irq.h"
#include "registers.h"
#include "spmc.h"
#include "spmc_service_ids.h"
#include "vectors.h"

/* Longer than the timer's interrupt takes to arrive: the test takes so long. */
#define SPIN_US 400000

static struct registers mine;

static uint64_t keep(uint16_t sp, enum keep what, uint64_t seed)
{
    struct ffa_value answer = ffa_direct_req(sp, what, seed, 0);

    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return answer.x[3] | answer.x[4];
}

static struct registers before;

SET_UP(world)
{
    sysreg_write(cpacr_el1, 3u << 20 | 3u << 16); /* FP; SVE, and ZCR_EL1 */
    cpu_isb();
    registers_read(&before, REGISTERS_OWN);
    registers_read(&before, REGISTERS_WORLD);
}

TEAR_DOWN(world)
{
    timer_physical_stop();
    registers_load(&before, REGISTERS_OWN);
    registers_load(&before, REGISTERS_WORLD);
}

TEST(world, registers_of_el1)
{
    uint64_t changed = 0, theirs = 0;

    SERVICE_SELECT(UP, "keeper");
    SERVICE_SELECT(MP, "keeper");
    sysreg_write(cntv_ctl_el0, TIMER_CTL_MASK);
    for (uint64_t turn = 1; turn < 6; turn++) {
        registers_fill(&mine, turn);
        theirs |= keep(UP, KEEP_FILL, turn << 8);
        theirs |= keep(MP, KEEP_FILL, turn << 16);
        changed |= registers_changed(&mine);
        registers_fill(&mine, ~turn);
        theirs |= keep(UP, KEEP_CHECK, 0);
        theirs |= keep(MP, KEEP_CHECK, 0);
        changed |= registers_changed(&mine);
    }
    EXPECT_EQ(changed, 0);
    EXPECT_EQ(theirs, 0);
    EXPECT_EQ(sysreg_read(cntv_ctl_el0) & 3, TIMER_CTL_MASK);
}

/* An SP that is preempted finds its own when it goes on, after the normal world and another SP. */
TEST(world, registers_of_a_preempted_sp)
{
    struct ffa_value result;
    uint64_t changed;

    gic_init_dist();
    gic_init_cpu();
    gic_enable(GIC_PTIMER);
    SERVICE_SELECT(UP, "keeper");
    SERVICE_SELECT(MP, "keeper");
    registers_fill(&mine, 21);
    timer_physical_set(timer_physical_now() + timer_from_us(1000));
    result = ffa_direct_req(UP, KEEP_SPIN, 22, SPIN_US);
    changed = registers_changed(&mine);
    timer_physical_stop();
    ASSERT_EQ(result.x[0], FFA_INTERRUPT_32);
    registers_fill(&mine, 23);
    EXPECT_EQ(keep(MP, KEEP_FILL, 24), 0);
    changed |= registers_changed(&mine);
    do {
        result = ffa_run(UP, 0);
    } while (result.x[0] == FFA_INTERRUPT_32);
    changed |= registers_changed(&mine);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 0);
    EXPECT_EQ(result.x[4], 0);
    EXPECT_EQ(keep(MP, KEEP_CHECK, 0), 0);
    EXPECT_EQ(changed, 0);
    gic_disable(GIC_PTIMER);
}

/* An SP's interrupt comes while the normal world has its pattern in the registers. */
TEST(world, registers_at_a_secure_interrupt)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS), changed = 0;
    struct ffa_value taken;

    SERVICE_SELECT(UP, "keeper");
    EXPECT_EQ(keep(UP, KEEP_FILL, 31), 0);
    EXPECT_EQ(keep(UP, KEEP_TIMER, 2000), 0);
    registers_fill(&mine, 32);
    do {
        uint64_t pause = timer_now() + timer_from_us(500);

        while (timer_now() < pause) {
        }
        changed |= registers_changed(&mine);
        taken = ffa_direct_req(UP, KEEP_TAKEN, 0, 0);
    } while (taken.x[3] == 0 && timer_now() < end);
    EXPECT_EQ(taken.x[3], 1);
    EXPECT_EQ(taken.x[4], 0);
    EXPECT_EQ(taken.x[5], 0);
    EXPECT_EQ(keep(UP, KEEP_CHECK, 0), 0);
    EXPECT_EQ(changed, 0);
}

/* What SPs do not have, and EL3 does not bank: they neither see nor change it. */
TEST(world, registers_of_devices)
{
    uint64_t pmr = sysreg_read(ICC_PMR_EL1), bpr = sysreg_read(ICC_BPR1_EL1);
    uint64_t ctlr = sysreg_read(ICC_CTLR_EL1), groups = sysreg_read(ICC_IGRPEN1_EL1);

    SERVICE_SELECT(UP, "keeper");
    sysreg_write(cntp_ctl_el0, TIMER_CTL_MASK);
    sysreg_write(ICC_PMR_EL1, 0xa0);
    cpu_isb();
    for (uint64_t seed = 41; seed < 45; seed++) {
        registers_write(seed, REGISTERS_WORLD);
        registers_read(&mine, REGISTERS_WORLD);
        EXPECT_EQ(keep(UP, KEEP_REACH, seed), 0);
        EXPECT_EQ(registers_changed_of(&mine, REGISTERS_WORLD), 0);
    }
    EXPECT_EQ(sysreg_read(cntp_ctl_el0) & 3, TIMER_CTL_MASK);
    EXPECT_EQ(sysreg_read(ICC_PMR_EL1), 0xa0);
    EXPECT_EQ(sysreg_read(ICC_BPR1_EL1), bpr);
    EXPECT_EQ(sysreg_read(ICC_CTLR_EL1), ctlr);
    EXPECT_EQ(sysreg_read(ICC_IGRPEN1_EL1), groups);
    sysreg_write(cntp_ctl_el0, 0);
    sysreg_write(ICC_PMR_EL1, pmr);
    cpu_isb();
}

TEST(world, floating_point)
{
    static struct hftest_fp fp, now;
    struct ffa_value answer;

    for (uint32_t i = 0; i < 64; i++) {
        fp.v[i] = UINT64_C(0x0102030405060708) * (i + 1);
    }
    fp.fpcr = 0x00c00000;
    fp.fpsr = 0x00000011;
    SERVICE_SELECT(UP, "fp_first");
    hftest_fp_load(&fp);
    answer = ffa_direct_req(UP, 0, 0, 0);
    hftest_fp_store(&now);
    /* Nothing of the normal world's, whatever it held itself. */
    EXPECT_NE(answer.x[3], fp.v[0]);
    EXPECT_EQ(answer.x[5] & 0x11, 0);
    EXPECT_EQ(memcmp(&fp, &now, sizeof(fp)), 0);
    SERVICE_SELECT(UP, "keeper");
    hftest_fp_load(&fp);
    EXPECT_EQ(keep(UP, KEEP_FILL, 5), 0);
    hftest_fp_store(&now);
    EXPECT_EQ(memcmp(&fp, &now, sizeof(fp)), 0);
    EXPECT_EQ(keep(UP, KEEP_CHECK, 0), 0);
}

static void vectors_keep(uint16_t sp, enum keep what, uint8_t seed)
{
    static uint8_t vectors[VECTORS_SIZE] __attribute__((aligned(16)));
    static uint8_t now[VECTORS_SIZE] __attribute__((aligned(16)));
    uint64_t length = vectors_length();

    for (uint32_t i = 0; i < sizeof(vectors); i++) {
        vectors[i] = (uint8_t)(i * 7 + i / 256 + seed);
    }
    memset(vectors + 34 * length, 0, length / 8);
    memset(vectors + 34 * length, 0xff, length / 16); /* FFR: no 0 below a 1 */
    vectors_load(vectors, true);
    EXPECT_EQ(keep(sp, what, seed), 0);
    vectors_store(now, true);
    EXPECT_EQ(memcmp(vectors, now, vectors_size(true)), 0);
}

/* All of Z0 to Z31, P0 to P15 and FFR, while an SP fills V0 to V31. */
TEST(world, scalable_vectors)
{
    static const uint64_t lengths[] = {0, 1, 2, 7, 0xf};

    if ((sysreg_read(id_aa64pfr0_el1) >> 32 & 0xf) == 0) {
        SKIP("the CPU has no SVE");
    }
    SERVICE_SELECT(UP, "keeper");
    SERVICE_SELECT(MP, "keeper");
    for (uint32_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        sysreg_write(S3_0_C1_C2_0 /* ZCR_EL1 */, lengths[i]);
        cpu_isb();
        vectors_keep(UP, KEEP_FILL, (uint8_t)(i * 4));
        vectors_keep(MP, KEEP_FILL, (uint8_t)(i * 4 + 1));
        vectors_keep(UP, KEEP_CHECK, (uint8_t)(i * 4 + 2));
        vectors_keep(MP, KEEP_CHECK, (uint8_t)(i * 4 + 3));
        EXPECT_EQ(sysreg_read(S3_0_C1_C2_0), lengths[i]);
    }
    EXPECT_GT(vectors_length(), 16);
}

/* x8 to x30 come back from a request as they went, in both widths. */
TEST(world, general_registers)
{
    static const uint64_t fids[] = {FFA_MSG_SEND_DIRECT_REQ_32, FFA_MSG_SEND_DIRECT_REQ_64,
                                    FFA_ID_GET_32, FFA_PARTITION_INFO_GET_32};
    uint64_t in[31], out[31];

    SERVICE_SELECT(UP, "echo");
    for (uint32_t f = 0; f < sizeof(fids) / sizeof(*fids); f++) {
        for (uint32_t i = 0; i < 31; i++) {
            in[i] = i < 8 ? 0 : UINT64_C(0xa5a5000000000000) + i;
        }
        in[0] = fids[f];
        in[1] = ffa_endpoints_make(NORMAL_WORLD, UP);
        hftest_call_pattern(in, out, false);
        for (uint32_t i = 8; i < 31; i++) {
            EXPECT_EQ(out[i], in[i]);
        }
    }
}

/* What the normal world has in x8 to x30 is not in those of an SP that it asks. */
TEST(world, general_registers_of_an_sp)
{
    uint64_t in[31], out[31];

    SERVICE_SELECT(UP, "waiter");
    for (uint32_t turn = 0; turn < 2; turn++) {
        for (uint32_t i = 0; i < 31; i++) {
            in[i] = i < 8 ? 0 : UINT64_C(0xa5a5000000000000) + i;
        }
        in[0] = FFA_MSG_SEND_DIRECT_REQ_64;
        in[1] = ffa_endpoints_make(NORMAL_WORLD, UP);
        hftest_call_pattern(in, out, false);
        ASSERT_EQ(out[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(out[3], 0);
    }
}

/* The state of SME, and TPIDR2_EL0, are the normal world's alone: SPs reach none of it. */
TEST(world, matrix_state_is_out_of_reach)
{
    SERVICE_SELECT(UP, "matrix");
    EXPECT_EQ(ffa_direct_req(UP, 0, 0, 0).x[3], 0);
}
