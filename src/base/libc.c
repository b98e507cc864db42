/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/base/libc.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) word_alias;
typedef uint32_t __attribute__((may_alias)) half_alias;

/* Kernels of tens of megabytes are copied: 64 bytes are 4 ldp and 4 stp, twice per round. */
#define CHUNK_WORDS 8
#define ROUND_BYTES (2 * CHUNK_WORDS * 8)

static bool is_congruent(uintptr_t a, uintptr_t b, uintptr_t alignment)
{
    return ((a ^ b) & (alignment - 1)) == 0;
}

/* All loads before all stores, so that they pair. */
static inline void copy_chunk(word_alias *to, const word_alias *from)
{
    uint64_t a = from[0], b = from[1], c = from[2], d = from[3];
    uint64_t e = from[4], f = from[5], g = from[6], h = from[7];

    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    to[4] = e;
    to[5] = f;
    to[6] = g;
    to[7] = h;
}

/* Both 8-byte aligned. Returns the bytes done; fewer than 8 are left. */
static size_t copy_forward_words(uint8_t *to, const uint8_t *from, size_t size)
{
    word_alias *t = (word_alias *)(void *)to;
    const word_alias *f = (const word_alias *)(const void *)from;
    const word_alias *end = f + size / ROUND_BYTES * (2 * CHUNK_WORDS);

    for (; f != end; f += 2 * CHUNK_WORDS, t += 2 * CHUNK_WORDS) {
        copy_chunk(t, f);
        copy_chunk(t + CHUNK_WORDS, f + CHUNK_WORDS);
    }
    end = (const word_alias *)(const void *)from + size / 8;
    while (f != end) {
        *t++ = *f++;
    }
    return size / 8 * 8;
}

static void copy_forward(uint8_t *to, const uint8_t *from, size_t size)
{
    size_t done = 0;

    if (size >= 16 && is_congruent((uintptr_t)to, (uintptr_t)from, 8)) {
        for (; ((uintptr_t)(to + done) & 7) != 0; done++) {
            to[done] = from[done];
        }
        done += copy_forward_words(to + done, from + done, size - done);
    } else if (size >= 16 && is_congruent((uintptr_t)to, (uintptr_t)from, 4)) {
        for (; ((uintptr_t)(to + done) & 3) != 0; done++) {
            to[done] = from[done];
        }
        for (; size - done >= 4; done += 4) {
            *(half_alias *)(void *)(to + done) = *(const half_alias *)(const void *)(from + done);
        }
    }
    for (; done < size; done++) {
        to[done] = from[done];
    }
}

static void copy_backward(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size >= 16 && is_congruent((uintptr_t)to, (uintptr_t)from, 8)) {
        for (; ((uintptr_t)(to + size) & 7) != 0; size--) {
            to[size - 1] = from[size - 1];
        }
        for (; size >= 8; size -= 8) {
            *(word_alias *)(void *)(to + size - 8) =
                *(const word_alias *)(const void *)(from + size - 8);
        }
    }
    for (; size > 0; size--) {
        to[size - 1] = from[size - 1];
    }
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    copy_forward(to, from, size);
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    if ((uintptr_t)to - (uintptr_t)from >= size) {
        copy_forward(to, from, size);
    } else {
        copy_backward(to, from, size);
    }
    return to;
}

/* p is 8-byte aligned. Returns the end. */
static uint8_t *set_words(uint8_t *p, uint64_t word, size_t count)
{
    word_alias *t = (word_alias *)(void *)p;
    word_alias *end = t + count / (2 * CHUNK_WORDS) * (2 * CHUNK_WORDS);

    for (; t != end; t += 2 * CHUNK_WORDS) {
        for (size_t i = 0; i < 2 * CHUNK_WORDS; i++) {
            t[i] = word; /* unrolled: 8 stp */
        }
    }
    end = (word_alias *)(void *)p + count;
    while (t != end) {
        *t++ = word;
    }
    return (uint8_t *)t;
}

void *memset(void *to, int value, size_t size)
{
    uint8_t *p = to;
    uint64_t word = UINT64_C(0x0101010101010101) * (uint8_t)value;

    if (size >= 16) {
        for (; ((uintptr_t)p & 7) != 0; size--) {
            *p++ = (uint8_t)value;
        }
        p = set_words(p, word, size / 8);
        size &= 7;
    }
    for (; size > 0; size--) {
        *p++ = (uint8_t)value;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *p = a;
    const uint8_t *q = b;

    for (size_t i = 0; i < size; i++) {
        if (p[i] != q[i]) {
            return p[i] < q[i] ? -1 : 1;
        }
    }
    return 0;
}

void *memchr(const void *s, int c, size_t size)
{
    const uint8_t *p = s;

    for (size_t i = 0; i < size; i++) {
        if (p[i] == (uint8_t)c) {
            return (void *)(uintptr_t)(p + i);
        }
    }
    return NULL;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0') {
        n++;
    }
    return n;
}

size_t strnlen(const char *s, size_t limit)
{
    size_t n = 0;

    while (n < limit && s[n] != '\0') {
        n++;
    }
    return n;
}

int strncmp(const char *a, const char *b, size_t limit)
{
    for (size_t i = 0; i < limit; i++) {
        uint8_t p = (uint8_t)a[i];
        uint8_t q = (uint8_t)b[i];

        if (p != q) {
            return p < q ? -1 : 1;
        }
        if (p == 0) {
            return 0;
        }
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c) {
            return (char *)(uintptr_t)s;
        }
        if (*s == '\0') {
            return NULL;
        }
    }
}

char *strrchr(const char *s, int c)
{
    const char *last = NULL;

    for (;; s++) {
        if (*s == (char)c) {
            last = s;
        }
        if (*s == '\0') {
            return (char *)(uintptr_t)last;
        }
    }
}

/* 36: not a digit in any base. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') {
        return (unsigned)((c | 0x20) - 'a') + 10;
    }
    return 36;
}

unsigned long strtoul(const char *s, char **end, int base)
{
    unsigned long value = 0;
    bool is_hex = s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16;

    if (is_hex && (base == 0 || base == 16)) {
        s += 2;
        base = 16;
    } else if (base == 0) {
        base = s[0] == '0' ? 8 : 10;
    }
    for (; digit_value(*s) < (unsigned)base; s++) {
        if (__builtin_mul_overflow(value, (unsigned long)base, &value) ||
            __builtin_add_overflow(value, (unsigned long)digit_value(*s), &value)) {
            value = ULONG_MAX;
        }
    }
    if (end != NULL) {
        *end = (char *)(uintptr_t)s;
    }
    return value;
}
