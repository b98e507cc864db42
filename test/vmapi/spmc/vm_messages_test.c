/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hypervisor of the normal world, which the test is, tells SPs of VMs that come and go.
 */
#include "spmc.h"
#include "spmc_service_ids.h"

#define BOTH 0x8001
#define NEW  0x8002
#define NONE 0x8003

#define CREATED   (FFA_FRAMEWORK_MESSAGE | 4)
#define DESTROYED (FFA_FRAMEWORK_MESSAGE | 6)
#define VM        0x1234
#define RETRY     ((uint32_t)FFA_RETRY)

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static struct ffa_value tell(uint16_t sp, uint64_t type)
{
    return ffa_call(FFA_MSG_SEND_DIRECT_REQ_32, ffa_endpoints_make(NORMAL_WORLD, sp), type,
                    UINT32_MAX, UINT32_MAX, VM);
}

static void expect_acknowledged(struct ffa_value value, uint16_t sp, uint64_t type, uint32_t status)
{
    EXPECT_EQ(value.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    EXPECT_EQ(value.x[1], ffa_endpoints_make(sp, NORMAL_WORLD));
    EXPECT_EQ(value.x[2], type + 1);
    EXPECT_EQ(value.x[3], status);
}

TEST(vm_messages, told)
{
    SERVICE_SELECT(BOTH, "vm_watcher");
    expect_acknowledged(tell(BOTH, CREATED), BOTH, CREATED, 0);
    EXPECT_EQ(ffa_direct_req_complete(BOTH, WATCH_LAST, 0, 0).x[4], (CREATED & 0xff) << 16 | VM);
    expect_acknowledged(tell(BOTH, DESTROYED), BOTH, DESTROYED, 0);
    EXPECT_EQ(ffa_direct_req_complete(BOTH, WATCH_LAST, 0, 0).x[4], (DESTROYED & 0xff) << 16 | VM);
    SERVICE_SELECT(NEW, "vm_watcher");
    expect_acknowledged(tell(NEW, CREATED), NEW, CREATED, 0);
}

/* What the SP answers reaches the hypervisor. */
TEST(vm_messages, refused_by_the_sp)
{
    SERVICE_SELECT(BOTH, "vm_watcher");
    (void)ffa_direct_req_complete(BOTH, WATCH_STATUS, RETRY, 0);
    expect_acknowledged(tell(BOTH, CREATED), BOTH, CREATED, RETRY);
    (void)ffa_direct_req_complete(BOTH, WATCH_STATUS, 0, 0);
    expect_acknowledged(tell(BOTH, CREATED), BOTH, CREATED, 0);
}

/* Only its own kind of answer ends such a request, and no other request is ended by one. */
TEST(vm_messages, wrong_answers)
{
    struct ffa_value value;

    SERVICE_SELECT(BOTH, "vm_watcher");
    (void)ffa_direct_req_complete(BOTH, WATCH_CONFUSED, 1, 0);
    expect_acknowledged(tell(BOTH, CREATED), BOTH, CREATED, 0);
    value = ffa_direct_req_complete(BOTH, WATCH_LAST, 0, 0);
    EXPECT_EQ((int32_t)value.x[5], FFA_DENIED);
    expect_acknowledged(tell(BOTH, DESTROYED), BOTH, DESTROYED, 0);
    (void)ffa_direct_req_complete(BOTH, WATCH_CONFUSED, 0, 0);
    value = ffa_direct_req_complete(BOTH, WATCH_LAST, 0, 0);
    EXPECT_EQ((int32_t)value.x[5], FFA_DENIED);
}

TEST(vm_messages, refusals)
{
    SERVICE_SELECT(NEW, "vm_watcher");
    SERVICE_SELECT(NONE, "vm_watcher");
    EXPECT_FFA_ERROR(tell(NEW, DESTROYED), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(tell(NONE, CREATED), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(tell(NONE, DESTROYED), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(tell(0x8007, CREATED), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(tell(SPMC, CREATED), FFA_INVALID_PARAMETERS);
    /* No framework message of the normal world, and reserved bits. */
    for (uint64_t type = 0; type < 16; type++) {
        if (type != 4 && type != 6) {
            EXPECT_FFA_ERROR(tell(BOTH, FFA_FRAMEWORK_MESSAGE | type), FFA_INVALID_PARAMETERS);
        }
    }
    EXPECT_FFA_ERROR(tell(BOTH, CREATED | 0x100), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(tell(BOTH, 4), FFA_INVALID_PARAMETERS);
    /* Nobody else is the hypervisor. */
    EXPECT_FFA_ERROR(request(NEW, BOTH, CREATED), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(request(VM, BOTH, CREATED), FFA_INVALID_PARAMETERS);
    SERVICE_SELECT(BOTH, "call");
    struct ffa_value value =
        ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(NORMAL_WORLD, BOTH), 0,
                 FFA_MSG_SEND_DIRECT_REQ_32, ffa_endpoints_make(BOTH, NEW), CREATED);

    EXPECT_EQ(value.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)value.x[5], FFA_INVALID_PARAMETERS);
}

/* Who wants them says so, to the normal world. */
TEST(vm_messages, properties)
{
    const struct ffa_partition_info *info = (const void *)rx;
    uint32_t both = FFA_PROPERTY_VM_CREATED | FFA_PROPERTY_VM_DESTROYED;
    struct ffa_value result;

    ASSERT_EQ(ffa_rxtx_map(tx, rx, 1).x[0], FFA_SUCCESS_32);
    result = ffa_call(FFA_PARTITION_INFO_GET_32);
    ASSERT_EQ(result.x[0], FFA_SUCCESS_32);
    ASSERT_EQ(result.x[2], 3);
    EXPECT_EQ(info[0].properties & both, both);
    EXPECT_EQ(info[1].properties & both, FFA_PROPERTY_VM_CREATED);
    EXPECT_EQ(info[2].properties & both, 0);
    EXPECT_EQ(ffa_call(FFA_RXTX_UNMAP_32).x[0], FFA_SUCCESS_32);
}
