/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GICv3 as a partition drives it: distributor, this vCPU's redistributor, system registers.
 * Everything is Group 1. Source: IHI0069, chapters 8 and 12.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vmlib_cpu.h"
#include "vmlib_io.h"

#define GIC_SPURIOUS 1023u
#define GIC_VTIMER   27u
#define GIC_PTIMER   30u

#define GICD_CTLR       0x0000u
#define GICD_TYPER      0x0004u
#define GICD_IIDR       0x0008u
#define GICD_TYPER2     0x000cu
#define GICD_IGROUPR    0x0080u
#define GICD_ISENABLER  0x0100u
#define GICD_ICENABLER  0x0180u
#define GICD_ISPENDR    0x0200u
#define GICD_ICPENDR    0x0280u
#define GICD_ISACTIVER  0x0300u
#define GICD_ICACTIVER  0x0380u
#define GICD_IPRIORITYR 0x0400u
#define GICD_ITARGETSR  0x0800u
#define GICD_ICFGR      0x0c00u
#define GICD_IGRPMODR   0x0d00u
#define GICD_NSACR      0x0e00u
#define GICD_SGIR       0x0f00u
#define GICD_IROUTER    0x6000u
#define GICD_PIDR2      0xffe8u

#define GICD_TYPER_NO_ANY     UINT32_C(0x2000000)
#define GICD_CTLR_ENABLE_GRP1 UINT32_C(2)
#define GICD_CTLR_ARE         UINT32_C(0x10)
#define GICD_CTLR_RWP         UINT32_C(0x80000000)
#define GICD_IROUTER_ANY      UINT64_C(0x80000000)

#define GICR_CTLR                  0x0000u
#define GICR_IIDR                  0x0004u
#define GICR_TYPER                 0x0008u
#define GICR_WAKER                 0x0014u
#define GICR_PIDR2                 0xffe8u
#define GICR_SGI_FRAME             0x10000u /* GICD_* offsets of the first 32 interrupts */
#define GICR_FRAME_SIZE            0x20000u
#define GICR_WAKER_PROCESSOR_SLEEP UINT32_C(2)
#define GICR_WAKER_CHILDREN_ASLEEP UINT32_C(4)

/* Bases from the device tree; 0 when it has no GIC. */
uint64_t gic_dist_base(void);
/* Redistributor of vCPU index. */
uint64_t gic_redist_base(uint32_t index);
/* SPIs can be routed to any vCPU (GICD_IROUTER_ANY). */
bool gic_has_any(void);
/* Number of interrupt ids that the distributor has. */
uint32_t gic_id_count(void);

/* Finds the GIC in the device tree. Before interrupts come: then gic_init_dist() once, and
 * gic_init_cpu() on every vCPU that takes them; gic_enable() per interrupt, exception_set_irq(). */
void gic_init(void);
/* Distributor on, with affinity routing; once. */
void gic_init_dist(void);
/* Redistributor and CPU interface of this vCPU: PMR open, EOImode 0, group 1 on. */
void gic_init_cpu(void);
/* Everything disabled, not pending, not active, priority 0xa0; once per test. */
void gic_reset(void);

/* Address of the word of a one-bit-per-interrupt array, with its bit: banked ids go to the
 * redistributor of this vCPU. */
uint64_t gic_bit_register(uint32_t offset, uint32_t intid, uint32_t *bit);
bool gic_bit_read(uint32_t offset, uint32_t intid);
void gic_bit_write(uint32_t offset, uint32_t intid);

void gic_enable(uint32_t intid);
void gic_disable(uint32_t intid);
void gic_set_pending(uint32_t intid);
void gic_clear_pending(uint32_t intid);
bool gic_is_pending(uint32_t intid);
bool gic_is_active(uint32_t intid);
void gic_set_priority(uint32_t intid, uint8_t priority);
uint8_t gic_get_priority(uint32_t intid);
void gic_set_edge(uint32_t intid, bool edge);
/* SPI to the vCPU with this MPIDR. */
void gic_set_route(uint32_t intid, uint64_t mpidr);
/* SGI 0..15 to the vCPU with this MPIDR, or to all but this one. */
void gic_send_sgi(uint32_t intid, uint64_t mpidr);
void gic_send_sgi_others(uint32_t intid);
/* Waits until writes to the distributor have taken effect. */
void gic_wait_rwp(void);

static inline uint32_t gic_acknowledge(void)
{
    uint32_t intid = (uint32_t)sysreg_read(ICC_IAR1_EL1);

    cpu_dsb();
    return intid;
}

static inline void gic_end(uint32_t intid)
{
    sysreg_write(ICC_EOIR1_EL1, intid);
    cpu_isb();
}

static inline void gic_deactivate(uint32_t intid)
{
    sysreg_write(ICC_DIR_EL1, intid);
    cpu_isb();
}

static inline void gic_set_mask(uint8_t priority)
{
    sysreg_write(ICC_PMR_EL1, priority);
    cpu_isb();
}
