/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Access rights of an EL0 partition to its own pages, which it sets itself while it initialises
 * (FFA_MEM_PERM_GET and SET). Its Stage 2 consists of pages, so nothing here needs memory.
 * Locks: takes the VM's. Source: DEN0140 (FF-A memory management), 2.10 and 2.11.
 */
#pragma once

#include <stdint.h>

#include "bh/base/status.h"
#include "bh/obj/vm.h"

/* STAGE2_R, W and X of the page at ipa. STATUS_INVALID: not aligned, not mapped. */
enum status mem_perm_get(struct vm *vm, struct ipaddr ipa, uint32_t *access) BH_NODISCARD;
/*
 * Gives `pages` pages from ipa these rights. STATUS_INVALID: not aligned, none, one of them not
 * mapped, memory and devices mixed, a device made executable; STATUS_DENIED: more than the manifest
 * gives. Nothing is changed then.
 */
enum status mem_perm_set(struct vm *vm, struct ipaddr ipa, uint64_t pages,
                         uint32_t access) BH_NODISCARD;
/* All pages as at the first start. No vCPU of vm runs. */
void mem_perm_reset(struct vm *vm);
