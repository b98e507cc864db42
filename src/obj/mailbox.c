/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/obj/mailbox.h"

#include "bh/base/cold.h"
#include "bh/base/log.h"

#include <stddef.h>

/* [begin, begin + pages) is inside the IPA space. */
BH_COLD static bool mailbox_range_is_valid(const struct stage2 *s2, struct ipaddr begin,
                                           uint32_t pages)
{
    uint64_t limit = UINT64_C(1) << s2->ipa_bits;
    uint64_t size = pages * PAGE_SIZE;

    return begin.ipa < limit && size <= limit - begin.ipa;
}

BH_COLD static bool mailbox_page_is_ram(struct stage2_entry entry)
{
    uint32_t wanted = STAGE2_R | STAGE2_W;

    return entry.valid && (entry.attributes & (wanted | STAGE2_DEVICE)) == wanted;
}

BH_COLD static bool mailbox_is_ram(const struct stage2 *s2, struct ipaddr begin, uint32_t pages)
{
    if (!mailbox_range_is_valid(s2, begin, pages)) {
        return false;
    }
    for (uint32_t i = 0; i < pages; i++) {
        if (!mailbox_page_is_ram(stage2_query(s2, ipa_add(begin, i * PAGE_SIZE)))) {
            return false;
        }
    }
    return true;
}

/* The EL2 pages of one buffer are consecutive: the first one's address is the buffer's. */
BH_COLD static void *mailbox_map_buffer(const struct stage2 *s2, uint32_t vm, bool rx,
                                        struct ipaddr begin, uint32_t pages)
{
    void *first = NULL;

    for (uint32_t i = 0; i < pages; i++) {
        struct stage2_entry entry = stage2_query(s2, ipa_add(begin, i * PAGE_SIZE));
        void *page = window_map_mailbox(vm, rx, i, entry.pa, entry.attributes);

        if (i == 0) {
            first = page;
        }
    }
    return first;
}

BH_COLD bool mailbox_request_is_well_formed(const struct mailbox_request *request)
{
    uint64_t size = request->pages * PAGE_SIZE;
    uint64_t tx = request->tx.ipa, rx = request->rx.ipa;

    return request->pages != 0 && request->pages <= MAILBOX_MAX_PAGES &&
           ((tx | rx) & (PAGE_SIZE - 1)) == 0 && (tx > rx ? tx - rx : rx - tx) >= size;
}

BH_COLD enum status mailbox_map(struct mailbox *mailbox, const struct stage2 *s2, uint32_t vm,
                                const struct mailbox_request *request)
{
    if (mailbox->mapped) {
        return STATUS_DENIED;
    }
    if (!mailbox_request_is_well_formed(request)) {
        return STATUS_INVALID;
    }
    if (!mailbox_is_ram(s2, request->tx, request->pages) ||
        !mailbox_is_ram(s2, request->rx, request->pages)) {
        return STATUS_INVALID;
    }
    *mailbox = (struct mailbox){
        .mapped = true,
        .pages = request->pages,
        .tx_ipa = request->tx,
        .rx_ipa = request->rx,
        .tx = mailbox_map_buffer(s2, vm, false, request->tx, request->pages),
        .rx = mailbox_map_buffer(s2, vm, true, request->rx, request->pages),
        .rx_state = MAILBOX_RX_EMPTY,
    };
    return STATUS_OK;
}

BH_COLD enum status mailbox_try_unmap(struct mailbox *mailbox, uint32_t vm)
{
    if (!mailbox->mapped) {
        return STATUS_INVALID;
    }
    mailbox_unmap(mailbox, vm);
    return STATUS_OK;
}

BH_COLD void mailbox_unmap(struct mailbox *mailbox, uint32_t vm)
{
    if (mailbox->mapped) {
        window_unmap_mailbox(vm, false, mailbox->pages);
        window_unmap_mailbox(vm, true, mailbox->pages);
    }
    *mailbox = (struct mailbox){0};
}

void mailbox_rx_fill(struct mailbox *mailbox)
{
    bh_assert(mailbox_rx_is_free(mailbox));
    mailbox->rx_state = MAILBOX_RX_FULL;
}

void mailbox_rx_fill_message(struct mailbox *mailbox, uint16_t sender, uint32_t size)
{
    bh_assert(mailbox_rx_is_free(mailbox));
    mailbox->rx_state = MAILBOX_RX_MESSAGE;
    mailbox->sender = sender;
    mailbox->size = size;
}

void mailbox_rx_read(struct mailbox *mailbox)
{
    if (mailbox->rx_state == MAILBOX_RX_MESSAGE) {
        mailbox->rx_state = MAILBOX_RX_FULL;
    }
}

enum status mailbox_try_rx_release(struct mailbox *mailbox)
{
    if (mailbox->rx_state == MAILBOX_RX_EMPTY) {
        return STATUS_DENIED;
    }
    mailbox->rx_state = MAILBOX_RX_EMPTY;
    return STATUS_OK;
}

void mailbox_rx_release_read(struct mailbox *mailbox)
{
    if (mailbox->rx_state == MAILBOX_RX_FULL) {
        mailbox->rx_state = MAILBOX_RX_EMPTY;
    }
}
