/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RX/TX buffers of an FF-A endpoint: where they are and who owns RX. Guarded by the VM's lock,
 * which every function here requires. TX is owned by the partition except during a call.
 * Source: DEN0077A 7.2.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"
#include "bh/base/status.h"
#include "bh/mem/stage2.h"
#include "bh/mem/window.h"

#define MAILBOX_MAX_PAGES WINDOW_MAILBOX_PAGES

enum mailbox_rx {
    MAILBOX_RX_EMPTY,
    MAILBOX_RX_FULL,    /* the partition owns it */
    MAILBOX_RX_MESSAGE, /* the same, and it has not been told of the message in it yet */
};

struct mailbox {
    bool mapped;
    bool is_below; /* the SPMC has it, too, and decides who owns RX (svc/spmc_below.h) */
    uint32_t pages;
    struct ipaddr tx_ipa, rx_ipa;
    const void *tx; /* EL2 views (mem/window.h) */
    void *rx;
    enum mailbox_rx rx_state;
    uint16_t sender; /* of the message in RX, */
    uint32_t size;   /* and its bytes: what FFA_MSG_SEND (v1.0) says of it */
};

/* What a partition asks for: two buffers of `pages` 4 KiB pages. */
struct mailbox_request {
    struct ipaddr tx, rx;
    uint32_t pages;
};

/* Size, alignment and overlap are right, whosever the memory is. */
bool mailbox_request_is_well_formed(const struct mailbox_request *request);
/*
 * Maps both buffers into EL2, RX empty. vm: index of the partition (mem/window.h).
 * STATUS_DENIED: already mapped; STATUS_INVALID: size, alignment, overlap, or a page that is not
 * the partition's readable and writable normal memory. Nothing changes unless STATUS_OK.
 */
enum status mailbox_map(struct mailbox *mailbox, const struct stage2 *s2, uint32_t vm,
                        const struct mailbox_request *request) BH_NODISCARD;
/* STATUS_INVALID: nothing is mapped. */
enum status mailbox_try_unmap(struct mailbox *mailbox, uint32_t vm) BH_NODISCARD;
/* The same without complaint: VM reset. */
void mailbox_unmap(struct mailbox *mailbox, uint32_t vm);

/* Bytes that fit into RX; 0 when unmapped. */
static inline uint64_t mailbox_size(const struct mailbox *mailbox)
{
    return mailbox->mapped ? mailbox->pages * PAGE_SIZE : 0;
}

/* RX may be written by the core: mapped and empty. */
static inline bool mailbox_rx_is_free(const struct mailbox *mailbox)
{
    return mailbox->mapped && mailbox->rx_state == MAILBOX_RX_EMPTY;
}

/* The core has written RX: it belongs to the partition now. Only after mailbox_rx_is_free. */
void mailbox_rx_fill(struct mailbox *mailbox);
/* The same with a message. */
void mailbox_rx_fill_message(struct mailbox *mailbox, uint16_t sender, uint32_t size);
/* The partition has been told of the message in RX, if there is one. */
void mailbox_rx_read(struct mailbox *mailbox);
/* STATUS_DENIED: the partition does not own RX. */
enum status mailbox_try_rx_release(struct mailbox *mailbox) BH_NODISCARD;
/* What FFA_MSG_WAIT does by the way: RX is free, unless there is something unread in it. */
void mailbox_rx_release_read(struct mailbox *mailbox);
