/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ticket locks: fair, so a partition that hammers one object cannot starve the others.
 *
 * Order, outer to inner (checked in debug builds through the rank): share table > vm (lower id
 * first) > vcpu (lower address first) > cpu > device > EL2 map > pool > log.
 * Two locks of one rank may be held together (the order within the rank is the caller's).
 * Context: EL2 with interrupts masked (the core never unmasks them), MMU on (exclusives need
 * Normal memory).
 */
#pragma once

#include <stdint.h>

#if defined(__clang__)
#define BH_CAPABILITY(x)    __attribute__((capability(x)))
#define BH_ACQUIRE(...)     __attribute__((acquire_capability(__VA_ARGS__)))
#define BH_RELEASE(...)     __attribute__((release_capability(__VA_ARGS__)))
#define BH_REQUIRES(...)    __attribute__((requires_capability(__VA_ARGS__)))
#define BH_GUARDED_BY(x)    __attribute__((guarded_by(x)))
#define BH_NO_LOCK_ANALYSIS __attribute__((no_thread_safety_analysis))
#else
#define BH_CAPABILITY(x)
#define BH_ACQUIRE(...)
#define BH_RELEASE(...)
#define BH_REQUIRES(...)
#define BH_GUARDED_BY(x)
#define BH_NO_LOCK_ANALYSIS
#endif

enum lock_rank {
    LOCK_RANK_NONE = 0,
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
    union {
        uint32_t tickets;
        struct {
            uint16_t owner; /* ticket being served; low half, so that next wraps off the top */
            uint16_t next;  /* ticket handed to the next taker */
        };
    };
    uint16_t rank;        /* enum lock_rank */
    uint16_t taken_below; /* debug: rank held by this CPU before the lock was taken */
};

#define LOCK_INIT(r)                                                                               \
    (struct lock)                                                                                  \
    {                                                                                              \
        .rank = (r)                                                                                \
    }

/* Slow path: sleeps (WFE) until owner is ticket, with acquire semantics. */
void lock_wait(const struct lock *lock, uint16_t ticket);
/* Debug builds; panic when the order is broken or a lock is dropped that nobody holds. */
void lock_rank_enter(struct lock *lock);
void lock_rank_leave(struct lock *lock);

static inline void lock_init(struct lock *lock, enum lock_rank rank)
{
    *lock = LOCK_INIT((uint16_t)rank);
}

static inline void lock_take(struct lock *lock) BH_ACQUIRE(lock) BH_NO_LOCK_ANALYSIS
{
    uint32_t old = __atomic_fetch_add(&lock->tickets, UINT32_C(0x10000), __ATOMIC_ACQUIRE);
    uint16_t ticket = (uint16_t)(old >> 16);

    if ((uint16_t)old != ticket) {
        lock_wait(lock, ticket);
    }
#if defined(BH_DEBUG) && BH_DEBUG
    lock_rank_enter(lock);
#endif
}

static inline void lock_drop(struct lock *lock) BH_RELEASE(lock) BH_NO_LOCK_ANALYSIS
{
#if defined(BH_DEBUG) && BH_DEBUG
    lock_rank_leave(lock);
#endif
    __atomic_store_n(&lock->owner, (uint16_t)(lock->owner + 1), __ATOMIC_RELEASE);
}
