/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the parts of the framework.
 */
#pragma once

#include <stdint.h>

#include "hftest.h"

/* x3 of the framework's direct requests; x4..x7 of a selection are the name. */
#define HFTEST_SELECT   UINT64_C(0x6866746573740001)
#define HFTEST_STOP     UINT64_C(0x6866746573740002)
#define HFTEST_NAME_MAX 32
#define HFTEST_SELECTED UINT64_C(1)
#define HFTEST_UNKNOWN  UINT64_C(2)

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
