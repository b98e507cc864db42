/* SPDX-License-Identifier: BSD-3-Clause */
/* The vCPU's state machine: the transitions written down here, and no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bh/base/log.h"
#include "bh/obj/vcpu.h"

/* From row to column, in the order of enum vcpu_state. */
static const char *const legal[VCPU_STATES] = {
    /*               OFF READY RUNNING WAITING BLOCKED PREEMPTED IDLE ABORTED */
    [VCPU_OFF] = "       -     x       -       -       -         -    -       -",
    [VCPU_READY] = "     x     -       x       -       -         -    -       x",
    [VCPU_RUNNING] = "   x     x       -       x       x         x    x       x",
    [VCPU_WAITING] = "   x     x       x       -       -         -    -       x",
    [VCPU_BLOCKED] = "   x     x       x       -       -         x    -       x",
    [VCPU_PREEMPTED] = " x     x       x       -       -         -    -       x",
    [VCPU_IDLE] = "      x     x       x       -       -         -    -       x",
    [VCPU_ABORTED] = "   x     x       -       -       -         -    -       -",
};

static bool is_legal(enum vcpu_state from, enum vcpu_state to)
{
    const char *c = legal[from];

    for (uint32_t column = 0;; c++) {
        if (*c != ' ' && column++ == (uint32_t)to) {
            return *c == 'x';
        }
    }
}

static void test_transitions(void **state)
{
    (void)state;
    for (uint32_t from = 0; from < VCPU_STATES; from++) {
        for (uint32_t to = 0; to < VCPU_STATES; to++) {
            assert_int_equal(vcpu_transition_is_legal(from, to), is_legal(from, to));
        }
    }
}

static void test_names_are_distinct(void **state)
{
    (void)state;
    for (uint32_t a = 0; a < VCPU_STATES; a++) {
        for (uint32_t b = 0; b < a; b++) {
            assert_string_not_equal(vcpu_state_name(a), vcpu_state_name(b));
        }
    }
}

static struct vcpu_config vcpu_configs[2] = {{.mpidr = 0, .cpu = CONFIG_CPU_NONE},
                                             {.mpidr = 1, .cpu = CONFIG_CPU_NONE}};
static const struct vm_config scheduled = {
    .scheduling = VM_SCHEDULED, .vcpu_count = 2, .vcpu = vcpu_configs};

static void test_init(void **state)
{
    static struct vcpu vcpu;

    (void)state;
    vcpu_init(&vcpu, NULL, &scheduled, 1);
    assert_int_equal(vcpu.state, VCPU_OFF);
    assert_true(vcpu.scheduled);
    assert_ptr_equal(vcpu.config, &vcpu_configs[1]);
    assert_int_equal(vcpu.deadline, UINT64_MAX);
}

static void test_set(void **state)
{
    static struct vcpu vcpu;

    (void)state;
    vcpu_init(&vcpu, NULL, &scheduled, 0);
    struct vcpu_locked locked = vcpu_lock(&vcpu);

    vcpu_state_set(locked, VCPU_READY);
    vcpu_state_set(locked, VCPU_RUNNING);
    vcpu_unlock(locked);
    assert_int_equal(vcpu.state, VCPU_RUNNING);
}

static jmp_buf panicked;
static char last_line[256];

static void keep_line(const char *line, uint32_t length)
{
    memcpy(last_line, line, length);
    last_line[length] = '\0';
}

static void leave_panic(void)
{
    longjmp(panicked, 1);
}

static void test_illegal_transition_stops(void **state)
{
    static struct vcpu vcpu;

    (void)state;
    log_init(keep_line, LOG_ERROR);
    panic_init(leave_panic);
    vcpu_init(&vcpu, NULL, &scheduled, 1);
    if (setjmp(panicked) == 0) {
        vcpu_state_set(vcpu_lock(&vcpu), VCPU_RUNNING);
        fail();
    }
    assert_non_null(strstr(last_line, "vcpu 1: state running cannot follow off"));
    assert_int_equal(vcpu.state, VCPU_OFF);
}

static void test_attention_adds_up(void **state)
{
    static struct vcpu vcpu;

    (void)state;
    vcpu_attention_set(&vcpu, VCPU_ATTENTION_VIRQ);
    vcpu_attention_set(&vcpu, VCPU_ATTENTION_STOP);
    assert_int_equal(vcpu.attention, VCPU_ATTENTION_VIRQ | VCPU_ATTENTION_STOP);
}

static void test_lock_both_in_any_order(void **state)
{
    static struct vcpu vcpu[2];

    (void)state;
    vcpu_init(&vcpu[0], NULL, &scheduled, 0);
    vcpu_init(&vcpu[1], NULL, &scheduled, 1);
    vcpu_lock_both(&vcpu[1], &vcpu[0]);
    vcpu_unlock((struct vcpu_locked){&vcpu[1]});
    vcpu_unlock((struct vcpu_locked){&vcpu[0]});
    vcpu_lock_both(&vcpu[0], &vcpu[1]);
    vcpu_unlock((struct vcpu_locked){&vcpu[1]});
    vcpu_unlock((struct vcpu_locked){&vcpu[0]});
    vcpu_unlock(vcpu_lock(&vcpu[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transitions),
        cmocka_unit_test(test_names_are_distinct),
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_attention_adds_up),
        cmocka_unit_test(test_lock_both_in_any_order),
        /* Last: it leaves a lock taken and the log in panic. */
        cmocka_unit_test(test_illegal_transition_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
