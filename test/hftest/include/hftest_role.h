/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * On which side of FF-A the TESTs of an image run. The same suites run in a VM of the hypervisor
 * and, with the core as SPMC, in the normal world or in a secure partition: what differs between
 * these is asked for here, or stands in a table of the suite that is chosen by it.
 *
 * Suites name partitions by their numbers in the manifest (vmN is N); the one with the TESTs is 1.
 * A normal world is not in the manifest: it takes the place of partition 1.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum hftest_side {
    HFTEST_VM,           /* of the hypervisor, without an SPMC below */
    HFTEST_NORMAL_WORLD, /* the whole of it, above the SPMC: an endpoint with id 0 */
    HFTEST_SP,           /* of the SPMC, at S-EL1 */
    HFTEST_SIDES,
};

struct hftest_role {
    const char *name;
    uint16_t self;    /* FF-A id of who runs the TESTs */
    uint16_t manager; /* of the partition manager */
    uint16_t base;    /* id of partition N is base + N */
    /* FFA_RUN gives a partition time that waits for work: a scheduler's right (DEN0077A 1.2, 8.2);
     * an SP only runs on whom it asked. */
    bool is_scheduler;
    /* FFA_MSG_WAIT, FFA_YIELD and responses exist: the normal world is no partition and takes no
     * requests. */
    bool is_partition;
    bool stops_services; /* they can switch themselves off (PSCI SYSTEM_OFF; SPs have no PSCI) */
};

/* Makes no FF-A call. */
enum hftest_side hftest_side(void);
const struct hftest_role *hftest_role(void);
/* FF-A id of partition number. */
uint16_t hftest_id(uint16_t number);
/* The same, where lists have it: there, 1 is the partition of the manifest. */
uint16_t hftest_listed_id(uint16_t number);
/* Code of a call that only partitions have, and that a VM gets code for. */
int32_t hftest_partition_code(int32_t code);

/* A test that has no meaning on a side is told of as skipped there, with the reason. */
#define SKIP_ON(side, reason)                                                                      \
    do {                                                                                           \
        if (hftest_side() == (side)) {                                                             \
            SKIP(reason);                                                                          \
        }                                                                                          \
    } while (0)
