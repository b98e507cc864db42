/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A scheduled partition with a virtual GIC whose two timers tick while it handles a request.
 */
#include "hftest.h"
#include "vmlib_gic.h"

static volatile uint32_t virtual_ticks;
static volatile uint32_t physical_ticks;
static volatile uint32_t strangers;
static uint64_t period;

static void on_irq(void)
{
    uint32_t intid = gic_acknowledge();

    if (intid == GIC_VTIMER) {
        virtual_ticks++;
        timer_virtual_set(timer_now() + period);
    } else if (intid == GIC_PTIMER) {
        physical_ticks++;
        timer_physical_set(timer_now() + period);
    } else {
        strangers++;
    }
    if (intid != GIC_SPURIOUS) {
        gic_end(intid);
    }
}

/* x3: ticks of each timer to wait for; x4: microseconds between them; x5: waits in WFI. Answers the
 * ticks of the virtual and of the physical timer, and other interrupts. */
TEST_SERVICE(ticker)
{
    struct ffa_value message = service_wait();

    gic_init_dist();
    gic_init_cpu();
    gic_enable(GIC_VTIMER);
    gic_enable(GIC_PTIMER);
    exception_set_irq(on_irq);
    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        virtual_ticks = 0;
        physical_ticks = 0;
        period = timer_from_us(message.x[4]);
        timer_virtual_set(timer_now() + period);
        timer_physical_set(timer_now() + period / 2);
        while (virtual_ticks < message.x[3] || physical_ticks < message.x[3]) {
            cpu_irq_enable();
            cpu_isb();
            cpu_irq_disable();
            if (message.x[5] != 0) {
                __asm__ volatile("wfi" : : : "memory");
            }
        }
        timer_virtual_stop();
        timer_physical_stop();
        message = service_respond(&message, virtual_ticks, physical_ticks, strangers);
    }
}
