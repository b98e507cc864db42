/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The partitions of agents.dtsi, and how the test talks to the agents there.
 * A test uses bits of its own, because bindings stay.
 */
#pragma once

#include "hftest_irq.h"
#include "services/service_ids.h"

#define TESTER hftest_id(1)
#define FIRST  hftest_id(2) /* scheduled, v1.2, para-virtual interrupts */
#define SECOND hftest_id(3) /* scheduled, v1.1, two vCPUs, para-virtual interrupts */
#define PINNED hftest_id(4) /* v1.2, with a GIC */
#define OLD    hftest_id(5) /* scheduled, v1.0 */
#define DEAF   hftest_id(6) /* scheduled, v1.2, neither notifications nor indirect messages */

#define SRI          8
#define NPI_PARAVIRT 5
#define NPI_GIC      9

#define AGENT_SECONDS 5

/*
 * What differs between a VM among VMs, and a normal world among SPs. Source: DEN0077A 1.2, 10.4
 * (whose bitmap the SPMC has), 10.5 (interrupts), 16.5 (sources).
 */
struct agents_role {
    uint32_t npi;       /* of the tests' partition; 0: it has none */
    uint32_t interrupt; /* that tells it of its own notifications */
    uint32_t pinned_npi;
    uint64_t peers;     /* FFA_NOTIFICATION_GET: what the agents have set */
    uint64_t framework; /* the same: that RX is full */
    uint32_t rx_full;   /* register that says so */
    bool has_pinned;    /* PINNED is not scheduled by the tests' partition */
    bool creates_bitmap;
};

static inline const struct agents_role *agents_role(void)
{
    static const struct agents_role vm = {.npi = NPI_GIC,
                                          .interrupt = NPI_GIC,
                                          .pinned_npi = NPI_GIC,
                                          .peers = FFA_NOTIFICATION_GET_VM,
                                          .framework = FFA_NOTIFICATION_GET_HYP,
                                          .rx_full = 7,
                                          .has_pinned = true};
    static const struct agents_role normal_world = {.interrupt = SRI,
                                                    .pinned_npi = NPI_PARAVIRT,
                                                    .peers = FFA_NOTIFICATION_GET_SP,
                                                    .framework = FFA_NOTIFICATION_GET_SPM,
                                                    .rx_full = 6,
                                                    .creates_bitmap = true};

    return hftest_side() == HFTEST_VM ? &vm : &normal_world;
}

static inline struct ffa_value own_notifications_get(uint16_t vcpu)
{
    return ffa_notification_get(vcpu, agents_role()->peers | agents_role()->framework);
}

static inline uint64_t own_bits(const struct ffa_value *got)
{
    return agents_role()->peers == FFA_NOTIFICATION_GET_VM ? ffa_notified_by_vms(got)
                                                           : ffa_notified_by_sps(got);
}

/* Asks the agent of vm for something and runs it on until it answers. One that has just been woken
 * is busy for a while. */
static inline struct ffa_value agent_ask(uint16_t vm, enum agent what, uint64_t a, uint64_t b,
                                         uint64_t c)
{
    uint64_t end = timer_now() + AGENT_SECONDS * timer_frequency();
    struct ffa_value result;

    do {
        result =
            ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(TESTER, vm), 0, what, a, b, c);
        while (!ffa_is_response(&result) && !ffa_is_error(&result)) {
            irq_window();
            result = ffa_run(vm, 0);
        }
    } while (ffa_error_code(&result) == FFA_BUSY && timer_now() < end);
    return result;
}

/* The same, where the answer must come and say that the call went well. */
#define AGENT_OK(vm, what, a, b, c) agent_ok(agent_ask(vm, what, a, b, c), __LINE__)
static inline struct ffa_value agent_ok(struct ffa_value answer, int line)
{
    if (!ffa_is_response(&answer)) {
        hftest_fail("agents.h", line, "no answer, but 0x%lx, code %d", answer.x[0],
                    (int)ffa_error_code(&answer));
        hftest_abort();
    }
    if (answer.x[3] != FFA_OK) {
        hftest_fail("agents.h", line, "the agent's call: code %d", (int)answer.x[3]);
    }
    return answer;
}

#define AGENT_REFUSED(vm, what, a, b, c, code)                                                     \
    do {                                                                                           \
        struct ffa_value answer_ = agent_ask(vm, what, a, b, c);                                   \
        ASSERT_EQ(answer_.x[0], FFA_MSG_SEND_DIRECT_RESP_64);                                      \
        EXPECT_EQ((uint32_t)answer_.x[3], (uint32_t)(code));                                       \
    } while (0)

#define EXPECT_SUCCESS(value)                                                                      \
    do {                                                                                           \
        struct ffa_value success_ = (value);                                                       \
        EXPECT_EQ(success_.x[0], FFA_SUCCESS_32);                                                  \
    } while (0)

/* Waits until the agent, which retrieves by itself, has got these notifications. */
static inline bool agent_gets(uint16_t vm, uint64_t bits)
{
    uint64_t end = timer_now() + AGENT_SECONDS * timer_frequency();
    uint64_t got = 0;

    while (got != bits && timer_now() < end) {
        got |= agent_ask(vm, AGENT_GOT, 0, 0, 0).x[4];
    }
    return got == bits;
}

/* FFA_NOTIFICATION_INFO_GET names just these, in the packed form of the 64-bit call. */
#define EXPECT_INFO(lists, first, second)                                                          \
    do {                                                                                           \
        struct ffa_value info_ = ffa_notification_info_get();                                      \
        EXPECT_EQ(info_.x[0], FFA_SUCCESS_64);                                                     \
        EXPECT_EQ(info_.x[2], lists);                                                              \
        EXPECT_EQ(info_.x[3], first);                                                              \
        EXPECT_EQ(info_.x[4], second);                                                             \
    } while (0)

#define EXPECT_NO_INFO() EXPECT_FFA_ERROR(ffa_notification_info_get(), FFA_NO_DATA)

/* What earlier tests have left is forgotten. */
static inline void notifications_forget(void)
{
    struct ffa_value info;

    if (agents_role()->creates_bitmap) {
        (void)ffa_call(FFA_NOTIFICATION_BITMAP_CREATE_32, TESTER, 2);
    }
    (void)own_notifications_get(0);
    do {
        info = ffa_notification_info_get();
    } while (!ffa_is_error(&info));
}
