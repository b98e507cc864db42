/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the manifest to the running partition: what manifest.dts says is what is there.
 */
#include <libfdt.h>

#include "hftest.h"

#define SERVICE 2

/* manifest.dts */
#define IPA_BASE        UINT64_C(0x80000000)
#define MEM_SIZE        UINT64_C(0x200000)
#define READ_ONLY       UINT64_C(0xa0000000)
#define READ_WRITE      UINT64_C(0xa0010000)
#define SHARED          UINT64_C(0xa0020000)
#define EXECUTABLE      UINT64_C(0xa0030000)
#define SERVICES_SHARED UINT64_C(0xb0000000)
#define PAGE            UINT64_C(0x1000)

HFTEST_SERVICES(SERVICE);

static uint64_t image_base(void)
{
    uint64_t base;

    __asm__("adrp %0, _start" : "=r"(base));
    return base;
}

/* The memory lies where the manifest wants the partition to see it, not where it is. */
TEST(manifest, ipa_base)
{
    struct dtb_range memory;

    ASSERT_TRUE(dtb_try_memory(0, &memory));
    EXPECT_EQ(memory.base, IPA_BASE);
    EXPECT_EQ(memory.size, MEM_SIZE);
    EXPECT_EQ(image_base(), IPA_BASE);
    io_write64(IPA_BASE + MEM_SIZE / 2, 0x600d);
    EXPECT_EQ(io_read64(IPA_BASE + MEM_SIZE / 2), 0x600d);
    exception_expect();
    (void)io_read64(IPA_BASE - 8);
    (void)io_read64(IPA_BASE + MEM_SIZE);
    EXPECT_EQ(exception_expected().count, 2);
}

TEST(manifest, vcpus)
{
    EXPECT_EQ(smp_count(), 2);
    EXPECT_EQ(psci_affinity_info(smp_mpidr(0)), PSCI_IS_ON);
    EXPECT_EQ(psci_affinity_info(smp_mpidr(1)), PSCI_IS_OFF);
    EXPECT_EQ(sysreg_read(mpidr_el1) & UINT64_C(0xff00ffffff), smp_mpidr(0));
}

static int node_of(const char *compatible)
{
    return fdt_node_offset_by_compatible(dtb_get(), -1, compatible);
}

TEST(manifest, device_tree)
{
    const void *dtb = dtb_get();
    struct dtb_range range;
    uint32_t intid;
    int node;

    ASSERT_NE(dtb, NULL);
    node = node_of("arm,psci-1.0");
    ASSERT_TRUE(node >= 0);
    EXPECT_EQ(strcmp(fdt_getprop(dtb, node, "method", NULL), "hvc"), 0);
    node = node_of("arm,armv8-timer");
    ASSERT_TRUE(node >= 0);
    /* Virtual and physical timer: the third and the second of four. */
    ASSERT_TRUE(dtb_try_interrupt("arm,armv8-timer", 2, &intid));
    EXPECT_EQ(intid, GIC_VTIMER);
    ASSERT_TRUE(dtb_try_interrupt("arm,armv8-timer", 1, &intid));
    EXPECT_EQ(intid, GIC_PTIMER);
    ASSERT_TRUE(dtb_try_reg("arm,gic-v3", 0, &range));
    EXPECT_EQ(range.base, 0x08000000);
    EXPECT_EQ(range.size, 0x10000);
    ASSERT_TRUE(dtb_try_reg("arm,gic-v3", 1, &range));
    EXPECT_EQ(range.base, 0x080a0000);
    EXPECT_EQ(range.size, 0x40000);
    /* The manifest moves the UART and its interrupt. */
    ASSERT_TRUE(dtb_try_reg("arm,pl011", 0, &range));
    EXPECT_EQ(range.base, 0x0a000000);
    ASSERT_TRUE(dtb_try_interrupt("arm,pl011", 0, &intid));
    EXPECT_EQ(intid, 32 + 7);
    node = fdt_path_offset(dtb, "/cpus");
    ASSERT_TRUE(node >= 0);
}

TEST(manifest, gic_has_the_spis_asked_for)
{
    EXPECT_EQ(gic_id_count(), 32 + 96);
}

/* The runner's command line came through the loader. */
TEST(manifest, bootargs_of_the_loader)
{
    const char *text = dtb_bootargs();

    EXPECT_TRUE(strncmp(text, "run", 3) == 0);
    EXPECT_NE(strcmp(text, "replaced by the loader"), 0);
}

/* The service has its own, whatever the loader says. */
TEST(manifest, bootargs_of_the_manifest)
{
    static const char expected[] = "words = of the manifest";
    char text[32] = {0};
    uint64_t part;

    SERVICE_SELECT(SERVICE, "bootargs");
    for (uint64_t i = 0; i < 24; i += 8) {
        part = ffa_direct_req_complete(SERVICE, i, 0, 0).x[3];
        memcpy(text + i, &part, sizeof(part));
    }
    EXPECT_EQ(strcmp(text, expected), 0);
}

TEST(manifest, read_only_region)
{
    static const char expected[] = "content of a region\n";

    EXPECT_EQ(memcmp((const void *)READ_ONLY, expected, sizeof(expected) - 1), 0);
    uint64_t before = io_read64(READ_ONLY);

    exception_expect();
    io_write64(READ_ONLY, 0);
    struct exception_record record = exception_expected();

    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_DATA_ABORT);
    EXPECT_EQ(record.esr & ISS_WNR, ISS_WNR);
    EXPECT_EQ(record.far, READ_ONLY);
    EXPECT_EQ(io_read64(READ_ONLY), before);
    exception_expect();
    (void)io_read64(READ_ONLY + PAGE);
    EXPECT_EQ(exception_expected().count, 1);
}

static void execute_return(uint64_t address)
{
    io_write32(address, 0xd65f03c0); /* ret */
    cpu_dsb();
    __asm__ volatile("ic iallu\n\tdsb sy\n\tisb" ::: "memory");
    exception_expect();
    ((void (*)(void))address)();
}

TEST(manifest, read_write_region_is_not_executable)
{
    execute_return(READ_WRITE);
    struct exception_record record = exception_expected();

    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(ESR_EC(record.esr), EC_INSTRUCTION_ABORT);
    EXPECT_EQ(record.far, READ_WRITE);
}

TEST(manifest, executable_region)
{
    execute_return(EXECUTABLE);
    EXPECT_EQ(exception_expected().count, 0);
}

/* One piece of memory at different addresses in two partitions. */
TEST(manifest, shared_region)
{
    struct ffa_value answer;

    SERVICE_SELECT(SERVICE, "memory");
    for (uint64_t i = 0; i < 4; i++) {
        io_write64(SHARED + i * 8, 0x1111 * (i + 1));
        answer = ffa_direct_req_complete(SERVICE, SERVICES_SHARED + i * 8, 0, 0);
        EXPECT_EQ(answer.x[3], 0);
        EXPECT_EQ(answer.x[4], 0x1111 * (i + 1));
        answer = ffa_direct_req_complete(SERVICE, SERVICES_SHARED + i * 8, 0x2222 * (i + 1), 1);
        EXPECT_EQ(answer.x[3], 0);
        EXPECT_EQ(io_read64(SHARED + i * 8), 0x2222 * (i + 1));
    }
    /* The address that the other one uses is nothing here, and the reverse. */
    exception_expect();
    (void)io_read64(SERVICES_SHARED);
    EXPECT_EQ(exception_expected().count, 1);
    answer = ffa_direct_req_complete(SERVICE, SHARED, 0, 0);
    EXPECT_EQ(answer.x[3], 1);
}
