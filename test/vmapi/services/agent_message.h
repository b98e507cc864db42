/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Payloads whose every word follows from the first: what arrives whole can be told from what was
 * torn or mixed. Sizes are multiples of 4.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MESSAGE_BUFFER 8192 /* largest RX or TX */

void message_fill(void *payload, uint32_t size, uint32_t seed);
bool message_is_whole(const void *payload, uint32_t size);
