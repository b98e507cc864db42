/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What VMs ask of secure partitions: checked here as far as the VM's side goes (is it itself, may
 * it send this), then the SPMC's affair. Source: DEN0077A 15.2, 15.4, 14.1.
 */
#include "bh/abi/ffa_forward.h"
#include "bh/abi/ffa_call.h"
#include "bh/svc/spmc_below.h"

#include <stddef.h>

#define FORWARD_REGS_DIRECT  8u
#define FORWARD_REGS_DIRECT2 18u

/* One kind of request: what sender and receiver must be able to, and how much it carries. */
struct forward_kind {
    uint32_t sends, receives, regs, since;
};

static const struct forward_kind forward_direct = {
    FFA_PROPERTY_SENDS_DIRECT, FFA_PROPERTY_RECEIVES_DIRECT, FORWARD_REGS_DIRECT, FFA_VERSION_1_0};
static const struct forward_kind forward_direct2 = {FFA_PROPERTY_SENDS_DIRECT2,
                                                    FFA_PROPERTY_RECEIVES_DIRECT2,
                                                    FORWARD_REGS_DIRECT2, FFA_VERSION_1_2};

static int32_t forward_check(const struct vcpu *current, const struct spmc_partition *partition,
                             const struct forward_kind *kind)
{
    if (partition == NULL) {
        return FFA_INVALID_PARAMETERS;
    }
    if (config_get()->spmc_version < kind->since) {
        return FFA_NOT_SUPPORTED;
    }
    if ((current->vm->messaging & kind->sends) == 0 ||
        (spmc_properties(partition->id) & kind->receives) == 0 ||
        !role_model_allows(current->model, ROLE_CALL_REQUEST, &current->vm->ffa_version) ||
        current->spmc_target != 0) {
        return FFA_DENIED;
    }
    return FFA_OK;
}

struct vcpu *ffa_forward_request(struct vcpu *current)
{
    const struct spmc_partition *partition = spmc_find(ffa_word_low(current->ctx.x[1]));
    const struct forward_kind *kind =
        current->ctx.x[0] == FFA_MSG_SEND_DIRECT_REQ2_64 ? &forward_direct2 : &forward_direct;
    int32_t code = forward_check(current, partition, kind);

    if (code != FFA_OK) {
        return ffa_return_error(current, code);
    }
    spmc_request(current, partition, kind->regs);
    return current;
}

struct vcpu *ffa_forward_run(struct vcpu *current)
{
    uint32_t target = (uint32_t)current->ctx.x[1];
    const struct spmc_partition *partition = spmc_find(ffa_word_high(target));
    enum status status;

    if (partition == NULL) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    if (!role_model_allows(current->model, ROLE_CALL_RUN, &current->vm->ffa_version)) {
        return ffa_return_error(current, FFA_DENIED);
    }
    status = spmc_run(current, partition, target);
    return status == STATUS_OK ? current : ffa_return_status(current, status);
}
