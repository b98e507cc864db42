/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text output: the PL011 that the device tree names, else FFA_CONSOLE_LOG. A line goes out whole,
 * also when several vCPUs print.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#define CONSOLE_LINE_MAX 512

/* Formats as bh/base/format.h; longer text is cut at CONSOLE_LINE_MAX - 1. */
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void console_vprint(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
void console_write(const char *text, uint32_t length);
/* uart: address of a PL011, 0 for FFA_CONSOLE_LOG. */
void console_init(uint64_t uart);
/* FFA_CONSOLE_LOG, too, is a call that fixes a partition's version: while hold is true, what would
 * be written so is kept, up to a limit; false: it is written. */
void console_hold(bool hold);
