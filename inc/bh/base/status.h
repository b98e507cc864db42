/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Result of an operation that may refuse. Lower layers return these; abi maps them once to the
 * error codes of the interface in question (FF-A, PSCI).
 */
#pragma once

#define BH_NODISCARD __attribute__((warn_unused_result))

enum status {
    STATUS_OK = 0,
    STATUS_NOT_SUPPORTED, /* the function does not exist here */
    STATUS_INVALID,       /* malformed input, unknown id */
    STATUS_NO_MEMORY,     /* a buffer or pool is too small */
    STATUS_BUSY,          /* the object is in use, try later */
    STATUS_DENIED,        /* well formed but not allowed in this state */
    STATUS_ABORTED,       /* the peer is dead */
    STATUS_NO_DATA,       /* nothing pending */
    STATUS_NOT_READY,     /* the peer has not finished its initialisation */
    STATUS_ALREADY,       /* already in the wanted state (PSCI ALREADY_ON) */
};
