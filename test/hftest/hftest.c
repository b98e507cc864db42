/* SPDX-License-Identifier: BSD-3-Clause */
#include "hftest.h"

#include "bh/base/format.h"
#include "hftest_internal.h"

#define CHECKS_SHOWN 10 /* of one test */
#define REASON_MAX   240
#define WORD_MAX     48

__attribute__((weak)) const uint16_t hftest_services[] = {0};

static struct {
    const struct hftest_entry *test;
    const struct hftest_entry *early; /* has been run before there was a command */
    struct hftest_jump end;
    volatile uint32_t failures; /* of this test */
    struct spinlock lock;
    char reason[REASON_MAX]; /* of the first failure */
    const char *skip;
    uint32_t passed, failed, skipped;
} state;

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

void hftest_fail(const char *file, int line, const char *format, ...)
{
    char text[REASON_MAX];
    va_list args;
    uint32_t length = format_print(text, sizeof(text), "%s:%d ", file_name(file), line);

    va_start(args, format);
    format_vprint(text + length, (uint32_t)sizeof(text) - length, format, args);
    va_end(args);
    if (state.failures < CHECKS_SHOWN) {
        console_print("[hftest] CHECK %s\n", text);
    }
    spinlock_take(&state.lock);
    if (state.failures == 0) {
        memcpy(state.reason, text, sizeof(text));
    }
    state.failures++;
    spinlock_release(&state.lock);
}

void hftest_abort(void)
{
    cpu_irq_disable();
    if (cpu_index() != 0) {
        smp_off();
    }
    if (state.test == NULL) {
        psci_system_off();
    }
    hftest_jump_to(&state.end);
}

void hftest_skip(const char *reason)
{
    state.skip = reason;
    hftest_abort();
}

static void fatal(struct exception_frame *frame, const char *kind)
{
    hftest_fail("exception", 0, "unexpected %s esr 0x%lx far 0x%lx elr 0x%lx on vCPU %u", kind,
                frame->esr, frame->far, frame->elr, cpu_index());
    hftest_abort();
}

static bool is_suite(const struct hftest_entry *entry, const char *suite)
{
    return suite == NULL || strcmp(entry->suite, suite) == 0;
}

static void run_hook(const struct hftest_entry *test, enum hftest_kind kind)
{
    for (const struct hftest_entry *e = hftest_begin; e < hftest_end; e++) {
        if (e->kind == kind && is_suite(e, test->suite)) {
            e->run();
        }
    }
}

/* A known state before each test, whatever the last one left. */
static void machine_reset(void)
{
    cpu_irq_disable();
    (void)exception_expected();
    exception_set_irq(NULL);
    exception_set_sync(NULL);
    exception_set_fatal(fatal);
    timer_virtual_stop();
    timer_physical_stop();
    gic_reset();
}

/* Other vCPUs must not run on into the next test. */
static void others_collect(void)
{
    for (uint32_t i = 1; i < smp_count(); i++) {
        if (psci_affinity_info(smp_mpidr(i)) != PSCI_IS_OFF && !smp_wait_off(i)) {
            hftest_fail("hftest", 0, "vCPU %u is still on", i);
        }
    }
}

static void run_body(const struct hftest_entry *test)
{
    if (hftest_jump_save(&state.end) == 0) {
        run_hook(test, HFTEST_SET_UP);
        test->run();
    }
    if (hftest_jump_save(&state.end) == 0) {
        run_hook(test, HFTEST_TEAR_DOWN);
    }
    if (hftest_jump_save(&state.end) == 0) {
        others_collect();
    }
}

static void run_test(const struct hftest_entry *test)
{
    console_print("[hftest] TEST %s %s\n", test->suite, test->name);
    state.test = test;
    state.failures = 0;
    state.skip = NULL;
    machine_reset();
    run_body(test);
    machine_reset();
    state.test = NULL;
    if (state.failures != 0) {
        console_print("[hftest] FAIL %s %s %s\n", test->suite, test->name, state.reason);
        state.failed++;
    } else if (state.skip != NULL) {
        console_print("[hftest] SKIP %s %s %s\n", test->suite, test->name, state.skip);
        state.skipped++;
    } else {
        console_print("[hftest] PASS %s %s\n", test->suite, test->name);
        state.passed++;
    }
}

/* Runs (or lists) what matches; NULL matches all. */
static void for_tests(const char *suite, const char *name, bool only_list)
{
    for (const struct hftest_entry *e = hftest_begin; e < hftest_end; e++) {
        if (e->kind != HFTEST_TEST || !is_suite(e, suite) || e == state.early ||
            (name != NULL && strcmp(e->name, name) != 0)) {
            continue;
        }
        if (only_list) {
            console_print("[hftest] LIST %s %s\n", e->suite, e->name);
        } else {
            run_test(e);
        }
    }
}

void hftest_run_early(const char *suite, const char *name)
{
    for (const struct hftest_entry *e = hftest_begin; e < hftest_end; e++) {
        if (e->kind == HFTEST_TEST && is_suite(e, suite) && strcmp(e->name, name) == 0) {
            console_hold(true);
            run_test(e);
            console_hold(false);
            state.early = e;
        }
    }
}

/* Next word of *text; false at the end. */
static bool word_try_next(const char **text, char *word)
{
    uint32_t length = 0;
    const char *p = *text;

    while (*p == ' ') {
        p++;
    }
    while (*p != '\0' && *p != ' ') {
        if (length < WORD_MAX - 1) {
            word[length++] = *p;
        }
        p++;
    }
    word[length] = '\0';
    *text = p;
    return length != 0;
}

/* Other words on the command line are not ours. */
static void command_run(const char *text)
{
    char word[WORD_MAX];
    char suite[WORD_MAX];
    char name[WORD_MAX];

    while (word_try_next(&text, word)) {
        if (strcmp(word, "list") == 0) {
            for_tests(NULL, NULL, true);
            return;
        }
        if (strcmp(word, "run_all") == 0) {
            break;
        }
        if (strcmp(word, "run_suite") == 0 && word_try_next(&text, suite)) {
            for_tests(suite, NULL, false);
            return;
        }
        if (strcmp(word, "run") == 0 && word_try_next(&text, suite) && word_try_next(&text, name)) {
            for_tests(suite, name, false);
            return;
        }
    }
    for_tests(NULL, NULL, false);
}

static bool has_tests(void)
{
    for (const struct hftest_entry *e = hftest_begin; e < hftest_end; e++) {
        if (e->kind == HFTEST_TEST) {
            return true;
        }
    }
    return false;
}

int main(void)
{
    if (!has_tests()) {
        return hftest_service_main();
    }
    command_run(hftest_side() == HFTEST_SP ? hftest_sp_command() : dtb_bootargs());
    console_print("[hftest] DONE %u passed, %u failed, %u skipped\n", state.passed, state.failed,
                  state.skipped);
    if (hftest_side() == HFTEST_SP) {
        hftest_sp_end();
    }
    hftest_services_stop();
    return 0;
}
