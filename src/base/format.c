/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/base/format.h"

#include <stdbool.h>
#include <stddef.h>

struct output {
    char *buffer;
    uint32_t size;
    uint32_t length;
};

enum length { LENGTH_CHAR, LENGTH_SHORT, LENGTH_INT, LENGTH_LONG };

struct spec {
    bool left;
    bool zero;
    bool has_precision;
    uint32_t width;
    uint32_t precision;
    enum length length;
};

/* 64 bits in decimal need 20 digits. */
#define DIGITS_MAX 20

static void put(struct output *out, char c)
{
    if (out->length + 1 < out->size) {
        out->buffer[out->length++] = c;
    }
}

static void put_repeated(struct output *out, char c, uint32_t count)
{
    /* The buffer bounds the work, whatever the width says. */
    for (uint32_t i = 0; i < count && i < out->size; i++) {
        put(out, c);
    }
}

static void put_text(struct output *out, const struct spec *spec, const char *text)
{
    uint32_t length = 0;

    if (text == NULL) {
        text = "(null)";
    }
    while (text[length] != '\0' && (!spec->has_precision || length < spec->precision)) {
        length++;
    }
    uint32_t pad = spec->width > length ? spec->width - length : 0;

    if (!spec->left) {
        put_repeated(out, ' ', pad);
    }
    for (uint32_t i = 0; i < length; i++) {
        put(out, text[i]);
    }
    if (spec->left) {
        put_repeated(out, ' ', pad);
    }
}

static uint32_t make_digits(char *digits, uint64_t value, uint32_t base, bool upper)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    uint32_t count = 0;

    do {
        digits[count++] = set[value % base];
        value /= base;
    } while (value != 0);
    return count;
}

/* prefix: "", "-" or "0x". */
static void put_number(struct output *out, const struct spec *spec, const char *prefix,
                       const char *digits, uint32_t count)
{
    uint32_t prefix_length = 0;

    while (prefix[prefix_length] != '\0') {
        prefix_length++;
    }
    uint32_t zeroes = spec->has_precision && spec->precision > count ? spec->precision - count : 0;
    uint32_t total = prefix_length + zeroes + count;
    uint32_t pad = spec->width > total ? spec->width - total : 0;

    if (spec->zero && !spec->left && !spec->has_precision) {
        zeroes += pad;
        pad = 0;
    }
    if (!spec->left) {
        put_repeated(out, ' ', pad);
    }
    for (uint32_t i = 0; i < prefix_length; i++) {
        put(out, prefix[i]);
    }
    put_repeated(out, '0', zeroes);
    for (uint32_t i = count; i > 0; i--) {
        put(out, digits[i - 1]);
    }
    if (spec->left) {
        put_repeated(out, ' ', pad);
    }
}

static uint64_t truncate_unsigned(uint64_t value, enum length length)
{
    switch (length) {
    case LENGTH_CHAR:
        return (uint8_t)value;
    case LENGTH_SHORT:
        return (uint16_t)value;
    case LENGTH_INT:
        return (uint32_t)value;
    case LENGTH_LONG:
        return value;
    }
    return value;
}

static int64_t truncate_signed(uint64_t value, enum length length)
{
    switch (length) {
    case LENGTH_CHAR:
        return (int8_t)value;
    case LENGTH_SHORT:
        return (int16_t)value;
    case LENGTH_INT:
        return (int32_t)value;
    case LENGTH_LONG:
        return (int64_t)value;
    }
    return (int64_t)value;
}

static void put_signed(struct output *out, const struct spec *spec, uint64_t raw)
{
    char digits[DIGITS_MAX];
    int64_t value = truncate_signed(raw, spec->length);
    uint64_t magnitude = value < 0 ? UINT64_C(0) - (uint64_t)value : (uint64_t)value;
    uint32_t count = make_digits(digits, magnitude, 10, false);

    put_number(out, spec, value < 0 ? "-" : "", digits, count);
}

static void put_unsigned(struct output *out, const struct spec *spec, uint64_t raw, char kind)
{
    char digits[DIGITS_MAX];
    uint64_t value = kind == 'p' ? raw : truncate_unsigned(raw, spec->length);
    uint32_t count = make_digits(digits, value, kind == 'u' ? 10 : 16, kind == 'X');

    put_number(out, spec, kind == 'p' ? "0x" : "", digits, count);
}

static const char *parse_digits(const char *p, uint32_t *value)
{
    *value = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        /* Wider than any buffer is as wide as a buffer. */
        *value = *value < 100000 ? *value * 10 + (uint32_t)(*p - '0') : *value;
    }
    return p;
}

static const char *parse_length(const char *p, enum length *length)
{
    *length = LENGTH_INT;
    if (*p == 'h') {
        p++;
        *length = LENGTH_SHORT;
        if (*p == 'h') {
            p++;
            *length = LENGTH_CHAR;
        }
        return p;
    }
    while (*p == 'l' || *p == 'z' || *p == 'j') {
        p++;
        *length = LENGTH_LONG;
    }
    return p;
}

/* va_list may be an array type: passing a pointer to a copy keeps one meaning everywhere. */
struct arguments {
    va_list list;
};

static const char *parse_spec(const char *p, struct spec *spec, struct arguments *args)
{
    *spec = (struct spec){0};
    for (; *p == '-' || *p == '0'; p++) {
        spec->left |= *p == '-';
        spec->zero |= *p == '0';
    }
    if (*p == '*') {
        int width = va_arg(args->list, int);

        p++;
        spec->width = width < 0 ? 0 : (uint32_t)width;
    } else {
        p = parse_digits(p, &spec->width);
    }
    if (*p == '.') {
        spec->has_precision = true;
        p++;
        if (*p == '*') {
            int precision = va_arg(args->list, int);

            p++;
            spec->has_precision = precision >= 0;
            spec->precision = precision < 0 ? 0 : (uint32_t)precision;
        } else {
            p = parse_digits(p, &spec->precision);
        }
    }
    return parse_length(p, &spec->length);
}

static uint64_t next_integer(const struct spec *spec, struct arguments *args)
{
    if (spec->length == LENGTH_LONG) {
        return va_arg(args->list, uint64_t);
    }
    return va_arg(args->list, unsigned int);
}

/* Returns the first character after the conversion. */
static const char *convert(struct output *out, const char *percent, struct arguments *args)
{
    struct spec spec;
    const char *p = parse_spec(percent + 1, &spec, args);
    char single[2] = {0};

    switch (*p) {
    case 's':
        put_text(out, &spec, va_arg(args->list, const char *));
        return p + 1;
    case 'c':
        single[0] = (char)va_arg(args->list, int);
        put_text(out, &spec, single);
        return p + 1;
    case 'd':
    case 'i':
        put_signed(out, &spec, next_integer(&spec, args));
        return p + 1;
    case 'u':
    case 'x':
    case 'X':
        put_unsigned(out, &spec, next_integer(&spec, args), *p);
        return p + 1;
    case 'p':
        put_unsigned(out, &spec, (uint64_t)(uintptr_t)va_arg(args->list, void *), 'p');
        return p + 1;
    case '%':
        put(out, '%');
        return p + 1;
    default:
        put(out, '%');
        return percent + 1;
    }
}

uint32_t format_vprint(char *buffer, uint32_t size, const char *format, va_list args)
{
    struct output out = {.buffer = buffer, .size = size};
    struct arguments copy;

    if (size == 0) {
        return 0;
    }
    va_copy(copy.list, args);
    while (*format != '\0') {
        if (*format == '%') {
            format = convert(&out, format, &copy);
        } else {
            put(&out, *format++);
        }
    }
    va_end(copy.list);
    buffer[out.length] = '\0';
    return out.length;
}

uint32_t format_print(char *buffer, uint32_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    uint32_t length = format_vprint(buffer, size, format, args);

    va_end(args);
    return length;
}
