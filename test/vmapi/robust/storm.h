/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of the storm.
 */
#pragma once

#include "robust_common.h"

#define PARTITIONS_MAX 8u

/* A vCPU of a partition. */
struct actor {
    struct robust_random random;
    uint16_t self;
    uint32_t vcpu;
    uint64_t asked[PARTITIONS_MAX]; /* by id: x3 of the request that is open, 0 for none */
};

extern uint32_t storm_partitions; /* how many there are */
extern uint8_t storm_tx[4096], storm_rx[4096];

/* 0..limit-1, and another partition's id. */
uint32_t storm_below(struct actor *actor, uint32_t limit);
uint16_t storm_somebody(struct actor *actor);
/* Each request gets its own answer, once: complains of any other. */
void storm_check_response(struct actor *actor, const struct ffa_value *value);
/* Whatever a wait ends with: requests are answered, some after a while. Returns what is none. */
struct ffa_value storm_handle(struct actor *actor, struct ffa_value value);

/* Actions. */
void storm_indirect(struct actor *actor);
void storm_notify(struct actor *actor);
void storm_nonsense(struct actor *actor);
