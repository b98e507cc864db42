/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the normal world and the secure partitions of manifests/examples/secure.dts say to each
 * other: FFA_MSG_SEND_DIRECT_REQ with a word in x3, and its answer. In linux_ffa.dts the same
 * partitions are VMs.
 */
#pragma once

#include <vmlib.h>

#define VAULT_PUT 1u /* x4 = slot, x5 = value */
#define VAULT_GET 2u /* x4 = slot; answer x4 = value */
#define ADD       1u /* x4, x5; answer x4 = sum, x5 = number of the execution context */
#define CLERK_PUT 1u /* x4 = slot, x5 = value: the clerk asks the vault */
#define CLERK_GET 2u /* x4 = slot */

#define SECURE_YES 0x79657321u /* x3 of answers */
#define SECURE_NO  0x6e6f2121u

/* By their order in the manifest. */
#define VAULT_ID 0x8001
#define ADDER_ID 0x8002
#define CLERK_ID 0x8003

/* What a partition finds at its start: DEN0077A 5.4.2. */
static inline void secure_say_hello(const char *name)
{
    const char *world = (ffa_id_get() & 0x8000) != 0 ? "secure" : "normal";
    uint32_t version = 0;

    if (boot_info_try_cell("ffa-version", &version)) {
        console_print("%s: partition 0x%x of the %s world; the manifest in x%u says FF-A "
                      "%u.%u\n",
                      name, ffa_id_get(), world, boot_info_register(), version >> 16,
                      version & 0xffff);
    } else {
        console_print("%s: partition 0x%x of the %s world, without boot information\n", name,
                      ffa_id_get(), world);
    }
}
