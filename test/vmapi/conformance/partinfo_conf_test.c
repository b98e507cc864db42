/* SPDX-License-Identifier: BSD-3-Clause */
/* Both forms of PARTITION_INFO_GET: DEN0077A 6.2, 13.8, 13.9; descriptors of each version. */
#include "conformance.h"

#define INFO(...) CALL(FFA_PARTITION_INFO_GET_32, __VA_ARGS__)
#define NOBODY    0x77000001, 0x77000002, 0x77000003, 0x77000004
#define PEER_V1_1 0x30000001, 0x30000002, 0x30000003, 0x30000004
#define COUNT     FFA_PARTITION_INFO_COUNT_FLAG

struct listed {
    const struct conf_partition *partition;
    uint32_t uuid; /* its index */
    uint32_t properties;
};

static uint32_t properties_seen(uint32_t properties)
{
    /* Messages that nobody can send are not offered. */
    if (conf_function(FFA_MSG_SEND2_32 & 0xffff) == NULL) {
        properties &= ~FFA_PROPERTY_INDIRECT;
    }
    properties &= conf_role()->properties;
    switch (conf_version()) {
    case V1_0:
        return properties & 0x7;
    case V1_1:
        return properties & 0x1ff;
    default:
        return properties;
    }
}

static uint32_t properties_all(const struct conf_partition *partition)
{
    return partition->properties[0] | (partition->uuids == 2 ? partition->properties[1] : 0);
}

/* What the nil UUID lists for this caller, in order of ids. */
static uint32_t list_all(struct listed *list)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < conf_partition_count; i++) {
        const struct conf_partition *partition = &conf_partitions[i];
        uint32_t entries = conf_version() == V1_2 && partition->uuids == 2 ? 2 : 1;

        for (uint32_t k = 0; k < entries; k++) {
            uint32_t properties =
                conf_version() == V1_2 ? partition->properties[k] : properties_all(partition);

            list[count++] = (struct listed){partition, k, properties_seen(properties)};
        }
    }
    return count;
}

static uint64_t entry_size(void)
{
    return conf_version() == V1_0 ? 8 : 24;
}

/* Descriptor i in RX is this partition, with its UUID or none. */
static void entry_check(uint32_t i, const struct listed *listed, bool has_uuid)
{
    const uint8_t *at = &conf_rx[i * entry_size()];
    const struct ffa_partition_info *info = (const struct ffa_partition_info *)at;
    struct ffa_uuid uuid = {{0}};

    if (has_uuid && listed->partition->uuids != 0) {
        uuid = listed->partition->uuid[listed->uuid];
    }
    EXPECT_EQ(info->id, conf_listed_id(listed->partition->peer));
    EXPECT_EQ(info->contexts, 1);
    EXPECT_EQ(info->properties, listed->properties);
    if (conf_version() != V1_0) {
        EXPECT_EQ(memcmp(&info->uuid, &uuid, sizeof(uuid)), 0);
    }
}

CONFORMANCE(partinfo_refusals)
{
    struct listed list[16];
    const uint32_t count = list_all(list);
    const struct conf_row rows[] = {
        {"unknown UUID", ALL, INFO(NOBODY), FAILS(FFA_INVALID_PARAMETERS)},
        {"unknown UUID, count", ALL, INFO(NOBODY, COUNT), FAILS(FFA_INVALID_PARAMETERS)},
        {"flag 1", FROM_1_1, INFO(0, 0, 0, 0, 2), FAILS(FFA_INVALID_PARAMETERS)},
        {"flag 31", FROM_1_1, INFO(0, 0, 0, 0, 0x80000000), FAILS(FFA_INVALID_PARAMETERS)},
        {"count and flag 1", FROM_1_1, INFO(PEER_V1_1, 3), FAILS(FFA_INVALID_PARAMETERS)},
        {"words of two UUIDs", ALL, INFO(0x30000001, 0x30000002, 0x30000003, 0x40000004),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"count of all", FROM_1_1, INFO(0, 0, 0, 0, COUNT), RETURNS(count, 0)},
        {"count of one", FROM_1_1, INFO(PEER_V1_1, COUNT), RETURNS(1, 0)},
        {"count, other registers", FROM_1_1, INFO(PEER_V1_1, COUNT, 6, 7), RETURNS(1, 0)},
        {"no RX", ALL, INFO(0, 0, 0, 0), FAILS(FFA_BUSY)},
        {"no RX, one", ALL, INFO(PEER_V1_1), FAILS(FFA_BUSY)},
        {"no RX, flags of v1.0", V1_0, INFO(0, 0, 0, 0, ~0ul), FAILS(FFA_BUSY)},
    };

    CONF_CHECK(rows);
}

CONFORMANCE(partinfo_ownership)
{
    const uint64_t size = conf_version() == V1_0 ? 0 : 24;
    const struct conf_row full[] = {
        {"one", ALL, INFO(PEER_V1_1), FAILS(FFA_BUSY)},
        {"all", ALL, INFO(0, 0, 0, 0), FAILS(FFA_BUSY)},
        {"unknown UUID", ALL, INFO(NOBODY), FAILS(FFA_INVALID_PARAMETERS)},
        {"count", FROM_1_1, INFO(PEER_V1_1, COUNT), RETURNS(1, 0)},
    };

    CONF_ONCE("MAP", CALL(FFA_RXTX_MAP_64, (uint64_t)conf_tx, (uint64_t)conf_rx, 1), SUCCEEDS);
    for (uint32_t round = 0; round < 2; round++) {
        CONF_ONCE("one", INFO(PEER_V1_1), RETURNS(1, size));
        CONF_CHECK(full);
        CONF_ONCE("RX_RELEASE",
                  CALL(FFA_RX_RELEASE_32, conf_role()->names_vms ? 0 : 1, 2, 3, 4, 5, 6, 7),
                  SUCCEEDS);
        CONF_ONCE("again", CALL(FFA_RX_RELEASE_32), FAILS(FFA_DENIED));
    }
    CONF_ONCE("one", INFO(PEER_V1_1), RETURNS(1, size));
    CONF_ONCE("UNMAP of what is owned", CALL(FFA_RXTX_UNMAP_32), SUCCEEDS);
    CONF_ONCE("MAP", CALL(FFA_RXTX_MAP_64, (uint64_t)conf_tx, (uint64_t)conf_rx, 1), SUCCEEDS);
    CONF_ONCE("RX_RELEASE", CALL(FFA_RX_RELEASE_32), FAILS(FFA_DENIED));
    CONF_ONCE("UNMAP", CALL(FFA_RXTX_UNMAP_32), SUCCEEDS);
}

CONFORMANCE(partinfo_descriptors)
{
    const uint64_t size = conf_version() == V1_0 ? 0 : 24;
    struct listed list[16];
    const uint32_t count = list_all(list);

    CONF_ONCE("MAP", CALL(FFA_RXTX_MAP_64, (uint64_t)conf_tx, (uint64_t)conf_rx, 1), SUCCEEDS);
    CONF_ONCE("all", INFO(0, 0, 0, 0), RETURNS(count, size));
    for (uint32_t i = 0; i < count; i++) {
        entry_check(i, &list[i], true);
    }
    CONF_ONCE("RX_RELEASE", CALL(FFA_RX_RELEASE_32), SUCCEEDS);
    for (uint32_t i = 0; i < count; i++) {
        const struct ffa_uuid *uuid = &list[i].partition->uuid[list[i].uuid];

        if (list[i].partition->uuids != 0) {
            CONF_ONCE("one", INFO(uuid->word[0], uuid->word[1], uuid->word[2], uuid->word[3]),
                      RETURNS(1, size));
            entry_check(0, &list[i], false);
            CONF_ONCE("RX_RELEASE", CALL(FFA_RX_RELEASE_32), SUCCEEDS);
        }
    }
    CONF_ONCE("UNMAP", CALL(FFA_RXTX_UNMAP_32), SUCCEEDS);
}

#define REGS(...) CALL(FFA_PARTITION_INFO_GET_REGS_64, __VA_ARGS__)

CONFORMANCE(partinfo_regs_refusals)
{
    struct listed list[16];
    const uint32_t total = list_all(list) + conf_role()->logical_count;
    const struct conf_row rows[] = {
        {"older callers", V1_0 | V1_1, REGS(0, 0, 0), FAILS(FFA_NOT_SUPPORTED)},
        {"unknown UUID", V1_2, REGS(0x7700000277000001, 0x7700000477000003),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"half a UUID", V1_2, REGS(0x3000000230000001, 0), FAILS(FFA_INVALID_PARAMETERS)},
        {"first index behind the last", V1_2, REGS(0, 0, total), FAILS(FFA_INVALID_PARAMETERS)},
        {"last index", V1_2, REGS(0, 0, 0xffff), FAILS(FFA_INVALID_PARAMETERS)},
        {"index of a single one", V1_2, REGS(0x3000000230000001, 0x3000000430000003, 1),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"tag with the first index", V1_2, REGS(0, 0, 0x10000), FAILS(FFA_INVALID_PARAMETERS)},
        {"stale tag", V1_2, REGS(0, 0, 0x77770001), FAILS(FFA_RETRY)},
        {"no 32-bit form", ALL, CALL(FFA_FID_32(0x8b)), FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(rows);
}

static void regs_entry_check(const uint64_t *x, const struct listed *listed)
{
    struct ffa_uuid uuid = {{0}};

    if (listed->partition->uuids != 0) {
        uuid = listed->partition->uuid[listed->uuid];
    }
    EXPECT_EQ(x[0], (uint64_t)listed->properties << 32 | 1u << 16 |
                        conf_listed_id(listed->partition->peer));
    EXPECT_EQ(x[1], (uint64_t)uuid.word[1] << 32 | uuid.word[0]);
    EXPECT_EQ(x[2], (uint64_t)uuid.word[3] << 32 | uuid.word[2]);
}

/* Windows of five, from every start. */
TEST(conformance_v1_2, partinfo_regs_windows)
{
    struct listed list[16];
    uint32_t count, total;

    conf_begin(V1_2);
    count = list_all(list);
    total = count + conf_role()->logical_count;
    for (uint32_t start = 0; start < total; start++) {
        uint32_t end = start + 5 < total ? start + 5 : total;
        struct ffa_value value = {{FFA_PARTITION_INFO_GET_REGS_64, 0, 0, start, 4, 5, 6, 7, 8, 9,
                                   10, 11, 12, 13, 14, 15, 16, 17}};
        uint64_t tag;

        value = ffa_call_value(value);
        tag = value.x[2] >> 32 & 0xffff;
        EXPECT_EQ(value.x[0], FFA_SUCCESS_64);
        EXPECT_EQ(value.x[1], 0);
        EXPECT_EQ(value.x[2], UINT64_C(24) << 48 | tag << 32 | (end - 1) << 16 | (total - 1));
        for (uint32_t i = start; i < end; i++) {
            const uint64_t *entry = &value.x[3 + (i - start) * 3];

            if (i < count) {
                regs_entry_check(entry, &list[i]);
            } else {
                EXPECT_GE((uint16_t)entry[0], CONF_LOGICAL_FIRST);
            }
        }
        for (uint32_t i = 3 + (end - start) * 3; i < FFA_REGS; i++) {
            EXPECT_EQ(value.x[i], 0);
        }
    }
}
