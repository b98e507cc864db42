/* SPDX-License-Identifier: BSD-3-Clause */
#include "hftest_irq.h"

struct irq_log irq_log;
static void (*log_hook)(uint32_t intid);
static bool log_manual;

static void log_irq(void)
{
    uint32_t intid = gic_acknowledge();

    if (intid == GIC_SPURIOUS) {
        return;
    }
    uint32_t i = __atomic_fetch_add(&irq_log.count, 1, __ATOMIC_ACQ_REL);

    if (i < IRQ_LOG_MAX) {
        irq_log.entry[i].intid = intid;
        irq_log.entry[i].vcpu = cpu_index();
        irq_log.entry[i].priority = (uint32_t)sysreg_read(ICC_RPR_EL1);
    }
    if (log_hook != NULL) {
        log_hook(intid);
    }
    if (!log_manual) {
        gic_end(intid);
    }
}

static void start(void (*hook)(uint32_t intid), bool manual)
{
    memset(&irq_log, 0, sizeof(irq_log));
    log_hook = hook;
    log_manual = manual;
    exception_set_irq(log_irq);
}

void irq_log_start(void (*hook)(uint32_t intid))
{
    start(hook, false);
}

void irq_log_start_manual(void (*hook)(uint32_t intid))
{
    start(hook, true);
}

void irq_window(void)
{
    cpu_dsb();
    cpu_irq_enable();
    cpu_isb();
    cpu_irq_disable();
}

bool irq_log_wait(uint32_t count)
{
    return cpu_wait_irq_for(&irq_log.count, count, EVENT_WAIT_MS);
}

uint32_t irq_log_count(uint32_t intid)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < irq_log.count && i < IRQ_LOG_MAX; i++) {
        count += irq_log.entry[i].intid == intid ? 1 : 0;
    }
    return count;
}
