/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Layouts of every FF-A version from and to the one form that the core works with: here and
 * nowhere else. Versions are those that a partition negotiated (abi/ffa.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/abi/ffa_core.h"
#include "bh/obj/config.h"

/* One entry of FFA_PARTITION_INFO_GET. */
struct ffa_partinfo {
    uint16_t id;
    uint16_t contexts;   /* number of vCPUs */
    uint32_t properties; /* FFA_PROPERTY_*, of the newest version */
    struct uuid uuid;    /* nil when the caller asked for a UUID */
};

/* What the header of an indirect message says (FFA_MSG_SEND2). */
struct ffa_message {
    uint16_t sender, receiver;
    uint32_t offset, size; /* of the payload in the buffer */
    uint64_t uuid[2];      /* of the service, as in two registers; nil before v1.2 */
};

/* Bytes of the header. */
uint32_t ffa_compat_message_size(uint32_t version);
/* tx: the header's place in TX, 8-byte aligned, 40 bytes; each word of it is read once, since its
 * owner may change it meanwhile. False: its flags are not 0. */
bool ffa_compat_message_try_read(uint32_t version, const volatile uint64_t *tx,
                                 struct ffa_message *message);
/* Writes the header at the start of RX, for a payload at offset. */
void ffa_compat_message_write(uint32_t version, const struct ffa_message *message, uint32_t offset,
                              void *rx);

/* Bytes of a descriptor in the RX buffer. */
uint32_t ffa_compat_partinfo_size(uint32_t version);
/* Only the property bits that the version defines. */
uint32_t ffa_compat_properties(uint32_t version, uint32_t properties);
/* Writes descriptor number index of an array at `to`, which is 8-byte aligned and large enough. */
void ffa_compat_partinfo_write(uint32_t version, const struct ffa_partinfo *info, void *to,
                               uint32_t index);
