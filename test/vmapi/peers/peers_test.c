/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A peer dies, by SYSTEM_RESET or for good, in each state that it can be in while somebody waits
 * for it or has left something with it: nobody hangs, everybody is told, and nothing of it stays.
 */
#include "hftest_irq.h"
#include "services/service_ids.h"

#define TESTER        1
#define SCHEDULED     2 /* these two come back */
#define PINNED        3
#define LATE          4 /* pinned; answers late, and survives */
#define RELAY         5 /* scheduled */
#define MORTAL        6 /* the first of those that are scheduled and don't come back */
#define MORTAL_PINNED 11

#define BIT   UINT64_C(1)
#define BEGUN UINT64_C(2) /* from a pinned peer: it works on the request */

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

SET_UP(peers)
{
    irq_log_start(NULL);
    gic_enable(GIC_VTIMER);
    (void)ffa_rxtx_map(tx, rx, 1);
}

TEAR_DOWN(peers)
{
    timer_virtual_stop();
    (void)ffa_call(FFA_RXTX_UNMAP_32);
}

static void on_timer(uint32_t intid)
{
    if (intid == GIC_VTIMER) {
        timer_virtual_stop();
    }
}

/* The peer is ready to die. */
static void arm(uint16_t vm, enum end how)
{
    bool is_pinned = vm == PINNED || vm == MORTAL_PINNED;
    struct ffa_value answer;

    SERVICE_SELECT(vm, "mortal");
    /* What wakes a pinned one may be what was left with it. */
    answer = ffa_direct_req_complete(vm, MORTAL_ARM, how, is_pinned ? 1 : 0);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    ASSERT_EQ(answer.x[3], PSCI_OK);
    if (!is_pinned) {
        ASSERT_EQ(ffa_run(vm, 1).x[0], FFA_MSG_WAIT_32);
    }
}

/* A message that it does not read, and a notification that it does not retrieve. */
static void leave_things(uint16_t vm)
{
    EXPECT_EQ(ffa_send2(tx, vm, 16).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_notification_set(vm, 0, BIT).x[0], FFA_SUCCESS_32);
}

/* Nothing of it is left; who comes back works. */
static void expect_gone(uint16_t vm, enum end how)
{
    EXPECT_FFA_ERROR(ffa_direct_req(vm, 0, 0, 0), how == END_OFF ? FFA_ABORTED : FFA_BUSY);
    EXPECT_FFA_ERROR(ffa_send2(tx, vm, 16), how == END_OFF ? FFA_ABORTED : FFA_BUSY);
    EXPECT_FFA_ERROR(ffa_notification_set(vm, 0, BIT), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_notification_info_get(), FFA_NO_DATA);
    if (how == END_OFF) {
        EXPECT_FFA_ERROR(ffa_run(vm, 0), FFA_DENIED);
        return;
    }
    SERVICE_SELECT(vm, "echo");
    EXPECT_EQ(ffa_direct_req_complete(vm, 4, 0, 0).x[3], 5);
}

struct fate {
    enum mortal what;
    uint64_t returns; /* what the request comes back with before the end */
};

static const struct fate fates[] = {
    {MORTAL_YIELD, FFA_YIELD_32},
    {MORTAL_SPIN, FFA_INTERRUPT_32},
    {MORTAL_IDLE, FFA_RUN_WAIT_FOR_INTERRUPT},
    {MORTAL_ASK, FFA_YIELD_32}, /* LATE is asked, elsewhere: the CPU comes back */
};

#define FATES (sizeof(fates) / sizeof(fates[0]))

/* vm, scheduled, works on a request, in some state, when its second vCPU ends it. */
static void die_serving(uint16_t vm, const struct fate *fate, enum end how)
{
    struct ffa_value value;

    arm(vm, how);
    leave_things(vm);
    irq_log_start(on_timer);
    if (fate->what == MORTAL_SPIN) {
        timer_virtual_set(timer_now() + timer_from_ms(2));
    }
    value = ffa_direct_req(vm, fate->what, LATE, 0);
    irq_window();
    EXPECT_EQ(value.x[0], fate->returns);
    value = ffa_run(vm, 1);
    EXPECT_FALSE(ffa_is_response(&value));
    EXPECT_FFA_ERROR(ffa_run(vm, 0), FFA_ABORTED);
    expect_gone(vm, how);
}

/* LATE has been asked by the one that died: its answer reaches nobody, and it works on. */
static void expect_late_told(void)
{
    struct ffa_value answer;

    EXPECT_EQ(ffa_notification_set(LATE, 0, LATE_BIT).x[0], FFA_SUCCESS_32);
    do {
        answer = ffa_direct_req(LATE, LATE_RESULT, 0, 0);
    } while (ffa_is_error(&answer) && ffa_error_code(&answer) == FFA_BUSY);
    ASSERT_TRUE(ffa_is_response(&answer));
    EXPECT_EQ((int64_t)answer.x[3], FFA_ABORTED);
}

static void die_in_each_state(uint16_t first, uint32_t step, enum end how)
{
    for (uint32_t i = 0; i < FATES; i++) {
        SERVICE_SELECT(LATE, "late");
        die_serving((uint16_t)(first + i * step), &fates[i], how);
        if (fates[i].what == MORTAL_ASK) {
            expect_late_told();
        }
    }
}

TEST(peers, scheduled_resets_while_it_serves)
{
    die_in_each_state(SCHEDULED, 0, END_RESET);
}

TEST(peers, scheduled_goes_off_while_it_serves)
{
    die_in_each_state(MORTAL, 1, END_OFF);
}

/* Nobody waits for it. */
static void die_waiting(uint16_t vm, enum end how)
{
    struct ffa_value value;

    arm(vm, how);
    leave_things(vm);
    value = ffa_run(vm, 1);
    EXPECT_FALSE(ffa_is_response(&value));
    expect_gone(vm, how);
}

TEST(peers, scheduled_resets_while_it_waits)
{
    die_waiting(SCHEDULED, END_RESET);
}

TEST(peers, scheduled_goes_off_while_it_waits)
{
    die_waiting(MORTAL + FATES, END_OFF);
}

/* Between the test and the peer stands another one, that asked: it is the one that is told. */
TEST(peers, sender_is_scheduled)
{
    struct ffa_value value, got = {{0}};

    arm(SCHEDULED, END_RESET);
    SERVICE_SELECT(RELAY, "relay");
    EXPECT_EQ(ffa_notification_bind(SCHEDULED, 0, BEGUN).x[0], FFA_SUCCESS_32);
    irq_log_start(on_timer);
    timer_virtual_set(timer_now() + timer_from_ms(2));
    value = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(TESTER, RELAY), 0, SCHEDULED,
                     MORTAL_SPIN, 0, BEGUN);
    while (ffa_notified_by_vms(&got) != BEGUN) {
        irq_window();
        ASSERT_EQ(value.x[0], FFA_INTERRUPT_32);
        timer_virtual_set(timer_now() + timer_from_ms(2));
        value = ffa_call(FFA_RUN_32, value.x[1]);
        got = ffa_notification_get(0, FFA_NOTIFICATION_GET_VM);
    }
    irq_window();
    value = ffa_run(SCHEDULED, 1);
    EXPECT_FALSE(ffa_is_response(&value));
    do {
        value = ffa_run(RELAY, 0);
    } while (!ffa_is_response(&value) && !ffa_is_error(&value));
    ASSERT_TRUE(ffa_is_response(&value));
    EXPECT_EQ(value.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)value.x[4], FFA_ABORTED);
    expect_gone(SCHEDULED, END_RESET);
    EXPECT_EQ(ffa_notification_unbind(SCHEDULED, BEGUN).x[0], FFA_SUCCESS_32);
}

/* The sender dies and comes back while the other one works: a new request is a new one. */
TEST(peers, sender_is_reset)
{
    SERVICE_SELECT(LATE, "late");
    die_serving(SCHEDULED, &fates[3], END_RESET);
    expect_late_told();
    SERVICE_SELECT(SCHEDULED, "relay");
    SERVICE_SELECT(LATE, "echo");
    EXPECT_EQ(ffa_direct_req_complete(SCHEDULED, LATE, 8, 0).x[3], FFA_MSG_SEND_DIRECT_RESP_64);
}

/* ---- a peer on CPUs of its own ---- */

/* The test's other vCPU asks the one that ends it; that request, too, is answered. */
static struct {
    uint16_t vm;
    volatile uint32_t code;
} killer;

static void kill(uint64_t unused)
{
    struct ffa_value value;

    (void)unused;
    do {
        value = ffa_notification_get(0, FFA_NOTIFICATION_GET_VM);
    } while (ffa_notified_by_vms(&value) != BEGUN);
    do {
        value = ffa_direct_req(killer.vm, 0, 0, 0);
    } while (ffa_is_error(&value) && ffa_error_code(&value) == FFA_BUSY);
    atomic_write(&killer.code, ffa_is_error(&value) ? (uint32_t)ffa_error_code(&value) : 1);
}

static void die_pinned(uint16_t vm, enum mortal what, enum end how)
{
    uint16_t teller = what == MORTAL_ASK ? LATE : vm;
    struct ffa_value value;

    arm(vm, how);
    leave_things(vm);
    killer.vm = vm;
    EXPECT_EQ(ffa_notification_bind(teller, 0, BEGUN).x[0], FFA_SUCCESS_32);
    ASSERT_EQ(vmlib_cpu_start(1, kill, 0), PSCI_OK);
    /* What was left with it has woken it: it is busy for a while. */
    do {
        value = ffa_direct_req(vm, what, LATE, BEGUN);
    } while (ffa_is_error(&value) && ffa_error_code(&value) == FFA_BUSY);
    EXPECT_FFA_ERROR(value, FFA_ABORTED);
    EXPECT_TRUE(smp_wait_off(1));
    EXPECT_EQ((int32_t)killer.code, FFA_ABORTED);
    EXPECT_EQ(ffa_notification_unbind(teller, BEGUN).x[0], FFA_SUCCESS_32);
}

TEST(peers, pinned_resets_while_it_serves)
{
    static const enum mortal what[] = {MORTAL_SPIN, MORTAL_IDLE, MORTAL_YIELD, MORTAL_ASK};

    for (uint32_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
        SERVICE_SELECT(LATE, "late");
        die_pinned(PINNED, what[i], END_RESET);
        if (what[i] == MORTAL_ASK) {
            expect_late_told();
        }
        SERVICE_SELECT(PINNED, "echo");
        EXPECT_EQ(ffa_direct_req_complete(PINNED, 4, 0, 0).x[3], 5);
    }
}

/* Who waited is told when a vCPU is off; the partition is gone when the last one is. */
static void wait_gone(uint16_t vm)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    while (ffa_notification_set(vm, 0, BIT).x[0] == FFA_SUCCESS_32 && timer_now() < end) {
    }
}

TEST(peers, pinned_goes_off_while_it_serves)
{
    die_pinned(MORTAL_PINNED, MORTAL_SPIN, END_OFF);
    wait_gone(MORTAL_PINNED);
    expect_gone(MORTAL_PINNED, END_OFF);
}
