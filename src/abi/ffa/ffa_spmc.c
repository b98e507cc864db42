/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that only SPs make: about their own start. Source: DEN0077A 5.4 (initialisation), 14.6
 * (FFA_SECONDARY_EP_REGISTER), 12.1 (FFA_ERROR).
 */
#include "bh/abi/ffa_call.h"
#include "bh/svc/power.h"

static bool is_starting(const struct vcpu *current)
{
    return role_is_secure() && current->model == VCPU_MODEL_INIT;
}

/* Where contexts of other CPUs start. One context has no others. */
struct vcpu *ffa_secondary_ep_register(struct vcpu *current)
{
    uint64_t entry = current->ctx.x[1];
    struct vm *vm = current->vm;
    struct vm_locked locked;

    if (vm->config->vcpu_count == 1) {
        return ffa_return_error(current, FFA_NOT_SUPPORTED);
    }
    if (!is_starting(current)) {
        return ffa_return_error(current, FFA_DENIED);
    }
    if (!power_entry_is_valid(vm, entry)) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    locked = vm_lock(vm);
    vm->secondary_entry = entry;
    vm_unlock(locked);
    return ffa_return_success(current, 0, 0);
}

/* The SP says that it can't start; at any other time, and from anybody else, this is a result. */
struct vcpu *ffa_error(struct vcpu *current)
{
    if (!is_starting(current)) {
        return ffa_return_error(current, FFA_NOT_SUPPORTED);
    }
    return power_abort(current, "it can't start");
}
