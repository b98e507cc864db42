/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a normal world without a hypervisor sees of the SPMC at set-up, and messages to SPs.
 */
#include "spmc.h"

HFTEST_SERVICES(0); /* SPs have no way to switch themselves off */

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static const struct ffa_uuid uuid_mp = {{0x30000001, 0x30000002, 0x30000003, 0x30000004}};
static const struct ffa_uuid uuid_nobody = {{1, 2, 3, 4}};

TEST(spmc, version)
{
    if (el3_is_old()) {
        SKIP("EL3 answers FFA_VERSION itself, 1.0");
    }
    EXPECT_EQ(ffa_version(FFA_VERSION_1_2).x[0], FFA_VERSION_1_2);
    EXPECT_EQ(ffa_version(0x20000).x[0], FFA_VERSION_REFUSED);
    EXPECT_EQ(ffa_version(0x80010002).x[0], FFA_VERSION_REFUSED);
    EXPECT_EQ(ffa_features(FFA_ID_GET_32).x[0], FFA_SUCCESS_32);
    /* It is used: from here on it stays. */
    EXPECT_EQ(ffa_version(FFA_VERSION_1_1).x[0], FFA_VERSION_REFUSED);
    EXPECT_EQ(ffa_version(FFA_VERSION_1_2).x[0], FFA_VERSION_1_2);
}

TEST(spmc, ids)
{
    EXPECT_EQ(ffa_id_get(), NORMAL_WORLD);
    EXPECT_EQ(ffa_call(FFA_SPM_ID_GET_32).x[2], SPMC);
}

TEST(spmc, features)
{
    static const uint64_t has[] = {FFA_VERSION_32, FFA_FEATURES_32, FFA_RXTX_MAP_64,
                                   FFA_RXTX_UNMAP_32, FFA_RX_RELEASE_32, FFA_PARTITION_INFO_GET_32,
                                   FFA_PARTITION_INFO_GET_REGS_64, FFA_RUN_32,
                                   FFA_MSG_SEND_DIRECT_REQ_32, FFA_MSG_SEND_DIRECT_REQ_64,
                                   /* Seen as results. */
                                   FFA_MSG_WAIT_32, FFA_MSG_SEND_DIRECT_RESP_32,
                                   FFA_MSG_SEND_DIRECT_RESP_64, FFA_MSG_SEND_DIRECT_RESP2_64};
    static const uint64_t has_not[] = {FFA_RXTX_MAP_32, FFA_YIELD_32, FFA_NORMAL_WORLD_RESUME_32,
                                       FFA_EL3_INTR_HANDLE_32, FFA_SECONDARY_EP_REGISTER_64};

    for (uint32_t i = 0; i < sizeof(has) / sizeof(*has); i++) {
        bool is_new =
            has[i] == FFA_PARTITION_INFO_GET_REGS_64 || has[i] == FFA_MSG_SEND_DIRECT_RESP2_64;

        EXPECT_EQ(ffa_features(has[i]).x[0],
                  is_new && el3_is_old() ? FFA_ERROR_32 : FFA_SUCCESS_32);
    }
    for (uint32_t i = 0; i < sizeof(has_not) / sizeof(*has_not); i++) {
        EXPECT_FFA_ERROR(ffa_features(has_not[i]), FFA_NOT_SUPPORTED);
    }
}

/* Of the two interrupts of notifications one is its own affair, if it has a hypervisor. */
TEST(spmc, feature_ids)
{
    EXPECT_FFA_ERROR(ffa_features(FFA_FEATURE_ID_NPI), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_features(FFA_FEATURE_ID_MEI), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_features(0x7f), FFA_NOT_SUPPORTED);
}

/* Calls that are not the normal world's: EL3 or the SPMC refuses them. */
TEST(spmc, not_for_the_normal_world)
{
    EXPECT_TRUE(is_refused(ffa_call(FFA_MSG_WAIT_32)));
    EXPECT_TRUE(is_refused(ffa_call(FFA_YIELD_32)));
    EXPECT_TRUE(is_refused(ffa_call(FFA_NORMAL_WORLD_RESUME_32)));
    EXPECT_TRUE(is_refused(ffa_call(FFA_EL3_INTR_HANDLE_32)));
    EXPECT_EQ(ffa_call(FFA_SECONDARY_EP_REGISTER_64, 0x0e100000).x[0] & 0xffff,
              FFA_ERROR_32 & 0xffff);
    EXPECT_TRUE(is_refused(ffa_call(FFA_MEM_PERM_GET_32, 0x0e100000)));
}

TEST(spmc, partition_info)
{
    const struct ffa_partition_info *info = (const void *)rx;
    struct ffa_value result;

    if (el3_is_old()) {
        SKIP("the normal world speaks FF-A 1.0, which has other descriptors");
    }
    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_rxtx_map(tx, rx, 1), FFA_DENIED);
    result = ffa_call(FFA_PARTITION_INFO_GET_32);
    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    ASSERT_EQ(result.x[2], 3); /* one has two UUIDs */
    EXPECT_EQ(result.x[3], sizeof(*info));
    EXPECT_EQ(info[0].id, UP);
    EXPECT_EQ(info[0].contexts, 1);
    EXPECT_EQ(info[1].id, UP);
    EXPECT_EQ(info[2].id, MP);
    EXPECT_EQ(info[2].contexts, 4);
    EXPECT_EQ(memcmp(&info[2].uuid, &uuid_mp, sizeof(uuid_mp)), 0);
    /* That they send requests, too, is no business of the normal world. */
    EXPECT_EQ(info[2].properties, FFA_PROPERTY_RECEIVES_DIRECT | FFA_PROPERTY_AARCH64);
    EXPECT_FFA_ERROR(ffa_call(FFA_PARTITION_INFO_GET_32), FFA_BUSY);
    EXPECT_EQ(ffa_call(FFA_RX_RELEASE_32).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_RX_RELEASE_32), FFA_DENIED);
    result = ffa_call(FFA_PARTITION_INFO_GET_32, uuid_nobody.word[0], uuid_nobody.word[1],
                      uuid_nobody.word[2], uuid_nobody.word[3]);
    EXPECT_FFA_ERROR(result, FFA_INVALID_PARAMETERS);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_UNMAP_32), FFA_INVALID_PARAMETERS);
}

TEST(spmc, partition_info_in_registers)
{
    if (el3_is_old()) {
        SKIP("EL3 does not know FFA_PARTITION_INFO_GET_REGS");
    }
    struct ffa_value result = ffa_call(FFA_PARTITION_INFO_GET_REGS_64);

    ASSERT_EQ(result.x[0], FFA_SUCCESS_64);
    EXPECT_EQ(result.x[2], UINT64_C(24) << 48 | 2 << 16 | 2);
    EXPECT_EQ((uint16_t)result.x[3], UP);
    EXPECT_EQ((uint16_t)result.x[9], MP);
    EXPECT_EQ(result.x[10], UINT64_C(0x3000000230000001));
}

/* Buffers must be memory of the normal world that the SPMC was told of. */
TEST(spmc, buffers_elsewhere)
{
    static const uint64_t bad[] = {0x0e100000, 0x0e500000, 0x09000000,    0x08000000,
                                   0x80000000, 0x0e000000, 0xfffffffff000};

    for (uint32_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        EXPECT_FFA_ERROR(ffa_rxtx_map((void *)bad[i], rx, 1), FFA_DENIED);
        EXPECT_FFA_ERROR(ffa_rxtx_map(tx, (void *)bad[i], 1), FFA_DENIED);
    }
    EXPECT_FFA_ERROR(ffa_rxtx_map(tx, rx, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_rxtx_map(tx, tx, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_rxtx_map(tx + 1, rx, 1), FFA_INVALID_PARAMETERS);
}

static void check_echo(uint16_t sp)
{
    SERVICE_SELECT(sp, "echo");
    for (uint64_t i = 0; i < 20; i++) {
        struct ffa_value answer = ffa_direct_req(sp, i, 0x123456789abcdef0, UINT64_MAX - i);

        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[1], ffa_endpoints_make(sp, NORMAL_WORLD));
        EXPECT_EQ(answer.x[2], 0);
        EXPECT_EQ(answer.x[3], i + 1);
        EXPECT_EQ(answer.x[4], 0x123456789abcdef0);
        EXPECT_EQ(answer.x[5], UINT64_MAX - i);
        EXPECT_EQ(answer.x[6], 0);
    }
}

TEST(spmc, echo)
{
    check_echo(UP);
    check_echo(MP);
}

TEST(spmc, echo_32)
{
    struct ffa_value answer;

    SERVICE_SELECT(UP, "echo");
    answer = ffa_call(FFA_MSG_SEND_DIRECT_REQ_32, ffa_endpoints_make(NORMAL_WORLD, UP), 0,
                      UINT64_C(0xaaaaaaaa00000007), UINT64_C(0xbbbbbbbb12345678));
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ(answer.x[3], 8);
    EXPECT_EQ(answer.x[4], 0x12345678);
}

TEST(spmc, sp_knows_itself)
{
    struct ffa_value answer;

    SERVICE_SELECT(UP, "call");
    answer = ffa_direct_req(UP, FFA_ID_GET_32, 0, 0);
    EXPECT_EQ(answer.x[3], FFA_SUCCESS_32);
    EXPECT_EQ(answer.x[5], UP);
    answer = ffa_direct_req(UP, FFA_SPM_ID_GET_32, 0, 0);
    EXPECT_EQ(answer.x[5], SPMC);
    answer = ffa_direct_req(UP, FFA_FEATURES_32, FFA_MSG_WAIT_32, 0);
    EXPECT_EQ(answer.x[3], FFA_SUCCESS_32);
    answer = ffa_direct_req(UP, PSCI_VERSION_FID, 0, 0);
    EXPECT_EQ(answer.x[3], UINT64_MAX);
}

TEST(spmc, through_another_sp)
{
    SERVICE_SELECT(MP, "relay");
    SERVICE_SELECT(UP, "echo");
    for (uint64_t i = 0; i < 10; i++) {
        struct ffa_value answer = ffa_direct_req(MP, UP, i, 7);

        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[3], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[5], i + 1);
    }
}

/* An SP asks nobody in the normal world, itself, or who waits for it. */
TEST(spmc, sp_requests_refused)
{
    static const uint16_t nobody[] = {NORMAL_WORLD, 1, 0x7fff, SPMC, 0x8003, 0xffc0, 0xffff, UP};

    SERVICE_SELECT(UP, "relay");
    for (uint32_t i = 0; i < sizeof(nobody) / sizeof(*nobody); i++) {
        struct ffa_value answer = ffa_direct_req(UP, nobody[i], 0, 0);

        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[3], FFA_ERROR_32);
        EXPECT_EQ((int32_t)answer.x[4], FFA_INVALID_PARAMETERS);
    }
}

TEST(spmc, requests_refused)
{
    SERVICE_SELECT(UP, "echo");
    EXPECT_FFA_ERROR(request(NORMAL_WORLD, 0x8003, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(NORMAL_WORLD, SPMC, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(NORMAL_WORLD, 1, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(NORMAL_WORLD, 0xffc0, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(MP, UP, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(NORMAL_WORLD, UP, 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(NORMAL_WORLD, UP, FFA_FRAMEWORK_MESSAGE), FFA_INVALID_PARAMETERS);
    /* Nothing has changed. */
    EXPECT_EQ(request(NORMAL_WORLD, UP, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_32);
}

/* A hypervisor passes on what its VMs ask: the answer is for the VM. */
TEST(spmc, for_a_vm)
{
    struct ffa_value answer;

    SERVICE_SELECT(UP, "echo");
    answer = request(5, UP, 0);
    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ(answer.x[1], ffa_endpoints_make(UP, 5));
    EXPECT_EQ(answer.x[3], 2);
    answer = request(NORMAL_WORLD, UP, 0);
    EXPECT_EQ(answer.x[1], ffa_endpoints_make(UP, NORMAL_WORLD));
    EXPECT_FFA_ERROR(request(5, 6, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(5, 5, 0), FFA_INVALID_PARAMETERS);
}

/* The request of one VM waits while another one asks: each gets its own answer. */
TEST(spmc, two_vms)
{
    struct ffa_value first, answer;

    SERVICE_SELECT(UP, "yield");
    SERVICE_SELECT(MP, "echo");
    first = request(5, UP, 0);
    for (uint32_t i = 0; first.x[0] == FFA_YIELD_32 && i < 10; i++) {
        answer = request(6, MP, 0);
        EXPECT_EQ(answer.x[1], ffa_endpoints_make(MP, 6));
        EXPECT_FFA_ERROR(request(6, UP, 0), FFA_BUSY);
        first = ffa_run(UP, 0);
    }
    EXPECT_EQ(first.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ(first.x[1], ffa_endpoints_make(UP, 5));
}

TEST(spmc, run_refused)
{
    SERVICE_SELECT(MP, "echo");
    EXPECT_FFA_ERROR(ffa_run(MP, 4), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(MP, 1), FFA_INVALID_PARAMETERS); /* another CPU's */
    EXPECT_FFA_ERROR(ffa_run(0x8003, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(NORMAL_WORLD, 0), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(SPMC, 0), FFA_INVALID_PARAMETERS);
}

/* The SP waits: it sees FFA_RUN, and waits again. */
TEST(spmc, run)
{
    struct ffa_value result;

    SERVICE_SELECT(UP, "echo");
    result = ffa_run(UP, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_WAIT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(UP, 0));
}

TEST(spmc, yield)
{
    struct ffa_value result;

    SERVICE_SELECT(UP, "yield");
    result = ffa_direct_req(UP, 3, 0, 0);
    for (uint32_t i = 0; result.x[0] == FFA_YIELD_32 && i < 10; i++) {
        EXPECT_EQ(result.x[1], ffa_target_make(UP, 0));
        result = ffa_run(UP, 0);
    }
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
}

/* Faults of an SP are its own. */
TEST(spmc, isolation)
{
    static const uint64_t forbidden[] = {0x0e000000,             /* EL3 */
                                         0x0e100000,             /* the core */
                                         0x40000000, 0x60000000, /* the normal world */
                                         0x08000000, 0x09000000, 0x09040000};

    SERVICE_SELECT(UP, "attack");
    for (uint32_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
        EXPECT_EQ(ffa_direct_req(UP, 0 /* read */, forbidden[i], 0).x[3], 1);
        EXPECT_EQ(ffa_direct_req(UP, 1 /* write */, forbidden[i], 0).x[3], 1);
    }
}
