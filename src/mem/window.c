/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Layout from STAGE1_WINDOW_BASE, one level 3 table (2 MiB) each:
 *   [0, cpus)  the block of CPU n
 *   [cpus, ..) slots: per CPU WINDOW_CPU_SLOTS pages, then per partition TX and RX pages
 * The tables lie side by side, so that a page's entry is one addition away.
 */
#include "bh/mem/window.h"

#include "bh/arch/arch_mmu.h"
#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/mem/pool.h"
#include "bh/mem/stage1.h"

#define MAILBOX_SLOTS (2 * WINDOW_MAILBOX_PAGES)
#define BLOCK_SIZE    ((uint64_t)ARCH_PTE_COUNT * PAGE_SIZE)
#define CPUS_MAX      64

static struct {
    arch_pte *pte; /* entry of window page 0 */
    uint32_t cpus;
    uint32_t vms;
    struct {
        uint16_t begin, end; /* entries in use: most blocks are a few pages of 512 */
    } block[CPUS_MAX];
} window;

BH_COLD void window_init(uint32_t cpus, uint32_t vms)
{
    uint32_t slots = cpus * WINDOW_CPU_SLOTS + vms * MAILBOX_SLOTS;
    uint32_t tables = cpus + (slots + ARCH_PTE_COUNT - 1) / ARCH_PTE_COUNT;

    bh_assert(cpus > 0 && cpus <= CPUS_MAX);
    window.pte = pool_alloc_pages(tables, PAGE_SIZE);
    window.cpus = cpus;
    window.vms = vms;
    for (uint32_t i = 0; i < cpus; i++) {
        window.block[i].begin = window.block[i].end = 0;
    }
    for (uint32_t i = 0; i < tables; i++) {
        walk_attach(stage1_space(), STAGE1_WINDOW_BASE + i * BLOCK_SIZE,
                    pa_init(va_from_ptr(window.pte + (uint64_t)i * ARCH_PTE_COUNT).va));
    }
}

static struct vaddr page_address(uint64_t page)
{
    return va_init(STAGE1_WINDOW_BASE + page * PAGE_SIZE);
}

static uint64_t cpu_page(uint32_t cpu, uint32_t slot)
{
    bh_assert(cpu < window.cpus && slot < WINDOW_CPU_SLOTS);
    return (uint64_t)window.cpus * ARCH_PTE_COUNT + cpu * WINDOW_CPU_SLOTS + slot;
}

static uint64_t mailbox_page(uint32_t vm, bool rx, uint32_t page)
{
    bh_assert(vm < window.vms && page < WINDOW_MAILBOX_PAGES);
    return (uint64_t)window.cpus * ARCH_PTE_COUNT + window.cpus * WINDOW_CPU_SLOTS +
           (uint64_t)vm * MAILBOX_SLOTS + (rx ? WINDOW_MAILBOX_PAGES : 0) + page;
}

static void unmap_pages(uint64_t page, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        window.pte[page + i] = 0;
    }
    arch_tlbi_el2_range(page_address(page), count, PAGE_SIZE);
}

static void *map_page(uint64_t page, struct paddr target, uint32_t attributes)
{
    arch_pte template =
        arch_pte_stage1_template(ARCH_ATTR_R | (attributes & (ARCH_ATTR_W | ARCH_ATTR_NS)));

    if (arch_pte_is_valid(window.pte[page])) {
        unmap_pages(page, 1); /* break before make */
    }
    window.pte[page] = arch_pte_leaf(template, target, ARCH_LEVEL_PAGE);
    arch_pte_publish();
    return arch_mmu_view(page_address(page), target);
}

void *window_map_cpu(uint32_t cpu, uint32_t slot, struct paddr page, uint32_t attributes)
{
    return map_page(cpu_page(cpu, slot), page, attributes);
}

void window_unmap_cpu(uint32_t cpu, uint32_t slot)
{
    unmap_pages(cpu_page(cpu, slot), 1);
}

BH_COLD void *window_map_mailbox(uint32_t vm, bool rx, uint32_t page, struct paddr target,
                                 uint32_t attributes)
{
    return map_page(mailbox_page(vm, rx, page), target,
                    (attributes & ARCH_ATTR_NS) | (rx ? ARCH_ATTR_W : 0));
}

BH_COLD void window_unmap_mailbox(uint32_t vm, bool rx, uint32_t pages)
{
    bh_assert(pages > 0 && pages <= WINDOW_MAILBOX_PAGES);
    unmap_pages(mailbox_page(vm, rx, 0), pages);
}

BH_COLD void *window_map_block(uint32_t cpu, struct pa_range range)
{
    uint64_t base = num_align_down(range.base.pa, PAGE_SIZE);
    uint64_t end = num_align_up(range.base.pa + range.size, PAGE_SIZE);
    uint64_t first = (uint64_t)cpu * ARCH_PTE_COUNT;

    bh_assert(cpu < window.cpus && end - base <= BLOCK_SIZE);
    /* Pages stand at their place within the 2 MiB, so a range that crossed would wrap. */
    bh_assert(num_align_down(base, BLOCK_SIZE) == num_align_down(end - 1, BLOCK_SIZE));
    arch_pte template = arch_pte_stage1_template(ARCH_ATTR_R | ARCH_ATTR_W);

    window_unmap_block(cpu);
    window.block[cpu].begin = (uint16_t)(base / PAGE_SIZE % ARCH_PTE_COUNT);
    window.block[cpu].end = (uint16_t)(window.block[cpu].begin + (end - base) / PAGE_SIZE);
    for (uint32_t i = window.block[cpu].begin; i < window.block[cpu].end; i++) {
        window.pte[first + i] = arch_pte_leaf(template, pa_init(base), ARCH_LEVEL_PAGE);
        base += PAGE_SIZE;
    }
    arch_pte_publish();
    return arch_mmu_view(
        va_init(STAGE1_WINDOW_BASE + cpu * BLOCK_SIZE + (range.base.pa & (BLOCK_SIZE - 1))),
        range.base);
}

void window_unmap_block(uint32_t cpu)
{
    arch_pte *pte = window.pte + (uint64_t)cpu * ARCH_PTE_COUNT;

    bh_assert(cpu < window.cpus);
    if (window.block[cpu].begin == window.block[cpu].end) {
        return;
    }
    for (uint32_t i = window.block[cpu].begin; i < window.block[cpu].end; i++) {
        pte[i] = 0;
    }
    window.block[cpu].begin = window.block[cpu].end = 0;
    arch_tlbi_el2_all();
}
