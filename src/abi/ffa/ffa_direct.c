/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Direct messages. Here: what registers and immutable configs can tell; svc/chain.h has the states.
 * Source: DEN0077A 7.4, 15.1-15.4.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/smccc.h"
#include "bh/svc/chain.h"

#include <stddef.h>

/* x0-x7 as the peer sees them: ids and flags are 32-bit registers in both forms. */
static struct chain_message ffa_direct_message(const uint64_t *x)
{
    return (struct chain_message){
        .x = {x[0], (uint32_t)x[1], (uint32_t)x[2], x[3], x[4], x[5], x[6], x[7]},
    };
}

/* Sender is the caller, and w2 says "partition message" with its reserved bits zero. Framework
 * messages are for the partition manager to send. */
static bool ffa_direct_is_well_formed(const struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    uint16_t sender = ffa_word_high(x[1]), receiver = ffa_word_low(x[1]);

    return (uint32_t)x[2] == 0 && sender == current->vm->config->id && receiver != sender;
}

struct vcpu *ffa_msg_send_direct_req(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    const struct vm_config *own = current->vm->config;
    struct vm *receiver = ffa_endpoint_find(ffa_word_low(x[1]));
    struct chain_message message = ffa_direct_message(x);
    struct chain_result result;

    if (!ffa_direct_is_well_formed(current) || receiver == NULL) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    if ((ffa_messaging_of(own) & FFA_PROPERTY_SENDS_DIRECT) == 0 ||
        (ffa_messaging_of(receiver->config) & FFA_PROPERTY_RECEIVES_DIRECT) == 0 ||
        !role_may_request(own, receiver->config)) {
        return ffa_return_error(current, FFA_DENIED);
    }
    result = chain_request(current, chain_target_vcpu(current, receiver), &message,
                           (x[0] & SMCCC_64) != 0);
    if (result.status != STATUS_OK) {
        return ffa_return_status(current, result.status);
    }
    return result.next;
}

struct vcpu *ffa_msg_send_direct_resp(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    uint16_t receiver = ffa_word_low(x[1]);
    struct chain_message message = ffa_direct_message(x);
    struct chain_result result;

    if (!ffa_direct_is_well_formed(current) || ffa_endpoint_find(receiver) == NULL) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    result = chain_respond(current, receiver, &message);
    if (result.status != STATUS_OK) {
        return ffa_return_status(current, result.status);
    }
    return result.next;
}
