/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The physical console: Arm PrimeCell UART (PL011), DDI 0183. The baud rate is what the firmware
 * left: only it knows the clock.
 */
#include "bh/drv/drv.h"

#define DR   0x00
#define FR   0x18
#define LCRH 0x2c
#define CR   0x30
#define IFLS 0x34
#define IMSC 0x38
#define ICR  0x44

#define FR_RXFE UINT32_C(0x10)
#define FR_TXFF UINT32_C(0x20)

#define LCRH_FEN   UINT32_C(0x10)
#define LCRH_8BITS UINT32_C(0x60)

#define CR_UARTEN UINT32_C(0x001)
#define CR_TXE    UINT32_C(0x100)
#define CR_RXE    UINT32_C(0x200)

#define INT_RX  UINT32_C(0x10)
#define INT_RT  UINT32_C(0x40)
#define INT_ALL UINT32_C(0x7ff)

static volatile uint32_t *uart_base = (volatile uint32_t *)BH_UART_BASE;

static inline uint32_t uart_read(uint32_t offset)
{
    return uart_base[offset / 4];
}

static inline void uart_write(uint32_t offset, uint32_t value)
{
    uart_base[offset / 4] = value;
}

void drv_uart_init(struct paddr base)
{
    uart_base = pa_identity_ptr(base);
    uart_write(IMSC, 0);
    uart_write(ICR, INT_ALL);
    uart_write(LCRH, LCRH_8BITS | LCRH_FEN);
    uart_write(CR, CR_UARTEN | CR_TXE | CR_RXE);
}

void drv_uart_putc(char c)
{
    while ((uart_read(FR) & FR_TXFF) != 0) {
    }
    uart_write(DR, (uint8_t)c);
}

int32_t drv_uart_getc(void)
{
    if ((uart_read(FR) & FR_RXFE) != 0) {
        return -1;
    }
    return (int32_t)(uart_read(DR) & 0xff);
}

void drv_uart_rx_irq_enable(void)
{
    uart_write(IFLS, 0); /* at 1/8; the timeout interrupt catches the rest */
    uart_write(IMSC, INT_RX | INT_RT);
}
