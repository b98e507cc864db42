/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Conformance suites: rows of "this call, from callers of these versions, has this result", the
 * same body for callers that negotiated v1.0, v1.1 and v1.2. CONFORMANCE(name) { ... } is a test of
 * each of the suites conformance_v1_0, conformance_v1_1 and conformance_v1_2.
 */
#pragma once

#include "conformance_role.h"
#include "hftest.h"

#define CONFORMANCE_TEST(bit, version, name)                                                       \
    TEST(conformance_##version, name)                                                              \
    {                                                                                              \
        conf_begin(bit);                                                                           \
        body_##name();                                                                             \
    }

#define CONFORMANCE_FROM_1_1(name)                                                                 \
    static void body_##name(void);                                                                 \
    CONFORMANCE_TEST(V1_1, v1_1, name)                                                             \
    CONFORMANCE_TEST(V1_2, v1_2, name)                                                             \
    static void body_##name(void)

#define CONFORMANCE(name)                                                                          \
    static void body_##name(void);                                                                 \
    CONFORMANCE_TEST(V1_0, v1_0, name)                                                             \
    CONFORMANCE_TEST(V1_1, v1_1, name)                                                             \
    CONFORMANCE_TEST(V1_2, v1_2, name)                                                             \
    static void body_##name(void)

#define CONF_RESULTS 6 /* x0-x5 of a result; x6 and x7 are always zero */

/* x0-x7 in, x0-x7 out; x8-x30 get a pattern and must come back with it. */
struct conf_row {
    const char *what;
    uint32_t versions; /* callers that the row is for */
    uint64_t call[8];
    uint64_t result[CONF_RESULTS];
};

/* Versions of clang-format differ on these. */
/* clang-format off */
#define CALL(...)       {__VA_ARGS__}
#define FAILS(code)     {FFA_ERROR_32, 0, (uint32_t)(code)}
#define SUCCEEDS        {FFA_SUCCESS_32}
#define RETURNS(x2, x3) {FFA_SUCCESS_32, 0, (x2), (x3)}
#define RESULT(...)     {__VA_ARGS__}
/* clang-format on */

/* Negotiates, at the first test of a boot; ends the test if that fails. */
void conf_begin(uint32_t version);
/* Of the caller: a V1_x bit, and as FFA_VERSION has it. */
uint32_t conf_version(void);
uint64_t conf_version_number(void);

/* For this caller, in its version. */
bool conf_exists(uint64_t fid);

/*
 * Makes the calls of all rows for this caller and compares all registers. Each three times: by HVC;
 * by SMC with the SVE hint; by HVC with garbage in what a 32-bit call does not read. Rows must
 * therefore leave the state as it was: refusals, queries.
 */
void conf_check(const struct conf_row *rows, uint32_t count);
#define CONF_CHECK(rows) conf_check((rows), sizeof(rows) / sizeof((rows)[0]))
/* A single call that changes something: once, by HVC. */
void conf_check_once(const struct conf_row *row);
#define CONF_ONCE(text, call_, result_)                                                            \
    conf_check_once(                                                                               \
        &(struct conf_row){.what = (text), .versions = ALL, .call = call_, .result = result_})

/* Before the caller's own notifications are used. */
void conf_bitmap_create(void);

/* Two pages each, page aligned, not mapped by anybody. */
extern uint8_t conf_tx[2 * FFA_PAGE_SIZE], conf_rx[2 * FFA_PAGE_SIZE];

/* x0 for conf_call_of: x3 to x5 are registers x1, x1 + 1, x1 + 2 of the last call's result. */
#define CONF_LAST_RESULT 0

/*
 * A call by a service of peer while it handles a request of the caller: x0 to x2 of its result in
 * x3 to x5.
 */
struct ffa_value conf_call_of(enum peer peer, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3,
                              uint64_t x4);
