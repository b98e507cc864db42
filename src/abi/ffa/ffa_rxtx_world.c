/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RX/TX buffers of the normal world's VMs, at the non-secure physical instance: their hypervisor
 * speaks for them. Source: DEN0077A 1.2 13.5-13.7, table 13.26 (the descriptor).
 */
#include "bh/abi/ffa_call.h"
#include "bh/base/libc.h"
#include "bh/base/num.h"
#include "bh/svc/nwd_box.h"

#include <stddef.h>

#include "ffa_rxtx_local.h"

/* Where the composite at offset says that the buffer lies. The memory is the normal world's, and
 * may change at any time: it is read once. */
static bool composite_try_read(const struct mailbox *mailbox, uint32_t offset,
                               struct ffa_composite *composite)
{
    if (!num_is_aligned(offset, sizeof(uint64_t)) || offset < sizeof(struct ffa_rxtx_descriptor) ||
        !num_is_within(offset, sizeof(*composite), mailbox_size(mailbox))) {
        return false;
    }
    memcpy(composite, (const uint8_t *)mailbox->tx + offset, sizeof(*composite));
    return composite->constituents == 1 && composite->reserved == 0 &&
           composite->constituent_reserved == 0 && composite->pages == composite->constituent_pages;
}

static bool descriptor_try_read(const struct mailbox *mailbox, uint16_t *id,
                                struct mailbox_request *request)
{
    struct ffa_composite rx, tx;
    struct ffa_rxtx_descriptor head;

    if (!mailbox->mapped) {
        return false;
    }
    memcpy(&head, mailbox->tx, sizeof(head));
    if (head.reserved != 0 || !composite_try_read(mailbox, head.rx_offset, &rx) ||
        !composite_try_read(mailbox, head.tx_offset, &tx) || rx.pages != tx.pages) {
        return false;
    }
    *id = head.id;
    *request = (struct mailbox_request){
        .tx = ipa_init(tx.address), .rx = ipa_init(rx.address), .pages = rx.pages};
    return true;
}

bool ffa_world_speaks_of_vm(const struct vcpu *current, uint64_t id)
{
    return id != 0 && role_vm_is_world(current->vm->config);
}

struct vcpu *ffa_world_rxtx_map(struct vcpu *current)
{
    struct vm_locked world = vm_lock(current->vm);
    enum status status = STATUS_INVALID;
    struct mailbox_request request;
    uint16_t id;

    if (descriptor_try_read(&world.vm->mailbox, &id, &request)) {
        status = nwd_box_map(world, id, &request);
    }
    vm_unlock(world);
    return ffa_return_status(current, status);
}

struct vcpu *ffa_world_rxtx_unmap(struct vcpu *current)
{
    struct vm_locked world = vm_lock(current->vm);
    enum status status = STATUS_INVALID;

    if (ffa_word_low(current->ctx.x[1]) == 0) {
        status = nwd_box_unmap(world, ffa_word_high(current->ctx.x[1]));
    }
    vm_unlock(world);
    return ffa_return_status(current, status);
}

struct vcpu *ffa_world_rx_release(struct vcpu *current)
{
    uint64_t id = current->ctx.x[1];
    struct vm_locked world = vm_lock(current->vm);
    struct mailbox *mailbox = id > UINT16_MAX ? NULL : nwd_box_find(world, (uint16_t)id);
    enum status status = mailbox == NULL ? STATUS_INVALID : mailbox_try_rx_release(mailbox);

    vm_unlock(world);
    return ffa_return_status(current, status);
}

struct vcpu *ffa_rx_acquire(struct vcpu *current)
{
    uint64_t id = current->ctx.x[1];
    struct vm_locked world = vm_lock(current->vm);
    struct mailbox *mailbox = id > UINT16_MAX ? NULL : nwd_box_find(world, (uint16_t)id);
    enum status status = STATUS_INVALID;

    if (mailbox != NULL) {
        status = mailbox_rx_is_free(mailbox) ? STATUS_OK : STATUS_DENIED;
    }
    if (status == STATUS_OK) {
        mailbox_rx_fill(mailbox);
    }
    vm_unlock(world);
    return ffa_return_status(current, status);
}
