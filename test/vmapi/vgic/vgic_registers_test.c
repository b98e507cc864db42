/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers of the distributor and the redistributors: every 32-bit array, bank 0 included, what is
 * reserved, and identification. Source: IHI0069, chapter 12.
 */
#include "hftest.h"

static uint32_t words(void)
{
    return gic_id_count() / 32;
}

TEST(vgic, dist_identification)
{
    uint64_t dist = gic_dist_base();
    uint32_t typer = io_read32(dist + GICD_TYPER);

    EXPECT_EQ(io_read32(dist + GICD_PIDR2) >> 4 & 0xf, 3);
    EXPECT_GE(gic_id_count(), 64);
    EXPECT_LE(gic_id_count(), 1024);
    /* At least 10 bits of INTID; no LPIs, no message-based SPIs are promised. */
    EXPECT_GE((typer >> 19 & 0x1f) + 1, 10);
    EXPECT_EQ(io_read32(dist + GICD_TYPER2), 0);
    /* Writes to read-only registers are ignored. */
    io_write32(dist + GICD_TYPER, ~typer);
    EXPECT_EQ(io_read32(dist + GICD_TYPER), typer);
}

TEST(vgic, dist_control)
{
    uint64_t dist = gic_dist_base();

    io_write32(dist + GICD_CTLR, GICD_CTLR_ARE);
    gic_wait_rwp();
    EXPECT_EQ(io_read32(dist + GICD_CTLR) & 0x13, GICD_CTLR_ARE);
    io_write32(dist + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_ENABLE_GRP1);
    gic_wait_rwp();
    EXPECT_EQ(io_read32(dist + GICD_CTLR) & 0x12, GICD_CTLR_ARE | GICD_CTLR_ENABLE_GRP1);
}

TEST(vgic, redist_identification)
{
    for (uint32_t i = 0; i < smp_count(); i++) {
        uint64_t redist = gic_redist_base(i);
        uint64_t typer = io_read64(redist + GICR_TYPER);
        uint64_t mpidr = smp_mpidr(i);

        EXPECT_EQ(io_read32(redist + GICR_PIDR2) >> 4 & 0xf, 3);
        EXPECT_EQ(typer >> 8 & 0xffff, i);
        EXPECT_EQ(typer >> 4 & 1, i == smp_count() - 1);
        EXPECT_EQ(typer >> 32, (mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24);
        /* The halves can be read alone. */
        EXPECT_EQ(io_read32(redist + GICR_TYPER), (uint32_t)typer);
        EXPECT_EQ(io_read32(redist + GICR_TYPER + 4), typer >> 32);
    }
}

TEST(vgic, redist_waker)
{
    uint64_t waker = gic_redist_base(0) + GICR_WAKER;

    EXPECT_EQ(io_read32(waker) & (GICR_WAKER_PROCESSOR_SLEEP | GICR_WAKER_CHILDREN_ASLEEP), 0);
}

/* Set and clear registers of one state: what one sets, both show; what the other clears is gone. */
static void check_set_clear(uint32_t set, uint32_t clear)
{
    for (uint32_t word = 1; word < words(); word++) {
        uint64_t s = gic_dist_base() + set + word * 4;
        uint64_t c = gic_dist_base() + clear + word * 4;
        /* INTIDs 1020 to 1023 are special. */
        uint32_t all = word == 31 ? 0x0fffffffu : UINT32_MAX;

        io_write32(c, UINT32_MAX);
        gic_wait_rwp();
        EXPECT_EQ(io_read32(s), 0);
        io_write32(s, 0x5a5a5a5a & all);
        EXPECT_EQ(io_read32(s), 0x5a5a5a5a & all);
        EXPECT_EQ(io_read32(c), 0x5a5a5a5a & all);
        /* Zeroes change nothing. */
        io_write32(s, 0);
        io_write32(c, 0);
        EXPECT_EQ(io_read32(s), 0x5a5a5a5a & all);
        io_write32(s, 0x0f0f0f0f & all);
        io_write32(c, 0x00ff00ff);
        gic_wait_rwp();
        EXPECT_EQ(io_read32(s), 0x5f005f00 & all);
        io_write32(c, UINT32_MAX);
        gic_wait_rwp();
        EXPECT_EQ(io_read32(c), 0);
    }
}

TEST(vgic, array_enable)
{
    check_set_clear(GICD_ISENABLER, GICD_ICENABLER);
}

TEST(vgic, array_pending)
{
    check_set_clear(GICD_ISPENDR, GICD_ICPENDR);
}

TEST(vgic, array_active)
{
    check_set_clear(GICD_ISACTIVER, GICD_ICACTIVER);
}

TEST(vgic, array_priority)
{
    for (uint32_t i = 32; i < words() * 32 && i < 1020; i += 4) {
        uint64_t address = gic_dist_base() + GICD_IPRIORITYR + i;

        io_write32(address, 0xc0804010u);
        EXPECT_EQ(io_read32(address), 0xc0804010u);
        EXPECT_EQ(io_read8(address + 2), 0x80);
        io_write8(address + 1, 0xe0);
        EXPECT_EQ(io_read32(address), 0xc080e010u);
    }
}

TEST(vgic, array_config)
{
    for (uint32_t i = 32; i < words() * 32; i += 16) {
        uint64_t address = gic_dist_base() + GICD_ICFGR + i / 4;

        io_write32(address, 0xaa00aa00u);
        EXPECT_EQ(io_read32(address) & 0xaaaaaaaau, 0xaa00aa00u & 0xaaaaaaaau);
        io_write32(address, 0);
        EXPECT_EQ(io_read32(address) & 0xaaaaaaaau, 0);
    }
}

TEST(vgic, array_route)
{
    for (uint32_t i = 32; i < words() * 32 && i < 1020; i++) {
        uint64_t address = gic_dist_base() + GICD_IROUTER + i * 8ul;
        uint64_t target = smp_mpidr(i % smp_count()) & UINT64_C(0xff00ffffff);

        io_write64(address, target);
        EXPECT_EQ(io_read64(address), target);
        io_write64(address, GICD_IROUTER_ANY);
        EXPECT_EQ(io_read64(address) & GICD_IROUTER_ANY, gic_has_any() ? GICD_IROUTER_ANY : 0);
        /* As two words. */
        io_write32(address, 0);
        io_write32(address + 4, 0);
        EXPECT_EQ(io_read32(address), 0);
        EXPECT_EQ(io_read32(address + 4), 0);
    }
}

/* With affinity routing the distributor's bank of the first 32 interrupts is reserved. */
TEST(vgic, dist_bank_0_is_reserved)
{
    static const uint32_t offsets[] = {GICD_ISENABLER, GICD_ICENABLER, GICD_ISPENDR,
                                       GICD_ICPENDR,   GICD_ISACTIVER, GICD_ICACTIVER,
                                       GICD_ICFGR,     GICD_IPRIORITYR};

    for (uint32_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        io_write32(gic_dist_base() + offsets[i], UINT32_MAX);
        EXPECT_EQ(io_read32(gic_dist_base() + offsets[i]), 0);
    }
    /* Nor are there GICv2's targets. */
    io_write32(gic_dist_base() + GICD_ITARGETSR + 32, UINT32_MAX);
    EXPECT_EQ(io_read32(gic_dist_base() + GICD_ITARGETSR + 32), 0);
    /* The write did not go to the redistributor either. */
    EXPECT_FALSE(gic_bit_read(GICD_ISACTIVER, 5));
    EXPECT_FALSE(gic_bit_read(GICD_ISPENDR, 5));
}

/* Words beyond the number of interrupts read as zero and ignore writes, on real hardware too. */
TEST(vgic, dist_beyond_last_interrupt)
{
    if (words() == 32) {
        SKIP("all interrupts exist");
    }
    uint64_t enable = gic_dist_base() + GICD_ISENABLER + words() * 4;

    io_write32(enable, UINT32_MAX);
    EXPECT_EQ(io_read32(enable), 0);
    uint64_t priority = gic_dist_base() + GICD_IPRIORITYR + words() * 32;

    io_write32(priority, 0x80808080u);
    EXPECT_EQ(io_read32(priority), 0);
}

TEST(vgic, redist_bank_0)
{
    uint64_t frame = gic_redist_base(0) + GICR_SGI_FRAME;

    io_write32(frame + GICD_ICENABLER, UINT32_MAX);
    gic_wait_rwp();
    EXPECT_EQ(io_read32(frame + GICD_ISENABLER), 0);
    io_write32(frame + GICD_ISENABLER, 0x08000081);
    EXPECT_EQ(io_read32(frame + GICD_ISENABLER), 0x08000081);
    EXPECT_EQ(io_read32(frame + GICD_ICENABLER), 0x08000081);
    io_write32(frame + GICD_ICENABLER, 0x00000080);
    gic_wait_rwp();
    EXPECT_EQ(io_read32(frame + GICD_ISENABLER), 0x08000001);
    io_write32(frame + GICD_ICENABLER, UINT32_MAX);

    io_write32(frame + GICD_ISPENDR, 0x00100002);
    EXPECT_EQ(io_read32(frame + GICD_ISPENDR), 0x00100002);
    EXPECT_EQ(io_read32(frame + GICD_ICPENDR), 0x00100002);
    io_write32(frame + GICD_ICPENDR, 0x00100002);
    EXPECT_EQ(io_read32(frame + GICD_ISPENDR), 0);

    io_write32(frame + GICD_ISACTIVER, 0x00100002);
    EXPECT_EQ(io_read32(frame + GICD_ISACTIVER), 0x00100002);
    io_write32(frame + GICD_ICACTIVER, UINT32_MAX);
    EXPECT_EQ(io_read32(frame + GICD_ICACTIVER), 0);

    for (uint32_t i = 0; i < 32; i += 4) {
        io_write32(frame + GICD_IPRIORITYR + i, 0x20406080u);
        EXPECT_EQ(io_read32(frame + GICD_IPRIORITYR + i), 0x20406080u);
        EXPECT_EQ(io_read8(frame + GICD_IPRIORITYR + i + 3), 0x20);
    }
    /* SGIs are edge-triggered whatever is written. */
    io_write32(frame + GICD_ICFGR, 0);
    EXPECT_EQ(io_read32(frame + GICD_ICFGR), 0xaaaaaaaau);
    io_write32(frame + GICD_IGROUPR, UINT32_MAX);
    EXPECT_EQ(io_read32(frame + GICD_IGROUPR), UINT32_MAX);
}

TEST(vgic, array_group)
{
    for (uint32_t word = 1; word < words(); word++) {
        uint64_t address = gic_dist_base() + GICD_IGROUPR + word * 4;

        io_write32(address, UINT32_MAX);
        EXPECT_EQ(io_read32(address), word == 31 ? 0x0fffffffu : UINT32_MAX);
    }
}

/* Each vCPU sees its own bank; any vCPU reaches the frame of another by its address. */
TEST(vgic, redist_frames_are_separate)
{
    if (smp_count() < 2) {
        SKIP("one vCPU");
    }
    uint64_t own = gic_redist_base(0) + GICR_SGI_FRAME;
    uint64_t other = gic_redist_base(1) + GICR_SGI_FRAME;

    io_write8(own + GICD_IPRIORITYR + 9, 0x30);
    io_write8(other + GICD_IPRIORITYR + 9, 0x70);
    EXPECT_EQ(io_read8(own + GICD_IPRIORITYR + 9), 0x30);
    EXPECT_EQ(io_read8(other + GICD_IPRIORITYR + 9), 0x70);
    io_write32(other + GICD_ISENABLER, 0x200);
    EXPECT_EQ(io_read32(own + GICD_ISENABLER) & 0x200, 0);
    io_write32(other + GICD_ICENABLER, 0x200);
}

/* Every word of the frames may be read: reserved ones are zero, none faults. */
TEST(vgic, reserved_registers_read_without_fault)
{
    exception_expect();
    for (uint32_t offset = 0; offset < 0x10000; offset += 4) {
        (void)io_read32(gic_dist_base() + offset);
        (void)io_read32(gic_redist_base(0) + offset);
        (void)io_read32(gic_redist_base(0) + GICR_SGI_FRAME + offset);
    }
    EXPECT_EQ(exception_expected().count, 0);
    EXPECT_EQ(io_read32(gic_dist_base() + 0x0fc0), 0);
}
