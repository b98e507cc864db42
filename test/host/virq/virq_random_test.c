/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random operations against an executable model of what IHI 0069 chapter 4 says of an interrupt:
 * whenever a vCPU acknowledges, it gets one of the best that the model allows, and nothing when the
 * model has nothing. Two vCPUs, far more interrupts than list registers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bh/dev/vgic.h"
#include "bh/drv/gicv3_regs.h"
#include "bh/svc/virq_sync.h"
#include "gicworld.h"

#define VCPUS  2u
#define INTIDS (32 + GW_SPIS)
#define DEPTH  32u
#define STEPS  60000u
#define NOBODY 9u
#define SGIS   4u

/* An interrupt; private ones twice. */
struct irq {
    bool enabled, edge, latch, line, active, hw;
    uint8_t priority;
    uint32_t target;
};

struct model {
    struct irq irq[VCPUS][INTIDS]; /* SPIs: [0] only */
    uint32_t taken[VCPUS][DEPTH];  /* stack of what each is handling */
    uint32_t depth[VCPUS];
};

static struct model model;
static uint64_t seed;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % limit;
}

static struct irq *irq_of(uint32_t vcpu, uint32_t intid)
{
    return &model.irq[intid < 32 ? vcpu : 0][intid];
}

static bool is_pending(const struct irq *irq)
{
    return irq->edge ? irq->latch : irq->line || irq->latch;
}

static uint32_t running(uint32_t vcpu)
{
    uint32_t depth = model.depth[vcpu];

    return depth == 0 ? 0x100 : irq_of(vcpu, model.taken[vcpu][depth - 1])->priority;
}

/* Best priority that vcpu could take now; 0x100: none. */
static uint32_t best_priority(uint32_t vcpu)
{
    uint32_t best = 0x100;

    for (uint32_t i = 0; i < INTIDS; i++) {
        const struct irq *irq = irq_of(vcpu, i);

        if (irq->enabled && is_pending(irq) && !irq->active && (i < 32 || irq->target == vcpu) &&
            irq->priority < running(vcpu) && irq->priority < best) {
            best = irq->priority;
        }
    }
    return best;
}

/* Interrupts in play: SGIs, and SPIs of which two have devices behind them. */
static uint32_t random_intid(void)
{
    uint32_t n = random_below(SGIS + 24);

    return n < SGIS ? n : 40 + n - SGIS;
}

static bool is_handled(uint32_t intid)
{
    for (uint32_t v = 0; v < VCPUS; v++) {
        for (uint32_t d = 0; d < model.depth[v]; d++) {
            if (intid >= 32 && model.taken[v][d] == intid) {
                return true;
            }
        }
    }
    return false;
}

static uint32_t pintid_of(uint32_t intid)
{
    return intid == GW_LEVEL ? GW_LEVEL_PINTID : GW_EDGE_PINTID;
}

static void step_pend(uint32_t vcpu)
{
    uint32_t intid = random_intid();
    struct irq *irq = irq_of(vcpu, intid);

    if (intid < SGIS) {
        uint32_t to = random_below(VCPUS);

        irq_of(to, intid)->latch = true;
        vgic_sgi_write(gw_vcpu(GW_PINNED, vcpu), (uint64_t)intid << 24 | UINT64_C(1) << to);
        gw_pump();
    } else if (irq->hw && irq->edge) {
        /* A second edge before the first is taken would come on its own: the physical interrupt is
         * active already. */
        if (!irq->latch) {
            irq->latch = true;
            gw_wire(pintid_of(intid), true);
        }
    } else if (irq->hw) {
        /* A device asserts at any time and is served by the handler. */
        if (!irq->line || irq->active) {
            irq->line = !irq->line;
            gw_wire(pintid_of(intid), irq->line);
        }
    } else if (irq->edge) {
        irq->latch = true;
        gw_bit_set(GIC_ISPENDR, intid);
    } else {
        irq->line = !irq->line;
        virq_line_set(gw_vcpu(GW_PINNED, random_below(VCPUS)), intid, irq->line);
        gw_pump();
    }
}

static void step_enable(uint32_t vcpu)
{
    uint32_t intid = random_intid();
    bool on = random_below(4) != 0;

    irq_of(vcpu, intid)->enabled = on;
    gw_bit_set(on ? GIC_ISENABLER : GIC_ICENABLER, intid);
    assert_int_equal(gw_bit(GIC_ISENABLER, intid), on);
}

static void step_route(void)
{
    uint32_t intid = 40 + random_below(24);
    uint32_t to = random_below(8) == 0 ? NOBODY : random_below(VCPUS);
    struct irq *irq = irq_of(0, intid);

    irq->target = to;
    gw_dist(true, GICD_IROUTER + 8 * intid, 8, to);
}

static void step_priority(uint32_t vcpu)
{
    uint32_t intid = random_intid();
    uint8_t priority = (uint8_t)(random_below(31) * 8);

    /* Of one that is being handled it would change what is running. */
    if (!irq_of(vcpu, intid)->active) {
        irq_of(vcpu, intid)->priority = priority;
        gw_priority(intid, priority);
    }
}

static void step_ack(uint32_t vcpu)
{
    uint32_t best = best_priority(vcpu);
    uint32_t intid = gw_ack();
    struct irq *irq;

    if (best == 0x100) {
        assert_int_equal(intid, GW_SPURIOUS);
        return;
    }
    assert_true(intid < INTIDS);
    irq = irq_of(vcpu, intid);
    assert_true(irq->enabled && is_pending(irq) && !irq->active);
    assert_true(intid < 32 || irq->target == vcpu);
    assert_int_equal(irq->priority, best);
    irq->latch = false;
    irq->active = true;
    model.taken[vcpu][model.depth[vcpu]++] = intid;
}

static void step_end(uint32_t vcpu)
{
    uint32_t intid;

    if (model.depth[vcpu] == 0) {
        return;
    }
    intid = model.taken[vcpu][--model.depth[vcpu]];
    irq_of(vcpu, intid)->active = false;
    gw_eoi(intid);
}

static void step_look(uint32_t vcpu)
{
    uint32_t intid = random_intid();
    struct irq *irq = irq_of(vcpu, intid);

    assert_int_equal(gw_bit(GIC_ISACTIVER, intid), irq->active);
    if (!irq->hw) {
        assert_int_equal(gw_bit(GIC_ISPENDR, intid), is_pending(irq));
    }
}

static void step_clear(uint32_t vcpu)
{
    uint32_t intid = random_intid();
    struct irq *irq = irq_of(vcpu, intid);

    if (!irq->hw && !is_handled(intid)) {
        irq->latch = false;
        gw_bit_set(GIC_ICPENDR, intid);
    }
}

static void step_switch(uint32_t vcpu)
{
    gw_switch(NULL);
    if (random_below(2) == 0) {
        gw_on(1 - vcpu);
        step_pend(1 - vcpu);
        gw_on(vcpu);
    }
    gw_switch(gw_vcpu(GW_PINNED, vcpu));
}

static void step(uint32_t vcpu)
{
    switch (random_below(16)) {
    case 0:
        step_enable(vcpu);
        break;
    case 1:
        step_route();
        break;
    case 2:
        step_priority(vcpu);
        break;
    case 3:
        step_look(vcpu);
        break;
    case 4:
        step_clear(vcpu);
        break;
    case 5:
        step_switch(vcpu);
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        step_pend(vcpu);
        break;
    case 10:
    case 11:
    case 12:
        step_ack(vcpu);
        break;
    default:
        step_end(vcpu);
        break;
    }
}

static void begin(uint64_t with, uint32_t list_registers)
{
    model = (struct model){0};
    seed = with;
    gw_setup(NULL);
    fake_hw.lr_count = list_registers;
    for (uint32_t v = 0; v < VCPUS; v++) {
        gw_on(v);
        for (uint32_t i = 0; i < SGIS; i++) {
            *irq_of(v, i) = (struct irq){.enabled = true, .edge = true};
        }
    }
    gw_on(0);
    for (uint32_t i = 40; i < 64; i++) {
        struct irq *irq = irq_of(0, i);

        irq->hw = i == GW_LEVEL || i == GW_EDGE;
        irq->edge = i == GW_EDGE || (!irq->hw && i % 3 != 0);
        irq->target = i == GW_EDGE;
        if (!irq->hw) {
            gw_edge(i, irq->edge);
        }
    }
}

/* Everything that was pending comes out, and nothing is left behind. */
static void drain(void)
{
    for (uint32_t i = 40; i < 64; i++) {
        struct irq *irq = irq_of(0, i);

        if (irq->line && irq->active && irq->hw) {
            irq->line = false;
            gw_wire(pintid_of(i), false);
        }
    }
    for (uint32_t v = 0; v < VCPUS; v++) {
        gw_on(v);
        while (model.depth[v] != 0) {
            step_end(v);
        }
    }
    for (uint32_t v = 0; v < VCPUS; v++) {
        gw_on(v);
        for (uint32_t n = 0; n < INTIDS && best_priority(v) != 0x100; n++) {
            uint32_t intid;

            step_ack(v);
            intid = model.taken[v][model.depth[v] - 1];
            if (irq_of(v, intid)->line) {
                irq_of(v, intid)->line = false;
                if (irq_of(v, intid)->hw) {
                    gw_wire(pintid_of(intid), false);
                } else {
                    virq_line_set(gw_vcpu(GW_PINNED, 0), intid, false);
                    gw_pump();
                }
            }
            step_end(v);
        }
        step_ack(v);
        assert_int_equal(model.depth[v], 0);
        assert_int_equal(fake_hw.ich_hcr, 1);
    }
}

static void run(uint64_t with, uint32_t list_registers)
{
    begin(with, list_registers);
    for (uint32_t n = 0; n < STEPS; n++) {
        uint32_t vcpu = random_below(VCPUS);

        gw_on(vcpu);
        step(vcpu);
    }
    drain();
}

static void four_list_registers(void **state)
{
    (void)state;
    run(1, 4);
    run(2, 4);
}

static void two_list_registers(void **state)
{
    (void)state;
    run(3, 2);
}

static void one_list_register(void **state)
{
    (void)state;
    run(4, 1);
}

static void sixteen_list_registers(void **state)
{
    (void)state;
    run(5, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_list_registers),
        cmocka_unit_test(two_list_registers),
        cmocka_unit_test(one_list_register),
        cmocka_unit_test(sixteen_list_registers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
