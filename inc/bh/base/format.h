/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * printf without a library: %s %c %d %i %u %x %X %p %%, lengths hh h l ll z, flags '-' and '0',
 * width and precision as digits or '*'. Anything else is copied as it stands. Context: any.
 */
#pragma once

#include <stdarg.h>
#include <stdint.h>

/*
 * Writes at most size - 1 characters and a final zero. Returns the characters written, without the
 * zero: unlike C's snprintf, so that appending at buffer + result is always inside.
 * size 0 writes nothing and returns 0. A NULL string prints as "(null)".
 */
uint32_t format_print(char *buffer, uint32_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
uint32_t format_vprint(char *buffer, uint32_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
