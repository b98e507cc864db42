/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Partitions that misbehave: what they do stays theirs. The test partition is their neighbour, the
 * scheduler of one of them; another neighbour (pinned) must answer all the time.
 */
#include "hftest.h"
#include "hftest_irq.h"
#include "services/service_ids.h"

#define SCHEDULED hftest_id(2) /* misbehaves on this CPU */
#define PINNED    hftest_id(3) /* misbehaves on CPU 1 */
#define NEIGHBOUR hftest_id(4) /* pinned to CPU 2, behaves */

HFTEST_SERVICES(2, 3, 4);

/* How long trouble is made: longer, where a busy host has no interrupt in that time. */
#define TROUBLE_US     100000u
#define TROUBLE_MAX_US 5000000u

static void check_neighbour(void)
{
    EXPECT_EQ(ffa_direct_req_complete(NEIGHBOUR, 41, 0, 0).x[3], 42);
}

static void stop_timer(uint32_t intid)
{
    (void)intid;
    timer_virtual_stop();
}

/* A pinned troublemaker: until it answers, this partition's timer stays punctual and the neighbour
 * answers again and again. */
static uint32_t pinned_rounds(enum trouble what, uint64_t us)
{
    uint32_t rounds = 0;
    uint64_t end;

    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    timer_virtual_set(timer_now() + timer_from_us(100));
    struct ffa_value result = ffa_direct_req(PINNED, what, us, 200);

    end = timer_now() + timer_from_ms(EVENT_WAIT_MS);
    while (result.x[0] == FFA_INTERRUPT_32 && timer_now() < end) {
        irq_window();
        timer_virtual_set(timer_now() + timer_from_us(500));
        check_neighbour();
        rounds++;
        result = ffa_run(PINNED, 0);
    }
    timer_virtual_stop();
    ASSERT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_GT(result.x[3], 0); /* it did get its time */
    return rounds;
}

static void check_pinned_trouble(enum trouble what)
{
    uint32_t rounds = 0;

    SERVICE_SELECT(NEIGHBOUR, "echo");
    SERVICE_SELECT(PINNED, "trouble");
    for (uint64_t us = TROUBLE_US; rounds == 0 && us < TROUBLE_MAX_US; us *= 3) {
        rounds = pinned_rounds(what, us);
    }
    EXPECT_GE(rounds, 1);
}

/* A scheduled one on this very CPU: the timer takes the CPU back each time. */
static uint32_t scheduled_rounds(enum trouble what, uint64_t us)
{
    uint32_t rounds = 0;
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    timer_virtual_set(timer_now() + timer_from_ms(2));
    struct ffa_value result = ffa_direct_req(SCHEDULED, what, us, 200);

    while (result.x[0] != FFA_MSG_SEND_DIRECT_RESP_64 && timer_now() < end) {
        ASSERT_FALSE(ffa_is_error(&result));
        if (result.x[0] == FFA_INTERRUPT_32) {
            irq_window();
            timer_virtual_set(timer_now() + timer_from_ms(2));
            check_neighbour();
            rounds++;
        }
        result = ffa_run(SCHEDULED, 0);
    }
    timer_virtual_stop();
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return rounds;
}

static void check_scheduled_trouble(enum trouble what)
{
    uint32_t rounds = 0;

    SERVICE_SELECT(NEIGHBOUR, "echo");
    SERVICE_SELECT(SCHEDULED, "trouble");
    for (uint64_t us = TROUBLE_US; rounds == 0 && us < TROUBLE_MAX_US; us *= 3) {
        rounds = scheduled_rounds(what, us);
    }
    EXPECT_GE(rounds, 1);
}

TEST(fault, pinned_aborts_in_a_loop)
{
    check_pinned_trouble(TROUBLE_UNMAPPED);
}

TEST(fault, pinned_nonsense_hypercalls)
{
    check_pinned_trouble(TROUBLE_HYPERCALLS);
}

TEST(fault, pinned_traps_in_a_loop)
{
    check_pinned_trouble(TROUBLE_SYSREGS);
}

TEST(fault, pinned_console_flood)
{
    check_pinned_trouble(TROUBLE_CONSOLE);
}

TEST(fault, pinned_undefined_instructions)
{
    check_pinned_trouble(TROUBLE_UNDEFINED);
}

TEST(fault, scheduled_aborts_in_a_loop)
{
    check_scheduled_trouble(TROUBLE_UNMAPPED);
}

TEST(fault, scheduled_nonsense_hypercalls)
{
    check_scheduled_trouble(TROUBLE_HYPERCALLS);
}

TEST(fault, scheduled_traps_in_a_loop)
{
    check_scheduled_trouble(TROUBLE_SYSREGS);
}

TEST(fault, scheduled_console_flood)
{
    check_scheduled_trouble(TROUBLE_CONSOLE);
}

TEST(fault, scheduled_yields_in_a_loop)
{
    check_scheduled_trouble(TROUBLE_YIELD);
}

static void check_attack(uint16_t vm, enum attack what, uint64_t where, uint32_t ec)
{
    struct ffa_value answer = ffa_direct_req_complete(vm, what, where, 0);

    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], 1);
    EXPECT_EQ(ESR_EC(answer.x[4]), ec);
}

/* The fault is the guest's own exception; it handles it and goes on. */
TEST(fault, guest_handles_its_fault)
{
    const uint16_t vms[] = {SCHEDULED, PINNED};

    for (uint32_t i = 0; i < 2; i++) {
        SERVICE_SELECT(vms[i], "attack");
        check_attack(vms[i], ATTACK_UNDEFINED, 0, EC_UNKNOWN);
        check_attack(vms[i], ATTACK_SYSREG, 0, EC_UNKNOWN);
        check_attack(vms[i], ATTACK_READ, 0x0b000000, EC_DATA_ABORT);
        check_attack(vms[i], ATTACK_WRITE, 0x0b000000, EC_DATA_ABORT);
        check_attack(vms[i], ATTACK_EXECUTE, 0x0b000000, EC_INSTRUCTION_ABORT);
    }
}

TEST(fault, neighbour_switches_off_its_vcpu)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "SPs have no PSCI");
    SERVICE_SELECT(NEIGHBOUR, "echo");
    SERVICE_SELECT(PINNED, "boots");
    uint64_t boots = ffa_direct_req_complete(PINNED, 0, 0, 0).x[3];

    SERVICE_SELECT(PINNED, "end");
    EXPECT_FFA_ERROR(ffa_direct_req_complete(PINNED, END_RESET, 0, 0), FFA_ABORTED);
    check_neighbour();
    SERVICE_SELECT(PINNED, "boots");
    EXPECT_EQ(ffa_direct_req_complete(PINNED, 1, 0, 0).x[3], boots + 1);
}

/* Last ones: who loops for ever never comes back. The vector of its aborts aborts, too. */
TEST(fault, y_abort_without_end_pinned)
{
    SERVICE_SELECT(NEIGHBOUR, "echo");
    SERVICE_SELECT(PINNED, "end");
    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    timer_virtual_set(timer_now() + timer_from_ms(1));
    struct ffa_value result = ffa_direct_req(PINNED, END_ABORT_LOOP, 0, 0);

    /* Either it is stopped for it, or it loops and this partition goes on. */
    for (uint32_t i = 0; i < 50 && result.x[0] == FFA_INTERRUPT_32; i++) {
        irq_window();
        check_neighbour();
        timer_virtual_set(timer_now() + timer_from_ms(1));
        result = ffa_run(PINNED, 0);
    }
    timer_virtual_stop();
    EXPECT_TRUE(result.x[0] == FFA_INTERRUPT_32 || ffa_error_code(&result) == FFA_ABORTED);
}

TEST(fault, z_abort_without_end_scheduled)
{
    SERVICE_SELECT(NEIGHBOUR, "echo");
    SERVICE_SELECT(SCHEDULED, "end");
    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    timer_virtual_set(timer_now() + timer_from_ms(1));
    struct ffa_value result = ffa_direct_req(SCHEDULED, END_ABORT_LOOP, 0, 0);

    for (uint32_t i = 0; i < 50 && result.x[0] == FFA_INTERRUPT_32; i++) {
        irq_window();
        check_neighbour();
        timer_virtual_set(timer_now() + timer_from_ms(1));
        result = ffa_run(SCHEDULED, 0);
    }
    timer_virtual_stop();
    EXPECT_TRUE(result.x[0] == FFA_INTERRUPT_32 || ffa_error_code(&result) == FFA_ABORTED);
}
