/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices of the fake machine: time, GIC CPU interface, firmware, TLBs. */
#include "bh/arch/fake_hw.h"

#include <stdlib.h>
#include <string.h>

#include "bh/arch/arch_irq.h"
#include "bh/arch/arch_mmu.h"
#include "bh/arch/sysreg.h"
#include "fake.h"

#define SMCCC_NOT_SUPPORTED UINT64_MAX

#define LIST_REGISTERS 4
#define FREQUENCY      62500000

struct fake_hw fake_hw = {.lr_count = LIST_REGISTERS, .frequency = FREQUENCY};

void fake_hw_reset(void)
{
    memset(&fake_hw, 0, sizeof(fake_hw));
    fake_hw.lr_count = LIST_REGISTERS;
    fake_hw.frequency = FREQUENCY;
    fake_features_reset();
}

void fake_log_add(struct fake_log *log, uint64_t value)
{
    log->value[log->count++ % FAKE_LOG_MAX] = value;
}

uint64_t fake_log_last(const struct fake_log *log)
{
    return log->count == 0 ? 0 : log->value[(log->count - 1) % FAKE_LOG_MAX];
}

void fake_hw_raise(uint32_t intid)
{
    fake_hw.ack[fake_hw.ack_count++ % FAKE_LOG_MAX] = intid;
}

uint64_t arch_counter(void)
{
    return fake_hw.counter;
}

uint64_t arch_counter_frequency(void)
{
    return fake_hw.frequency;
}

void arch_htimer_arm(uint64_t cval)
{
    fake_hw.htimer_cval = cval;
    fake_hw.htimer_on = true;
}

void arch_htimer_stop(void)
{
    fake_hw.htimer_on = false;
}

void arch_vtimer_save(struct arch_context *ctx)
{
    ctx->sys[ARCH_SYSREG_cntv_ctl_el0] = fake_hw.sys[ARCH_SYSREG_cntv_ctl_el0];
    ctx->sys[ARCH_SYSREG_cntv_cval_el0] = fake_hw.sys[ARCH_SYSREG_cntv_cval_el0];
}

void arch_vtimer_stop(void)
{
    fake_hw.sys[ARCH_SYSREG_cntv_ctl_el0] = 0;
}

bool arch_vtimer_is_due(void)
{
    return (fake_hw.sys[ARCH_SYSREG_cntv_ctl_el0] & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) ==
               CNT_CTL_ENABLE &&
           fake_hw.counter - fake_hw.sys[ARCH_SYSREG_cntvoff_el2] >=
               fake_hw.sys[ARCH_SYSREG_cntv_cval_el0];
}

void arch_vtimer_mask(void)
{
    fake_hw.sys[ARCH_SYSREG_cntv_ctl_el0] |= CNT_CTL_IMASK;
}

void arch_smc(struct arch_smc_regs *regs)
{
    fake_hw.smc_last = *regs;
    fake_hw.smc_count++;
    if (fake_hw.smc_reply != NULL) {
        fake_hw.smc_reply(regs);
    } else {
        regs->x[0] = SMCCC_NOT_SUPPORTED;
    }
}

int64_t arch_psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context)
{
    (void)entry;
    (void)context;
    fake_log_add(&fake_hw.cpu_on, mpidr);
    return fake_hw.cpu_on_result;
}

static _Noreturn void end(int how)
{
    if (fake_hw.on_end != NULL) {
        longjmp(*fake_hw.on_end, how);
    }
    abort();
}

void arch_psci_system_off(void)
{
    end(1);
}

void arch_halt(void)
{
    end(2);
}

void arch_irq_init(void)
{
    memset(fake_hw.lr, 0, sizeof(fake_hw.lr));
    fake_hw.ich_hcr = 0;
    fake_hw.vmcr = 0;
}

uint32_t arch_irq_ack(void)
{
    if (fake_hw.ack_next == fake_hw.ack_count) {
        return ARCH_IRQ_NONE;
    }
    return fake_hw.ack[fake_hw.ack_next++ % FAKE_LOG_MAX];
}

void arch_irq_eoi(uint32_t intid)
{
    fake_log_add(&fake_hw.eoi, intid);
}

void arch_irq_deactivate(uint32_t intid)
{
    fake_log_add(&fake_hw.deactivated, intid);
}

bool arch_irq_group0_is_pending(void)
{
    return fake_hw.group0_pending;
}

void arch_irq_group0_enable(bool on)
{
    fake_hw.group0_off = !on;
}

void arch_irq_hold(bool on)
{
    (void)on; /* nobody below */
}

void arch_irq_shield(bool on, const struct arch_world *world)
{
    (void)on; /* the fake machine has no other world */
    (void)world;
}

void arch_irq_send_sgi_other(uint64_t mpidr, uint32_t sgi)
{
    (void)mpidr; /* nobody there */
    (void)sgi;
}

void arch_irq_send_sgi(uint64_t mpidr, uint32_t sgi)
{
    fake_log_add(&fake_hw.sgi, mpidr << 8 | sgi);
}

uint32_t arch_ich_lr_count(void)
{
    return fake_hw.lr_count;
}

uint64_t arch_ich_lr_read(uint32_t i)
{
    return i < ARCH_LR_MAX ? fake_hw.lr[i] : 0;
}

void arch_ich_lr_write(uint32_t i, uint64_t value)
{
    if (i < ARCH_LR_MAX) {
        fake_hw.lr[i] = value;
    }
}

/* List registers without state: with or without a wish for EOI maintenance. IHI
 * 0069 12.4.5, 12.4.4. */
static uint32_t idle_list_registers(bool eoi)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < fake_hw.lr_count; i++) {
        uint64_t lr = fake_hw.lr[i];
        bool wants_eoi = (lr & ICH_LR_HW) == 0 && (lr & ICH_LR_EOI) != 0;

        if ((lr & (ICH_LR_PENDING | ICH_LR_ACTIVE)) == 0 && wants_eoi == eoi) {
            bits |= UINT32_C(1) << i;
        }
    }
    return bits;
}

uint32_t arch_ich_elrsr(void)
{
    return idle_list_registers(false);
}

uint32_t arch_ich_eisr(void)
{
    return idle_list_registers(true);
}

uint64_t arch_ich_misr(void)
{
    return fake_hw.misr;
}

uint64_t arch_ich_vmcr_read(void)
{
    return fake_hw.vmcr;
}

void arch_ich_vmcr_write(uint64_t value)
{
    fake_hw.vmcr = value;
}

uint64_t arch_ich_hcr_read(void)
{
    return fake_hw.ich_hcr;
}

void arch_ich_hcr_write(uint64_t value)
{
    fake_hw.ich_hcr = value;
}

void arch_pte_publish(void)
{
}

void arch_pte_publish_table(void)
{
}

void arch_tlbi_el2_range(struct vaddr va, uint64_t count, uint64_t stride)
{
    for (uint64_t i = 0; i < count; i++) {
        fake_log_add(&fake_hw.tlbi_el2, va.va + i * stride);
    }
}

void arch_tlbi_el2_page(struct vaddr va)
{
    arch_tlbi_el2_range(va, 1, PAGE_SIZE);
}

void arch_tlbi_el2_all(void)
{
    fake_hw.tlbi_all++;
}

void arch_tlbi_stage2_range(uint64_t vttbr, struct ipaddr ipa, uint64_t count, uint64_t stride)
{
    for (uint64_t i = 0; i < count; i++) {
        fake_log_add(&fake_hw.tlbi_stage2, ipa.ipa + i * stride);
    }
    fake_hw.tlbi_vttbr = vttbr;
}

void arch_tlbi_stage2_ipa(uint64_t vttbr, struct ipaddr ipa)
{
    arch_tlbi_stage2_range(vttbr, ipa, 1, PAGE_SIZE);
}

void arch_tlbi_stage2_all(uint64_t vttbr)
{
    fake_hw.tlbi_all++;
    fake_hw.tlbi_vttbr = vttbr;
}

void arch_mmu_enable(struct paddr root)
{
    fake_hw.mmu_enables++;
    fake_hw.mmu_root = root.pa;
}

/* Tests let physical addresses be addresses of the process. */
void *arch_mmu_view(struct vaddr va, struct paddr pa)
{
    (void)va;
    return pa_identity_ptr(pa);
}
