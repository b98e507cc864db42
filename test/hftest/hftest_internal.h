/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the parts of the framework.
 */
#pragma once

#include <stdint.h>

#include "hftest.h"
#include "hftest_protocol.h"

/* hftest_jump.S: x19..x30 and sp. */
struct hftest_jump {
    uint64_t saved[13];
};

int hftest_jump_save(struct hftest_jump *jump) __attribute__((returns_twice));
_Noreturn void hftest_jump_to(struct hftest_jump *jump);

extern const struct hftest_entry hftest_begin[];
extern const struct hftest_entry hftest_end[];
extern const uint16_t hftest_services[];

void hftest_services_stop(void);

/* In an SP with TESTs: what the normal world wants to be run; waits for it. */
const char *hftest_sp_command(void);
/* The TESTs are done: nothing but waiting is left. */
_Noreturn void hftest_sp_end(void);
