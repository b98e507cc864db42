/* SPDX-License-Identifier: BSD-3-Clause */
/* FF-A RX/TX buffers and what is written into them. Source: DEN0077A v1.2 7.2, 13.5-13.9. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ffa_expect.h"

#define TX WORLD_RAM
#define RX (WORLD_RAM + UINT64_C(0x10000))

static struct vm *primary(void)
{
    return vm_find(WORLD_PRIMARY);
}

static void map(uint64_t pages)
{
    WORLD_CALL(ffa_caller(), FFA_RXTX_MAP_64, TX, RX, pages);
    expect_success(0, 0);
}

static void test_map(void **state)
{
    (void)state;
    map(2);
    for (uint32_t page = 0; page < 2; page++) {
        assert_int_equal(world.mailbox_pa[0][0][page], TX + page * PAGE_SIZE);
        assert_int_equal(world.mailbox_pa[0][1][page], RX + page * PAGE_SIZE);
    }
    assert_int_equal(world.mailbox_pa[0][0][2], 0);
    WORLD_CALL(ffa_caller(), FFA_RXTX_UNMAP_32, 0);
    expect_success(0, 0);
    assert_int_equal(world.mailbox_pa[0][0][0], 0);
    WORLD_CALL(ffa_caller(), FFA_RXTX_MAP_32, TX, RX, 1);
    expect_error(FFA_NOT_SUPPORTED);
    /* Bits beside the number of pages are ignored. */
    WORLD_CALL(ffa_caller(), FFA_RXTX_MAP_64, TX, RX, 0xffffffc1);
    expect_success(0, 0);
    assert_int_equal(primary()->mailbox.pages, 1);
}

static void test_map_refused(void **state)
{
    static const struct {
        uint64_t tx, rx, pages;
    } rows[] = {
        {TX, RX, 0},
        {TX, RX, 5},
        {TX, RX, 63},
        {TX, RX, 64}, /* only w3[5:0] count: 0 pages */
        {TX + 8, RX, 1},
        {TX, RX + 0x800, 1},
        {TX, TX, 1},
        {TX, TX + PAGE_SIZE, 2},
        {TX + PAGE_SIZE, TX, 2},
        {WORLD_RAM - PAGE_SIZE, RX, 1},
        {WORLD_RAM + WORLD_RAM_SIZE - PAGE_SIZE, RX, 2},
        {TX, WORLD_RAM + WORLD_RAM_SIZE, 1},
        {WORLD_ROM, RX, 1},
        {TX, WORLD_ROM, 1},
        {WORLD_DEVICE, RX, 1},
        {TX, WORLD_DEVICE, 1},
        {UINT64_MAX & ~UINT64_C(0xfff), RX, 1},
        {TX, UINT64_C(1) << 40, 1},
        {TX, UINT64_C(1) << 63, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        WORLD_CALL(ffa_caller(), FFA_RXTX_MAP_64, rows[i].tx, rows[i].rx, rows[i].pages);
        expect_error(FFA_INVALID_PARAMETERS);
        assert_false(primary()->mailbox.mapped);
        assert_int_equal(world.mailbox_pa[0][0][0], 0);
    }
    map(1);
    /* Mapped already: said before anything else is looked at. */
    WORLD_CALL(ffa_caller(), FFA_RXTX_MAP_64, TX, RX, 0);
    expect_error(FFA_DENIED);
}

static void test_unmap_refused(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_RXTX_UNMAP_32, 0);
    expect_error(FFA_INVALID_PARAMETERS);
    map(1);
    WORLD_CALL(ffa_caller(), FFA_RXTX_UNMAP_32, WORLD_PRIMARY << 16);
    expect_error(FFA_INVALID_PARAMETERS);
    assert_true(primary()->mailbox.mapped);
}

static void test_rx_release(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_RX_RELEASE_32);
    expect_error(FFA_DENIED);
    map(1);
    WORLD_CALL(ffa_caller(), FFA_RX_RELEASE_32);
    expect_error(FFA_DENIED);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    WORLD_CALL(ffa_caller(), FFA_RX_RELEASE_32);
    expect_success(0, 0);
    WORLD_CALL(ffa_caller(), FFA_RX_RELEASE_32);
    expect_error(FFA_DENIED);
}

static void test_msg_wait_releases_rx(void **state)
{
    (void)state;
    world.chain_answer.next = ffa_caller();
    map(1);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    assert_int_equal(primary()->mailbox.rx_state, MAILBOX_RX_FULL);
    WORLD_CALL(ffa_caller(), FFA_MSG_WAIT_32, 0, 1, 0, 0, 0, 0, 0);
    assert_int_equal(primary()->mailbox.rx_state, MAILBOX_RX_FULL);
    ffa_caller()->model = VCPU_MODEL_REQUEST;
    WORLD_CALL(ffa_caller(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
    expect_error(FFA_DENIED);
    ffa_caller()->model = VCPU_MODEL_OWN;
    assert_int_equal(primary()->mailbox.rx_state, MAILBOX_RX_FULL);
    world.chain_answer.status = STATUS_OK;
    WORLD_CALL(ffa_caller(), FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(primary()->mailbox.rx_state, MAILBOX_RX_EMPTY);
}

static void expect_info(uint32_t index, uint16_t id, uint16_t contexts, uint32_t properties)
{
    const struct ffa_partition_info *info = primary()->mailbox.rx;

    assert_int_equal(info[index].id, id);
    assert_int_equal(info[index].contexts, contexts);
    assert_int_equal(info[index].properties, properties);
}

static void expect_uuid(uint32_t index, uint32_t first, uint32_t last)
{
    const struct ffa_partition_info *info = primary()->mailbox.rx;

    assert_int_equal(info[index].uuid.word[0], first);
    assert_int_equal(info[index].uuid.word[3], last);
}

static void test_info_all(void **state)
{
    (void)state;
    map(1);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    expect_success(4, 24);
    expect_info(0, WORLD_PRIMARY, 4, 0x10b);
    expect_uuid(0, 1, 4);
    expect_info(1, WORLD_SERVICE, 2, 0x109);
    expect_uuid(1, 5, 8);
    expect_info(2, WORLD_SERVICE, 2, 0x709); /* messages with UUID, too */
    expect_uuid(2, 5, 9);
    expect_info(3, WORLD_MUTE, 1, 0x104);
    expect_uuid(3, 0, 0);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    expect_error(FFA_BUSY);
}

static void test_info_v1_1(void **state)
{
    (void)state;
    primary()->ffa_version = FFA_VERSION_1_1;
    map(1);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    expect_success(3, 24);
    expect_info(1, WORLD_SERVICE, 2, 0x109);
    expect_uuid(1, 5, 8);
    expect_info(2, WORLD_MUTE, 1, 0x104);
}

static void test_info_v1_0(void **state)
{
    const struct ffa_partition_info_v1_0 *info;

    (void)state;
    primary()->ffa_version = FFA_VERSION_1_0;
    map(1);
    /* w5 was reserved: ignored. */
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0xff);
    expect_success(3, 0);
    info = primary()->mailbox.rx;
    assert_int_equal(info[0].id, WORLD_PRIMARY);
    assert_int_equal(info[0].properties, 3);
    assert_int_equal(info[1].id, WORLD_SERVICE);
    assert_int_equal(info[1].contexts, 2);
    assert_int_equal(info[1].properties, 1);
}

static void test_info_by_uuid(void **state)
{
    (void)state;
    map(1);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 5, 6, 7, 9, 0);
    expect_success(1, 24);
    expect_info(0, WORLD_SERVICE, 2, 0x709);
    expect_uuid(0, 0, 0); /* asked for, so not repeated */
    WORLD_CALL(ffa_caller(), FFA_RX_RELEASE_32);
    primary()->ffa_version = FFA_VERSION_1_1;
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, UINT64_C(1) << 32 | 5, 6, 7, 9, 0);
    expect_success(1, 24);
    expect_info(0, WORLD_SERVICE, 2, 0x109);
}

static void test_info_count(void **state)
{
    (void)state;
    /* Needs no buffer. */
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 1);
    expect_success(4, 0);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 1, 2, 3, 4, 1);
    expect_success(1, 0);
}

static void test_info_refused(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    expect_error(FFA_BUSY); /* no buffer */
    map(1);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 1, 2, 3, 5, 0);
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 1, 2, 3, 5, 1);
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 2);
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0x80000001);
    expect_error(FFA_INVALID_PARAMETERS);
    assert_int_equal(primary()->mailbox.rx_state, MAILBOX_RX_EMPTY);
}

#define MANY 60

/* 60 partitions with 4 UUIDs each need two pages of RX. */
static void test_info_no_memory(void **state)
{
    static struct vm_config vms[MANY];
    static struct uuid uuids[4] = {{{1}}, {{2}}, {{3}}, {{4}}};
    static uint32_t messaging[4];

    (void)state;
    for (uint32_t i = 0; i < MANY; i++) {
        vms[i] = world.vm[0];
        vms[i].uuid = uuids;
        vms[i].uuid_count = 4;
        vms[i].messaging = messaging;
    }
    world.config.vm = vms;
    world.config.vm_count = MANY;
    map(1);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    expect_error(FFA_NO_MEMORY);
    assert_int_equal(primary()->mailbox.rx_state, MAILBOX_RX_EMPTY);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 1);
    expect_success(MANY * 4, 0);
    WORLD_CALL(ffa_caller(), FFA_RXTX_UNMAP_32, 0);
    map(2);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    expect_success(MANY * 4, 24);
}

static void test_info_regs(void **state)
{
    const uint64_t *x = ffa_caller()->ctx.x;

    (void)state;
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0);
    assert_int_equal(x[0], FFA_SUCCESS_64);
    assert_int_equal(x[1], 0);
    assert_int_equal(x[2], UINT64_C(24) << 48 | 3 << 16 | 3);
    assert_int_equal(x[3], UINT64_C(0x10b) << 32 | 4 << 16 | WORLD_PRIMARY);
    assert_int_equal(x[4], UINT64_C(2) << 32 | 1);
    assert_int_equal(x[5], UINT64_C(4) << 32 | 3);
    assert_int_equal(x[6], UINT64_C(0x109) << 32 | 2 << 16 | WORLD_SERVICE);
    assert_int_equal(x[11], UINT64_C(9) << 32 | 7);
    assert_int_equal(x[12], UINT64_C(0x104) << 32 | 1 << 16 | WORLD_MUTE);
    expect_zero(13, 18);
    expect_preserved(18);

    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 3);
    assert_int_equal(x[2], UINT64_C(24) << 48 | 3 << 16 | 3);
    assert_int_equal((uint16_t)x[3], WORLD_MUTE);
    expect_zero(6, 18);

    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_REGS_64, UINT64_C(6) << 32 | 5,
               UINT64_C(8) << 32 | 7, 0);
    assert_int_equal(x[2], UINT64_C(24) << 48);
    assert_int_equal((uint16_t)x[3], WORLD_SERVICE);
    expect_zero(4, 18);
}

static void test_info_regs_refused(void **state)
{
    static const struct {
        uint64_t x1, x2, x3;
        int32_t code;
    } rows[] = {
        {99, 0, 0, FFA_INVALID_PARAMETERS},     {0, 0, 4, FFA_INVALID_PARAMETERS},
        {0, 0, 0xffff, FFA_INVALID_PARAMETERS}, {0, 0, 1 << 16, FFA_INVALID_PARAMETERS},
        {0, 0, 1 << 16 | 1, FFA_RETRY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_REGS_64, rows[i].x1, rows[i].x2,
                   rows[i].x3);
        expect_error(rows[i].code);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, world_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_map),
        TEST(test_map_refused),
        TEST(test_unmap_refused),
        TEST(test_rx_release),
        TEST(test_msg_wait_releases_rx),
        TEST(test_info_all),
        TEST(test_info_v1_1),
        TEST(test_info_v1_0),
        TEST(test_info_by_uuid),
        TEST(test_info_count),
        TEST(test_info_refused),
        TEST(test_info_no_memory),
        TEST(test_info_regs),
        TEST(test_info_regs_refused),
    };

    return cmocka_run_group_tests_name("ffa_buffers", tests, NULL, NULL);
}
