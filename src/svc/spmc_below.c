/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls of VMs into the secure world. While a context there works for a vCPU, vcpu->spmc_target
 * names it: nobody else may run it on, and so get an answer that is not his.
 */
#include "bh/svc/spmc_below.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/base/log.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vm.h"
#include "vmapi/ffa.h"

#define SPMC_REGS       18u /* x0 to x17 */
#define SPMC_SHORT_REGS 8u

/*
 * Whose the contexts are: vcpu->info, or 0. One that works for a vCPU, or is about to, has a
 * waiter, and that vCPU names it in spmc_target. Shared, atomic. Contexts beyond the CPUs share
 * places: none of them can be given time here.
 */
static uint32_t spmc_waiters[SPMC_MAX_ENTRIES][BH_MAX_CPUS];

static uint32_t *waiter_of(const struct spmc_partition *partition, uint32_t target)
{
    return &spmc_waiters[partition - spmc_get(0)][(target & 0xffff) % BH_MAX_CPUS];
}

/* False: another vCPU waits for this context. */
static bool try_claim(struct vcpu *current, const struct spmc_partition *partition, uint32_t target)
{
    uint32_t nobody = 0;

    if (!__atomic_compare_exchange_n(waiter_of(partition, target), &nobody, current->info, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        return false;
    }
    current->spmc_target = target;
    return true;
}

void spmc_forget(struct vcpu *vcpu)
{
    uint32_t target = vcpu->spmc_target, self = vcpu->info;
    const struct spmc_partition *partition = target == 0 ? NULL : spmc_find(target >> 16);

    vcpu->spmc_target = 0;
    if (partition != NULL) {
        (void)__atomic_compare_exchange_n(waiter_of(partition, target), &self, 0, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
}

/* Where a request of this CPU goes: a partition with several contexts has one per CPU. */
static uint32_t target_here(const struct spmc_partition *partition)
{
    uint32_t context = partition->contexts > 1 ? arch_cpu_self()->index : 0;

    return (uint32_t)partition->id << 16 | context;
}

static bool is_response(uint32_t fid)
{
    return fid == FFA_MSG_SEND_DIRECT_RESP_32 || fid == FFA_MSG_SEND_DIRECT_RESP_64 ||
           fid == FFA_MSG_SEND_DIRECT_RESP2_64;
}

static void result_set(struct arch_smc_regs *regs, uint64_t fid, uint64_t x1, uint64_t x2)
{
    *regs = (struct arch_smc_regs){.x = {fid, x1, x2}};
}

/*
 * What the VM is told. An answer to somebody else is no result for this one: who asked is gone, and
 * the partition waits again.
 */
static void result_check(const struct vcpu *current, struct arch_smc_regs *regs, uint32_t target)
{
    uint32_t fid = (uint32_t)regs->x[0];

    if (fid == UINT32_MAX) { /* no such function: SMCCC's way to say it */
        result_set(regs, FFA_ERROR_32, 0, (uint32_t)FFA_NOT_SUPPORTED);
    } else if (is_response(fid) && (uint16_t)regs->x[1] != current->vm->config->id) {
        result_set(regs, FFA_MSG_WAIT_32, target, 0);
    }
}

/* Its waiter has the result: another context to run on, or none. */
static void waiter_settle(struct vcpu *current, uint32_t target)
{
    const struct spmc_partition *partition;

    if (target == current->spmc_target) {
        return;
    }
    spmc_forget(current);
    partition = target == 0 ? NULL : spmc_find(target >> 16);
    if (partition != NULL && !try_claim(current, partition, target)) {
        current->spmc_target = target; /* the SPMC has told it to, whoever else it has told */
    }
}

/* The partition is not done yet: FFA_INTERRUPT and FFA_YIELD name the context to run on. */
static uint32_t target_after(const struct arch_smc_regs *regs, uint32_t target)
{
    switch ((uint32_t)regs->x[0]) {
    case FFA_INTERRUPT_32:
    case FFA_YIELD_32:
        return (uint32_t)regs->x[1] != 0 ? (uint32_t)regs->x[1] : target;
    default:
        return 0;
    }
}

/* current, which has claimed target: its first `count` registers go down; the result comes back
 * into as many as it has. */
static void enter(struct vcpu *current, uint32_t target, uint32_t count)
{
    struct arch_smc_regs regs = {.x = {0}};
    uint64_t *x = current->ctx.x;
    uint32_t results = SPMC_SHORT_REGS;

    for (uint32_t i = 0; i < count; i++) {
        regs.x[i] = x[i];
    }
    arch_smc(&regs);
    waiter_settle(current, target_after(&regs, target));
    result_check(current, &regs, target);
    if ((uint32_t)regs.x[0] == FFA_MSG_SEND_DIRECT_RESP2_64) {
        results = SPMC_REGS;
    }
    for (uint32_t i = 0; i < results; i++) {
        x[i] = regs.x[i];
    }
}

enum status spmc_request(struct vcpu *current, const struct spmc_partition *partition,
                         uint32_t regs)
{
    uint32_t target = target_here(partition);

    if (!try_claim(current, partition, target)) {
        return STATUS_BUSY;
    }
    enter(current, target, regs);
    return STATUS_OK;
}

enum status spmc_run(struct vcpu *current, const struct spmc_partition *partition, uint32_t target)
{
    uint32_t own = current->spmc_target; /* only its own CPU writes it */

    if ((target & 0xffff) >= partition->contexts) {
        return STATUS_INVALID;
    }
    /* One thing at a time: its own request first. */
    if (own != target &&
        (own != 0 || current->scheduled || !try_claim(current, partition, target))) {
        return STATUS_DENIED;
    }
    enter(current, target, SPMC_SHORT_REGS);
    return STATUS_OK;
}

void spmc_call(struct arch_smc_regs *regs)
{
    arch_smc(regs);
    if ((uint32_t)regs->x[0] == UINT32_MAX) {
        result_set(regs, FFA_ERROR_32, 0, (uint32_t)FFA_NOT_SUPPORTED);
    }
}

/* What is still pending keeps the bitmap alive: nobody wants it any more. */
static void notifications_forget(const struct vm *vm)
{
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        struct arch_smc_regs regs = {.x = {FFA_NOTIFICATION_GET_32,
                                           (uint64_t)i << 16 | vm->config->id,
                                           FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM}};

        spmc_call(&regs);
    }
}

void spmc_vm_start(const struct vm *vm)
{
    struct arch_smc_regs regs = {.x = {FFA_NOTIFICATION_BITMAP_DESTROY_32, vm->config->id}};

    if (config_get()->spmc_version < FFA_VERSION_1_1 || !vm->config->notifications) {
        return;
    }
    if (vm->was_started) {
        notifications_forget(vm);
        spmc_call(&regs);
    }
    result_set(&regs, FFA_NOTIFICATION_BITMAP_CREATE_32, vm->config->id, vm->config->vcpu_count);
    spmc_call(&regs);
    if ((uint32_t)regs.x[0] != FFA_SUCCESS_32) {
        log_warning("%s: the SPMC keeps no notifications for it: %d", vm->config->name,
                    (int)(int32_t)(uint32_t)regs.x[2]);
    }
}
