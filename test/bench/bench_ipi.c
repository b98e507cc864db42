/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two CPUs: an SGI there and one back, both sides in WFI while they wait. Half of it is one way.
 * With -icount the CPUs take turns and the counter runs for both.
 */
#include "bench.h"

#define SGI 1u

extern uint8_t bench_vectors[];
extern uint8_t bench_echo_vectors[];

static volatile uint32_t ready;

static uint64_t sgi_to(uint32_t index)
{
    return (uint64_t)SGI << 24 | UINT64_C(1) << (smp_mpidr(index) & 0xf);
}

/* Answers for ever, in the interrupt handler; the partition's end ends it. */
static void echo(uint64_t unused)
{
    (void)unused;
    gic_init_cpu();
    gic_enable(SGI);
    sysreg_write(vbar_el1, (uint64_t)bench_echo_vectors);
    cpu_isb();
    register uint64_t back __asm__("x17") = sgi_to(0);

    atomic_write(&ready, 1);
    cpu_irq_enable();
    __asm__ volatile("1:\twfi\n\tb 1b" ::"r"(back) : "x16", "memory");
}

/* Guest instructions of a round trip: here mov, msr, cbz (twice), wfi and 5 of the handler; there
 * wfi, b, and 4 of the handler. */
#define ROUND_TRIP_GUEST 16

int main(void)
{
    uint64_t old = sysreg_read(vbar_el1);

    bench_init();
    gic_init_dist();
    gic_init_cpu();
    gic_enable(SGI);
    if (vmlib_cpu_start(1, echo, 0) != PSCI_OK || !cpu_wait_flag(&ready, 1)) {
        console_print("[bench] the second vCPU does not run\n");
        return 1;
    }
    sysreg_write(vbar_el1, (uint64_t)bench_vectors);
    /* With interrupts masked between look and WFI a wake-up can't be lost. */
    uint64_t round = BENCH_MEASURE("mov x18, #0\n\tmsr ICC_SGI1R_EL1, %[a]\n2:\twfi\n\t"
                                   "msr daifclr, #2\n\tmsr daifset, #2\n\tcbz x18, 2b",
                                   sgi_to(1), 0);

    sysreg_write(vbar_el1, old);
    cpu_isb();
    bench_report("base", "IPI to another CPU, one way (core, both sides)",
                 (round - ROUND_TRIP_GUEST) / 2);
    console_print("[bench] end\n");
    return 0;
}
