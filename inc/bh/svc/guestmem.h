/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Access to partition memory from EL2, by IPA, page by page through the window. No pointer into a
 * partition outlives the call. STATUS_INVALID: not mapped, or not with the wanted permission.
 */
#pragma once

#include <stdint.h>

#include "bh/base/status.h"
#include "bh/obj/vm.h"

enum status guestmem_read(struct vm *vm, struct ipaddr from, void *to, uint64_t size) BH_NODISCARD;
enum status guestmem_write(struct vm *vm, struct ipaddr to, const void *from,
                           uint64_t size) BH_NODISCARD;
