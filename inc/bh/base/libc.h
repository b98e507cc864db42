/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of the C library that the core, the compiler's generated code and libfdt need. Host
 * builds use the host's. memcpy, memmove and memset make only naturally aligned accesses, so they
 * may run with the MMU off. Source: ISO C11 7.24; strnlen, memchr as in POSIX.
 */
#pragma once

#if __STDC_HOSTED__

#include <stdlib.h>
#include <string.h>

#else

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *s, int c, size_t size);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t limit);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
/* base 10, 16 or 0 (by prefix). Saturates at ULONG_MAX like the standard's; no locale, no sign. */
unsigned long strtoul(const char *s, char **end, int base);

#endif
