/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Services for the suites: one image, linked into every helper partition.
 */
#include "hftest.h"
#include "hftest_asm.h"
#include "services/service_ids.h"
#include "vmapi/bh.h"

#define HOLE UINT64_C(0x0b000000)

/* Answers x3 + 1, x4, x5 to everything. */
TEST_SERVICE(echo)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (ffa_is_request(&message)) {
            message = service_respond(&message, message.x[3] + 1, message.x[4], message.x[5]);
        } else {
            message = service_wait();
        }
    }
}

/* Makes the call x3 (id), x4 to x7 (its x1 to x4) while it handles the request, and answers its x0,
 * x1 and x2. Id 0: answers registers x4 to x4 + 2 of the last call's result. */
TEST_SERVICE(call)
{
    static struct ffa_value result;
    struct ffa_value message = service_wait();

    /* Notifications would end each of its waits: an SP has that interrupt enabled from the start,
     * and nobody here takes it. */
    (void)ffa_call(BH_INTERRUPT_ENABLE, ffa_features(FFA_FEATURE_ID_NPI).x[2], 0, BH_INTERRUPT_IRQ);

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        uint64_t first = message.x[3] == 0 ? message.x[4] % (FFA_REGS - 2) : 0;

        if (message.x[3] != 0) {
            result = ffa_call(message.x[3], message.x[4], message.x[5], message.x[6], message.x[7]);
        }
        message =
            service_respond(&message, result.x[first], result.x[first + 1], result.x[first + 2]);
    }
}

/* Sends x4 to x6 on to partition x3 as a request and answers x2, x3 of the answer; x3 is its x0. */
TEST_SERVICE(relay)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        struct ffa_value result = ffa_direct_req_complete((uint16_t)message.x[3], message.x[4],
                                                          message.x[5], message.x[6]);

        message = service_respond(&message, result.x[0], result.x[2], result.x[3]);
    }
}

/* Answers the registers that it sees: x0 to x2 as x3 to x5. */
TEST_SERVICE(mirror)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (ffa_is_request(&message)) {
            message = service_respond(&message, message.x[0], message.x[1], message.x[2]);
        } else {
            message = service_wait();
        }
    }
}

/* Yields x3 times with the time-out x4, then answers how often it came back. */
TEST_SERVICE(yield)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        uint64_t good = 0;

        for (uint64_t i = 0; i < message.x[3]; i++) {
            struct ffa_value result = ffa_call(FFA_YIELD_32, 0, message.x[4]);

            good += result.x[0] == FFA_SUCCESS_32 ? 1 : 0;
        }
        message = service_respond(&message, good, 0, 0);
    }
}

/* Answers what ended its last wait: x3 = x0, x4 = x1. FFA_RUN shows as such. */
TEST_SERVICE(wakeups)
{
    struct ffa_value last = {{0}};
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            last = message;
            message = service_wait();
            continue;
        }
        message = service_respond(&message, last.x[0], last.x[1], last.x[2]);
    }
}

static void fill_fp(struct hftest_fp *fp, uint64_t seed)
{
    for (uint32_t i = 0; i < 64; i++) {
        fp->v[i] = seed * (i + 1);
    }
    fp->fpcr = seed % 2 == 0 ? 0x00400000 : 0x00c00000;
    fp->fpsr = seed % 2 == 0 ? 0x08000000 : 0x00000011;
}

/* Keeps a pattern (from its id) in all FP/SIMD registers; answers 1 while it is there. */
TEST_SERVICE(fp)
{
    static struct hftest_fp mine;
    static struct hftest_fp now;
    struct ffa_value message = service_wait();

    sysreg_write(cpacr_el1, 3u << 20);
    cpu_isb();
    fill_fp(&mine, 0x0101010101010101 * ffa_id_get());
    hftest_fp_load(&mine);
    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        hftest_fp_store(&now);
        message = service_respond(&message, memcmp(&mine, &now, sizeof(now)) == 0, now.v[0], 0);
    }
}

/* Writes the request's number to debug registers; answers what was in them. */
TEST_SERVICE(debug)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        uint64_t point = sysreg_read(dbgbvr0_el1);
        uint64_t watch = sysreg_read(dbgwvr0_el1);
        uint64_t control = sysreg_read(mdscr_el1);

        sysreg_write(dbgbvr0_el1, message.x[3]);
        sysreg_write(dbgwvr0_el1, message.x[3] + 8);
        sysreg_write(mdscr_el1, UINT64_C(0x8000)); /* MDE */
        message = service_respond(&message, point, watch, control);
    }
}

static struct exception_record attack(enum attack what, uint64_t where)
{
    exception_expect();
    switch (what) {
    case ATTACK_READ:
        (void)io_read64(where);
        break;
    case ATTACK_WRITE:
        io_write64(where, UINT64_C(0xbadbadbadbadbad0));
        break;
    case ATTACK_EXECUTE:
        ((void (*)(void))where)();
        break;
    case ATTACK_UNDEFINED:
        __asm__ volatile(".inst 0x00000000" ::: "memory");
        break;
    case ATTACK_SYSREG:
        sysreg_write(S3_4_C1_C1_0, 0); /* HCR_EL2 */
        break;
    }
    return exception_expected();
}

TEST_SERVICE(attack)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        struct exception_record record = attack((enum attack)message.x[3], message.x[4]);

        message = service_respond(&message, record.count, record.esr, record.far);
    }
}

static void trouble_once(enum trouble what, uint64_t turn)
{
    switch (what) {
    case TROUBLE_SPIN:
        break;
    case TROUBLE_UNMAPPED:
        (void)io_read32(HOLE + turn * 4 % 4096);
        break;
    case TROUBLE_HYPERCALLS:
        (void)ffa_call(UINT64_C(0x9e3779b97f4a7c15) * (turn + 1), turn, ~turn, turn << 32);
        break;
    case TROUBLE_SYSREGS:
        (void)sysreg_read(id_aa64pfr0_el1);
        (void)sysreg_read(S3_4_C1_C1_0);
        break;
    case TROUBLE_CONSOLE:
        console_print("flood %lu\n", turn);
        break;
    case TROUBLE_UNDEFINED:
        __asm__ volatile(".inst 0x00000000" ::: "memory");
        break;
    case TROUBLE_YIELD:
        (void)ffa_yield();
        break;
    case TROUBLES:
        break;
    }
}

TEST_SERVICE(trouble)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        uint64_t end = timer_now() + timer_from_us(message.x[4]);
        uint64_t turn = 0;

        exception_expect();
        /* A slow machine may lose all the time before the first turn. */
        for (; timer_now() < end || turn < message.x[5]; turn++) {
            trouble_once((enum trouble)message.x[3], turn);
        }
        (void)exception_expected();
        message = service_respond(&message, turn, 0, 0);
    }
}

static void end(enum end how)
{
    switch (how) {
    case END_OFF:
        psci_system_off();
    case END_RESET:
        psci_system_reset();
    case END_CPU_OFF:
        smp_off();
    case END_ABORT_LOOP:
        sysreg_write(vbar_el1, HOLE);
        cpu_isb();
        (void)io_read32(HOLE);
        break;
    }
}

TEST_SERVICE(end)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (ffa_is_request(&message)) {
            end((enum end)message.x[3]);
        }
        message = service_wait();
    }
}

/* A page of memory beyond the image survives a reset of the partition, the image does not. */
TEST_SERVICE(boots)
{
    static uint64_t counted; /* 0 in every fresh image */
    struct dtb_range memory;
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message) || !dtb_try_memory(0, &memory)) {
            message = service_wait();
            continue;
        }
        uint64_t counter = memory.base + memory.size / 2;

        if (counted == 0) {
            counted = 1;
            io_write64(counter, message.x[3] == 0 ? 1 : io_read64(counter) + 1);
        }
        message = service_respond(&message, io_read64(counter), 0, 0);
    }
}

/* Waits in WFI for its own timer, x3 microseconds from now, and answers the interrupt it got. */
static volatile uint32_t timer_intid;

static void on_paravirt_irq(void)
{
    timer_intid = (uint32_t)ffa_call(BH_INTERRUPT_GET).x[0];
    timer_virtual_stop();
}

TEST_SERVICE(timer)
{
    struct ffa_value message = service_wait();

    exception_set_irq(on_paravirt_irq);
    (void)ffa_call(BH_INTERRUPT_ENABLE, BH_INTID_TIMER, 1, BH_INTERRUPT_IRQ);
    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        uint64_t begin = timer_now();

        timer_intid = 0;
        timer_virtual_set(begin + timer_from_us(message.x[3]));
        cpu_wait_irq(&timer_intid, 1);
        message = service_respond(&message, timer_intid, timer_now() - begin, 0);
    }
}

/* Starts its other vCPUs, which count; answers the sum of their counts. */
static volatile uint32_t worker_counts[VMLIB_MAX_CPUS];

static void worker(uint64_t index)
{
    for (;;) {
        atomic_increment(&worker_counts[index]);
        (void)ffa_yield();
    }
}

TEST_SERVICE(workers)
{
    struct ffa_value message = service_wait();
    int32_t started = 0;

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        if (message.x[3] == 0) {
            started = vmlib_cpu_start(1, worker, 1);
        }
        message = service_respond(&message, (uint64_t)(int64_t)started, worker_counts[1],
                                  worker_counts[2]);
    }
}

/* Reads (x5 = 0) or writes x4 at address x3; answers the exceptions taken and the value read. */
TEST_SERVICE(memory)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        uint64_t value = 0;

        exception_expect();
        if (message.x[5] == 0) {
            value = io_read64(message.x[3]);
        } else {
            io_write64(message.x[3], message.x[4]);
        }
        message = service_respond(&message, exception_expected().count, value, 0);
    }
}

/* Answers the characters x3 to x3 + 7 of its bootargs, as a number. */
TEST_SERVICE(bootargs)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        const char *text = dtb_bootargs();
        uint64_t length = strlen(text);
        uint64_t value = 0;

        for (uint64_t i = 0; i < 8 && message.x[3] + i < length; i++) {
            value |= (uint64_t)(uint8_t)text[message.x[3] + i] << (8 * i);
        }
        message = service_respond(&message, value, length, 0);
    }
}
