/* SPDX-License-Identifier: BSD-3-Clause */
/* A board without console: output goes nowhere, nothing ever arrives. */
#include "bh/drv/drv.h"

void drv_uart_init(struct paddr base)
{
    (void)base;
}

void drv_uart_putc(char c)
{
    (void)c;
}

int32_t drv_uart_getc(void)
{
    return -1;
}

void drv_uart_rx_irq_enable(void)
{
}
