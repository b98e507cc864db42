/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/irq_route.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/drv/drv.h"
#include "bh/drv/gicv3_regs.h"
#include "bh/role/role.h"
#include "bh/svc/chain.h"
#include "bh/svc/console.h"
#include "bh/svc/notify.h"
#include "bh/svc/nwd.h"
#include "bh/svc/spmc_below.h"
#include "bh/svc/timer.h"
#include "bh/svc/virq_sync.h"
#include "vmapi/ffa.h"

#define PRIORITY       0xa0
#define UNOWNED_LOGGED 16u

/* What the table says of an INTID. */
enum irq_owner_kind { IRQ_NOBODY, IRQ_VM, IRQ_CONSOLE };

struct irq_owner {
    uint8_t kind;
    uint8_t vm; /* index */
    uint16_t vintid;
};

_Static_assert(CONFIG_MAX_VMS <= UINT8_MAX, "irq_owner.vm");

/* Set at boot, constant after. */
/* By INTID, from 32. Not from the pool: its size is the board's, which the compiler, who sizes the
 * pool, does not know. */
static struct irq_owner irq_owners[GIC_SPI_LIMIT - GIC_PRIVATE_COUNT];
static uint32_t irq_owner_limit;
static uint32_t irq_maintenance, irq_vtimer, irq_htimer, irq_kick;

static uint32_t irq_unowned; /* shared, atomic */

static struct irq_owner *owner_of(uint32_t intid)
{
    return &irq_owners[intid - GIC_PRIVATE_COUNT];
}

static void owner_add(uint32_t intid, struct irq_owner owner, bool edge)
{
    if (intid < GIC_PRIVATE_COUNT || intid >= irq_owner_limit) {
        panic("boot stopped: the board's GIC has no interrupt %u", intid);
    }
    *owner_of(intid) = owner;
    drv_gic_configure(intid, edge, PRIORITY);
}

BH_COLD void irq_route_init(const struct system_config *config)
{
    irq_maintenance = config->board.irq_maintenance;
    irq_vtimer = config->board.irq_vtimer;
    irq_htimer = config->board.irq_htimer;
    irq_kick = role_kick_sgi();
    irq_owner_limit = drv_gic_intid_limit();

    for (uint32_t v = 0; v < config->vm_count; v++) {
        const struct vm_config *vm = &config->vm[v];

        for (uint32_t i = 0; i < vm->irq_count; i++) {
            owner_add(vm->irq[i].pintid,
                      (struct irq_owner){IRQ_VM, (uint8_t)v, (uint16_t)vm->irq[i].vintid},
                      vm->irq[i].edge);
        }
    }
    if (config->board.uart_irq != 0) {
        owner_add(config->board.uart_irq, (struct irq_owner){.kind = IRQ_CONSOLE}, false);
        drv_gic_enable(config->board.uart_irq, true);
    }
}

/* 0: the plan leaves this one to others. */
static void own_private(uint32_t intid)
{
    if (intid != 0) {
        drv_gic_configure(intid, false, PRIORITY);
        drv_gic_enable(intid, true);
    }
}

BH_COLD void irq_route_init_cpu(void)
{
    drv_gic_configure(irq_kick, true, PRIORITY);
    drv_gic_enable(irq_kick, true);
    own_private(irq_vtimer);
    own_private(irq_htimer);
    own_private(irq_maintenance);
    if (config_get()->spmc_version >= FFA_VERSION_1_1) {
        drv_gic_configure(NOTIFY_SRI, true, PRIORITY);
        drv_gic_enable(NOTIFY_SRI, true);
    }
}

static void finish(uint32_t intid)
{
    arch_irq_eoi(intid);
    if (role_is_secure()) {
        drv_gic_set_active(intid, false); /* QEMU, up to 10: ICC_DIR_EL1 does nothing at S-EL2 */
    } else {
        arch_irq_deactivate(intid);
    }
}

/*
 * The virtual timer, when it is not that of a loaded vCPU with a virtual GIC. With none loaded, the
 * one that ran last left its timer running: if that was the home vCPU, its interrupt waits for it;
 * in any case the physical one stays active, and quiet, until a vCPU is loaded.
 */
static void vtimer_fired(struct cpu *cpu)
{
    struct vcpu *loaded = cpu->current;

    if (loaded == NULL) {
        cpu->vtimer_active = true;
        if (cpu->home != NULL && timer_vtimer_is_due(cpu->home)) {
            virq_latch_vtimer(cpu->home);
        }
    } else {
        arch_vtimer_mask();
        arch_irq_deactivate(irq_vtimer);
        virq_inject(loaded, VIRQ_PV_TIMER);
    }
}

static BH_COLD void unowned(uint32_t intid)
{
    uint32_t count = __atomic_fetch_add(&irq_unowned, 1, __ATOMIC_RELAXED);

    drv_gic_enable(intid, false);
    finish(intid);
    if (count < UNOWNED_LOGGED) {
        log_warning("interrupt %u belongs to nobody: disabled", intid);
    }
}

static void spi_fired(uint32_t intid)
{
    struct irq_owner owner = {.kind = IRQ_NOBODY};

    if (intid >= GIC_PRIVATE_COUNT && intid < irq_owner_limit) {
        owner = *owner_of(intid);
    }
    if (owner.kind == IRQ_VM) {
        arch_irq_eoi(intid);
        virq_inject_hw(vm_get_index(owner.vm), owner.vintid);
        if (role_is_secure()) {
            nwd_interrupt_pending(arch_cpu_self(), vm_get_index(owner.vm));
        }
    } else if (owner.kind == IRQ_CONSOLE) {
        console_rx();
        finish(intid);
    } else if (intid == NOTIFY_SRI && config_get()->spmc_id != 0) {
        finish(intid);
        spmc_sri();
    } else {
        unowned(intid);
    }
}

/* All but the virtual timer of a vCPU with a virtual GIC: kept out of its way, which must not pay
 * for the frame. */
static __attribute__((noinline)) struct vcpu *irq_fired(struct cpu *cpu, struct vcpu *current,
                                                        uint32_t intid)
{
    struct vcpu *next = current;

    if (intid == irq_kick) {
        finish(intid); /* attention is looked at in the tail of the exit */
        if (role_is_secure()) {
            nwd_doorbell(cpu);
        }
    } else if (intid == irq_vtimer) {
        arch_irq_eoi(intid);
        vtimer_fired(cpu);
    } else if (intid == irq_htimer) {
        next = timer_expired(cpu, current);
        finish(intid);
    } else if (intid == irq_maintenance) {
        if (cpu->current != NULL) {
            virq_sync_full(cpu->current);
        }
        finish(intid);
    } else {
        spi_fired(intid);
    }
    return next;
}

/* current borrows this CPU; its owner has an interrupt, and goes first. */
static bool is_home_wanted(struct cpu *cpu, struct vcpu *current)
{
    struct vcpu *home = cpu->home;

    return home != NULL && current != NULL && current != home &&
           (__atomic_load_n(&home->attention, __ATOMIC_ACQUIRE) & VCPU_ATTENTION_VIRQ) != 0 &&
           virq_is_pending(home);
}

struct vcpu *irq_route_prefer_home(struct cpu *cpu, struct vcpu *current)
{
    return is_home_wanted(cpu, current) ? chain_preempt(current) : current;
}

struct vcpu *irq_route_handle(struct cpu *cpu, struct vcpu *current)
{
    struct vcpu *next = current;
    uint32_t intid;

    while ((intid = arch_irq_ack()) < GIC_SPECIAL_FIRST) {
        if (intid == irq_vtimer && cpu->current != NULL && !cpu->current->vm->virq.paravirt) {
            arch_irq_eoi(intid);
            virq_inject_vtimer(cpu, cpu->current);
        } else {
            next = irq_fired(cpu, next, intid);
        }
    }
    if (role_is_secure()) {
        return nwd_interrupts_deliver(cpu, next);
    }
    return irq_route_prefer_home(cpu, next);
}

struct vcpu *irq_route_foreign(struct cpu *cpu, struct vcpu *current)
{
    if (!role_is_secure() || current == NULL) {
        return current;
    }
    if (arch_irq_group0_is_pending()) {
        struct arch_smc_regs regs = {.x = {FFA_EL3_INTR_HANDLE_32}};

        arch_smc(&regs);
        if ((uint32_t)regs.x[0] == FFA_SUCCESS_32 && !arch_irq_group0_is_pending()) {
            return current;
        }
        nwd_group0_refused(cpu);
    }
    return nwd_foreign_interrupt(current);
}

/* The interrupts of current's manifest. */
static const struct irq_config *irq_find(const struct vm *vm, uint32_t vintid)
{
    for (uint32_t i = 0; i < vm->config->irq_count; i++) {
        if (vm->config->irq[i].vintid == vintid) {
            return &vm->config->irq[i];
        }
    }
    return NULL;
}

/* The interrupt goes to the context of a CPU, and so to that CPU; one context goes to none. */
static BH_COLD enum status target_set(struct vcpu *current, uint32_t vintid, uint64_t index)
{
    struct vm *vm = current->vm;
    const struct vm_config *config = vm->config;
    uint64_t limit = config->vcpu_count == 1 ? arch_cpu_self()->index + 1 : config->vcpu_count;

    if (index >= limit || (config->vcpu_count == 1 && index != arch_cpu_self()->index)) {
        return STATUS_INVALID;
    }
    if (config->vcpu_count > 1) {
        virq_target_set(&vm->vcpu[index], vintid);
    }
    drv_gic_route(irq_find(vm, vintid)->pintid, cpu_get((uint32_t)index)->mpidr);
    return STATUS_OK;
}

BH_COLD enum status irq_route_reconfigure(struct vcpu *current, uint32_t vintid,
                                          enum irq_reconfigure command, uint64_t value)
{
    const struct irq_config *irq = irq_find(current->vm, vintid);

    if (irq == NULL || (command != IRQ_RECONFIGURE_TARGET && value > 1)) {
        return STATUS_INVALID;
    }
    switch (command) {
    case IRQ_RECONFIGURE_TARGET:
        return target_set(current, vintid, value);
    case IRQ_RECONFIGURE_SECURITY:
        drv_gic_secure(irq->pintid, value != 0);
        return STATUS_OK;
    case IRQ_RECONFIGURE_ENABLE:
        drv_gic_enable(irq->pintid, value != 0);
        return STATUS_OK;
    }
    return STATUS_INVALID;
}

static uint32_t physical_of(const struct vm *vm, uint32_t vintid)
{
    return vintid < VIRQ_PRIVATE ? 0 : virq_pintid_get(vm, vintid);
}

void irq_route_guest_enable(struct vm *vm, uint32_t vintid, bool on)
{
    uint32_t pintid = physical_of(vm, vintid);

    if (pintid != 0) {
        drv_gic_enable(pintid, on);
    }
}

/* The CPU that should take interrupts for vcpu: its own, or that of who runs it. */
static const struct cpu *cpu_for(const struct vcpu *vcpu)
{
    uint32_t index = vcpu->config->cpu;

    if (role_is_secure()) {
        index = vcpu->index; /* the contexts of SPs are bound to CPUs in their order */
    } else if (index == CONFIG_CPU_NONE) {
        const struct vm *scheduler = vm_find(vcpu->vm->config->scheduler);

        index = scheduler == NULL ? 0 : scheduler->vcpu[0].config->cpu;
    }
    return index < cpu_count() ? cpu_get(index) : NULL;
}

static BH_COLD void route(uint32_t pintid, const struct vcpu *target)
{
    const struct cpu *cpu = cpu_for(target);

    if (cpu != NULL) {
        drv_gic_route(pintid, cpu->mpidr);
    }
}

BH_COLD void irq_route_guest_target(struct vm *vm, uint32_t vintid, const struct vcpu *target)
{
    uint32_t pintid = physical_of(vm, vintid);

    if (pintid != 0 && target != NULL) {
        route(pintid, target);
    }
}

BH_COLD void irq_route_reset_vm(struct vm *vm)
{
    const struct vm_config *config = vm->config;

    for (uint32_t i = 0; i < config->irq_count; i++) {
        uint32_t pintid = config->irq[i].pintid;

        drv_gic_enable(pintid, false);
        drv_gic_set_pending(pintid, false);
        drv_gic_set_active(pintid, false);
        route(pintid, &vm->vcpu[config->irq[i].vcpu]);
    }
    /* Others may still drive lines of it: its console port, its neighbours. */
    lock_take(&vm->virq.lock);
    virq_vm_reset(vm);
    lock_drop(&vm->virq.lock);
    if (role_is_secure() && !role_vm_is_world(config)) {
        virq_paravirt_enable_own(vm);
    }
    /* At EL0 the manifest is what enables interrupts. */
    if (config->level == VM_EL0) {
        virq_paravirt_enable_devices(vm);
    }
}
