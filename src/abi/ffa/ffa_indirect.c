/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Indirect messages: FFA_MSG_SEND2, and FFA_MSG_SEND and FFA_MSG_POLL between partitions of v1.0.
 * The payload goes from the sender's TX to the receiver's RX, both seen by the core, in one copy.
 * The sender may change TX meanwhile: its header is copied first and checked in the copy.
 * Source: DEN0077A 1.2 7.3, 15.1; 1.0 chapter 7 for the old functions.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/ffa_compat.h"
#include "bh/abi/ffa_forward.h"
#include "bh/base/cold.h"
#include "bh/base/libc.h"
#include "bh/base/num.h"
#include "bh/svc/notify.h"
#include "bh/svc/nwd_box.h"
#include "bh/svc/nwd_vm.h"
#include "bh/svc/spmc_below.h"

#include <stddef.h>

#include "ffa_rxtx_local.h"

/* FFA_MSG_SEND w4: the sender would not wait for RX to become free. Nobody waits here. */
#define MSG_SEND_NON_BLOCKING UINT64_C(1)

static bool is_indirect(int64_t messaging)
{
    return (messaging & FFA_PROPERTY_INDIRECT) != 0;
}

/*
 * Sender or receiver. In the SPMC one VM stands for all of the normal world, with whose lock, state
 * and version its VMs, known by their ids only, go: their buffers are their own.
 */
struct side {
    struct vm *vm;
    uint16_t id;
};

/* side.vm is locked. */
static struct mailbox *mailbox_of(struct side side)
{
    static struct mailbox none; /* not mapped: never written */
    struct mailbox *mailbox = &side.vm->mailbox;

    if (side.id != side.vm->config->id) {
        mailbox = nwd_box_find((struct vm_locked){side.vm}, side.id);
    }
    return mailbox != NULL ? mailbox : &none;
}

/* An id of the normal world that the SPMC has not heard of. */
static bool is_unheard_of(struct side side)
{
    struct vm_locked locked = {side.vm};

    return side.id != side.vm->config->id && nwd_box_find(locked, side.id) == NULL &&
           nwd_vm_find(locked, side.id) == NULL;
}

/* Between two locked VMs: the states that a delivery needs. end: of the payload in TX; room: bytes
 * that the message takes in RX. */
static enum status deliver_check(struct side sender, struct side receiver, uint64_t end,
                                 uint64_t room)
{
    const struct mailbox *rx = mailbox_of(receiver);
    enum vm_life life = receiver.vm->life;

    if (end > mailbox_size(mailbox_of(sender))) {
        return STATUS_DENIED; /* gone since the header was read */
    }
    if (is_unheard_of(receiver)) {
        return STATUS_INVALID;
    }
    if (life == VM_STOPPING || life == VM_OFF) {
        return STATUS_ABORTED;
    }
    if (life != VM_RUNNING || !mailbox_rx_is_free(rx)) {
        return STATUS_BUSY;
    }
    if (room > mailbox_size(rx)) {
        return STATUS_NO_MEMORY;
    }
    return rx->is_below && !spmc_box_try_acquire((struct vm_locked){receiver.vm}) ? STATUS_BUSY
                                                                                  : STATUS_OK;
}

/* Tells receiver, which is locked, that RX is full. */
static void deliver_tell(uint16_t sender, struct side receiver)
{
    struct vm_locked locked = {receiver.vm};
    struct notif *notif = &receiver.vm->notif;
    enum notif_source source =
        (sender & CONFIG_SECURE_ID) != 0 ? NOTIF_FROM_SPM : NOTIF_FROM_HYPERVISOR;

    if (role_is_secure() && role_vm_is_world(receiver.vm->config)) {
        struct nwd_vm *vm = nwd_vm_find(locked, receiver.id);

        if (vm == NULL) {
            return; /* it looks into RX by itself */
        }
        notif = &vm->notif;
    }
    notif_set_framework(notif, source, FFA_NOTIFICATION_RX_FULL);
    notify_receiver(locked, NOTIF_GLOBAL);
}

/* to: where the payload goes in RX. Both VMs are locked. */
static void deliver_copy(struct side sender, struct side receiver,
                         const struct ffa_message *message, uint32_t to)
{
    const uint8_t *tx = mailbox_of(sender)->tx;
    struct mailbox *mailbox = mailbox_of(receiver);
    uint8_t *rx = mailbox->rx;
    uint32_t version = ffa_version_of(receiver.vm);

    memcpy(rx + to, tx + message->offset, message->size);
    if (version >= FFA_VERSION_1_1) {
        ffa_compat_message_write(version, message, to, rx);
    }
    mailbox_rx_fill_message(mailbox, message->sender, message->size);
    deliver_tell(message->sender, receiver);
}

static enum status deliver(struct side sender, struct side receiver,
                           const struct ffa_message *message, uint32_t to)
{
    uint64_t end = (uint64_t)message->offset + message->size;
    enum status status;

    vm_lock_both(sender.vm, receiver.vm);
    status = deliver_check(sender, receiver, end, (uint64_t)to + message->size);
    if (status == STATUS_OK) {
        deliver_copy(sender, receiver, message, to);
    }
    vm_unlock((struct vm_locked){sender.vm});
    vm_unlock((struct vm_locked){receiver.vm});
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

/* The header of the message in the sender's TX, whose size is *tx_size. */
static enum status header_read(struct side sender, struct ffa_message *message, uint64_t *tx_size)
{
    struct vm_locked locked = vm_lock(sender.vm);
    const struct mailbox *mailbox = mailbox_of(sender);
    enum status status = STATUS_DENIED; /* no buffers */

    *tx_size = mailbox_size(mailbox);
    if (*tx_size != 0) {
        status = ffa_compat_message_try_read(ffa_version_of(sender.vm), mailbox->tx, message)
                     ? STATUS_OK
                     : STATUS_INVALID;
    }
    vm_unlock(locked);
    return status;
}

/*
 * Bytes of the header that lies in the sender's TX. Versions of the normal world's VMs are their
 * hypervisor's affair: a payload that begins inside v1.2's header has v1.1's before it, and so no
 * UUID.
 */
static uint32_t header_size(struct side sender, struct ffa_message *message)
{
    uint32_t size = ffa_compat_message_size(ffa_version_of(sender.vm));

    if (sender.id != sender.vm->config->id && message->offset < size) {
        size = ffa_compat_message_size(FFA_VERSION_1_1);
        message->uuid[0] = message->uuid[1] = 0;
    }
    return size;
}

/* header: bytes of the sender's. */
static enum status send2_check(struct side sender, struct side receiver,
                               const struct ffa_message *message, uint32_t header)
{
    int64_t messaging;

    if (message->sender != sender.id || message->offset < header) {
        return STATUS_INVALID;
    }
    messaging = ffa_service_messaging(receiver.vm, message->uuid[0], message->uuid[1]);
    if (messaging < 0) {
        return STATUS_INVALID;
    }
    if (ffa_version_of(receiver.vm) < FFA_VERSION_1_1) {
        return STATUS_NOT_SUPPORTED;
    }
    if (!is_indirect(messaging) || !is_indirect(sender.vm->messaging)) {
        return STATUS_DENIED;
    }
    return STATUS_OK;
}

/* Directly behind the header on both sides, or where the sender put it. header: the sender's. */
static uint32_t payload_offset(const struct vm *receiver, uint32_t header, uint32_t offset)
{
    uint32_t size = ffa_compat_message_size(ffa_version_of(receiver));

    return offset == header || offset < size ? size : offset;
}

static struct side side_find(uint16_t id)
{
    struct vm *vm = ffa_endpoint_find(id);

    if (vm == NULL && role_is_secure() && nwd_id_is_possible(id)) {
        vm = ffa_endpoint_find(CONFIG_WORLD_ID);
    }
    return (struct side){vm, id};
}

/* *is_below: the message is for a partition of the SPMC below, which is to check and send it. */
static enum status send2(struct side sender, bool *is_below)
{
    struct ffa_message message;
    struct side receiver;
    uint64_t tx_size;
    uint32_t header;
    enum status status = header_read(sender, &message, &tx_size);

    if (status != STATUS_OK) {
        return status;
    }
    receiver = side_find(message.receiver);
    if (receiver.vm == NULL && message.sender == sender.id && spmc_find(message.receiver) != NULL) {
        *is_below = true;
        return STATUS_OK;
    }
    header = header_size(sender, &message);
    if (receiver.vm == NULL || receiver.vm == sender.vm ||
        !num_is_within(message.offset, message.size, tx_size)) {
        return STATUS_INVALID;
    }
    status = send2_check(sender, receiver, &message, header);
    if (status != STATUS_OK) {
        return status;
    }
    return deliver(sender, receiver, &message, payload_offset(receiver.vm, header, message.offset));
}

struct vcpu *ffa_msg_send2(struct vcpu *current)
{
    uint64_t from = current->ctx.x[1], flags = current->ctx.x[2];
    struct side sender = {current->vm, current->vm->config->id};
    bool may_delay = role_may_delay_sri(current->vm->config), is_below = false;
    enum status status;

    if (ffa_world_speaks_of_vm(current, from)) {
        sender.id = ffa_word_high(from);
        from = ffa_word_low(from);
    }
    if (from != 0 || (sender.id != current->vm->config->id && !nwd_id_is_possible(sender.id)) ||
        (flags & ~(may_delay ? FFA_NOTIFICATION_DELAY_SRI : 0)) != 0) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    nwd_sri_delay(flags != 0);
    status = send2(sender, &is_below);
    if (is_below) {
        return ffa_forward_message(current);
    }
    ffa_return_status(current, status);
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
    return deliver((struct side){sender, sender->config->id},
                   (struct side){receiver, receiver->config->id}, &message, 0);
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
