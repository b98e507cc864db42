/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an SP reaches: its memory and the regions of its manifest, with their rights, each in the
 * address space of its security state, and nothing else in either. And the normal world reaches
 * nothing of it.
 */
#include "hftest.h"
#include "regions.h"

#define PROBER    0x8001
#define NEIGHBOUR 0x8002

#define OWN       UINT64_C(0x0e4c0000)
#define READABLE  UINT64_C(0x0e800000)
#define WRITABLE  UINT64_C(0x0e802000)
#define RUNNABLE  UINT64_C(0x0e806000)
#define WINDOW    UINT64_C(0x50000000)
#define PANE      UINT64_C(0x50004000)
#define UART_FR   UINT64_C(0x09040018)
#define UART_IBRD UINT64_C(0x09040024)
#define GPIO      UINT64_C(0x090b0000)

#define FSC_CLASS      0x3c /* without the level */
#define FSC_PERMISSION 0x0c

static const uint64_t foreign[] = {
    0x0e000000, 0x0e0a0000,             /* EL3 and what it loaded */
    0x0e100000, 0x0e180000,             /* the core */
    0x0e3ff000, 0x0e500000, 0x0e5ff000, /* beside the own memory; the neighbour */
    0x0e801000, 0x0e804000, 0x0e807000, /* beside the regions */
    0x40000000, 0x48000000, 0x60000000, /* the normal world */
    0x4ffff000, 0x50002000, 0x50005000, /* beside the windows */
    0x00000000, 0x08000000, 0x080a0000, /* flash, GIC */
    0x09000000, 0x09010000, 0x09041000, /* devices */
    0x7ffff000, 0x80000000, 0x3000000000,
};

static struct ffa_value reach(enum probe what, uint64_t where, enum probe_space space)
{
    struct ffa_value answer =
        ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(0, PROBER), 0, what, where, space);

    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return answer;
}

static void check_closed(enum probe what, uint64_t where, enum probe_space space)
{
    uint32_t ec = what == PROBE_EXECUTE ? EC_INSTRUCTION_ABORT : EC_DATA_ABORT;
    struct ffa_value answer = reach(what, where, space);

    uint32_t fsc = ISS_FSC(answer.x[4]);

    if (what == PROBE_EXECUTE && space == PROBE_NS && (fsc & FSC_CLASS) == FSC_PERMISSION) {
        fsc = FSC_EXTERNAL; /* SCR_EL3.SIF: no stage of translation is asked */
    }
    if (answer.x[3] != 1 || ESR_EC(answer.x[4]) != ec || fsc != FSC_EXTERNAL) {
        FAIL("access %u of %lx in space %u: %lu exceptions, ESR %lx", what, where, space,
             answer.x[3], answer.x[4]);
    }
}

static uint64_t check_open(enum probe what, uint64_t where, enum probe_space space)
{
    struct ffa_value answer = reach(what, where, space);

    if (answer.x[3] != 0) {
        FAIL("access %u of %lx in space %u: ESR %lx", what, where, space, answer.x[4]);
    }
    return answer.x[5];
}

/* Instructions are fetched: nothing is written there, so each is undefined, up to the end of the
 * region, which ends it. */
static void check_fetched(uint64_t where, uint64_t size)
{
    EXPECT_EQ(reach(PROBE_EXECUTE, where, PROBE_SECURE).x[3], size / 4 + 1);
}

TEST(regions, nothing_else)
{
    SERVICE_SELECT(PROBER, "prober");
    for (uint32_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
        for (uint32_t what = PROBE_READ; what <= PROBE_EXECUTE; what++) {
            check_closed((enum probe)what, foreign[i], PROBE_SECURE);
            check_closed((enum probe)what, foreign[i], PROBE_NS);
        }
    }
}

TEST(regions, secure_rights)
{
    SERVICE_SELECT(PROBER, "prober");
    (void)check_open(PROBE_WRITE, OWN, PROBE_SECURE);
    EXPECT_EQ(check_open(PROBE_READ, OWN, PROBE_SECURE), (uint32_t)PROBE_MAGIC);
    (void)check_open(PROBE_READ, READABLE, PROBE_SECURE);
    check_closed(PROBE_WRITE, READABLE, PROBE_SECURE);
    check_closed(PROBE_EXECUTE, READABLE, PROBE_SECURE);
    (void)check_open(PROBE_WRITE, WRITABLE + 0x1ffc, PROBE_SECURE);
    EXPECT_EQ(check_open(PROBE_READ, WRITABLE + 0x1ffc, PROBE_SECURE), (uint32_t)PROBE_MAGIC);
    check_closed(PROBE_EXECUTE, WRITABLE, PROBE_SECURE);
    (void)check_open(PROBE_READ, RUNNABLE, PROBE_SECURE);
    check_closed(PROBE_WRITE, RUNNABLE, PROBE_SECURE);
    check_fetched(RUNNABLE, 0x1000);
}

/* What is secure is nowhere among the non-secure addresses, and the reverse. */
TEST(regions, each_in_its_space)
{
    static const uint64_t secure[] = {OWN, READABLE, WRITABLE, RUNNABLE, UART_FR, GPIO};
    static const uint64_t not_secure[] = {WINDOW, PANE};

    SERVICE_SELECT(PROBER, "prober");
    for (uint32_t what = PROBE_READ; what <= PROBE_EXECUTE; what++) {
        for (uint32_t i = 0; i < sizeof(secure) / sizeof(*secure); i++) {
            check_closed((enum probe)what, secure[i], PROBE_NS);
        }
        for (uint32_t i = 0; i < sizeof(not_secure) / sizeof(*not_secure); i++) {
            check_closed((enum probe)what, not_secure[i], PROBE_SECURE);
        }
    }
}

TEST(regions, memory_of_the_normal_world)
{
    SERVICE_SELECT(PROBER, "prober");
    io_write32(WINDOW + 0x1ff8, 0x600d0001);
    io_write32(PANE, 0x600d0002);
    EXPECT_EQ(check_open(PROBE_READ, WINDOW + 0x1ff8, PROBE_NS), 0x600d0001);
    (void)check_open(PROBE_WRITE, WINDOW + 0x1ffc, PROBE_NS);
    EXPECT_EQ(io_read32(WINDOW + 0x1ffc), (uint32_t)PROBE_MAGIC);
    check_closed(PROBE_EXECUTE, WINDOW, PROBE_NS);
    EXPECT_EQ(check_open(PROBE_READ, PANE, PROBE_NS), 0x600d0002);
    check_closed(PROBE_WRITE, PANE, PROBE_NS);
    EXPECT_EQ(io_read32(PANE), 0x600d0002);
}

TEST(regions, devices)
{
    SERVICE_SELECT(PROBER, "prober");
    (void)check_open(PROBE_READ, UART_FR, PROBE_SECURE);
    (void)check_open(PROBE_WRITE, UART_IBRD, PROBE_SECURE);
    check_closed(PROBE_EXECUTE, UART_FR, PROBE_SECURE);
    (void)check_open(PROBE_READ, GPIO, PROBE_SECURE);
    check_closed(PROBE_WRITE, GPIO, PROBE_SECURE);
}

TEST(regions, closed_to_the_normal_world)
{
    static const uint64_t secure[] = {0x0e100000, OWN,     READABLE, WRITABLE,
                                      0x0e500000, UART_FR, GPIO};

    for (uint32_t i = 0; i < sizeof(secure) / sizeof(*secure); i++) {
        exception_expect();
        EXPECT_NE(io_read32(secure[i]), (uint32_t)PROBE_MAGIC);
        struct exception_record record = exception_expected();

        EXPECT_EQ(record.count, 1);
        EXPECT_EQ(ESR_EC(record.esr), EC_DATA_ABORT);
    }
}

/* The neighbour, too, has nothing but its own. */
TEST(regions, of_another)
{
    static const uint64_t regions[] = {OWN,    READABLE, WRITABLE, RUNNABLE,
                                       WINDOW, PANE,     UART_FR,  GPIO};

    SERVICE_SELECT(NEIGHBOUR, "attack");
    for (uint32_t i = 0; i < sizeof(regions) / sizeof(*regions); i++) {
        EXPECT_EQ(ffa_direct_req(NEIGHBOUR, 0 /* read */, regions[i], 0).x[3], 1);
        EXPECT_EQ(ffa_direct_req(NEIGHBOUR, 1 /* write */, regions[i], 0).x[3], 1);
    }
}
