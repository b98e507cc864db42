/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several vCPUs: starting them, and locks between them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vmlib_cpu.h"

/* MPIDR affinity of vCPU index, from the device tree. */
uint64_t smp_mpidr(uint32_t index);
/* vCPUs of this partition. */
uint32_t smp_count(void);
/* Starts vCPU index (not 0) at fn(argument); it goes off when fn returns. PSCI's answer. */
int32_t vmlib_cpu_start(uint32_t index, void (*fn)(uint64_t), uint64_t argument);
/* Waits until vCPU index is off. false: five seconds passed. */
bool smp_wait_off(uint32_t index);
/* For a secure partition with a context per CPU, before its first FFA_MSG_WAIT: those of other CPUs
 * begin with fn, each time their CPU comes up; fn does not return. false: the SPMC refuses. */
bool smp_try_register_contexts(void (*fn)(uint64_t index));
/* This vCPU goes off. */
_Noreturn void smp_off(void);

struct spinlock {
    uint32_t taken;
};

void spinlock_take(struct spinlock *lock);
void spinlock_release(struct spinlock *lock);

/* All of count vCPUs meet; may be used again and again. */
struct rendezvous {
    uint32_t arrived;
    uint32_t round;
};

void rendezvous_wait(struct rendezvous *meeting, uint32_t count);

static inline uint32_t atomic_increment(volatile uint32_t *value)
{
    return __atomic_add_fetch(value, 1, __ATOMIC_ACQ_REL);
}

static inline uint32_t atomic_read(const volatile uint32_t *value)
{
    return __atomic_load_n(value, __ATOMIC_ACQUIRE);
}

static inline void atomic_write(volatile uint32_t *value, uint32_t to)
{
    __atomic_store_n(value, to, __ATOMIC_RELEASE);
}
