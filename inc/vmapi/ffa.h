/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arm Firmware Framework for A-profile (FF-A), as a partition sees it: function ids, error codes,
 * the registers of a call and typed views of them. No code here makes a call: vmlib_call.h does.
 * Source: DEN0077A 1.2 (chapters 7, 8, 11, 13), 1.0 and 1.1 where the layouts differ.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define FFA_REGS 18 /* x0..x17, SMCCC 1.2 */

/* x0..x17 of a call or of its result. */
struct ffa_value {
    uint64_t x[FFA_REGS];
};

#define FFA_FID_32(number) (UINT64_C(0x84000000) | (number))
#define FFA_FID_64(number) (UINT64_C(0xc4000000) | (number))

#define FFA_ERROR_32                   FFA_FID_32(0x60)
#define FFA_SUCCESS_32                 FFA_FID_32(0x61)
#define FFA_SUCCESS_64                 FFA_FID_64(0x61)
#define FFA_INTERRUPT_32               FFA_FID_32(0x62)
#define FFA_VERSION_32                 FFA_FID_32(0x63)
#define FFA_FEATURES_32                FFA_FID_32(0x64)
#define FFA_RX_RELEASE_32              FFA_FID_32(0x65)
#define FFA_RXTX_MAP_32                FFA_FID_32(0x66)
#define FFA_RXTX_MAP_64                FFA_FID_64(0x66)
#define FFA_RXTX_UNMAP_32              FFA_FID_32(0x67)
#define FFA_PARTITION_INFO_GET_32      FFA_FID_32(0x68)
#define FFA_ID_GET_32                  FFA_FID_32(0x69)
#define FFA_MSG_POLL_32                FFA_FID_32(0x6a)
#define FFA_MSG_WAIT_32                FFA_FID_32(0x6b)
#define FFA_YIELD_32                   FFA_FID_32(0x6c)
#define FFA_RUN_32                     FFA_FID_32(0x6d)
#define FFA_MSG_SEND_32                FFA_FID_32(0x6e)
#define FFA_MSG_SEND_DIRECT_REQ_32     FFA_FID_32(0x6f)
#define FFA_MSG_SEND_DIRECT_REQ_64     FFA_FID_64(0x6f)
#define FFA_MSG_SEND_DIRECT_RESP_32    FFA_FID_32(0x70)
#define FFA_MSG_SEND_DIRECT_RESP_64    FFA_FID_64(0x70)
#define FFA_NORMAL_WORLD_RESUME_32     FFA_FID_32(0x7c)
#define FFA_RX_ACQUIRE_32              FFA_FID_32(0x84)
#define FFA_SPM_ID_GET_32              FFA_FID_32(0x85)
#define FFA_MSG_SEND2_32               FFA_FID_32(0x86)
#define FFA_SECONDARY_EP_REGISTER_64   FFA_FID_64(0x87)
#define FFA_MEM_PERM_GET_32            FFA_FID_32(0x88)
#define FFA_MEM_PERM_GET_64            FFA_FID_64(0x88)
#define FFA_MEM_PERM_SET_32            FFA_FID_32(0x89)
#define FFA_MEM_PERM_SET_64            FFA_FID_64(0x89)
#define FFA_CONSOLE_LOG_32             FFA_FID_32(0x8a)
#define FFA_CONSOLE_LOG_64             FFA_FID_64(0x8a)
#define FFA_PARTITION_INFO_GET_REGS_64 FFA_FID_64(0x8b)
#define FFA_EL3_INTR_HANDLE_32         FFA_FID_32(0x8c)
#define FFA_MSG_SEND_DIRECT_REQ2_64    FFA_FID_64(0x8d)
#define FFA_MSG_SEND_DIRECT_RESP2_64   FFA_FID_64(0x8e)

#define FFA_NOTIFICATION_BITMAP_CREATE_32  FFA_FID_32(0x7d)
#define FFA_NOTIFICATION_BITMAP_DESTROY_32 FFA_FID_32(0x7e)
#define FFA_NOTIFICATION_BIND_32           FFA_FID_32(0x7f)
#define FFA_NOTIFICATION_UNBIND_32         FFA_FID_32(0x80)
#define FFA_NOTIFICATION_SET_32            FFA_FID_32(0x81)
#define FFA_NOTIFICATION_GET_32            FFA_FID_32(0x82)
#define FFA_NOTIFICATION_INFO_GET_32       FFA_FID_32(0x83)
#define FFA_NOTIFICATION_INFO_GET_64       FFA_FID_64(0x83)

/* Result of FFA_RUN when the target executed WFI with nothing pending: x1 target, x2 ns until its
 * next timer or all ones. Private code, vmapi/bh.h. */
#define FFA_RUN_WAIT_FOR_INTERRUPT UINT64_C(0xff06)

enum ffa_code {
    FFA_OK = 0,
    FFA_NOT_SUPPORTED = -1,
    FFA_INVALID_PARAMETERS = -2,
    FFA_NO_MEMORY = -3,
    FFA_BUSY = -4,
    FFA_INTERRUPTED = -5,
    FFA_DENIED = -6,
    FFA_RETRY = -7,
    FFA_ABORTED = -8,
    FFA_NO_DATA = -9,
};

#define FFA_VERSION_1_0     UINT64_C(0x10000)
#define FFA_VERSION_1_1     UINT64_C(0x10001)
#define FFA_VERSION_1_2     UINT64_C(0x10002)
/* FFA_VERSION refuses with NOT_SUPPORTED in w0, not with FFA_ERROR. */
#define FFA_VERSION_REFUSED UINT64_C(0xffffffff)

#define FFA_PAGE_SIZE               4096
#define FFA_CONSOLE_LOG_32_MAX      24
#define FFA_CONSOLE_LOG_64_MAX_V1_1 48
#define FFA_CONSOLE_LOG_64_MAX      128

/* Feature ids of FFA_FEATURES: the result's w2 is an interrupt id. */
#define FFA_FEATURE_ID_NPI UINT64_C(1) /* notification pending interrupt */
#define FFA_FEATURE_ID_SRI UINT64_C(2) /* schedule receiver interrupt */
#define FFA_FEATURE_ID_MEI UINT64_C(3) /* managed exit interrupt */

/* w2 of FFA_NOTIFICATION_BIND and _SET; the vCPU of a per-vCPU one is in [31:16] of _SET's. */
#define FFA_NOTIFICATION_PER_VCPU  UINT64_C(1)
#define FFA_NOTIFICATION_DELAY_SRI UINT64_C(2)

/* w2 of FFA_NOTIFICATION_GET: whose notifications. */
#define FFA_NOTIFICATION_GET_SP  UINT64_C(1)
#define FFA_NOTIFICATION_GET_VM  UINT64_C(2)
#define FFA_NOTIFICATION_GET_SPM UINT64_C(4)
#define FFA_NOTIFICATION_GET_HYP UINT64_C(8)
#define FFA_NOTIFICATION_GET_ALL UINT64_C(15)
/* Framework notification in w6 (SPM) and w7 (hypervisor): a message is in the RX buffer. */
#define FFA_NOTIFICATION_RX_FULL UINT64_C(1)

#define FFA_PARTITION_INFO_COUNT_FLAG UINT64_C(1)
#define FFA_FRAMEWORK_MESSAGE         UINT64_C(0x80000000) /* w2 of a direct message */

/* Permissions of FFA_MEM_PERM_GET and SET, DEN0140 2.10: all that exist. */
#define FFA_MEM_PERM_RX UINT64_C(3)
#define FFA_MEM_PERM_RW UINT64_C(5)
#define FFA_MEM_PERM_RO UINT64_C(7)

/* Partition properties, DEN0077A table 6.2. */
#define FFA_PROPERTY_RECEIVES_DIRECT (UINT32_C(1) << 0)
#define FFA_PROPERTY_SENDS_DIRECT    (UINT32_C(1) << 1)
#define FFA_PROPERTY_INDIRECT        (UINT32_C(1) << 2)
#define FFA_PROPERTY_NOTIFICATIONS   (UINT32_C(1) << 3)
/* Secure partitions that want the framework messages; seen by the normal world only. */
#define FFA_PROPERTY_VM_CREATED      (UINT32_C(1) << 6)
#define FFA_PROPERTY_VM_DESTROYED    (UINT32_C(1) << 7)
#define FFA_PROPERTY_AARCH64         (UINT32_C(1) << 8)

struct ffa_uuid {
    uint32_t word[4]; /* SMCCC register words */
};

/* What FFA_PARTITION_INFO_GET writes for a v1.0 caller, DEN0077A 1.0 table 5.37. */
struct ffa_partition_info_v1_0 {
    uint16_t id;
    uint16_t contexts;
    uint32_t properties;
};
_Static_assert(sizeof(struct ffa_partition_info_v1_0) == 8, "DEN0077A 1.0 table 5.37");

/* The same for v1.1 and v1.2, DEN0077A 1.2 table 6.1. Step by the size that the call returned. */
struct ffa_partition_info {
    uint16_t id;
    uint16_t contexts;
    uint32_t properties;
    struct ffa_uuid uuid;
};
_Static_assert(sizeof(struct ffa_partition_info) == 24, "DEN0077A 1.2 table 6.1");

/* Where the payload of FFA_MSG_SEND2 lies in TX and RX, v1.1: DEN0077A 1.1 table 7.2. It is for
 * the sender to write; the receiver gets it as its own version has it. */
struct ffa_message_header_v1_1 {
    uint32_t flags;    /* 0 */
    uint32_t reserved; /* 0 */
    uint32_t offset;   /* of the payload, from the start of the buffer */
    uint16_t receiver;
    uint16_t sender;
    uint32_t size; /* of the payload */
};
_Static_assert(sizeof(struct ffa_message_header_v1_1) == 20, "DEN0077A 1.1 table 7.2");

/* The same from v1.2 on: DEN0077A 1.2 table 7.2. */
struct ffa_message_header {
    struct ffa_message_header_v1_1 base;
    uint32_t reserved;    /* 0 */
    struct ffa_uuid uuid; /* the service that it is for, or nil */
};
_Static_assert(sizeof(struct ffa_message_header) == 40, "DEN0077A 1.2 table 7.2");

/* A range of memory in one piece: a composite memory region descriptor (DEN0140) with one
 * constituent. */
struct ffa_composite {
    uint32_t pages;
    uint32_t constituents; /* 1 */
    uint64_t reserved;     /* 0 */
    uint64_t address;
    uint32_t constituent_pages;    /* as pages */
    uint32_t constituent_reserved; /* 0 */
};
_Static_assert(sizeof(struct ffa_composite) == 32, "header and one constituent");

/* A hypervisor's FFA_RXTX_MAP for a VM, in its own TX: DEN0077A 1.2 13.5. Offsets of composites,
 * from the descriptor. */
struct ffa_rxtx_descriptor {
    uint16_t id;
    uint16_t reserved; /* 0 */
    uint32_t rx_offset;
    uint32_t tx_offset;
    uint32_t padding;
};

/* Target info word of FFA_RUN, FFA_INTERRUPT, FFA_YIELD, FFA_MSG_WAIT. */
static inline uint64_t ffa_target_make(uint16_t vm, uint16_t vcpu)
{
    return ((uint64_t)vm << 16) | vcpu;
}

static inline uint16_t ffa_target_vm(uint64_t w1)
{
    return (uint16_t)(w1 >> 16);
}

static inline uint16_t ffa_target_vcpu(uint64_t w1)
{
    return (uint16_t)w1;
}

/* Sender and receiver word of messages. */
static inline uint64_t ffa_endpoints_make(uint16_t sender, uint16_t receiver)
{
    return ((uint64_t)sender << 16) | receiver;
}

static inline uint16_t ffa_sender(const struct ffa_value *value)
{
    return (uint16_t)(value->x[1] >> 16);
}

static inline uint16_t ffa_receiver(const struct ffa_value *value)
{
    return (uint16_t)value->x[1];
}

/* What FFA_NOTIFICATION_GET has returned: of partitions in the normal world, of SPs. */
static inline uint64_t ffa_notified_by_vms(const struct ffa_value *value)
{
    return value->x[4] | value->x[5] << 32;
}

static inline uint64_t ffa_notified_by_sps(const struct ffa_value *value)
{
    return value->x[2] | value->x[3] << 32;
}

static inline bool ffa_is_error(const struct ffa_value *value)
{
    return value->x[0] == FFA_ERROR_32;
}

/* The code of an FFA_ERROR; FFA_OK for everything else. */
static inline enum ffa_code ffa_error_code(const struct ffa_value *value)
{
    return ffa_is_error(value) ? (enum ffa_code)(int32_t)value->x[2] : FFA_OK;
}

static inline bool ffa_is_request(const struct ffa_value *value)
{
    return value->x[0] == FFA_MSG_SEND_DIRECT_REQ_32 || value->x[0] == FFA_MSG_SEND_DIRECT_REQ_64;
}

/* With the UUID of a service in x2, x3 and the message in x4..x17. */
static inline bool ffa_is_request2(const struct ffa_value *value)
{
    return value->x[0] == FFA_MSG_SEND_DIRECT_REQ2_64;
}

static inline bool ffa_is_response(const struct ffa_value *value)
{
    return value->x[0] == FFA_MSG_SEND_DIRECT_RESP_32 ||
           value->x[0] == FFA_MSG_SEND_DIRECT_RESP_64 ||
           value->x[0] == FFA_MSG_SEND_DIRECT_RESP2_64;
}
