/* SPDX-License-Identifier: BSD-3-Clause */
#include "vmlib_gic.h"

#include "vmlib_dtb.h"
#include "vmlib_smp.h"

#define PRIORITY_DEFAULT 0xa0u

static uint64_t dist;
static uint64_t redist;
static uint32_t id_count;

void gic_init(void)
{
    struct dtb_range range;

    if (!dtb_try_reg("arm,gic-v3", 0, &range)) {
        return;
    }
    dist = range.base;
    redist = dtb_try_reg("arm,gic-v3", 1, &range) ? range.base : 0;
    id_count = 32 * ((io_read32(dist + GICD_TYPER) & 0x1f) + 1);
}

uint64_t gic_dist_base(void)
{
    return dist;
}

uint64_t gic_redist_base(uint32_t index)
{
    return redist + (uint64_t)index * GICR_FRAME_SIZE;
}

bool gic_has_any(void)
{
    return (io_read32(dist + GICD_TYPER) & GICD_TYPER_NO_ANY) == 0;
}

uint32_t gic_id_count(void)
{
    return id_count;
}

void gic_wait_rwp(void)
{
    while ((io_read32(dist + GICD_CTLR) & GICD_CTLR_RWP) != 0) {
        cpu_relax();
    }
}

void gic_init_dist(void)
{
    io_write32(dist + GICD_CTLR, 0);
    gic_wait_rwp();
    io_write32(dist + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_ENABLE_GRP1);
    gic_wait_rwp();
    for (uint32_t i = 32; i < id_count; i += 32) {
        io_write32(dist + GICD_IGROUPR + i / 8, UINT32_MAX);
    }
}

void gic_init_cpu(void)
{
    uint64_t frame = gic_redist_base(cpu_index());
    uint32_t waker = io_read32(frame + GICR_WAKER);

    io_write32(frame + GICR_WAKER, waker & ~GICR_WAKER_PROCESSOR_SLEEP);
    while ((io_read32(frame + GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP) != 0) {
        cpu_relax();
    }
    io_write32(frame + GICR_SGI_FRAME + GICD_IGROUPR, UINT32_MAX);
    for (uint32_t i = 0; i < 32; i++) {
        gic_set_priority(i, PRIORITY_DEFAULT);
    }
    sysreg_write(ICC_SRE_EL1, 1);
    cpu_isb();
    sysreg_write(ICC_CTLR_EL1, 0);
    sysreg_write(ICC_BPR1_EL1, 0);
    sysreg_write(ICC_PMR_EL1, 0xff);
    sysreg_write(ICC_IGRPEN1_EL1, 1);
    cpu_isb();
}

static void reset_word(uint64_t base, uint32_t word)
{
    io_write32(base + GICD_ICENABLER + word * 4, UINT32_MAX);
    io_write32(base + GICD_ICPENDR + word * 4, UINT32_MAX);
    io_write32(base + GICD_ICACTIVER + word * 4, UINT32_MAX);
    for (uint32_t i = 0; i < 8; i++) {
        io_write32(base + GICD_IPRIORITYR + word * 32 + i * 4, PRIORITY_DEFAULT * 0x01010101u);
    }
}

void gic_reset(void)
{
    if (dist == 0) {
        return;
    }
    reset_word(gic_redist_base(cpu_index()) + GICR_SGI_FRAME, 0);
    for (uint32_t word = 1; word < id_count / 32; word++) {
        reset_word(dist, word);
        io_write32(dist + GICD_ICFGR + word * 8, 0);
        io_write32(dist + GICD_ICFGR + word * 8 + 4, 0);
    }
    gic_wait_rwp();
    gic_init_dist();
    gic_init_cpu();
}

/* Base of the frame that holds interrupt intid: the SGI frame of this vCPU below 32. */
static uint64_t frame_of(uint32_t intid)
{
    return intid < 32 ? gic_redist_base(cpu_index()) + GICR_SGI_FRAME : dist;
}

uint64_t gic_bit_register(uint32_t offset, uint32_t intid, uint32_t *bit)
{
    *bit = UINT32_C(1) << (intid % 32);
    return frame_of(intid) + offset + intid / 32 * 4;
}

bool gic_bit_read(uint32_t offset, uint32_t intid)
{
    uint32_t bit;
    uint64_t address = gic_bit_register(offset, intid, &bit);

    return (io_read32(address) & bit) != 0;
}

void gic_bit_write(uint32_t offset, uint32_t intid)
{
    uint32_t bit;
    uint64_t address = gic_bit_register(offset, intid, &bit);

    io_write32(address, bit);
}

void gic_enable(uint32_t intid)
{
    gic_bit_write(GICD_ISENABLER, intid);
}

void gic_disable(uint32_t intid)
{
    gic_bit_write(GICD_ICENABLER, intid);
    gic_wait_rwp();
}

void gic_set_pending(uint32_t intid)
{
    gic_bit_write(GICD_ISPENDR, intid);
}

void gic_clear_pending(uint32_t intid)
{
    gic_bit_write(GICD_ICPENDR, intid);
}

bool gic_is_pending(uint32_t intid)
{
    return gic_bit_read(GICD_ISPENDR, intid);
}

bool gic_is_active(uint32_t intid)
{
    return gic_bit_read(GICD_ISACTIVER, intid);
}

void gic_set_priority(uint32_t intid, uint8_t priority)
{
    io_write8(frame_of(intid) + GICD_IPRIORITYR + intid, priority);
}

uint8_t gic_get_priority(uint32_t intid)
{
    return io_read8(frame_of(intid) + GICD_IPRIORITYR + intid);
}

void gic_set_edge(uint32_t intid, bool edge)
{
    uint64_t address = frame_of(intid) + GICD_ICFGR + intid / 16 * 4;
    uint32_t bit = UINT32_C(2) << (intid % 16 * 2);
    uint32_t value = io_read32(address);

    io_write32(address, edge ? value | bit : value & ~bit);
}

void gic_set_route(uint32_t intid, uint64_t mpidr)
{
    io_write64(dist + GICD_IROUTER + intid * 8ul, mpidr & UINT64_C(0xff00ffffff));
}

void gic_send_sgi(uint32_t intid, uint64_t mpidr)
{
    uint64_t value = (uint64_t)intid << 24 | UINT64_C(1) << (mpidr & 0xf);

    value |= (mpidr >> 4 & 0xf) << 44;
    value |= (mpidr >> 8 & 0xff) << 16 | (mpidr >> 16 & 0xff) << 32 | (mpidr >> 32 & 0xff) << 48;
    cpu_dsb();
    sysreg_write(ICC_SGI1R_EL1, value);
    cpu_isb();
}

void gic_send_sgi_others(uint32_t intid)
{
    cpu_dsb();
    sysreg_write(ICC_SGI1R_EL1, (uint64_t)intid << 24 | UINT64_C(1) << 40);
    cpu_isb();
}
