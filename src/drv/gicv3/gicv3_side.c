/* SPDX-License-Identifier: BSD-3-Clause */
/* One security state: all interrupts are group 1, disabled until asked for. */
#include "gicv3_side.h"

#include "bh/arch/arch_cpu.h"
#include "bh/drv/gicv3_regs.h"

static volatile uint32_t *reg32(uint64_t address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

/* 32 interrupts of one frame: group 1, disabled, idle, default priority. */
static void reset_bank(uint64_t frame, uint32_t bank)
{
    *reg32(frame + GIC_ICENABLER + bank * 4) = UINT32_MAX;
    *reg32(frame + GIC_ICPENDR + bank * 4) = UINT32_MAX;
    *reg32(frame + GIC_ICACTIVER + bank * 4) = UINT32_MAX;
    *reg32(frame + GIC_IGROUPR + bank * 4) = UINT32_MAX;
    for (uint32_t i = 0; i < 8; i++) {
        *reg32(frame + GIC_IPRIORITYR + bank * 32 + i * 4) = GICV3_PRIORITY_DEFAULT;
    }
}

void gicv3_side_init(uint64_t dist, uint32_t banks)
{
    uint64_t route = arch_cpu_mpidr() & GICD_IROUTER_AFFINITY;

    *reg32(dist + GICD_CTLR) = 0;
    gicv3_wait_clear(dist + GICD_CTLR, GICD_CTLR_RWP, "distributor");
    /* Affinity routing first: the arrays mean something else without it. */
    *reg32(dist + GICD_CTLR) = GICD_CTLR_ARE;
    gicv3_wait_clear(dist + GICD_CTLR, GICD_CTLR_RWP, "distributor");
    for (uint32_t bank = 1; bank < banks; bank++) {
        reset_bank(dist, bank);
    }
    for (uint32_t intid = GIC_PRIVATE_COUNT; intid < banks * 32 && intid < GIC_SPI_LIMIT; intid++) {
        *(volatile uint64_t *)(uintptr_t)(dist + GICD_IROUTER + intid * 8) = route;
    }
    *reg32(dist + GICD_CTLR) = GICD_CTLR_ARE | GICD_CTLR_GRP1;
    gicv3_wait_clear(dist + GICD_CTLR, GICD_CTLR_RWP, "distributor");
}

void gicv3_side_init_cpu(uint64_t rd)
{
    reset_bank(rd + GICR_SGI_FRAME, 0);
}

void gicv3_side_claim(uint64_t frame, uint32_t intid)
{
    (void)frame; /* everything is claimed from the start */
    (void)intid;
}

void gicv3_side_secure(uint64_t frame, uint32_t intid, bool on)
{
    (void)frame; /* there is one side */
    (void)intid;
    (void)on;
}

uint8_t gicv3_side_priority(uint8_t priority)
{
    return priority;
}
