/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * No interrupt controller: tests that never look at one, and bulkhead-plan.
 */
#include "bh/drv/drv.h"

void drv_gic_init(const struct board_config *board)
{
    (void)board;
}

void drv_gic_init_cpu(uint32_t cpu, uint64_t mpidr)
{
    (void)cpu;
    (void)mpidr;
}

void drv_gic_enable(uint32_t intid, bool on)
{
    (void)intid;
    (void)on;
}

void drv_gic_configure(uint32_t intid, bool edge, uint8_t priority)
{
    (void)intid;
    (void)edge;
    (void)priority;
}

void drv_gic_secure(uint32_t intid, bool on)
{
    (void)intid;
    (void)on;
}

void drv_gic_route(uint32_t intid, uint64_t mpidr)
{
    (void)intid;
    (void)mpidr;
}

void drv_gic_set_pending(uint32_t intid, bool on)
{
    (void)intid;
    (void)on;
}

void drv_gic_set_active(uint32_t intid, bool on)
{
    (void)intid;
    (void)on;
}

bool drv_gic_is_pending(uint32_t intid)
{
    (void)intid;
    return false;
}

/* As many as there can be (IHI 0069, 2.2): tables are then as large as any board's. */
uint32_t drv_gic_intid_limit(void)
{
    return 1020;
}
