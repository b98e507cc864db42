/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CPU cycles: FFA_RUN, FFA_YIELD, FFA_MSG_WAIT. svc/chain.h has the states and writes the results.
 * Source: DEN0077A chapter 8, 14.1-14.4.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/ffa_forward.h"
#include "bh/arch/arch_cpu.h"
#include "bh/obj/cpu.h"
#include "bh/svc/chain.h"
#include "bh/svc/notify.h"
#include "bh/svc/spmc_below.h"

#include <stddef.h>

static struct vcpu *ffa_return_chain(struct vcpu *current, struct chain_result result)
{
    if (result.status != STATUS_OK) {
        return ffa_return_status(current, result.status);
    }
    return result.next;
}

/* An SP with several contexts has one for each CPU. */
static bool run_may_be_here(const struct vm *vm, uint16_t index)
{
    return !role_is_secure() || vm->config->vcpu_count == 1 || index == arch_cpu_self()->index;
}

struct vcpu *ffa_run(struct vcpu *current)
{
    uint64_t target_info = current->ctx.x[1];
    struct vm *vm = vm_find(ffa_word_high(target_info));
    uint16_t index = ffa_word_low(target_info);

    if (!role_id_is_ours(ffa_word_high(target_info))) {
        return ffa_forward_run(current);
    }
    if (vm == NULL || vm == current->vm || index >= vm->config->vcpu_count ||
        !run_may_be_here(vm, index)) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    return ffa_return_chain(current, chain_run(current, vm_get_vcpu(vm, index)));
}

/* The time-out in nanoseconds is a hint for whoever gets the CPU. */
struct vcpu *ffa_yield(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;

    return ffa_return_chain(current, chain_yield(current, x[2] | x[3] << 32));
}

/* v1.0: a message that has come meanwhile is the result. */
static bool ffa_msg_wait_has_message(struct vcpu *current)
{
    struct vm_locked locked;
    bool is_message;

    if (!notif_is_waiting(&current->vm->notif, current->index)) {
        return false;
    }
    locked = vm_lock(current->vm);
    is_message = notify_try_message(locked, current);
    vm_unlock(locked);
    if (is_message) {
        current->model = vcpu_model_unasked(current);
    }
    return is_message;
}

static void ffa_msg_wait_release(struct vm *vm)
{
    struct vm_locked locked;

    /* FULL only becomes something else by the partition's own doing. */
    if (__atomic_load_n(&vm->mailbox.rx_state, __ATOMIC_RELAXED) != MAILBOX_RX_FULL) {
        return;
    }
    locked = vm_lock(vm);
    if (vm->mailbox.is_below && vm->mailbox.rx_state == MAILBOX_RX_FULL) {
        (void)spmc_box_release(locked);
    }
    mailbox_rx_release_read(&vm->mailbox);
    vm_unlock(locked);
}

/*
 * RX goes back to the core, unless the caller (v1.2) wants to keep it, or a message lies in it that
 * the caller has not been told of. That happens first: once it waits, the caller may run elsewhere.
 */
struct vcpu *ffa_msg_wait(struct vcpu *current)
{
    struct vm *vm = current->vm;
    uint32_t version = ffa_version_of(vm);
    uint64_t flags = current->ctx.x[2];
    uint64_t known = version >= FFA_VERSION_1_2 ? FFA_MSG_WAIT_RETAIN_RX : 0;
    struct chain_result result;

    if ((flags & ~known) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    if (!role_model_allows(current->model, ROLE_CALL_WAIT, &vm->ffa_version)) {
        return ffa_return_error(current, FFA_DENIED);
    }
    current->initialised = true;
    if (ffa_msg_wait_has_message(current)) {
        return current;
    }
    if (flags == 0) {
        ffa_msg_wait_release(vm);
    }
    result = chain_wait(current);
    return result.status == STATUS_OK ? notify_wait(current, result.next)
                                      : ffa_return_status(current, result.status);
}
