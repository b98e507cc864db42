/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests that run inside partitions.
 *
 * A test partition holds TESTs; helpers in other partitions are TEST_SERVICEs, which a test selects
 * by name over a direct message. The bootargs of the test partition say what to run:
 * "run_suite SUITE", "run SUITE TEST", "run_all", "list". It prints one line per event, each
 * starting with "[hftest] ": TEST, then PASS, FAIL (with file:line and reason) or SKIP (with
 * reason); LIST; and DONE at the end. Then it stops the service partitions and itself.
 *
 * EXPECT_x notes a failure and goes on; ASSERT_x ends the test. Comparisons are of uint64_t: pass
 * two values of the same signedness.
 */
#pragma once

#include <vmlib.h>

#include "hftest_role.h"

enum hftest_kind { HFTEST_TEST, HFTEST_SERVICE, HFTEST_SET_UP, HFTEST_TEAR_DOWN };

struct hftest_entry {
    const char *suite;
    const char *name;
    void (*run)(void);
    uint64_t kind;
};

#define HFTEST_ENTRY(symbol, suite_name, test_name, entry_kind)                                    \
    static void run_##symbol(void);                                                                \
    __attribute__((used, section(".hftest"), visibility("default")))                               \
    const struct hftest_entry symbol = {suite_name, test_name, run_##symbol, entry_kind};          \
    static void run_##symbol(void)

#define TEST(suite, name)  HFTEST_ENTRY(hftest_test__##suite##__##name, #suite, #name, HFTEST_TEST)
/* Before and after each test of the suite. */
#define SET_UP(suite)      HFTEST_ENTRY(hftest_set_up__##suite, #suite, "", HFTEST_SET_UP)
#define TEAR_DOWN(suite)   HFTEST_ENTRY(hftest_tear_down__##suite, #suite, "", HFTEST_TEAR_DOWN)
/* Runs in a service partition after SERVICE_SELECT; service_next() gets its messages. */
#define TEST_SERVICE(name) HFTEST_ENTRY(hftest_service__##name, "", #name, HFTEST_SERVICE)

/* In a test partition, once: numbers of the service partitions, which are stopped at the end. */
#define HFTEST_SERVICES(...) const uint16_t hftest_services[] = {__VA_ARGS__, 0}

#define FAIL(...)                                                                                  \
    do {                                                                                           \
        hftest_fail(__FILE__, __LINE__, __VA_ARGS__);                                              \
        hftest_abort();                                                                            \
    } while (0)
#define SKIP(reason) hftest_skip(reason)

#define HFTEST_COMPARE(a, b, op, on_failure)                                                       \
    do {                                                                                           \
        uint64_t left_ = (uint64_t)(a);                                                            \
        uint64_t right_ = (uint64_t)(b);                                                           \
        if (!(left_ op right_)) {                                                                  \
            hftest_fail(__FILE__, __LINE__, "%s " #op " %s: 0x%lx against 0x%lx", #a, #b, left_,   \
                        right_);                                                                   \
            on_failure;                                                                            \
        }                                                                                          \
    } while (0)

#define EXPECT_EQ(a, b) HFTEST_COMPARE(a, b, ==, (void)0)
#define EXPECT_NE(a, b) HFTEST_COMPARE(a, b, !=, (void)0)
#define EXPECT_LT(a, b) HFTEST_COMPARE(a, b, <, (void)0)
#define EXPECT_LE(a, b) HFTEST_COMPARE(a, b, <=, (void)0)
#define EXPECT_GT(a, b) HFTEST_COMPARE(a, b, >, (void)0)
#define EXPECT_GE(a, b) HFTEST_COMPARE(a, b, >=, (void)0)
#define EXPECT_TRUE(a)  HFTEST_COMPARE(!!(a), 1, ==, (void)0)
#define EXPECT_FALSE(a) HFTEST_COMPARE(!!(a), 0, ==, (void)0)
#define ASSERT_EQ(a, b) HFTEST_COMPARE(a, b, ==, hftest_abort())
#define ASSERT_NE(a, b) HFTEST_COMPARE(a, b, !=, hftest_abort())
#define ASSERT_LT(a, b) HFTEST_COMPARE(a, b, <, hftest_abort())
#define ASSERT_LE(a, b) HFTEST_COMPARE(a, b, <=, hftest_abort())
#define ASSERT_GT(a, b) HFTEST_COMPARE(a, b, >, hftest_abort())
#define ASSERT_GE(a, b) HFTEST_COMPARE(a, b, >=, hftest_abort())
#define ASSERT_TRUE(a)  HFTEST_COMPARE(!!(a), 1, ==, hftest_abort())
#define ASSERT_FALSE(a) HFTEST_COMPARE(!!(a), 0, ==, hftest_abort())

/* An FFA_ERROR with this code. */
#define EXPECT_FFA_ERROR(value, code)                                                              \
    do {                                                                                           \
        struct ffa_value error_ = (value);                                                         \
        EXPECT_EQ(error_.x[0], FFA_ERROR_32);                                                      \
        EXPECT_EQ((uint32_t)error_.x[2], (uint32_t)(code));                                        \
    } while (0)

void hftest_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void hftest_abort(void);
_Noreturn void hftest_skip(const char *reason);

/*
 * In a test: makes vm run the service. The scheduler of a scheduled vm gives it the time it needs
 * to get ready. Ends the test when vm has no such service or does not answer.
 */
#define SERVICE_SELECT(vm, name) hftest_service_select(vm, name, __FILE__, __LINE__)
void hftest_service_select(uint16_t vm, const char *name, const char *file, int line);

/* An SP with TESTs has no command before its first FFA_MSG_WAIT. An image may define this to do
 * something before that; hftest_run_early runs a TEST there, which is then not run again. */
void hftest_sp_begin(void);
void hftest_run_early(const char *suite, const char *name);

/* The life of a partition that only serves: main() of hftest calls it when there are no TESTs. */
int hftest_service_main(void);
/* An image may have it: what a service partition does before its first wait. */
void hftest_service_begin(void);
/* In a service: waits for the first message after the selection. */
struct ffa_value service_wait(void);
/* Answers and waits for the next message. Both return direct requests and FFA_RUN, FFA_INTERRUPT;
 * the framework's own requests (another service, stop) do not return. */
struct ffa_value service_respond(const struct ffa_value *request, uint64_t x3, uint64_t x4,
                                 uint64_t x5);
/* For what other calls bring, that answer or wait: the framework's own requests do not return. */
struct ffa_value service_filter(struct ffa_value message);
