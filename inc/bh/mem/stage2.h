/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 of one partition: 4 KiB granule, blocks of 1 GiB and 2 MiB where alignment allows, IPA
 * spaces of 32 to 48 bits (start level and concatenation follow from the size).
 * Prepare does what may refuse and changes no translation; commit cannot fail. Changes of live
 * entries go through break-before-make; who handles a Stage 2 fault of another vCPU must therefore
 * look again (stage2_query) under the VM's lock before it calls the fault the guest's.
 * Locks: the VM's lock, except at boot. Source: Arm ARM D8.2, D8.14.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/arch/arch_mmu.h"
#include "bh/base/addr.h"
#include "bh/base/status.h"
#include "bh/mem/walk.h"

#define STAGE2_R      ARCH_ATTR_R
#define STAGE2_W      ARCH_ATTR_W
#define STAGE2_X      ARCH_ATTR_X
#define STAGE2_DEVICE ARCH_ATTR_DEVICE
#define STAGE2_NS     ARCH_ATTR_NS

struct stage2 {
    struct walk_space space;
    uint8_t ipa_bits; /* as asked for; space.bits is not larger than the CPU's PA size */
    uint16_t vmid;
    uint64_t vttbr; /* ready for VTTBR_EL2 */
    uint64_t vtcr;  /* ready for VTCR_EL2 */
};

struct stage2_entry {
    struct paddr pa;
    uint32_t attributes;
    bool valid;
    uint64_t
        span; /* bytes from ipa to the end of the leaf that maps it, or of the hole; 0 outside */
};

/* Boot: root from the pool. ipa_bits 32 to 48; vmid 1 to 255, unique. */
void stage2_init(struct stage2 *s2, uint8_t ipa_bits, uint16_t vmid);
/* Before the first mapping: leaves are pages, so that no change of a page will need a table. */
void stage2_use_pages(struct stage2 *s2);
/* Secure state: ns becomes the non-secure IPA space beside own, with its size and VMID. */
void stage2_init_ns(struct stage2 *ns, struct stage2 *own);
/*
 * STATUS_INVALID: misaligned, empty, outside the IPA space; STATUS_DENIED: part of it is mapped
 * already; STATUS_NO_MEMORY: the pool has not enough pages. Nothing is changed then.
 */
enum status stage2_map(struct stage2 *s2, struct ipaddr ipa, struct pa_range pa,
                       uint32_t attributes) BH_NODISCARD;
/* Errors as above, STATUS_DENIED: not mapped throughout. */
enum status stage2_unmap(struct stage2 *s2, struct ipaddr ipa, uint64_t size) BH_NODISCARD;
/* After STATUS_OK, unmapping or changing attributes of this range cannot fail. */
enum status stage2_prepare(struct stage2 *s2, struct ipaddr ipa, uint64_t size) BH_NODISCARD;
void stage2_commit_unmap(struct stage2 *s2, struct ipaddr ipa, uint64_t size);
void stage2_commit_protect(struct stage2 *s2, struct ipaddr ipa, uint64_t size,
                           uint32_t attributes);
struct stage2_entry stage2_query(const struct stage2 *s2, struct ipaddr ipa);
/* Pages of tables in use (the plan tool's figure). */
uint64_t stage2_pages_used(const struct stage2 *s2);
