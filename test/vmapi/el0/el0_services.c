/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Partitions at EL0 as the tests want them. What can be tried only before the first FFA_MSG_WAIT is
 * tried by main(), which keeps the answers.
 */
#include "el0/el0_ids.h"
#include "hftest.h"
#include "hftest_asm.h"
#include "spmc/secure_uart.h"
#include "vmapi/bh.h"

#define CONSTANT UINT64_C(0x20000000) /* "r" in the manifest; only partition 2 has it */
#define HOLE     UINT64_C(0x0b000000)
#define REST     0x40000 /* behind every image, inside the memory */

static _Alignas(FFA_PAGE_SIZE) uint8_t pages[3][FFA_PAGE_SIZE]; /* permissions are tried on these */
static _Alignas(FFA_PAGE_SIZE) uint8_t code[FFA_PAGE_SIZE];
static _Alignas(FFA_PAGE_SIZE) uint8_t tx[FFA_PAGE_SIZE], rx[FFA_PAGE_SIZE];
static struct ffa_value results[INIT_CHECKS];

static const uint32_t constant_word = 0x600df00d;

extern const uint8_t vmlib_rodata_begin[], vmlib_image_end[];

static uint8_t *image(uint64_t offset)
{
    uint64_t base;

    __asm__("adrp %0, _start\n\tadd %0, %0, :lo12:_start" : "=r"(base));
    return (uint8_t *)(base + offset);
}

/* Eight instructions at most: a function that returns 42, written as data. */
typedef uint64_t written_code(void);

static uint64_t run_written_code(void)
{
    static const uint32_t answer[] = {0xd2800540 /* mov x0, #42 */, 0xd65f03c0 /* ret */};
    uint64_t address = (uint64_t)code;

    memcpy(code, answer, sizeof(answer));
    __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(address)
                     : "memory");
    if (ffa_mem_perm_set(code, 1, FFA_MEM_PERM_RX).x[0] != FFA_SUCCESS_32) {
        return 0;
    }
    return ((written_code *)address)();
}

static void init_get(void)
{
    results[INIT_GET_TEXT] = ffa_mem_perm_get(image(0));
    results[INIT_GET_RODATA] = ffa_mem_perm_get(vmlib_rodata_begin);
    results[INIT_GET_DATA] = ffa_mem_perm_get(pages[0]);
    results[INIT_GET_STACK] = ffa_mem_perm_get(vmlib_image_end - 2 * FFA_PAGE_SIZE);
    results[INIT_GET_REST] = ffa_mem_perm_get(image(REST));
    results[INIT_GET_CONSTANT] = ffa_mem_perm_get((void *)CONSTANT);
    results[INIT_GET_UNALIGNED] = ffa_mem_perm_get(pages[0] + 8);
    results[INIT_GET_HOLE] = ffa_mem_perm_get((void *)HOLE);
}

static void init_set(void)
{
    results[INIT_SET_RO] = ffa_mem_perm_set(pages[0], 2, FFA_MEM_PERM_RO);
    results[INIT_GET_RO] = ffa_mem_perm_get(pages[1]);
    results[INIT_MAP_RO] = ffa_rxtx_map(pages[0], pages[1], 1);
    results[INIT_SET_RX] = ffa_mem_perm_set(pages[0], 2, FFA_MEM_PERM_RX);
    results[INIT_GET_RX] = ffa_mem_perm_get(pages[1]);
    results[INIT_GET_NEXT] = ffa_mem_perm_get(pages[2]);
    results[INIT_SET_32] =
        ffa_call(FFA_MEM_PERM_SET_32, (uint32_t)(uint64_t)pages[0], 1, FFA_MEM_PERM_RO);
    results[INIT_GET_32] = ffa_call(FFA_MEM_PERM_GET_32, (uint32_t)(uint64_t)pages[0]);
    results[INIT_SET_RW] = ffa_mem_perm_set(pages[0], 2, FFA_MEM_PERM_RW);
    results[INIT_GET_RW] = ffa_mem_perm_get(pages[1]);
    pages[1][0] = 1;
    results[INIT_FEATURES_GET] = ffa_features(FFA_MEM_PERM_GET_32);
    results[INIT_FEATURES_SET] = ffa_features(FFA_MEM_PERM_SET_64);
}

static void init_refused(void)
{
    uint64_t top = UINT64_MAX << 12;

    results[INIT_UNALIGNED] = ffa_mem_perm_set(pages[0] + 8, 1, FFA_MEM_PERM_RW);
    results[INIT_NO_PAGES] = ffa_mem_perm_set(pages[0], 0, FFA_MEM_PERM_RW);
    results[INIT_OVERFLOW] = ffa_mem_perm_set((void *)top, 2, FFA_MEM_PERM_RW);
    results[INIT_BEYOND] = ffa_mem_perm_set((void *)(UINT64_C(1) << 52), 1, FFA_MEM_PERM_RW);
    results[INIT_ACROSS_THE_END] = ffa_mem_perm_set(image(REST), 0x100000, FFA_MEM_PERM_RO);
    results[INIT_HOLE] = ffa_mem_perm_set((void *)HOLE, 1, FFA_MEM_PERM_RW);
    results[INIT_NO_ACCESS] = ffa_mem_perm_set(pages[0], 1, 4);
    results[INIT_WRITE_AND_EXECUTE] = ffa_mem_perm_set(pages[0], 1, 1);
    results[INIT_RESERVED] = ffa_mem_perm_set(pages[0], 1, 6);
    results[INIT_RESERVED_BIT] = ffa_mem_perm_set(pages[0], 1, FFA_MEM_PERM_RW | 8);
    results[INIT_CONSTANT_RW] = ffa_mem_perm_set((void *)CONSTANT, 1, FFA_MEM_PERM_RW);
    results[INIT_CONSTANT_RX] = ffa_mem_perm_set((void *)CONSTANT, 2, FFA_MEM_PERM_RX);
}

/* Something that the next life must not find. */
static void init_trace(void)
{
    uint64_t address = (uint64_t)image(REST + FFA_PAGE_SIZE);

    if (ffa_mem_perm_set((void *)address, 1, FFA_MEM_PERM_RW).x[0] == FFA_SUCCESS_32) {
        results[INIT_TRACE].x[0] = io_read64(address);
        io_write64(address, 0x7ace);
        results[INIT_TRACE].x[2] = io_read64(address);
    }
}

int main(void)
{
    init_get();
    init_set();
    init_refused();
    results[INIT_CODE].x[0] = run_written_code();
    init_trace();
    return hftest_service_main();
}

TEST_SERVICE(init)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message) || message.x[3] >= INIT_CHECKS) {
            message = service_wait();
            continue;
        }
        const struct ffa_value *result = &results[message.x[3]];

        message = service_respond(&message, result->x[0], result->x[2], result->x[3]);
    }
}

static void fault_access(enum el0_do what, uint64_t argument)
{
    switch (what) {
    case DO_READ:
        (void)io_read64(argument);
        break;
    case DO_WRITE:
        io_write64(argument, UINT64_C(0xbadbadbadbadbad0));
        break;
    case DO_EXECUTE:
        ((void (*)(void))argument)();
        break;
    case DO_WRITE_TEXT:
        io_write64((uint64_t)image(0), 0);
        break;
    case DO_WRITE_RODATA:
        io_write32((uint64_t)&constant_word, 0);
        break;
    case DO_EXECUTE_DATA:
        memset(pages[0], 0, FFA_PAGE_SIZE);
        ((void (*)(void))(uint64_t)pages[0])();
        break;
    case DO_UNALIGNED_PC:
        ((void (*)(void))((uint64_t)code + 2))();
        break;
    default:
        break;
    }
}

static void fault_instruction(enum el0_do what)
{
    switch (what) {
    case DO_HVC:
        __asm__ volatile("hvc #0");
        break;
    case DO_SMC:
        __asm__ volatile("smc #0");
        break;
    case DO_BRK:
        __asm__ volatile("brk #1");
        break;
    case DO_UNDEFINED:
        __asm__ volatile(".inst 0x00000000");
        break;
    case DO_READ_EL1:
        (void)sysreg_read(ttbr0_el1);
        break;
    case DO_WRITE_EL1:
        sysreg_write(vbar_el1, 0);
        break;
    case DO_READ_ID:
        (void)sysreg_read(id_aa64pfr0_el1);
        break;
    case DO_READ_GIC:
        (void)sysreg_read(S3_0_C12_C12_0);
        break;
    case DO_READ_PMU:
        (void)sysreg_read(pmccntr_el0);
        break;
    case DO_WRITE_DAIF:
        __asm__ volatile("msr daifclr, #2");
        break;
    case DO_TLBI:
        __asm__ volatile("tlbi vmalle1");
        break;
    case DO_ERET:
        __asm__ volatile("eret");
        break;
    default:
        break;
    }
}

/* Values in registers that a call may change, over a WFI, which is none. */
static uint64_t count_survivors(void)
{
    uint64_t survivors;

    __asm__ volatile("mov x9, #9\n\tmov x10, #10\n\tmov x11, #11\n\tmov x12, #12\n\t"
                     "mov x0, #100\n\tmov x1, #101\n\tmov x2, #102\n\tmov x3, #103\n\t"
                     "wfi\n\tmov %0, #0\n\t"
                     "cmp x9, #9\n\tcinc %0, %0, eq\n\tcmp x10, #10\n\tcinc %0, %0, eq\n\t"
                     "cmp x11, #11\n\tcinc %0, %0, eq\n\tcmp x12, #12\n\tcinc %0, %0, eq\n\t"
                     "cmp x0, #100\n\tcinc %0, %0, eq\n\tcmp x1, #101\n\tcinc %0, %0, eq\n\t"
                     "cmp x2, #102\n\tcinc %0, %0, eq\n\tcmp x3, #103\n\tcinc %0, %0, eq\n\t"
                     : "=&r"(survivors)
                     :
                     : "x0", "x1", "x2", "x3", "x9", "x10", "x11", "x12", "cc", "memory");
    return survivors;
}

static uint64_t zeroed_word(void)
{
    uint64_t address = (uint64_t)pages[2];

    memset(pages[2], 0xff, FFA_PAGE_SIZE);
    __asm__ volatile("dc zva, %0\n\tdc civac, %0\n\tdc cvac, %0\n\tdsb sy" ::"r"(address)
                     : "memory");
    return io_read64(address);
}

#define RTC      UINT64_C(0x09010000)
#define RTC_DR   0x00u
#define RTC_MR   0x04u
#define RTC_IMSC 0x10u
#define RTC_MIS  0x18u
#define RTC_ICR  0x1cu

#define UART_INTID 40

/* Looks at a device before it is quieted: an interrupt that came again too early would by then. */
#define LOOKS 200u

static struct {
    uint64_t count;
    struct ffa_value last;
} interrupts;

static void rtc_quiet(void)
{
    for (uint32_t i = 0; i < LOOKS; i++) {
        (void)io_read32(RTC + RTC_MIS);
    }
    io_write32(RTC + RTC_ICR, 1);
}

static void uart_quiet(void)
{
    for (uint32_t i = 0; i < LOOKS; i++) {
        (void)uart_is_asserted();
    }
    uart_clear();
}

/* Takes what ended a wait. The timers stay asserted until they are stopped. */
static void note_interrupt(const struct ffa_value *message)
{
    if (message->x[0] != FFA_INTERRUPT_32) {
        return;
    }
    interrupts.count++;
    interrupts.last = *message;
    if (message->x[2] == BH_INTID_TIMER) {
        timer_physical_stop();
        timer_virtual_stop();
    } else if (message->x[2] == UART_INTID) {
        uart_quiet();
    } else {
        rtc_quiet();
    }
}

static struct ffa_value do_interrupts(enum el0_do what, uint64_t argument)
{
    switch (what) {
    case DO_INTERRUPT_ENABLE:
        return (struct ffa_value){
            {0, 0, 0, ffa_call(BH_INTERRUPT_ENABLE, argument, 1, BH_INTERRUPT_IRQ).x[0]}};
    case DO_INTERRUPT_GET:
        return (struct ffa_value){{0, 0, 0, ffa_call(BH_INTERRUPT_GET).x[0]}};
    case DO_PHYSICAL_TIMER:
        timer_physical_set(timer_physical_now() + timer_from_us(argument));
        break;
    case DO_VIRTUAL_TIMER:
        timer_virtual_set(timer_now() + timer_from_us(argument));
        break;
    case DO_RTC:
        io_write32(RTC + RTC_IMSC, 1);
        io_write32(RTC + RTC_MR, io_read32(RTC + RTC_DR));
        break;
    case DO_UART:
        uart_raise();
        break;
    default:
        return (struct ffa_value){
            {0, 0, 0, interrupts.count, interrupts.last.x[1], interrupts.last.x[2]}};
    }
    return (struct ffa_value){{0}};
}

/* Answers x3, x4, x5. */
static struct ffa_value do_good(enum el0_do what, uint64_t argument)
{
    struct ffa_value result;

    switch (what) {
    case DO_DATA:
        return (struct ffa_value){{0, 0, 0, (uint64_t)pages[0]}};
    case DO_WFI:
        return (struct ffa_value){{0, 0, 0, count_survivors()}};
    case DO_PERM_SET:
        result = ffa_mem_perm_set(pages[0], 1, FFA_MEM_PERM_RW);
        return (struct ffa_value){{0, 0, 0, result.x[0], result.x[2]}};
    case DO_PERM_GET:
        result = ffa_mem_perm_get(pages[0]);
        return (struct ffa_value){{0, 0, 0, result.x[0], result.x[2]}};
    case DO_CACHE:
        return (struct ffa_value){{0, 0, 0, zeroed_word(), sysreg_read(ctr_el0)}};
    case DO_COUNTERS:
        return (struct ffa_value){{0, 0, 0, timer_now(), timer_physical_now(), timer_frequency()}};
    case DO_UNKNOWN:
        return (struct ffa_value){{0, 0, 0, ffa_call(argument, 1, 2, 3).x[0]}};
    case DO_BUFFERS:
        result = ffa_rxtx_map(tx, rx, 1);
        if (!ffa_is_error(&result)) {
            result = ffa_call(FFA_PARTITION_INFO_GET_32);
        }
        return (struct ffa_value){{0, 0, 0, result.x[0], result.x[2], rx[0]}};
    case DO_FEATURES:
        result = ffa_features(argument);
        return (struct ffa_value){{0, 0, 0, result.x[0], result.x[2]}};
    case DO_INTERRUPT_ENABLE:
    case DO_INTERRUPT_GET:
    case DO_PHYSICAL_TIMER:
    case DO_VIRTUAL_TIMER:
    case DO_RTC:
    case DO_UART:
    case DO_LAST_INTERRUPT:
        return do_interrupts(what, argument);
    default:
        return (struct ffa_value){{0}};
    }
}

/* Also answers x4 and x5 unchanged to what it does not know: whoever asks sees that it is alive. */
TEST_SERVICE(do)
{
    struct ffa_value message = service_wait();

    for (;;) {
        note_interrupt(&message);
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        enum el0_do what = (enum el0_do)message.x[3];

        if (what < DO_HVC) {
            fault_access(what, message.x[4]);
        } else if (what < DO_FAULTS) {
            fault_instruction(what);
        }
        struct ffa_value answer = do_good(what, message.x[4]);

        message = service_respond(&message, answer.x[3], answer.x[4], answer.x[5]);
    }
}

/* Answers x3 + 1, x4, x5. */
TEST_SERVICE(echo)
{
    struct ffa_value message = service_wait();

    for (;;) {
        message = ffa_is_request(&message)
                      ? service_respond(&message, message.x[3] + 1, message.x[4], message.x[5])
                      : service_wait();
    }
}

/* Sends x4, x5 on to partition x3 as a request and answers x0, x3, x4 of its answer. */
TEST_SERVICE(relay)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        struct ffa_value result =
            ffa_direct_req_complete((uint16_t)message.x[3], message.x[4], message.x[5], 0);

        message = service_respond(&message, result.x[0], result.x[3], result.x[4]);
    }
}

/* Fills FP with x3, waits for the next message, answers whether it is still there. */
TEST_SERVICE(fp)
{
    static struct hftest_fp own, seen;
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        hftest_fp_store(&seen);
        uint64_t good = memcmp(&own, &seen, sizeof(own)) == 0;

        for (uint32_t i = 0; i < 64; i++) {
            own.v[i] = message.x[3] * (i + 1);
        }
        own.fpcr = 0x00c00000;
        own.fpsr = 0x00000011;
        hftest_fp_load(&own);
        message = service_respond(&message, good, 0, 0);
    }
}
