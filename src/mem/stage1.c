/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/mem/stage1.h"

#include <stdbool.h>

#include "bh/arch/arch_cache.h"
#include "bh/arch/arch_mmu.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/mem/pool.h"

static const uint32_t kind_attributes[] = {
    [STAGE1_CODE] = ARCH_ATTR_R | ARCH_ATTR_X,
    [STAGE1_CONST] = ARCH_ATTR_R,
    [STAGE1_DATA] = ARCH_ATTR_R | ARCH_ATTR_W,
    [STAGE1_DEVICE] = ARCH_ATTR_R | ARCH_ATTR_W | ARCH_ATTR_DEVICE,
};

static struct walk_space space;
static bool is_enabled;

void stage1_init(void)
{
    space = (struct walk_space){
        .root = pa_init(va_from_ptr(pool_alloc_pages(1, PAGE_SIZE)).va),
        .tables = 1,
        .start_level = 0,
        .leaf_level = ARCH_LEVEL_BLOCK,
        .bits = STAGE1_BITS,
    };
    is_enabled = false;
}

void stage1_map(struct pa_range range, enum stage1_kind kind)
{
    enum status status = STATUS_INVALID;

    if (num_is_within(range.base.pa, range.size, STAGE1_WINDOW_BASE)) {
        status =
            walk_map(&space, range.base.pa, range, arch_pte_stage1_template(kind_attributes[kind]));
    }
    if (status != STATUS_OK) {
        panic("EL2 cannot map [%llx, %llx): status %u", (unsigned long long)range.base.pa,
              (unsigned long long)(range.base.pa + range.size), status);
    }
}

void stage1_unmap_page(struct paddr page)
{
    if (walk_prepare(&space, page.pa, PAGE_SIZE) != STATUS_OK) {
        panic("EL2 cannot unmap %llx", (unsigned long long)page.pa);
    }
    walk_commit_unmap(&space, page.pa, PAGE_SIZE);
}

struct walk_space *stage1_space(void)
{
    return &space;
}

uint64_t stage1_pages_used(void)
{
    return space.tables;
}

void stage1_enable(void)
{
    if (!is_enabled) {
        struct pa_range written = pool_page_range();

        /* The tables were written past the caches; what the caches hold there is older. */
        arch_cache_invalidate(pa_identity_ptr(written.base), written.size);
    }
    arch_mmu_enable(space.root);
    if (!is_enabled) {
        is_enabled = true;
        /* The other CPUs read it with their caches off. */
        arch_cache_clean(&is_enabled, sizeof(is_enabled));
        pool_share();
    }
}
