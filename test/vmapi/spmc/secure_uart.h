/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The secure world's UART as a device with a level interrupt (INTID 40): high from when it has sent
 * something until that is acknowledged. Source: DDI 0183.
 */
#pragma once

#include "hftest.h"

#define SECURE_UART UINT64_C(0x09040000)
#define UART_TX     0x20u /* in the interrupt registers */

static inline void uart_raise(void)
{
    io_write32(SECURE_UART + 0x38 /* IMSC */, UART_TX);
    io_write32(SECURE_UART + 0x00 /* DR */, '.');
}

static inline bool uart_is_asserted(void)
{
    return (io_read32(SECURE_UART + 0x40 /* MIS */) & UART_TX) != 0;
}

static inline void uart_clear(void)
{
    io_write32(SECURE_UART + 0x44 /* ICR */, UART_TX);
}
