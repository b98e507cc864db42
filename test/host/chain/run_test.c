/* SPDX-License-Identifier: BSD-3-Clause */
/* Who runs on a CPU: what other CPUs may do in the middle of a switch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/svc/power.h"
#include "bh/svc/run.h"
#include "chain_fixture.h"

static void run_service(void)
{
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), SERVICE(0))), SERVICE(0));
}

/* The plain VM has one vCPU: a stop that arrives while it is loaded leaves nothing to run. */
static void stop_plain(void)
{
    PLAIN->vm->life = VM_RESETTING;
    vcpu_attention_set(PLAIN, VCPU_ATTENTION_STOP);
}

static void test_stop_during_entry(void **state)
{
    (void)state;
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_wait(PLAIN)));
    chain_fixture.on_load = stop_plain;
    world.irq_pending = true;
    /* Gone, restarted, and entered anew; never "nobody". */
    assert_ptr_equal(chain_wake(CHAIN_PLAIN_CPU), PLAIN);
    assert_int_equal(PLAIN->ctx.elr, WORLD_RAM);
    assert_int_equal(world.loads, 1);
    assert_ptr_equal(cpu_get(CHAIN_PLAIN_CPU)->current, PLAIN);
}

static void stop_service(void)
{
    SERVICE(0)->vm->life = VM_RESETTING;
    SERVICE(0)->vm->vcpus_on = 1;
    vcpu_attention_set(SERVICE(0), VCPU_ATTENTION_STOP);
}

static void test_stop_of_a_scheduled_vcpu_during_entry(void **state)
{
    (void)state;
    chain_fixture.on_load = stop_service;
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), SERVICE(0))), PRIMARY(0));
    chain_expect(PRIMARY(0), FFA_RUN_WAIT_FOR_INTERRUPT, chain_info(SERVICE(0)), 0);
    assert_int_equal(SERVICE(0)->state, VCPU_READY);
    assert_null(SERVICE(0)->cpu);
}

/* SYSTEM_RESET by a sibling while its CPU saves it: no FFA_RUN is needed to end the VM's reset. */
static void reset_by_sibling(void)
{
    world.self = cpu_get(1);
    (void)power_system_reset(world.self->current);
}

static void test_stop_during_leave(void **state)
{
    (void)state;
    assert_ptr_equal(chain_accept(1, chain_run(PRIMARY(1), SERVICE(1))), SERVICE(1));
    run_service();
    chain_fixture.on_save = reset_by_sibling;
    assert_ptr_equal(chain_enter(0, chain_preempt(SERVICE(0))), PRIMARY(0));
    assert_int_equal(SERVICE(0)->vm->life, VM_RUNNING);
    assert_int_equal(SERVICE(0)->state, VCPU_READY);
    assert_int_equal(SERVICE(0)->attention & VCPU_ATTENTION_STOP, 0);
    assert_int_equal(world.loads, 1);
}

/* A vCPU that is to stop, claimed by one CPU while another still saves it: not touched, and not
 * restarted, before that one has finished. */
static void finish_saving(void)
{
    assert_int_equal(SERVICE(0)->state, VCPU_RUNNING);
    assert_int_equal(world.loads, 0);
    SERVICE(0)->cpu = NULL;
}

static void test_stop_of_one_that_is_still_saved(void **state)
{
    (void)state;
    SERVICE(0)->state = VCPU_PREEMPTED;
    SERVICE(0)->cpu = cpu_get(2);
    stop_service();
    world.on_relax = finish_saving;
    assert_ptr_equal(chain_accept(0, chain_run(PRIMARY(0), SERVICE(0))), PRIMARY(0));
    assert_int_equal(SERVICE(0)->state, VCPU_READY);
    assert_int_equal(world.loads, 1);
}

/* The last vCPU of its VM, asleep, is collected by its own CPU, which nobody wakes again. */
static void test_reset_of_an_idle_vm(void **state)
{
    (void)state;
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_wait(PLAIN)));
    stop_plain();
    assert_ptr_equal(chain_wake(CHAIN_PLAIN_CPU), PLAIN);
    assert_int_equal(PLAIN->ctx.elr, WORLD_RAM);
}

static void test_kick(void **state)
{
    (void)state;
    /* Pinned: whether it is loaded or not, its CPU is told. */
    world.self = cpu_get(0);
    run_kick(PLAIN);
    assert_int_equal(chain_fixture.sgis, 1);
    assert_null(chain_accept(CHAIN_PLAIN_CPU, chain_wait(PLAIN)));
    world.self = cpu_get(0);
    run_kick(PLAIN);
    assert_int_equal(chain_fixture.sgis, 2);
    run_kick(PRIMARY(0));
    assert_int_equal(chain_fixture.sgis, 2);
    /* Scheduled: who runs it, if anybody does. */
    run_kick(SERVICE(0));
    assert_int_equal(chain_fixture.sgis, 2);
    run_service();
    world.self = cpu_get(1);
    run_kick(SERVICE(0));
    assert_int_equal(chain_fixture.sgis, 3);
    assert_int_equal(chain_fixture.sgi_mpidr, 0);
    run_wake(SERVICE(0));
    assert_int_equal(chain_fixture.sgis, 3);
}

static void test_attention_is_taken(void **state)
{
    (void)state;
    vcpu_attention_set(PRIMARY(0), VCPU_ATTENTION_VIRQ | VCPU_ATTENTION_TIMER);
    assert_ptr_equal(chain_enter(0, PRIMARY(0)), PRIMARY(0));
    assert_int_equal(PRIMARY(0)->attention, 0);
}

static void test_fp(void **state)
{
    struct cpu *cpu = cpu_get(0);

    (void)state;
    cpu->fp_owner = PRIMARY(0);
    run_service();
    /* The home's stays in the registers, out of the other's reach. */
    assert_ptr_equal(cpu->fp_owner, PRIMARY(0));
    assert_true(chain_fixture.fp_is_trapped);
    chain_enter(0, chain_preempt(SERVICE(0)));
    assert_false(chain_fixture.fp_is_trapped);
    assert_int_equal(chain_fixture.fp_saves, 0);
    /* A scheduled one takes its own along. */
    run_service();
    cpu->fp_owner = SERVICE(0);
    cpu->fp_trapped = false;
    chain_enter(0, chain_preempt(SERVICE(0)));
    assert_int_equal(chain_fixture.fp_saves, 1);
    assert_null(cpu->fp_owner);
}

/* What it has been notified of meanwhile comes with the CPU, on either way. */
static void test_notified_before_entry(void **state)
{
    (void)state;
    run_service();
    assert_int_equal(world.injections, 0);
    chain_enter(0, chain_preempt(SERVICE(0)));
    SERVICE(0)->vm->notif.waiting = NOTIF_GLOBAL;
    run_service();
    assert_int_equal(world.injections, 1);
}

static void test_deadline_of_the_home(void **state)
{
    (void)state;
    chain_fixture.deadline = CHAIN_DEADLINE;
    run_service();
    assert_int_equal(SERVICE(0)->deadline, CHAIN_DEADLINE);
}

#define TEST(name) cmocka_unit_test_setup(name, chain_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stop_during_entry),    TEST(test_stop_of_a_scheduled_vcpu_during_entry),
        TEST(test_stop_during_leave),    TEST(test_stop_of_one_that_is_still_saved),
        TEST(test_reset_of_an_idle_vm),  TEST(test_kick),
        TEST(test_attention_is_taken),   TEST(test_fp),
        TEST(test_deadline_of_the_home), TEST(test_notified_before_entry),
    };

    return CHAIN_RUN_TESTS("run", tests);
}
