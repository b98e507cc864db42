/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What VMs ask of secure partitions: checked here as far as the VM's side goes (is it itself, may
 * it send this), then the SPMC's affair. Source: DEN0077A 15.2, 15.4, 14.1, 16.2-16.5.
 */
#include "bh/abi/ffa_forward.h"
#include "bh/abi/ffa_call.h"
#include "bh/arch/arch_cpu.h"
#include "bh/svc/spmc_below.h"

#include <stddef.h>

#define FORWARD_REGS_DIRECT  8u
#define FORWARD_REGS_DIRECT2 18u
#define FORWARD_SOURCES      (FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM)

/* One kind of request: what sender and receiver must be able to, and how much it carries. */
struct forward_kind {
    uint32_t sends, receives, regs, since;
};

static const struct forward_kind forward_direct = {
    FFA_PROPERTY_SENDS_DIRECT, FFA_PROPERTY_RECEIVES_DIRECT, FORWARD_REGS_DIRECT, FFA_VERSION_1_0};
static const struct forward_kind forward_direct2 = {FFA_PROPERTY_SENDS_DIRECT2,
                                                    FFA_PROPERTY_RECEIVES_DIRECT2,
                                                    FORWARD_REGS_DIRECT2, FFA_VERSION_1_2};

/* Whom calls may go to. Those that an SPMC lists are EL3's, which only ask. */
static const struct spmc_partition *forward_find(uint16_t id)
{
    return role_is_secure() ? NULL : spmc_find(id);
}

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
    const struct spmc_partition *partition = forward_find(ffa_word_low(current->ctx.x[1]));
    const struct forward_kind *kind =
        current->ctx.x[0] == FFA_MSG_SEND_DIRECT_REQ2_64 ? &forward_direct2 : &forward_direct;
    int32_t code = forward_check(current, partition, kind);
    enum status status;

    if (code != FFA_OK) {
        return ffa_return_error(current, code);
    }
    status = spmc_request(current, partition, kind->regs);
    return status == STATUS_OK ? current : ffa_return_status(current, status);
}

struct vcpu *ffa_forward_run(struct vcpu *current)
{
    uint32_t target = (uint32_t)current->ctx.x[1];
    const struct spmc_partition *partition = forward_find(ffa_word_high(target));
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

/* The VM is `own` in w1, a partition of the SPMC the other, and some bit is meant. */
static bool forward_notification_is_possible(const struct vcpu *current, uint16_t own,
                                             uint16_t other)
{
    const uint64_t *x = current->ctx.x;

    return own == current->vm->config->id && forward_find(other) != NULL && (x[3] | x[4]) != 0;
}

/* The SPMC looks at the flags. */
static struct vcpu *forward_notification(struct vcpu *current, bool is_possible)
{
    uint64_t *x = current->ctx.x;
    struct arch_smc_regs regs = {.x = {x[0], x[1], x[2], x[3], x[4]}};

    if (!is_possible) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    spmc_call(&regs);
    if ((uint32_t)regs.x[0] != FFA_SUCCESS_32) {
        bool is_error = (uint32_t)regs.x[0] == FFA_ERROR_32;

        return ffa_return_error(current, is_error ? (int32_t)(uint32_t)regs.x[2] : FFA_DENIED);
    }
    return ffa_return_success(current, 0, 0);
}

struct vcpu *ffa_forward_binding(struct vcpu *current)
{
    uint64_t ids = current->ctx.x[1];

    return forward_notification(
        current, forward_notification_is_possible(current, ffa_word_low(ids), ffa_word_high(ids)));
}

struct vcpu *ffa_forward_set(struct vcpu *current)
{
    uint64_t ids = current->ctx.x[1];

    return forward_notification(
        current, forward_notification_is_possible(current, ffa_word_high(ids), ffa_word_low(ids)));
}

/* Of the SPMC: w6 of FFA_NOTIFICATION_GET. */
static void forward_framework(struct vcpu *current, uint32_t bits)
{
    struct vm_locked locked;

    current->ctx.x[6] = bits;
    if ((bits & FFA_NOTIFICATION_RX_FULL) != 0) {
        locked = vm_lock(current->vm);
        spmc_box_told(locked);
        vm_unlock(locked);
    }
}

void ffa_forward_get(struct vcpu *current, uint16_t vcpu, uint32_t sources)
{
    struct arch_smc_regs regs = {.x = {FFA_NOTIFICATION_GET_32,
                                       (uint64_t)vcpu << 16 | current->vm->config->id,
                                       sources & FORWARD_SOURCES}};

    if (config_get()->spmc_id == 0 || !current->vm->config->notifications) {
        return;
    }
    spmc_call(&regs);
    if ((uint32_t)regs.x[0] == FFA_SUCCESS_32) {
        current->ctx.x[2] = (uint32_t)regs.x[2];
        current->ctx.x[3] = (uint32_t)regs.x[3];
    }
    if ((uint32_t)regs.x[0] == FFA_SUCCESS_32 && (sources & FFA_NOTIFICATION_GET_SPM) != 0) {
        forward_framework(current, (uint32_t)regs.x[6]);
    }
}

struct vcpu *ffa_forward_message(struct vcpu *current)
{
    int32_t code = FFA_DENIED;

    if ((current->vm->messaging & FFA_PROPERTY_INDIRECT) != 0) {
        code = spmc_box_send(current->vm);
    }
    return code == FFA_OK ? ffa_return_success(current, 0, 0) : ffa_return_error(current, code);
}
