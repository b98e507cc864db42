/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The secure side of a GIC with two security states, which EL3 has set up: affinity routing on,
 * SGIs 8 to 15 secure group 1, everything else non-secure group 1 until it is claimed.
 */
#include "gicv3_side.h"

#include <stdbool.h>

#include "bh/drv/gicv3_regs.h"

#define SRI_SGI 8u /* the normal world's schedule-receiver interrupt */

static volatile uint32_t *reg32(uint64_t address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

static void set_group(uint64_t frame, uint32_t intid, bool is_secure)
{
    volatile uint32_t *group = reg32(frame + GIC_IGROUPR + intid / 32 * 4);
    volatile uint32_t *modifier = reg32(frame + GIC_IGRPMODR + intid / 32 * 4);
    uint32_t bit = UINT32_C(1) << intid % 32;

    /* IGROUPR 0 with IGRPMODR 1 is secure group 1; 1 with 0 non-secure group 1. */
    *group = is_secure ? *group & ~bit : *group | bit;
    *modifier = is_secure ? *modifier | bit : *modifier & ~bit;
}

void gicv3_side_init(uint64_t dist, uint32_t banks)
{
    (void)banks;
    *reg32(dist + GICD_CTLR) |= GICD_CTLR_GRP1S;
    gicv3_wait_clear(dist + GICD_CTLR, GICD_CTLR_RWP, "distributor");
}

void gicv3_side_init_cpu(uint64_t rd)
{
    uint64_t frame = rd + GICR_SGI_FRAME;

    set_group(frame, SRI_SGI, false);
    /* EL3 may have made it the most urgent, as its own world's: it would hide secure ones. */
    *(volatile uint8_t *)(uintptr_t)(frame + GIC_IPRIORITYR + SRI_SGI) =
        (uint8_t)GICV3_PRIORITY_DEFAULT;
}

void gicv3_side_claim(uint64_t frame, uint32_t intid)
{
    uint32_t word = intid / 32 * 4;
    uint32_t bit = UINT32_C(1) << intid % 32;

    if ((*reg32(frame + GIC_IGROUPR + word) & bit) == 0) {
        return; /* ours already */
    }
    *reg32(frame + GIC_ICENABLER + word) = bit;
    *reg32(frame + GIC_ICPENDR + word) = bit;
    *reg32(frame + GIC_ICACTIVER + word) = bit;
    set_group(frame, intid, true);
}

void gicv3_side_secure(uint64_t frame, uint32_t intid, bool on)
{
    uint32_t bit = UINT32_C(1) << intid % 32;

    if (on) {
        gicv3_side_claim(frame, intid);
        return;
    }
    *reg32(frame + GIC_ICENABLER + intid / 32 * 4) = bit;
    set_group(frame, intid, false);
}

/* In the secure view the normal world's priorities are the upper half: ours come before. */
uint8_t gicv3_side_priority(uint8_t priority)
{
    return priority >> 1;
}
