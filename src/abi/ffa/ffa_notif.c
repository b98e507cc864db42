/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_NOTIFICATION_BIND, UNBIND, SET, GET at the virtual instance: partitions bind and retrieve
 * their own notifications and set others'. Source: DEN0077A 1.2 16.2-16.5.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/ffa_forward.h"
#include "bh/base/cold.h"
#include "bh/svc/notify.h"
#include "bh/svc/nwd_vm.h"

#include <stddef.h>

#include "ffa_notif_local.h"

#define NOTIFICATION_SOURCES   ((UINT32_C(1) << NOTIF_SOURCES) - 1)
#define NOTIFICATION_FRAMEWORK (FFA_NOTIFICATION_GET_SPM | FFA_NOTIFICATION_GET_HYP)

/* The normal world, calling the SPMC: for whom it likes there. */
static bool is_world(const struct vcpu *current)
{
    return role_is_secure() && role_vm_is_world(current->vm->config);
}

/* Whose notifications current may set. */
static bool sender_is_own(const struct vcpu *current, uint16_t sender)
{
    return sender == current->vm->config->id || (is_world(current) && nwd_id_is_possible(sender));
}

/* w1 names another endpoint as the sender and the caller as the receiver; some bit is meant. */
static bool binding_is_well_formed(const struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    uint16_t own = current->vm->config->id, sender = ffa_word_high(x[1]);

    return ffa_word_low(x[1]) == own && sender != own &&
           (ffa_endpoint_find(sender) != NULL ||
            (role_is_secure() && nwd_id_is_possible(sender))) &&
           ffa_notification_bits(x) != 0;
}

BH_COLD struct vcpu *ffa_notification_bind(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    struct vm_locked locked;
    enum status status;

    if (is_world(current)) {
        return ffa_world_bind(current, true);
    }
    if (!current->vm->config->notifications) {
        return ffa_return_error(current, FFA_NOT_SUPPORTED);
    }
    if (!binding_is_well_formed(current) || (x[2] & ~FFA_NOTIFICATION_PER_VCPU) != 0) {
        return ffa_forward_binding(current);
    }
    locked = vm_lock(current->vm);
    status =
        notif_bind(&current->vm->notif, ffa_word_high(x[1]), ffa_notification_bits(x), x[2] != 0);
    vm_unlock(locked);
    return ffa_return_status(current, status);
}

BH_COLD struct vcpu *ffa_notification_unbind(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    struct vm_locked locked;
    enum status status;

    if (is_world(current)) {
        return ffa_world_bind(current, false);
    }
    if (!current->vm->config->notifications) {
        return ffa_return_error(current, FFA_NOT_SUPPORTED);
    }
    if (!binding_is_well_formed(current) || x[2] != 0) {
        return ffa_forward_binding(current);
    }
    locked = vm_lock(current->vm);
    status = notif_unbind(&current->vm->notif, ffa_word_high(x[1]), ffa_notification_bits(x));
    vm_unlock(locked);
    return ffa_return_status(current, status);
}

/* receiver: what w1 names, or NULL. */
static bool set_is_well_formed(const struct vcpu *current, const struct vm *receiver)
{
    const uint64_t *x = current->ctx.x;
    uint64_t flags = (uint16_t)x[2];
    uint64_t known = FFA_NOTIFICATION_PER_VCPU;
    uint16_t vcpu = ffa_word_high(x[2]);

    if (role_may_delay_sri(current->vm->config)) {
        known |= FFA_NOTIFICATION_DELAY_SRI;
    }
    if (receiver == NULL || receiver == current->vm ||
        !sender_is_own(current, ffa_word_high(x[1])) || ffa_notification_bits(x) == 0 ||
        (flags & ~known) != 0) {
        return false;
    }
    return (flags & FFA_NOTIFICATION_PER_VCPU) != 0 ? vcpu < receiver->config->vcpu_count
                                                    : vcpu == 0;
}

struct vcpu *ffa_notification_set(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    struct vm *receiver = ffa_endpoint_find(ffa_word_low(x[1]));
    struct notif_request request = {
        .bits = ffa_notification_bits(x),
        .sender = ffa_word_high(x[1]),
        .vcpu = ffa_word_high(x[2]),
        .per_vcpu = (x[2] & FFA_NOTIFICATION_PER_VCPU) != 0,
    };
    struct vm_locked locked;
    enum status status;

    if (role_is_secure() && !is_world(current) && nwd_id_is_possible(ffa_word_low(x[1]))) {
        return ffa_world_set(current, &request);
    }
    if (!set_is_well_formed(current, receiver)) {
        return ffa_forward_set(current);
    }
    nwd_sri_delay((x[2] & FFA_NOTIFICATION_DELAY_SRI) != 0);
    locked = vm_lock(receiver);
    status = notif_set(&receiver->notif, &request);
    if (status == STATUS_OK) {
        notify_receiver(locked, request.per_vcpu ? NOTIF_VCPU(request.vcpu) : NOTIF_GLOBAL);
    }
    vm_unlock(locked);
    nwd_sri_delay(false);
    ffa_return_status(current, status);
    return notify_next(current);
}

void ffa_notification_result(uint64_t *x, const struct notif_taken *taken)
{
    x[2] = (uint32_t)taken->bits[NOTIF_FROM_SPS];
    x[3] = taken->bits[NOTIF_FROM_SPS] >> 32;
    x[4] = (uint32_t)taken->bits[NOTIF_FROM_VMS];
    x[5] = taken->bits[NOTIF_FROM_VMS] >> 32;
    x[6] = taken->framework[NOTIF_FROM_SPM - NOTIF_PARTITIONS];
    x[7] = taken->framework[NOTIF_FROM_HYPERVISOR - NOTIF_PARTITIONS];
}

struct vcpu *ffa_notification_get(struct vcpu *current)
{
    uint64_t *x = current->ctx.x;
    struct vm *vm = current->vm;
    uint16_t vcpu = ffa_word_high(x[1]);
    uint32_t sources = (uint32_t)x[2];
    struct notif_taken taken;
    struct vm_locked locked;

    if (is_world(current)) {
        return ffa_world_get(current);
    }
    if (ffa_word_low(x[1]) != vm->config->id || vcpu >= vm->config->vcpu_count ||
        (sources & ~NOTIFICATION_SOURCES) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    /* Whose message has filled RX an SP can't know: it asks for the SPMC's word, and takes any. */
    if (role_is_secure() && (sources & NOTIFICATION_FRAMEWORK) != 0) {
        sources |= NOTIFICATION_FRAMEWORK;
    }
    locked = vm_lock(vm);
    taken = notif_take(&vm->notif, vcpu, sources);
    if ((taken.framework[NOTIF_FROM_HYPERVISOR - NOTIF_PARTITIONS] |
         taken.framework[NOTIF_FROM_SPM - NOTIF_PARTITIONS]) != 0) {
        mailbox_rx_read(&vm->mailbox);
    }
    notify_retrieved(locked);
    vm_unlock(locked);
    ffa_return_success(current, 0, 0);
    ffa_notification_result(x, &taken);
    if ((sources & (FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM)) != 0) {
        ffa_forward_get(current, vcpu, sources);
    }
    return current;
}
