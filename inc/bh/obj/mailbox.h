/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RX/TX buffers of an FF-A endpoint: where they are and who owns RX. Guarded by the VM's lock.
 * Source: DEN0077A 7.2.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"

enum mailbox_rx { MAILBOX_RX_EMPTY, MAILBOX_RX_FULL };

struct mailbox {
    bool mapped;
    uint32_t pages;
    struct ipaddr tx_ipa, rx_ipa;
    const void *tx; /* EL2 views (mem/window.h) */
    void *rx;
    enum mailbox_rx rx_state;
};
