/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The buffers of the test partition, and its messages.
 */
#pragma once

#include "services/agent_message.h"
#include "services/agents.h"

#define PAGES 2

extern uint8_t indirect_tx[MESSAGE_BUFFER];
extern uint8_t indirect_rx[MESSAGE_BUFFER];

#define HEADER (uint32_t)sizeof(struct ffa_message_header)

/* Selects the agent of vm, with fresh buffers. */
#define AGENT_SELECT(vm)                                                                           \
    do {                                                                                           \
        SERVICE_SELECT(vm, "agent");                                                               \
        (void)agent_ask(vm, AGENT_UNMAP, 0, 0, 0);                                                 \
        AGENT_OK(vm, AGENT_MAP, PAGES, 0, 0);                                                      \
        AGENT_OK(vm, AGENT_RETRIEVE, 1, 0, 0);                                                     \
    } while (0)

/* A message of size bytes that all follow from seed. */
static inline struct ffa_value message_send(uint16_t receiver, uint32_t size, uint32_t seed)
{
    message_fill(indirect_tx + HEADER, size, seed);
    return ffa_send2(indirect_tx, receiver, size);
}
