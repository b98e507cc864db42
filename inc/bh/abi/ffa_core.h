/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Words of FF-A that only the core needs; what partitions see, too, stands in vmapi/ffa.h.
 * Source: DEN0077A v1.2, chapters 6, 7, 13.
 */
#pragma once

#include <stdint.h>

#include "vmapi/ffa.h"

/* The highest version that this core implements. */
#define FFA_VERSION_OWN FFA_VERSION_1_2

/* Function numbers: bits [15:0] of an id. */
#define FFA_NUMBER_FIRST UINT32_C(0x60)
#define FFA_NUMBER_END   UINT32_C(0x98) /* first number that no version defines */

/* FFA_FEATURES: bit 31 of w1 asks for a function, else [7:0] is a feature id. */
#define FFA_FEATURES_FUNCTION (UINT32_C(1) << 31)

/* Properties of v1.2; bits 0-2, 9, 10 are also those of the manifest's messaging-method. */
#define FFA_PROPERTY_RECEIVES_DIRECT2 (UINT32_C(1) << 9)
#define FFA_PROPERTY_SENDS_DIRECT2    (UINT32_C(1) << 10)

/* v1.2; not in vmapi because no function gives it to a VM yet. */
#define FFA_NOT_READY (-10)

/* FFA_MSG_WAIT w2 (v1.2): keep the RX buffer. */
#define FFA_MSG_WAIT_RETAIN_RX UINT32_C(1)
