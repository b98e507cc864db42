/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What base keeps per CPU: the rank of the locks it holds. TPIDR_EL2 holds the address of obj's
 * struct cpu (0 until the CPU installed itself), in which this struct lies at a fixed offset; cpu.h
 * asserts the offset. Host builds have one per thread.
 */
#pragma once

#include <stdint.h>

#define CPU_LOCAL_OFFSET 8

struct cpu_local {
    uint32_t lock_rank; /* debug: highest rank held */
};

#if __STDC_HOSTED__

extern _Thread_local struct cpu_local cpu_local_host;

static inline struct cpu_local *cpu_local_find(void)
{
    return &cpu_local_host;
}

#else

/* NULL: this CPU has no struct cpu yet. */
static inline struct cpu_local *cpu_local_find(void)
{
    uint64_t cpu;

    /* Not volatile: the value changes once in a CPU's life, before anybody asks twice. */
    __asm__("mrs %0, tpidr_el2" : "=r"(cpu));
    return cpu == 0 ? (struct cpu_local *)0
                    : (struct cpu_local *)(uintptr_t)(cpu + CPU_LOCAL_OFFSET);
}

#endif
