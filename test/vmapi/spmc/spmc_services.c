/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Services of SPs for the tests of the SPMC.
 */
#include "hftest.h"
#include "hftest_asm.h"
#include "secure_uart.h"
#include "services/service_ids.h"
#include "spmc/doom.h"
#include "spmc_service_ids.h"
#include "vmapi/bh.h"

/* 1 if the instruction, with a result in x0, is no exception. */
#define PROBE(text)                                                                                \
    ({                                                                                             \
        exception_expect();                                                                        \
        __asm__ volatile("mov x0, #1\n\t" text : : : "x0", "memory");                              \
        exception_expected().count == 0 ? UINT64_C(1) : 0;                                         \
    })

/* What of SME it can reach: x3 a bit for each. */
TEST_SERVICE(matrix)
{
    struct ffa_value message = service_wait();

    for (;;) {
        uint64_t reached =
            PROBE("mrs x0, S3_3_C4_C2_2" /* SVCR */) | PROBE("msr S3_3_C4_C2_2, x0") << 1 |
            PROBE("mrs x0, S3_3_C13_C0_5" /* TPIDR2_EL0 */) << 2 |
            PROBE("msr S3_3_C13_C0_5, x0") << 3 |
            PROBE("mrs x0, S3_0_C1_C2_6" /* SMCR_EL1 */) << 4 | PROBE("msr S3_0_C1_C2_6, x0") << 5 |
            PROBE("mrs x0, S3_0_C1_C2_4" /* SMPRI_EL1 */) << 6 |
            PROBE("msr S3_0_C1_C2_4, x0") << 7 | PROBE(".inst 0xd503477f" /* SMSTART */) << 8 |
            PROBE(".inst 0xd503467f" /* SMSTOP */) << 9;

        message =
            ffa_is_request(&message) ? service_respond(&message, reached, 0, 0) : service_wait();
    }
}

/* Answers one request with x8 to x30 of its own, the next with how many of them had changed: x3. */
TEST_SERVICE(waiter)
{
    static uint64_t in[31], out[31];
    struct ffa_value message = service_wait();

    for (;;) {
        uint64_t changed = 0;

        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        for (uint32_t i = 8; i < 31; i++) {
            in[i] = UINT64_C(0x5ec0000000000000) + i;
        }
        in[0] = FFA_MSG_SEND_DIRECT_RESP_64;
        in[1] = ffa_endpoints_make(ffa_receiver(&message), ffa_sender(&message));
        hftest_call_pattern(in, out, false);
        for (uint32_t i = 8; i < 31; i++) {
            changed += out[i] != in[i] ? 1 : 0;
        }
        memcpy(&message, out, 8 * sizeof(out[0]));
        message = service_respond(&message, changed, out[8], 0);
    }
}

/* Who is there, from index x3 on, of UUID x4, x5: x3 the result's x2 (an error: its code), x4 the
 * last entry, x5 how many the older call counts. */
TEST_SERVICE(lister)
{
    struct ffa_value message = service_wait();

    for (;;) {
        struct ffa_value list, counted;
        uint64_t start = message.x[3], last;

        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        list = ffa_call(FFA_PARTITION_INFO_GET_REGS_64, message.x[4], message.x[5], start);
        counted = ffa_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 1);
        last = (uint16_t)(list.x[2] >> 16) - start;
        message = service_respond(
            &message, list.x[2], list.x[0] == FFA_SUCCESS_64 && last < 5 ? list.x[3 + 3 * last] : 0,
            counted.x[2]);
    }
}

/* Answers how many bits of FP are not 0 before it first touches it. */
TEST_SERVICE(fp_first)
{
    static struct hftest_fp now;
    struct ffa_value message = service_wait();

    sysreg_write(cpacr_el1, 3u << 20);
    cpu_isb();
    for (;;) {
        uint64_t sum = 0;

        hftest_fp_store(&now);
        for (uint32_t i = 0; i < 64; i++) {
            sum |= now.v[i];
        }
        message = ffa_is_request(&message) ? service_respond(&message, sum, now.fpcr, now.fpsr)
                                           : service_wait();
    }
}

/* ---- worker ---- */

#define CONTEXTS 8
#define ISR_FIQ  UINT64_C(0x40)
#define ISR_IRQ  UINT64_C(0x80)

static struct diary {
    uint64_t taken, last, interrupts, last_x2, exits;
    uint64_t powers, power_last, power_last_x4, power_before;
} diaries[CONTEXTS];
static uint64_t power_answer, power_us;
static bool ends_are_silent, dies_told;

static struct diary *diary(void)
{
    return &diaries[cpu_index() % CONTEXTS];
}

/* Late: what came again too early would be pending by now. */
static void uart_quiet(void)
{
    for (uint32_t i = 0; i < 200; i++) {
        (void)uart_is_asserted();
    }
    uart_clear();
}

/* Takes what is pending, whether it would be an IRQ or a FIQ. */
static void take_pending(void)
{
    struct diary *own = diary();

    cpu_isb();
    while ((sysreg_read(isr_el1) & (ISR_IRQ | ISR_FIQ)) != 0) {
        uint64_t intid = (uint32_t)ffa_call(BH_INTERRUPT_GET).x[0];

        if (intid == BH_INTERRUPT_NONE) {
            return;
        }
        if (intid == BH_INTID_TIMER) {
            timer_physical_stop();
        }
        own->taken++;
        own->last = intid;
        own->exits += intid == BH_INTID_MANAGED_EXIT ? 1 : 0;
        if (intid == UART_SPI) {
            uart_quiet();
        }
        if (!ends_are_silent) {
            (void)ffa_call(BH_INTERRUPT_DEACTIVATE, intid, intid);
        }
    }
}

static uint64_t work_spin(uint64_t us)
{
    uint64_t end = timer_now() + timer_from_us(us);
    uint64_t exits = diary()->exits;

    while (timer_now() < end && diary()->exits == exits) {
        take_pending();
    }
    return diary()->exits != exits ? 1 : 0;
}

static void work_until(uint64_t turns)
{
    uint64_t taken = diary()->taken;

    for (uint64_t i = 0; diary()->taken == taken && i < turns; i++) {
        take_pending();
    }
}

static void smc_raise(uint64_t intid)
{
    register uint64_t x0 __asm__("x0") = MONITOR_RAISE;
    register uint64_t x1 __asm__("x1") = intid;

    __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1) : : "memory", "x2", "x3");
}

/* How often this one is interrupted while it waits for the answer. */
static uint64_t work_ask(uint16_t peer, uint64_t us)
{
    struct ffa_value result = ffa_direct_req(peer, WORK_SPIN, us, 0);
    uint64_t interrupts = 0;

    while (result.x[0] == FFA_INTERRUPT_32 || result.x[0] == FFA_YIELD_32) {
        interrupts++;
        take_pending();
        if (diary()->exits != 0) {
            return interrupts;
        }
        result = ffa_call(FFA_RUN_32, result.x[1]);
    }
    take_pending();
    return interrupts | (ffa_is_response(&result) ? UINT64_C(1) << 32 : result.x[2] << 33);
}

static void work_device(uint64_t how, uint64_t turns)
{
    ends_are_silent = (how & 1) != 0;
    uart_raise();
    for (uint64_t i = 0; (how & 2) == 0 && i < turns; i++) {
        take_pending();
    }
}

static uint64_t work_do(const uint64_t *x)
{
    switch (x[3]) {
    case WORK_ENABLE:
        return ffa_call(BH_INTERRUPT_ENABLE, x[4], x[5], BH_INTERRUPT_IRQ).x[0];
    case WORK_SPIN:
        return work_spin(x[4]);
    case WORK_UNTIL:
        work_until(UINT64_MAX);
        return 0;
    case WORK_RAISE:
        smc_raise(x[4]);
        work_until(x[5]);
        return 0;
    case WORK_ASK:
        diary()->exits = 0;
        return work_ask((uint16_t)x[4], x[5]);
    case WORK_DEVICE:
        work_device(x[4], x[5]);
        return 0;
    case WORK_TIMER:
        timer_physical_set(timer_physical_now() + timer_from_us(x[4]));
        work_until(x[5]);
        return 0;
    case WORK_IPI:
        return ffa_call(BH_INTERRUPT_SEND_IPI, x[4]).x[0];
    case WORK_CONFIGURE:
        return ffa_call(BH_INTERRUPT_RECONFIGURE, x[4] >> 32, (uint32_t)x[4], x[5]).x[0];
    case WORK_DIE:
        dies_told = x[4] != 0;
        if (!dies_told) {
            doom_die();
        }
        return 0;
    default:
        return UINT64_MAX;
    }
}

static struct ffa_value work_answer(const struct ffa_value *message, uint64_t x3, uint64_t x4,
                                    uint64_t x5)
{
    return cpu_index() == 0 ? service_respond(message, x3, x4, x5)
                            : ffa_direct_resp(message, x3, x4, x5);
}

static struct ffa_value work_request(const struct ffa_value *message)
{
    struct diary *own = diary();
    struct diary before = *own;
    uint64_t result;

    if (message->x[3] == WORK_DIARY) {
        memset(own, 0, sizeof(*own));
        return work_answer(message, before.taken, before.interrupts,
                           before.last_x2 << 32 | before.last);
    }
    if (message->x[3] == WORK_POWER) {
        power_answer = message->x[5];
        power_us = message->x[4];
        return work_answer(message, before.powers, before.power_last, before.power_before);
    }
    result = work_do(message->x);
    return work_answer(message, own->taken - before.taken, own->last, result);
}

static struct ffa_value work_power(const struct ffa_value *message)
{
    struct diary *own = diary();

    if (dies_told) {
        doom_die();
    }
    own->powers++;
    own->power_before = own->power_last ^ own->power_last_x4 << 32;
    own->power_last = (message->x[2] & 0xff) << 32 | message->x[3];
    own->power_last_x4 = message->x[4];
    (void)work_spin(power_us);
    return ffa_call(FFA_MSG_SEND_DIRECT_RESP_32,
                    ffa_endpoints_make(ffa_receiver(message), ffa_sender(message)),
                    FFA_FRAMEWORK_MESSAGE | 2, power_answer);
}

static struct ffa_value work_wait(void)
{
    return cpu_index() == 0 ? service_wait() : ffa_msg_wait();
}

static void work_forever(struct ffa_value message)
{
    for (;;) {
        if (ffa_is_request(&message) && message.x[2] != 0) {
            message = work_power(&message);
        } else if (ffa_is_request(&message) && cpu_index() != 0 && twins_selected) {
            message = ffa_direct_resp(&message, message.x[3] + 1, cpu_index(), 0);
        } else if (ffa_is_request(&message)) {
            message = work_request(&message);
        } else {
            if (message.x[0] == FFA_INTERRUPT_32) {
                diary()->interrupts++;
                diary()->last_x2 = message.x[2];
            }
            take_pending();
            message = work_wait();
        }
    }
}

TEST_SERVICE(worker)
{
    memset(diaries, 0, sizeof(diaries));
    power_answer = 0;
    power_us = 0;
    ends_are_silent = false;
    work_forever(service_wait());
}

/* A request like WORK_SPIN's: makes SPI x4 pending, and goes on. */
TEST_SERVICE(raiser)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        smc_raise(message.x[4]);
        message = service_respond(&message, 0, 0, 0);
    }
}

static void context_work(uint64_t index)
{
    (void)index;
    work_forever(ffa_msg_wait());
}

/* Contexts of other CPUs always work. Partitions that have none are refused. */
void hftest_service_begin(void)
{
    (void)smp_try_register_contexts(context_work);
}
