/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_NOTIFICATION_BIND, UNBIND, SET, GET at the virtual instance: partitions bind and retrieve
 * their own notifications and set others'. Source: DEN0077A 1.2 16.2-16.5.
 */
#include "bh/abi/ffa_call.h"
#include "bh/svc/notify.h"

#include <stddef.h>

#define NOTIFICATION_SOURCES ((UINT32_C(1) << NOTIF_SOURCES) - 1)

static uint64_t notification_bits(const uint64_t *x)
{
    return x[3] | x[4] << 32;
}

/* w1 names another endpoint as the sender and the caller as the receiver; some bit is meant. */
static bool binding_is_well_formed(const struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    uint16_t own = current->vm->config->id, sender = ffa_word_high(x[1]);

    return ffa_word_low(x[1]) == own && sender != own && ffa_endpoint_find(sender) != NULL &&
           notification_bits(x) != 0;
}

struct vcpu *ffa_notification_bind(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    struct vm_locked locked;
    enum status status;

    if (!current->vm->config->notifications) {
        return ffa_return_error(current, FFA_NOT_SUPPORTED);
    }
    if (!binding_is_well_formed(current) || (x[2] & ~FFA_NOTIFICATION_PER_VCPU) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    locked = vm_lock(current->vm);
    status = notif_bind(&current->vm->notif, ffa_word_high(x[1]), notification_bits(x), x[2] != 0);
    vm_unlock(locked);
    return ffa_return_status(current, status);
}

struct vcpu *ffa_notification_unbind(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    struct vm_locked locked;
    enum status status;

    if (!current->vm->config->notifications) {
        return ffa_return_error(current, FFA_NOT_SUPPORTED);
    }
    if (!binding_is_well_formed(current) || x[2] != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    locked = vm_lock(current->vm);
    status = notif_unbind(&current->vm->notif, ffa_word_high(x[1]), notification_bits(x));
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
        ffa_word_high(x[1]) != current->vm->config->id || notification_bits(x) == 0 ||
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
        .bits = notification_bits(x),
        .sender = ffa_word_high(x[1]),
        .vcpu = ffa_word_high(x[2]),
        .per_vcpu = (x[2] & FFA_NOTIFICATION_PER_VCPU) != 0,
    };
    struct vm_locked locked;
    enum status status;

    if (!set_is_well_formed(current, receiver)) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    locked = vm_lock(receiver);
    status = notif_set(&receiver->notif, &request);
    if (status == STATUS_OK) {
        notify_receiver(locked, request.per_vcpu ? NOTIF_VCPU(request.vcpu) : NOTIF_GLOBAL);
    }
    vm_unlock(locked);
    ffa_return_status(current, status);
    return notify_next(current);
}

static void notification_result(uint64_t *x, const struct notif_taken *taken)
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

    if (ffa_word_low(x[1]) != vm->config->id || vcpu >= vm->config->vcpu_count ||
        (sources & ~NOTIFICATION_SOURCES) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    locked = vm_lock(vm);
    taken = notif_take(&vm->notif, vcpu, sources);
    if (taken.framework[NOTIF_FROM_HYPERVISOR - NOTIF_PARTITIONS] != 0) {
        mailbox_rx_read(&vm->mailbox);
    }
    notify_retrieved(locked);
    vm_unlock(locked);
    ffa_return_success(current, 0, 0);
    notification_result(x, &taken);
    return current;
}
