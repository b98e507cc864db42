/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OP-TEE, unmodified, as a secure partition: what the driver of a normal world asks before it
 * shares memory. Numbers: optee_ffa.h of OP-TEE.
 */
#include "hftest_irq.h"
#include "vmlib_smp.h"

#define NORMAL_WORLD 0
#define OPTEE        0x8001
#define SRI          8

#define GET_API_VERSION  0
#define GET_OS_VERSION   1
#define EXCHANGE_CAPS    2
#define ENABLE_NOTIF     5
#define NO_SERVICE       0x77
#define CAP_ARG_OFFSET   1
#define CAP_ASYNC_NOTIF  2
#define BAD_PARAMETERS   0xffff0006u
#define BOTTOM_HALF      3 /* the notification that this normal world chooses */
#define OPTEE_MAJOR      4
#define REQUESTS_PER_CPU 50

HFTEST_SERVICES(0);

static const struct ffa_uuid uuid = {{0xe0786148, 0xe311f8e7, 0x02005ebc, 0x1bc5d5a5}};
static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint32_t answered;

/* Interrupts of the normal world may come while OP-TEE runs; the OS then lets it run on. */
static struct ffa_value ask(uint64_t service, uint64_t w4)
{
    struct ffa_value result = ffa_call(FFA_MSG_SEND_DIRECT_REQ_32,
                                       ffa_endpoints_make(NORMAL_WORLD, OPTEE), 0, service, w4);

    while (result.x[0] == FFA_INTERRUPT_32) {
        result = ffa_call(FFA_RUN_32, result.x[1]);
    }
    return result;
}

static void check_api_version(void)
{
    struct ffa_value result = ask(GET_API_VERSION, 0);

    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ(result.x[1], ffa_endpoints_make(OPTEE, NORMAL_WORLD));
    EXPECT_EQ(result.x[3], 1);
    EXPECT_EQ(result.x[4], 0);
}

SET_UP(optee)
{
    gic_init_dist();
    gic_init_cpu();
    gic_enable(SRI);
    gic_clear_pending(SRI);
    ffa_version(FFA_VERSION_1_2);
}

/* As newer kernels find it: all partitions, in registers. */
TEST(optee, listed_in_registers)
{
    struct ffa_value result = ffa_call(FFA_PARTITION_INFO_GET_REGS_64);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_64);
    EXPECT_EQ(result.x[2] & 0xffff, 0);
    EXPECT_EQ(result.x[3] & 0xffff, OPTEE);
    EXPECT_TRUE((result.x[3] >> 32 & FFA_PROPERTY_RECEIVES_DIRECT) != 0);
    EXPECT_TRUE((result.x[3] >> 32 & FFA_PROPERTY_NOTIFICATIONS) != 0);
    EXPECT_EQ(result.x[4], (uint64_t)uuid.word[1] << 32 | uuid.word[0]);
    EXPECT_EQ(result.x[5], (uint64_t)uuid.word[3] << 32 | uuid.word[2]);
}

/* As Linux 6.1 does: those of a UUID, in the buffer. */
TEST(optee, listed_in_the_buffer)
{
    struct ffa_value result;

    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    result =
        ffa_call(FFA_PARTITION_INFO_GET_32, uuid.word[0], uuid.word[1], uuid.word[2], uuid.word[3]);
    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(result.x[2], 1);
    EXPECT_EQ(((const struct ffa_partition_info *)(const void *)rx)->id, OPTEE);
    EXPECT_EQ(ffa_call(FFA_RX_RELEASE_32).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
}

TEST(optee, versions)
{
    struct ffa_value result = ask(GET_OS_VERSION, 0);

    check_api_version();
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ(result.x[3], OPTEE_MAJOR);
    result = ask(NO_SERVICE, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ((uint32_t)result.x[3], BAD_PARAMETERS);
}

TEST(optee, capabilities)
{
    struct ffa_value result = ask(EXCHANGE_CAPS, 0);

    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ(result.x[3], 0);
    EXPECT_EQ(result.x[5] & (CAP_ARG_OFFSET | CAP_ASYNC_NOTIF), CAP_ARG_OFFSET | CAP_ASYNC_NOTIF);
}

static void ask_often(uint64_t cpu)
{
    (void)cpu;
    for (uint32_t i = 0; i < REQUESTS_PER_CPU; i++) {
        check_api_version();
    }
    atomic_increment(&answered);
}

/* Each context has booted on its CPU; with one for all, it moves. Twice: CPUs go off and on. */
TEST(optee, on_every_cpu)
{
    for (uint32_t round = 0; round < 2; round++) {
        answered = 0;
        for (uint32_t cpu = 1; cpu < smp_count(); cpu++) {
            ASSERT_EQ(vmlib_cpu_start(cpu, ask_often, cpu), 0);
            ASSERT_TRUE(smp_wait_off(cpu));
        }
        ask_often(0);
        EXPECT_EQ(answered, smp_count());
    }
}

static void enable_notifications(void)
{
    EXPECT_EQ(ffa_call(FFA_NOTIFICATION_BITMAP_CREATE_32, NORMAL_WORLD, smp_count()).x[0],
              FFA_SUCCESS_32);
    EXPECT_EQ(ffa_call(FFA_NOTIFICATION_BIND_32, ffa_endpoints_make(OPTEE, NORMAL_WORLD), 0,
                       1u << BOTTOM_HALF)
                  .x[0],
              FFA_SUCCESS_32);
    EXPECT_EQ(ask(ENABLE_NOTIF, BOTTOM_HALF).x[3], 0);
}

TEST(optee, notifications_enabled)
{
    enable_notifications();
}

static volatile bool notified;

static void schedule_receiver(uint32_t intid)
{
    notified = notified || intid == SRI;
}

/* A byte at the secure UART: its interrupt is OP-TEE's, which tells the normal world. */
TEST(optee_uart, notified)
{
    struct ffa_value result;

    enable_notifications();
    irq_log_start(schedule_receiver);
    console_print("optee: waits for a byte\n");
    ASSERT_TRUE(irq_log_wait(1));
    EXPECT_TRUE(notified);
    result = ffa_call(FFA_NOTIFICATION_INFO_GET_64);
    EXPECT_EQ(result.x[0], FFA_SUCCESS_64);
    EXPECT_EQ(result.x[3] & 0xffff, NORMAL_WORLD);
    result = ffa_call(FFA_NOTIFICATION_GET_32, NORMAL_WORLD, 5);
    EXPECT_EQ(result.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_notified_by_sps(&result), 1u << BOTTOM_HALF);
    check_api_version();
}

SET_UP(optee_uart)
{
    gic_init_dist();
    gic_init_cpu();
    gic_enable(SRI);
    gic_clear_pending(SRI);
    ffa_version(FFA_VERSION_1_2);
}
