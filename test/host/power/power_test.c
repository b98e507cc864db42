/* SPDX-License-Identifier: BSD-3-Clause */
/* Life of vCPUs and VMs: on, off, stop, restart, abort, end of the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/obj/vdev_ops.h"
#include "bh/svc/power.h"
#include "test/host/world/world.h"

static struct vm *primary(void)
{
    return vm_find(WORLD_PRIMARY);
}

/* Starts vCPU index of the primary VM and lets CPU index run it. */
static struct vcpu *start(uint32_t index)
{
    struct vcpu *vcpu = world_vcpu(WORLD_PRIMARY, index);

    assert_int_equal(power_cpu_on(primary(), vcpu->config->mpidr, WORLD_RAM, 0), STATUS_OK);
    world_enter(vcpu, index);
    world.self = cpu_get(0);
    return vcpu;
}

static struct vcpu *on_cpu(uint32_t cpu, struct vcpu *(*call)(struct vcpu *))
{
    struct vcpu *next;

    world.self = cpu_get(cpu);
    next = call(world.self->current);
    world.self = cpu_get(0);
    return next;
}

static void test_start(void **state)
{
    struct vcpu *vcpu = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    assert_int_equal(vcpu->state, VCPU_READY);
    assert_int_equal(vcpu->ctx.elr, WORLD_RAM);
    assert_int_equal(vcpu->ctx.x[0], 0x1234);
    assert_int_equal(world_vcpu(WORLD_SERVICE, 1)->state, VCPU_OFF);
    assert_int_equal(vm_find(WORLD_SERVICE)->vcpus_on, 1);
    assert_int_equal(vm_find(WORLD_SERVICE)->life, VM_RUNNING);
}

static void test_cpu_off_and_on(void **state)
{
    struct vcpu *vcpu = start(1);
    struct cpu *cpu = cpu_get(1);

    (void)state;
    assert_int_equal(primary()->vcpus_on, 2);
    cpu->fp_owner = vcpu;
    assert_null(on_cpu(1, power_cpu_off));
    assert_int_equal(vcpu->state, VCPU_OFF);
    assert_false(power_vcpu_is_on(primary(), vcpu));
    assert_null(cpu->current);
    assert_null(cpu->fp_owner);
    assert_null(vcpu->cpu);
    assert_ptr_equal(world.virq_left, vcpu);
    assert_ptr_equal(world.chain_left, vcpu);
    assert_int_equal(primary()->vcpus_on, 1);
    assert_int_equal(power_cpu_on(primary(), 1, WORLD_RAM, 5), STATUS_OK);
    assert_int_equal(vcpu->ctx.x[0], 5);
    assert_int_equal(primary()->vcpus_on, 2);
}

static struct vcpu *let_go;

static void let_go_now(void)
{
    let_go->cpu = NULL;
}

/* The target is off, but its CPU has not finished leaving it: its context must not be written. */
static void test_cpu_on_waits_for_the_old_cpu(void **state)
{
    (void)state;
    let_go = world_vcpu(WORLD_PRIMARY, 1);
    let_go->cpu = cpu_get(1);
    world.on_relax = let_go_now;
    assert_int_equal(power_cpu_on(primary(), 1, WORLD_RAM, 0), STATUS_OK);
    assert_int_equal(world.relaxes, 1);
}

static void test_cpu_on_refused(void **state)
{
    (void)state;
    assert_int_equal(power_cpu_on(primary(), 2, WORLD_RAM, 0), STATUS_INVALID);
    assert_int_equal(power_cpu_on(primary(), 1, 0, 0), STATUS_INVALID);
    assert_int_equal(power_cpu_on(primary(), 0, WORLD_RAM, 0), STATUS_ALREADY);
    primary()->life = VM_STOPPING;
    assert_int_equal(power_cpu_on(primary(), 1, WORLD_RAM, 0), STATUS_DENIED);
    assert_int_equal(world.wakes, 0);
}

static void test_entry(void **state)
{
    (void)state;
    assert_true(power_entry_is_valid(primary(), WORLD_RAM));
    assert_true(power_entry_is_valid(primary(), WORLD_RAM + WORLD_RAM_SIZE - 4));
    assert_true(power_entry_is_valid(primary(), WORLD_ROM));
    assert_false(power_entry_is_valid(primary(), WORLD_RAM + WORLD_RAM_SIZE));
    assert_false(power_entry_is_valid(primary(), WORLD_RAM + 1));
    assert_false(power_entry_is_valid(primary(), WORLD_DEVICE));
}

static void test_last_cpu_off_is_vm_off(void **state)
{
    (void)state;
    assert_null(on_cpu(0, power_cpu_off));
    assert_int_equal(primary()->life, VM_OFF);
    assert_int_equal(primary()->vcpus_on, 0);
    assert_false(world.is_off); /* the plain VM still runs */
    assert_int_equal(power_cpu_on(primary(), 1, WORLD_RAM, 0), STATUS_DENIED);
}

static void test_system_off_collects_all(void **state)
{
    struct vcpu *first = start(1), *second = start(2);

    (void)state;
    assert_null(on_cpu(0, power_system_off));
    assert_int_equal(primary()->life, VM_STOPPING);
    assert_int_equal(world.kicks, 2);
    assert_int_equal(first->attention & VCPU_ATTENTION_STOP, VCPU_ATTENTION_STOP);
    assert_int_equal(second->attention & VCPU_ATTENTION_STOP, VCPU_ATTENTION_STOP);

    /* One of them calls CPU_OFF on its own meanwhile, the other is told. */
    assert_null(on_cpu(1, power_cpu_off));
    assert_int_equal(first->attention & VCPU_ATTENTION_STOP, 0);
    assert_int_equal(primary()->life, VM_STOPPING);
    assert_null(on_cpu(2, power_stop_requested));
    assert_int_equal(primary()->life, VM_OFF);
    assert_int_equal(world_vcpu(WORLD_NO_FFA, 0)->state, VCPU_RUNNING);
    assert_int_equal(world_vcpu(WORLD_NO_FFA, 0)->attention & VCPU_ATTENTION_STOP, 0);
}

/* The CPU of a pinned vCPU is idle, or runs somebody else: stopped without having been entered. */
static void test_stop_of_a_vcpu_that_is_not_entered(void **state)
{
    struct vcpu *vcpu = start(1);

    (void)state;
    vcpu->cpu->current = NULL;
    vcpu->cpu = NULL;
    vcpu->state = VCPU_WAITING;
    on_cpu(0, power_system_off);
    assert_int_equal(vcpu->state, VCPU_WAITING);
    world.virq_left = NULL;
    world.self = cpu_get(1);
    assert_null(power_stop_requested(vcpu));
    assert_null(world.virq_left);
    assert_int_equal(vcpu->state, VCPU_OFF);
    assert_int_equal(primary()->life, VM_OFF);
}

static void test_scheduled_vcpus_are_stopped_directly(void **state)
{
    struct vm *vm = vm_find(WORLD_SERVICE);
    struct vcpu *vcpu = world_vcpu(WORLD_SERVICE, 0), *other = world_vcpu(WORLD_SERVICE, 1);

    (void)state;
    assert_int_equal(power_cpu_on(vm, 1, WORLD_RAM, 0), STATUS_OK);
    other->state = VCPU_PREEMPTED;
    world_enter(vcpu, 0);
    world.chain_answer.next = world_vcpu(WORLD_PRIMARY, 0);
    assert_ptr_equal(power_system_off(vcpu), world_vcpu(WORLD_PRIMARY, 0));
    assert_int_equal(other->state, VCPU_OFF);
    assert_ptr_equal(world.chain_broken, other);
    assert_int_equal(vm->life, VM_OFF);
}

/* Its CPU still saves it: collected by that CPU when it is done, once. */
static void test_scheduled_vcpu_on_its_way_out(void **state)
{
    struct vm *vm = vm_find(WORLD_SERVICE);
    struct vcpu *vcpu = world_vcpu(WORLD_SERVICE, 0), *other = world_vcpu(WORLD_SERVICE, 1);

    (void)state;
    assert_int_equal(power_cpu_on(vm, 1, WORLD_RAM, 0), STATUS_OK);
    other->state = VCPU_PREEMPTED;
    other->cpu = cpu_get(1);
    world_enter(vcpu, 0);
    power_system_reset(vcpu);
    assert_int_equal(vm->life, VM_RESETTING);
    assert_int_equal(other->state, VCPU_PREEMPTED);
    assert_false(power_try_collect(other));
    other->cpu = NULL;
    assert_true(power_try_collect(other));
    assert_false(power_try_collect(other));
    assert_int_equal(other->state, VCPU_OFF);
    assert_int_equal(vm->life, VM_RUNNING);
    assert_int_equal(vm->vcpus_on, 1);
    assert_int_equal(world.loads, 1);
}

/* Somebody asked it: starts anew without a word about the request. */
static void test_suspend_leaves_chains(void **state)
{
    struct vcpu *vcpu = world_vcpu(WORLD_PRIMARY, 0);

    (void)state;
    assert_ptr_equal(power_cpu_suspend(vcpu, WORLD_RAM, 3), vcpu);
    assert_ptr_equal(world.chain_broken, vcpu);
    assert_int_equal(vcpu->ctx.x[0], 3);
}

static uint32_t device_resets;

static void device_reset(struct vdev *dev)
{
    (void)dev;
    device_resets++;
}

static void test_reset_starts_clean(void **state)
{
    static const struct vdev_ops ops = {.reset = device_reset}, plain = {0};
    struct vdev devices[] = {{.ops = &ops}, {.ops = &plain}};
    struct vdev_table table = {.count = 2, .dev = devices};
    struct vm *vm = primary();
    struct vcpu *second = start(1);
    struct mailbox_request request = {{WORLD_RAM}, {WORLD_RAM + PAGE_SIZE}, 1};

    (void)state;
    device_resets = 0;
    vm->vdev = &table;
    vm->ffa_version = 0x10000;
    vm->ffa_version_locked = true;
    assert_int_equal(mailbox_map(&vm->mailbox, &vm->stage2, 0, &request), STATUS_OK);

    on_cpu(0, power_system_reset);
    assert_int_equal(vm->life, VM_RESETTING);
    assert_int_equal(world.loads, 0);
    on_cpu(1, power_stop_requested);

    assert_ptr_equal(world.loaded, vm);
    assert_int_equal(world.loads, 1);
    assert_int_equal(device_resets, 1);
    assert_int_equal(world.virq_resets, 1);
    assert_int_equal(vm->life, VM_RUNNING);
    assert_int_equal(vm->vcpus_on, 1);
    assert_int_equal(vm->ffa_version, 0x10002);
    assert_false(vm->ffa_version_locked);
    assert_false(vm->mailbox.mapped);
    assert_int_equal(world.mailbox_pa[0][0][0], 0);
    assert_int_equal(vm->vcpu[0].state, VCPU_READY);
    assert_int_equal(second->state, VCPU_OFF);
    assert_ptr_equal(world.woken, &vm->vcpu[0]);
    assert_int_equal(world_vcpu(WORLD_NO_FFA, 0)->state, VCPU_RUNNING);
}

/* Off and reset at once: the first decides, nobody counts twice. */
static void test_first_wish_wins(void **state)
{
    (void)state;
    start(1);
    on_cpu(0, power_system_off);
    on_cpu(1, power_system_reset);
    assert_int_equal(primary()->life, VM_OFF);
    assert_int_equal(primary()->vcpus_on, 0);
    assert_int_equal(world.loads, 0);
}

static struct vcpu *abort_now(struct vcpu *current)
{
    return power_abort(current, "SError");
}

static void test_abort_stops(void **state)
{
    (void)state;
    on_cpu(0, abort_now);
    assert_int_equal(world_vcpu(WORLD_PRIMARY, 0)->state, VCPU_ABORTED);
    assert_int_equal(primary()->life, VM_OFF);
}

static void test_abort_restarts(void **state)
{
    (void)state;
    world.vm[0].abort_action = VM_ABORT_RESTART;
    on_cpu(0, abort_now);
    assert_int_equal(world_vcpu(WORLD_PRIMARY, 0)->state, VCPU_READY);
    assert_int_equal(primary()->life, VM_RUNNING);
    assert_int_equal(world.loads, 1);
    /* With clean memory; a reset that it asks for keeps the memory, as a machine's does. */
    assert_int_equal(world.clears, 1);
    world_enter(world_vcpu(WORLD_PRIMARY, 0), 0);
    on_cpu(0, power_system_reset);
    assert_int_equal(world.loads, 2);
    assert_int_equal(world.clears, 1);
}

/* Scheduled VMs that nobody can run any more do not keep the machine on. */
static void test_machine_off(void **state)
{
    (void)state;
    on_cpu(4, power_system_off);
    assert_false(world.is_off);
    if (setjmp(world.off) == 0) {
        on_cpu(0, power_system_off);
    }
    assert_true(world.is_off);
}

#define TEST(name) cmocka_unit_test_setup(name, world_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_start),
        TEST(test_cpu_off_and_on),
        TEST(test_cpu_on_waits_for_the_old_cpu),
        TEST(test_cpu_on_refused),
        TEST(test_entry),
        TEST(test_last_cpu_off_is_vm_off),
        TEST(test_system_off_collects_all),
        TEST(test_stop_of_a_vcpu_that_is_not_entered),
        TEST(test_scheduled_vcpus_are_stopped_directly),
        TEST(test_scheduled_vcpu_on_its_way_out),
        TEST(test_suspend_leaves_chains),
        TEST(test_reset_starts_clean),
        TEST(test_first_wish_wins),
        TEST(test_abort_stops),
        TEST(test_abort_restarts),
        TEST(test_machine_off),
    };

    return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
