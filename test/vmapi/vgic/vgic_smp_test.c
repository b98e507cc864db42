/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between vCPUs: SGIs in all directions, SPIs by affinity routing, the redistributor of another.
 */
#include "hftest.h"
#include "hftest_irq.h"

#define SGI    7u
#define SPI    50u
#define ROUNDS 100u

static volatile uint32_t ready;
static volatile uint32_t quit;
static volatile uint32_t taken[VMLIB_MAX_CPUS];

static void count_taken(uint32_t intid)
{
    (void)intid;
    atomic_increment(&taken[cpu_index()]);
}

/* A vCPU that takes interrupts until told to stop. */
static void taker(uint64_t unused)
{
    (void)unused;
    gic_init_cpu();
    gic_enable(SGI);
    atomic_increment(&ready);
    cpu_irq_enable();
    while (atomic_read(&quit) == 0) {
        cpu_relax();
    }
    cpu_irq_disable();
}

static void takers_start(void)
{
    ready = 0;
    quit = 0;
    for (uint32_t i = 0; i < VMLIB_MAX_CPUS; i++) {
        taken[i] = 0;
    }
    irq_log_start(count_taken);
    gic_enable(SGI);
    for (uint32_t i = 1; i < smp_count(); i++) {
        ASSERT_EQ(vmlib_cpu_start(i, taker, 0), PSCI_OK);
    }
    ASSERT_TRUE(cpu_wait_flag(&ready, smp_count() - 1));
}

static void skip_if_alone(void)
{
    if (smp_count() < 2) {
        SKIP("one vCPU");
    }
}

TEAR_DOWN(vgic)
{
    atomic_write(&quit, 1);
}

TEST(vgic, sgi_to_each_other)
{
    skip_if_alone();
    takers_start();
    for (uint32_t i = 1; i < smp_count(); i++) {
        gic_send_sgi(SGI, smp_mpidr(i));
        ASSERT_TRUE(cpu_wait_flag(&taken[i], 1));
    }
    irq_window();
    EXPECT_EQ(taken[0], 0);
    for (uint32_t i = 1; i < smp_count(); i++) {
        EXPECT_EQ(taken[i], 1);
    }
}

TEST(vgic, sgi_to_all_others)
{
    skip_if_alone();
    takers_start();
    gic_send_sgi_others(SGI);
    for (uint32_t i = 1; i < smp_count(); i++) {
        ASSERT_TRUE(cpu_wait_flag(&taken[i], 1));
    }
    irq_window();
    EXPECT_EQ(taken[0], 0);
}

TEST(vgic, sgi_to_several)
{
    uint64_t list = 0;

    skip_if_alone();
    takers_start();
    for (uint32_t i = 0; i < smp_count(); i++) {
        list |= UINT64_C(1) << (smp_mpidr(i) & 0xf);
    }
    sysreg_write(ICC_SGI1R_EL1, (uint64_t)SGI << 24 | list);
    cpu_isb();
    irq_window();
    EXPECT_EQ(taken[0], 1);
    for (uint32_t i = 1; i < smp_count(); i++) {
        EXPECT_TRUE(cpu_wait_flag(&taken[i], 1));
    }
}

/* Each SGI is answered before the next one: none may get lost, none doubled. */
TEST(vgic, sgi_many_times)
{
    skip_if_alone();
    takers_start();
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        gic_send_sgi(SGI, smp_mpidr(1));
        ASSERT_TRUE(cpu_wait_flag(&taken[1], round));
        ASSERT_EQ(taken[1], round);
    }
}

/* vCPU 1 answers each SGI with one back. */
static void answer(uint32_t intid)
{
    atomic_increment(&taken[cpu_index()]);
    if (cpu_index() == 1) {
        gic_send_sgi(intid, smp_mpidr(0));
    }
}

TEST(vgic, sgi_ping_pong)
{
    skip_if_alone();
    takers_start();
    irq_log_start(answer);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        gic_send_sgi(SGI, smp_mpidr(1));
        ASSERT_TRUE(cpu_wait_irq_for(&taken[0], round, EVENT_WAIT_MS));
    }
    EXPECT_EQ(taken[0], ROUNDS);
    EXPECT_EQ(taken[1], ROUNDS);
}

/* A vCPU in WFI wakes by an SGI. */
static void sleeper(uint64_t rounds)
{
    gic_init_cpu();
    gic_enable(SGI);
    atomic_increment(&ready);
    for (uint32_t round = 1; round <= rounds; round++) {
        cpu_wait_irq(&taken[1], round);
    }
}

TEST(vgic, sgi_wakes_wfi)
{
    skip_if_alone();
    ready = 0;
    taken[1] = 0;
    irq_log_start(count_taken);
    ASSERT_EQ(vmlib_cpu_start(1, sleeper, ROUNDS), PSCI_OK);
    ASSERT_TRUE(cpu_wait_flag(&ready, 1));
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        gic_send_sgi(SGI, smp_mpidr(1));
        ASSERT_TRUE(cpu_wait_flag(&taken[1], round));
    }
}

TEST(vgic, sgi_pending_by_redistributor_of_other)
{
    skip_if_alone();
    takers_start();
    io_write32(gic_redist_base(1) + GICR_SGI_FRAME + GICD_ISPENDR, UINT32_C(1) << SGI);
    EXPECT_TRUE(cpu_wait_flag(&taken[1], 1));
    EXPECT_EQ(taken[0], 0);
}

static void prepare_spi(uint64_t route)
{
    gic_set_edge(SPI, true);
    io_write64(gic_dist_base() + GICD_IROUTER + SPI * 8ul, route);
    gic_enable(SPI);
}

TEST(vgic, spi_routed_to_each)
{
    takers_start();
    for (uint32_t i = 0; i < smp_count(); i++) {
        prepare_spi(smp_mpidr(i) & UINT64_C(0xff00ffffff));
        gic_set_pending(SPI);
        EXPECT_TRUE(i == 0 ? cpu_wait_irq_for(&taken[0], 1, EVENT_WAIT_MS)
                           : cpu_wait_flag(&taken[i], 1));
        for (uint32_t k = 0; k < smp_count(); k++) {
            EXPECT_EQ(taken[k], k <= i);
        }
        irq_window();
    }
}

/* A pending SPI moves with its route. */
TEST(vgic, spi_rerouted_while_pending)
{
    skip_if_alone();
    takers_start();
    prepare_spi(smp_mpidr(0));
    gic_set_pending(SPI);
    gic_set_route(SPI, smp_mpidr(1));
    EXPECT_TRUE(cpu_wait_flag(&taken[1], 1));
    irq_window();
    EXPECT_EQ(taken[0], 0);
    EXPECT_FALSE(gic_is_pending(SPI));
}

TEST(vgic, spi_routed_to_any)
{
    if (!gic_has_any()) {
        SKIP("the GIC has no 1 of N routing");
    }
    uint32_t all = 0;
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    takers_start();
    prepare_spi(GICD_IROUTER_ANY);
    gic_set_pending(SPI);
    while (all == 0 && timer_now() < end) {
        irq_window();
        for (uint32_t i = 0; i < smp_count(); i++) {
            all += atomic_read(&taken[i]);
        }
    }
    EXPECT_EQ(all, 1);
    irq_window();
    EXPECT_FALSE(gic_is_pending(SPI));
}

/* SPIs set pending by one vCPU, taken by another, more than there are list registers. */
TEST(vgic, spi_burst_to_other)
{
    skip_if_alone();
    takers_start();
    for (uint32_t i = 0; i < 24; i++) {
        gic_set_edge(34 + i, true);
        gic_set_route(34 + i, smp_mpidr(1));
        gic_enable(34 + i);
    }
    for (uint32_t round = 1; round <= 4; round++) {
        for (uint32_t i = 0; i < 24; i++) {
            gic_set_pending(34 + i);
        }
        ASSERT_TRUE(cpu_wait_flag(&taken[1], 24 * round));
    }
    EXPECT_EQ(taken[1], 96);
    EXPECT_EQ(taken[0], 0);
}

/* All send to all at the same time. */
static struct rendezvous meeting;
static volatile uint32_t storm_done;

static void storm(uint64_t count)
{
    gic_init_cpu();
    gic_enable(SGI);
    cpu_irq_enable();
    rendezvous_wait(&meeting, (uint32_t)count);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        gic_send_sgi_others(SGI);
    }
    atomic_increment(&storm_done);
    while (atomic_read(&quit) == 0) {
        cpu_relax();
    }
    cpu_irq_disable();
}

TEST(vgic, sgi_storm)
{
    skip_if_alone();
    uint32_t count = smp_count();

    quit = 0;
    storm_done = 0;
    for (uint32_t i = 0; i < VMLIB_MAX_CPUS; i++) {
        taken[i] = 0;
    }
    irq_log_start(count_taken);
    gic_enable(SGI);
    for (uint32_t i = 1; i < count; i++) {
        ASSERT_EQ(vmlib_cpu_start(i, storm, count), PSCI_OK);
    }
    rendezvous_wait(&meeting, count);
    cpu_irq_enable();
    for (uint32_t i = 0; i < ROUNDS; i++) {
        gic_send_sgi_others(SGI);
    }
    EXPECT_TRUE(cpu_wait_irq_for(&storm_done, count - 1, EVENT_WAIT_MS));
    /* Edges merge, so the number varies; each vCPU has got some and none pends for ever. */
    EXPECT_TRUE(cpu_wait_irq_for(&taken[0], 1, EVENT_WAIT_MS));
    for (uint32_t i = 1; i < count; i++) {
        EXPECT_TRUE(cpu_wait_flag(&taken[i], 1));
    }
}
