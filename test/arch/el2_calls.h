/* SPDX-License-Identifier: BSD-3-Clause */
/* What the guest of the EL2 tests asks of the core that is built for them. */
#pragma once

#include <stdint.h>

/* HVC: x1 one of these, x2 and x3 arguments; x0 is 0 where it returns. */
#define EL2_CALL UINT64_C(0xffee)

enum el2_call {
    EL2_WRITE_TEXT,
    EL2_WRITE_RODATA,
    EL2_RUN_DATA,
    EL2_STACK_OVERFLOW,
    EL2_NULL,
    EL2_REMAP,   /* the page at IPA x2 becomes the one at x3 */
    EL2_UNMAP,   /* the page at IPA x2 */
    EL2_PROTECT, /* the page at IPA x2: read only */
    EL2_CALLS,
};
