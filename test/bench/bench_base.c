/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One CPU: calls, traps, interrupts to oneself, and the switch to a scheduled partition and back.
 * Operations marked "core" have the guest's instructions taken off; they are counted beside each.
 */
#include "bench.h"

#define UNKNOWN_CALL UINT64_C(0x8600abcd)
#define SCHEDULED_VM 2
#define SGI          1u
#define PL011_DR     0x00u
#define PL011_FR     0x18u

extern uint8_t bench_vectors[];

/* The call with x0 = %[a], x1 = %[b]: three instructions of the guest. */
#define CALL       "mov x0, %[a]\n\tmov x1, %[b]\n\thvc #0"
#define CALL_GUEST 3

static uint64_t measure_call(uint64_t fid, uint64_t argument)
{
    return BENCH_MEASURE(CALL, fid, argument) - CALL_GUEST;
}

static void bench_calls(void)
{
    uint64_t version, features;

    bench_report("base", "HVC PSCI_VERSION, core", measure_call(PSCI_VERSION_FID, 0));
    bench_report("base", "unknown HVC, core", measure_call(UNKNOWN_CALL, 0));
    bench_report("base", "FFA_ID_GET, core", measure_call(FFA_ID_GET_32, 0));
    version = measure_call(FFA_VERSION_32, FFA_VERSION_1_2);
    bench_report("base", "FFA_VERSION, core", version);
    features = measure_call(FFA_FEATURES_32, FFA_RXTX_MAP_64);
    bench_report("base", "FFA_FEATURES, core", features);
    bench_report("base", "FFA_VERSION, FFA_FEATURES, core",
                 version > features ? version : features);
}

static void bench_traps(void)
{
    struct dtb_range uart;

    bench_report("base", "ID register read", BENCH_MEASURE("mrs x0, id_aa64isar0_el1", 0, 0));
    bench_report("base", "GICD register read",
                 BENCH_MEASURE("ldr w0, [%[a]]", gic_dist_base() + GICD_TYPER, 0));
    if (!dtb_try_reg("arm,pl011", 0, &uart)) {
        return;
    }
    bench_report("base", "PL011 FR read",
                 BENCH_MEASURE("ldrh w0, [%[a]]", uart.base + PL011_FR, 0));
    uint64_t write = BENCH_MEASURE("strb %w[b], [%[a]]", uart.base + PL011_DR, '.');

    console_print("\n");
    bench_report("base", "PL011 DR write", write);
}

static void bench_interrupts(void)
{
    uint64_t old = sysreg_read(vbar_el1);
    uint64_t no_target = UINT64_C(15) << 24;
    uint64_t self = (uint64_t)SGI << 24 | UINT64_C(1) << (smp_mpidr(0) & 0xf);

    gic_init_dist();
    gic_init_cpu();
    gic_enable(SGI);
    gic_enable(GIC_VTIMER);
    bench_report("base", "ICC_SGI1R write, no target",
                 BENCH_MEASURE("msr ICC_SGI1R_EL1, %[a]", no_target, 0));

    sysreg_write(vbar_el1, (uint64_t)bench_vectors);
    cpu_irq_enable();
    /* x18 is the handler's count: the loop waits until it moves. */
    uint64_t sgi_self =
        BENCH_MEASURE("mov x18, #0\n\tmsr ICC_SGI1R_EL1, %[a]\n\tisb\n2:\tcbz x18, 2b", self, 0);
    bench_report("base", "SGI to self: send, take, ack, EOI", sgi_self);
    uint64_t timer = BENCH_MEASURE("mov x18, #0\n\tmrs x0, cntvct_el0\n\tmsr cntv_cval_el0, x0\n\t"
                                   "mov x0, #1\n\tmsr cntv_ctl_el0, x0\n\tisb\n2:\tcbz x18, 2b",
                                   0, 0);

    cpu_irq_disable();
    sysreg_write(vbar_el1, old);
    cpu_isb();
    bench_report("base", "virtual timer: arm, take, ack, EOI", timer);
}

/* bench_peer.c: yields in a loop of five instructions, then answers requests in a loop of six. */
#define YIELD_GUEST    5
#define REQUEST_GUEST  6
#define RESPONSE_GUEST 6

static void bench_switch(void)
{
    uint64_t target = ffa_target_make(SCHEDULED_VM, 0);
    uint64_t run = BENCH_MEASURE(CALL, FFA_RUN_32, target);

    bench_report("base", "FFA_RUN + FFA_YIELD, core", run - CALL_GUEST - YIELD_GUEST);
    /* The peer changes to answering when it has yielded often enough. */
    while (ffa_run(SCHEDULED_VM, 0).x[0] == FFA_YIELD_32) {
    }
    uint64_t request =
        BENCH_MEASURE("mov x0, %[a]\n\tmov x1, %[b]\n\tmov x2, #0\n\tmov x3, #1\n\t"
                      "mov x4, #0\n\thvc #0",
                      FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(ffa_id_get(), SCHEDULED_VM));

    bench_report("ffa", "direct request + response, core",
                 request - REQUEST_GUEST - RESPONSE_GUEST);
    /* x3 = 0 ends the peer. */
    (void)ffa_direct_req(SCHEDULED_VM, 0, 0, 0);
}

int main(void)
{
    (void)ffa_id_get();
    bench_init();
    bench_calls();
    bench_traps();
    bench_interrupts();
    bench_switch();
    console_print("[bench] end\n");
    return 0;
}
