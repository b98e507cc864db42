/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EXPECT_PANIC(statement): the statement must end in panic(). What it printed is in panic_text.
 */
#pragma once

#include <setjmp.h>
#include <string.h>

#include "bh/base/log.h"

static jmp_buf panic_jump;
static char panic_text[256];

static void panic_sink(const char *line, uint32_t length)
{
    memcpy(panic_text, line, length);
    panic_text[length] = '\0';
}

static void panic_escape(void)
{
    longjmp(panic_jump, 1);
}

/* Leaves the log without sink and panic without hook. */
#define EXPECT_PANIC(statement)                                                                    \
    do {                                                                                           \
        panic_text[0] = '\0';                                                                      \
        log_init(panic_sink, LOG_ERROR);                                                           \
        panic_init(panic_escape);                                                                  \
        if (setjmp(panic_jump) == 0) {                                                             \
            statement;                                                                             \
            fail_msg("no panic from: %s", #statement);                                             \
        }                                                                                          \
        panic_init(NULL);                                                                          \
        log_init(NULL, LOG_ERROR);                                                                 \
    } while (0)
