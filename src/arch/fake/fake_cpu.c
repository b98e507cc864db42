/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPU of the fake machine and the guest that is current on it. */
#include <stdlib.h>
#include <string.h>

#include "bh/arch/arch_fault.h"
#include "bh/arch/arch_irq.h"
#include "bh/arch/esr.h"
#include "bh/arch/fake_hw.h"
#include "bh/arch/sysreg.h"
#include "fake.h"
#include "src/arch/aarch64/features.h"

/* A test that waits this often waits for something that cannot happen. */
#define WAITS_MAX 1000000

/* Versions of clang-format differ on these. */
/* clang-format off */
#define FEATURES {.known = true, .pa_range = 5}
/* clang-format on */

struct arch_features arch_features = FEATURES;

void fake_features_reset(void)
{
    arch_features = (struct arch_features)FEATURES;
}

void arch_el2_init(void)
{
}

uint64_t arch_cpu_mpidr(void)
{
    return fake_hw.mpidr;
}

bool arch_cpu_has_pauth(void)
{
    return arch_features.pauth;
}

uint32_t arch_cpu_pa_bits(void)
{
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48};

    return bits[arch_features.pa_range];
}

struct cpu *arch_cpu_self(void)
{
    return fake_hw.self;
}

void arch_cpu_set_self(struct cpu *cpu)
{
    fake_hw.self = cpu;
}

void arch_cpu_wait(void)
{
    if (fake_hw.waits++ == WAITS_MAX) {
        abort();
    }
    if (fake_hw.on_wait != NULL) {
        fake_hw.on_wait();
    }
}

void arch_cpu_relax(void)
{
    arch_cpu_wait();
}

void arch_wait_event(void)
{
    arch_cpu_wait();
}

void arch_send_event(void)
{
    fake_hw.events++;
}

static void save_ich(struct arch_ich *ich)
{
    ich->hcr = fake_hw.ich_hcr;
    ich->vmcr = fake_hw.vmcr;
    ich->ap0r0 = fake_hw.ap0r0;
    ich->ap1r0 = fake_hw.ap1r0;
}

void arch_context_save(struct arch_context *ctx)
{
    fake_hw.saves++;
    ctx->elr = fake_hw.pc;
    ctx->spsr = fake_hw.spsr;
    ctx->hcr = fake_hw.hcr;
    memcpy(ctx->sys, fake_hw.sys, sizeof(ctx->sys));
    if ((ctx->ich.hcr & ICH_HCR_EL2_EN) != 0) {
        save_ich(&ctx->ich);
    }
}

void arch_context_load(const struct arch_context *ctx)
{
    fake_hw.loads++;
    fake_hw.loaded = ctx;
    fake_hw.pc = ctx->elr;
    fake_hw.spsr = ctx->spsr;
    fake_hw.hcr = ctx->hcr;
    fake_hw.vttbr = ctx->vttbr;
    fake_hw.vtcr = ctx->vtcr;
    memcpy(fake_hw.sys, ctx->sys, sizeof(ctx->sys));
    fake_hw.ich_hcr = ctx->ich.hcr;
    if ((ctx->ich.hcr & ICH_HCR_EL2_EN) == 0) {
        return;
    }
    fake_hw.vmcr = ctx->ich.vmcr;
    fake_hw.ap0r0 = ctx->ich.ap0r0;
    fake_hw.ap1r0 = ctx->ich.ap1r0;
}

void arch_fp_save(struct arch_fp *fp)
{
    *fp = fake_hw.fp;
    fake_hw.fp_saves++;
}

void arch_fp_load(const struct arch_fp *fp)
{
    fake_hw.fp = *fp;
    fake_hw.fp_loads++;
}

void arch_world_fp_load(const struct arch_context *ctx)
{
    arch_fp_load(&ctx->fp);
}

void arch_fp_trap(bool on)
{
    fake_hw.fp_trapped = on;
}

uint64_t arch_guest_pc(void)
{
    return fake_hw.pc;
}

uint64_t arch_guest_spsr(void)
{
    return fake_hw.spsr;
}

void arch_guest_pc_set(uint64_t pc)
{
    fake_hw.pc = pc;
}

void arch_guest_pc_advance(void)
{
    fake_hw.pc += esr_instruction_size(fake_hw.esr);
}

void arch_guest_inject_undef(void)
{
    fake_hw.undef_count++;
}

void arch_guest_inject_abort(bool instruction, uint64_t far)
{
    fake_hw.abort_count++;
    fake_hw.abort_is_instruction = instruction;
    fake_hw.abort_far = far;
}

void arch_guest_inject_serror(void)
{
    fake_hw.serror_count++;
}

void arch_guest_virq_lines(bool irq, bool fiq)
{
    fake_hw.virq_line = irq;
    fake_hw.vfiq_line = fiq;
}

bool arch_guest_is_el0(void)
{
    return arch_fault_is_aarch32() || (fake_hw.spsr & SPSR_M_EL) == 0;
}

bool arch_guest_translate(uint64_t va, struct ipaddr *ipa)
{
    *ipa = ipa_init(va);
    return !fake_hw.translate_fails;
}

uint64_t arch_fault_far(void)
{
    return fake_hw.far;
}

struct ipaddr arch_fault_ipa(void)
{
    return ipa_init(fake_hw.fault_ipa);
}

void arch_fault_inject_alignment(uint64_t far)
{
    fake_hw.alignment_count++;
    fake_hw.abort_far = far;
}

static uint64_t *stack_pointer(void)
{
    bool is_sp_el0 = arch_guest_is_el0() || (fake_hw.spsr & SPSR_M_SPSEL) == 0;

    return &fake_hw.sys[is_sp_el0 ? ARCH_SYSREG_sp_el0 : ARCH_SYSREG_sp_el1];
}

uint64_t arch_fault_sp_read(void)
{
    return *stack_pointer();
}

void arch_fault_sp_write(uint64_t value)
{
    *stack_pointer() = value;
}

bool arch_fault_is_aarch32(void)
{
    return (fake_hw.spsr & SPSR_M_AARCH32) != 0;
}

uint64_t arch_id_read(uint32_t crm, uint32_t op2)
{
    return crm < 8 && op2 < 8 ? fake_hw.id[crm][op2] : 0;
}

void arch_debug_save(struct arch_context *ctx)
{
    (void)ctx;
}

void arch_debug_load(const struct arch_context *ctx)
{
    (void)ctx;
}

void arch_debug_open(struct arch_context *ctx)
{
    ctx->debug.open = true;
}

void arch_debug_os_lock(struct arch_context *ctx, bool locked)
{
    ctx->debug.os_locked = locked;
}
