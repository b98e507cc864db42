/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The generic timer: the virtual timer is the vCPU's own, the physical timer is emulated. Both must
 * behave the same, so each case runs for both.
 */
#include "hftest.h"
#include "hftest_irq.h"

struct timer {
    uint32_t intid;
    uint64_t (*now)(void);
    uint64_t (*ctl_get)(void);
    void (*ctl_set)(uint64_t value);
    uint64_t (*cval_get)(void);
    void (*cval_set)(uint64_t value);
    uint64_t (*tval_get)(void);
    void (*tval_set)(uint64_t value);
};

#define REGISTER(name)                                                                             \
    static uint64_t name##_get(void)                                                               \
    {                                                                                              \
        cpu_isb();                                                                                 \
        return sysreg_read(name##_el0);                                                            \
    }                                                                                              \
    static void name##_set(uint64_t value)                                                         \
    {                                                                                              \
        sysreg_write(name##_el0, value);                                                           \
        cpu_isb();                                                                                 \
    }

REGISTER(cntv_ctl)
REGISTER(cntv_cval)
REGISTER(cntv_tval)
REGISTER(cntp_ctl)
REGISTER(cntp_cval)
REGISTER(cntp_tval)

static const struct timer virtual_timer = {
    GIC_VTIMER,    timer_now,     cntv_ctl_get,  cntv_ctl_set,
    cntv_cval_get, cntv_cval_set, cntv_tval_get, cntv_tval_set,
};
static const struct timer physical_timer = {
    GIC_PTIMER,    timer_physical_now, cntp_ctl_get,  cntp_ctl_set,
    cntp_cval_get, cntp_cval_set,      cntp_tval_get, cntp_tval_set,
};

static const struct timer *under_test;
static volatile uint64_t fired_at;
static volatile uint64_t fired_ctl;
static volatile uint32_t fires_wanted;

/* Stops the timer when it has fired often enough: until then its level interrupt comes again. */
static void on_timer(uint32_t intid)
{
    if (intid != under_test->intid) {
        return;
    }
    fired_at = under_test->now();
    fired_ctl = under_test->ctl_get();
    if (irq_log_count(intid) >= fires_wanted) {
        under_test->ctl_set(0);
    }
}

static void prepare(const struct timer *timer, uint32_t wanted)
{
    under_test = timer;
    fires_wanted = wanted;
    irq_log_start(on_timer);
    gic_enable(timer->intid);
}

static void check_fires(const struct timer *timer)
{
    prepare(timer, 1);
    uint64_t compare = timer->now() + timer_from_us(500);

    timer->cval_set(compare);
    EXPECT_EQ(timer->cval_get(), compare);
    timer->ctl_set(TIMER_CTL_ENABLE);
    ASSERT_TRUE(irq_log_wait(1));
    EXPECT_GE(fired_at, compare);
    EXPECT_EQ(fired_ctl, TIMER_CTL_ENABLE | TIMER_CTL_STATUS);
    irq_window();
    EXPECT_EQ(irq_log_count(timer->intid), 1);
}

static void check_masked(const struct timer *timer)
{
    prepare(timer, 1);
    timer->cval_set(timer->now());
    timer->ctl_set(TIMER_CTL_ENABLE | TIMER_CTL_MASK);
    EXPECT_EQ(timer->ctl_get(), TIMER_CTL_ENABLE | TIMER_CTL_MASK | TIMER_CTL_STATUS);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_FALSE(gic_is_pending(timer->intid));
    timer->ctl_set(TIMER_CTL_ENABLE);
    EXPECT_TRUE(irq_log_wait(1));
}

/* Enables it, and stops it before its time: again, where a busy host took that long. */
static void enable_and_stop(const struct timer *timer)
{
    uint64_t due;

    do {
        irq_window();
        prepare(timer, 1);
        due = timer->now() + timer_from_us(5000);
        timer->cval_set(due);
        timer->ctl_set(TIMER_CTL_ENABLE);
        timer->ctl_set(0);
    } while (timer->now() >= due);
}

static void check_disabled(const struct timer *timer)
{
    prepare(timer, 1);
    timer->cval_set(0);
    timer->ctl_set(0);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    EXPECT_FALSE(gic_is_pending(timer->intid));
    enable_and_stop(timer);
    uint64_t end = timer->now() + timer_from_us(8000);

    cpu_irq_enable();
    while (timer->now() < end) {
        cpu_relax();
    }
    cpu_irq_disable();
    EXPECT_EQ(irq_log.count, 0);
}

/* A level interrupt: as long as the condition holds it comes again after its end. */
static void check_level(const struct timer *timer)
{
    prepare(timer, 3);
    timer->cval_set(timer->now());
    timer->ctl_set(TIMER_CTL_ENABLE);
    ASSERT_TRUE(irq_log_wait(3));
    irq_window();
    EXPECT_EQ(irq_log_count(timer->intid), 3);
    EXPECT_FALSE(gic_is_pending(timer->intid));
    EXPECT_FALSE(gic_is_active(timer->intid));
}

/* With the interrupt disabled at the redistributor the line still shows as pending. */
static void check_pending_when_disabled(const struct timer *timer)
{
    prepare(timer, 1);
    gic_disable(timer->intid);
    timer->cval_set(timer->now());
    timer->ctl_set(TIMER_CTL_ENABLE);
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    while (!gic_is_pending(timer->intid) && timer_now() < end) {
        cpu_relax();
    }
    EXPECT_TRUE(gic_is_pending(timer->intid));
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
    /* Taken back before anybody saw it. */
    timer->ctl_set(0);
    while (gic_is_pending(timer->intid) && timer_now() < end) {
        cpu_relax();
    }
    EXPECT_FALSE(gic_is_pending(timer->intid));
    gic_enable(timer->intid);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
}

static void check_tval(const struct timer *timer)
{
    prepare(timer, 1);
    uint64_t ticks = timer_from_us(400);
    uint64_t before = timer->now();

    timer->tval_set(ticks);
    uint64_t after = timer->now();

    EXPECT_GE(timer->cval_get(), before + ticks);
    EXPECT_LE(timer->cval_get(), after + ticks);
    EXPECT_TRUE((int32_t)timer->tval_get() <= (int32_t)ticks);
    timer->ctl_set(TIMER_CTL_ENABLE);
    ASSERT_TRUE(irq_log_wait(1));
    EXPECT_GE(fired_at, before + ticks);
    /* Past its time TVAL is negative, as a signed 32-bit number. */
    EXPECT_TRUE((int32_t)timer->tval_get() < 0);
    /* A negative TVAL is in the past: fires at once. */
    irq_log_start(on_timer);
    timer->tval_set((uint32_t)-1000);
    timer->ctl_set(TIMER_CTL_ENABLE);
    EXPECT_TRUE(irq_log_wait(1));
}

/* WFI ends when the timer's interrupt is pending, also with interrupts masked. */
static void check_wakes_wfi(const struct timer *timer)
{
    prepare(timer, 1);
    for (uint32_t i = 0; i < 5; i++) {
        uint64_t compare = timer->now() + timer_from_us(5000);

        timer->cval_set(compare);
        timer->ctl_set(TIMER_CTL_ENABLE);
        while ((timer->ctl_get() & TIMER_CTL_STATUS) == 0) {
            cpu_wfi();
        }
        EXPECT_GE(timer->now(), compare);
        EXPECT_EQ(irq_log.count, i);
        cpu_irq_enable();
        while (irq_log.count == i) {
            cpu_relax();
        }
        cpu_irq_disable();
        fires_wanted++;
        EXPECT_EQ(irq_log.count, i + 1);
    }
}

TEST(timer, counter_runs)
{
    EXPECT_GT(timer_frequency(), 999999);
    uint64_t last = timer_now();

    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t now = timer_now();

        ASSERT_GE(now, last);
        last = now;
    }
    uint64_t wait = timer_now() + timer_from_us(10);

    while (timer_now() < wait) {
    }
    EXPECT_GT(timer_now(), last);
}

/* Both counters run at the same pace: every pair of readings allows one and the same distance. */
TEST(timer, counters_agree)
{
    int64_t low = INT64_MIN;
    int64_t high = INT64_MAX;

    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t before = timer_now();
        uint64_t physical = timer_physical_now();
        uint64_t after = timer_now();
        int64_t least = (int64_t)(physical - after);
        int64_t most = (int64_t)(physical - before);

        low = least > low ? least : low;
        high = most < high ? most : high;
    }
    EXPECT_TRUE(low <= high);
}

TEST(timer, virtual_fires)
{
    check_fires(&virtual_timer);
}

TEST(timer, physical_fires)
{
    check_fires(&physical_timer);
}

TEST(timer, virtual_masked)
{
    check_masked(&virtual_timer);
}

TEST(timer, physical_masked)
{
    check_masked(&physical_timer);
}

TEST(timer, virtual_disabled)
{
    check_disabled(&virtual_timer);
}

TEST(timer, physical_disabled)
{
    check_disabled(&physical_timer);
}

TEST(timer, virtual_level)
{
    check_level(&virtual_timer);
}

TEST(timer, physical_level)
{
    check_level(&physical_timer);
}

TEST(timer, virtual_pending_when_disabled)
{
    check_pending_when_disabled(&virtual_timer);
}

TEST(timer, physical_pending_when_disabled)
{
    check_pending_when_disabled(&physical_timer);
}

TEST(timer, virtual_tval)
{
    check_tval(&virtual_timer);
}

TEST(timer, physical_tval)
{
    check_tval(&physical_timer);
}

TEST(timer, virtual_wakes_wfi)
{
    check_wakes_wfi(&virtual_timer);
}

TEST(timer, physical_wakes_wfi)
{
    check_wakes_wfi(&physical_timer);
}

static void stop_both(uint32_t intid)
{
    if (intid == GIC_VTIMER) {
        timer_virtual_stop();
    } else if (intid == GIC_PTIMER) {
        timer_physical_stop();
    }
}

TEST(timer, both_at_once)
{
    irq_log_start(stop_both);
    gic_enable(GIC_VTIMER);
    gic_enable(GIC_PTIMER);
    for (uint32_t i = 0; i < 20; i++) {
        uint64_t now = timer_now();

        irq_log.count = 0;
        timer_virtual_set(now + timer_from_us(50 + i));
        timer_physical_set(timer_physical_now() + timer_from_us(60 - i));
        ASSERT_TRUE(irq_log_wait(2));
        ASSERT_EQ(irq_log_count(GIC_VTIMER), 1);
        ASSERT_EQ(irq_log_count(GIC_PTIMER), 1);
    }
}

TEST(timer, thousand_ticks)
{
    static volatile uint32_t ticks;

    irq_log_start(stop_both);
    gic_enable(GIC_VTIMER);
    for (ticks = 0; ticks < 1000; ticks++) {
        irq_log.count = 0;
        timer_virtual_set(timer_now() + 16);
        ASSERT_TRUE(irq_log_wait(1));
    }
    EXPECT_EQ(ticks, 1000);
}

/* The upper half of CVAL counts. */
TEST(timer, far_compare_does_not_fire)
{
    prepare(&virtual_timer, 1);
    timer_virtual_set(timer_now() + (UINT64_C(1) << 40));
    EXPECT_EQ(cntv_ctl_get(), TIMER_CTL_ENABLE);
    prepare(&physical_timer, 1);
    timer_physical_set(timer_physical_now() + (UINT64_C(1) << 40));
    EXPECT_EQ(cntp_ctl_get(), TIMER_CTL_ENABLE);
    irq_window();
    EXPECT_EQ(irq_log.count, 0);
}

static volatile uint32_t secondary_ticks;
static volatile uint32_t secondary_stop;

static void secondary_tick(uint64_t argument)
{
    (void)argument;
    gic_init_cpu();
    gic_enable(GIC_VTIMER);
    while (atomic_read(&secondary_stop) == 0) {
        timer_virtual_set(timer_now() + timer_from_us(20));
        while ((sysreg_read(cntv_ctl_el0) & TIMER_CTL_STATUS) == 0) {
            cpu_wfi();
        }
        uint32_t intid = gic_acknowledge();

        timer_virtual_stop();
        if (intid != GIC_VTIMER) {
            FAIL("acknowledged %u", intid);
        }
        gic_end(intid);
        atomic_write(&secondary_ticks, secondary_ticks + 1);
    }
}

/* Each vCPU has timers of its own. */
TEST(timer, two_vcpus)
{
    if (smp_count() < 2) {
        SKIP("one vCPU");
    }
    secondary_ticks = 0;
    secondary_stop = 0;
    prepare(&virtual_timer, UINT32_MAX);
    ASSERT_EQ(vmlib_cpu_start(1, secondary_tick, 0), PSCI_OK);
    uint32_t own = 0;

    fires_wanted = 1;
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    while (own < 50 || atomic_read(&secondary_ticks) < 50) {
        ASSERT_LT(timer_now(), end);
        irq_log.count = 0;
        timer_virtual_set(timer_now() + timer_from_us(30));
        ASSERT_TRUE(irq_log_wait(1));
        ASSERT_EQ(irq_log.entry[0].vcpu, 0);
        own++;
    }
    atomic_write(&secondary_stop, 1);
    EXPECT_TRUE(smp_wait_off(1));
}
