/* SPDX-License-Identifier: BSD-3-Clause */
/* What a hypervisor writes into its TX to map buffers of a VM. Source: DEN0077A 1.2 table 13.26. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct composite {
    uint32_t pages, constituents;
    uint64_t reserved, address;
    uint32_t constituent_pages, constituent_reserved;
};

struct descriptor {
    uint16_t id, reserved;
    uint32_t rx_offset, tx_offset, padding;
    struct composite rx, tx;
};

/* One page each. */
static inline struct descriptor descriptor_make(uint16_t id, const void *rx, const void *tx)
{
    return (struct descriptor){
        .id = id,
        .rx_offset = offsetof(struct descriptor, rx),
        .tx_offset = offsetof(struct descriptor, tx),
        .rx = {1, 1, 0, (uintptr_t)rx, 1, 0},
        .tx = {1, 1, 0, (uintptr_t)tx, 1, 0},
    };
}
