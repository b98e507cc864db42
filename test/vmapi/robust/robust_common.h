/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What storm and fuzz partitions share: numbers that look random and repeat, a memory that survives
 * resets of the partition, and an interrupt handler for whatever comes.
 */
#pragma once

#include <vmlib.h>

/* Messages between them, in x3. Everything else is answered with robust_echo. */
#define ROBUST_STOP   UINT64_C(0x5705705705705701)
#define ROBUST_FINISH UINT64_C(0xf1415f1415f14150)

struct robust_memory {
    uint64_t magic;
    uint32_t life;   /* how often the partition was reset */
    uint32_t rounds; /* over all lives and vCPUs */
};

/* In RAM behind the image, which a reset loads again. */
struct robust_memory *robust_memory(void);

struct robust_random {
    uint64_t state;
};

void robust_seed(struct robust_random *random, uint64_t a, uint64_t b);
uint64_t robust_next(struct robust_random *random);
/* 0..limit-1 */
uint32_t robust_below(struct robust_random *random, uint32_t limit);

static inline uint64_t robust_echo(uint64_t x3)
{
    return x3 * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

/* Interrupts of this vCPU are set up (again), its timer can fire. */
void robust_irq_init(void);
/* Something wakes this vCPU in at most so many microseconds. */
void robust_timer_arm(uint64_t microseconds);
/* Takes what is pending. */
void robust_irq_window(void);
