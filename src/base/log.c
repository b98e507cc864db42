/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/base/log.h"

#include <stdbool.h>
#include <stddef.h>

#include "bh/base/format.h"
#include "bh/base/lock.h"

#define LINE_SIZE          256
/* A full budget, and then one line of so many, twice as many each time. */
#define GUEST_LINES        16
#define GUEST_INTERVAL     1024
#define GUEST_INTERVAL_MAX (1u << 20)

static struct {
    log_sink_fn *sink;
    panic_hook_fn *hook;
    enum log_level level;
    bool panicking;
    struct lock lock;
    char line[LINE_SIZE];
} state = {.level = LOG_INFO, .lock = {.rank = LOCK_RANK_LOG}};

static const char *const level_prefix[] = {
    [LOG_ERROR] = "ERROR: ", [LOG_WARNING] = "WARNING: ", [LOG_NOTICE] = "NOTICE: ",
    [LOG_INFO] = "INFO: ",   [LOG_DEBUG] = "DEBUG: ",
};

void log_init(log_sink_fn *sink, enum log_level level)
{
    state.sink = sink;
    state.level = level;
}

void log_level_set(enum log_level level)
{
    state.level = level;
}

void panic_init(panic_hook_fn *hook)
{
    state.hook = hook;
    state.panicking = false;
}

static void print_line(const char *prefix, const char *suffix, const char *format, va_list args)
{
    uint32_t n = format_print(state.line, LINE_SIZE, "%s", prefix);

    n += format_vprint(state.line + n, LINE_SIZE - n, format, args);
    n += format_print(state.line + n, LINE_SIZE - n, "%s", suffix);
    state.sink(state.line, n);
}

static void print_locked(enum log_level level, const char *suffix, const char *format, va_list args)
{
    if (state.sink == NULL || level > state.level) {
        return;
    }
    lock_take(&state.lock);
    print_line(level_prefix[level], suffix, format, args);
    lock_drop(&state.lock);
}

void log_print(enum log_level level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_locked(level, "", format, args);
    va_end(args);
}

void log_guest(struct log_limit *limit, const char *format, ...)
{
    char suffix[40] = "";
    va_list args;

    if (limit->shown < GUEST_LINES) {
        limit->shown++;
        limit->interval = GUEST_INTERVAL;
    } else if (limit->dropped < limit->interval - 1) {
        limit->dropped++;
        return;
    } else {
        (void)format_print(suffix, sizeof(suffix), " (%u like this not shown)", limit->dropped);
        limit->dropped = 0;
        /* A guest that faults as fast as it can does so some 100,000 times a second. */
        limit->interval *= limit->interval < GUEST_INTERVAL_MAX ? 2 : 1;
    }
    va_start(args, format);
    print_locked(LOG_WARNING, suffix, format, args);
    va_end(args);
}

void panic(const char *format, ...)
{
    va_list args;

    /*
     * Without the lock: its holder may be the one that panics. A second panic (in the sink, or on
     * another CPU) goes straight to the hook.
     */
    if (!__atomic_exchange_n(&state.panicking, true, __ATOMIC_RELAXED) && state.sink != NULL) {
        va_start(args, format);
        print_line("PANIC: ", "", format, args);
        va_end(args);
    }
    if (state.hook != NULL) {
        state.hook();
    }
    __builtin_trap();
}

void assert_failed(const char *where)
{
    panic("assert %s", where);
}
