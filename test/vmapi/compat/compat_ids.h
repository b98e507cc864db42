/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the primary of the compat system asks of the others (x3 of a direct request).
 */
#pragma once

/* entry: how the VM was entered, and what its device tree says. */
enum compat_entry {
    ENTRY_STATE,  /* x3 = x0 at entry, x4 = MPIDR_EL1, x5 = address of the image */
    ENTRY_MEMORY, /* x3, x4 = base and size of /memory, x5 = value of /marker; 0: no such node */
};

/* registers: reads each; x3 = a bit for each that was not undefined. */
enum compat_register {
    REGISTER_PMU,
    REGISTER_DEBUG,
    REGISTER_LOR,
    REGISTER_PAUTH,
    REGISTER_GIC,
    REGISTER_RAS,
    REGISTER_SPE,
    REGISTER_TRACE,
    REGISTER_SVE,
    REGISTER_SME,
    REGISTERS,
};

/* sleep: WFI until the virtual timer (x4 microseconds) or, for 0, a notification comes; then
 * answers, x3 = interrupt. */

/* mail: maps buffers. Whatever wakes it: gets framework notifications, reads and releases RX. A
 * request: x3 = messages so far, x4 = sender of the last, x5 = its first 8 bytes. */

/* partitions: FFA_PARTITION_INFO_GET of all. x3 = count, x4 = size of a descriptor or 0, x5 = first
 * 8 bytes of entry x4. */
