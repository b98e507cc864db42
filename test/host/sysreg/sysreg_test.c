/* SPDX-License-Identifier: BSD-3-Clause */
/* System registers: what guests see of the ID space, and every kind of row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "bh/arch/esr.h"
#include "bh/svc/timer.h"
#include "bh/trap/sysreg_id.h"
#include "bh/trap/trap.h"
#include "test/host/devworld/devworld.h"

#define VALUE UINT64_C(0x0123456789abcdef)

static struct vcpu *vcpu;

static int setup(void **state)
{
    (void)state;
    world_setup();
    vcpu = world_vcpu(0);
    return 0;
}

static void access_register(uint32_t name, bool read, uint32_t rt)
{
    world.exception = WORLD_NONE;
    world.advances = 0;
    assert_ptr_equal(sysreg_trap(vcpu, ((uint64_t)ESR_EC_SYSREG << ESR_EC_SHIFT) | ESR_IL | name |
                                           (uint64_t)rt << 5 | (read ? ESR_SYSREG_READ : 0)),
                     vcpu);
}

static uint64_t get(uint32_t name)
{
    vcpu->ctx.x[7] = VALUE;
    access_register(name, true, 7);
    assert_int_equal(world.exception, WORLD_NONE);
    assert_int_equal(world.advances, 1);
    return vcpu->ctx.x[7];
}

static void set(uint32_t name, uint64_t value)
{
    vcpu->ctx.x[7] = value;
    access_register(name, false, 7);
    assert_int_equal(world.exception, WORLD_NONE);
    assert_int_equal(world.advances, 1);
}

static void is_undefined(uint32_t name, bool read)
{
    vcpu->ctx.x[7] = VALUE;
    access_register(name, read, 7);
    assert_int_equal(world.exception, WORLD_UNDEF);
    assert_int_equal(world.advances, 0);
    assert_int_equal(vcpu->ctx.x[7], VALUE);
}

#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    ((uint32_t)(op0) << 20 | (uint32_t)(op2) << 17 | (uint32_t)(op1) << 14 |                       \
     (uint32_t)(crn) << 10 | (uint32_t)(crm) << 1)
#define ID_PFR1                 1, 1
#define ID_DFR0                 1, 2
#define ID_AA64PFR0             4, 0
#define ID_AA64PFR1             4, 1
#define ID_AA64DFR0             5, 0
#define ID_AA64ISAR0            6, 0
#define ID_AA64MMFR0            7, 0
#define ID_AA64MMFR1            7, 1
#define FILTER(reg, value, gic) filter(reg, value, gic)

static uint64_t filter(uint32_t crm, uint32_t op2, uint64_t hardware, bool gic)
{
    return sysreg_id_filter(crm * 8 + op2, hardware, gic ? SYSREG_VIEW_GIC : SYSREG_VIEW_PARAVIRT);
}

static void id_hides_what_guests_must_not_use(void **state)
{
    (void)state;
    /* Everything at 1: EL0, EL1 fixed, FP, AdvSIMD, GIC, DIT, CSV2, CSV3 and nothing else. */
    assert_int_equal(FILTER(ID_AA64PFR0, UINT64_C(0x1111111111111111), false),
                     UINT64_C(0x1101000000110011));
    assert_int_equal(FILTER(ID_AA64PFR0, UINT64_C(0x1111111111111111), true),
                     UINT64_C(0x1101000001110011));
    assert_int_equal(FILTER(ID_AA64PFR0, UINT64_C(0x2222222222222222), true),
                     UINT64_C(0x2102000001220012));
    assert_int_equal(FILTER(ID_AA64PFR1, UINT64_C(0x1111111111111111), true), 0x11);
    assert_int_equal(FILTER(ID_AA64DFR0, UINT64_C(0xfffffffffffff9ff), true), 0xf0f0f006);
    assert_int_equal(FILTER(ID_AA64MMFR1, UINT64_C(0x1111111111111111), true),
                     UINT64_C(0x1001101000101001));
    assert_int_equal(FILTER(ID_PFR1, 0x11111111, true), 0x10010101);
    assert_int_equal(FILTER(ID_PFR1, 0x11111111, false), 0x00010101);
    assert_int_equal(FILTER(ID_DFR0, 0xffffffff, false), 6);
}

static void id_keeps_absent_fp_and_granules(void **state)
{
    (void)state;
    assert_int_equal(FILTER(ID_AA64PFR0, 0xff0011, false), 0xff0011);
    assert_int_equal(FILTER(ID_AA64MMFR0, 0xff000000, false), 0xff000000);
    assert_int_equal(FILTER(ID_AA64MMFR0, 0x10200006, false), 0x00100005);
    assert_int_equal(FILTER(ID_AA64ISAR0, UINT64_C(0x1111111111111111), false),
                     UINT64_C(0x1111111110111110));
}

static void id_read_by_guest(void **state)
{
    (void)state;
    world.id_hardware[4 * 8] = UINT64_C(0x1111111111111111);
    world.id_hardware[6 * 8] = 0x11120;
    world.id_hardware[4 * 8 + 4] = UINT64_MAX; /* ZFR0 */
    world.id_hardware[7 * 8 + 7] = UINT64_MAX; /* not allocated */
    sysreg_id_init();
    assert_int_equal(get(SYSREG(3, 0, 0, 4, 0)), UINT64_C(0x1101000001110011));
    assert_int_equal(get(SYSREG(3, 0, 0, 6, 0)), 0x11120);
    assert_int_equal(get(SYSREG(3, 0, 0, 4, 4)), 0);
    assert_int_equal(get(SYSREG(3, 0, 0, 7, 7)), 0);
    world.vm_config[0].irq_model = VM_IRQ_PARAVIRT;
    assert_int_equal(get(SYSREG(3, 0, 0, 4, 0)), UINT64_C(0x1101000000110011));
    is_undefined(SYSREG(3, 0, 0, 4, 0), false);
    is_undefined(SYSREG(3, 0, 0, 8, 0), true);
    is_undefined(SYSREG(3, 0, 0, 15, 7), true);
}

static void zero_register(void **state)
{
    (void)state;
    vcpu->ctx.elr = VALUE; /* stands behind x30 */
    access_register(SYSREG(3, 0, 0, 4, 0), true, 31);
    access_register(SYSREG(2, 0, 1, 1, 4), true, 31);
    assert_int_equal(vcpu->ctx.elr, VALUE);
    world.sgi = 5;
    access_register(SYSREG(3, 0, 12, 11, 5), false, 31);
    assert_int_equal(world.sgi, 0);
}

/* Linux writes zeros, and TDCC, at every start: that is not debugging. */
static void idle_debug_registers_stay_closed(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 16; n++) {
        for (uint32_t op2 = 4; op2 < 8; op2++) {
            set(SYSREG(2, 0, 0, n, op2), 0);
            assert_int_equal(get(SYSREG(2, 0, 0, n, op2)), 0);
        }
    }
    set(SYSREG(2, 0, 0, 2, 2), 0x1000); /* MDSCR */
    assert_int_equal(get(SYSREG(2, 0, 0, 2, 2)), 0);
    set(SYSREG(2, 0, 1, 3, 4), 0); /* OSDLR */
    assert_int_equal(get(SYSREG(2, 0, 1, 3, 4)), 0);
    assert_false(vcpu->ctx.debug.open);
}

/* The instruction runs again, on the registers themselves. */
static void opens_debug(uint32_t name, uint64_t value)
{
    vcpu->ctx.debug.open = false;
    vcpu->ctx.x[7] = value;
    access_register(name, false, 7);
    assert_true(vcpu->ctx.debug.open);
    assert_int_equal(world.exception, WORLD_NONE);
    assert_int_equal(world.advances, 0);
}

static void debug_registers_open_with_the_first_value(void **state)
{
    (void)state;
    opens_debug(SYSREG(2, 0, 0, 0, 4), 0x1000); /* DBGBVR0 */
    opens_debug(SYSREG(2, 0, 0, 2, 2), 0x8000); /* MDSCR.MDE */
    opens_debug(SYSREG(2, 0, 0, 2, 2), 1);      /* MDSCR.SS */
    opens_debug(SYSREG(2, 0, 0, 2, 4), 1);      /* DBGBVR2 */
    opens_debug(SYSREG(2, 0, 0, 15, 7), 1);     /* DBGWCR15 */
}

static void os_lock_is_kept(void **state)
{
    (void)state;
    assert_int_equal(get(SYSREG(2, 0, 1, 1, 4)), 8); /* OSLSR */
    set(SYSREG(2, 0, 1, 0, 4), 3);                   /* OSLAR */
    assert_int_equal(get(SYSREG(2, 0, 1, 1, 4)), 0xa);
    set(SYSREG(2, 0, 1, 0, 4), 2);
    assert_int_equal(get(SYSREG(2, 0, 1, 1, 4)), 8);
    is_undefined(SYSREG(2, 0, 1, 0, 4), true);
    is_undefined(SYSREG(2, 0, 1, 1, 4), false);
    assert_false(vcpu->ctx.debug.open);
}

static void absent_registers_are_undefined(void **state)
{
    (void)state;
    is_undefined(SYSREG(3, 3, 9, 12, 0), true);  /* PMCR_EL0 */
    is_undefined(SYSREG(3, 3, 9, 13, 0), true);  /* PMCCNTR_EL0 */
    is_undefined(SYSREG(3, 0, 10, 4, 3), false); /* LORC_EL1 */
    is_undefined(SYSREG(3, 0, 5, 3, 0), true);   /* ERRIDR_EL1 */
    is_undefined(SYSREG(3, 1, 15, 2, 0), true);  /* implementation defined */
    is_undefined(SYSREG(3, 7, 15, 15, 7), false);
    is_undefined(SYSREG(1, 0, 7, 6, 1), false);
    is_undefined(SYSREG(0, 0, 0, 0, 0), true);
    set(SYSREG(3, 3, 9, 14, 0), 1); /* PMUSERENR_EL0 */
}

static void quiet_registers(void **state)
{
    (void)state;
    set(SYSREG(3, 0, 1, 0, 1), VALUE); /* ACTLR_EL1 */
    assert_int_equal(get(SYSREG(3, 0, 1, 0, 1)), 0);
    assert_int_equal(get(SYSREG(3, 0, 0, 0, 6)), 0); /* REVIDR_EL1 */
    set(SYSREG(1, 0, 7, 14, 2), VALUE);              /* DC CISW */
    world.counter = 1234;
    assert_int_equal(get(SYSREG(3, 3, 14, 0, 1)), 1234); /* CNTPCT_EL0 */
}

static void gic_registers(void **state)
{
    (void)state;
    set(SYSREG(3, 0, 12, 11, 5), VALUE); /* ICC_SGI1R_EL1 */
    assert_int_equal(world.sgi, VALUE);
    is_undefined(SYSREG(3, 0, 12, 11, 5), true);
    set(SYSREG(3, 0, 12, 11, 6), 6); /* ICC_ASGI1R_EL1 */
    assert_int_equal(world.sgi0, 6);
    set(SYSREG(3, 0, 12, 11, 7), 7); /* ICC_SGI0R_EL1 */
    assert_int_equal(world.sgi0, 7);
    set(SYSREG(3, 0, 12, 11, 1), 9); /* ICC_DIR_EL1 */
    assert_int_equal(world.dir, 9);
    assert_int_equal(get(SYSREG(3, 0, 12, 12, 5)), 7); /* ICC_SRE_EL1 */
    world.vm_config[0].irq_model = VM_IRQ_PARAVIRT;
    world.sgi = 0;
    is_undefined(SYSREG(3, 0, 12, 11, 5), false);
    is_undefined(SYSREG(3, 0, 12, 12, 5), true);
    is_undefined(SYSREG(3, 0, 12, 12, 0), true); /* ICC_IAR1_EL1 */
    assert_int_equal(world.sgi, 0);
}

/* Established images: a secondary has neither debug registers nor PMU, its ID registers show no
 * pointer authentication; a primary's show its PMU. */
static void contracts(void **state)
{
    const uint64_t dfr0 = 0x10305408, isar1 = 0x11000110; /* PMUVer 4; APA, API, GPA, GPI */

    (void)state;
    assert_int_equal(sysreg_id_filter(5 * 8, dfr0, SYSREG_VIEW_PRIMARY), 0x10305406);
    assert_int_equal(sysreg_id_filter(5 * 8, dfr0, SYSREG_VIEW_SECONDARY), 0x10305006);
    assert_int_equal(sysreg_id_filter(6 * 8 + 1, isar1, SYSREG_VIEW_PRIMARY), isar1);
    assert_int_equal(sysreg_id_filter(6 * 8 + 1, isar1, SYSREG_VIEW_SECONDARY), 0);
    sysreg_id_table[SYSREG_VIEW_PRIMARY][5 * 8] = 1;
    sysreg_id_table[SYSREG_VIEW_SECONDARY][5 * 8] = 2;
    world.vm_config[0].contract = VM_CONTRACT_PRIMARY;
    assert_int_equal(get(SYSREG(3, 0, 0, 5, 0)), 1);
    assert_int_equal(get(SYSREG(2, 0, 0, 2, 2)), 0); /* MDSCR_EL1 */
    world.vm_config[0].contract = VM_CONTRACT_SECONDARY;
    world.vm_config[0].irq_model = VM_IRQ_PARAVIRT;
    assert_int_equal(get(SYSREG(3, 0, 0, 5, 0)), 2);
    is_undefined(SYSREG(2, 0, 0, 2, 2), true);
    is_undefined(SYSREG(2, 0, 0, 2, 2), false);
    is_undefined(SYSREG(2, 0, 1, 1, 4), true);       /* OSLSR_EL1 */
    is_undefined(SYSREG(3, 3, 9, 14, 0), false);     /* PMUSERENR_EL0 */
    assert_int_equal(get(SYSREG(3, 0, 0, 0, 6)), 0); /* REVIDR_EL1 */
}

static void physical_timer(void **state)
{
    (void)state;
    set(SYSREG(3, 3, 14, 2, 0), 10);
    set(SYSREG(3, 3, 14, 2, 1), 11);
    set(SYSREG(3, 3, 14, 2, 2), 12);
    assert_int_equal(world.ptimer[TIMER_TVAL], 10);
    assert_int_equal(world.ptimer[TIMER_CTL], 11);
    assert_int_equal(world.ptimer[TIMER_CVAL], 12);
    assert_int_equal(get(SYSREG(3, 3, 14, 2, 0)), 10);
    assert_int_equal(get(SYSREG(3, 3, 14, 2, 1)), 11);
    assert_int_equal(get(SYSREG(3, 3, 14, 2, 2)), 12);
}

/* No encoding does anything but answer or be undefined; the rows are in order. */
static void every_encoding(void **state)
{
    uint32_t answered = 0;

    (void)state;
    for (uint32_t name = 0; name < 1u << 22; name += 2) {
        if ((name & (31u << 5)) != 0) {
            continue;
        }
        for (uint32_t read = 0; read < 2; read++) {
            access_register(name, read != 0, 7);
            assert_int_equal(world.advances, world.exception == WORLD_NONE);
            answered += world.advances;
        }
    }
    assert_in_range(answered, 56 + 2 * 16 * 4, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(id_hides_what_guests_must_not_use, setup),
        cmocka_unit_test_setup(id_keeps_absent_fp_and_granules, setup),
        cmocka_unit_test_setup(id_read_by_guest, setup),
        cmocka_unit_test_setup(zero_register, setup),
        cmocka_unit_test_setup(idle_debug_registers_stay_closed, setup),
        cmocka_unit_test_setup(debug_registers_open_with_the_first_value, setup),
        cmocka_unit_test_setup(os_lock_is_kept, setup),
        cmocka_unit_test_setup(absent_registers_are_undefined, setup),
        cmocka_unit_test_setup(quiet_registers, setup),
        cmocka_unit_test_setup(gic_registers, setup),
        cmocka_unit_test_setup(contracts, setup),
        cmocka_unit_test_setup(physical_timer, setup),
        cmocka_unit_test_setup(every_encoding, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
