/* SPDX-License-Identifier: BSD-3-Clause */
/* The partitions of spmc.dts, as the tests in the normal world know them. */
#pragma once

#include "hftest.h"

#define NORMAL_WORLD 0
#define SPMC         0x8000
#define UP           0x8001 /* one context, which moves between CPUs */
#define MP           0x8002 /* a context per CPU */

/* FFA_MSG_SEND_DIRECT_REQ with everything as the normal world would not write it by accident. */
static inline struct ffa_value request(uint16_t from, uint16_t to, uint64_t x2)
{
    return ffa_call(FFA_MSG_SEND_DIRECT_REQ_32, ffa_endpoints_make(from, to), x2, 1, 2, 3);
}
