/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The emulated physical timer, and virtual timers of several vCPUs on one CPU.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/arch/sysreg.h"
#include "bh/drv/gicv3_regs.h"
#include "bh/svc/timer.h"
#include "bh/svc/virq_sync.h"
#include "gicworld.h"

#define PTIMER  30u
#define ENABLE  CNT_CTL_ENABLE
#define IMASK   CNT_CTL_IMASK
#define ISTATUS CNT_CTL_ISTATUS

static struct vcpu *home(void)
{
    return gw_vcpu(GW_PINNED, 0);
}

static struct vcpu *lodger(void)
{
    return gw_vcpu(GW_LODGER, 0);
}

static void time_is(uint64_t counter)
{
    fake_hw.counter = counter;
    gw_pump();
}

/* The loaded vCPU's virtual timer. */
static void vtimer_set(uint64_t cval, uint64_t ctl)
{
    fake_hw.sys[ARCH_SYSREG_cntv_cval_el0] = cval;
    fake_hw.sys[ARCH_SYSREG_cntv_ctl_el0] = ctl;
    gw_pump();
}

static void ptimer_set(uint64_t cval, uint64_t ctl)
{
    timer_guest_write(home(), TIMER_CVAL, cval);
    timer_guest_write(home(), TIMER_CTL, ctl);
    gw_pump();
}

/* The lodger moves in, as run.c does it. */
static void lodge(void)
{
    gw.cpu[0].cpu->home = home();
    home()->state = VCPU_BLOCKED;
    gw_switch(NULL);
    lodger()->scheduled = true;
    lodger()->deadline = timer_deadline(home());
    gw_switch(lodger());
    fake_hw.vmcr = ICH_VMCR_VENG1 | ICH_VMCR_VPMR;
    gw_dist(true, GICD_CTLR, 4, 3);
}

static void registers_read_back(void **state)
{
    (void)state;
    fake_hw.counter = 1000;
    timer_guest_write(home(), TIMER_CVAL, 5000);
    assert_int_equal(timer_guest_read(home(), TIMER_CVAL), 5000);
    assert_int_equal(timer_guest_read(home(), TIMER_TVAL), 4000);
    timer_guest_write(home(), TIMER_CTL, 0xff);
    assert_int_equal(timer_guest_read(home(), TIMER_CTL), ENABLE | IMASK);
    timer_guest_write(home(), TIMER_TVAL, 100);
    assert_int_equal(timer_guest_read(home(), TIMER_CVAL), 1100);
    /* TVAL is signed, its upper half ignored. */
    timer_guest_write(home(), TIMER_TVAL, UINT64_C(0x55ffffffff));
    assert_int_equal(timer_guest_read(home(), TIMER_CVAL), 999);
    assert_int_equal(timer_guest_read(home(), TIMER_TVAL), 0xffffffff);
    assert_int_equal(timer_guest_read(home(), TIMER_CTL), ENABLE | IMASK | ISTATUS);
    timer_guest_write(home(), TIMER_CTL, 0);
    assert_int_equal(timer_guest_read(home(), TIMER_CTL), 0); /* ISTATUS only while enabled */
}

static void ptimer_is_a_level(void **state)
{
    (void)state;
    gw_prepare(PTIMER, 0x80);
    ptimer_set(100, ENABLE);
    assert_true(fake_hw.htimer_on);
    assert_int_equal(fake_hw.htimer_cval, 100);
    time_is(99);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    time_is(100);
    assert_false(fake_hw.htimer_on);
    assert_int_equal(gw_take(), PTIMER);
    assert_int_equal(gw_ack(), PTIMER); /* still asserted */
    ptimer_set(200, ENABLE);
    gw_eoi(PTIMER);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    assert_int_equal(fake_hw.htimer_cval, 200);
    ptimer_set(200, ENABLE | IMASK);
    assert_false(fake_hw.htimer_on);
    time_is(300);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    ptimer_set(200, ENABLE);
    assert_int_equal(gw_ack(), PTIMER);
}

static void ptimer_in_the_past_fires_at_once(void **state)
{
    (void)state;
    gw_prepare(PTIMER, 0x80);
    fake_hw.counter = 1000;
    ptimer_set(0, ENABLE);
    assert_int_equal(gw_ack(), PTIMER);
}

static void ptimer_expires_while_away(void **state)
{
    (void)state;
    gw_prepare(PTIMER, 0x80);
    ptimer_set(100, ENABLE);
    lodge();
    assert_int_equal(fake_hw.htimer_cval, 100); /* home's, as the lodger's deadline */
    fake_hw.counter = 500;
    gw_switch(home());
    assert_int_equal(gw_ack(), PTIMER);
}

static void lodger_is_preempted_at_homes_deadline(void **state)
{
    (void)state;
    gw_prepare(GW_VTIMER, 0x80);
    vtimer_set(100, ENABLE);
    lodge();
    assert_int_equal(lodger()->deadline, 100);
    gw.preempt_to = home();
    time_is(100);
    assert_int_equal(gw.preempts, 1);
    assert_ptr_equal(gw.next, home());
    gw_switch(home());
    assert_int_equal(gw_ack(), GW_VTIMER);
}

static void deadline_ignores_what_cannot_interrupt(void **state)
{
    (void)state;
    /* Disabled at the redistributor. */
    vtimer_set(100, ENABLE);
    ptimer_set(90, ENABLE);
    gw_switch(NULL);
    assert_int_equal(timer_deadline(home()), UINT64_MAX);
    gw_switch(home());
    gw_prepare(GW_VTIMER, 0x80);
    gw_switch(NULL);
    assert_int_equal(timer_deadline(home()), 100);
    gw_switch(home());
    gw_prepare(PTIMER, 0x80);
    gw_switch(NULL);
    assert_int_equal(timer_deadline(home()), 90);
    gw_switch(home());
    /* Being handled. */
    ptimer_set(90, 0);
    time_is(100);
    assert_int_equal(gw_ack(), GW_VTIMER);
    gw_switch(NULL);
    assert_int_equal(timer_deadline(home()), UINT64_MAX);
}

/* Both handle a timer interrupt of their own, interleaved, on one CPU with one PPI. */
static void two_virtual_timers_on_one_cpu(void **state)
{
    struct gw_pirq *ppi = &gw.cpu[0].ppi[GW_VTIMER];

    (void)state;
    gw_prepare(GW_VTIMER, 0x80);
    vtimer_set(0, ENABLE);
    assert_int_equal(gw_ack(), GW_VTIMER);
    assert_true(ppi->active);

    lodge();
    assert_false(ppi->active); /* free for the lodger */
    gw_prepare(GW_VTIMER, 0x80);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    vtimer_set(0, ENABLE);
    assert_true(ppi->active);
    assert_int_equal(gw_ack(), GW_VTIMER);

    gw_switch(home());
    assert_true(ppi->active); /* home's handler has not finished */
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    vtimer_set(1000, ENABLE);
    gw_eoi(GW_VTIMER);
    assert_false(ppi->active);
    time_is(1000);
    assert_int_equal(gw_ack(), GW_VTIMER);
    vtimer_set(2000, ENABLE);
    gw_eoi(GW_VTIMER);

    gw_switch(lodger());
    assert_true(ppi->active);
    vtimer_set(1500, ENABLE);
    gw_eoi(GW_VTIMER);
    time_is(1500);
    assert_int_equal(gw_ack(), GW_VTIMER);
}

/* Switched out between firing and taking. */
static void pending_virtual_timer_waits_for_its_vcpu(void **state)
{
    (void)state;
    gw_prepare(GW_VTIMER, 0x80);
    vtimer_set(0, ENABLE);
    lodge();
    gw_prepare(GW_VTIMER, 0x80);
    assert_int_equal(gw_ack(), GW_SPURIOUS);
    gw_switch(home());
    assert_int_equal(gw_ack(), GW_VTIMER);
}

static void virtual_timer_wakes_idle_home(void **state)
{
    (void)state;
    gw.cpu[0].cpu->home = home();
    gw_prepare(GW_VTIMER, 0x80);
    vtimer_set(100, ENABLE);
    gw_switch(NULL); /* its timer goes on in the registers */
    assert_false(virq_is_pending(home()));
    time_is(100);
    assert_true(virq_is_pending(home()));
    gw_switch(home());
    assert_int_equal(gw_ack(), GW_VTIMER);
}

/* The registers are the lodger's: CNTHP stands in for home's timer. */
static void idle_arms_for_home(void **state)
{
    struct cpu *cpu = gw.cpu[0].cpu;

    (void)state;
    gw_prepare(GW_VTIMER, 0x80);
    vtimer_set(100, ENABLE);
    lodge();
    home()->state = VCPU_WAITING;
    gw_switch(NULL);
    timer_idle(cpu);
    assert_int_equal(fake_hw.htimer_cval, 100);
    time_is(100);
    assert_true(virq_is_pending(home()));
    home()->state = VCPU_OFF;
    timer_idle(cpu);
    assert_false(fake_hw.htimer_on);
}

static void disabled_virtual_timer_does_not_storm(void **state)
{
    (void)state;
    vtimer_set(0, ENABLE); /* gw_pump gives up on a storm */
    assert_true(gw_bit(GIC_ISPENDR, GW_VTIMER));
    vtimer_set(0, 0);
    assert_false(gw_bit(GIC_ISPENDR, GW_VTIMER));
    assert_false(gw.cpu[0].ppi[GW_VTIMER].active);
    vtimer_set(0, ENABLE);
    gw_prepare(GW_VTIMER, 0x80);
    assert_int_equal(gw_ack(), GW_VTIMER);
    vtimer_set(0, 0);
    gw_bit_set(GIC_ICACTIVER, GW_VTIMER);
    assert_false(gw.cpu[0].ppi[GW_VTIMER].active);
}

static void paravirt_timers_are_interrupt_3(void **state)
{
    struct vcpu *para = gw_vcpu(GW_PARA, 0);

    (void)state;
    gw_switch(para);
    assert_int_equal(virq_paravirt_enable(para, 3, true, false), STATUS_OK);
    vtimer_set(0, ENABLE);
    assert_true(fake_hw.virq_line);
    assert_int_equal(fake_hw.sys[ARCH_SYSREG_cntv_ctl_el0], ENABLE | IMASK);
    assert_false(gw.cpu[0].ppi[GW_VTIMER].active);
    assert_int_equal(virq_paravirt_get(para), 3);
    assert_false(fake_hw.virq_line);
    timer_guest_write(para, TIMER_CVAL, 100);
    timer_guest_write(para, TIMER_CTL, ENABLE);
    time_is(100);
    assert_int_equal(virq_paravirt_get(para), 3);
    assert_int_equal(virq_paravirt_get(para), VIRQ_PARAVIRT_NONE);
    /* Armed anew, it is a new event. */
    timer_guest_write(para, TIMER_CVAL, 200);
    time_is(200);
    assert_int_equal(virq_paravirt_get(para), 3);
}

#define TEST_CASE(f) cmocka_unit_test_setup(f, gw_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(registers_read_back),
        TEST_CASE(ptimer_is_a_level),
        TEST_CASE(ptimer_in_the_past_fires_at_once),
        TEST_CASE(ptimer_expires_while_away),
        TEST_CASE(lodger_is_preempted_at_homes_deadline),
        TEST_CASE(deadline_ignores_what_cannot_interrupt),
        TEST_CASE(two_virtual_timers_on_one_cpu),
        TEST_CASE(pending_virtual_timer_waits_for_its_vcpu),
        TEST_CASE(virtual_timer_wakes_idle_home),
        TEST_CASE(idle_arms_for_home),
        TEST_CASE(disabled_virtual_timer_does_not_storm),
        TEST_CASE(paravirt_timers_are_interrupt_3),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
