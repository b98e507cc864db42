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

/* EL3 whose SPMD answers FFA_VERSION itself and knows no newer calls, like TF-A 2.8's. */
static inline bool el3_is_old(void)
{
    return ffa_version(FFA_VERSION_1_2).x[0] == FFA_VERSION_1_0;
}

/* By the SPMC, or by EL3: an old one refuses newer calls with SMCCC's code. */
static inline bool is_refused(struct ffa_value result)
{
    return result.x[0] == FFA_ERROR_32 ||
           ((uint32_t)result.x[0] == (uint32_t)FFA_NOT_SUPPORTED && el3_is_old());
}
