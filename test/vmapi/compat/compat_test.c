/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The primary of a system of the established binding: what an image written for that binding finds
 * when it starts, what it can do, and what it sees of the others.
 */
#include "bh/base/libc.h"
#include "compat/compat_ids.h"
#include "hftest.h"

#define OLD  2 /* FF-A 1.0 */
#define NEW  3 /* FF-A 1.2, two services, two vCPUs */
#define EL0  4
#define TREE 5 /* no partition manifest, a device tree of its own */
#define LATE 6 /* neither */

#define BOARD_RAM  UINT64_C(0x40000000)
#define BOARD_UART UINT64_C(0x09000000)
#define BOARD_RTC  UINT64_C(0x09010000)
#define UART_FR    0x18
#define RTC_DR     0x0
#define PAGE       4096
#define BLOCK_LATE 0x100000
#define BLOCK_TREE 0x200000
#define UNLISTED   UINT64_C(0xc3001234)

HFTEST_SERVICES(OLD, NEW, EL0, TREE, LATE);

static _Alignas(PAGE) uint8_t tx[PAGE], rx[PAGE];

static struct ffa_value ask(uint16_t vm, uint64_t x3, uint64_t x4)
{
    return ffa_direct_req_complete(vm, x3, x4, 0);
}

/* The runner passes what to run; more of the command line stands in tests.yaml. */
TEST(compat, bootargs_are_the_loaders)
{
    EXPECT_EQ(strncmp(dtb_bootargs(), "run", 3), 0);
    EXPECT_EQ(sysreg_read(CurrentEL), 1 << 2);
}

TEST(compat, has_all_cpus)
{
    EXPECT_EQ(smp_count(), 4);
    for (uint32_t i = 0; i < smp_count(); i++) {
        EXPECT_EQ(smp_mpidr(i), i);
    }
    EXPECT_EQ(sysreg_read(mpidr_el1) & 0xffffff, 0);
}

static uint64_t mpidrs[VMLIB_MAX_CPUS];
static volatile uint32_t running;

static void note_mpidr(uint64_t index)
{
    mpidrs[index] = sysreg_read(mpidr_el1) & 0xff00ffffff;
    (void)atomic_increment(&running);
}

/* CPU_ON, CPU_OFF and AFFINITY_INFO by SMC. */
TEST(compat, starts_cpus_by_smc)
{
    struct ffa_value info = {{PSCI_AFFINITY_INFO_64, smp_mpidr(1), 0}};

    call_smc(&info);
    EXPECT_EQ(info.x[0], PSCI_IS_OFF);
    running = 0;
    for (uint32_t i = 1; i < smp_count(); i++) {
        ASSERT_EQ(vmlib_cpu_start(i, note_mpidr, i), 0);
    }
    ASSERT_TRUE(cpu_wait_flag(&running, smp_count() - 1));
    for (uint32_t i = 1; i < smp_count(); i++) {
        EXPECT_TRUE(smp_wait_off(i));
        EXPECT_EQ(mpidrs[i], i);
    }
    /* While others are up, an address that is no CPU's is refused. */
    struct ffa_value on = {{PSCI_CPU_ON_64, 99, (uint64_t)note_mpidr, 0}};

    call_smc(&on);
    EXPECT_EQ((int32_t)on.x[0], PSCI_E_INVALID_PARAMETERS);
}

static void expect_memory(uint64_t address)
{
    volatile uint64_t *word = (volatile uint64_t *)address;
    uint64_t before = *word;

    *word = ~before;
    EXPECT_EQ(*word, ~before);
    *word = before;
}

/* Identity, readable and writable up to both ends of each piece. */
TEST(compat, has_the_memory_that_is_left)
{
    struct dtb_range range;
    uint64_t total = 0;
    bool holds_me = false;

    exception_expect();
    for (uint32_t i = 0; dtb_try_memory(i, &range); i++) {
        EXPECT_GE(range.base, BOARD_RAM);
        expect_memory(range.base + range.size / 2);
        expect_memory(range.base + range.size - 8);
        total += range.size;
        holds_me |= (uint64_t)tx >= range.base && (uint64_t)tx < range.base + range.size;
    }
    EXPECT_EQ(exception_expected().count, 0);
    EXPECT_TRUE(holds_me);
    EXPECT_GT(total, 900 << 20); /* of 1 GiB */
}

typedef uint64_t written_code(void);

/* Code anywhere in it runs. */
TEST(compat, memory_can_be_executed)
{
    static const uint32_t code[] = {0xd2800540, 0xd65f03c0}; /* mov x0, #42; ret */
    struct dtb_range range;

    ASSERT_TRUE(dtb_try_memory(0, &range));
    uint64_t at = range.base + range.size / 2;

    memcpy((void *)at, code, sizeof(code));
    __asm__ volatile("dsb sy\n\tic iallu\n\tdsb sy\n\tisb" ::: "memory");
    EXPECT_EQ(((written_code *)at)(), 42);
}

TEST(compat, drives_devices_where_they_are)
{
    struct dtb_range range;

    exception_expect();
    uint32_t seconds = io_read32(BOARD_RTC + RTC_DR);
    uint32_t flags = io_read32(BOARD_UART + UART_FR);

    EXPECT_EQ(exception_expected().count, 0);
    EXPECT_NE(seconds, 0);
    EXPECT_NE(flags, 0xffffffff);
    ASSERT_TRUE(dtb_try_reg("arm,pl011", 0, &range));
    EXPECT_EQ(range.base, BOARD_UART);
}

TEST(compat, registers_of_the_primary)
{
    exception_expect();
    (void)sysreg_read(S3_0_C10_C4_3); /* LORC_EL1 */
    struct exception_record record = exception_expected();

    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_UNKNOWN);
    exception_expect();
    sysreg_write(pmcr_el0, 7); /* reset and count */
    sysreg_write(pmcntenset_el0, UINT64_C(1) << 31);
    cpu_isb();
    uint64_t begin = sysreg_read(pmccntr_el0);

    for (volatile uint32_t i = 0; i < 1000; i++) {
    }
    EXPECT_GT(sysreg_read(pmccntr_el0), begin);
    (void)sysreg_read(mdscr_el1);
    EXPECT_EQ(exception_expected().count, 0);
}

/* Neither known nor listed: -1, and the arguments come back. */
TEST(compat, smc_that_is_not_listed)
{
    struct ffa_value call = {{UNLISTED, 1, 2, 3, 4, 5, 6, 7}};

    call_smc(&call);
    EXPECT_EQ(call.x[0], UINT64_MAX);
    for (uint32_t i = 1; i < 8; i++) {
        EXPECT_EQ(call.x[i], i);
    }
}

TEST(compat, version)
{
    struct ffa_value first = ffa_version(FFA_VERSION_1_2);

    EXPECT_EQ((uint32_t)first.x[0], FFA_VERSION_1_2);
    EXPECT_EQ(ffa_id_get(), 1);
    EXPECT_EQ((uint32_t)ffa_version(FFA_VERSION_1_0).x[0], FFA_VERSION_REFUSED);
    struct ffa_value call = {{FFA_VERSION_32, FFA_VERSION_1_2}};

    call_smc(&call);
    EXPECT_EQ((uint32_t)call.x[0], FFA_VERSION_1_2);
}

/* An entry for each service of the others; the primary itself is not listed. */
TEST(compat, partitions)
{
    const struct ffa_partition_info *info = (const struct ffa_partition_info *)rx;
    static const uint16_t ids[] = {OLD, NEW, NEW, EL0, TREE, LATE};

    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    struct ffa_value all = ffa_call(FFA_PARTITION_INFO_GET_32);

    EXPECT_EQ(all.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(all.x[2], 6);
    EXPECT_EQ(all.x[3], sizeof(*info));
    for (uint32_t i = 0; i < 6; i++) {
        EXPECT_EQ(info[i].id, ids[i]);
        EXPECT_EQ(info[i].contexts, ids[i] == NEW ? 2 : 1);
    }
    EXPECT_EQ(info[0].uuid.word[0], 0x10000001);
    (void)ffa_call(FFA_RX_RELEASE_32);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
}

/* A caller of v1.0 gets what v1.0 defines, which has no UUIDs: one entry a partition. */
TEST(compat, partitions_for_v1_0)
{
    SERVICE_SELECT(OLD, "partitions");
    struct ffa_value second = ask(OLD, 0, sizeof(struct ffa_partition_info_v1_0));

    EXPECT_EQ(second.x[3], 5);
    EXPECT_EQ(second.x[5] & 0xffff, NEW);
    EXPECT_EQ((second.x[5] >> 16) & 0xffff, 2);
}

TEST(compat, first_run)
{
    struct ffa_value early = ffa_direct_req(LATE, 0, 0, 0);

    if (ffa_is_error(&early)) {
        EXPECT_EQ(ffa_error_code(&early), FFA_BUSY);
    }
    struct ffa_value run = ffa_run(LATE, 0);

    EXPECT_EQ(run.x[0], FFA_MSG_WAIT_32);
    EXPECT_EQ(run.x[1], ffa_target_make(LATE, 0));
    EXPECT_EQ(run.x[2], 0);
    SERVICE_SELECT(LATE, "entry");
}

/* Blocks from the top of RAM downwards, identity; x0 is the memory's size. */
TEST(compat, secondary_entry)
{
    SERVICE_SELECT(LATE, "entry");
    SERVICE_SELECT(OLD, "entry");
    struct ffa_value late = ask(LATE, ENTRY_STATE, 0);
    struct ffa_value old = ask(OLD, ENTRY_STATE, 0);

    EXPECT_EQ(late.x[3], BLOCK_LATE);
    EXPECT_EQ(late.x[4] & 0xff00ffffff, 0);
    EXPECT_EQ(late.x[5] % PAGE, 0);
    EXPECT_EQ(old.x[3], 0x100000);
    EXPECT_NE(old.x[5], late.x[5]);
    EXPECT_GT(late.x[5], BOARD_RAM + (900 << 20));
}

/* Its tree stands at the end of its block and says where that is. */
TEST(compat, secondary_tree)
{
    SERVICE_SELECT(TREE, "entry");
    struct ffa_value state = ask(TREE, ENTRY_STATE, 0);
    struct ffa_value memory = ask(TREE, ENTRY_MEMORY, 0);

    EXPECT_EQ(memory.x[3], state.x[5]);
    EXPECT_EQ(memory.x[4], BLOCK_TREE);
    EXPECT_EQ(memory.x[5], 0x600d);
    EXPECT_GE(state.x[3], memory.x[3] + BLOCK_TREE - PAGE);
    EXPECT_LT(state.x[3], memory.x[3] + BLOCK_TREE);
}

/* Nobody reaches beyond its own memory: an abort at EL1. */
TEST(compat, memory_of_others)
{
    uint64_t end;

    SERVICE_SELECT(LATE, "entry");
    end = ask(LATE, ENTRY_STATE, 0).x[5] + BLOCK_LATE;
    exception_expect();
    (void)io_read32(end - 4);
    EXPECT_EQ(exception_expected().count, 1);
    SERVICE_SELECT(LATE, "reach");
    struct ffa_value record = ask(LATE, end - 4, 0);

    EXPECT_EQ(record.x[3], 0);
    record = ask(LATE, end, 0);
    EXPECT_EQ(record.x[3], 1);
    EXPECT_EQ(ESR_EC(record.x[4]), EC_DATA_ABORT);
    EXPECT_EQ(record.x[5], end);
    record = ask(LATE, BOARD_UART, 0);
    EXPECT_EQ(record.x[3], 1);
}

TEST(compat, registers_of_secondaries)
{
    SERVICE_SELECT(OLD, "registers");
    EXPECT_EQ(ask(OLD, 0, 0).x[3], 0);
    SERVICE_SELECT(TREE, "registers");
    EXPECT_EQ(ask(TREE, 0, 0).x[3], 0);
}

/* What waits for an interrupt is not run: 0xff06, with the time until its timer. */
TEST(compat, run_of_a_sleeper)
{
    SERVICE_SELECT(LATE, "sleep");
    struct ffa_value result = ffa_direct_req(LATE, 0, 20000, 0);

    EXPECT_EQ(result.x[0], FFA_RUN_WAIT_FOR_INTERRUPT);
    EXPECT_EQ(result.x[1], ffa_target_make(LATE, 0));
    EXPECT_GT(result.x[2], 0);
    EXPECT_LE(result.x[2], 20000000);
    while (result.x[0] == FFA_RUN_WAIT_FOR_INTERRUPT) {
        result = ffa_run(LATE, 0);
    }
    ASSERT_TRUE(ffa_is_response(&result));
    EXPECT_EQ(result.x[3], 3);
}

/* Without a timer the time is 0: for ever, unless somebody notifies it. */
TEST(compat, run_of_a_sleeper_for_ever)
{
    SERVICE_SELECT(LATE, "sleep");
    struct ffa_value result = ffa_direct_req(LATE, 0, 0, 0);

    for (uint32_t i = 0; i < 3; i++) {
        ASSERT_EQ(result.x[0], FFA_RUN_WAIT_FOR_INTERRUPT);
        EXPECT_EQ(result.x[1], ffa_target_make(LATE, 0));
        EXPECT_EQ(result.x[2], 0);
        result = ffa_run(LATE, 0);
    }
    ASSERT_EQ(ffa_notification_set(LATE, 0, 1).x[0], FFA_SUCCESS_32);
    result = ffa_run(LATE, 0);
    ASSERT_TRUE(ffa_is_response(&result));
    EXPECT_EQ(result.x[3], 5);
}

TEST(compat, run_of_what_is_off)
{
    struct ffa_value result = ffa_run(NEW, 1);

    EXPECT_EQ(result.x[0], FFA_RUN_WAIT_FOR_INTERRUPT);
    EXPECT_EQ(result.x[1], ffa_target_make(NEW, 1));
    EXPECT_EQ(result.x[2], 0);
}

/* MSG_SEND2 fills RX; the receiver learns of it from the framework's notification. */
TEST(compat, indirect_message)
{
    static const char text[] = "contract";
    const uint32_t header = sizeof(struct ffa_message_header);
    uint64_t first;

    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    SERVICE_SELECT(NEW, "mail");
    (void)ask(NEW, 0, 0);
    memcpy(tx + header, text, sizeof(text));
    ASSERT_EQ(ffa_send2(tx, NEW, sizeof(text)).x[0], FFA_SUCCESS_32);
    struct ffa_value run = ffa_run(NEW, 0);

    EXPECT_EQ(run.x[0], FFA_MSG_WAIT_32);
    struct ffa_value got = ask(NEW, 0, 0);

    memcpy(&first, text, sizeof(first));
    EXPECT_EQ(got.x[3], 1);
    EXPECT_EQ(got.x[4], 1);
    EXPECT_EQ(got.x[5], first);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
}

TEST(compat, el0_partition)
{
    SERVICE_SELECT(EL0, "echo");
    EXPECT_EQ(ask(EL0, 41, 0).x[3], 42);
}

/* The primary gives time, it does not wait for any. */
TEST(compat, waits_are_not_for_the_primary)
{
    struct ffa_value wait = ffa_msg_wait();
    struct ffa_value poll = ffa_call(FFA_MSG_POLL_32);

    EXPECT_TRUE(ffa_is_error(&wait));
    EXPECT_TRUE(ffa_is_error(&poll));
    EXPECT_EQ(ffa_yield().x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(UINT64_C(0x84000090)), FFA_NOT_SUPPORTED); /* FFA_ABORT */
}
