/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A VM of the hypervisor talks to secure partitions: both roles of the core in one boot.
 */
#include "hftest.h"
#include "hftest_irq.h"
#include "services/service_ids.h"

#define SELF     1
#define PEER     2 /* a VM that sends and receives */
#define LISTENER 3 /* a VM that only receives */
#define SPMC     0x8000
#define UP       0x8001 /* REQ and REQ2, two UUIDs */
#define MP       0x8002 /* a context per CPU; adds two numbers */
#define MUTE     0x8003 /* receives no direct messages */
#define NOBODY   0x8004

#define SPIN_US 20000

HFTEST_SERVICES(PEER, LISTENER);

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static const struct ffa_uuid uuid_up = {{0x20000001, 0x20000002, 0x20000003, 0x20000004}};
static const struct ffa_uuid uuid_mp = {{0x30000001, 0x30000002, 0x30000003, 0x30000004}};

static struct ffa_value request(uint16_t from, uint16_t to, uint64_t x2)
{
    return ffa_call(FFA_MSG_SEND_DIRECT_REQ_32, ffa_endpoints_make(from, to), x2, 1, 2, 3);
}

TEST(two_worlds, discovery)
{
    EXPECT_EQ(ffa_id_get(), SELF);
    EXPECT_EQ(ffa_features(FFA_SPM_ID_GET_32).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_call(FFA_SPM_ID_GET_32).x[2], SPMC);
}

TEST(two_worlds, partition_info)
{
    const struct ffa_partition_info *info = (const void *)rx;
    struct ffa_value result;

    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    result = ffa_call(FFA_PARTITION_INFO_GET_32);
    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    /* Three VMs, three partitions, of which one has two UUIDs. */
    ASSERT_EQ(result.x[2], 7);
    EXPECT_EQ(info[2].id, LISTENER);
    EXPECT_EQ(info[3].id, UP);
    EXPECT_EQ(info[4].id, UP);
    EXPECT_EQ(memcmp(&info[4].uuid, &uuid_up, sizeof(uuid_up)), 0);
    EXPECT_EQ(info[5].id, MP);
    EXPECT_EQ(info[5].contexts, smp_count());
    EXPECT_EQ(info[5].properties, FFA_PROPERTY_RECEIVES_DIRECT | FFA_PROPERTY_AARCH64);
    EXPECT_EQ(info[6].id, MUTE);
    EXPECT_EQ(ffa_call(FFA_RX_RELEASE_32).x[0], FFA_SUCCESS_32);
    result = ffa_call(FFA_PARTITION_INFO_GET_32, uuid_mp.word[0], uuid_mp.word[1], uuid_mp.word[2],
                      uuid_mp.word[3]);
    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(result.x[2], 1);
    EXPECT_EQ(info[0].id, MP);
    EXPECT_EQ(info[0].uuid.word[0], 0);
    EXPECT_EQ(ffa_call(FFA_RX_RELEASE_32).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_32, 1, 2, 3, 4), FFA_INVALID_PARAMETERS);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
}

TEST(two_worlds, partition_info_in_registers)
{
    struct ffa_value result = ffa_call(FFA_PARTITION_INFO_GET_REGS_64);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_64);
    EXPECT_EQ(result.x[2], UINT64_C(24) << 48 | 4 << 16 | 6);
    EXPECT_EQ((uint16_t)result.x[3], SELF);
    EXPECT_EQ((uint16_t)result.x[12], UP);
    result = ffa_call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 5);
    EXPECT_EQ(result.x[2], UINT64_C(24) << 48 | 6 << 16 | 6);
    EXPECT_EQ((uint16_t)result.x[3], MP);
    EXPECT_EQ((uint16_t)result.x[6], MUTE);
}

static void check_echo(uint16_t sp)
{
    SERVICE_SELECT(sp, "echo");
    for (uint64_t i = 0; i < 20; i++) {
        struct ffa_value answer =
            ffa_direct_req_complete(sp, i, 0x123456789abcdef0, UINT64_MAX - i);

        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[1], ffa_endpoints_make(sp, SELF));
        EXPECT_EQ(answer.x[2], 0);
        EXPECT_EQ(answer.x[3], i + 1);
        EXPECT_EQ(answer.x[4], 0x123456789abcdef0);
        EXPECT_EQ(answer.x[5], UINT64_MAX - i);
    }
}

TEST(two_worlds, echo)
{
    check_echo(UP);
    check_echo(PEER);
}

TEST(two_worlds, echo_32)
{
    struct ffa_value message = {{FFA_MSG_SEND_DIRECT_REQ_32, ffa_endpoints_make(SELF, UP), 0,
                                 UINT64_C(0xaaaaaaaa00000007), 9, 0, 0, 0, 88, 99}};

    SERVICE_SELECT(UP, "echo");
    call_hvc(&message);
    ASSERT_EQ(message.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ(message.x[3], 8);
    EXPECT_EQ(message.x[4], 9);
    /* No registers of this call. */
    EXPECT_EQ(message.x[8], 88);
    EXPECT_EQ(message.x[9], 99);
}

TEST(two_worlds, echo2)
{
    struct ffa_value payload = {{0}}, answer;

    SERVICE_SELECT(UP, "echo2");
    for (uint32_t i = 4; i < FFA_REGS; i++) {
        payload.x[i] = UINT64_C(0x1111111111111111) * i;
    }
    answer = ffa_direct_req2(UP, &uuid_up, &payload);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP2_64);
    EXPECT_EQ(answer.x[1], ffa_endpoints_make(UP, SELF));
    EXPECT_EQ(answer.x[2] | answer.x[3], 0);
    EXPECT_NE(answer.x[17], 0);
    EXPECT_FFA_ERROR(ffa_direct_req2(UP, &uuid_mp, &payload), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_direct_req2(MP, &uuid_mp, &payload), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_direct_req2(NOBODY, &uuid_mp, &payload), FFA_INVALID_PARAMETERS);
}

/* A VM is itself, and asks who exists and listens. */
TEST(two_worlds, requests_refused)
{
    static const uint16_t strangers[] = {0, PEER, 7, UP, SPMC, 0xffff};
    static const uint16_t nowhere[] = {SPMC, NOBODY, 0xffc0, 0xffff, 7};

    SERVICE_SELECT(UP, "echo");
    for (uint32_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++) {
        EXPECT_FFA_ERROR(request(strangers[i], MP, 0), FFA_INVALID_PARAMETERS);
    }
    for (uint32_t i = 0; i < sizeof(nowhere) / sizeof(*nowhere); i++) {
        EXPECT_FFA_ERROR(request(SELF, nowhere[i], 0), FFA_INVALID_PARAMETERS);
    }
    EXPECT_FFA_ERROR(request(SELF, UP, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(SELF, UP, FFA_FRAMEWORK_MESSAGE), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(SELF, MUTE, 0), FFA_DENIED);
    EXPECT_EQ(request(SELF, UP, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_32);
}

/* The secure partition sees which VM it is. */
TEST(two_worlds, from_another_vm)
{
    struct ffa_value answer;

    SERVICE_SELECT(UP, "echo");
    SERVICE_SELECT(PEER, "relay");
    answer = ffa_direct_req_complete(PEER, UP, 41, 5);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], FFA_MSG_SEND_DIRECT_RESP_64);
    SERVICE_SELECT(LISTENER, "call");
    answer = ffa_direct_req_complete(LISTENER, FFA_MSG_SEND_DIRECT_REQ_32,
                                     ffa_endpoints_make(LISTENER, UP), 0);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[5], FFA_DENIED);
}

TEST(two_worlds, run_refused)
{
    EXPECT_FFA_ERROR(ffa_run(NOBODY, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(SPMC, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(UP, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(MP, (uint16_t)smp_count()), FFA_INVALID_PARAMETERS);
}

TEST(two_worlds, run)
{
    struct ffa_value result;

    SERVICE_SELECT(UP, "echo");
    result = ffa_run(UP, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_WAIT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(UP, 0));
}

/* This VM schedules: the SPMC's interrupt becomes its own, and the list has the partition. */
static void expect_listed(uint16_t id)
{
    struct ffa_value list;

    irq_window();
    EXPECT_TRUE(irq_log_wait(1));
    list = ffa_call(FFA_NOTIFICATION_INFO_GET_64);
    EXPECT_EQ(list.x[0], FFA_SUCCESS_64);
    EXPECT_EQ(list.x[2], 1 << 7);
    EXPECT_EQ(list.x[3], id);
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_INFO_GET_64), FFA_NO_DATA);
    gic_disable((uint32_t)ffa_features(FFA_FEATURE_ID_SRI).x[2]);
}

/* A VM notifies a secure partition, which has bound it. */
TEST(two_worlds, notify_secure_partition)
{
    struct ffa_value answer;

    SERVICE_SELECT(UP, "agent");
    /* Of other tests: the next interrupt comes when the list is empty. */
    (void)ffa_call(FFA_NOTIFICATION_INFO_GET_64);
    irq_log_start(NULL);
    gic_clear_pending((uint32_t)ffa_features(FFA_FEATURE_ID_SRI).x[2]);
    gic_enable((uint32_t)ffa_features(FFA_FEATURE_ID_SRI).x[2]);
    /* It takes the interrupt that tells it. */
    EXPECT_EQ(ffa_direct_req_complete(UP, AGENT_LISTEN, 1, 0).x[3], 5);
    EXPECT_FFA_ERROR(ffa_notification_set(UP, 0, 4), FFA_DENIED);
    answer = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(SELF, UP), 0, AGENT_BIND, SELF,
                      0, 4);
    EXPECT_EQ(answer.x[3], 0);
    EXPECT_EQ(ffa_notification_set(UP, 0, 4).x[0], FFA_SUCCESS_32);
    expect_listed(UP);
    answer = ffa_direct_req_complete(UP, AGENT_GET, 0, 0);
    EXPECT_EQ(answer.x[4], 4);
    EXPECT_FFA_ERROR(ffa_notification_set(UP, 0, 8), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_notification_set(UP, 0, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_notification_set(NOBODY, 0, 4), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_SET_32, ffa_endpoints_make(PEER, UP), 0, 4),
                     FFA_INVALID_PARAMETERS);
    answer = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(SELF, UP), 0, AGENT_UNBIND,
                      SELF, 4);
    EXPECT_EQ(answer.x[3], 0);
}

static struct ffa_value agent_complete(uint64_t what, uint64_t x4, uint64_t x5, uint64_t x6)
{
    struct ffa_value result =
        ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(SELF, UP), 0, what, x4, x5, x6);

    while (result.x[0] == FFA_INTERRUPT_32) {
        result = ffa_run(UP, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return result;
}

/* And the other way: it is there when the VM looks. */
TEST(two_worlds, notified_by_secure_partition)
{
    struct ffa_value answer;

    SERVICE_SELECT(UP, "agent");
    EXPECT_EQ(ffa_notification_bind(UP, 0, 2).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_notification_bind(NOBODY, 0, 2), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_notification_bind(UP, 0, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_NOTIFICATION_BIND_32, ffa_endpoints_make(UP, PEER), 0, 2),
                     FFA_INVALID_PARAMETERS);
    answer = agent_complete(AGENT_SET, SELF, 0, 2);
    EXPECT_EQ(answer.x[3], 0);
    answer = ffa_notification_get(0, FFA_NOTIFICATION_GET_SP | FFA_NOTIFICATION_GET_VM);
    EXPECT_EQ(answer.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(answer.x[2], 2);
    EXPECT_EQ(answer.x[4], 0);
    EXPECT_EQ(ffa_notification_get(0, FFA_NOTIFICATION_GET_SP).x[2], 0);
    EXPECT_EQ(ffa_notification_unbind(UP, 2).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_notification_unbind(NOBODY, 2), FFA_INVALID_PARAMETERS);
}

/* The SPMC's interrupt becomes the VM's. */
TEST(two_worlds, told_of_notifications)
{
    uint32_t npi = (uint32_t)ffa_features(FFA_FEATURE_ID_NPI).x[2];

    SERVICE_SELECT(UP, "agent");
    irq_log_start(NULL);
    gic_enable(npi);
    EXPECT_EQ(ffa_notification_bind(UP, 0, 2).x[0], FFA_SUCCESS_32);
    for (uint32_t i = 1; i <= 3; i++) {
        /* At once, and put off until the secure partition is left. */
        EXPECT_EQ(agent_complete(AGENT_SET, SELF, i == 2 ? FFA_NOTIFICATION_DELAY_SRI : 0, 2).x[3],
                  0);
        irq_window();
        EXPECT_TRUE(irq_log_wait(i));
        EXPECT_EQ(ffa_notification_get(0, FFA_NOTIFICATION_GET_SP).x[2], 2);
    }
    EXPECT_EQ(irq_log.count, 3);
    EXPECT_EQ(ffa_notification_unbind(UP, 2).x[0], FFA_SUCCESS_32);
    gic_disable(npi);
}

/* Who has not asked may neither run a context on, and so get the answer, nor ask it. */
TEST(two_worlds, yield)
{
    struct ffa_value result, other;

    SERVICE_SELECT(UP, "yield");
    SERVICE_SELECT(PEER, "call");
    result = ffa_direct_req(UP, 3, 0, 0);
    ASSERT_EQ(result.x[0], FFA_YIELD_32);
    EXPECT_EQ(result.x[1], ffa_target_make(UP, 0));
    EXPECT_FFA_ERROR(request(SELF, UP, 0), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_run(MP, 0), FFA_DENIED);
    other = ffa_direct_req_complete(PEER, FFA_RUN_32, ffa_target_make(UP, 0), 0);
    EXPECT_EQ(other.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)other.x[5], FFA_DENIED);
    other =
        ffa_direct_req_complete(PEER, FFA_MSG_SEND_DIRECT_REQ_32, ffa_endpoints_make(PEER, UP), 0);
    EXPECT_EQ(other.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)other.x[5], FFA_BUSY);
    for (uint32_t i = 0; result.x[0] == FFA_YIELD_32 && i < 10; i++) {
        result = ffa_run(UP, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[1], ffa_endpoints_make(UP, SELF));
}

static void stop_timer(uint32_t intid)
{
    (void)intid;
    timer_virtual_stop();
}

/* Asks for a spin that the timer ends early; how often the answer was FFA_INTERRUPT. */
static uint32_t spin_interrupted(uint64_t fires_after_us)
{
    struct ffa_value result;
    uint32_t interrupts = 0;

    timer_virtual_set(timer_now() + timer_from_us(fires_after_us));
    result = ffa_direct_req(UP, TROUBLE_SPIN, SPIN_US, 1);
    while (result.x[0] == FFA_INTERRUPT_32) {
        EXPECT_EQ(result.x[1], ffa_target_make(UP, 0));
        interrupts++;
        irq_window();
        result = ffa_run(UP, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return interrupts;
}

/* An interrupt of this VM takes the CPU from the secure partition, which goes on after. On a busy
 * host the timer may fire before the partition runs: then it is only late, and not what is tested.
 */
TEST(two_worlds, interrupted)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);
    uint32_t interrupts;

    SERVICE_SELECT(UP, "trouble");
    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    do {
        irq_log.count = 0;
        interrupts = spin_interrupted(SPIN_US / 4);
        irq_window();
        EXPECT_TRUE(irq_log_wait(1));
    } while (interrupts == 0 && timer_now() < end);
    EXPECT_NE(interrupts, 0);
}

/* A timer that has fired and that nobody listens to keeps no secure partition off the CPU. */
TEST(two_worlds, timer_of_no_interest)
{
    struct ffa_value result;
    uint32_t interrupts = 0;

    SERVICE_SELECT(UP, "trouble");
    gic_disable(GIC_VTIMER);
    timer_virtual_set(timer_now());
    result = ffa_direct_req(UP, TROUBLE_SPIN, SPIN_US, 1);
    for (; result.x[0] == FFA_INTERRUPT_32 && interrupts < 1000; interrupts++) {
        result = ffa_run(UP, 0);
    }
    timer_virtual_stop();
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_LT(interrupts, 1000);
}

/* The adder of vmlib/examples/secure, which says which of its contexts has answered. */
static void ask_on_this_cpu(uint64_t index)
{
    for (uint64_t i = 0; i < 50; i++) {
        struct ffa_value answer = ffa_direct_req_complete(MP, 1 /* add */, i, index);

        EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[4], i + index);
        EXPECT_EQ(answer.x[5], index);
    }
}

/* At the same time on all CPUs. */
TEST(two_worlds, all_cpus)
{
    uint32_t count = smp_count();

    if (count == 1) {
        SKIP("one CPU");
    }
    for (uint32_t i = 1; i < count; i++) {
        ASSERT_EQ(vmlib_cpu_start(i, ask_on_this_cpu, i), 0);
    }
    ask_on_this_cpu(0);
    for (uint32_t i = 1; i < count; i++) {
        EXPECT_TRUE(smp_wait_off(i));
    }
}

static uint32_t runner_stops, runner_wrong;

static void run_what_waits(uint64_t index)
{
    (void)index;
    while (__atomic_load_n(&runner_stops, __ATOMIC_ACQUIRE) == 0) {
        struct ffa_value result = ffa_run(UP, 0);
        int32_t code = ffa_error_code(&result);

        runner_wrong += result.x[0] != FFA_MSG_WAIT_32 && code != FFA_DENIED && code != FFA_BUSY;
    }
}

static bool ask_one_that_yields(void)
{
    struct ffa_value result;

    do {
        result = ffa_direct_req(UP, 3, 0, 0);
    } while (ffa_error_code(&result) == FFA_BUSY);
    for (uint32_t i = 0; result.x[0] == FFA_YIELD_32 && i < 10; i++) {
        result = ffa_run(UP, 0);
    }
    return result.x[0] == FFA_MSG_SEND_DIRECT_RESP_64;
}

/* Another CPU gives time to the partition whenever it may: every request is answered, to who asked.
 */
TEST(two_worlds, asked_while_run_by_another_cpu)
{
    uint32_t answered = 0;

    if (smp_count() == 1) {
        SKIP("one CPU");
    }
    SERVICE_SELECT(UP, "yield");
    runner_stops = runner_wrong = 0;
    ASSERT_EQ(vmlib_cpu_start(1, run_what_waits, 1), 0);
    for (uint32_t i = 0; i < 300; i++) {
        answered += ask_one_that_yields();
    }
    __atomic_store_n(&runner_stops, 1, __ATOMIC_RELEASE);
    EXPECT_TRUE(smp_wait_off(1));
    EXPECT_EQ(answered, 300);
    EXPECT_EQ(runner_wrong, 0);
}
