/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trapped system registers and instructions (exception class 0x18): ID registers by index, all
 * others by one row per register or range. What has no row is undefined to the guest.
 * Source: DDI 0487 C5 (encodings), D19.2 (registers), D17 (self-hosted debug); IHI 0069 chapter 12.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/esr.h"
#include "bh/base/cold.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/dev/vgic.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/timer.h"
#include "bh/trap/sysreg_id.h"
#include "bh/trap/trap.h"

/* A register's number in the order of its encoding: op0 op1 CRn CRm op2. */
#define KEY(op0, op1, crn, crm, op2)                                                               \
    (((op0) << 14) | ((op1) << 11) | ((crn) << 7) | ((crm) << 3) | (op2))

#define ZERO_REGISTER 31

#define OSLSR_UNLOCKED UINT64_C(0x8) /* OS lock implemented, not locked */
#define OSLSR_LOCKED   UINT64_C(0xa)
#define MDSCR_TDCC     UINT64_C(0x1000) /* written by every Linux; says nothing about debugging */
#define ICC_SRE_VALUE  UINT64_C(0x7)    /* system register interface on, no bypass */

/* Rows without a read handler are write-only, and the reverse: the other direction is undefined. */
typedef uint64_t sysreg_read_fn(struct vcpu *current);
typedef void sysreg_write_fn(struct vcpu *current, uint64_t value);

struct sysreg_row {
    uint16_t first, last; /* keys */
    bool needs_gic;       /* undefined in VMs without a virtual GIC */
    bool is_debug;        /* a write of more than idle_bits opens the debug registers */
    uint16_t idle_bits;
    sysreg_read_fn *read;
    sysreg_write_fn *write;
};

static uint64_t read_zero(struct vcpu *current)
{
    (void)current;
    return 0;
}

static void write_ignored(struct vcpu *current, uint64_t value)
{
    (void)current;
    (void)value;
}

static uint64_t read_oslsr(struct vcpu *current)
{
    return current->ctx.debug.os_locked ? OSLSR_LOCKED : OSLSR_UNLOCKED;
}

static void write_oslar(struct vcpu *current, uint64_t value)
{
    arch_debug_os_lock(&current->ctx, (value & 1) != 0);
}

static uint64_t read_sre(struct vcpu *current)
{
    (void)current;
    return ICC_SRE_VALUE;
}

static uint64_t read_counter(struct vcpu *current)
{
    (void)current;
    return arch_counter();
}

static uint64_t read_ptimer_ctl(struct vcpu *current)
{
    return timer_guest_read(current, TIMER_CTL);
}

static uint64_t read_ptimer_cval(struct vcpu *current)
{
    return timer_guest_read(current, TIMER_CVAL);
}

static uint64_t read_ptimer_tval(struct vcpu *current)
{
    return timer_guest_read(current, TIMER_TVAL);
}

static void write_ptimer_ctl(struct vcpu *current, uint64_t value)
{
    timer_guest_write(current, TIMER_CTL, value);
}

static void write_ptimer_cval(struct vcpu *current, uint64_t value)
{
    timer_guest_write(current, TIMER_CVAL, value);
}

static void write_ptimer_tval(struct vcpu *current, uint64_t value)
{
    timer_guest_write(current, TIMER_TVAL, value);
}

#define ONE(op0, op1, crn, crm, op2)                                                               \
    .first = KEY(op0, op1, crn, crm, op2), .last = KEY(op0, op1, crn, crm, op2)
#define RANGE(op0, op1, crn, crm1, op21, crm2, op22)                                               \
    .first = KEY(op0, op1, crn, crm1, op21), .last = KEY(op0, op1, crn, crm2, op22)
#define RAZ_WI .read = read_zero, .write = write_ignored

/* Ascending. */
static const struct sysreg_row sysreg_rows[] = {
    /* Set/way cache maintenance: means nothing in a VM, whose lines may be in any cache. */
    {ONE(1, 0, 7, 6, 2), .write = write_ignored},  /* DC ISW */
    {ONE(1, 0, 7, 10, 2), .write = write_ignored}, /* DC CSW */
    {ONE(1, 0, 7, 14, 2), .write = write_ignored}, /* DC CISW */
    /* Debug, while the vCPU has not opened it: DBGBVR, DBGBCR, DBGWVR, DBGWCR, MDCCINT, OSDTR*. */
    {RANGE(2, 0, 0, 0, 0, 2, 1), .is_debug = true, RAZ_WI},
    {ONE(2, 0, 0, 2, 2), .is_debug = true, .idle_bits = MDSCR_TDCC, RAZ_WI}, /* MDSCR_EL1 */
    {RANGE(2, 0, 0, 2, 3, 15, 7), .is_debug = true, RAZ_WI},
    {ONE(2, 0, 1, 0, 0), .read = read_zero},    /* MDRAR_EL1 */
    {ONE(2, 0, 1, 0, 4), .write = write_oslar}, /* OSLAR_EL1 */
    {ONE(2, 0, 1, 1, 4), .read = read_oslsr},   /* OSLSR_EL1 */
    {ONE(2, 0, 1, 3, 4), RAZ_WI},               /* OSDLR_EL1 */
    {ONE(2, 0, 1, 4, 4), RAZ_WI},               /* DBGPRCR_EL1 */
    {RANGE(2, 0, 7, 8, 6, 9, 6), RAZ_WI},       /* DBGCLAIMSET, DBGCLAIMCLR */
    {ONE(2, 0, 7, 14, 6), .read = read_zero},   /* DBGAUTHSTATUS_EL1 */
    {ONE(2, 3, 0, 1, 0), .read = read_zero},    /* MDCCSR_EL0 */
    {RANGE(2, 3, 0, 4, 0, 5, 0), RAZ_WI},       /* DBGDTR_EL0, DBGDTRRX, DBGDTRTX */
    {ONE(3, 0, 0, 0, 6), .read = read_zero},    /* REVIDR_EL1 */
    {ONE(3, 0, 1, 0, 1), RAZ_WI},               /* ACTLR_EL1 */
    {ONE(3, 0, 12, 11, 1), .needs_gic = true, .write = vgic_dir_write},  /* ICC_DIR_EL1 */
    {ONE(3, 0, 12, 11, 5), .needs_gic = true, .write = vgic_sgi_write},  /* ICC_SGI1R_EL1 */
    {ONE(3, 0, 12, 11, 6), .needs_gic = true, .write = vgic_sgi0_write}, /* ICC_ASGI1R_EL1 */
    {ONE(3, 0, 12, 11, 7), .needs_gic = true, .write = vgic_sgi0_write}, /* ICC_SGI0R_EL1 */
    {ONE(3, 0, 12, 12, 5), .needs_gic = true, .read = read_sre, .write = write_ignored},
    {ONE(3, 1, 0, 0, 7), .read = read_zero},     /* AIDR_EL1 */
    {ONE(3, 3, 9, 14, 0), RAZ_WI},               /* PMUSERENR_EL0: written unasked */
    {ONE(3, 3, 14, 0, 1), .read = read_counter}, /* CNTPCT_EL0 */
    {ONE(3, 3, 14, 2, 0), .read = read_ptimer_tval, .write = write_ptimer_tval},
    {ONE(3, 3, 14, 2, 1), .read = read_ptimer_ctl, .write = write_ptimer_ctl},
    {ONE(3, 3, 14, 2, 2), .read = read_ptimer_cval, .write = write_ptimer_cval},
};

static uint32_t key_get(uint64_t esr)
{
    return KEY((uint32_t)num_field_get(esr, 21, 20), (uint32_t)num_field_get(esr, 16, 14),
               (uint32_t)num_field_get(esr, 13, 10), (uint32_t)num_field_get(esr, 4, 1),
               (uint32_t)num_field_get(esr, 19, 17));
}

static const struct sysreg_row *row_find(uint32_t key)
{
    uint32_t low = 0;
    uint32_t high = NUM_ARRAY_COUNT(sysreg_rows);

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct sysreg_row *row = &sysreg_rows[middle];

        if (key < row->first) {
            high = middle;
        } else if (key > row->last) {
            low = middle + 1;
        } else {
            return row;
        }
    }
    return NULL;
}

/* Kept out of the ID registers' way, which must not pay for its frame. */
#define APART __attribute__((noinline))

static BH_COLD struct vcpu *sysreg_undefined(struct vcpu *current, uint64_t esr)
{
    log_guest(&current->log_limit, "%s vCPU %u: %s S%u_%u_C%u_C%u_%u, pc 0x%llx: undefined",
              current->vm->config->name, current->index,
              esr_sysreg_is_read(esr) ? "read of" : "write to",
              (uint32_t)num_field_get(esr, 21, 20), (uint32_t)num_field_get(esr, 16, 14),
              (uint32_t)num_field_get(esr, 13, 10), (uint32_t)num_field_get(esr, 4, 1),
              (uint32_t)num_field_get(esr, 19, 17), (unsigned long long)arch_guest_pc());
    arch_guest_inject_undef();
    return current;
}

static void register_set(struct vcpu *current, uint64_t esr, uint64_t value)
{
    uint32_t index = esr_sysreg_register(esr);

    if (index != ZERO_REGISTER) {
        current->ctx.x[index] = value;
    }
}

/* Secondaries of the established binding have neither debug registers (op0 2) nor a PMU. */
static bool row_is_for(const struct sysreg_row *row, const struct vm_config *config)
{
    bool is_hidden = row->first >> 14 == 2 || row->first == KEY(3, 3, 9, 14, 0);

    return !(row->needs_gic && config->irq_model == VM_IRQ_PARAVIRT) &&
           !(is_hidden && config->contract == VM_CONTRACT_SECONDARY);
}

static APART struct vcpu *sysreg_row_trap(struct vcpu *current, uint64_t esr)
{
    const struct sysreg_row *row = row_find(key_get(esr));
    uint32_t index = esr_sysreg_register(esr);

    if (row == NULL || !row_is_for(row, current->vm->config)) {
        return sysreg_undefined(current, esr);
    }
    if (esr_sysreg_is_read(esr)) {
        if (row->read == NULL) {
            return sysreg_undefined(current, esr);
        }
        register_set(current, esr, row->read(current));
    } else {
        if (row->write == NULL) {
            return sysreg_undefined(current, esr);
        }
        uint64_t value = index == ZERO_REGISTER ? 0 : current->ctx.x[index];

        /* In the secure state the registers stay the normal world's: writes go nowhere. */
        if (row->is_debug && (value & ~(uint64_t)row->idle_bits) != 0 && !role_is_secure()) {
            arch_debug_open(&current->ctx);
            return current; /* and now it does not trap */
        }
        row->write(current, value);
    }
    arch_guest_pc_advance();
    return current;
}

/* MRS of op0 3, op1 0, CRn 0: Linux 6.12 reads one of these 49,000 times while it boots. */
#define ID_MASK  (ESR_SYSREG_OP0 | ESR_SYSREG_OP1 | ESR_SYSREG_CRN | ESR_SYSREG_READ | NUM_BIT(4))
#define ID_MATCH (NUM_MASK(21, 20) | ESR_SYSREG_READ)

/* MSR ICC_SGI1R_EL1: each IPI of a guest. */
#define SGI1R_MASK  (ESR_SYSREG_NAME | ESR_SYSREG_READ)
#define SGI1R_MATCH ESR_SYSREG_ENCODE(3, 0, 12, 11, 5)

static APART struct vcpu *sysreg_not_id(struct vcpu *current, uint64_t esr)
{
    uint32_t index = esr_sysreg_register(esr);

    if ((esr & SGI1R_MASK) != SGI1R_MATCH || current->vm->config->irq_model != VM_IRQ_GIC) {
        return sysreg_row_trap(current, esr);
    }
    vgic_sgi_write(current, index == ZERO_REGISTER ? 0 : current->ctx.x[index]);
    arch_guest_pc_advance();
    return current;
}

_Static_assert(SYSREG_VIEW_PRIMARY - VM_CONTRACT_PRIMARY == 1 &&
                   SYSREG_VIEW_SECONDARY - VM_CONTRACT_SECONDARY == 1,
               "sysreg_view_of");

static inline uint32_t sysreg_view_of(const struct vm_config *config)
{
    return config->contract != VM_CONTRACT_NONE ? (uint32_t)config->contract + 1
                                                : config->irq_model == VM_IRQ_GIC;
}

struct vcpu *sysreg_trap(struct vcpu *current, uint64_t esr)
{
    const uint64_t *table;
    uint32_t crm = (uint32_t)num_field_get(esr, 4, 1);

    if ((esr & ID_MASK) != ID_MATCH || crm == 0) {
        return sysreg_not_id(current, esr);
    }
    table = sysreg_id_table[sysreg_view_of(current->vm->config)];
    register_set(current, esr, table[crm * 8 + num_field_get(esr, 19, 17)]);
    arch_guest_pc_advance();
    return current;
}
