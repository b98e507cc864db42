/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Indirect messages: FFA_MSG_SEND2, and FFA_MSG_SEND and FFA_MSG_POLL between partitions of v1.0.
 * The payload goes from the sender's TX to the receiver's RX, both seen by the core, in one copy.
 * The sender may change TX meanwhile: its header is copied first and checked in the copy.
 * Source: DEN0077A 1.2 7.3, 15.1; 1.0 chapter 7 for the old functions.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/ffa_compat.h"
#include "bh/base/cold.h"
#include "bh/base/libc.h"
#include "bh/base/num.h"
#include "bh/svc/notify.h"
#include "bh/svc/nwd_vm.h"

#include <stddef.h>

/* FFA_MSG_SEND w4: the sender would not wait for RX to become free. Nobody waits here. */
#define MSG_SEND_NON_BLOCKING UINT64_C(1)

static bool is_indirect(int64_t messaging)
{
    return (messaging & FFA_PROPERTY_INDIRECT) != 0;
}

/* Between two locked VMs: the states that a delivery needs. end: of the payload in TX; room: bytes
 * that the message takes in RX. */
static enum status deliver_check(const struct vm *sender, const struct vm *receiver, uint64_t end,
                                 uint64_t room)
{
    if (end > mailbox_size(&sender->mailbox)) {
        return STATUS_DENIED; /* gone since the header was read */
    }
    if (receiver->life == VM_STOPPING || receiver->life == VM_OFF) {
        return STATUS_ABORTED;
    }
    if (receiver->life != VM_RUNNING || !mailbox_rx_is_free(&receiver->mailbox)) {
        return STATUS_BUSY;
    }
    return room <= mailbox_size(&receiver->mailbox) ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Tells receiver, which is locked, that RX is full. */
static void deliver_tell(uint16_t sender, struct vm *receiver)
{
    struct vm_locked locked = {receiver};
    struct notif *notif = &receiver->notif;
    enum notif_source source =
        (sender & CONFIG_SECURE_ID) != 0 ? NOTIF_FROM_SPM : NOTIF_FROM_HYPERVISOR;

    if (role_is_secure() && role_vm_is_world(receiver->config)) {
        struct nwd_vm *os = nwd_vm_find(locked, CONFIG_WORLD_ID);

        if (os == NULL) {
            return; /* it looks into RX by itself */
        }
        notif = &os->notif;
    }
    notif_set_framework(notif, source, FFA_NOTIFICATION_RX_FULL);
    notify_receiver(locked, NOTIF_GLOBAL);
}

/* to: where the payload goes in RX. Both VMs are locked. */
static void deliver_copy(struct vm *sender, struct vm *receiver, const struct ffa_message *message,
                         uint32_t to)
{
    const uint8_t *tx = sender->mailbox.tx;
    uint8_t *rx = receiver->mailbox.rx;
    uint32_t version = ffa_version_of(receiver);

    memcpy(rx + to, tx + message->offset, message->size);
    if (version >= FFA_VERSION_1_1) {
        ffa_compat_message_write(version, message, to, rx);
    }
    mailbox_rx_fill_message(&receiver->mailbox, message->sender, message->size);
    deliver_tell(message->sender, receiver);
}

static enum status deliver(struct vm *sender, struct vm *receiver,
                           const struct ffa_message *message, uint32_t to)
{
    uint64_t end = (uint64_t)message->offset + message->size;
    enum status status;

    vm_lock_both(sender, receiver);
    status = deliver_check(sender, receiver, end, (uint64_t)to + message->size);
    if (status == STATUS_OK) {
        deliver_copy(sender, receiver, message, to);
    }
    vm_unlock((struct vm_locked){sender});
    vm_unlock((struct vm_locked){receiver});
    return status;
}

/* Bytes of the caller's TX, 0: it has none. */
static uint64_t tx_size_get(struct vm *vm)
{
    struct vm_locked locked = vm_lock(vm);
    uint64_t size = mailbox_size(&vm->mailbox);

    vm_unlock(locked);
    return size;
}

/* The header of the message in the caller's TX, whose size is *tx_size. */
static enum status header_read(struct vm *vm, struct ffa_message *message, uint64_t *tx_size)
{
    struct vm_locked locked = vm_lock(vm);
    enum status status = STATUS_DENIED; /* no buffers */

    *tx_size = mailbox_size(&vm->mailbox);
    if (*tx_size != 0) {
        status = ffa_compat_message_try_read(ffa_version_of(vm), vm->mailbox.tx, message)
                     ? STATUS_OK
                     : STATUS_INVALID;
    }
    vm_unlock(locked);
    return status;
}

/* receiver: what the message names, or NULL. */
static enum status send2_check(const struct vm *sender, const struct vm *receiver,
                               const struct ffa_message *message, uint64_t tx_size)
{
    uint32_t header = ffa_compat_message_size(ffa_version_of(sender));
    int64_t messaging;

    if (message->sender != sender->config->id || receiver == NULL || receiver == sender ||
        message->offset < header || !num_is_within(message->offset, message->size, tx_size)) {
        return STATUS_INVALID;
    }
    messaging = ffa_service_messaging(receiver, message->uuid[0], message->uuid[1]);
    if (messaging < 0) {
        return STATUS_INVALID;
    }
    if (ffa_version_of(receiver) < FFA_VERSION_1_1) {
        return STATUS_NOT_SUPPORTED;
    }
    if (!is_indirect(messaging) || !is_indirect(sender->messaging)) {
        return STATUS_DENIED;
    }
    return STATUS_OK;
}

/* Directly behind the header on both sides, or where the sender put it. */
static uint32_t payload_offset(const struct vm *sender, const struct vm *receiver, uint32_t offset)
{
    uint32_t header = ffa_compat_message_size(ffa_version_of(receiver));

    return offset == ffa_compat_message_size(ffa_version_of(sender)) || offset < header ? header
                                                                                        : offset;
}

static enum status send2(struct vm *sender)
{
    struct ffa_message message;
    struct vm *receiver;
    uint64_t tx_size;
    enum status status = header_read(sender, &message, &tx_size);

    if (status != STATUS_OK) {
        return status;
    }
    receiver = ffa_endpoint_find(message.receiver);
    status = send2_check(sender, receiver, &message, tx_size);
    if (status != STATUS_OK) {
        return status;
    }
    return deliver(sender, receiver, &message, payload_offset(sender, receiver, message.offset));
}

struct vcpu *ffa_msg_send2(struct vcpu *current)
{
    uint64_t flags = current->ctx.x[2];
    bool may_delay = role_may_delay_sri(current->vm->config);

    if ((flags & ~(may_delay ? FFA_NOTIFICATION_DELAY_SRI : 0)) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    nwd_sri_delay(flags != 0);
    ffa_return_status(current, send2(current->vm));
    nwd_sri_delay(false);
    return notify_next(current);
}

/* v1.0: the payload alone, at the start of both buffers; the rest is in registers. */
static enum status send_v1_0(struct vm *sender, const uint64_t *x)
{
    struct vm *receiver = ffa_endpoint_find(ffa_word_low(x[1]));
    struct ffa_message message = {.sender = ffa_word_high(x[1]), .size = (uint32_t)x[3]};
    uint64_t tx_size = tx_size_get(sender);

    if (message.sender != sender->config->id || receiver == NULL || receiver == sender ||
        (x[4] & ~MSG_SEND_NON_BLOCKING) != 0 || (tx_size != 0 && message.size > tx_size)) {
        return STATUS_INVALID;
    }
    if (ffa_version_of(receiver) >= FFA_VERSION_1_1) {
        return STATUS_NOT_SUPPORTED;
    }
    if (tx_size == 0 || !is_indirect(receiver->messaging) || !is_indirect(sender->messaging)) {
        return STATUS_DENIED;
    }
    return deliver(sender, receiver, &message, 0);
}

BH_COLD struct vcpu *ffa_msg_send(struct vcpu *current)
{
    ffa_return_status(current, send_v1_0(current->vm, current->ctx.x));
    return notify_next(current);
}

BH_COLD struct vcpu *ffa_msg_poll(struct vcpu *current)
{
    struct vm_locked locked = vm_lock(current->vm);
    bool is_message = notify_try_message(locked, current);

    vm_unlock(locked);
    return is_message ? current : ffa_return_error(current, FFA_RETRY);
}
