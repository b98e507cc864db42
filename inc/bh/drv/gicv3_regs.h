/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory-mapped registers of a GICv3: one line per register or bit, for the driver of the physical
 * one (src/drv/gicv3) and for the emulated one (src/dev/gic). Offsets in bytes from the frame.
 * Source: IHI 0069 chapter 12 (12.9 distributor, 12.10 and 12.11 redistributor).
 */
#pragma once

#include <stdint.h>

/* INTID ranges, IHI 0069 2.2.1 */
#define GIC_SGI_COUNT     16u
#define GIC_PRIVATE_COUNT 32u   /* SGIs and PPIs */
#define GIC_SPI_LIMIT     1020u /* first INTID that is no SPI */
#define GIC_SPECIAL_FIRST 1020u
#define GIC_SPECIAL_LIMIT 1024u

/* Distributor frame */
#define GICD_FRAME_SIZE  0x10000u
#define GICD_CTLR        0x0000u
#define GICD_TYPER       0x0004u
#define GICD_IIDR        0x0008u
#define GICD_TYPER2      0x000cu
#define GICD_STATUSR     0x0010u
#define GICD_IROUTER     0x6000u /* 8 bytes per SPI, INTID 32 at 0x6100 */
#define GICD_IROUTER_END 0x8000u

/* Arrays with one shape in the distributor and, for INTID 0 to 31, in the SGI frame */
#define GIC_IGROUPR    0x0080u /* 1 bit per interrupt, from here on */
#define GIC_ISENABLER  0x0100u
#define GIC_ICENABLER  0x0180u
#define GIC_ISPENDR    0x0200u
#define GIC_ICPENDR    0x0280u
#define GIC_ISACTIVER  0x0300u
#define GIC_ICACTIVER  0x0380u
#define GIC_IPRIORITYR 0x0400u /* 8 bits */
#define GIC_ITARGETSR  0x0800u /* 8 bits, legacy only */
#define GIC_ICFGR      0x0c00u /* 2 bits */
#define GIC_IGRPMODR   0x0d00u /* 1 bit */
#define GIC_NSACR      0x0e00u /* 2 bits */
#define GIC_ARRAYS_END 0x0f00u

/* Identification, both frames */
#define GIC_IDREGS    0xffd0u
#define GIC_PIDR2     0xffe8u
#define GIC_FRAME_END 0x10000u
#define GIC_PIDR2_V3  0x3bu /* ArchRev 3, JEDEC */

/* GICD_CTLR, one security state (DS 1) or the non-secure view */
#define GICD_CTLR_GRP0  (UINT32_C(1) << 0) /* DS 1: EnableGrp0; NS view: EnableGrp1 */
#define GICD_CTLR_GRP1  (UINT32_C(1) << 1) /* DS 1: EnableGrp1; NS view: EnableGrp1A */
#define GICD_CTLR_GRP1S (UINT32_C(1) << 2) /* secure view */
#define GICD_CTLR_ARE   (UINT32_C(1) << 4)
#define GICD_CTLR_DS    (UINT32_C(1) << 6)
#define GICD_CTLR_RWP   (UINT32_C(1) << 31)

/* GICD_TYPER */
#define GICD_TYPER_LINES        UINT32_C(0x1f) /* ITLinesNumber: 32 * (n + 1) INTIDs */
#define GICD_TYPER_IDBITS_SHIFT 19             /* INTID bits - 1 */
#define GICD_TYPER_A3V          (UINT32_C(1) << 24)
#define GICD_TYPER_NO1N         (UINT32_C(1) << 25) /* no 1-of-N: IROUTER.IRM is RES0 */

/* GICD_IROUTER */
#define GICD_IROUTER_IRM      (UINT64_C(1) << 31)
#define GICD_IROUTER_AFFINITY UINT64_C(0xff00ffffff)

/* Redistributor: RD frame, then SGI frame */
#define GICR_STRIDE    0x20000u
#define GICR_SGI_FRAME 0x10000u
#define GICR_CTLR      0x0000u
#define GICR_IIDR      0x0004u
#define GICR_TYPER     0x0008u /* 64 bits */
#define GICR_STATUSR   0x0010u
#define GICR_WAKER     0x0014u

#define GICR_CTLR_RWP              (UINT32_C(1) << 3)
#define GICR_TYPER_VLPIS           (UINT64_C(1) << 1) /* two more frames follow */
#define GICR_TYPER_LAST            (UINT64_C(1) << 4)
#define GICR_TYPER_NUMBER_SHIFT    8
#define GICR_TYPER_AFFINITY_SHIFT  32
#define GICR_WAKER_PROCESSOR_SLEEP (UINT32_C(1) << 1)
#define GICR_WAKER_CHILDREN_ASLEEP (UINT32_C(1) << 2)
