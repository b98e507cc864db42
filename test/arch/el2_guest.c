/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest of the EL2 tests: the boot arguments name one. Those that end the core do not return;
 * the others look at their effect from two vCPUs.
 */
#include <vmlib.h>

#include "el2_calls.h"

#define PAGE_A  UINT64_C(0xc0000) /* behind the image, in 1 MiB of RAM */
#define PAGE_B  UINT64_C(0xc1000)
#define VALUE_A 0x1111u
#define VALUE_B 0x2222u
#define LOOKS   2000u

static volatile uint32_t looks, is_changed, is_over, stale;
static uint64_t ram;

static uint64_t el2_call(enum el2_call call, uint64_t page, uint64_t other)
{
    return ffa_call(EL2_CALL, call, page, other).x[0];
}

/* Looks all the time; once the change is announced, the old value must be gone. */
static void look(uint64_t unused)
{
    (void)unused;
    while (is_over == 0) {
        bool was_changed = atomic_read(&is_changed) != 0;

        exception_expect();
        uint32_t value = io_read32(ram + PAGE_A);

        if (exception_expected().count == 0 && was_changed && value == VALUE_A) {
            stale = 1;
        }
        atomic_increment(&looks);
    }
}

static void look_on(void)
{
    uint32_t from = looks;

    (void)cpu_wait_flag(&looks, from + LOOKS);
}

static void say(const char *test, bool is_good)
{
    atomic_write(&is_over, 1);
    (void)smp_wait_off(1);
    console_print("el2: %s %s\n", test, is_good && stale == 0 ? "good" : "WRONG");
}

static void test_remap(void)
{
    look_on();
    bool is_good = el2_call(EL2_REMAP, ram + PAGE_A, ram + PAGE_B) == 0;

    atomic_write(&is_changed, 1);
    is_good = is_good && io_read32(ram + PAGE_A) == VALUE_B;
    look_on();
    io_write32(ram + PAGE_A, 3);
    say("remap", is_good && io_read32(ram + PAGE_B) == 3);
}

static void test_unmap(void)
{
    look_on();
    bool is_good = el2_call(EL2_UNMAP, ram + PAGE_A, 0) == 0;

    atomic_write(&is_changed, 1);
    exception_expect();
    (void)io_read32(ram + PAGE_A);
    is_good = is_good && exception_expected().count == 1;
    look_on();
    say("unmap", is_good);
}

static void test_protect(void)
{
    bool is_good = el2_call(EL2_PROTECT, ram + PAGE_A, 0) == 0;

    exception_expect();
    io_write32(ram + PAGE_A, 3);
    is_good = is_good && exception_expected().count == 1;
    say("protect", is_good && io_read32(ram + PAGE_A) == VALUE_A);
}

static const struct {
    const char *name;
    enum el2_call call;
    void (*run)(void);
} tests[] = {
    {"write_text", EL2_WRITE_TEXT, NULL},
    {"write_rodata", EL2_WRITE_RODATA, NULL},
    {"run_data", EL2_RUN_DATA, NULL},
    {"stack_overflow", EL2_STACK_OVERFLOW, NULL},
    {"null", EL2_NULL, NULL},
    {"remap", EL2_REMAP, test_remap},
    {"unmap", EL2_UNMAP, test_unmap},
    {"protect", EL2_PROTECT, test_protect},
};

int main(void)
{
    struct dtb_range range = {0};

    (void)dtb_try_memory(0, &range);
    ram = range.base;
    io_write32(ram + PAGE_A, VALUE_A);
    io_write32(ram + PAGE_B, VALUE_B);
    for (uint32_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (strcmp(tests[i].name, dtb_bootargs()) != 0) {
            continue;
        }
        if (tests[i].run == NULL) {
            console_print("el2: the core survived: 0x%lx\n", el2_call(tests[i].call, 0, 0));
            return 0;
        }
        (void)vmlib_cpu_start(1, look, 0);
        tests[i].run();
        return 0;
    }
    console_print("el2: no such test\n");
    return 0;
}
