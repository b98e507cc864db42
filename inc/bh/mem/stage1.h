/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EL2's own Stage 1: built once at boot. Identity maps the core image (W^X by section), bundle and
 * pool, the core's devices, and a window of EL2 virtual addresses through which partition memory is
 * reached page by page (mem/window.h). After boot only window entries change.
 */
#pragma once

#include <stdint.h>

#include "bh/base/addr.h"

enum stage1_kind {
    STAGE1_CODE,   /* RX */
    STAGE1_CONST,  /* R */
    STAGE1_DATA,   /* RW, never executable */
    STAGE1_DEVICE, /* RW, nGnRE, never executable */
};

/* Boot CPU, MMU off. Ranges are page aligned. */
void stage1_init(void);
void stage1_map(struct pa_range range, enum stage1_kind kind);
/* Removes one page (stack guards). */
void stage1_unmap_page(struct paddr page);
/* Each CPU: installs TTBR0_EL2, MAIR, TCR and turns MMU and caches on. */
void stage1_enable(void);
