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

static void target_set(struct vcpu *vcpu, uint32_t target)
{
    __atomic_store_n(&vcpu->spmc_target, target, __ATOMIC_SEQ_CST);
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

/* current's first `count` registers go down; the result comes back into as many as it has. */
static void enter(struct vcpu *current, uint32_t target, uint32_t count)
{
    struct arch_smc_regs regs = {.x = {0}};
    uint64_t *x = current->ctx.x;
    uint32_t results = SPMC_SHORT_REGS;

    for (uint32_t i = 0; i < count; i++) {
        regs.x[i] = x[i];
    }
    target_set(current, target);
    arch_smc(&regs);
    target_set(current, target_after(&regs, target));
    result_check(current, &regs, target);
    if ((uint32_t)regs.x[0] == FFA_MSG_SEND_DIRECT_RESP2_64) {
        results = SPMC_REGS;
    }
    for (uint32_t i = 0; i < results; i++) {
        x[i] = regs.x[i];
    }
}

void spmc_request(struct vcpu *current, const struct spmc_partition *partition, uint32_t regs)
{
    enter(current, target_here(partition), regs);
}

/* Another vCPU waits for this context. current has named it already: of two that name it at the
 * same time, both see the other. */
static bool is_somebody_elses(const struct vcpu *current, uint32_t target)
{
    for (uint32_t i = 0; i < vm_count(); i++) {
        const struct vm *vm = vm_get_index(i);

        for (uint32_t n = 0; n < vm->config->vcpu_count; n++) {
            const struct vcpu *vcpu = &vm->vcpu[n];

            if (vcpu != current &&
                __atomic_load_n(&vcpu->spmc_target, __ATOMIC_SEQ_CST) == target) {
                return true;
            }
        }
    }
    return false;
}

enum status spmc_run(struct vcpu *current, const struct spmc_partition *partition, uint32_t target)
{
    uint32_t own = current->spmc_target; /* only its own CPU writes it */

    if ((target & 0xffff) >= partition->contexts) {
        return STATUS_INVALID;
    }
    if (own != target) {
        /* One thing at a time: its own request first. */
        if (own != 0 || current->scheduled) {
            return STATUS_DENIED;
        }
        target_set(current, target);
        if (is_somebody_elses(current, target)) {
            target_set(current, 0);
            return STATUS_DENIED;
        }
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
