/* SPDX-License-Identifier: BSD-3-Clause */
#include "vmlib_console.h"

#include <stddef.h>

#include "bh/base/format.h"
#include "bh/base/libc.h"
#include "vmlib_call.h"
#include "vmlib_io.h"
#include "vmlib_smp.h"

#define PL011_DR      0x00u
#define PL011_FR      0x18u
#define PL011_FR_TXFF UINT32_C(0x20)

static uint64_t uart_base;
static struct spinlock console_lock;
static char line[CONSOLE_LINE_MAX];
static char held[2 * CONSOLE_LINE_MAX];
static uint32_t held_length;
static bool is_holding;

void console_init(uint64_t uart)
{
    uart_base = uart;
}

static void write_uart(const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        while ((io_read16(uart_base + PL011_FR) & PL011_FR_TXFF) != 0) {
            cpu_relax();
        }
        io_write8(uart_base + PL011_DR, (uint8_t)text[i]);
    }
}

/* 48 characters fit the 64-bit call of every version. */
static void write_log(const char *text, uint32_t length)
{
    while (length > 0) {
        uint32_t part = length < FFA_CONSOLE_LOG_64_MAX_V1_1 ? length : FFA_CONSOLE_LOG_64_MAX_V1_1;

        (void)ffa_console_log(text, part);
        text += part;
        length -= part;
    }
}

void console_write(const char *text, uint32_t length)
{
    if (uart_base != 0) {
        write_uart(text, length);
    } else if (is_holding) {
        length = length < sizeof(held) - held_length ? length : sizeof(held) - held_length;
        memcpy(held + held_length, text, length);
        held_length += length;
    } else {
        write_log(text, length);
    }
}

void console_hold(bool hold)
{
    spinlock_take(&console_lock);
    is_holding = hold;
    if (!hold) {
        console_write(held, held_length);
        held_length = 0;
    }
    spinlock_release(&console_lock);
}

void console_vprint(const char *format, va_list args)
{
    spinlock_take(&console_lock);
    uint32_t length = format_vprint(line, sizeof(line), format, args);

    console_write(line, length);
    spinlock_release(&console_lock);
}

void console_print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    console_vprint(format, args);
    va_end(args);
}
