/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/nwd_box.h"

#include <stddef.h>

#include "bh/svc/nwd_vm.h"

struct nwd_box {
    uint16_t id;
    struct mailbox mailbox; /* mapped: the entry is in use */
};

static struct nwd_box nwd_box_all[NWD_BOXES];

static struct nwd_box *box_find(uint16_t id)
{
    for (uint32_t i = 0; i < NWD_BOXES; i++) {
        if (nwd_box_all[i].mailbox.mapped && nwd_box_all[i].id == id) {
            return &nwd_box_all[i];
        }
    }
    return NULL;
}

static struct nwd_box *box_find_free(void)
{
    for (uint32_t i = 0; i < NWD_BOXES; i++) {
        if (!nwd_box_all[i].mailbox.mapped) {
            return &nwd_box_all[i];
        }
    }
    return NULL;
}

/* Its pages in the window lie behind those of all partitions. */
static uint32_t box_slot(const struct nwd_box *box)
{
    return vm_count() + (uint32_t)(box - nwd_box_all);
}

static bool is_within(struct ipaddr buffer, uint64_t size, const struct mailbox *other)
{
    uint64_t length = mailbox_size(other);
    uint64_t begin = buffer.ipa;

    return (begin < other->tx_ipa.ipa + length && other->tx_ipa.ipa < begin + size) ||
           (begin < other->rx_ipa.ipa + length && other->rx_ipa.ipa < begin + size);
}

static bool is_shared_with(const struct mailbox_request *request, const struct mailbox *other)
{
    uint64_t size = request->pages * PAGE_SIZE;

    return other->mapped &&
           (is_within(request->tx, size, other) || is_within(request->rx, size, other));
}

/* The normal world's addresses are the same for all of it. */
static bool is_somebody_elses(const struct vm *world, const struct mailbox_request *request)
{
    bool is_shared = is_shared_with(request, &world->mailbox);

    for (uint32_t i = 0; i < NWD_BOXES; i++) {
        is_shared = is_shared || is_shared_with(request, &nwd_box_all[i].mailbox);
    }
    return is_shared;
}

enum status nwd_box_status(const struct mailbox_request *request, enum status status)
{
    bool is_foreign = status == STATUS_INVALID && mailbox_request_is_well_formed(request);

    return is_foreign ? STATUS_DENIED : status;
}

enum status nwd_box_map(struct vm_locked world, uint16_t id, const struct mailbox_request *request)
{
    struct nwd_box *box = box_find_free();
    enum status status;

    if (id == 0 || !nwd_id_is_possible(id)) {
        return STATUS_INVALID;
    }
    if (box_find(id) != NULL) {
        return STATUS_DENIED;
    }
    if (box == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (request->pages <= MAILBOX_MAX_PAGES && is_somebody_elses(world.vm, request)) {
        return STATUS_DENIED;
    }
    status = mailbox_map(&box->mailbox, &world.vm->stage2, box_slot(box), request);
    if (status == STATUS_OK) {
        box->id = id;
    }
    return nwd_box_status(request, status);
}

enum status nwd_box_unmap(struct vm_locked world, uint16_t id)
{
    struct nwd_box *box = box_find(id);

    (void)world;
    if (box == NULL) {
        return STATUS_INVALID;
    }
    return mailbox_try_unmap(&box->mailbox, box_slot(box));
}

struct mailbox *nwd_box_find(struct vm_locked world, uint16_t id)
{
    struct nwd_box *box = box_find(id);

    (void)world;
    return box == NULL ? NULL : &box->mailbox;
}
