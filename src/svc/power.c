/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/power.h"

#include "bh/arch/arch_cpu.h"
#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vdev_ops.h"
#include "bh/role/role.h"
#include "bh/svc/chain.h"
#include "bh/svc/console.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/mem_perm.h"
#include "bh/svc/notify.h"
#include "bh/svc/run.h"
#include "bh/svc/spmc_below.h"
#include "bh/svc/virq_sync.h"
#include "bh/svc/vm_load.h"

static bool power_state_is_on(enum vcpu_state state)
{
    return state != VCPU_OFF && state != VCPU_ABORTED;
}

/* True once: only one CPU announces the end and switches off. */
static bool machine_off_taken;

static struct cpu *power_cpu_of(const struct vcpu *vcpu)
{
    return __atomic_load_n(&vcpu->cpu, __ATOMIC_ACQUIRE);
}

/*
 * Takes current off this CPU for good: what it had in registers is dropped, except interrupts,
 * which belong to the VM's controller. The release pairs with power_cpu_of: who sees cpu == NULL
 * may write the context.
 */
static void power_detach(struct vcpu *current)
{
    struct cpu *cpu = arch_cpu_self();

    if (cpu->fp_owner == current) {
        cpu->fp_owner = NULL;
    }
    if (cpu->current != current) {
        return; /* told to stop before it was entered, or while its CPU was idle */
    }
    arch_vtimer_stop();
    virq_sync_leave(current);
    cpu->current = NULL;
    __atomic_store_n(&current->cpu, (struct cpu *)NULL, __ATOMIC_RELEASE);
}

/* Context of a vCPU that no CPU holds. */
static BH_COLD void power_vcpu_reset(struct vcpu *vcpu, uint64_t entry, uint64_t arg0)
{
    const struct vm *vm = vcpu->vm;
    struct arch_reset reset = {
        .entry = entry,
        .arg0 = arg0,
        .mpidr = vcpu->config->mpidr,
        .vttbr = vm->stage2.vttbr,
        .vtcr = vm->stage2.vtcr,
        .ns_vttbr = vm->stage2_ns.vttbr,
        .ns_vtcr = vm->stage2_ns.vtcr,
        .trap_wfx = vcpu->scheduled && !role_is_secure(),
        .is_world = role_vm_is_world(vm->config),
        .gic = vm->config->irq_model == VM_IRQ_GIC,
        .pmu = vm->config->contract == VM_CONTRACT_PRIMARY,
        .no_pauth = vm->config->contract == VM_CONTRACT_SECONDARY,
        .el0 = vcpu->is_el0,
    };

    arch_context_reset(&vcpu->ctx, &reset);
    if (role_is_secure()) {
        vcpu->ctx.x[4] = vcpu->index; /* of its CPU: an MP partition has a context for each */
    }
    vcpu->ptimer_cval = 0;
    vcpu->ptimer_ctl = 0;
    vcpu_links_reset(vcpu);
    vcpu->initialised = false;
    /* Other bits stay: a stop may be requested meanwhile. */
    __atomic_or_fetch(&vcpu->attention, VCPU_ATTENTION_VIRQ, __ATOMIC_RELAXED);
}

/* What others have to do with vm ends. */
static BH_COLD void power_vm_clean(struct vm_locked locked)
{
    spmc_box_unmap(locked);
    mailbox_unmap(&locked.vm->mailbox, locked.vm->config->index);
    notify_reset(locked);
}

BH_COLD void power_vm_start(struct vm *vm)
{
    const struct vm_config *config = vm->config;
    struct vm_locked locked;

    /* Nobody but who takes the last vCPU off is here: no lock for `aborted`. */
    if (vm->aborted) {
        vm->aborted = false;
        vm_clear_memory(vm);
    }
    vm_load_images(vm);
    if (config->level == VM_EL0) {
        mem_perm_reset(vm);
    }
    irq_route_reset_vm(vm);
    vdev_table_reset(vm->vdev);
    spmc_vm_start(vm);
    vm->was_started = true;

    locked = vm_lock(vm);
    power_vm_clean(locked);
    vm->ffa_version = config->ffa_version;
    vm->ffa_version_locked = false;
    vm->secondary_entry = config->entry;
    vm->vcpus_on = 1;
    vm->life = VM_RUNNING;
    vm_unlock(locked);

    if (config->ffa_version != 0) {
        spmc_tell_created(config);
    }
    /* Last: once vCPU 0 is READY, its CPU may enter it. */
    for (uint32_t i = config->vcpu_count; i-- > 0;) {
        struct vcpu_locked vcpu = vcpu_lock(&vm->vcpu[i]);

        power_vcpu_reset(&vm->vcpu[i], config->entry, 0);
        if (i == 0) {
            vm->vcpu[i].ctx.x[config->arg_register] = config->arg0;
            vcpu_state_set(vcpu, VCPU_READY);
        } else if (vm->vcpu[i].state != VCPU_OFF) {
            vcpu_state_set(vcpu, VCPU_OFF);
        }
        vcpu_unlock(vcpu);
    }
    notify_restart(vm);
    run_wake(&vm->vcpu[0]);
}

/* Nothing can run any more: every vCPU that owns a CPU is off for good. */
static bool power_machine_is_done(void)
{
    for (uint32_t i = 0; i < vm_count(); i++) {
        struct vm *vm = vm_get_index(i);
        struct vm_locked locked = vm_lock(vm);
        bool is_done = vm->life == VM_OFF || vm->config->scheduling == VM_SCHEDULED;

        vm_unlock(locked);
        if (!is_done) {
            return false;
        }
    }
    return true;
}

static BH_COLD void power_vm_off(struct vm *vm)
{
    console_vm_off(vm);
    log_notice("%s: off", vm->config->name);
    if (power_machine_is_done() &&
        !__atomic_exchange_n(&machine_off_taken, true, __ATOMIC_ACQ_REL)) {
        log_notice("all partitions are off");
        arch_psci_system_off();
    }
}

/* One vCPU of vm has left its CPU. The last one finishes what the VM is up to. */
static BH_COLD void power_count_down(struct vm *vm)
{
    struct vm_locked locked = vm_lock(vm);
    bool is_last = --vm->vcpus_on == 0;
    bool restart = vm->life == VM_RESETTING;

    if (is_last && !restart) {
        vm->life = VM_OFF;
        power_vm_clean(locked);
    }
    vm_unlock(locked);

    if (is_last && vm->config->ffa_version != 0) {
        spmc_tell_destroyed(vm->config);
    }
    if (is_last && restart) {
        log_notice("%s: restarts", vm->config->name);
        power_vm_start(vm);
    } else if (is_last) {
        power_vm_off(vm);
    }
}

static BH_COLD struct vcpu *power_retire(struct vcpu *current, enum vcpu_state state)
{
    struct vm *vm = current->vm;
    struct vcpu_locked locked = vcpu_lock(current);
    struct vcpu *next;

    vcpu_state_set(locked, state);
    /* Who is off has nothing left to stop: power_stop_other looks at the state under this lock. */
    __atomic_and_fetch(&current->attention, ~VCPU_ATTENTION_STOP, __ATOMIC_RELAXED);
    vcpu_unlock(locked);
    next = chain_leave(current);
    power_detach(current);
    power_count_down(vm);
    return next;
}

/* A scheduled vCPU that is to stop and that no CPU holds goes off at once. */
bool power_try_collect(struct vcpu *vcpu)
{
    struct vcpu_locked locked = vcpu_lock(vcpu);
    uint32_t bits = __atomic_load_n(&vcpu->attention, __ATOMIC_ACQUIRE);
    bool is_loose = vcpu->scheduled && power_state_is_on(vcpu->state) &&
                    vcpu->state != VCPU_RUNNING && power_cpu_of(vcpu) == NULL &&
                    (bits & VCPU_ATTENTION_STOP) != 0;

    if (is_loose) {
        vcpu_state_set(locked, VCPU_OFF);
        __atomic_and_fetch(&vcpu->attention, ~VCPU_ATTENTION_STOP, __ATOMIC_RELAXED);
    }
    vcpu_unlock(locked);

    if (is_loose) {
        chain_break(vcpu);
        power_count_down(vcpu->vm);
    }
    return is_loose;
}

/*
 * Stops a vCPU that is not current here. If a CPU holds it, that one finds the attention bit,
 * before the guest runs again or when it has let go of it (run_leave_cpu). Idle CPUs
 * look when they are woken.
 */
static void power_stop_other(struct vcpu *vcpu)
{
    struct vcpu_locked locked = vcpu_lock(vcpu);
    bool is_on = power_state_is_on(vcpu->state);

    if (is_on) {
        vcpu_attention_set(vcpu, VCPU_ATTENTION_STOP);
    }
    vcpu_unlock(locked);

    /* The bit before the look at who holds it: run_leave_cpu does it the other way round. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (is_on && !power_try_collect(vcpu)) {
        run_kick(vcpu);
    }
}

/* First caller decides whether the VM stops or restarts; the others just go off. */
static BH_COLD struct vcpu *power_vm_end(struct vcpu *current, enum vm_life life,
                                         enum vcpu_state state)
{
    struct vm *vm = current->vm;
    struct vm_locked locked = vm_lock(vm);
    bool is_first = vm->life == VM_RUNNING;

    if (is_first) {
        vm->life = life;
    }
    vm_unlock(locked);

    for (uint32_t i = 0; is_first && i < vm->config->vcpu_count; i++) {
        if (&vm->vcpu[i] != current) {
            power_stop_other(&vm->vcpu[i]);
        }
    }
    return power_retire(current, state);
}

struct vcpu *power_system_off(struct vcpu *current)
{
    return power_vm_end(current, VM_STOPPING, VCPU_OFF);
}

struct vcpu *power_system_reset(struct vcpu *current)
{
    return power_vm_end(current, VM_RESETTING, VCPU_OFF);
}

BH_COLD struct vcpu *power_abort(struct vcpu *current, const char *reason)
{
    const struct vm_config *config = current->vm->config;
    bool restart = config->abort_action == VM_ABORT_RESTART;

    log_guest(&current->log_limit, "%s vcpu %u: aborted: %s; %s", config->name, current->index,
              reason, restart ? "restarts" : "stays off");
    if (restart) {
        struct vm_locked locked = vm_lock(current->vm);

        current->vm->aborted = true;
        vm_unlock(locked);
    }
    return power_vm_end(current, restart ? VM_RESETTING : VM_STOPPING, VCPU_ABORTED);
}

struct vcpu *power_stop_requested(struct vcpu *current)
{
    return power_retire(current, VCPU_OFF);
}

bool power_vcpu_is_on(struct vm *vm, struct vcpu *vcpu)
{
    (void)vm;
    return power_state_is_on(__atomic_load_n(&vcpu->state, __ATOMIC_ACQUIRE));
}

bool power_entry_is_valid(const struct vm *vm, uint64_t entry)
{
    if ((entry & 3) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < vm->config->region_count; i++) {
        const struct region_config *region = &vm->config->region[i];

        if ((region->attributes & (STAGE2_X | STAGE2_DEVICE)) == STAGE2_X &&
            entry >= region->ipa.ipa && entry - region->ipa.ipa < region->pa.size) {
            return true;
        }
    }
    return false;
}

/* STATUS_BUSY: target is off but its CPU has not let go of it yet. */
static BH_COLD enum status power_try_cpu_on(struct vm *vm, struct vcpu *target, uint64_t entry,
                                            uint64_t context)
{
    struct vm_locked vm_locked = vm_lock(vm);
    struct vcpu_locked locked = vcpu_lock(target);
    enum status status = STATUS_OK;

    if (vm->life != VM_RUNNING) {
        status = STATUS_DENIED;
    } else if (power_state_is_on(target->state)) {
        status = STATUS_ALREADY;
    } else if (power_cpu_of(target) != NULL) {
        status = STATUS_BUSY;
    } else {
        power_vcpu_reset(target, entry, context);
        vcpu_state_set(locked, VCPU_READY);
        vm->vcpus_on++;
    }
    vcpu_unlock(locked);
    vm_unlock(vm_locked);
    return status;
}

enum status power_cpu_on(struct vm *vm, uint64_t mpidr, uint64_t entry, uint64_t context)
{
    struct vcpu *target = vm_find_vcpu_mpidr(vm, mpidr);
    enum status status;

    if (target == NULL || !power_entry_is_valid(vm, entry)) {
        return STATUS_INVALID;
    }
    /* Ends soon: a CPU between "off" and "let go" is in power_retire with nothing to wait for. */
    do {
        status = power_try_cpu_on(vm, target, entry, context);
        if (status == STATUS_BUSY) {
            arch_cpu_relax();
        }
    } while (status == STATUS_BUSY);

    if (status == STATUS_OK) {
        run_wake(target);
    }
    return status;
}

void power_context_start(struct vcpu *vcpu, uint64_t entry)
{
    enum status status = power_try_cpu_on(vcpu->vm, vcpu, entry, 0);

    (void)status; /* the boot CPU's are READY already; a partition that is off stays off */
}

void power_context_stop(struct vcpu *vcpu)
{
    struct vcpu_locked locked = vcpu_lock(vcpu);
    bool is_loose =
        power_state_is_on(vcpu->state) && vcpu->state != VCPU_RUNNING && power_cpu_of(vcpu) == NULL;

    if (is_loose) {
        vcpu_state_set(locked, VCPU_OFF);
    }
    vcpu_unlock(locked);
    if (is_loose) {
        chain_break(vcpu);
        power_count_down(vcpu->vm);
    }
}

struct vcpu *power_cpu_off(struct vcpu *current)
{
    return power_retire(current, VCPU_OFF);
}

struct vcpu *power_cpu_standby(struct vcpu *current)
{
    if (current->scheduled) {
        return chain_idle(current, false);
    }
    if (__atomic_load_n(&current->attention, __ATOMIC_ACQUIRE) == 0 && !virq_is_pending(current)) {
        arch_cpu_wait();
    }
    return current;
}

/*
 * A scheduled vCPU shares its CPU: its deepest state is standby, which PSCI allows (5.4.2: a
 * wake-up that is already pending). A pinned one waits and starts again like after CPU_ON.
 */
struct vcpu *power_cpu_suspend(struct vcpu *current, uint64_t entry, uint64_t context)
{
    struct vcpu_locked locked;

    if (current->scheduled) {
        current->ctx.x[0] = 0;
        return power_cpu_standby(current);
    }
    power_cpu_standby(current);
    power_detach(current);
    chain_break(current);
    locked = vcpu_lock(current);
    power_vcpu_reset(current, entry, context);
    vcpu_unlock(locked);
    return current;
}
