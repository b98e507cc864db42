/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition reaches its own memory and nothing else: it reads, writes and executes where others
 * have theirs, each time gets an external abort for itself, and the neighbours go on with their
 * memory unchanged.
 */
#include "hftest.h"

#define VICTIM   hftest_id(2) /* pinned to CPU 1 */
#define ATTACKER hftest_id(3) /* scheduled by the test partition */

HFTEST_SERVICES(2, 3);

/* Memory of the partitions is mapped where it lies: these are neighbours of each other and the
 * core, as the manifest puts them. */
struct place {
    uint64_t victim, attacker, core, beyond_ram;
};

static const struct place *place(void)
{
    static const struct place vm = {0x48000000, 0x48100000, 0x40200000, 0x50000000};
    static const struct place sp = {0x0ec00000, 0x0ed00000, 0x0e100000, 0x0f000000};

    return hftest_side() == HFTEST_SP ? &sp : &vm;
}

#define VICTIM_BASE   place()->victim
#define ATTACKER_BASE place()->attacker
#define CORE_BASE     place()->core
#define BEYOND_RAM    place()->beyond_ram
#define DEVICE_GICD   UINT64_C(0x08000000)
#define DEVICE_FLASH  UINT64_C(0x00000000)
#define FAR_AWAY      UINT64_C(0x3000000000)
#define NORMAL_RAM    UINT64_C(0x40000000)

#define SP_MEMORY 0x100000 /* isolation_sp.dts; an SP has no device tree with it */

extern uint8_t _start[]; /* first byte of the memory */

static bool own_memory_find(struct dtb_range *memory)
{
    *memory = (struct dtb_range){(uint64_t)_start, SP_MEMORY};
    return hftest_side() == HFTEST_SP || dtb_try_memory(0, memory);
}

static void expect_abort(struct exception_record record, uint32_t ec, uint64_t address)
{
    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), ec);
    EXPECT_EQ(ISS_FSC(record.esr), FSC_EXTERNAL);
    EXPECT_EQ(record.far, address);
}

static void check_closed(uint64_t address)
{
    exception_expect();
    (void)io_read64(address);
    struct exception_record record = exception_expected();

    expect_abort(record, EC_DATA_ABORT, address);
    EXPECT_EQ(record.esr & ISS_WNR, 0);

    exception_expect();
    io_write64(address, 0xbad);
    record = exception_expected();
    expect_abort(record, EC_DATA_ABORT, address);
    EXPECT_EQ(record.esr & ISS_WNR, ISS_WNR);

    exception_expect();
    ((void (*)(void))address)();
    record = exception_expected();
    expect_abort(record, EC_INSTRUCTION_ABORT, address);
}

TEST(isolation, neighbours_memory)
{
    SERVICE_SELECT(VICTIM, "echo");
    check_closed(VICTIM_BASE);
    check_closed(VICTIM_BASE + 0x80000);
    check_closed(ATTACKER_BASE);
    EXPECT_EQ(ffa_direct_req_complete(VICTIM, 1, 0, 0).x[3], 2);
}

TEST(isolation, core)
{
    check_closed(CORE_BASE);
    check_closed(CORE_BASE + 0x10000);
}

TEST(isolation, nothing)
{
    check_closed(DEVICE_FLASH);
    check_closed(BEYOND_RAM);
    check_closed(FAR_AWAY);
    if (hftest_side() == HFTEST_SP) {
        check_closed(NORMAL_RAM);
    }
}

/* First and last word of the own memory are there, the ones beside them are not. */
TEST(isolation, edges_of_own_memory)
{
    struct dtb_range memory;

    ASSERT_TRUE(own_memory_find(&memory));
    exception_expect();
    (void)io_read64(memory.base);
    (void)io_read64(memory.base + memory.size - 8);
    EXPECT_EQ(exception_expected().count, 0);
    check_closed(memory.base - 8);
    check_closed(memory.base + memory.size);
}

/* An access that begins inside and ends outside. */
TEST(isolation, across_the_edge)
{
    struct dtb_range memory;
    uint64_t value;

    ASSERT_TRUE(own_memory_find(&memory));
    mmu_enable();
    exception_expect();
    __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(memory.base + memory.size - 4) : "memory");
    struct exception_record record = exception_expected();

    mmu_disable();
    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_DATA_ABORT);
}

/* The emulated devices of this partition are its own: code can't be fetched from them. */
TEST(isolation, no_code_in_devices)
{
    exception_expect();
    ((void (*)(void))DEVICE_GICD)();
    EXPECT_EQ(exception_expected().count, 1);
}

/* A table walk of the guest that leads outside is an abort for the guest. */
TEST(isolation, page_tables_outside)
{
    const uint64_t entry = 300;
    uint64_t *table = mmu_table_get();
    uint64_t old = table[entry];

    table[entry] = BEYOND_RAM | 3; /* a level 2 table */
    mmu_enable();
    exception_expect();
    (void)io_read64(entry << 30);
    struct exception_record record = exception_expected();

    mmu_disable();
    table[entry] = old;
    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_DATA_ABORT);
    EXPECT_EQ(ISS_FSC(record.esr) & 0x34, 0x14); /* external abort on a table walk */
}

/* The other way round: a scheduled attacker tries this partition and the victim. */
static void check_attacker(uint64_t what, uint64_t where, uint32_t ec)
{
    struct ffa_value answer = ffa_direct_req_complete(ATTACKER, what, where, 0);

    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], 1);
    EXPECT_EQ(ESR_EC(answer.x[4]), ec);
    EXPECT_EQ(ISS_FSC(answer.x[4]), FSC_EXTERNAL);
    EXPECT_EQ(answer.x[5], where);
}

static volatile uint64_t treasure[2] __attribute__((aligned(16)));

TEST(isolation, attacker)
{
    struct dtb_range memory;

    ASSERT_TRUE(own_memory_find(&memory));
    SERVICE_SELECT(VICTIM, "echo");
    SERVICE_SELECT(ATTACKER, "attack");
    treasure[0] = 0x7ea57e;
    for (uint64_t what = 0; what < 3; what++) {
        uint32_t ec = what == 2 ? EC_INSTRUCTION_ABORT : EC_DATA_ABORT;

        check_attacker(what, (uint64_t)&treasure[0], ec);
        check_attacker(what, memory.base, ec);
        check_attacker(what, VICTIM_BASE, ec);
        check_attacker(what, CORE_BASE, ec);
        check_attacker(what, 0x09000000, ec); /* it has no UART */
        EXPECT_EQ(ffa_direct_req_complete(VICTIM, what, 0, 0).x[3], what + 1);
    }
    EXPECT_EQ(treasure[0], 0x7ea57e);
}

/* Buffers for messages can't be placed in others' memory either. */
TEST(isolation, buffers_in_foreign_memory)
{
    struct dtb_range memory;

    ASSERT_TRUE(own_memory_find(&memory));
    uint64_t own = memory.base + memory.size / 2;

    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_MAP_64, VICTIM_BASE, own, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_MAP_64, own, VICTIM_BASE, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_MAP_64, CORE_BASE, own, 1), FFA_INVALID_PARAMETERS);
}
