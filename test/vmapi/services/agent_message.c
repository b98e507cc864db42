/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/agent_message.h"

#define STEP UINT32_C(0x9e3779b9)

void message_fill(void *payload, uint32_t size, uint32_t seed)
{
    uint32_t *word = payload;

    for (uint32_t i = 0; i < size / 4; i++) {
        word[i] = seed + i * STEP;
    }
}

bool message_is_whole(const void *payload, uint32_t size)
{
    const uint32_t *word = payload;

    for (uint32_t i = 1; i < size / 4; i++) {
        if (word[i] != word[0] + i * STEP) {
            return false;
        }
    }
    return true;
}
