/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * This vCPU: system registers, interrupt masks, waiting, and what vmlib keeps per vCPU.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VMLIB_MAX_CPUS   8
#define VMLIB_STACK_SIZE 8192

/* Registers by name, or as S3_0_C1_C2_3. */
#define sysreg_read(name)                                                                          \
    ({                                                                                             \
        uint64_t read_value_;                                                                      \
        __asm__ volatile("mrs %0, " #name : "=r"(read_value_)::"memory");                          \
        read_value_;                                                                               \
    })
#define sysreg_write(name, value)                                                                  \
    ({                                                                                             \
        uint64_t write_value_ = (value);                                                           \
        __asm__ volatile("msr " #name ", %0" ::"r"(write_value_) : "memory");                      \
    })

static inline void cpu_isb(void)
{
    __asm__ volatile("isb" ::: "memory");
}

static inline void cpu_dsb(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}

static inline void cpu_irq_enable(void)
{
    __asm__ volatile("msr daifclr, #2\n\tisb" ::: "memory");
}

static inline void cpu_irq_disable(void)
{
    __asm__ volatile("msr daifset, #2" ::: "memory");
}

static inline void cpu_wfi(void)
{
    __asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

static inline void cpu_wfe(void)
{
    __asm__ volatile("wfe" ::: "memory");
}

static inline void cpu_sev(void)
{
    __asm__ volatile("dsb sy\n\tsev" ::: "memory");
}

/* One turn of a loop that waits for another vCPU. */
static inline void cpu_relax(void)
{
    __asm__ volatile("yield" ::: "memory");
}

/* A synchronous exception that exception_expect() made harmless. */
struct exception_record {
    uint32_t count;
    uint64_t esr;
    uint64_t far;
    uint64_t elr;
};

/* TPIDR_EL1 points to this vCPU's. start.S uses the first two by offset. */
struct vmlib_cpu {
    uint64_t stack_top;
    uint64_t mpidr;
    uint32_t index;
    bool is_expecting;
    void (*entry)(uint64_t argument);
    uint64_t argument;
    struct exception_record record;
};

static inline struct vmlib_cpu *cpu_get(void)
{
    return (struct vmlib_cpu *)sysreg_read(tpidr_el1);
}

/* 0 for the vCPU that started the partition. */
static inline uint32_t cpu_index(void)
{
    return cpu_get()->index;
}

/*
 * Waits in WFI, taking interrupts in between, until *flag is not less than value. Interrupts are
 * enabled while it waits and masked when it returns. The flag is looked at with interrupts masked,
 * so a wake-up can't be lost between the look and the WFI.
 */
void cpu_wait_irq(const volatile uint32_t *flag, uint32_t value);
/* The same, but gives up after a time, in case no interrupt comes. false: gave up. Needs an
 * interrupt only when WFI is to be left early: spins. */
bool cpu_wait_irq_for(const volatile uint32_t *flag, uint32_t value, uint64_t milliseconds);
/* Spins until *flag is not less than value. false: EVENT_WAIT_MS passed. */
bool cpu_wait_flag(const volatile uint32_t *flag, uint32_t value);
