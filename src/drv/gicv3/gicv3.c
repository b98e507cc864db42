/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Driver of the physical GICv3: distributor and redistributors. What depends on whose the rest of
 * the GIC is stands in *_side.c. Source: IHI 0069 chapter 12.
 */
#include "bh/arch/arch_cpu.h"
#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/drv/drv.h"
#include "bh/drv/gicv3_regs.h"
#include "gicv3_side.h"

#define GIC_POLL_LIMIT 1000000u

struct gic_cpu {
    uint64_t mpidr;
    uint64_t rd; /* address of the RD frame; 0: CPU not brought up */
};

/* Written at boot, each CPU its own entry; read only after. */
static struct gic_cpu gic_cpus[BH_MAX_CPUS];
static const struct board_config *gic_board;
static uint64_t gic_dist;
static uint32_t gic_intid_limit;

static volatile uint32_t *reg32(uint64_t address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

static volatile uint64_t *reg64(uint64_t address)
{
    return (volatile uint64_t *)(uintptr_t)address;
}

BH_COLD void gicv3_wait_clear(uint64_t address, uint32_t bits, const char *what)
{
    for (uint32_t i = 0; (*reg32(address) & bits) != 0; i++) {
        if (i == GIC_POLL_LIMIT) {
            panic("GIC: %s does not settle", what);
        }
        arch_cpu_relax();
    }
}

/* The frame with the arrays that hold intid: the distributor, or this CPU's SGI frame. */
static uint64_t frame_of(uint32_t intid)
{
    uint64_t mpidr;

    if (intid >= GIC_PRIVATE_COUNT) {
        return gic_dist;
    }
    mpidr = arch_cpu_mpidr();
    for (uint32_t i = 0; i < BH_MAX_CPUS; i++) {
        if (gic_cpus[i].rd != 0 && gic_cpus[i].mpidr == mpidr) {
            return gic_cpus[i].rd + GICR_SGI_FRAME;
        }
    }
    panic("GIC: CPU 0x%lx has no redistributor", (unsigned long)mpidr);
}

static void write_bit(uint32_t array, uint32_t intid)
{
    *reg32(frame_of(intid) + array + intid / 32 * 4) = UINT32_C(1) << intid % 32;
}

static uint64_t route_of(uint64_t mpidr)
{
    return mpidr & GICD_IROUTER_AFFINITY;
}

BH_COLD void drv_gic_init(const struct board_config *board)
{
    uint32_t banks;

    gic_board = board;
    gic_dist = board->gicd.base.pa;
    banks = (*reg32(gic_dist + GICD_TYPER) & GICD_TYPER_LINES) + 1;
    gic_intid_limit = (uint32_t)num_min(banks * 32, GIC_SPI_LIMIT);
    gicv3_side_init(gic_dist, banks);
}

static uint64_t affinity_of(uint64_t typer)
{
    uint64_t affinity = typer >> GICR_TYPER_AFFINITY_SHIFT;

    return (affinity & 0xffffff) | (affinity >> 24) << 32;
}

static uint64_t find_redistributor(uint64_t mpidr)
{
    for (uint32_t i = 0; i < gic_board->gicr_count; i++) {
        uint64_t rd = gic_board->gicr[i].base.pa;
        uint64_t end = rd + gic_board->gicr[i].size;

        while (rd < end) {
            uint64_t typer = *reg64(rd + GICR_TYPER);

            if (affinity_of(typer) == mpidr) {
                return rd;
            }
            if ((typer & GICR_TYPER_LAST) != 0) {
                break;
            }
            rd += (typer & GICR_TYPER_VLPIS) != 0 ? 2 * GICR_STRIDE : GICR_STRIDE;
        }
    }
    panic("GIC: no redistributor for CPU 0x%lx", (unsigned long)mpidr);
}

BH_COLD void drv_gic_init_cpu(uint32_t cpu, uint64_t mpidr)
{
    uint64_t rd = find_redistributor(mpidr);

    *reg32(rd + GICR_WAKER) &= ~GICR_WAKER_PROCESSOR_SLEEP;
    gicv3_wait_clear(rd + GICR_WAKER, GICR_WAKER_CHILDREN_ASLEEP, "redistributor");
    gicv3_side_init_cpu(rd);
    gicv3_wait_clear(rd + GICR_CTLR, GICR_CTLR_RWP, "redistributor");
    gic_cpus[cpu] = (struct gic_cpu){.mpidr = mpidr, .rd = rd};
}

void drv_gic_enable(uint32_t intid, bool on)
{
    if (on) {
        write_bit(GIC_ISENABLER, intid);
        return;
    }
    write_bit(GIC_ICENABLER, intid);
    /* Who disables may rely on it: no interrupt of this id arrives after the return. */
    if (intid >= GIC_PRIVATE_COUNT) {
        gicv3_wait_clear(gic_dist + GICD_CTLR, GICD_CTLR_RWP, "distributor");
    } else {
        gicv3_wait_clear(frame_of(intid) - GICR_SGI_FRAME + GICR_CTLR, GICR_CTLR_RWP,
                         "redistributor");
    }
}

/* The word is shared with 15 neighbours: boot, or a caller that excludes others. */
BH_COLD void drv_gic_configure(uint32_t intid, bool edge, uint8_t priority)
{
    uint64_t frame = frame_of(intid);
    volatile uint32_t *icfgr = reg32(frame + GIC_ICFGR + intid / 16 * 4);
    uint32_t bit = UINT32_C(2) << intid % 16 * 2;

    gicv3_side_claim(frame, intid);
    *(volatile uint8_t *)(uintptr_t)(frame + GIC_IPRIORITYR + intid) =
        gicv3_side_priority(priority);
    if (intid >= GIC_SGI_COUNT) {
        *icfgr = edge ? *icfgr | bit : *icfgr & ~bit;
    }
}

BH_COLD void drv_gic_secure(uint32_t intid, bool on)
{
    gicv3_side_secure(frame_of(intid), intid, on);
}

void drv_gic_route(uint32_t intid, uint64_t mpidr)
{
    *reg64(gic_dist + GICD_IROUTER + intid * 8) = route_of(mpidr);
}

void drv_gic_set_pending(uint32_t intid, bool on)
{
    write_bit(on ? GIC_ISPENDR : GIC_ICPENDR, intid);
}

void drv_gic_set_active(uint32_t intid, bool on)
{
    write_bit(on ? GIC_ISACTIVER : GIC_ICACTIVER, intid);
}

bool drv_gic_is_pending(uint32_t intid)
{
    uint32_t word = *reg32(frame_of(intid) + GIC_ISPENDR + intid / 32 * 4);

    return (word >> intid % 32 & 1) != 0;
}

uint32_t drv_gic_intid_limit(void)
{
    return gic_intid_limit;
}
