/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SPs that die when a test wants it, and one that lets nobody in while it handles its interrupt.
 */
#include "spmc/doom.h"

#include "hftest.h"
#include "spmc/secure_uart.h"
#include "spmc/spmc_service_ids.h"
#include "vmapi/bh.h"

#define NOWHERE UINT64_C(0x0b000000)

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

void doom_die(void)
{
    sysreg_write(vbar_el1, NOWHERE);
    cpu_isb();
    (void)io_read32(NOWHERE);
    for (;;) {
    }
}

static void wait_go(void)
{
    struct ffa_value got;

    (void)ffa_notification_set(0, 0, DOOM_BEGUN); /* if the test has bound it */
    do {
        got = ffa_notification_get(0, FFA_NOTIFICATION_GET_VM);
    } while ((ffa_notified_by_vms(&got) & DOOM_GO) == 0);
}

static uint64_t interrupt_take(void)
{
    return (uint32_t)ffa_call(BH_INTERRUPT_GET).x[0];
}

static void timer_start(uint64_t us)
{
    if (us != 0) {
        timer_physical_set(timer_physical_now() + timer_from_us(us));
    }
}

static _Noreturn void die_with_device(bool has_taken)
{
    (void)ffa_call(BH_INTERRUPT_ENABLE, UART_SPI, 1, BH_INTERRUPT_IRQ);
    uart_raise();
    while (has_taken && interrupt_take() != UART_SPI) {
    }
    doom_die();
}

/* Returns if it is to answer. */
static void suffer(const struct ffa_value *message)
{
    switch ((enum doom)message->x[3]) {
    case DOOM_NOTHING:
        return;
    case DOOM_LATE:
        wait_go();
        return;
    case DOOM_WAKE:
        timer_start(message->x[4]);
        return;
    case DOOM_DEVICE:
        die_with_device(message->x[4] != 0);
    case DOOM_ARM:
        (void)ffa_direct_req((uint16_t)message->x[4], message->x[5], 0, 0);
        timer_start(3000); /* if that one's was due before it answered, it has its turn now */
        wait_go();
        break;
    case DOOM_SPIN:
        wait_go();
        break;
    case DOOM_ASK:
        (void)ffa_direct_req((uint16_t)message->x[4], message->x[5], 0, 0);
        break;
    case DOOM_DIE:
        timer_start(message->x[4]);
        break;
    }
    doom_die();
}

/* FFA_RUN ends its wait, or what has been left with it: that is no reason to die. */
static struct ffa_value not_asked(const struct ffa_value *message)
{
    if (message->x[0] == FFA_INTERRUPT_32 && interrupt_take() == BH_INTID_TIMER) {
        doom_die();
    }
    if (message->x[0] == FFA_RUN_32) {
        wait_go();
    }
    return service_wait();
}

/* The notification pending interrupt would end each of its waits. */
static void begin(void)
{
    (void)ffa_call(BH_INTERRUPT_ENABLE, ffa_features(FFA_FEATURE_ID_NPI).x[2], 0, BH_INTERRUPT_IRQ);
    (void)ffa_notification_bind(0, 0, DOOM_GO);
}

TEST_SERVICE(doomed)
{
    struct ffa_value message = service_wait();

    begin();
    (void)ffa_rxtx_map(tx, rx, 1);
    for (;;) {
        if (ffa_is_request(&message)) {
            suffer(&message);
            message = service_respond(&message, 0, 0, 0);
        } else {
            message = not_asked(&message);
        }
    }
}

/* Arms its timer, in x3 us, and answers; when that ends its wait it lets the test go on and waits
 * for it, with its interrupt. */
TEST_SERVICE(warden)
{
    struct ffa_value message = service_wait();

    begin();
    for (;;) {
        if (ffa_is_request(&message)) {
            timer_start(message.x[3]);
            message = service_respond(&message, 0, 0, 0);
            continue;
        }
        if (message.x[0] == FFA_INTERRUPT_32 && interrupt_take() == BH_INTID_TIMER) {
            timer_physical_stop();
            wait_go();
        }
        message = service_wait();
    }
}
