/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From an exception class to what deals with it. Two entry shapes: calls (SVC, HVC, SMC), which are
 * hot and have only the volatile registers in memory, and everything else.
 * Source: Arm ARM D24.2.40 ESR_EL2.
 */
#include "bh/trap/trap.h"

#include <stddef.h>

#include "bh/abi/call.h"
#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_fault.h"
#include "bh/arch/esr.h"
#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/chain.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/power.h"
#include "bh/svc/run.h"

/* vectors.S relies on these. */
_Static_assert(offsetof(struct cpu, current) == 0, "vectors.S: tpidr_el2 -> current vCPU");
_Static_assert(offsetof(struct vcpu, ctx) == 0, "vectors.S: vCPU -> context");
_Static_assert(offsetof(struct arch_context, x) == 0, "vectors.S: context -> x0");

#define EC_SHIFT 26
#define EC_SMC64 UINT64_C(0x17)

/* CNTPCT_EL0, which QEMU traps by the wrong bit; CNTP_TVAL_EL0, CNTP_CTL_EL0, CNTP_CVAL_EL0. */
#define EL0_CNTPCT_MASK (ESR_SYSREG_NAME | ESR_SYSREG_READ)
#define EL0_CNTPCT      (ESR_SYSREG_ENCODE(3, 3, 14, 0, 1) | ESR_SYSREG_READ)
#define EL0_CNTP_MASK   (ESR_SYSREG_NAME & ~ESR_SYSREG_OP2)
#define EL0_CNTP        ESR_SYSREG_ENCODE(3, 3, 14, 2, 0)

typedef struct vcpu *trap_fn(struct vcpu *current, uint64_t esr);

/* Nearly every exit ends here with nothing to attend to: no call for those. */
static inline struct vcpu *trap_finish(struct vcpu *next)
{
    if (next != NULL && __atomic_load_n(&next->attention, __ATOMIC_RELAXED) == 0) {
        return next;
    }
    return run_next(arch_cpu_self(), next);
}

struct vcpu *trap_call(struct vcpu *current, uint64_t esr)
{
    bool is_smc = (esr >> EC_SHIFT) == EC_SMC64;

    if (is_smc) {
        /* A trapped SMC returns to itself; SVC and HVC return behind themselves (D1.3.1). */
        arch_guest_pc_advance();
    }
    return trap_finish(smccc_call(current, is_smc));
}

static BH_COLD struct vcpu *trap_unknown(struct vcpu *current, uint64_t esr)
{
    log_guest(&current->log_limit,
              "%s vCPU %u: exception class 0x%x not handled at pc 0x%lx: undefined",
              current->vm->config->name, current->index, (uint32_t)(esr >> EC_SHIFT),
              (unsigned long)arch_guest_pc());
    arch_guest_inject_undef();
    return current;
}

static BH_COLD struct vcpu *trap_undefined(struct vcpu *current, uint64_t esr)
{
    (void)esr;
    arch_guest_inject_undef();
    return current;
}

/* WFI and WFE of scheduled vCPUs. */
static struct vcpu *trap_wfx(struct vcpu *current, uint64_t esr)
{
    arch_guest_pc_advance();
    return chain_idle(current, (esr & 1) != 0);
}

/* First FP use since this vCPU came to this CPU: now its state replaces the owner's. */
static struct vcpu *trap_fp(struct vcpu *current, uint64_t esr)
{
    struct cpu *cpu = arch_cpu_self();

    (void)esr;
    cpu->fp_trapped = false;
    arch_fp_trap(false);
    if (cpu->fp_owner != NULL) {
        arch_fp_save(&cpu->fp_owner->ctx.fp);
    }
    arch_fp_load(&current->ctx.fp);
    cpu->fp_owner = current;
    return current;
}

static BH_COLD struct vcpu *trap_instruction_abort(struct vcpu *current, uint64_t esr)
{
    /* An SP that faults for ever would keep the CPU from the normal world. */
    if (role_is_secure() && arch_guest_is_at_vector()) {
        return power_abort(current, "it has no exception vectors");
    }
    return mmio_instruction_abort(current, esr);
}

static trap_fn *const trap_table[64] = {
    [0x00] = trap_undefined,         /* unknown reason */
    [0x01] = trap_wfx,               /* WFI, WFE */
    [0x03] = trap_undefined,         /* AArch32 EL0 MCR/MRC cp15 */
    [0x04] = trap_undefined,         /* AArch32 EL0 MCRR/MRRC cp15 */
    [0x05] = trap_undefined,         /* AArch32 EL0 cp14 */
    [0x06] = trap_undefined,         /* AArch32 EL0 LDC/STC cp14 */
    [0x07] = trap_fp,                /* FP, SIMD */
    [0x09] = trap_undefined,         /* pointer authentication not given */
    [0x0c] = trap_undefined,         /* AArch32 EL0 MRRC cp14 */
    [0x12] = trap_undefined,         /* HVC from AArch32: not an EL1 that we run */
    [0x13] = trap_undefined,         /* SMC from AArch32 */
    [0x18] = sysreg_trap,            /* MSR, MRS, system instructions */
    [0x19] = trap_undefined,         /* SVE: hidden */
    [0x1d] = trap_undefined,         /* SME: hidden */
    [0x20] = trap_instruction_abort, /* from a lower EL */
    [0x24] = mmio_data_abort,        /* from a lower EL */
};

/* An EL0 partition has nobody to take its exceptions. */
static struct vcpu *el0_fault(struct vcpu *current, uint64_t esr)
{
    log_guest(&current->log_limit,
              "%s vCPU %u: exception class 0x%x at EL0, syndrome 0x%lx, pc 0x%lx, address 0x%lx",
              current->vm->config->name, current->index, (uint32_t)(esr >> EC_SHIFT),
              (unsigned long)esr, (unsigned long)arch_guest_pc(), (unsigned long)arch_fault_far());
    return power_abort(current, "exception at EL0");
}

/* Of all registers that trap, the timer's are for EL0. */
static struct vcpu *el0_sysreg(struct vcpu *current, uint64_t esr)
{
    bool is_timer = (esr & EL0_CNTPCT_MASK) == EL0_CNTPCT || (esr & EL0_CNTP_MASK) == EL0_CNTP;

    return is_timer ? sysreg_trap(current, esr) : el0_fault(current, esr);
}

/* WFI gives the CPU up, too: no interrupt can be pending for it to see. */
static struct vcpu *el0_wfx(struct vcpu *current, uint64_t esr)
{
    (void)esr;
    arch_guest_pc_advance();
    return chain_idle(current, true);
}

static struct vcpu *el0_sync(struct vcpu *current, uint64_t esr)
{
    switch (esr >> EC_SHIFT & 63) {
    case 0x01:
        return el0_wfx(current, esr);
    case 0x07:
        return trap_fp(current, esr);
    case 0x18:
        return el0_sysreg(current, esr);
    default:
        return el0_fault(current, esr);
    }
}

struct vcpu *trap_sync(struct vcpu *current, uint64_t esr)
{
    trap_fn *handler = current->is_el0 ? el0_sync : trap_table[(esr >> EC_SHIFT) & 63];
    struct vcpu *next = handler == NULL ? trap_unknown(current, esr) : handler(current, esr);

    return trap_finish(next);
}

struct vcpu *trap_irq(struct vcpu *current)
{
    struct cpu *cpu = arch_cpu_self();
    struct vcpu *next = irq_route_handle(cpu, current);

    if (next == current && chain_home_waits(cpu, current)) {
        next = chain_preempt(current);
    }
    return trap_finish(next);
}

/* What is not the core's own: in the secure state, interrupts of the normal world and of EL3. */
struct vcpu *trap_fiq(struct vcpu *current)
{
    struct cpu *cpu = arch_cpu_self();

    return trap_finish(irq_route_foreign(cpu, irq_route_handle(cpu, current)));
}

struct vcpu *trap_world(struct vcpu *current)
{
    return trap_finish(ffa_world_call(current));
}

BH_COLD struct vcpu *trap_serror(struct vcpu *current, uint64_t esr)
{
    log_error("%s vCPU %u: SError, syndrome 0x%lx, pc 0x%lx", current->vm->config->name,
              current->index, (unsigned long)esr, (unsigned long)arch_guest_pc());
    return run_next(arch_cpu_self(), power_abort(current, "SError"));
}

_Noreturn void trap_el2(uint64_t esr, uint64_t elr, uint64_t far, uint64_t vector)
{
    panic("exception in the core: vector 0x%lx esr 0x%lx pc 0x%lx far 0x%lx", (unsigned long)vector,
          (unsigned long)esr, (unsigned long)elr, (unsigned long)far);
}
