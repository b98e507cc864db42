/* SPDX-License-Identifier: BSD-3-Clause */
#include "robust_common.h"

#include "vmapi/bh.h"

#define MEMORY_OFFSET UINT64_C(0xc0000) /* of 1 MiB: behind the image, before its end */
#define MAGIC         UINT64_C(0x6d656d6f72792121)
#define SGIS          4u

struct robust_memory *robust_memory(void)
{
    struct dtb_range ram = {0};

    if (!dtb_try_memory(0, &ram)) {
        console_print("robust: no memory node\n");
        psci_system_off();
    }
    struct robust_memory *memory = (struct robust_memory *)(ram.base + MEMORY_OFFSET);

    if (memory->magic != MAGIC) {
        *memory = (struct robust_memory){.magic = MAGIC};
    }
    return memory;
}

void robust_seed(struct robust_random *random, uint64_t a, uint64_t b)
{
    random->state = (a << 32 ^ b) * UINT64_C(0x2545f4914f6cdd1d) + 1;
    (void)robust_next(random);
}

/* xorshift64*; Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
uint64_t robust_next(struct robust_random *random)
{
    uint64_t x = random->state;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    random->state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

uint32_t robust_below(struct robust_random *random, uint32_t limit)
{
    return (uint32_t)(robust_next(random) >> 32) % limit;
}

static void take_paravirt(void)
{
    while (ffa_call(BH_INTERRUPT_GET).x[0] != BH_INTERRUPT_NONE) {
        timer_virtual_stop();
    }
}

static void take(void)
{
    uint32_t intid = gic_acknowledge();

    if (intid == GIC_VTIMER) {
        timer_virtual_stop();
    }
    if (intid < GIC_SPURIOUS - 3) {
        gic_end(intid);
    }
}

void robust_irq_init(void)
{
    cpu_irq_disable();
    exception_set_irq(take);
    if (gic_dist_base() == 0) {
        exception_set_irq(take_paravirt);
        (void)ffa_call(BH_INTERRUPT_ENABLE, BH_INTID_TIMER, 1, BH_INTERRUPT_IRQ);
        return;
    }
    timer_physical_stop();
    gic_init_dist();
    gic_init_cpu();
    gic_enable(GIC_VTIMER);
    for (uint32_t i = 0; i < SGIS; i++) {
        gic_enable(i);
    }
}

void robust_timer_arm(uint64_t microseconds)
{
    timer_virtual_set(timer_now() + timer_from_us(microseconds));
}

void robust_irq_window(void)
{
    cpu_irq_enable();
    cpu_irq_disable();
}
