/* SPDX-License-Identifier: BSD-3-Clause */
#include "conformance_role.h"

#include <stddef.h>

#include "vmlib.h"

/*
 * The normal world's virtual instance without an SPMC. Source: DEN0077A 1.2, chapters 11 to 16; the
 * readings where the sources differ stand in docs/ffa-coverage.md.
 */
static const struct conf_function vm_functions[] = {
    {0x60, NONE, NONE, ALL, NONE, 0},                  /* ERROR: a result */
    {0x61, NONE, NONE, ALL, ALL, 0},                   /* SUCCESS */
    {0x62, NONE, NONE, ALL, NONE, 0},                  /* INTERRUPT */
    {0x63, ALL, NONE, ALL, NONE, 0},                   /* VERSION */
    {0x64, ALL, NONE, ALL, NONE, 0},                   /* FEATURES */
    {0x65, ALL, NONE, ALL, NONE, 0},                   /* RX_RELEASE */
    {0x66, ALL, ALL, ALL, ALL, 0x40000},               /* RXTX_MAP: up to 4 pages of 4 KiB */
    {0x67, ALL, NONE, ALL, NONE, 0},                   /* RXTX_UNMAP */
    {0x68, ALL, NONE, ALL, NONE, 0},                   /* PARTITION_INFO_GET */
    {0x69, ALL, NONE, ALL, NONE, 0},                   /* ID_GET */
    {0x6a, V1_0, NONE, V1_0, NONE, 0},                 /* MSG_POLL */
    {0x6b, ALL, NONE, ALL, NONE, 0},                   /* MSG_WAIT */
    {0x6c, ALL, NONE, ALL, NONE, 0},                   /* YIELD */
    {0x6d, ALL, NONE, ALL, NONE, 0},                   /* RUN */
    {0x6e, V1_0, NONE, V1_0, NONE, 0},                 /* MSG_SEND */
    {0x6f, ALL, ALL, ALL, ALL, 0},                     /* MSG_SEND_DIRECT_REQ */
    {0x70, ALL, ALL, ALL, ALL, 0},                     /* MSG_SEND_DIRECT_RESP */
    {0x7f, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_BIND */
    {0x80, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_UNBIND */
    {0x81, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_SET */
    {0x82, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_GET */
    {0x83, FROM_1_1, FROM_1_1, FROM_1_1, FROM_1_1, 0}, /* NOTIFICATION_INFO_GET: a scheduler */
    {0x86, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* MSG_SEND2 */
    {0x8a, ALL, ALL, ALL, ALL, 0},                     /* CONSOLE_LOG: older images use it, too */
    {0x8b, NONE, V1_2, NONE, V1_2, 0},                 /* PARTITION_INFO_GET_REGS */
    {0x8d, NONE, V1_2, NONE, V1_2, 0},                 /* MSG_SEND_DIRECT_REQ2 */
    {0x8e, NONE, V1_2, NONE, V1_2, 0},                 /* MSG_SEND_DIRECT_RESP2 */
};

#define DIRECT  (FFA_PROPERTY_RECEIVES_DIRECT | FFA_PROPERTY_SENDS_DIRECT)
#define DIRECT2 0x600u /* receives and sends DIRECT_REQ2 */
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

static const uint16_t vm_strangers[] = {0, 8, 0x7fff, 0x8000, 0x8001, 0xffc0, 0xffff};

static const struct conf_role vm_role = {
    .name = "VM",
    .npi = 9,
    .sri = 8,
    .functions = vm_functions,
    .function_count = sizeof(vm_functions) / sizeof(vm_functions[0]),
    .strangers = vm_strangers,
    .stranger_count = sizeof(vm_strangers) / sizeof(vm_strangers[0]),
};

const struct conf_role *conf_role(void)
{
    return &vm_role;
}

uint16_t conf_id(enum peer peer)
{
    return (uint16_t)(conf_role()->id_base + peer);
}

const struct conf_function *conf_function(uint32_t number)
{
    const struct conf_role *role = conf_role();

    for (uint32_t i = 0; i < role->function_count; i++) {
        if (role->functions[i].number == number) {
            return &role->functions[i];
        }
    }
    return NULL;
}
