/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notifications across worlds, in the SPMC: the normal world makes bitmaps for its VMs and itself,
 * and binds and retrieves for them; SPs notify them. Source: DEN0077A 1.2 16.1-16.6.
 */
#include "bh/abi/ffa_call.h"
#include "bh/svc/notify.h"
#include "bh/svc/nwd_box.h"
#include "bh/svc/nwd_vm.h"

#include <stddef.h>

#include "ffa_notif_local.h"

/* Sources that the SPMC knows of: SPs and itself. */
#define SOURCES_SECURE (UINT32_C(1) << NOTIF_FROM_SPS | UINT32_C(1) << NOTIF_FROM_SPM)

/* The rows are the normal world's. Said once more, the hypervisor's image has nothing of it. */
struct vcpu *ffa_notification_bitmap_create(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    enum status status = STATUS_NOT_SUPPORTED;
    struct vm_locked world;

    if (role_vm_is_world(current->vm->config)) {
        world = vm_lock(current->vm);
        status = x[1] > UINT16_MAX ? STATUS_INVALID
                                   : nwd_vm_create(world, (uint16_t)x[1], (uint32_t)x[2]);
        vm_unlock(world);
    }
    return ffa_return_status(current, status);
}

struct vcpu *ffa_notification_bitmap_destroy(struct vcpu *current)
{
    uint64_t id = current->ctx.x[1];
    enum status status = STATUS_NOT_SUPPORTED;
    struct vm_locked world;

    if (role_vm_is_world(current->vm->config)) {
        world = vm_lock(current->vm);
        status = id >= 0x8000 ? STATUS_INVALID : nwd_vm_destroy(world, (uint16_t)id);
        vm_unlock(world);
    }
    return ffa_return_status(current, status);
}

/* w1 names an SP as the sender and somebody in the normal world as the receiver; some bit. */
static bool world_binding_is_well_formed(const uint64_t *x)
{
    uint16_t sender = ffa_word_high(x[1]);

    return nwd_id_is_possible(ffa_word_low(x[1])) && (sender & CONFIG_SECURE_ID) != 0 &&
           ffa_endpoint_find(sender) != NULL && ffa_notification_bits(x) != 0;
}

struct vcpu *ffa_world_bind(struct vcpu *current, bool is_bind)
{
    const uint64_t *x = current->ctx.x;
    uint64_t known = is_bind ? FFA_NOTIFICATION_PER_VCPU : 0;
    enum status status = STATUS_NOT_SUPPORTED;
    struct nwd_vm *receiver;
    struct vm_locked world;

    if (!world_binding_is_well_formed(x) || (x[2] & ~known) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    world = vm_lock(current->vm);
    receiver = nwd_vm_find(world, ffa_word_low(x[1]));
    if (receiver != NULL && is_bind) {
        status =
            notif_bind(&receiver->notif, ffa_word_high(x[1]), ffa_notification_bits(x), x[2] != 0);
    } else if (receiver != NULL) {
        status = notif_unbind(&receiver->notif, ffa_word_high(x[1]), ffa_notification_bits(x));
    }
    vm_unlock(world);
    return ffa_return_status(current, status);
}

/* Whoever has no bitmap has nothing pending; of VMs only those with one are known. */
struct vcpu *ffa_world_get(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    uint16_t vcpu = ffa_word_high(x[1]), id = ffa_word_low(x[1]);
    uint32_t sources = (uint32_t)x[2];
    struct notif_taken taken = {0};
    struct nwd_vm *receiver;
    struct vm_locked world;
    bool is_known;

    if (!nwd_id_is_possible(id) || (sources & ~SOURCES_SECURE) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    world = vm_lock(current->vm);
    receiver = nwd_vm_find(world, id);
    is_known = receiver != NULL ? vcpu < receiver->vcpus
                                : id == CONFIG_WORLD_ID && vcpu < current->vm->config->vcpu_count;
    if (is_known && receiver != NULL) {
        taken = notif_take(&receiver->notif, vcpu, sources);
    }
    if (taken.framework[NOTIF_FROM_SPM - NOTIF_PARTITIONS] != 0) {
        struct mailbox *mailbox =
            id == CONFIG_WORLD_ID ? &current->vm->mailbox : nwd_box_find(world, id);

        if (mailbox != NULL) {
            mailbox_rx_read(mailbox);
        }
    }
    vm_unlock(world);
    if (!is_known) {
        return ffa_return_error(current,
                                receiver == NULL ? FFA_NOT_SUPPORTED : FFA_INVALID_PARAMETERS);
    }
    ffa_return_success(current, 0, 0);
    ffa_notification_result(current->ctx.x, &taken);
    return current;
}

/* An SP notifies somebody in the normal world. The world's lock is held. */
static enum status world_set(struct vm_locked world, const uint64_t *x,
                             const struct notif_request *request, bool *is_new)
{
    struct nwd_vm *receiver = nwd_vm_find(world, ffa_word_low(x[1]));
    enum status status;

    if (receiver == NULL) {
        return STATUS_DENIED;
    }
    if (request->per_vcpu ? request->vcpu >= receiver->vcpus : request->vcpu != 0) {
        return STATUS_INVALID;
    }
    status = notif_set(&receiver->notif, request);
    *is_new = status == STATUS_OK;
    return status;
}

struct vcpu *ffa_world_set(struct vcpu *current, const struct notif_request *request)
{
    const uint64_t *x = current->ctx.x;
    uint64_t known = FFA_NOTIFICATION_PER_VCPU | FFA_NOTIFICATION_DELAY_SRI;
    struct vm_locked world;
    enum status status;
    bool is_new = false;
    bool is_delayed = (x[2] & FFA_NOTIFICATION_DELAY_SRI) != 0;

    if (request->sender != current->vm->config->id || request->bits == 0 ||
        ((uint16_t)x[2] & ~known) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    world = vm_lock(vm_find(CONFIG_WORLD_ID));
    status = world_set(world, x, request, &is_new);
    vm_unlock(world);
    if (is_new) {
        nwd_sri(is_delayed);
    }
    return ffa_return_status(current, status);
}
