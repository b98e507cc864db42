/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does any system register carry something from one partition to another? Every encoding of MRS and
 * MSR is tried: where this partition can write something and read it again, another one on the same
 * CPU reads the same register, must not see it, and leaves its own there, which must not come back.
 * MMU off, so that most registers are mere memory.
 */
#include "hftest.h"
#include "sweep/sweep.h"

#define OTHER hftest_id(2)

HFTEST_SERVICES(2);

/* Those that this very code stands on. What they are about is the suite context's. */
static const uint16_t spared[] = {
    SWEEP_ENCODING(3, 0, 1, 0, 0),  /* SCTLR_EL1 */
    SWEEP_ENCODING(3, 0, 4, 2, 0),  /* SPSel */
    SWEEP_ENCODING(3, 3, 4, 2, 1),  /* DAIF */
    SWEEP_ENCODING(3, 0, 12, 0, 0), /* VBAR_EL1 */
    SWEEP_ENCODING(3, 0, 13, 0, 4), /* TPIDR_EL1: vmlib's */
    SWEEP_ENCODING(3, 3, 14, 2, 1), /* CNTP_CTL_EL0, CNTV_CTL_EL0: interrupts */
    SWEEP_ENCODING(3, 3, 14, 3, 1),
    SWEEP_ENCODING(3, 3, 14, 2, 0), /* CNTP_TVAL_EL0, CNTV_TVAL_EL0: they count */
    SWEEP_ENCODING(3, 3, 14, 3, 0),
};

#define OURS   UINT64_C(0xa5c3965a3cb4d2e1)
#define THEIRS UINT64_C(0x0f33555a3c6996f0)

static uint32_t sticky, leaks;

/* Bits of a register: that take any value here, that show what is here in the other partition, too,
 * and that do not stay here. */
struct bits {
    uint64_t kept, shown, lost;
};

static void try_value(uint32_t encoding, uint64_t value, struct bits *bits)
{
    struct ffa_value answer;
    uint64_t mine = 0, after = 0;

    if (!sweep_write(encoding, value) || !sweep_read(encoding, &mine)) {
        bits->kept = 0;
        return;
    }
    answer = ffa_direct_req_complete(OTHER, encoding, THEIRS, 0);
    (void)sweep_read(encoding, &after);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    bits->kept &= ~(mine ^ value);
    bits->shown &= answer.x[3] == 0 ? 0 : ~(answer.x[4] ^ value);
    bits->lost |= mine ^ after;
}

/* Of the CPU interface, which QEMU does not virtualise in the secure state: what the core leaves as
 * an SP has set it, because its own interrupts come all the same. */
static const uint16_t spared_in_sps[] = {
    SWEEP_ENCODING(3, 0, 12, 8, 3),  /* ICC_BPR0_EL1 */
    SWEEP_ENCODING(3, 0, 12, 12, 3), /* ICC_BPR1_EL1 */
    SWEEP_ENCODING(3, 0, 12, 12, 6), /* ICC_IGRPEN0_EL1 */
};

static bool is_among(uint32_t encoding, const uint16_t *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (list[i] == encoding) {
            return true;
        }
    }
    return false;
}

/* Those that need not stay: QEMU knows the smallest binary point only when one is loaded; in SPs
 * they are the CPU's own, and the core sets them right. */
static const uint16_t lost_in_vms[] = {
    SWEEP_ENCODING(3, 0, 12, 8, 3),  /* ICC_BPR0_EL1 */
    SWEEP_ENCODING(3, 0, 12, 12, 3), /* ICC_BPR1_EL1 */
};
static const uint16_t lost_in_sps[] = {
    SWEEP_ENCODING(3, 0, 4, 6, 0),   /* ICC_PMR_EL1 */
    SWEEP_ENCODING(3, 0, 12, 8, 4),  /* ICC_AP0R0_EL1 */
    SWEEP_ENCODING(3, 0, 12, 9, 0),  /* ICC_AP1R0_EL1 */
    SWEEP_ENCODING(3, 0, 12, 12, 4), /* ICC_CTLR_EL1 */
    SWEEP_ENCODING(3, 0, 12, 12, 7), /* ICC_IGRPEN1_EL1 */
};

static bool may_lose(uint32_t encoding)
{
    return hftest_side() == HFTEST_SP
               ? is_among(encoding, lost_in_sps, sizeof(lost_in_sps) / sizeof(lost_in_sps[0]))
               : is_among(encoding, lost_in_vms, sizeof(lost_in_vms) / sizeof(lost_in_vms[0]));
}

/* The other partition leaves the same in it each time: what shows both of two opposite values is
 * this one's. */
static void try_register(uint32_t encoding)
{
    struct bits bits = {UINT64_MAX, UINT64_MAX, 0};
    uint64_t before;

    if (!sweep_read(encoding, &before)) {
        return;
    }
    (void)ffa_direct_req_complete(OTHER, encoding, THEIRS, 0);
    try_value(encoding, OURS, &bits);
    try_value(encoding, ~OURS, &bits);
    (void)sweep_write(encoding, before);
    bits.lost = may_lose(encoding) ? 0 : bits.lost;
    sticky += bits.kept != 0 ? 1 : 0;
    if ((bits.kept & (bits.shown | bits.lost)) != 0) {
        leaks++;
        console_print("sweep: S%u_%u_C%u_C%u_%u shows 0x%lx, loses 0x%lx\n", 2 + (encoding >> 14),
                      encoding >> 11 & 7, encoding >> 7 & 15, encoding >> 3 & 15, encoding & 7,
                      bits.kept & bits.shown, bits.kept & bits.lost);
    }
}

static bool is_spared(uint32_t encoding)
{
    return is_among(encoding, spared, sizeof(spared) / sizeof(spared[0])) ||
           (hftest_side() == HFTEST_SP &&
            is_among(encoding, spared_in_sps, sizeof(spared_in_sps) / sizeof(spared_in_sps[0])));
}

TEST(sweep, registers)
{
    SERVICE_SELECT(OTHER, "sweeper");
    for (uint32_t encoding = 0; encoding < SWEEP_ENCODINGS; encoding++) {
        if (!is_spared(encoding)) {
            try_register(encoding);
        }
    }
    console_print("sweep: %u registers keep something\n", sticky);
    EXPECT_GE(sticky, 30);
    EXPECT_EQ(leaks, 0);
}
