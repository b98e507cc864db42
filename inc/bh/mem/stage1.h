/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EL2's own Stage 1: built once at boot. Identity maps the core image (W^X by section), bundle and
 * pool, the core's devices, and a window of EL2 virtual addresses through which partition memory is
 * reached page by page (mem/window.h). After boot only window entries change.
 */
#pragma once

#include <stdint.h>

#include "bh/base/addr.h"
#include "bh/mem/walk.h"

enum stage1_kind {
    STAGE1_CODE,   /* RX */
    STAGE1_CONST,  /* R */
    STAGE1_DATA,   /* RW, never executable */
    STAGE1_DEVICE, /* RW, nGnRE, never executable */
};

/*
 * EL2 has 48 bits of virtual addresses. The last 512 GiB belong to the window; identity mappings
 * lie below. Each CPU maps the same.
 */
#define STAGE1_BITS        48
#define STAGE1_WINDOW_BASE UINT64_C(0xff8000000000)

/*
 * Boot CPU, MMU off, after pool_init. Ranges are page aligned. A range that is mapped already or
 * reaches into the window panics: the plan was checked.
 */
void stage1_init(void);
void stage1_map(struct pa_range range, enum stage1_kind kind);
/* Removes one page (stack guards). */
void stage1_unmap_page(struct paddr page);
/* Of mem alone: for window.c. */
struct walk_space *stage1_space(void);
/* Pages of tables in use. */
uint64_t stage1_pages_used(void);
/* Each CPU, the boot CPU first: installs TTBR0_EL2, MAIR, TCR and turns MMU and caches on. */
void stage1_enable(void);
