/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Direct messages. Here: what registers and immutable configs can tell; svc/chain.h has the states.
 * Source: DEN0077A 7.4, 15.1-15.6.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/ffa_forward.h"
#include "bh/base/cold.h"
#include "bh/svc/chain.h"
#include "bh/svc/notify.h"
#include "bh/svc/nwd.h"

#include <stddef.h>

/* Framework messages about VMs, and their answers: w2. DEN0077A 18.3. */
#define DIRECT_VM_CREATED       (FFA_FRAMEWORK_MESSAGE | 4)
#define DIRECT_VM_CREATED_ACK   (FFA_FRAMEWORK_MESSAGE | 5)
#define DIRECT_VM_DESTROYED     (FFA_FRAMEWORK_MESSAGE | 6)
#define DIRECT_VM_DESTROYED_ACK (FFA_FRAMEWORK_MESSAGE | 7)
#define POWER_RESPONSE          2u

static struct vcpu *direct_return(struct vcpu *current, struct chain_result result)
{
    return result.status == STATUS_OK ? result.next : ffa_return_status(current, result.status);
}

/* Sender is the caller and not the receiver. Ids and flags are 32-bit registers in the 64-bit form,
 * too: that is how the peer sees them. */
static bool direct_is_well_formed(struct vcpu *current)
{
    uint64_t *x = current->ctx.x;
    uint32_t ids = (uint32_t)x[1];
    uint16_t sender = ffa_word_high(ids);

    x[1] = ids;
    return (sender == ffa_word_high(current->info) ||
            role_speaks_for(current->vm->config, sender)) &&
           ffa_word_low(ids) != sender;
}

/* A partition message (w2[31] zero) with its reserved bits zero. */
static bool direct_is_partition_message(struct vcpu *current)
{
    uint64_t *x = current->ctx.x;

    x[2] = (uint32_t)x[2];
    return x[2] == 0;
}

/* The endpoint with this id. Nobody in another world gets requests from here: as if it did not
 * exist. */
static struct vm *direct_receiver_find(uint64_t ids)
{
    struct vm *vm = ffa_endpoint_find(ffa_word_low(ids));

    return vm != NULL && role_vm_is_world(vm->config) ? NULL : vm;
}

/* The one framework message that is not the partition manager's own: the normal world's hypervisor
 * tells an SP, which asked for it, of its VMs. receiver: what w1 names, or NULL. */
static BH_COLD struct vcpu *direct_tell_of_vm(struct vcpu *current, struct vm *receiver)
{
    bool is_created = current->ctx.x[2] == DIRECT_VM_CREATED;
    uint32_t wanted = is_created ? CONFIG_SP_VM_CREATED : CONFIG_SP_VM_DESTROYED;

    if ((!is_created && current->ctx.x[2] != DIRECT_VM_DESTROYED) ||
        !direct_is_well_formed(current) || receiver == NULL ||
        ffa_word_high(current->ctx.x[1]) != current->vm->config->id ||
        !role_may_tell_of_vms(current->vm->config, receiver->config) ||
        (receiver->config->sp_policy & wanted) == 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    return direct_return(
        current, chain_request(current, chain_target_vcpu(current, receiver),
                               is_created ? VCPU_REQUEST_VM_CREATED : VCPU_REQUEST_VM_DESTROYED));
}

struct vcpu *ffa_msg_send_direct_req(struct vcpu *current)
{
    struct vm *receiver = direct_receiver_find(current->ctx.x[1]);

    if (!direct_is_partition_message(current)) {
        return direct_tell_of_vm(current, receiver);
    }
    if (!direct_is_well_formed(current)) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    if (receiver == NULL) {
        return ffa_forward_request(current);
    }
    if ((current->vm->messaging & FFA_PROPERTY_SENDS_DIRECT) == 0 ||
        (receiver->messaging & FFA_PROPERTY_RECEIVES_DIRECT) == 0 ||
        !role_may_request(current->vm->config, receiver->config)) {
        return ffa_return_error(current, FFA_DENIED);
    }
    return direct_return(
        current, chain_request(current, chain_target_vcpu(current, receiver), VCPU_REQUEST_DIRECT));
}

struct vcpu *ffa_msg_send_direct_req2(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    struct vm *receiver = direct_receiver_find(x[1]);
    int64_t messaging;

    if (!direct_is_well_formed(current)) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    if (receiver == NULL) {
        return ffa_forward_request(current);
    }
    messaging = ffa_service_messaging(receiver, x[2], x[3]);
    if (messaging < 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    if ((current->vm->messaging & FFA_PROPERTY_SENDS_DIRECT2) == 0 ||
        (messaging & FFA_PROPERTY_RECEIVES_DIRECT2) == 0 ||
        ffa_version_of(receiver) < FFA_VERSION_1_2 ||
        !role_may_request(current->vm->config, receiver->config)) {
        return ffa_return_error(current, FFA_DENIED);
    }
    return direct_return(current, chain_request(current, chain_target_vcpu(current, receiver),
                                                VCPU_REQUEST_DIRECT2));
}

/* An endpoint with this id exists. Mostly it is the one that waits for the answer. */
static bool direct_is_known(const struct vcpu *current, uint16_t id)
{
    const struct vcpu *caller = __atomic_load_n(&current->caller, __ATOMIC_RELAXED);

    return (caller != NULL && current->asker == id) || ffa_endpoint_find(id) != NULL;
}

static struct vcpu *direct_respond(struct vcpu *current, enum vcpu_request request)
{
    uint16_t receiver = ffa_word_low(current->ctx.x[1]);
    struct chain_result result;

    if (!direct_is_well_formed(current) || !direct_is_known(current, receiver)) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    result = chain_respond(current, receiver, request);
    /* It waits now, as after FFA_MSG_WAIT. */
    return result.status == STATUS_OK ? notify_wait(current, result.next)
                                      : ffa_return_status(current, result.status);
}

/* Answers to what direct_tell_of_vm sent. */
static BH_COLD struct vcpu *direct_respond_of_vm(struct vcpu *current)
{
    switch (current->ctx.x[2]) {
    case DIRECT_VM_CREATED_ACK:
        return direct_respond(current, VCPU_REQUEST_VM_CREATED);
    case DIRECT_VM_DESTROYED_ACK:
        return direct_respond(current, VCPU_REQUEST_VM_DESTROYED);
    default:
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
}

/* The answer to a power management message: to the SPMC. Nothing else is. */
static struct vcpu *power_respond(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    uint64_t ids = (uint64_t)current->vm->config->id << 16 | role_spm_id();

    if ((uint32_t)x[2] != (FFA_FRAMEWORK_MESSAGE | POWER_RESPONSE)) {
        return ffa_return_error(current, FFA_DENIED);
    }
    if ((uint32_t)x[1] != ids) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    return nwd_power_answered(current, (uint32_t)x[3] != 0);
}

struct vcpu *ffa_msg_send_direct_resp(struct vcpu *current)
{
    if (role_is_secure() && current->model == VCPU_MODEL_POWER) {
        return power_respond(current);
    }
    if (!direct_is_partition_message(current)) {
        return direct_respond_of_vm(current);
    }
    return direct_respond(current, VCPU_REQUEST_DIRECT);
}

struct vcpu *ffa_msg_send_direct_resp2(struct vcpu *current)
{
    if ((current->ctx.x[2] | current->ctx.x[3]) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    return direct_respond(current, VCPU_REQUEST_DIRECT2);
}
