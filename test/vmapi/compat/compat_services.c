/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The secondaries of the compat system: how they were entered, what they can reach.
 */
#include <libfdt.h>

#include "bh/base/libc.h"
#include "compat/compat_ids.h"
#include "hftest.h"
#include "vmapi/bh.h"

#define PAGE 4096

extern char vmlib_image[] __asm__("_start");

static _Alignas(PAGE) uint8_t tx[PAGE], rx[PAGE];

static uint32_t marker(void)
{
    const void *tree = dtb_get();
    int node = tree == NULL ? -1 : fdt_path_offset(tree, "/marker");
    const fdt32_t *value = node < 0 ? NULL : fdt_getprop(tree, node, "value", NULL);

    return value == NULL ? 0 : fdt32_to_cpu(*value);
}

TEST_SERVICE(entry)
{
    struct ffa_value message = service_wait();

    for (;;) {
        struct dtb_range memory = {0};

        if (!ffa_is_request(&message)) {
            message = service_wait();
        } else if (message.x[3] == ENTRY_STATE) {
            message = service_respond(&message, dtb_entry_argument(), sysreg_read(mpidr_el1),
                                      (uint64_t)vmlib_image);
        } else {
            (void)dtb_try_memory(0, &memory);
            message = service_respond(&message, memory.base, memory.size, marker());
        }
    }
}

/* Reads address x3: x3 = exceptions, x4 = ESR, x5 = FAR. */
TEST_SERVICE(reach)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        exception_expect();
        (void)*(volatile uint32_t *)message.x[3];
        struct exception_record record = exception_expected();

        message = service_respond(&message, record.count, record.esr, record.far);
    }
}

#define READ(bit, name)                                                                            \
    do {                                                                                           \
        exception_expect();                                                                        \
        (void)sysreg_read(name);                                                                   \
        struct exception_record record_ = exception_expected();                                    \
        found |=                                                                                   \
            record_.count == 1 && ESR_EC(record_.esr) == EC_UNKNOWN ? 0 : UINT64_C(1) << (bit);    \
    } while (0)

TEST_SERVICE(registers)
{
    struct ffa_value message = service_wait();

    for (;;) {
        uint64_t found = 0;

        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        READ(REGISTER_PMU, pmcr_el0);
        READ(REGISTER_DEBUG, mdscr_el1);
        READ(REGISTER_LOR, S3_0_C10_C4_3);
        READ(REGISTER_PAUTH, S3_0_C2_C1_0);
        READ(REGISTER_GIC, S3_0_C12_C12_0);
        READ(REGISTER_RAS, S3_0_C5_C3_0);
        READ(REGISTER_SPE, S3_0_C9_C9_0);
        READ(REGISTER_TRACE, S2_1_C0_C1_0);
        READ(REGISTER_SVE, S3_0_C1_C2_0);
        READ(REGISTER_SME, S3_0_C1_C2_6);
        message = service_respond(&message, found, 0, 0);
    }
}

static volatile uint64_t woken_by;

static void on_irq(void)
{
    woken_by = ffa_call(BH_INTERRUPT_GET).x[0];
    timer_virtual_stop();
}

TEST_SERVICE(sleep)
{
    struct ffa_value message = service_wait();

    exception_set_irq(on_irq);
    (void)ffa_call(BH_INTERRUPT_ENABLE, BH_INTID_TIMER, 1, BH_INTERRUPT_IRQ);
    (void)ffa_call(BH_INTERRUPT_ENABLE, BH_INTID_NOTIFICATION, 1, BH_INTERRUPT_IRQ);
    (void)ffa_notification_bind(1, 0, 1);
    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        woken_by = 0;
        if (message.x[4] != 0) {
            timer_virtual_set(timer_now() + timer_from_us(message.x[4]));
        }
        while (woken_by == 0) {
            cpu_wfi();
            cpu_irq_enable();
            cpu_irq_disable();
        }
        (void)ffa_notification_get(0, FFA_NOTIFICATION_GET_ALL);
        message = service_respond(&message, woken_by, 0, 0);
    }
}

TEST_SERVICE(mail)
{
    struct ffa_value message = service_wait();
    uint64_t count = 0;
    uint64_t sender = 0;
    uint64_t first = 0;

    (void)ffa_rxtx_map(tx, rx, 1);
    for (;;) {
        if (ffa_is_request(&message)) {
            message = service_respond(&message, count, sender, first);
            continue;
        }
        struct ffa_value got = ffa_notification_get(0, FFA_NOTIFICATION_GET_HYP);

        if ((got.x[7] & FFA_NOTIFICATION_RX_FULL) != 0) {
            const struct ffa_message_header *header = (const struct ffa_message_header *)rx;

            count++;
            sender = header->base.sender;
            memcpy(&first, rx + header->base.offset, sizeof(first));
            (void)ffa_call(FFA_RX_RELEASE_32);
        }
        message = service_wait();
    }
}

TEST_SERVICE(partitions)
{
    struct ffa_value message = service_wait();

    (void)ffa_rxtx_map(tx, rx, 1);
    for (;;) {
        uint64_t first = 0;

        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        struct ffa_value all = ffa_call(FFA_PARTITION_INFO_GET_32);

        memcpy(&first, rx + message.x[4] % PAGE, sizeof(first));
        (void)ffa_call(FFA_RX_RELEASE_32);
        message = service_respond(&message, ffa_is_error(&all) ? 0 : all.x[2], all.x[3], first);
    }
}
