/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_RXTX_MAP, FFA_RXTX_UNMAP, FFA_RX_RELEASE. Source: DEN0077A 7.2, 13.5-13.7.
 */
#include "bh/abi/ffa_call.h"
#include "bh/base/cold.h"
#include "bh/svc/nwd_box.h"
#include "bh/svc/spmc_below.h"

#include "ffa_rxtx_local.h"

#define FFA_RXTX_PAGES_MASK UINT64_C(0x3f) /* w3[5:0]; the rest should be zero and is ignored */

BH_COLD struct vcpu *ffa_rxtx_map(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    struct vm *vm = current->vm;
    struct mailbox_request request = {
        .tx = ipa_init(x[1]),
        .rx = ipa_init(x[2]),
        .pages = (uint32_t)(x[3] & FFA_RXTX_PAGES_MASK),
    };
    struct vm_locked locked;
    enum status status;

    /* All zero: buffers of a VM, which a descriptor in TX names. */
    if (role_vm_is_world(vm->config) && (x[1] | x[2] | x[3]) == 0) {
        return ffa_world_rxtx_map(current);
    }
    locked = vm_lock(vm);
    status = mailbox_map(&vm->mailbox, &vm->stage2, vm->config->index, &request);
    if (role_vm_is_world(vm->config)) {
        status = nwd_box_status(&request, status);
    }
    if (status == STATUS_OK) {
        spmc_box_map(locked);
    }
    vm_unlock(locked);
    return ffa_return_status(current, status);
}

BH_COLD struct vcpu *ffa_rxtx_unmap(struct vcpu *current)
{
    uint64_t id = current->ctx.x[1];
    struct vm *vm = current->vm;
    struct vm_locked locked;
    enum status status;

    if (ffa_world_speaks_of_vm(current, id)) {
        return ffa_world_rxtx_unmap(current);
    }
    if (id != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    locked = vm_lock(vm);
    spmc_box_unmap(locked);
    status = mailbox_try_unmap(&vm->mailbox, vm->config->index);
    vm_unlock(locked);
    return ffa_return_status(current, status);
}

struct vcpu *ffa_rx_release(struct vcpu *current)
{
    struct vm *vm = current->vm;
    struct vm_locked locked;
    enum status status;

    if (ffa_world_speaks_of_vm(current, current->ctx.x[1])) {
        return ffa_world_rx_release(current);
    }
    locked = vm_lock(vm);
    status = mailbox_try_rx_release(&vm->mailbox);
    if (vm->mailbox.is_below) {
        status = spmc_box_release(locked);
    }
    vm_unlock(locked);
    return ffa_return_status(current, status);
}
