/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contract of the CPU: mechanism only, no policy. Implemented by src/arch/aarch64 (registers) and
 * src/arch/fake (state that host tests ask). Context: EL2, interrupts masked.
 * Source: Arm ARM (DDI 0487) D1, D13, D17; SMCCC (DEN0028); PSCI (DEN0022).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/arch/arch_context.h"
#include "bh/base/addr.h"

struct cpu;

/* el2.c */
/* Per-CPU EL2 registers that stay as they are (HCR base, CPTR, MDCR, CNTHCTL, VPIDR, HSTR). */
void arch_el2_init(void);
uint64_t arch_cpu_mpidr(void); /* affinity fields only */
bool arch_cpu_has_pauth(void);
uint32_t arch_cpu_pa_bits(void); /* from ID_AA64MMFR0_EL1.PARange */
struct cpu *arch_cpu_self(void); /* TPIDR_EL2 */
void arch_cpu_set_self(struct cpu *cpu);
void arch_cpu_wait(void); /* WFI at EL2: returns at once when an interrupt is pending */
void arch_cpu_relax(void);
void arch_wait_event(void);
void arch_send_event(void);

/* guest.c: state of a vCPU that is not current */
struct arch_reset {
    uint64_t entry;             /* IPA */
    uint64_t arg0;              /* x0 */
    uint64_t mpidr;             /* affinity fields */
    uint64_t vttbr, vtcr;       /* IPA space of the core's own security state */
    uint64_t ns_vttbr, ns_vtcr; /* secure state: the non-secure IPA space */
    uint64_t cntvoff;
    bool trap_wfx; /* WFI and WFE return to the core (scheduled vCPUs) */
    bool is_world; /* no guest: entry is EL2 code that calls the other world */
    bool gic;      /* virtual GICv3 CPU interface present; else ICC_* is undefined */
    bool pmu;      /* the performance monitors are its own */
    bool no_pauth; /* pointer authentication is undefined */
    bool el0;      /* runs at EL0, without an EL1: all its exceptions come to EL2 */
};
void arch_context_reset(struct arch_context *ctx, const struct arch_reset *reset);

/* context.c: switch. save stores what lives in registers but the general registers, FP and debug;
 * load the reverse. */
void arch_context_save(struct arch_context *ctx);
void arch_context_load(const struct arch_context *ctx);
void arch_fp_save(struct arch_fp *fp);
void arch_fp_load(const struct arch_fp *fp);
void arch_fp_trap(bool on); /* CPTR_EL2.TFP */
/* arch_fp_load for the other world, which has more than that in its vector registers. */
void arch_world_fp_load(const struct arch_context *ctx);

/* The debug registers at a switch, for vCPUs that have them open (ctx->debug.open); load also takes
 * them from one that has not. Of two that have not nobody needs to call either. */
void arch_debug_save(struct arch_context *ctx);
void arch_debug_load(const struct arch_context *ctx);
/* debug.c: the current vCPU gets the debug registers (not their OS lock), with what its context has
 * in them; and the OS lock. */
void arch_debug_open(struct arch_context *ctx);
void arch_debug_os_lock(struct arch_context *ctx, bool locked);

/* guest.c: the vCPU that is current (its ELR_EL2, SPSR_EL2 and EL1 registers are live) */
uint64_t arch_guest_pc(void);
uint64_t arch_guest_spsr(void);
void arch_guest_pc_set(uint64_t pc);
void arch_guest_pc_advance(
    void); /* past the trapped instruction, per ESR_EL2.IL; keeps BTYPE/IT sane */
void arch_guest_inject_undef(void);
/* External abort into EL1 with FAR = far; instruction or data, from the live ESR_EL2. */
void arch_guest_inject_abort(bool instruction, uint64_t far);
/* Virtual SError for the current vCPU. */
void arch_guest_inject_serror(void);
/* HCR_EL2.VI and VF: the virtual interrupt lines of a vCPU without virtual CPU interface (reset.gic
 * false). */
void arch_guest_virq_lines(bool irq, bool fiq);
/* It stands on one of its own exception vectors. */
bool arch_guest_is_at_vector(void);
/* Current EL of the guest is EL0. */
bool arch_guest_is_el0(void);

/* IPA of a guest VA by the guest's own Stage 1 (AT S1E1R/S1E0R); false: translation fault. */
bool arch_guest_translate(uint64_t va, struct ipaddr *ipa);

/* timer.c: counter in ticks of CNTFRQ_EL0 */
uint64_t arch_counter(void);           /* CNTPCT_EL0 */
uint64_t arch_counter_frequency(void); /* Hz */
void arch_htimer_arm(uint64_t cval);   /* CNTHP fires at CNTPCT >= cval */
void arch_htimer_stop(void);
bool arch_vtimer_is_due(void); /* the current vCPU's virtual timer asserts its interrupt */
void arch_vtimer_mask(void);   /* the current vCPU's CNTV_CTL_EL0.IMASK */
/* The current vCPU's virtual timer: registers to ctx, without stopping it; and off, for a vCPU that
 * is gone. */
void arch_vtimer_save(struct arch_context *ctx);
void arch_vtimer_stop(void);

/* smc.S: a call to EL3; x0-x17 in and out. */
struct arch_smc_regs {
    uint64_t x[18];
};
void arch_smc(struct arch_smc_regs *regs);
/* PSCI of the firmware below, over SMC. */
int64_t arch_psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context);
_Noreturn void arch_psci_system_off(void);
_Noreturn void arch_halt(void);
