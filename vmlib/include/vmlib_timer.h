/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The generic timer: virtual (CNTV) and physical (CNTP). Times are ticks of CNTFRQ_EL0.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vmlib_cpu.h"

#define TIMER_CTL_ENABLE UINT64_C(1)
#define TIMER_CTL_MASK   UINT64_C(2)
#define TIMER_CTL_STATUS UINT64_C(4)

static inline uint64_t timer_frequency(void)
{
    return sysreg_read(cntfrq_el0);
}

static inline uint64_t timer_now(void)
{
    cpu_isb();
    return sysreg_read(cntvct_el0);
}

static inline uint64_t timer_physical_now(void)
{
    cpu_isb();
    return sysreg_read(cntpct_el0);
}

/* What an event may take: only a failing test waits it out. CPUs may be threads of a busy host. */
#define EVENT_WAIT_MS 30000u

static inline uint64_t timer_from_us(uint64_t microseconds)
{
    return microseconds * timer_frequency() / 1000000u;
}

static inline uint64_t timer_from_ms(uint64_t milliseconds)
{
    return timer_from_us(milliseconds * 1000u);
}

static inline void timer_virtual_set(uint64_t compare)
{
    sysreg_write(cntv_cval_el0, compare);
    sysreg_write(cntv_ctl_el0, TIMER_CTL_ENABLE);
    cpu_isb();
}

static inline void timer_virtual_stop(void)
{
    sysreg_write(cntv_ctl_el0, 0);
    cpu_isb();
}

static inline void timer_physical_set(uint64_t compare)
{
    sysreg_write(cntp_cval_el0, compare);
    sysreg_write(cntp_ctl_el0, TIMER_CTL_ENABLE);
    cpu_isb();
}

static inline void timer_physical_stop(void)
{
    sysreg_write(cntp_ctl_el0, 0);
    cpu_isb();
}
