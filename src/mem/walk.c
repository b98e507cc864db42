/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/mem/walk.h"

#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/mem/pool.h"

#define OUTPUT_BITS 48

/* A part of a mapping that is still to be done. */
struct piece {
    uint64_t address;
    uint64_t pa;
    uint64_t size;
};

static arch_pte *table_pointer(struct paddr table)
{
    return pa_identity_ptr(table);
}

static arch_pte *entry_pointer(const struct walk_space *space, struct paddr table, uint32_t level,
                               uint64_t address)
{
    uint64_t index = address >> arch_level_shift(level);

    /* At the start level the index runs through all concatenated tables. */
    if (level != space->start_level) {
        index &= ARCH_PTE_COUNT - 1;
    }
    return table_pointer(table) + index;
}

__attribute__((noinline)) struct walk_entry walk_find(const struct walk_space *space,
                                                      uint64_t address)
{
    uint32_t level = space->start_level;
    arch_pte *pte = entry_pointer(space, space->root, level, address);

    while (arch_pte_is_table(*pte, level)) {
        struct paddr table = arch_pte_address(*pte);

        level++;
        pte = entry_pointer(space, table, level, address);
    }
    return (struct walk_entry){.pte = pte, .level = level};
}

static bool is_range_sane(const struct walk_space *space, uint64_t address, uint64_t size)
{
    return size != 0 && num_is_aligned(address | size, PAGE_SIZE) &&
           num_is_within(address, size, UINT64_C(1) << space->bits);
}

/* Bytes from address to the end of the entry of this level, at most size. */
static uint64_t bytes_in_entry(uint64_t address, uint64_t size, uint32_t level)
{
    uint64_t span = arch_level_span(level);

    return num_min(size, span - (address & (span - 1)));
}

static void tlbi(const struct walk_space *space, uint64_t address, uint64_t count, uint32_t level)
{
    if (space->vttbr != 0) {
        arch_tlbi_stage2_range(space->vttbr, ipa_init(address | space->mark), count,
                               arch_level_span(level));
    } else {
        arch_tlbi_el2_range(va_init(address), count, arch_level_span(level));
    }
}

/* Entries of this level that the piece touches and that cannot be leaves. */
static uint64_t count_inner(const struct walk_space *space, const struct piece *piece,
                            uint32_t level)
{
    uint64_t span = arch_level_span(level);
    uint64_t end = piece->address + piece->size;
    uint64_t touched = (num_align_up(end, span) - num_align_down(piece->address, span)) / span;
    uint64_t first = num_align_up(piece->address, span);
    uint64_t last = num_align_down(end, span);

    if (level < space->leaf_level || !num_is_aligned(piece->address ^ piece->pa, span) ||
        first >= last) {
        return touched;
    }
    return touched - (last - first) / span;
}

/* Tables that a piece inside one hole of this level will need. */
static uint64_t count_tables(const struct walk_space *space, const struct piece *piece,
                             uint32_t level)
{
    uint64_t tables = 0;

    for (; level < ARCH_LEVEL_PAGE; level++) {
        tables += count_inner(space, piece, level);
    }
    return tables;
}

/* Entries from pte to the end of its table. */
static uint64_t entries_left(const struct walk_space *space, const struct walk_entry *entry,
                             uint64_t address)
{
    uint64_t index = address >> arch_level_shift(entry->level);

    if (entry->level == space->start_level) {
        return (UINT64_C(1) << (space->bits - arch_level_shift(entry->level))) - index;
    }
    return ARCH_PTE_COUNT - (index & (ARCH_PTE_COUNT - 1));
}

/* Bytes of the piece that start in the hole; further page holes of the same table are one with it:
 * an unaligned partition has hundreds of them. */
static uint64_t bytes_in_hole(const struct walk_space *space, const struct walk_entry *hole,
                              const struct piece *piece)
{
    if (hole->level != ARCH_LEVEL_PAGE) {
        return bytes_in_entry(piece->address, piece->size, hole->level);
    }
    uint64_t limit = num_min(entries_left(space, hole, piece->address), piece->size / PAGE_SIZE);
    uint64_t count = 1;

    while (count < limit && !arch_pte_is_valid(hole->pte[count])) {
        count++;
    }
    return count * PAGE_SIZE;
}

/* STATUS_DENIED: something is mapped in the range. Else *tables is what mapping it will draw. */
static enum status check_map(const struct walk_space *space, struct piece piece, uint64_t *tables)
{
    *tables = 0;
    while (piece.size != 0) {
        struct walk_entry entry = walk_find(space, piece.address);
        struct piece part = piece;

        if (arch_pte_is_valid(*entry.pte)) {
            return STATUS_DENIED;
        }
        part.size = bytes_in_hole(space, &entry, &piece);
        *tables += count_tables(space, &part, entry.level);
        piece.address += part.size;
        piece.pa += part.size;
        piece.size -= part.size;
    }
    return STATUS_OK;
}

static uint32_t best_level(const struct walk_space *space, const struct piece *piece,
                           uint32_t at_least)
{
    uint32_t level = at_least < space->leaf_level ? space->leaf_level : at_least;

    while (level < ARCH_LEVEL_PAGE &&
           (piece->size < arch_level_span(level) ||
            !num_is_aligned(piece->address | piece->pa, arch_level_span(level)))) {
        level++;
    }
    return level;
}

/* A new table under the hole; its pages were reserved. Returns the entry one level down. */
static struct walk_entry add_table(struct walk_space *space, struct walk_entry hole,
                                   uint64_t address)
{
    struct paddr table = pool_draw_page();

    space->tables++;
    arch_pte_publish_table();
    *hole.pte = arch_pte_table(table);
    return (struct walk_entry){
        .pte = entry_pointer(space, table, hole.level + 1, address),
        .level = hole.level + 1,
    };
}

/* Fills a run of holes in one table; the piece moves on behind it. */
static void fill_run(const struct walk_space *space, struct walk_entry entry, struct piece *piece,
                     arch_pte template)
{
    uint64_t span = arch_level_span(entry.level);
    uint64_t count = num_min(entries_left(space, &entry, piece->address), piece->size / span);

    for (uint64_t i = 0; i < count && !arch_pte_is_valid(entry.pte[i]); i++) {
        entry.pte[i] = arch_pte_leaf(template, pa_init(piece->pa), entry.level);
        piece->address += span;
        piece->pa += span;
        piece->size -= span;
    }
}

enum status walk_map(struct walk_space *space, uint64_t address, struct pa_range pa,
                     arch_pte template)
{
    struct piece piece = {.address = address, .pa = pa.base.pa, .size = pa.size};
    uint64_t tables;

    if (!is_range_sane(space, address, pa.size) || !num_is_aligned(pa.base.pa, PAGE_SIZE) ||
        !num_is_within(pa.base.pa, pa.size, UINT64_C(1) << OUTPUT_BITS)) {
        return STATUS_INVALID;
    }
    enum status status = check_map(space, piece, &tables);

    if (status != STATUS_OK) {
        return status;
    }
    if (tables > UINT32_MAX || !pool_try_reserve((uint32_t)tables)) {
        return STATUS_NO_MEMORY;
    }
    while (piece.size != 0) {
        struct walk_entry entry = walk_find(space, piece.address);
        uint32_t level = best_level(space, &piece, entry.level);

        while (entry.level < level) {
            entry = add_table(space, entry, piece.address);
        }
        fill_run(space, entry, &piece, template);
    }
    arch_pte_publish();
    return STATUS_OK;
}

/* Replaces a block by a table of equal meaning. The page was reserved. */
static void split_block(struct walk_space *space, struct walk_entry block, uint64_t address)
{
    struct paddr table = pool_draw_page();
    arch_pte *pte = table_pointer(table);
    arch_pte template = arch_pte_template(*block.pte);
    struct paddr pa = arch_pte_address(*block.pte);
    uint64_t span = arch_level_span(block.level + 1);

    for (uint32_t i = 0; i < ARCH_PTE_COUNT; i++) {
        pte[i] = arch_pte_leaf(template, pa_add(pa, i * span), block.level + 1);
    }
    space->tables++;
    /* Break, forget, make: two sizes for one address must never be live together. */
    *block.pte = 0;
    tlbi(space, num_align_down(address, arch_level_span(block.level)), 1, block.level);
    *block.pte = arch_pte_table(table);
    arch_pte_publish();
}

/* Afterwards no leaf crosses address. */
static BH_COLD enum status split_at(struct walk_space *space, uint64_t address)
{
    uint32_t level = ARCH_LEVEL_BLOCK;

    if (address == UINT64_C(1) << space->bits) {
        return STATUS_OK;
    }
    while (!num_is_aligned(address, arch_level_span(level))) {
        level++;
    }
    struct walk_entry entry = walk_find(space, address);

    if (!arch_pte_is_valid(*entry.pte) || entry.level >= level) {
        return STATUS_OK;
    }
    if (!pool_try_reserve(level - entry.level)) {
        return STATUS_NO_MEMORY;
    }
    for (; entry.level < level; entry = walk_find(space, address)) {
        split_block(space, entry, address);
    }
    return STATUS_OK;
}

static bool is_mapped(const struct walk_space *space, uint64_t address, uint64_t size)
{
    while (size != 0) {
        struct walk_entry entry = walk_find(space, address);
        uint64_t done = bytes_in_entry(address, size, entry.level);

        if (!arch_pte_is_valid(*entry.pte)) {
            return false;
        }
        address += done;
        size -= done;
    }
    return true;
}

enum status walk_prepare(struct walk_space *space, uint64_t address, uint64_t size)
{
    if (!is_range_sane(space, address, size)) {
        return STATUS_INVALID;
    }
    if (!is_mapped(space, address, size)) {
        return STATUS_DENIED;
    }
    enum status status = split_at(space, address);

    return status != STATUS_OK ? status : split_at(space, address + size);
}

/* A run of leaves of one table inside the range, prepared. */
static uint64_t run_length(const struct walk_space *space, const struct walk_entry *entry,
                           uint64_t address, uint64_t size)
{
    uint64_t span = arch_level_span(entry->level);
    uint64_t limit = num_min(entries_left(space, entry, address), size / span);
    uint64_t count = 0;

    while (count < limit && arch_pte_is_valid(entry->pte[count]) &&
           !arch_pte_is_table(entry->pte[count], entry->level)) {
        count++;
    }
    bh_assert(count > 0); /* the caller prepared the range */
    return count;
}

void walk_commit_unmap(struct walk_space *space, uint64_t address, uint64_t size)
{
    while (size != 0) {
        struct walk_entry entry = walk_find(space, address);
        uint64_t count = run_length(space, &entry, address, size);
        uint64_t bytes = count * arch_level_span(entry.level);

        for (uint64_t i = 0; i < count; i++) {
            entry.pte[i] = 0;
        }
        tlbi(space, address, count, entry.level);
        address += bytes;
        size -= bytes;
    }
}

static void protect_run(const struct walk_space *space, const struct walk_entry *entry,
                        uint64_t address, uint64_t count, arch_pte template)
{
    arch_pte first = arch_pte_leaf(template, arch_pte_address(*entry->pte), entry->level);

    /* Attributes are alike within a run or not; a break for all is always right. */
    bool is_break = arch_pte_needs_break(*entry->pte, first);

    for (uint64_t i = 1; i < count && !is_break; i++) {
        arch_pte wanted = arch_pte_leaf(template, arch_pte_address(entry->pte[i]), entry->level);

        is_break = arch_pte_needs_break(entry->pte[i], wanted);
    }
    for (uint64_t i = 0; i < count; i++) {
        arch_pte wanted = arch_pte_leaf(template, arch_pte_address(entry->pte[i]), entry->level);

        if (is_break) {
            entry->pte[i] = 0;
            tlbi(space, address + i * arch_level_span(entry->level), 1, entry->level);
        }
        entry->pte[i] = wanted;
    }
    if (is_break) {
        arch_pte_publish();
    } else {
        tlbi(space, address, count, entry->level);
    }
}

void walk_commit_protect(struct walk_space *space, uint64_t address, uint64_t size,
                         arch_pte template)
{
    while (size != 0) {
        struct walk_entry entry = walk_find(space, address);
        uint64_t count = run_length(space, &entry, address, size);
        uint64_t bytes = count * arch_level_span(entry.level);

        protect_run(space, &entry, address, count, template);
        address += bytes;
        size -= bytes;
    }
}

BH_COLD void walk_attach(struct walk_space *space, uint64_t address, struct paddr table)
{
    struct walk_entry entry = walk_find(space, address);

    if (arch_pte_is_valid(*entry.pte) || entry.level >= ARCH_LEVEL_PAGE ||
        !pool_try_reserve(ARCH_LEVEL_PAGE - 1 - entry.level)) {
        panic("no room for a table at %llx", (unsigned long long)address);
    }
    while (entry.level < ARCH_LEVEL_PAGE - 1) {
        entry = add_table(space, entry, address);
    }
    space->tables++;
    arch_pte_publish_table();
    *entry.pte = arch_pte_table(table);
    arch_pte_publish();
}
