/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Log lines of the core. Each line goes to the installed sink (set once in boot) as a whole, with
 * a level prefix. Formats: %s %c %d %u %x %lu %lx %llx %p, width and zero padding.
 * Lines that a guest can cause use LOG_GUEST: rate limited per vCPU so that a looping guest cannot
 * flood the console: the first 16, then after 1024, 2048, ... up to 2^20 more, with the count of
 * what was dropped.
 */
#pragma once

#include <stdarg.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

/* Receives one finished line without newline; installed once by boot. */
typedef void log_sink_fn(const char *line, uint32_t length);

void log_init(log_sink_fn *sink, enum log_level level);
void log_level_set(enum log_level level);
void log_print(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Per-vCPU budget for lines that a guest causes. Zero-initialised is a full budget. */
struct log_limit {
    uint32_t shown;    /* of the first lines */
    uint32_t dropped;  /* since the last line */
    uint32_t interval; /* events for the next line */
};

void log_guest(struct log_limit *limit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_print(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_print(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)  log_print(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    log_print(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_print(LOG_DEBUG, __VA_ARGS__)

/* Ends the machine; installed once by boot. Without one, panic ends in a trap instruction. */
typedef void panic_hook_fn(void);
void panic_init(panic_hook_fn *hook);

/* Our bug or a state in which going on is unsafe: prints and stops the machine. Never on guest
 * input. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* where: file and line, in debug builds the condition, too. */
_Noreturn void assert_failed(const char *where);

#define BH_STRING_OF(x) #x
#define BH_STRING(x)    BH_STRING_OF(x)
#if defined(BH_DEBUG) && BH_DEBUG
#define BH_ASSERT_WHERE(condition) __FILE__ ":" BH_STRING(__LINE__) ": " condition
#else
#define BH_ASSERT_WHERE(condition) __FILE__ ":" BH_STRING(__LINE__)
#endif
#define bh_assert(cond) ((cond) ? (void)0 : assert_failed(BH_ASSERT_WHERE(#cond)))
