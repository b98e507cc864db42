/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One walker for every translation table: EL2's Stage 1 and each VM's Stage 2.
 *
 *   level 0      level 1      level 2      level 3
 *   +-----+      +-----+      +-----+      +-----+
 *   | ----+----> | ----+----> | ----+----> | page|   entry of level L: table, leaf or hole
 *   |     |      | 1 G |      | 2 M |      |     |   leaves at level 1 (1 GiB), 2 (2 MiB), 3 (4
 * KiB)
 *   +-----+      +-----+      +-----+      +-----+
 *
 * A space starts at start_level with one table, or with up to 16 that lie side by side and are
 * indexed as one (concatenation, D8.2.5). Tables are never freed: unmapping leaves them empty, and
 * a later mapping of the same place uses them again. All addresses and sizes are multiples of
 * PAGE_SIZE. Locks: those of the space's owner.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/arch/arch_mmu.h"
#include "bh/base/status.h"

struct walk_space {
    struct paddr root;
    uint64_t vttbr;  /* Stage 2: whose TLB entries change; 0: EL2's Stage 1 */
    uint64_t mark;   /* ARCH_IPA_NS: the non-secure IPA space of the secure state; else 0 */
    uint32_t tables; /* pages in use, root included */
    uint8_t start_level;
    uint8_t leaf_level; /* level of the largest leaves: ARCH_LEVEL_BLOCK to ARCH_LEVEL_PAGE */
    uint8_t bits;       /* input addresses lie below 2^bits */
};

/* The entry that decides about an address: the first on its path that is no table. */
struct walk_entry {
    arch_pte *pte;
    uint32_t level;
};

/* address below 2^bits. */
struct walk_entry walk_find(const struct walk_space *space, uint64_t address);

/*
 * Maps [address, address + size) to pa with the largest leaves that alignment allows.
 * STATUS_INVALID: misaligned, empty or out of range; STATUS_DENIED: something is mapped there;
 * STATUS_NO_MEMORY: not enough pages in the pool. Nothing is changed then.
 */
enum status walk_map(struct walk_space *space, uint64_t address, struct pa_range pa,
                     arch_pte template) BH_NODISCARD;

/*
 * After STATUS_OK all of the range is mapped and no leaf crosses its ends, so that commits cannot
 * fail. Translation stays the same throughout, but while a block is being split a walk may
 * find nothing there for a moment (break-before-make): a fault has to look again under the owner's
 * lock. STATUS_INVALID as above; STATUS_DENIED: not mapped throughout; STATUS_NO_MEMORY.
 */
enum status walk_prepare(struct walk_space *space, uint64_t address, uint64_t size) BH_NODISCARD;
/* After walk_prepare of the same range. */
void walk_commit_unmap(struct walk_space *space, uint64_t address, uint64_t size);
void walk_commit_protect(struct walk_space *space, uint64_t address, uint64_t size,
                         arch_pte template);

/* Hangs a table of level 3 under the hole at address (2 MiB aligned). Boot; panics when it cannot.
 */
void walk_attach(struct walk_space *space, uint64_t address, struct paddr table);
