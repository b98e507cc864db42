/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ticket locks: fair, so a partition that hammers one object cannot starve the others.
 *
 * Order, outer to inner (checked in debug builds through the rank): share table > vm (lower id
 * first) > vcpu (lower address first) > cpu > device > EL2 map > pool > log.
 * Context: EL2 with interrupts masked (the core never unmasks them).
 */
#pragma once

#include <stdint.h>

#if defined(__clang__)
#define BH_CAPABILITY(x) __attribute__((capability(x)))
#define BH_ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define BH_RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#define BH_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define BH_GUARDED_BY(x) __attribute__((guarded_by(x)))
#define BH_NO_LOCK_ANALYSIS __attribute__((no_thread_safety_analysis))
#endif

enum lock_rank {
    LOCK_RANK_SHARE = 1,
    LOCK_RANK_VM,
    LOCK_RANK_VCPU,
    LOCK_RANK_CPU,
    LOCK_RANK_DEVICE,
    LOCK_RANK_MAP,
    LOCK_RANK_POOL,
    LOCK_RANK_LOG,
};

struct BH_CAPABILITY("lock") lock {
    _Alignas(4) uint16_t next;  /* ticket handed to the next taker */
    uint16_t owner;             /* ticket being served */
    uint16_t rank;              /* enum lock_rank */
    uint16_t taken_below;       /* debug: rank held by this CPU before the lock was taken */
};

#define LOCK_INIT(r) ((struct lock){.rank = (r)})

void lock_init(struct lock *lock, enum lock_rank rank);
void lock_take(struct lock *lock) BH_ACQUIRE(lock);
void lock_drop(struct lock *lock) BH_RELEASE(lock);
