/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_PARTITION_INFO_GET and its register form, in the layouts of three versions. Partitions of the
 * manifest: 1 the test, 2 and 3 services with a UUID each (2 has two), 4 without direct messages, 5
 * no endpoint.
 */
#include "messages.h"

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static void prepare(uint64_t version)
{
    EXPECT_EQ(ffa_version(version).x[0], FFA_VERSION_1_2);
    memset(rx, 0xee, sizeof(rx));
    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
}

static void finish(void)
{
    (void)ffa_call(FFA_RX_RELEASE_32);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
}

/* Of a partition with both: the normal world is not told who sends, for it takes no requests. */
static uint32_t direct_seen(void)
{
    return FFA_PROPERTY_RECEIVES_DIRECT |
           (hftest_role()->is_partition ? FFA_PROPERTY_SENDS_DIRECT : 0);
}

static struct ffa_value info_get(const struct ffa_uuid *uuid, uint64_t flags)
{
    return ffa_call(FFA_PARTITION_INFO_GET_32, uuid->word[0], uuid->word[1], uuid->word[2],
                    uuid->word[3], flags);
}

SET_UP(partinfo_v1_0)
{
    prepare(FFA_VERSION_1_0);
}

TEAR_DOWN(partinfo_v1_0)
{
    finish();
}

TEST(partinfo_v1_0, all)
{
    const struct ffa_partition_info_v1_0 *info = (const void *)rx;
    struct ffa_value result = info_get(&uuid_nil, 0);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    ASSERT_EQ(result.x[2], 4);
    EXPECT_EQ(result.x[3], 0);
    for (uint32_t i = 0; i < 4; i++) {
        EXPECT_EQ(info[i].id, hftest_listed_id((uint16_t)(i + 1)));
        EXPECT_EQ(info[i].contexts, 1);
        /* Only three bits existed. */
        EXPECT_EQ(info[i].properties & ~7u, 0);
    }
    EXPECT_EQ(info[1].properties & 3, direct_seen());
    EXPECT_EQ(info[3].properties & 3, 0);
}

TEST(partinfo_v1_0, by_uuid)
{
    const struct ffa_partition_info_v1_0 *info = (const void *)rx;
    struct ffa_value result = info_get(&uuid_pinned, 0);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(result.x[2], 1);
    EXPECT_EQ(info[0].id, PINNED);
}

SET_UP(partinfo_v1_1)
{
    prepare(FFA_VERSION_1_1);
}

TEAR_DOWN(partinfo_v1_1)
{
    finish();
}

TEST(partinfo_v1_1, all)
{
    const struct ffa_partition_info *info = (const void *)rx;
    struct ffa_value result = info_get(&uuid_nil, 0);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    /* One entry a partition, although 2 has two UUIDs. */
    ASSERT_EQ(result.x[2], 4);
    ASSERT_EQ(result.x[3], sizeof(*info));
    for (uint32_t i = 0; i < 4; i++) {
        EXPECT_EQ(info[i].id, hftest_listed_id((uint16_t)(i + 1)));
        EXPECT_EQ(info[i].contexts, 1);
        EXPECT_EQ(info[i].properties & FFA_PROPERTY_AARCH64, FFA_PROPERTY_AARCH64);
    }
}

TEST(partinfo_v1_1, count)
{
    struct ffa_value result = info_get(&uuid_nil, FFA_PARTITION_INFO_COUNT_FLAG);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    EXPECT_EQ(result.x[2], 4);
    EXPECT_EQ(result.x[3], 0);
}

SET_UP(partinfo)
{
    prepare(FFA_VERSION_1_2);
}

TEAR_DOWN(partinfo)
{
    finish();
}

static bool is_same(const struct ffa_uuid *a, const struct ffa_uuid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* An entry for each UUID of each partition. */
TEST(partinfo, all)
{
    const struct ffa_partition_info *info = (const void *)rx;
    struct ffa_value result = info_get(&uuid_nil, 0);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    ASSERT_EQ(result.x[2], 5);
    ASSERT_EQ(result.x[3], sizeof(*info));
    EXPECT_EQ(info[0].id, hftest_listed_id(1));
    EXPECT_EQ(info[1].id, SCHEDULED);
    EXPECT_TRUE(is_same(&info[1].uuid, &uuid_scheduled));
    EXPECT_EQ(info[2].id, SCHEDULED);
    EXPECT_TRUE(is_same(&info[2].uuid, &uuid_second));
    EXPECT_EQ(info[3].id, PINNED);
    EXPECT_TRUE(is_same(&info[3].uuid, &uuid_pinned));
    EXPECT_EQ(info[4].id, MUTE);
    EXPECT_EQ(info[3].properties & (FFA_PROPERTY_RECEIVES_DIRECT | FFA_PROPERTY_SENDS_DIRECT),
              direct_seen());
    EXPECT_EQ(info[4].properties & (FFA_PROPERTY_RECEIVES_DIRECT | FFA_PROPERTY_SENDS_DIRECT), 0);
    /* Nothing beyond the answer was written. */
    EXPECT_EQ(rx[5 * sizeof(*info)], 0xee);
}

TEST(partinfo, by_uuid)
{
    const struct ffa_partition_info *info = (const void *)rx;
    struct ffa_value result = info_get(&uuid_second, 0);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    ASSERT_EQ(result.x[2], 1);
    EXPECT_EQ(info[0].id, SCHEDULED);
    /* Who asked by UUID knows it. */
    EXPECT_TRUE(is_same(&info[0].uuid, &uuid_nil));
}

TEST(partinfo, unknown_uuid)
{
    const struct ffa_uuid unknown = {{1, 2, 3, 4}};

    EXPECT_FFA_ERROR(info_get(&unknown, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(info_get(&unknown, FFA_PARTITION_INFO_COUNT_FLAG), FFA_INVALID_PARAMETERS);
    /* RX was not taken. */
    EXPECT_EQ(info_get(&uuid_nil, 0).x[0], FFA_SUCCESS_32);
}

TEST(partinfo, reserved_flags)
{
    EXPECT_FFA_ERROR(info_get(&uuid_nil, 2), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(info_get(&uuid_nil, 0x80000001), FFA_INVALID_PARAMETERS);
}

TEST(partinfo, busy_until_released)
{
    ASSERT_EQ(info_get(&uuid_nil, 0).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(info_get(&uuid_nil, 0), FFA_BUSY);
    /* Counting needs no buffer. */
    EXPECT_EQ(info_get(&uuid_nil, FFA_PARTITION_INFO_COUNT_FLAG).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_call(FFA_RX_RELEASE_32).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32), FFA_DENIED);
    EXPECT_EQ(info_get(&uuid_nil, 0).x[0], FFA_SUCCESS_32);
}

TEST(partinfo, without_buffer)
{
    ASSERT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(info_get(&uuid_nil, 0), FFA_BUSY);
    EXPECT_EQ(info_get(&uuid_nil, FFA_PARTITION_INFO_COUNT_FLAG).x[2], 5);
    EXPECT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
}

TEST(partinfo, registers)
{
    struct ffa_value result = ffa_call(FFA_PARTITION_INFO_GET_REGS_64);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_64);
    EXPECT_EQ(result.x[1], 0);
    EXPECT_EQ(result.x[2] & 0xffff, 4);       /* last index */
    EXPECT_EQ(result.x[2] >> 16 & 0xffff, 4); /* index of the last one here */
    EXPECT_EQ(result.x[2] >> 48, 24);
    EXPECT_EQ(result.x[3] & 0xffff, hftest_listed_id(1));
    EXPECT_EQ(result.x[6] & 0xffff, SCHEDULED);
    EXPECT_EQ((uint32_t)result.x[7], uuid_scheduled.word[0]);
    EXPECT_EQ(result.x[8] >> 32, uuid_scheduled.word[3]);
    EXPECT_EQ(result.x[15] & 0xffff, MUTE);
    /* From an index on. */
    result = ffa_call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 3);
    ASSERT_EQ(result.x[0], FFA_SUCCESS_64);
    EXPECT_EQ(result.x[3] & 0xffff, PINNED);
    EXPECT_EQ(result.x[9], 0);
    EXPECT_EQ(result.x[17], 0);
}

TEST(partinfo, registers_refusals)
{
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 5), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0x10000),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_REGS_64, 0, 0, 0x10001), FFA_RETRY);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_REGS_64, 1, 2, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_FID_32(0x8b)), FFA_NOT_SUPPORTED);
}
