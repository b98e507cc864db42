/* SPDX-License-Identifier: BSD-3-Clause */
#include "conformance_role.h"

#include <stddef.h>

#include "hftest_role.h"

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
    {0x66, NONE, ALL, NONE, ALL, 0x40000},             /* RXTX_MAP: up to 4 pages of 4 KiB */
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

/*
 * The non-secure physical instance, through the SPMD: what EL3 answers itself is the same. Nobody
 * there waits for work or answers requests (DEN0077A 1.2, tables 12.1 to 12.3).
 */
static const struct conf_function nwd_functions[] = {
    {0x60, NONE, NONE, ALL, NONE, 0},                  /* ERROR: a result */
    {0x61, NONE, NONE, ALL, ALL, 0},                   /* SUCCESS */
    {0x62, NONE, NONE, ALL, NONE, 0},                  /* INTERRUPT */
    {0x63, ALL, NONE, ALL, NONE, 0},                   /* VERSION: a framework message */
    {0x64, ALL, NONE, ALL, NONE, 0},                   /* FEATURES */
    {0x65, ALL, NONE, ALL, NONE, 0},                   /* RX_RELEASE */
    {0x66, NONE, ALL, NONE, ALL, 0x40000},             /* RXTX_MAP */
    {0x67, ALL, NONE, ALL, NONE, 0},                   /* RXTX_UNMAP */
    {0x68, ALL, NONE, ALL, NONE, 0},                   /* PARTITION_INFO_GET */
    {0x69, ALL, NONE, ALL, NONE, 0},                   /* ID_GET: EL3's */
    {0x6b, NONE, NONE, ALL, NONE, 0},                  /* MSG_WAIT: a result */
    {0x6d, ALL, NONE, ALL, NONE, 0},                   /* RUN */
    {0x6f, ALL, ALL, ALL, ALL, 0},                     /* MSG_SEND_DIRECT_REQ */
    {0x70, NONE, NONE, ALL, ALL, 0},                   /* MSG_SEND_DIRECT_RESP: a result */
    {0x7d, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_BITMAP_CREATE */
    {0x7e, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_BITMAP_DESTROY */
    {0x7f, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_BIND */
    {0x80, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_UNBIND */
    {0x81, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_SET */
    {0x82, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* NOTIFICATION_GET */
    {0x83, FROM_1_1, FROM_1_1, FROM_1_1, FROM_1_1, 0}, /* NOTIFICATION_INFO_GET */
    {0x84, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* RX_ACQUIRE */
    {0x85, ALL, NONE, FROM_1_1, NONE, 0},              /* SPM_ID_GET: EL3's, in all versions */
    {0x86, FROM_1_1, NONE, FROM_1_1, NONE, 0},         /* MSG_SEND2 */
    {0x8a, NONE, NONE, ALL, ALL, 0},                   /* CONSOLE_LOG: EL3 does not pass it */
    {0x8b, NONE, V1_2, NONE, V1_2, 0},                 /* PARTITION_INFO_GET_REGS */
    {0x8d, NONE, V1_2, NONE, V1_2, 0},                 /* MSG_SEND_DIRECT_REQ2 */
    {0x8e, NONE, NONE, NONE, V1_2, 0},                 /* MSG_SEND_DIRECT_RESP2: a result */
};

/* The secure virtual instance, an SP at S-EL1 with one context: no MSG_SEND, no scheduler. */
static const struct conf_function sp_functions[] = {
    {0x60, NONE, NONE, ALL, NONE, 0},          /* ERROR: a call only while it starts */
    {0x61, NONE, NONE, ALL, ALL, 0},           /* SUCCESS */
    {0x62, NONE, NONE, ALL, NONE, 0},          /* INTERRUPT */
    {0x63, ALL, NONE, ALL, NONE, 0},           /* VERSION */
    {0x64, ALL, NONE, ALL, NONE, 0},           /* FEATURES */
    {0x65, ALL, NONE, ALL, NONE, 0},           /* RX_RELEASE */
    {0x66, NONE, ALL, NONE, ALL, 0x40000},     /* RXTX_MAP */
    {0x67, ALL, NONE, ALL, NONE, 0},           /* RXTX_UNMAP */
    {0x68, ALL, NONE, ALL, NONE, 0},           /* PARTITION_INFO_GET */
    {0x69, ALL, NONE, ALL, NONE, 0},           /* ID_GET */
    {0x6b, ALL, NONE, ALL, NONE, 0},           /* MSG_WAIT */
    {0x6c, ALL, NONE, ALL, NONE, 0},           /* YIELD */
    {0x6d, ALL, NONE, ALL, NONE, 0},           /* RUN */
    {0x6f, ALL, ALL, ALL, ALL, 0},             /* MSG_SEND_DIRECT_REQ */
    {0x70, ALL, ALL, ALL, ALL, 0},             /* MSG_SEND_DIRECT_RESP */
    {0x7f, FROM_1_1, NONE, FROM_1_1, NONE, 0}, /* NOTIFICATION_BIND */
    {0x80, FROM_1_1, NONE, FROM_1_1, NONE, 0}, /* NOTIFICATION_UNBIND */
    {0x81, FROM_1_1, NONE, FROM_1_1, NONE, 0}, /* NOTIFICATION_SET */
    {0x82, FROM_1_1, NONE, FROM_1_1, NONE, 0}, /* NOTIFICATION_GET */
    {0x85, FROM_1_1, NONE, FROM_1_1, NONE, 0}, /* SPM_ID_GET */
    {0x86, FROM_1_1, NONE, FROM_1_1, NONE, 0}, /* MSG_SEND2 */
    {0x8a, ALL, ALL, ALL, ALL, 0},             /* CONSOLE_LOG */
    {0x8b, NONE, V1_2, NONE, V1_2, 0},         /* PARTITION_INFO_GET_REGS */
    {0x8d, NONE, V1_2, NONE, V1_2, 0},         /* MSG_SEND_DIRECT_REQ2 */
    {0x8e, NONE, V1_2, NONE, V1_2, 0},         /* MSG_SEND_DIRECT_RESP2 */
};

static const uint16_t vm_strangers[] = {0, 8, 0x7fff, 0x8000, 0x8001, 0xffc0, 0xffff};
/* VMs, the SPMC, an SP and partitions of EL3 that do not exist. */
static const uint16_t nwd_strangers[] = {1, 8, 0x7fff, 0x8000, 0x8008, 0xffd0, 0xfffe};
/* The normal world is no receiver of requests (DEN0077A 1.2, 7.3), but of messages. */
static const uint16_t sp_strangers[] = {0x8000, 0x8008, 0xffd0, 0xffff, 8, 0x7fff};
#define SP_NOBODIES 4

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct conf_role roles[HFTEST_SIDES] = {
    [HFTEST_VM] =
        {
            .npi = 9,
            .sri = 8,
            .resume_code = FFA_NOT_SUPPORTED,
            .foreign_code = FFA_INVALID_PARAMETERS,
            .has_pinned = true,
            .request_back = FFA_BUSY,
            .notification_sources = 0xf,
            .notified_at = 4,
            .properties = ~0u,
            .functions = vm_functions,
            .function_count = COUNT(vm_functions),
            .strangers = vm_strangers,
            .stranger_count = COUNT(vm_strangers),
            .nobody_count = COUNT(vm_strangers),
        },
    [HFTEST_NORMAL_WORLD] =
        {
            .spm_id = 0x8000,
            .sri = 8,
            .is_behind_spmd = true,
            .resume_code = FFA_DENIED,
            .foreign_code = FFA_DENIED,
            .names_vms = true,
            .creates_bitmaps = true,
            .request_back = FFA_INVALID_PARAMETERS,
            .notification_sources = 0x5, /* what VMs and their hypervisor notify is not here */
            .notified_at = 4,
            /* That they send requests is no business of the normal world: none comes there. */
            .properties = ~(FFA_PROPERTY_SENDS_DIRECT | CONF_SENDS_DIRECT2),
            .functions = nwd_functions,
            .function_count = COUNT(nwd_functions),
            .strangers = nwd_strangers,
            .stranger_count = COUNT(nwd_strangers),
            .nobody_count = COUNT(nwd_strangers),
        },
    [HFTEST_SP] =
        {
            .spm_id = 0x8000,
            .npi = 5,
            .mei = 4,
            .resume_code = FFA_NOT_SUPPORTED,
            .foreign_code = FFA_INVALID_PARAMETERS,
            .delays_sri = true,
            .has_pinned = true, /* nobody at all is run by FFA_RUN */
            .request_back = FFA_BUSY,
            .notification_sources = 0xf,
            .notified_at = 2,
            .logical_count = 1,
            .properties = ~0u,
            .functions = sp_functions,
            .function_count = COUNT(sp_functions),
            .strangers = sp_strangers,
            .stranger_count = COUNT(sp_strangers),
            .nobody_count = SP_NOBODIES,
        },
};

const struct conf_role *conf_role(void)
{
    return &roles[hftest_side()];
}

uint16_t conf_id(enum peer peer)
{
    return hftest_id((uint16_t)peer);
}

uint16_t conf_listed_id(enum peer peer)
{
    return hftest_listed_id((uint16_t)peer);
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
