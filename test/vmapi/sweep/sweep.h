/* SPDX-License-Identifier: BSD-3-Clause */
/* System registers by their encodings, in code that is written when it is needed. */
#pragma once

#include <vmlib.h>

#define SWEEP_ENCODINGS 0x8000u /* op0 (2 or 3), op1, CRn, CRm, op2 */
#define SWEEP_ENCODING(op0, op1, crn, crm, op2)                                                    \
    ((op0) / 3u << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/* MRS and MSR. False: undefined for this partition. */
bool sweep_read(uint32_t encoding, uint64_t *value);
bool sweep_write(uint32_t encoding, uint64_t value);
