/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/notify.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/base/cold.h"
#include "bh/obj/cpu.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/nwd_vm.h"
#include "bh/svc/run.h"
#include "bh/svc/spmc_below.h"
#include "bh/svc/virq_sync.h"
#include "chain_local.h"
#include "vmapi/ffa.h"

/* Interrupts of partitions that know no GIC have established numbers; with a GIC they are SGIs that
 * Linux has no use for (its own are 0 to 7). */
#define NPI_PARAVIRT 5u
#define NPI_GIC      9u

static bool has_notifications(const struct vm *vm)
{
    return __atomic_load_n(&vm->ffa_version, __ATOMIC_RELAXED) >= FFA_VERSION_1_1;
}

uint32_t notify_npi(const struct vm *vm)
{
    /* What runs at EL0 takes no interrupts. */
    if (!has_notifications(vm) || vm->config->level == VM_EL0) {
        return 0;
    }
    return vm->config->irq_model == VM_IRQ_PARAVIRT ? NPI_PARAVIRT : NPI_GIC;
}

uint32_t notify_sri(const struct vm *vm)
{
    return vm->is_scheduler && has_notifications(vm) ? NOTIFY_SRI : 0;
}

/* It hears of notifications by the interrupt. */
static bool is_interrupted(const struct vcpu *vcpu)
{
    uint32_t npi = notify_npi(vcpu->vm);

    return npi != 0 &&
           (__atomic_load_n(&vcpu->virq.bank.enabled, __ATOMIC_RELAXED) >> npi & 1) != 0;
}

static enum vcpu_state state_of(const struct vcpu *vcpu)
{
    return __atomic_load_n(&vcpu->state, __ATOMIC_ACQUIRE);
}

static bool is_on(const struct vcpu *vcpu)
{
    return state_of(vcpu) != VCPU_OFF && state_of(vcpu) != VCPU_ABORTED;
}

/*
 * Makes an interrupt pending. One that is so already and not enabled costs a synchronisation of
 * list registers for nothing: spared where nobody else can enable it meanwhile.
 */
static void pend(struct vcpu *vcpu, uint32_t intid)
{
    const struct virq_bank *bank = &vcpu->virq.bank;
    uint32_t asleep = __atomic_load_n(&bank->latch, __ATOMIC_RELAXED) &
                      ~__atomic_load_n(&bank->enabled, __ATOMIC_RELAXED);

    if (vcpu != arch_cpu_self()->home || (asleep >> intid & 1) == 0) {
        virq_inject(vcpu, intid);
    }
}

static struct vcpu *first_on(struct vm *vm)
{
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        if (is_on(&vm->vcpu[i])) {
            return &vm->vcpu[i];
        }
    }
    return &vm->vcpu[0];
}

/* The vCPU that owns this CPU, if it may: nothing is sent to another CPU then. */
static void raise_sri(struct vm *scheduler)
{
    struct vcpu *home = arch_cpu_self()->home;
    bool is_here = home != NULL && home->vm == scheduler && is_on(home);

    if (role_is_secure()) {
        nwd_sri(false);
    } else if (notify_sri(scheduler) != 0) {
        pend(is_here ? home : first_on(scheduler), NOTIFY_SRI);
    }
}

/* Its bit in the list of whoever schedules it. True: it is new there. */
static bool list_update(struct vm *receiver)
{
    uint64_t bit = UINT64_C(1) << receiver->config->index;
    uint64_t *listed =
        receiver->scheduler != NULL ? &receiver->scheduler->listed : &receiver->listed;
    bool is_listed = (__atomic_load_n(listed, __ATOMIC_RELAXED) & bit) != 0;
    bool is_wanted = receiver->notif.any_unreported != 0;

    if (is_wanted == is_listed) {
        return false;
    }
    if (is_wanted) {
        (void)__atomic_fetch_or(listed, bit, __ATOMIC_RELAXED);
    } else {
        (void)__atomic_fetch_and(listed, ~bit, __ATOMIC_RELAXED);
    }
    return is_wanted;
}

/* v1.0: an unread message in RX is what vcpu's call returns. */
static bool message_put(struct vm *vm, struct vcpu *vcpu)
{
    struct mailbox *mailbox = &vm->mailbox;
    uint64_t sender = mailbox->sender;

    if (mailbox->rx_state != MAILBOX_RX_MESSAGE) {
        return false;
    }
    mailbox_rx_read(mailbox);
    chain_registers_set(vcpu, FFA_MSG_SEND_32, sender << 16 | vm->config->id, 0, mailbox->size);
    return true;
}

bool notify_try_message(struct vm_locked vm, struct vcpu *vcpu)
{
    bool is_message;

    if (has_notifications(vm.vm)) {
        return false;
    }
    is_message = message_put(vm.vm, vcpu);
    /* What it was listed for, it knows now. */
    (void)notif_take(&vm.vm->notif, vcpu->index, UINT32_C(1) << NOTIF_FROM_HYPERVISOR);
    (void)list_update(vm.vm);
    return is_message;
}

/*
 * vcpu waits in FFA_MSG_WAIT, and there is something to tell it: the wait ends, in the new state.
 * Its lock is held, too. The scheduler of a scheduled one is still to be told.
 */
static bool end_wait(struct vm_locked vm, struct vcpu *vcpu, enum vcpu_state state)
{
    if (has_notifications(vm.vm)) {
        chain_registers_set(vcpu, FFA_RUN_32, vcpu->info, 0, 0);
    } else if (!message_put(vm.vm, vcpu)) {
        return false;
    }
    if (!vcpu->scheduled) {
        notif_report(&vm.vm->notif, NOTIF_GLOBAL | NOTIF_VCPU(vcpu->index));
        (void)list_update(vm.vm);
    }
    vcpu_state_set((struct vcpu_locked){vcpu}, state);
    return true;
}

/* A vCPU that needs no scheduler to be told: it gets the NPI, or its wait ends. */
static void tell(struct vm_locked vm, struct vcpu *vcpu)
{
    uint32_t npi = notify_npi(vm.vm);
    struct vcpu_locked locked;
    bool is_woken;

    if (npi != 0) {
        pend(vcpu, npi);
    }
    locked = vcpu_lock(vcpu);
    is_woken =
        vcpu->state == VCPU_WAITING && !virq_is_pending(vcpu) && end_wait(vm, vcpu, VCPU_READY);
    vcpu_unlock(locked);
    if (is_woken) {
        run_wake(vcpu);
    }
}

/* Who is to look at global notifications: one that waits for work, else any that is on. */
static struct vcpu *global_target(struct vm *vm)
{
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        if (state_of(&vm->vcpu[i]) == VCPU_WAITING) {
            return &vm->vcpu[i];
        }
    }
    return first_on(vm);
}

static __attribute__((noinline)) void tell_pinned(struct vm_locked receiver, uint32_t targets,
                                                  bool is_new)
{
    struct vm *vm = receiver.vm;
    struct vcpu *global = global_target(vm);

    if ((targets & NOTIF_GLOBAL) != 0) {
        tell(receiver, global);
    }
    for (targets &= ~NOTIF_GLOBAL; targets != 0; targets &= targets - 1) {
        tell(receiver, &vm->vcpu[__builtin_ctz(targets)]);
    }
    /* A scheduler may do without the NPI: it finds itself in its own list. */
    if (is_new && !is_interrupted(global)) {
        raise_sri(vm);
    }
}

/* Those that have a CPU now. All others get the NPI when they are given one (notify_enter). */
static void tell_running(struct vm *vm, uint32_t targets, uint32_t npi)
{
    /* Either its CPU is seen here, or run_enter_cpu sees what is pending. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < vm->config->vcpu_count && targets != 0; i++) {
        struct vcpu *vcpu = &vm->vcpu[i];

        if ((targets & (NOTIF_GLOBAL | NOTIF_VCPU(i))) != 0 &&
            __atomic_load_n(&vcpu->cpu, __ATOMIC_RELAXED) != NULL) {
            virq_inject(vcpu, npi);
            targets &= ~(NOTIF_GLOBAL | NOTIF_VCPU(i));
        }
    }
}

void notify_receiver(struct vm_locked receiver, uint32_t targets)
{
    struct vm *vm = receiver.vm;
    uint32_t npi = notify_npi(vm);
    bool is_new = list_update(vm);

    if (role_is_secure() && role_vm_is_world(vm->config)) {
        nwd_sri(false);
        return;
    }
    if (vm->scheduler == NULL) {
        tell_pinned(receiver, targets, is_new);
        return;
    }
    if (npi != 0) {
        tell_running(vm, targets, npi);
    } else if (!has_notifications(vm)) {
        tell(receiver, global_target(vm));
    }
    if (is_new) {
        raise_sri(vm->scheduler);
    }
}

void notify_retrieved(struct vm_locked receiver)
{
    (void)list_update(receiver.vm);
}

struct vcpu *notify_next(struct vcpu *current)
{
    return irq_route_prefer_home(arch_cpu_self(), current);
}

/* Whoever notified before the state was WAITING left it to this. The NPI comes in any case. */
static struct vcpu *wait_check(struct vcpu *current, struct vcpu *next)
{
    struct vm_locked vm = vm_lock(current->vm);
    struct vcpu_locked locked = vcpu_lock(current);
    uint32_t own = NOTIF_GLOBAL | NOTIF_VCPU(current->index);
    bool is_scheduled = current->scheduled;
    bool is_for_core =
        (!is_scheduled && !is_interrupted(current)) || !has_notifications(current->vm);

    if (is_for_core && current->state == VCPU_WAITING &&
        (notif_unreported(&current->vm->notif) & own) != 0 &&
        end_wait(vm, current, is_scheduled ? VCPU_READY : VCPU_RUNNING) && !is_scheduled) {
        next = current;
    }
    vcpu_unlock(locked);
    vm_unlock(vm);
    return next;
}

struct vcpu *notify_wait(struct vcpu *current, struct vcpu *next)
{
    return notif_is_waiting(&current->vm->notif, current->index) ? wait_check(current, next) : next;
}

BH_COLD void notify_reset(struct vm_locked vm)
{
    notif_reset(&vm.vm->notif);
    (void)list_update(vm.vm);
}

BH_COLD void notify_scheduler(struct vm *vm)
{
    raise_sri(vm);
}

BH_COLD void notify_restart(struct vm *vm)
{
    if (__atomic_load_n(&vm->listed, __ATOMIC_RELAXED) != 0 || spmc_listed(vm) != 0) {
        raise_sri(vm);
    }
}

void notify_enter_pending(struct vcpu *vcpu)
{
    uint32_t npi = notify_npi(vcpu->vm);

    /* It is not loaded: what is pending is in the model. */
    if (npi != 0 && (vcpu->virq.bank.latch >> npi & 1) == 0) {
        virq_latch_private(vcpu, npi);
    }
}
