/* SPDX-License-Identifier: BSD-3-Clause */
/* The partitions of conformance.dts and conformance_sps.dtsi, as PARTITION_INFO_GET lists them. */
#include "conformance_role.h"

#define DIRECT  (FFA_PROPERTY_RECEIVES_DIRECT | FFA_PROPERTY_SENDS_DIRECT)
#define DIRECT2 (CONF_RECEIVES_DIRECT2 | CONF_SENDS_DIRECT2)
#define MESSAGE FFA_PROPERTY_INDIRECT
#define CODE    FFA_PROPERTY_AARCH64

#define NOTIFIED FFA_PROPERTY_NOTIFICATIONS

const struct conf_partition conf_partitions[] = {
    {PEER_SELF,
     1,
     {{{0x10000001, 0x10000002, 0x10000003, 0x10000004}}},
     {DIRECT | DIRECT2 | MESSAGE | NOTIFIED | CODE}},
    {PEER_1_2,
     2,
     {{{0x20000001, 0x20000002, 0x20000003, 0x20000004}},
      {{0x2f000001, 0x2f000002, 0x2f000003, 0x2f000004}}},
     {DIRECT | MESSAGE | NOTIFIED | CODE,
      DIRECT2 | FFA_PROPERTY_RECEIVES_DIRECT | NOTIFIED | CODE}},
    {PEER_1_1,
     1,
     {{{0x30000001, 0x30000002, 0x30000003, 0x30000004}}},
     {DIRECT | MESSAGE | NOTIFIED | CODE}},
    {PEER_1_0, 1, {{{0x40000001, 0x40000002, 0x40000003, 0x40000004}}}, {DIRECT | MESSAGE | CODE}},
    {PEER_PINNED, 0, {{{0}}}, {DIRECT | CODE}},
    {PEER_MUTE, 1, {{{0x60000001, 0x60000002, 0x60000003, 0x60000004}}}, {MESSAGE | CODE}},
};
const uint32_t conf_partition_count = sizeof(conf_partitions) / sizeof(conf_partitions[0]);
