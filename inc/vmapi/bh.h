/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that only this partition manager has: interrupts of partitions with the para-virtual
 * interrupt model. HVC only, x0 = id, x1.. = arguments, result in x0.
 * The ids and codes are those of the established binding, so existing partitions run unchanged.
 */
#pragma once

#include <stdint.h>

/* x1 intid, x2 0 disable or 1 enable, x3 BH_INTERRUPT_IRQ or _FIQ. 0, or -1: no such interrupt. */
#define BH_INTERRUPT_ENABLE UINT64_C(0xff03)
/* Next pending and enabled intid, which is then no longer pending, or BH_INTERRUPT_NONE. */
#define BH_INTERRUPT_GET    UINT64_C(0xff04)

/* The rest is for SPs. Does nothing: BH_INTERRUPT_GET has deactivated it. 0. */
#define BH_INTERRUPT_DEACTIVATE  UINT64_C(0xff08)
/* x1 intid of a device, x2 0: x3 the CPU that takes it; 1: it is x3 0 the normal world's, 1 secure;
 * 2: it is x3 0 off, 1 on. 0, or -1. */
#define BH_INTERRUPT_RECONFIGURE UINT64_C(0xff09)
/* BH_INTID_IPI for the context x1 of this partition. 0, or -1: no such context. */
#define BH_INTERRUPT_SEND_IPI    UINT64_C(0xff0a)

#define BH_INTERRUPT_IRQ     UINT64_C(0)
#define BH_INTERRUPT_FIQ     UINT64_C(1)
#define BH_INTERRUPT_NONE    UINT64_C(0xffffffff)
#define BH_INTERRUPT_REFUSED UINT64_MAX

/* Virtual interrupt ids that need no device. */
#define BH_INTID_TIMER        3u
#define BH_INTID_MANAGED_EXIT 4u
#define BH_INTID_NOTIFICATION 5u
#define BH_INTID_IPI          9u
