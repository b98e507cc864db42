/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 2 of one partition: 4 KiB granule, blocks of 1 GiB and 2 MiB where alignment allows, IPA
 * spaces of 32 to 48 bits (start level and concatenation follow from the size).
 * Prepare reserves all tables a change needs and may refuse; commit cannot fail. Changes of live
 * entries go through break-before-make. Locks: the VM's lock, except at boot.
 * Source: Arm ARM D8.2, D8.14.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"
#include "bh/base/status.h"

#define STAGE2_R UINT32_C(1)
#define STAGE2_W UINT32_C(2)
#define STAGE2_X UINT32_C(4)
#define STAGE2_DEVICE UINT32_C(8)

struct stage2 {
    struct paddr root;
    uint8_t ipa_bits;
    uint8_t start_level;
    uint16_t vmid;
    uint64_t vttbr; /* ready for VTTBR_EL2 */
    uint64_t vtcr;  /* ready for VTCR_EL2 */
};

struct stage2_entry {
    struct paddr pa;
    uint32_t attributes;
    bool valid;
    uint64_t span; /* bytes from ipa to the end of the leaf that maps it, or of the hole */
};

/* Boot: tables come from the pool. */
void stage2_init(struct stage2 *s2, uint8_t ipa_bits, uint16_t vmid);
enum status stage2_map(struct stage2 *s2, struct ipaddr ipa, struct pa_range pa, uint32_t attributes)
    BH_NODISCARD;
enum status stage2_unmap(struct stage2 *s2, struct ipaddr ipa, uint64_t size) BH_NODISCARD;
/* Changes attributes of mapped pages; splits blocks from a reserve that prepare filled. */
enum status stage2_prepare_protect(struct stage2 *s2, struct ipaddr ipa, uint64_t size) BH_NODISCARD;
void stage2_commit_protect(struct stage2 *s2, struct ipaddr ipa, uint64_t size, uint32_t attributes);
struct stage2_entry stage2_query(const struct stage2 *s2, struct ipaddr ipa);
/* Pages that stage2_map would draw for this layout (the plan tool's figure). */
uint64_t stage2_pages_used(const struct stage2 *s2);
