/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/base/cold.h"
#include "bh/base/libc.h"
#include "bh/base/log.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/power.h"
#include "nwd_local.h"
#include "vmapi/ffa.h"

/* Indexes of the SPs, first to boot first. Set at boot, constant after. */
static uint8_t nwd_order[CONFIG_MAX_VMS];
static uint32_t nwd_order_count;

/* FF-A's that EL3 and this core speak. Set at boot, constant after. */
static uint32_t nwd_el3_version = FFA_VERSION_1_2;

/* The normal world's, while SPs run. */
static _Alignas(16) uint8_t nwd_vectors[BH_MAX_CPUS][ARCH_VECTORS_SIZE];

static bool boots_before(const struct vm_config *a, const struct vm_config *b)
{
    return a->boot_order != b->boot_order ? a->boot_order < b->boot_order : a->id < b->id;
}

void nwd_init(void)
{
    nwd_order_count = 0;
    for (uint32_t i = 0; i < vm_count(); i++) {
        const struct vm_config *config = vm_get_index(i)->config;
        uint32_t at = nwd_order_count;

        if (config->scheduling != VM_SCHEDULED) {
            continue;
        }
        while (at > 0 && boots_before(config, vm_get_index(nwd_order[at - 1])->config)) {
            nwd_order[at] = nwd_order[at - 1];
            at--;
        }
        nwd_order[at] = (uint8_t)i;
        nwd_order_count++;
    }
}

void nwd_register_entry(uint64_t pa)
{
    struct arch_smc_regs regs = {.x = {FFA_SECONDARY_EP_REGISTER_64, pa}};

    arch_smc(&regs);
    if ((uint32_t)regs.x[0] != FFA_SUCCESS_32 && (uint32_t)regs.x[0] != FFA_SUCCESS_64) {
        log_warning("EL3 takes no entry point for other CPUs: %d", (int)(int32_t)regs.x[2]);
    }
}

void nwd_learn_version(void)
{
    struct arch_smc_regs regs = {.x = {FFA_VERSION_32, FFA_VERSION_1_2}};
    struct vm *world = vm_get_index(0);

    arch_smc(&regs);
    int64_t theirs = (int32_t)regs.x[0];

    if (role_vm_is_world(world->config) && theirs > 0 && theirs < (int64_t)FFA_VERSION_1_2) {
        nwd_el3_version = (uint32_t)theirs;
        world->ffa_version = FFA_VERSION_1_0;
    }
}

uint32_t nwd_version_limit(void)
{
    return nwd_el3_version;
}

/* The context of vm that belongs to cpu: every CPU has one of an MP partition; that of a UP
 * partition starts on the boot CPU and moves. */
static struct vcpu *context_of(struct vm *vm, const struct cpu *cpu)
{
    return cpu->index < vm->config->vcpu_count ? &vm->vcpu[cpu->index] : NULL;
}

static bool is_bound(const struct vm *vm)
{
    return vm->config->vcpu_count > 1;
}

/* What the CPU held when it went off is gone. */
static void forget_past(struct cpu *cpu, struct vcpu *world)
{
    struct vcpu_locked locked = vcpu_lock(world);

    cpu->current = NULL;
    cpu->fp_owner = NULL;
    cpu->fp_trapped = false;
    cpu->htimer_cval = UINT64_MAX;
    cpu->boot_next = 0;
    cpu->booting = NULL;
    cpu->booted = false;
    memset(&cpu->interrupts, 0, sizeof(cpu->interrupts));
    memset(&cpu->power, 0, sizeof(cpu->power));
    __atomic_store_n(&world->cpu, (struct cpu *)NULL, __ATOMIC_RELEASE);
    if (world->state == VCPU_RUNNING) {
        vcpu_state_set(locked, VCPU_OFF);
    }
    vcpu_unlock(locked);
}

void nwd_cpu_start(struct cpu *cpu)
{
    struct vcpu *world = cpu->home;

    if (world == NULL || !role_vm_is_world(world->vm->config)) {
        return;
    }
    forget_past(cpu, world);
    for (uint32_t i = 0; i < nwd_order_count; i++) {
        struct vm *vm = vm_get_index(nwd_order[i]);
        struct vcpu *context = context_of(vm, cpu);

        if (context != NULL && context->index != 0) {
            power_context_start(context, vm->secondary_entry);
        }
    }
    power_context_start(world, world->vm->config->entry);
    world->ctx.world.vectors = nwd_vectors[cpu->index];
    vcpu_attention_set(world, VCPU_ATTENTION_WORLD);
}

static void report(const struct vcpu *context)
{
    if (context != NULL && context->state != VCPU_WAITING) {
        log_error("%s: vCPU %u did not start: %s", context->vm->config->name, context->index,
                  vcpu_state_name(context->state));
    }
}

/* The next context of this CPU that is to boot, or NULL. */
static struct vcpu *next_context(struct cpu *cpu)
{
    while (cpu->boot_next < nwd_order_count) {
        struct vcpu *context = context_of(vm_get_index(nwd_order[cpu->boot_next++]), cpu);

        if (context != NULL && context->state == VCPU_READY) {
            return context;
        }
    }
    return NULL;
}

static void give_cpu(struct vcpu *world, struct vcpu *context)
{
    vcpu_lock_both(world, context);
    world->callee = context;
    vcpu_state_set((struct vcpu_locked){world}, VCPU_BLOCKED);
    vcpu_state_set((struct vcpu_locked){context}, VCPU_RUNNING);
    vcpu_unlock((struct vcpu_locked){world});
    vcpu_unlock((struct vcpu_locked){context});
}

/* The contexts of this CPU boot one after the other; NULL: all have. */
static struct vcpu *boot_next(struct cpu *cpu, struct vcpu *world)
{
    struct vcpu *context;

    report(cpu->booting);
    context = next_context(cpu);
    cpu->booting = context;
    if (context != NULL) {
        vcpu_attention_set(world, VCPU_ATTENTION_WORLD);
        give_cpu(world, context);
    }
    return context;
}

/* Group 0 off: nothing else keeps it from an SP that is not to be interrupted, or still boots. */
BH_COLD void nwd_group0_refused(struct cpu *cpu)
{
    cpu->interrupts.group0_is_off = true;
    arch_irq_group0_enable(false);
    if (cpu->home != NULL) {
        vcpu_attention_set(cpu->home, VCPU_ATTENTION_WORLD);
    }
}

BH_COLD void nwd_group0_restore(struct cpu *cpu)
{
    cpu->interrupts.group0_is_off = false;
    arch_irq_group0_enable(true);
}

static BH_COLD struct vcpu *attend_power(struct cpu *cpu, struct vcpu *world)
{
    if (cpu->interrupts.group0_is_off) {
        nwd_group0_restore(cpu);
    }
    return nwd_power_step(cpu, world);
}

/* Who is told of it may have been displaced by an interrupt of another SP: it has not answered yet
 * when that one has handled it. */
static BH_COLD struct vcpu *attend_displaced(struct cpu *cpu, struct vcpu *world, struct vcpu *next)
{
    if (next == world) {
        return attend_power(cpu, world);
    }
    vcpu_attention_set(world, VCPU_ATTENTION_WORLD);
    return next;
}

struct vcpu *nwd_attend(struct cpu *cpu, struct vcpu *world)
{
    struct vcpu *next;

    if (cpu->interrupts.vtimer_signalled) {
        nwd_timer_unsignal(cpu);
    }
    if (!cpu->booted) {
        struct vcpu *context = boot_next(cpu, world);

        if (context != NULL) {
            return context;
        }
        /* This tells the SPMD that the normal world may run. */
        memset(world->ctx.x, 0, sizeof(world->ctx.x));
        world->ctx.x[0] = FFA_MSG_WAIT_32;
        cpu->booted = true;
    }
    if (cpu->power.is_active && cpu->interrupts.handler == NULL) {
        return attend_power(cpu, world);
    }
    next = nwd_interrupts_attend(cpu, world);
    return cpu->power.is_active ? attend_displaced(cpu, world, next) : next;
}

struct vcpu *nwd_interrupt(struct cpu *cpu, struct vcpu *world)
{
    /* First: what it is entered with after all, when no SP runs before. */
    nwd_registers_set(world->ctx.x, FFA_NORMAL_WORLD_RESUME_32);
    return irq_route_handle(cpu, world);
}

void nwd_cpu_off(struct cpu *cpu)
{
    for (uint32_t i = 0; i < nwd_order_count; i++) {
        struct vm *vm = vm_get_index(nwd_order[i]);
        struct vcpu *context = context_of(vm, cpu);

        if (context != NULL && is_bound(vm)) {
            power_context_stop(context);
        }
    }
}
