/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers of FF-A 1.0 to 1.2, written down once more: the model shares no header with the core, so
 * that a wrong number in one of them shows. Source: DEN0077A 1.2 chapters 11 to 14 and 16.
 */
#pragma once

#include <stdint.h>

/* Function numbers, bits [15:0] of an id. */
enum fn {
    FN_FIRST = 0x60,
    FN_ERROR = 0x60,
    FN_SUCCESS = 0x61,
    FN_INTERRUPT = 0x62,
    FN_VERSION = 0x63,
    FN_FEATURES = 0x64,
    FN_RX_RELEASE = 0x65,
    FN_RXTX_MAP = 0x66,
    FN_RXTX_UNMAP = 0x67,
    FN_PARTITION_INFO_GET = 0x68,
    FN_ID_GET = 0x69,
    FN_MSG_POLL = 0x6a,
    FN_MSG_WAIT = 0x6b,
    FN_YIELD = 0x6c,
    FN_RUN = 0x6d,
    FN_MSG_SEND = 0x6e,
    FN_DIRECT_REQ = 0x6f,
    FN_DIRECT_RESP = 0x70,
    FN_MEM_DONATE = 0x71,
    FN_MEM_FRAG_TX = 0x7b,
    FN_NORMAL_WORLD_RESUME = 0x7c,
    FN_BITMAP_CREATE = 0x7d,
    FN_BITMAP_DESTROY = 0x7e,
    FN_BIND = 0x7f,
    FN_UNBIND = 0x80,
    FN_SET = 0x81,
    FN_GET = 0x82,
    FN_INFO_GET = 0x83,
    FN_RX_ACQUIRE = 0x84,
    FN_SPM_ID_GET = 0x85,
    FN_MSG_SEND2 = 0x86,
    FN_SECONDARY_EP_REGISTER = 0x87,
    FN_MEM_PERM_GET = 0x88,
    FN_MEM_PERM_SET = 0x89,
    FN_CONSOLE_LOG = 0x8a,
    FN_PARTITION_INFO_GET_REGS = 0x8b,
    FN_EL3_INTR_HANDLE = 0x8c,
    FN_DIRECT_REQ2 = 0x8d,
    FN_DIRECT_RESP2 = 0x8e,
    FN_END = 0xf0,
};

#define FID_32(fn)   (UINT64_C(0x84000000) + (fn))
#define FID_64(fn)   (UINT64_C(0xc4000000) + (fn))
#define FID_WIDTH_64 UINT64_C(0x40000000)
#define FID_SVE_HINT UINT64_C(0x00010000)

#define V1_0 UINT32_C(0x10000)
#define V1_1 UINT32_C(0x10001)
#define V1_2 UINT32_C(0x10002)

/* Error codes, as w2 shows them. */
#define E_OK            UINT32_C(0)
#define E_NOT_SUPPORTED UINT32_C(0xffffffff)
#define E_INVALID       UINT32_C(0xfffffffe)
#define E_NO_MEMORY     UINT32_C(0xfffffffd)
#define E_BUSY          UINT32_C(0xfffffffc)
#define E_DENIED        UINT32_C(0xfffffffa)
#define E_RETRY         UINT32_C(0xfffffff9)
#define E_ABORTED       UINT32_C(0xfffffff8)
#define E_NO_DATA       UINT32_C(0xfffffff7)

/* Partition properties; bits 0, 1, 2, 9 and 10 are also a partition's messaging methods. */
#define P_RECEIVES_DIRECT  (UINT32_C(1) << 0)
#define P_SENDS_DIRECT     (UINT32_C(1) << 1)
#define P_INDIRECT         (UINT32_C(1) << 2)
#define P_NOTIFICATIONS    (UINT32_C(1) << 3)
#define P_AARCH64          (UINT32_C(1) << 8)
#define P_RECEIVES_DIRECT2 (UINT32_C(1) << 9)
#define P_SENDS_DIRECT2    (UINT32_C(1) << 10)

/* Private: a scheduled vCPU is in WFI. */
#define RUN_WFI UINT64_C(0xff06)
