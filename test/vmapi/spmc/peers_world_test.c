/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An SP dies in each state that it can be in while somebody waits for it or has left something with
 * it: nobody hangs, everybody is told, and nothing of it stays. With peers.dts: what one does that
 * stays off, the phoenix does, too, and comes back.
 */
#include "doom.h"
#include "hftest_irq.h"
#include "services/service_ids.h"
#include "work.h"

#define PHOENIX 0x8001
#define PEER    0x8002

/* Contexts of two CPUs. */
#define MP_TOLD      0x8003
#define MP_RUN       0x8004
#define MP_DISPLACED 0x8005
#define MP_ASKING    0x8006
#define MP_SERVING   0x8007

#define SP_PREEMPTED  0x8008
#define SP_ASKED      0x8009
#define SP_ASKS       0x800a
#define SP_HANDLER    0x800b
#define SP_DISPLACING 0x800c
#define SP_LEAVING    0x800d
#define SP_ARMED      0x800e

#define PARTITIONS 14

#define BIT  UINT64_C(1)
#define SELF UINT64_C(2) /* from the SP to id 0 */

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static uint64_t partitions(void)
{
    return ffa_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 1).x[2];
}

SET_UP(peers_world)
{
    gic_init_dist();
    gic_init_cpu();
    gic_enable(GIC_PTIMER);
    (void)ffa_call(FFA_NOTIFICATION_BITMAP_CREATE_32, NORMAL_WORLD, 2);
    (void)ffa_rxtx_map(tx, rx, 1);
}

TEAR_DOWN(peers_world)
{
    timer_physical_stop();
    gic_disable(GIC_PTIMER);
    (void)ffa_call(FFA_RXTX_UNMAP_32);
}

static void begin(uint16_t sp)
{
    SERVICE_SELECT(sp, "doomed");
    EXPECT_EQ(ffa_direct_req(sp, DOOM_NOTHING, 0, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
}

/* The service answers with 0; a partition that has just started has none. */
static bool is_alive(uint16_t sp)
{
    struct ffa_value answer = ffa_direct_req(sp, DOOM_NOTHING, 0, 0);

    EXPECT_TRUE(ffa_is_response(&answer) || ffa_is_error(&answer));
    return ffa_is_response(&answer) && answer.x[3] == 0;
}

static void go_on(uint16_t sp)
{
    EXPECT_EQ(ffa_notification_set(sp, 0, DOOM_GO).x[0], FFA_SUCCESS_32);
}

static void expect_aborted(struct ffa_value value, uint16_t sp)
{
    EXPECT_FFA_ERROR(value, FFA_ABORTED);
    EXPECT_EQ((uint16_t)(value.x[1] >> 16), sp);
}

static void expect_peer_works(void)
{
    SERVICE_SELECT(PEER, "worker");
    /* Its timer: later than whatever the dead one had armed. */
    EXPECT_EQ(work(PEER, WORK_TIMER, 5000, UINT64_MAX).x[4], BH_INTID_TIMER);
    EXPECT_EQ(work(PEER, WORK_SPIN, 10, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
}

/* Nothing of it is left, and its peers go on. */
static void expect_gone(uint16_t sp)
{
    EXPECT_FFA_ERROR(ffa_send2(tx, sp, 16), sp == PHOENIX ? FFA_BUSY : FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_notification_set(sp, 0, DOOM_GO), FFA_DENIED);
    EXPECT_EQ(partitions(), PARTITIONS);
    expect_peer_works();
}

static void expect_off(uint16_t sp)
{
    struct ffa_value value = ffa_run(sp, 0);

    EXPECT_FFA_ERROR(value, ffa_error_code(&value) == FFA_DENIED ? FFA_DENIED : FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_direct_req(sp, 0, 0, 0), FFA_ABORTED);
    expect_gone(sp);
}

/* It starts when it is given the CPU, as new: at once, if it had it because of its interrupt. */
static void expect_back(void)
{
    expect_gone(PHOENIX);
    EXPECT_EQ(ffa_run(PHOENIX, 0).x[0], FFA_MSG_WAIT_32);
    SERVICE_SELECT(PHOENIX, "agent");
    EXPECT_EQ(ffa_direct_req(PHOENIX, AGENT_MAP, 1, 0).x[3], FFA_OK);
    EXPECT_EQ(ffa_direct_req(PHOENIX, AGENT_GET, 0, 0).x[4], 0);
    SERVICE_SELECT(PHOENIX, "worker");
    EXPECT_EQ(work(PHOENIX, WORK_TIMER, 1000, UINT64_MAX).x[4], BH_INTID_TIMER);
}

/* has_cpu: it is started again before the normal world goes on. */
static void both(void (*die)(uint16_t sp), uint16_t sp, bool has_cpu)
{
    begin(sp);
    die(sp);
    expect_off(sp);
    begin(PHOENIX);
    die(PHOENIX);
    if (!has_cpu) {
        EXPECT_FFA_ERROR(ffa_direct_req(PHOENIX, 0, 0, 0), FFA_BUSY);
    }
    expect_back();
}

/* ---- it runs, or is about to ---- */

static void die_preempted(uint16_t sp)
{
    struct ffa_value result;

    world_timer(2000);
    result = ffa_direct_req(sp, DOOM_SPIN, 0, 0);
    timer_physical_stop();
    ASSERT_EQ(result.x[0], FFA_INTERRUPT_32);
    go_on(sp);
    expect_aborted(ffa_run(sp, 0), sp);
}

TEST(peers_world, preempted)
{
    both(die_preempted, SP_PREEMPTED, false);
}

/* The PEER, which the normal world has asked, is the one that is told. */
static void die_asked(uint16_t sp)
{
    struct ffa_value result;

    SERVICE_SELECT(PEER, "relay");
    world_timer(2000);
    result = ffa_direct_req(PEER, sp, DOOM_SPIN, 0);
    timer_physical_stop();
    ASSERT_EQ(result.x[0], FFA_INTERRUPT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(PEER, 0));
    go_on(sp);
    result = ffa_run(PEER, 0);
    ASSERT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)result.x[4], FFA_ABORTED);
}

TEST(peers_world, asked_by_another)
{
    both(die_asked, SP_ASKED, false);
}

/* It dies instead of running on whom it has asked: that one goes on, and its answer reaches nobody.
 */
static void die_asking(uint16_t sp)
{
    struct ffa_value result;

    begin(PEER);
    world_timer(2000);
    result = ffa_direct_req(sp, DOOM_ASK, PEER, DOOM_LATE);
    while (result.x[0] == FFA_INTERRUPT_32) {
        timer_physical_stop();
        EXPECT_EQ(result.x[1], ffa_target_make(sp, 0));
        if (is_alive(PEER)) {
            world_timer(2000); /* too early: it has not been asked yet */
        }
        result = ffa_run(sp, 0);
    }
    timer_physical_stop();
    expect_aborted(result, sp);
    EXPECT_FFA_ERROR(ffa_direct_req(PEER, DOOM_NOTHING, 0, 0), FFA_BUSY);
    go_on(PEER);
    EXPECT_EQ(ffa_run(PEER, 0).x[0], FFA_MSG_WAIT_32);
}

TEST(peers_world, asking_another)
{
    both(die_asking, SP_ASKS, false);
}

/* ---- it handles its interrupt ---- */

static uint64_t end_of_wait(void)
{
    return timer_now() + timer_from_ms(EVENT_WAIT_MS);
}

/* In front of the normal world, whose registers are its own afterwards. */
static void die_handling(uint16_t sp)
{
    uint64_t end = end_of_wait();

    EXPECT_EQ(ffa_direct_req(sp, DOOM_WAKE, 2000, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    do {
        EXPECT_EQ(ffa_call(FFA_ID_GET_32).x[2], 0);
    } while (is_alive(sp) && timer_now() < end);
    EXPECT_FALSE(is_alive(sp));
}

TEST(peers_world, handling_an_interrupt)
{
    both(die_handling, SP_HANDLER, true);
}

/* In front of another SP, which goes on. */
static void die_displacing(uint16_t sp)
{
    uint64_t end = end_of_wait();

    SERVICE_SELECT(PEER, "worker");
    EXPECT_EQ(ffa_direct_req(sp, DOOM_WAKE, 10000, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    do {
        EXPECT_EQ(work(PEER, WORK_SPIN, 20000, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    } while (is_alive(sp) && timer_now() < end);
    EXPECT_FALSE(is_alive(sp));
}

TEST(peers_world, handling_an_interrupt_while_another_runs)
{
    both(die_displacing, SP_DISPLACING, true);
}

/* ---- what it leaves ---- */

static void die_armed(uint16_t sp)
{
    expect_aborted(ffa_direct_req(sp, DOOM_DIE, 2000, 0), sp);
}

TEST(peers_world, timer_armed)
{
    both(die_armed, SP_ARMED, false);
}

/* The line stays high; the phoenix quiets its device when it is back, and is interrupted anew. */
TEST(peers_world, device_holds_its_level)
{
    for (uint64_t taken = 0; taken < 2; taken++) {
        begin(PHOENIX);
        expect_aborted(ffa_direct_req(PHOENIX, DOOM_DEVICE, taken, 0), PHOENIX);
        expect_back();
        EXPECT_EQ(work_result(work(PHOENIX, WORK_ENABLE, UART_SPI, 1)), 0);
        (void)work_diary(PHOENIX);
        EXPECT_EQ(work(PHOENIX, WORK_DEVICE, 0, 1000).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(work_diary(PHOENIX).last, UART_SPI);
    }
}

static void agent_does(uint16_t sp, enum agent what, uint64_t x4, uint64_t x5, uint64_t x6)
{
    struct ffa_value answer = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64,
                                       ffa_endpoints_make(NORMAL_WORLD, sp), 0, what, x4, x5, x6);

    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], FFA_OK);
}

/* Bindings and notifications in both directions, a message that it has not read, and messages of it
 * that nobody has read yet. */
static void leave_things(uint16_t sp)
{
    SERVICE_SELECT(PEER, "agent");
    SERVICE_SELECT(sp, "agent");
    (void)ffa_direct_req(sp, AGENT_UNMAP, 0, 0);
    (void)ffa_direct_req(PEER, AGENT_UNMAP, 0, 0);
    agent_does(PEER, AGENT_MAP, 1, 0, 0);
    agent_does(sp, AGENT_MAP, 1, 0, 0);
    agent_does(sp, AGENT_BIND, NORMAL_WORLD, 0, BIT);
    agent_does(sp, AGENT_BIND, PEER, FFA_NOTIFICATION_PER_VCPU, BIT << 1);
    agent_does(PEER, AGENT_BIND, sp, 0, BIT);
    EXPECT_EQ(ffa_notification_bind(sp, 0, SELF).x[0], FFA_SUCCESS_32);
    agent_does(sp, AGENT_SET, NORMAL_WORLD, 0, SELF);
    agent_does(sp, AGENT_SET, PEER, 0, BIT);
    agent_does(PEER, AGENT_SET, sp, FFA_NOTIFICATION_PER_VCPU, BIT << 1);
    agent_does(sp, AGENT_SEND, NORMAL_WORLD, 32, 7);
    agent_does(sp, AGENT_SEND, PEER, 32, 7);
    EXPECT_EQ(ffa_notification_set(sp, 0, BIT).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_send2(tx, sp, 16).x[0], FFA_SUCCESS_32);
}

static void info_forget(void)
{
    struct ffa_value info;

    do {
        info = ffa_notification_info_get();
    } while (!ffa_is_error(&info));
}

/* What has reached others is theirs; what it has bound is not any more. */
static void expect_left(uint16_t sp)
{
    const struct ffa_message_header_v1_1 *header = (const void *)rx;
    struct ffa_value got;

    EXPECT_FFA_ERROR(ffa_notification_info_get(), FFA_NO_DATA);
    got = ffa_notification_get(0, FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_SPM);
    EXPECT_EQ(ffa_notified_by_sps(&got), SELF);
    EXPECT_EQ(got.x[6], FFA_NOTIFICATION_RX_FULL);
    EXPECT_EQ(header->sender, sp);
    EXPECT_EQ(ffa_call(FFA_RX_RELEASE_32).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_notification_unbind(sp, SELF).x[0], FFA_SUCCESS_32);
    got = ffa_direct_req(PEER, AGENT_GET, 0, 0);
    EXPECT_EQ(got.x[4], BIT);
    EXPECT_EQ(got.x[5], FFA_NOTIFICATION_RX_FULL);
    agent_does(PEER, AGENT_UNBIND, sp, BIT, 0);
    got = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(NORMAL_WORLD, PEER), 0, AGENT_SET,
                   sp, FFA_NOTIFICATION_PER_VCPU, BIT << 1);
    EXPECT_EQ((int32_t)got.x[3], FFA_DENIED);
    agent_does(PEER, AGENT_UNMAP, 0, 0, 0);
}

static void die_leaving(uint16_t sp)
{
    leave_things(sp);
    info_forget();
    SERVICE_SELECT(sp, "end");
    expect_aborted(ffa_direct_req(sp, END_ABORT_LOOP, 0, 0), sp);
    expect_left(sp);
}

TEST(peers_world, messages_and_notifications)
{
    both(die_leaving, SP_LEAVING, false);
}

/* ---- on one CPU, while its context of the other one does something ---- */

static struct {
    uint16_t sp, warden;
    volatile int32_t code;
} killer;

/* CPU 1: as soon as CPU 0's context has begun, that of this CPU dies. */
static void kill(uint64_t unused)
{
    uint64_t end = end_of_wait();
    struct ffa_value value;

    (void)unused;
    do {
        value = ffa_notification_get(1, FFA_NOTIFICATION_GET_SP);
        EXPECT_EQ(value.x[0], FFA_SUCCESS_32);
    } while ((ffa_notified_by_sps(&value) & DOOM_BEGUN) == 0 && timer_now() < end);
    value = work(killer.sp, WORK_DIE, 0, 0);
    killer.code = ffa_error_code(&value);
    if (killer.warden != 0) {
        go_on(killer.warden);
    }
}

static void kill_begin(uint16_t sp, uint16_t teller, uint16_t warden)
{
    begin(sp);
    killer.sp = sp;
    killer.warden = warden;
    killer.code = 0;
    EXPECT_EQ(ffa_notification_bind(teller, 0, DOOM_BEGUN).x[0], FFA_SUCCESS_32);
    ASSERT_EQ(vmlib_cpu_start(1, kill, 0), 0);
}

static void kill_end(uint16_t sp, uint16_t teller)
{
    ASSERT_TRUE(smp_wait_off(1));
    EXPECT_EQ(killer.code, FFA_ABORTED);
    EXPECT_EQ(ffa_notification_unbind(teller, DOOM_BEGUN).x[0], FFA_SUCCESS_32);
    expect_off(sp);
}

/* The normal world has given it time. */
TEST(peers_world, other_cpu_while_it_is_run)
{
    kill_begin(MP_RUN, MP_RUN, 0);
    expect_aborted(ffa_run(MP_RUN, 0), MP_RUN);
    kill_end(MP_RUN, MP_RUN);
}

/* Its handler has displaced it: the normal world waits for the answer of the one that is gone. */
TEST(peers_world, other_cpu_while_it_is_displaced)
{
    kill_begin(MP_DISPLACED, PEER, PEER);
    SERVICE_SELECT(PEER, "warden");
    expect_aborted(ffa_direct_req(MP_DISPLACED, DOOM_ARM, PEER, 1000), MP_DISPLACED);
    kill_end(MP_DISPLACED, PEER);
}

/* It waits for another one, which goes on, and whose answer reaches nobody. */
TEST(peers_world, other_cpu_while_it_asks_another)
{
    begin(PEER);
    kill_begin(MP_ASKING, PEER, PEER);
    expect_aborted(ffa_direct_req(MP_ASKING, DOOM_ASK, PEER, DOOM_LATE), MP_ASKING);
    EXPECT_TRUE(smp_wait_off(1));
    EXPECT_EQ(ffa_run(PEER, 0).x[0], FFA_MSG_WAIT_32);
    kill_end(MP_ASKING, PEER);
}

TEST(peers_world, other_cpu_while_it_serves)
{
    kill_begin(MP_SERVING, MP_SERVING, 0);
    expect_aborted(ffa_direct_req(MP_SERVING, DOOM_SPIN, 0, 0), MP_SERVING);
    kill_end(MP_SERVING, MP_SERVING);
}

static void go_off(uint64_t dies)
{
    struct ffa_value value = work(MP_TOLD, WORK_DIE, dies, 0);

    killer.code = ffa_error_code(&value);
}

/* It has been told that the CPU goes off: it goes, and comes back. */
TEST(peers_world, told_of_a_cpu)
{
    begin(MP_TOLD);
    ASSERT_EQ(vmlib_cpu_start(1, go_off, 1), 0);
    ASSERT_TRUE(smp_wait_off(1));
    EXPECT_EQ(killer.code, FFA_OK);
    expect_off(MP_TOLD);
    ASSERT_EQ(vmlib_cpu_start(1, go_off, 1), 0);
    ASSERT_TRUE(smp_wait_off(1));
    EXPECT_EQ(killer.code, FFA_ABORTED);
}
