/* SPDX-License-Identifier: BSD-3-Clause */
/* The para-virtual interface: no list registers, partitions ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/svc/virq_sync.h"
#include "gicworld.h"

static void paravirt(void **state)
{
    struct vcpu *para = gw_vcpu(GW_PARA, 0);

    (void)state;
    assert_int_equal(virq_paravirt_enable(gw_vcpu(GW_PINNED, 0), 5, true, false), STATUS_INVALID);
    assert_int_equal(virq_paravirt_get(gw_vcpu(GW_PINNED, 0)), VIRQ_PARAVIRT_NONE);
    gw_switch(para);
    assert_int_equal(virq_paravirt_enable(para, 43, true, false), STATUS_INVALID);
    assert_int_equal(virq_paravirt_enable(para, 5000, true, false), STATUS_INVALID);
    assert_int_equal(virq_paravirt_enable(para, 5, true, false), STATUS_OK);
    assert_int_equal(virq_paravirt_enable(para, 6, true, true), STATUS_OK);
    assert_int_equal(virq_paravirt_enable(para, GW_PARA_IRQ, true, false), STATUS_OK);
    virq_inject(para, 5);
    gw_pump();
    assert_true(fake_hw.virq_line);
    assert_false(fake_hw.vfiq_line);
    virq_inject(para, 6);
    gw_pump();
    assert_true(fake_hw.vfiq_line);
    assert_int_equal(virq_paravirt_get(para), 5);
    assert_false(fake_hw.virq_line);
    assert_int_equal(virq_paravirt_get(para), 6);
    assert_int_equal(virq_paravirt_get(para), VIRQ_PARAVIRT_NONE);

    gw_wire(GW_PARA_PINTID, true);
    assert_true(gw.pirq[GW_PARA_PINTID].active);
    assert_true(fake_hw.virq_line);
    gw.pirq[GW_PARA_PINTID].line = false;
    assert_int_equal(virq_paravirt_get(para), GW_PARA_IRQ);
    assert_false(gw.pirq[GW_PARA_PINTID].active);
    assert_false(fake_hw.virq_line);
    /* While it is away. */
    gw_switch(gw_vcpu(GW_PINNED, 0));
    virq_inject(para, 5);
    assert_true(virq_is_pending(para));
    gw_switch(para);
    assert_true(fake_hw.virq_line);
}

/* What EL0 partitions need: enabled from the start, taken without being loaded, lines untouched. */
static void paravirt_at_el0(void **state)
{
    struct vcpu *para = gw_vcpu(GW_PARA, 0);

    (void)state;
    assert_int_equal(virq_paravirt_take(para), VIRQ_PARAVIRT_NONE);
    virq_paravirt_enable_devices(para->vm);
    assert_true(gw.pirq[GW_PARA_PINTID].enabled);
    gw_wire(GW_PARA_PINTID, true);
    assert_true(virq_is_pending(para));
    assert_false(fake_hw.virq_line); /* another one is loaded */
    gw.pirq[GW_PARA_PINTID].line = false;
    assert_int_equal(virq_paravirt_take(para), GW_PARA_IRQ);
    assert_false(gw.pirq[GW_PARA_PINTID].active);
    assert_false(fake_hw.virq_line);
    assert_int_equal(virq_paravirt_take(para), VIRQ_PARAVIRT_NONE);
    virq_inject(para, 5); /* nobody has enabled this one */
    assert_int_equal(virq_paravirt_take(para), VIRQ_PARAVIRT_NONE);
}

/* The device holds its level until the partition has seen to it: one interrupt, not two. */
static void paravirt_level_at_el0(void **state)
{
    struct vcpu *para = gw_vcpu(GW_PARA, 0);

    (void)state;
    para->is_el0 = true;
    virq_paravirt_enable_devices(para->vm);
    for (uint32_t i = 0; i < 2; i++) {
        gw_wire(GW_PARA_PINTID, true);
        assert_int_equal(virq_paravirt_take(para), GW_PARA_IRQ);
        gw_pump();
        assert_true(gw.pirq[GW_PARA_PINTID].active);
        assert_false(virq_is_pending(para));
        if (i == 0) {
            gw_wire(GW_PARA_PINTID, false);
        }
        virq_paravirt_end_all(para);
        gw_pump();
        /* The second time it has not: here it is again. */
        assert_int_equal(virq_is_pending(para), i);
        assert_int_equal(gw.pirq[GW_PARA_PINTID].active, i);
    }
}

#define TEST_CASE(f) cmocka_unit_test_setup(f, gw_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(paravirt),
        TEST_CASE(paravirt_at_el0),
        TEST_CASE(paravirt_level_at_el0),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
