/* SPDX-License-Identifier: BSD-3-Clause */
/* Partitions with buffers: the primary sends, the service and the mute one receive. */
#pragma once

#include "ffa_expect.h"

#include <string.h>

#define IDS(sender, receiver) ((uint64_t)(sender) << 16 | (receiver))
#define BUFFER_TX             WORLD_RAM
#define BUFFER_RX             (WORLD_RAM + UINT64_C(0x10000))

static inline void buffers_map(uint16_t vm, uint64_t pages)
{
    struct vcpu *vcpu = world_vcpu(vm, 0);

    WORLD_CALL(vcpu, FFA_RXTX_MAP_64, BUFFER_TX, BUFFER_RX, pages);
    assert_int_equal(vcpu->ctx.x[0], FFA_SUCCESS_32);
}

static inline void *buffer_tx(uint16_t vm)
{
    return (void *)(uintptr_t)vm_find(vm)->mailbox.tx;
}

static inline uint8_t *buffer_rx(uint16_t vm)
{
    return vm_find(vm)->mailbox.rx;
}

static inline enum mailbox_rx buffer_state(uint16_t vm)
{
    return vm_find(vm)->mailbox.rx_state;
}

/* All three send and receive indirect messages, and have buffers of a page. */
static inline int indirect_setup(void **state)
{
    world_setup(state);
    for (uint16_t id = WORLD_PRIMARY; id <= WORLD_MUTE; id++) {
        vm_find(id)->messaging |= FFA_PROPERTY_INDIRECT;
        buffers_map(id, 1);
    }
    return 0;
}
