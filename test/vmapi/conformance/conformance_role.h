/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites know about the side on which they run: ids of partitions, and answers that differ
 * between a VM of the hypervisor and an SP of the SPMC. Nothing else in the suites may.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hftest_role.h"
#include "vmapi/ffa.h"

#define CONF_LOGICAL_FIRST    0xffc0u /* ids of EL3's partitions, from here on */
/* The properties of DIRECT_REQ2. */
#define CONF_RECEIVES_DIRECT2 0x200u
#define CONF_SENDS_DIRECT2    0x400u

/* Versions, as bits: of a caller, or that a row holds for. */
#define V1_0     1u
#define V1_1     2u
#define V1_2     4u
#define FROM_1_1 (V1_1 | V1_2)
#define ALL      (V1_0 | V1_1 | V1_2)
#define NONE     0u

/* Ids of the partitions of conformance.dts, relative to the role's. */
enum peer {
    PEER_SELF = 1,
    PEER_1_2, /* scheduled by the caller; two UUIDs */
    PEER_1_1, /* the same, one UUID */
    PEER_1_0,
    PEER_PINNED, /* v1.1, on another CPU; direct messages; no UUID */
    PEER_MUTE,   /* v1.2; indirect messages only */
    PEER_PLAIN,  /* no FF-A endpoint */
    PEERS,
};

/* A partition that PARTITION_INFO_GET lists. */
struct conf_partition {
    enum peer peer;
    uint32_t uuids;
    struct ffa_uuid uuid[2];
    uint32_t properties[2]; /* per UUID; one when there is none */
};

/* A function: which versions have it as callers here, and FFA_FEATURES w2. */
struct conf_function {
    uint16_t number;
    uint8_t call_32, call_64;   /* versions that may call it */
    uint8_t known_32, known_64; /* versions that FFA_FEATURES says yes to */
    uint32_t properties;        /* FFA_FEATURES w2 for v1.2; older ones see bits [15:0] */
};

struct conf_role {
    uint16_t spm_id; /* FFA_SPM_ID_GET; 0: NOT_SUPPORTED */
    /* Interrupts that FFA_FEATURES tells callers from v1.1 on; 0: NOT_SUPPORTED. */
    uint32_t npi, sri, mei;
    uint32_t properties; /* that a list shows */
    const struct conf_function *functions;
    uint32_t function_count;
    /* The SPMD answers what is beyond FF-A 1.2, in SMCCC's way (TF-A; DEN0028 7.1). */
    bool is_behind_spmd;
    /* Of FFA_NORMAL_WORLD_RESUME, which is the SPMC's alone. */
    int32_t resume_code;
    /* Of FFA_RXTX_MAP of memory that is not the caller's. */
    int32_t foreign_code;
    /* A hypervisor names its VMs in w1 of calls that ignore it elsewhere, or want 0. */
    bool names_vms;
    /* Whose notifications do not interrupt the normal world at once if they say so (10.5.1). */
    bool delays_sri;
    /* There are bitmaps only after FFA_NOTIFICATION_BITMAP_CREATE (10.4). */
    bool creates_bitmaps;
    /* Partitions with a CPU of their own, which nobody runs; the SPMC has none. */
    bool has_pinned;
    /* To a partition with a request of the caller, from there: it waits, or takes none (7.3). */
    int32_t request_back;
    /* Flags that FFA_NOTIFICATION_GET has here (16.5). */
    uint32_t notification_sources;
    /* Register of FFA_NOTIFICATION_GET's result with what the caller has set. */
    uint32_t notified_at;
    /* EL3's partitions, last in FFA_PARTITION_INFO_GET_REGS: those of the test monitor. */
    uint32_t logical_count;
    /* Ids that name nobody, or somebody who can't get messages from here; behind the first
     * nobody_count those whose notifications could come here: VMs that the SPMC does not know. */
    const uint16_t *strangers;
    uint32_t stranger_count, nobody_count;
};

extern const struct conf_partition conf_partitions[];
extern const uint32_t conf_partition_count;

/* By the own id. */
const struct conf_role *conf_role(void);
uint16_t conf_id(enum peer peer);
/* Of the partition in that place of the manifest, who need not be who runs the TESTs. */
uint16_t conf_listed_id(enum peer peer);
/* The row of a function number, or NULL: exists for nobody here. */
const struct conf_function *conf_function(uint32_t number);
