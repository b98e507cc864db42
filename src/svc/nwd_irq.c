/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Secure interrupts of SPs. A context that runs gets a virtual interrupt. One that waits is run at
 * once, in front of whoever had the CPU: the SPMC schedules it, until it waits again. One that is
 * in the middle of something gets its interrupt when it goes on.
 * Source: DEN0077A 9.3 (secure interrupts), 8.3 (the runtime model of interrupt handling).
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/base/cold.h"
#include "bh/base/libc.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/chain.h"
#include "bh/svc/nwd_vm.h"
#include "bh/svc/run.h"
#include "bh/svc/virq_sync.h"
#include "chain_local.h"
#include "nwd_local.h"
#include "vmapi/bh.h"
#include "vmapi/ffa.h"

static uint32_t policy_of(const struct vcpu *vcpu)
{
    return vcpu->vm->config->sp_policy;
}

struct vcpu *nwd_context_of(struct vm *vm, const struct cpu *cpu)
{
    if (vm->config->vcpu_count == 1) {
        return &vm->vcpu[0];
    }
    return cpu->index < vm->config->vcpu_count ? &vm->vcpu[cpu->index] : NULL;
}

void nwd_interrupt_pending(struct cpu *cpu, const struct vm *vm)
{
    cpu->interrupts.vms |= UINT64_C(1) << vm->config->index;
}

/* One is pending, but its manifest leaves it to the normal world's scheduler, which is told. */
static bool try_leave_to_scheduler(struct cpu *cpu, struct vcpu *context, uint32_t when)
{
    if ((policy_of(context) & when) == 0 || context->is_el0 || !virq_is_pending(context)) {
        return false;
    }
    cpu->interrupts.vms &= ~(UINT64_C(1) << context->vm->config->index);
    nwd_want(context->vm);
    return true;
}

bool nwd_try_leave_waiting(struct vcpu *current)
{
    return try_leave_to_scheduler(arch_cpu_self(), current, CONFIG_SP_SRI_LEAVING);
}

void nwd_waits_pending(struct vcpu *current)
{
    struct cpu *cpu = arch_cpu_self();

    if (try_leave_to_scheduler(cpu, current, CONFIG_SP_SRI_LEAVING)) {
        return;
    }
    nwd_interrupt_pending(cpu, current->vm);
    if (cpu->home != NULL) {
        vcpu_attention_set(cpu->home, VCPU_ATTENTION_WORLD);
    }
}

void nwd_doorbell(struct cpu *cpu)
{
    if (__atomic_load_n(&cpu->interrupts.remote, __ATOMIC_RELAXED) != 0) {
        cpu->interrupts.vms |= __atomic_exchange_n(&cpu->interrupts.remote, 0, __ATOMIC_ACQUIRE);
    }
}

/* context, of another CPU, has an interrupt in the model: that CPU looks, whoever runs there. */
static void ring(const struct vcpu *context)
{
    struct cpu *cpu = cpu_get(context->index);

    (void)__atomic_fetch_or(&cpu->interrupts.remote, UINT64_C(1) << context->vm->config->index,
                            __ATOMIC_RELEASE);
    if (cpu->online) {
        arch_irq_send_sgi(cpu->mpidr, role_kick_sgi());
    }
}

enum status nwd_send_ipi(struct vcpu *current, uint64_t index)
{
    struct vcpu *target;

    if (index >= current->vm->config->vcpu_count) {
        return STATUS_INVALID;
    }
    target = vm_get_vcpu(current->vm, (uint32_t)index);
    virq_inject(target, BH_INTID_IPI);
    if (target != current) {
        ring(target);
    }
    return STATUS_OK;
}

/* x0 to x7 of a context whose FFA_MSG_WAIT or response ends with an interrupt. At EL0 it has no
 * other way to learn of it, and it is acknowledged. False: none after all. */
static bool try_interrupt_registers(struct vcpu *context)
{
    uint32_t intid = context->is_el0 ? virq_paravirt_take(context) : virq_paravirt_peek(context);

    if (intid == VIRQ_PARAVIRT_NONE) {
        return false;
    }
    context->ctx.x[0] = FFA_INTERRUPT_32;
    context->ctx.x[1] = 0;
    context->ctx.x[2] = intid;
    for (uint32_t i = 3; i < 8; i++) {
        context->ctx.x[i] = 0;
    }
    return true;
}

/* context, if it waits and has an interrupt, becomes RUNNING. */
static bool try_claim(struct vcpu *context)
{
    struct vcpu_locked locked = vcpu_lock(context);
    bool is_claimed = context->state == VCPU_WAITING && try_interrupt_registers(context);

    if (is_claimed) {
        context->model = VCPU_MODEL_INTERRUPT;
        vcpu_state_set(locked, VCPU_RUNNING);
    }
    vcpu_unlock(locked);
    return is_claimed;
}

/* Who handles an interrupt next on this CPU, RUNNING, or NULL. Those that can't now are looked at
 * again when the normal world is about to go on. */
static struct vcpu *claim_next(struct cpu *cpu)
{
    for (uint64_t vms = cpu->interrupts.vms; vms != 0; vms &= vms - 1) {
        uint32_t index = (uint32_t)__builtin_ctzll(vms);
        struct vcpu *context = nwd_context_of(vm_get_index(index), cpu);

        if (context != NULL && context->state == VCPU_WAITING) {
            if (try_leave_to_scheduler(cpu, context, CONFIG_SP_SRI_WAITING)) {
                continue;
            }
            if (try_claim(context)) {
                cpu->interrupts.vms &= ~(UINT64_C(1) << index);
                return context;
            }
        }
        if (context == NULL || !virq_is_pending(context)) {
            cpu->interrupts.vms &= ~(UINT64_C(1) << index);
        }
    }
    return NULL;
}

static void world_waits_for(struct vcpu *world, struct vcpu *context)
{
    struct vcpu_locked locked = vcpu_lock(world);

    world->callee = context;
    if (world->state == VCPU_RUNNING) {
        vcpu_state_set(locked, VCPU_BLOCKED);
    }
    vcpu_unlock(locked);
}

/* The handler runs instead of an SP. */
static struct vcpu *preempt_sp(struct cpu *cpu, struct vcpu *current)
{
    struct vcpu *handler = claim_next(cpu);
    struct vcpu_locked locked;

    if (handler == NULL) {
        return current;
    }
    locked = vcpu_lock(current);
    vcpu_state_set(locked, VCPU_PREEMPTED);
    vcpu_unlock(locked);
    cpu->interrupts.handler = handler;
    cpu->interrupts.preempted = current;
    cpu->interrupts.callee = cpu->home->callee;
    world_waits_for(cpu->home, handler);
    return handler;
}

struct vcpu *nwd_interrupts_deliver(struct cpu *cpu, struct vcpu *current)
{
    struct vcpu *world = cpu->home;

    if (cpu->interrupts.vms == 0 || world == NULL || current == NULL) {
        return current;
    }
    /* Before the world goes on, whatever happens now, somebody looks again. */
    vcpu_attention_set(world, VCPU_ATTENTION_WORLD);
    if (current == world || cpu->interrupts.handler != NULL || cpu->booting != NULL ||
        (policy_of(current) & CONFIG_SP_OTHER_QUEUED) != 0) {
        return current;
    }
    return chain_caller_is_interrupted(current) ? chain_preempt(current) : preempt_sp(cpu, current);
}

/* current is to answer soon, and left alone until then. */
static void managed_exit(struct vcpu *current)
{
    current->managed_exit = true;
    run_shield_changed(current);
    virq_inject(current, BH_INTID_MANAGED_EXIT);
}

struct vcpu *nwd_foreign_interrupt(struct vcpu *current)
{
    if (!current->scheduled) {
        return current;
    }
    if (arch_vtimer_is_due()) {
        /* Its own virtual timer, whose interrupt is the normal world's. */
        arch_vtimer_mask();
        virq_inject(current, BH_INTID_TIMER);
        return current;
    }
    if (vcpu_is_shielded(current)) {
        run_shield_changed(current); /* whatever has opened the mask */
        return current;
    }
    if ((policy_of(current) & CONFIG_SP_ACTION) == SP_MANAGED_EXIT) {
        managed_exit(current);
        return current;
    }
    return chain_preempt(current);
}

/* The handler is back: does it wait again? If not, it has yielded, and goes on. */
static bool is_handled(struct vcpu *handler)
{
    struct vcpu_locked locked;
    bool has_yielded, goes_on;

    if (handler->state == VCPU_WAITING) {
        return true; /* mostly; whoever claims it from now on needs no help */
    }
    locked = vcpu_lock(handler);
    has_yielded = handler->state == VCPU_BLOCKED && handler->callee == NULL;
    goes_on = has_yielded || handler->state == VCPU_PREEMPTED || handler->state == VCPU_READY;
    if (has_yielded) {
        memset(handler->ctx.x, 0, 8 * sizeof(handler->ctx.x[0]));
        handler->ctx.x[0] = FFA_SUCCESS_32;
    }
    if (goes_on) {
        vcpu_state_set(locked, VCPU_RUNNING);
    }
    vcpu_unlock(locked);
    return !goes_on;
}

/* In a few loads and stores, not by memcpy. */
static inline void registers_copy(uint64_t *to, const uint64_t *from)
{
    for (uint32_t i = 0; i < NWD_REGISTERS; i += 2) {
        uint64_t a = from[i], b = from[i + 1];

        to[i] = a;
        to[i + 1] = b;
    }
}

static void registers_keep(struct cpu *cpu, const struct vcpu *world)
{
    if (!cpu->interrupts.has_x) {
        registers_copy(cpu->interrupts.x, world->ctx.x);
        cpu->interrupts.has_x = true;
    }
}

static struct vcpu *handler_start(struct cpu *cpu, struct vcpu *world, struct vcpu *handler)
{
    cpu->interrupts.handler = handler;
    vcpu_attention_set(world, VCPU_ATTENTION_WORLD);
    world_waits_for(world, handler);
    return handler;
}

/* preempted has died in another of its contexts: the normal world, which waited for it, is told; if
 * it waits for one who did, it runs that one on. */
static BH_COLD void preempted_is_gone(const struct vcpu *preempted, struct vcpu *world,
                                      const struct vcpu *callee)
{
    struct vcpu_locked locked = vcpu_lock(world);

    if (callee == preempted) {
        chain_registers_set(world, FFA_ERROR_32, preempted->info, (uint32_t)FFA_ABORTED, 0);
    } else {
        chain_registers_set(world, FFA_INTERRUPT_32, callee->info, 0, 0);
    }
    if (world->arrived.peer == preempted) {
        world->arrived.peer = NULL;
    }
    vcpu_unlock(locked);
}

/* The SP that was preempted goes on, if it still can. */
static struct vcpu *preempted_resume(struct cpu *cpu, struct vcpu *world)
{
    struct vcpu *preempted = cpu->interrupts.preempted;
    struct vcpu_locked locked;
    bool is_ready;

    if (preempted == NULL) {
        return NULL;
    }
    cpu->interrupts.preempted = NULL;
    locked = vcpu_lock(preempted);
    is_ready = preempted->state == VCPU_PREEMPTED;
    if (is_ready) {
        vcpu_state_set(locked, VCPU_RUNNING);
    }
    vcpu_unlock(locked);
    if (!is_ready) {
        preempted_is_gone(preempted, world, cpu->interrupts.callee);
        return NULL;
    }
    world_waits_for(world, cpu->interrupts.callee);
    return preempted;
}

struct vcpu *nwd_interrupts_attend(struct cpu *cpu, struct vcpu *world)
{
    struct vcpu *handler = cpu->interrupts.handler;
    struct vcpu *next;

    if (handler == NULL) {
        registers_keep(cpu, world);
    } else if (!is_handled(handler)) {
        return handler_start(cpu, world, handler);
    }
    cpu->interrupts.handler = NULL;
    next = cpu->interrupts.vms == 0 ? NULL : claim_next(cpu);
    if (next != NULL) {
        return handler_start(cpu, world, next);
    }
    next = preempted_resume(cpu, world);
    if (next != NULL) {
        if (cpu->interrupts.vms != 0 || cpu->interrupts.group0_is_off) {
            vcpu_attention_set(world, VCPU_ATTENTION_WORLD);
        }
        return next;
    }
    if (cpu->interrupts.group0_is_off) {
        nwd_group0_restore(cpu);
    }
    nwd_sri_flush(cpu);
    if (cpu->interrupts.has_x) {
        registers_copy(world->ctx.x, cpu->interrupts.x);
        cpu->interrupts.has_x = false;
    }
    return world;
}
