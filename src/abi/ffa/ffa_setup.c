/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_VERSION, FFA_FEATURES, FFA_ID_GET, FFA_SPM_ID_GET. Source: DEN0077A 13.2-13.4, 13.9.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/smccc.h"
#include "bh/base/cold.h"
#include "bh/svc/notify.h"
#include "vmapi/bh.h"

#include <stddef.h>

/* Same major version, and not newer than ours. */
static bool ffa_version_is_compatible(uint32_t version)
{
    return version >= FFA_VERSION_1_0 && version <= FFA_VERSION_OWN;
}

static BH_COLD bool ffa_version_negotiate(struct vm *vm, uint32_t version)
{
    struct vm_locked locked = vm_lock(vm);
    bool is_set = !vm->ffa_version_locked;

    if (is_set) {
        __atomic_store_n(&vm->ffa_version, version, __ATOMIC_RELAXED);
    }
    vm_unlock(locked);
    return is_set;
}

/* Until the version is locked an endpoint may change it; afterwards only repeat it. */
static bool ffa_version_try_set(struct vm *vm, uint32_t version)
{
    if (!ffa_version_is_compatible(version)) {
        return false;
    }
    /* A partition that is no endpoint learns the version and nothing more. */
    if (ffa_version_of(vm) == version || vm->config->ffa_version == 0) {
        return true;
    }
    return ffa_version_negotiate(vm, version);
}

/* The one function whose error stands in w0. */
struct vcpu *ffa_version(struct vcpu *current)
{
    uint32_t version = (uint32_t)current->ctx.x[1];
    bool is_set = ffa_version_try_set(current->vm, version);

    ffa_return_success(current, 0, 0);
    current->ctx.x[0] = is_set ? FFA_VERSION_OWN : (uint32_t)FFA_NOT_SUPPORTED;
    return current;
}

/* Interrupt behind a feature id, 0: the caller has no such feature. */
static uint32_t ffa_feature_intid(const struct vm *vm, uint32_t id)
{
    switch (id) {
    case FFA_FEATURE_ID_NPI: /* EL0 takes no interrupts, and the other world none of ours */
        return vm->config->level == VM_EL0 || role_vm_is_world(vm->config) ? 0 : notify_npi(vm);
    case FFA_FEATURE_ID_SRI:
        return notify_sri(vm);
    case FFA_FEATURE_ID_MEI:
        return role_is_secure() && vm->config->level == VM_EL1 && !role_vm_is_world(vm->config)
                   ? BH_INTID_MANAGED_EXIT
                   : 0;
    default:
        return 0;
    }
}

/* What the normal world only sees in x0 of results is there for it, like FFA_SUCCESS. */
static const struct ffa_row *ffa_result_find(const struct vm *vm, uint32_t fid)
{
    const struct ffa_row *row = ffa_row_find_as(vm, ROLE_CALLER_SP, fid);
    bool is_result =
        row != NULL && (row->handler == ffa_msg_wait || row->handler == ffa_msg_send_direct_resp ||
                        row->handler == ffa_msg_send_direct_resp2);

    return is_result ? row : NULL;
}

BH_COLD struct vcpu *ffa_features(struct vcpu *current)
{
    uint32_t query = (uint32_t)current->ctx.x[1];
    struct vm *vm = current->vm;

    if ((query & FFA_FEATURES_FUNCTION) != 0) {
        const struct ffa_row *row = ffa_row_find(vm, query);

        if (row == NULL && role_vm_is_world(vm->config)) {
            row = ffa_result_find(vm, query);
        }
        if (row != NULL && (row->handler != ffa_secondary_ep_register ||
                            vm->config->vcpu_count > 1)) { /* one context has no others */
            return ffa_return_success(current, ffa_row_features(row, ffa_version_of(vm)), 0);
        }
    } else if (current->ctx.x[2] == 0) {
        uint32_t intid = ffa_feature_intid(vm, query);

        if (intid != 0) {
            return ffa_return_success(current, intid, 0);
        }
    }
    return ffa_return_error(current, FFA_NOT_SUPPORTED);
}

struct vcpu *ffa_id_get(struct vcpu *current)
{
    return ffa_return_success(current, current->vm->config->id, 0);
}

struct vcpu *ffa_spm_id_get(struct vcpu *current)
{
    return ffa_return_success(current, role_spm_id(), 0);
}
