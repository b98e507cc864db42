/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Partitions at EL0: what they may do, what they have to say, and how they end.
 */
#include "el0/el0_ids.h"
#include "hftest.h"
#include "hftest_asm.h"
#include "vmapi/bh.h"

#define EL0    hftest_id(2) /* scheduled by this partition; restarts */
#define EL1    hftest_id(3)
#define PINNED hftest_id(4) /* EL0 on a CPU of its own */
#define MORTAL hftest_id(5) /* EL0; stays off */

HFTEST_SERVICES(2, 3, 4);

static struct ffa_value ask(uint16_t vm, uint64_t x3, uint64_t x4)
{
    return ffa_direct_req_complete(vm, x3, x4, 0);
}

static void check_alive(uint16_t vm)
{
    SERVICE_SELECT(vm, "echo");
    struct ffa_value answer = ffa_direct_req_complete(vm, 41, 7, 8);

    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], 42);
    EXPECT_EQ(answer.x[4], 7);
    EXPECT_EQ(answer.x[5], 8);
}

/* ---- messages ---- */

TEST(el0, answers)
{
    check_alive(EL0);
    check_alive(PINNED);
}

TEST(el0, asks_others)
{
    SERVICE_SELECT(EL0, "relay");
    SERVICE_SELECT(EL1, "echo");
    struct ffa_value answer = ffa_direct_req_complete(EL0, EL1, 10, 20);

    EXPECT_EQ(answer.x[3], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[4], 11);
    EXPECT_EQ(answer.x[5], 20);
}

TEST(el0, is_asked_by_el1_and_by_el0)
{
    SERVICE_SELECT(EL1, "relay");
    SERVICE_SELECT(EL0, "echo");
    struct ffa_value answer = ffa_direct_req_complete(EL1, EL0, 10, 20);

    EXPECT_EQ(answer.x[3], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[5], 11);
    SERVICE_SELECT(PINNED, "relay");
    answer = ffa_direct_req_complete(PINNED, EL0, 30, 40);
    EXPECT_EQ(answer.x[3], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[4], 31);
}

TEST(el0, buffers)
{
    SERVICE_SELECT(EL0, "do");
    struct ffa_value answer = ask(EL0, DO_BUFFERS, 0);

    EXPECT_EQ(answer.x[3], FFA_SUCCESS_32);
    EXPECT_EQ(answer.x[4], 5); /* partitions */
    EXPECT_EQ(answer.x[5], 1);
}

TEST(el0, unknown_calls)
{
    static const uint64_t ids[] = {0, 0x82000000, 0xc2000000, 0xff01, 0xffffffff, 0xbd000000};

    SERVICE_SELECT(EL0, "do");
    for (uint32_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        EXPECT_EQ(ask(EL0, DO_UNKNOWN, ids[i]).x[3], UINT64_MAX);
    }
    /* SPs have no PSCI. */
    EXPECT_EQ(ask(EL0, DO_UNKNOWN, PSCI_VERSION_FID).x[3],
              hftest_side() == HFTEST_VM ? PSCI_V1_1 : UINT64_MAX);
}

/* ---- permissions ---- */

static void expect_init(enum el0_init check, uint64_t x0, uint64_t x2)
{
    struct ffa_value answer = ask(EL0, check, 0);

    if (answer.x[3] != x0 || answer.x[4] != x2 || answer.x[5] != 0) {
        hftest_fail(__FILE__, __LINE__, "check %u: x0 0x%lx, x2 0x%lx, x3 0x%lx", (uint32_t)check,
                    answer.x[3], answer.x[4], answer.x[5]);
    }
}

TEST(el0, permissions_get)
{
    SERVICE_SELECT(EL0, "init");
    expect_init(INIT_GET_TEXT, FFA_SUCCESS_32, FFA_MEM_PERM_RX);
    expect_init(INIT_GET_RODATA, FFA_SUCCESS_32, FFA_MEM_PERM_RO);
    expect_init(INIT_GET_DATA, FFA_SUCCESS_32, FFA_MEM_PERM_RW);
    expect_init(INIT_GET_STACK, FFA_SUCCESS_32, FFA_MEM_PERM_RW);
    expect_init(INIT_GET_REST, FFA_SUCCESS_32, FFA_MEM_PERM_RX);
    expect_init(INIT_GET_CONSTANT, FFA_SUCCESS_32, FFA_MEM_PERM_RO);
}

TEST(el0, permissions_set)
{
    SERVICE_SELECT(EL0, "init");
    expect_init(INIT_SET_RW, FFA_SUCCESS_32, 0);
    expect_init(INIT_GET_RW, FFA_SUCCESS_32, FFA_MEM_PERM_RW);
    expect_init(INIT_SET_RO, FFA_SUCCESS_32, 0);
    expect_init(INIT_GET_RO, FFA_SUCCESS_32, FFA_MEM_PERM_RO);
    expect_init(INIT_SET_RX, FFA_SUCCESS_32, 0);
    expect_init(INIT_GET_RX, FFA_SUCCESS_32, FFA_MEM_PERM_RX);
    expect_init(INIT_GET_NEXT, FFA_SUCCESS_32, FFA_MEM_PERM_RW);
    expect_init(INIT_SET_32, FFA_SUCCESS_32, 0);
    expect_init(INIT_GET_32, FFA_SUCCESS_32, FFA_MEM_PERM_RO);
    expect_init(INIT_FEATURES_GET, FFA_SUCCESS_32, 0);
    expect_init(INIT_FEATURES_SET, FFA_SUCCESS_32, 0);
    expect_init(INIT_CODE, 42, 0);
}

TEST(el0, permissions_refused)
{
    SERVICE_SELECT(EL0, "init");
    for (enum el0_init check = INIT_UNALIGNED; check <= INIT_RESERVED_BIT; check++) {
        expect_init(check, FFA_ERROR_32, (uint32_t)FFA_INVALID_PARAMETERS);
    }
    expect_init(INIT_CONSTANT_RW, FFA_ERROR_32, (uint32_t)FFA_DENIED);
    expect_init(INIT_CONSTANT_RX, FFA_ERROR_32, (uint32_t)FFA_DENIED);
    expect_init(INIT_MAP_RO, FFA_ERROR_32, (uint32_t)FFA_INVALID_PARAMETERS);
}

TEST(el0, permissions_only_at_start)
{
    SERVICE_SELECT(EL0, "do");
    for (enum el0_do what = DO_PERM_SET; what <= DO_PERM_GET; what++) {
        struct ffa_value answer = ask(EL0, what, 0);

        EXPECT_EQ(answer.x[3], FFA_ERROR_32);
        EXPECT_EQ(answer.x[4], (uint32_t)FFA_DENIED);
    }
}

TEST(el0, permissions_not_for_el1)
{
    static const uint64_t ids[] = {FFA_MEM_PERM_GET_32, FFA_MEM_PERM_GET_64, FFA_MEM_PERM_SET_32,
                                   FFA_MEM_PERM_SET_64};

    for (uint32_t i = 0; i < 4; i++) {
        EXPECT_FFA_ERROR(ffa_call(ids[i], (uint64_t)&ids & ~UINT64_C(0xfff), 1, FFA_MEM_PERM_RW),
                         FFA_NOT_SUPPORTED);
        EXPECT_FFA_ERROR(ffa_features(ids[i]), FFA_NOT_SUPPORTED);
    }
}

/* ---- what else works there ---- */

TEST(el0, caches)
{
    SERVICE_SELECT(EL0, "do");
    struct ffa_value answer = ask(EL0, DO_CACHE, 0);

    EXPECT_EQ(answer.x[3], 0);
    EXPECT_EQ(answer.x[4], sysreg_read(ctr_el0));
}

TEST(el0, counters)
{
    SERVICE_SELECT(EL0, "do");
    uint64_t before = timer_now(), physical = timer_physical_now();
    struct ffa_value answer = ask(EL0, DO_COUNTERS, 0);

    EXPECT_GE(answer.x[3], before);
    EXPECT_LE(answer.x[3], timer_now());
    EXPECT_GE(answer.x[4], physical);
    EXPECT_LE(answer.x[4], timer_physical_now());
    EXPECT_EQ(answer.x[5], timer_frequency());
}

static void fp_enable(void)
{
    sysreg_write(cpacr_el1, sysreg_read(cpacr_el1) | UINT64_C(3) << 20);
    cpu_isb();
}

TEST(el0, fp_registers_are_its_own)
{
    static struct hftest_fp own, seen;

    fp_enable();
    for (uint32_t i = 0; i < 64; i++) {
        own.v[i] = UINT64_C(0x0123456789abcdef) * (i + 7);
    }
    SERVICE_SELECT(EL0, "fp");
    (void)ask(EL0, 0x1111, 0);
    for (uint32_t round = 0; round < 3; round++) {
        hftest_fp_load(&own);
        EXPECT_EQ(ask(EL0, 0x2222 + round, 0).x[3], 1);
        hftest_fp_store(&seen);
        EXPECT_EQ(memcmp(&own, &seen, sizeof(own)), 0);
    }
}

/* WFI gives the CPU up, as FFA_YIELD does, and changes no register. (QEMU does not trap WFE.) */
TEST(el0, wfi_yields)
{
    SKIP_ON(HFTEST_NORMAL_WORLD,
            "an SP's WFI lasts until an interrupt, its own or one that preempts it");
    SERVICE_SELECT(EL0, "do");
    struct ffa_value answer = ffa_direct_req(EL0, DO_WFI, 0, 0);

    EXPECT_EQ(answer.x[0], FFA_YIELD_32);
    EXPECT_EQ(answer.x[1], ffa_target_make(EL0, 0));
    answer = ffa_run(EL0, 0);
    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], 8);
}

/* ---- interrupts ---- */

static void check_interrupts(uint16_t vm, uint64_t count, uint64_t intid)
{
    struct ffa_value answer = ask(vm, DO_LAST_INTERRUPT, 0);

    EXPECT_EQ(answer.x[3], count);
    /* w1 of FFA_INTERRUPT names nobody to an SP, whose own it is. */
    EXPECT_EQ(answer.x[4], hftest_side() == HFTEST_VM ? ffa_target_make(vm, 0) : 0);
    EXPECT_EQ(answer.x[5], intid);
}

/* Armed, and due while it waits: FFA_RUN lets it see the interrupt, once. */
static void check_timer(enum el0_do timer, uint64_t before)
{
    struct ffa_value run;

    (void)ask(EL0, timer, 100);
    uint64_t end = timer_now() + timer_from_us(300);

    while (timer_now() < end) {
        cpu_relax();
    }
    run = ffa_run(EL0, 0);
    EXPECT_EQ(run.x[0], FFA_MSG_WAIT_32);
    check_interrupts(EL0, before + 1, BH_INTID_TIMER);
    run = ffa_run(EL0, 0);
    EXPECT_EQ(run.x[0], FFA_MSG_WAIT_32);
    check_interrupts(EL0, before + 1, BH_INTID_TIMER);
    EXPECT_EQ(ask(EL0, DO_INTERRUPT_GET, 0).x[3], BH_INTERRUPT_NONE);
}

TEST(el0, timers)
{
    SERVICE_SELECT(EL0, "do");
    uint64_t before = ask(EL0, DO_LAST_INTERRUPT, 0).x[3];

    EXPECT_EQ(ask(EL0, DO_INTERRUPT_ENABLE, BH_INTID_TIMER).x[3], 0);
    EXPECT_EQ(ask(EL0, DO_INTERRUPT_ENABLE, 34).x[3], BH_INTERRUPT_REFUSED); /* the RTC's */
    check_timer(DO_PHYSICAL_TIMER, before);
    if (hftest_side() == HFTEST_VM) {
        check_timer(DO_VIRTUAL_TIMER, before + 1); /* an SP has only the physical one */
    }
}

/* The device's interrupt is on without being enabled, and ends the wait of one that has a CPU:
 * once, although its level is still high when the partition learns of it. */
TEST(el0, device)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "no SP has a CPU of its own: el0_world/interrupts");
    SERVICE_SELECT(PINNED, "do");
    uint64_t before = ask(PINNED, DO_LAST_INTERRUPT, 0).x[3];
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    for (uint64_t i = 1; i <= 3; i++) {
        (void)ask(PINNED, DO_RTC, 0);
        while (ask(PINNED, DO_LAST_INTERRUPT, 0).x[3] < before + i && timer_now() < end) {
            cpu_relax();
        }
        check_interrupts(PINNED, before + i, 34);
    }
}

TEST(el0, no_interrupt_tells_of_notifications)
{
    SERVICE_SELECT(EL0, "do");
    struct ffa_value answer = ask(EL0, DO_FEATURES, 1 /* NPI */);

    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ(answer.x[4], (uint32_t)FFA_NOT_SUPPORTED);
}

/* ---- ends ---- */

/* It starts anew with a clean image: its start, which sets permissions, works again. */
static void check_fault(enum el0_do what, uint64_t argument)
{
    SERVICE_SELECT(EL0, "do");
    struct ffa_value answer = ask(EL0, what, argument);

    if (ffa_error_code(&answer) != FFA_ABORTED) {
        hftest_fail(__FILE__, __LINE__, "fault %u: x0 0x%lx, x2 0x%lx", (uint32_t)what, answer.x[0],
                    answer.x[2]);
    }
    check_alive(EL0);
}

TEST(el0, faults_end_it)
{
    for (enum el0_do what = DO_WRITE_TEXT; what < DO_FAULTS; what++) {
        check_fault(what, 0);
    }
}

/* Memory behind the image, too, has nothing of an aborted life in it. */
TEST(el0, restarts_with_clean_memory)
{
    for (uint32_t life = 0; life < 3; life++) {
        SERVICE_SELECT(EL0, "init");
        struct ffa_value answer = ask(EL0, INIT_TRACE, 0);

        EXPECT_EQ(answer.x[3], 0);
        EXPECT_EQ(answer.x[4], 0x7ace);
        check_fault(DO_BRK, 0);
    }
}

TEST(el0, sees_its_own_memory_only)
{
    static uint64_t secret = 0x5ec7e7;
    uint64_t addresses[] = {(uint64_t)&secret,
                            0,
                            0x0b000000,
                            0x08000000,
                            0x09000000,
                            0x40200000,
                            UINT64_C(1) << 40,
                            UINT64_C(1) << 47,
                            UINT64_C(0xffff000000000000)};

    for (uint32_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        check_fault(DO_READ, addresses[i]);
        check_fault(DO_WRITE, addresses[i]);
        check_fault(DO_EXECUTE, addresses[i]);
    }
    EXPECT_EQ(secret, 0x5ec7e7);
}

TEST(el0, is_seen_by_nobody)
{
    SERVICE_SELECT(EL0, "do");
    uint64_t page = ask(EL0, DO_DATA, 0).x[3];

    SERVICE_SELECT(EL1, "attack");
    EXPECT_EQ(ffa_direct_req_complete(EL1, 0 /* ATTACK_READ */, page, 0).x[3], 1);
    SERVICE_SELECT(PINNED, "do");
    /* It has no abort-action: it ends for good, and its sender learns it. */
    SERVICE_SELECT(MORTAL, "do");
    struct ffa_value answer = ask(MORTAL, DO_READ, page);

    EXPECT_EQ((uint32_t)ffa_error_code(&answer), (uint32_t)FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_run(MORTAL, 0), FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_direct_req(MORTAL, 0, 0, 0), FFA_ABORTED);
}
