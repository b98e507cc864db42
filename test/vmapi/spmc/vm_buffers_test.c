/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hypervisor of the normal world, which the test is, maps RX/TX buffers for its VMs and takes
 * their RX.
 */
#include "spmc.h"
#include "vm_buffers.h"

#define VM    7
#define OTHER 9
#define BOXES 16 /* VMs that may have buffers */

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t pages[2 * (BOXES + 1)][FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static struct descriptor good(uint16_t id, uint32_t page)
{
    return descriptor_make(id, pages[page], pages[page + 1]);
}

static struct ffa_value map(struct descriptor descriptor)
{
    memcpy(tx, &descriptor, sizeof(descriptor));
    return ffa_call(FFA_RXTX_MAP_64);
}

static struct ffa_value unmap(uint64_t vm)
{
    return ffa_call(FFA_RXTX_UNMAP_32, vm << 16);
}

static struct ffa_value acquire(uint64_t vm)
{
    return ffa_call(FFA_RX_ACQUIRE_32, vm);
}

static struct ffa_value release(uint64_t vm)
{
    return ffa_call(FFA_RX_RELEASE_32, vm);
}

#define EXPECT_SUCCESS(value) EXPECT_EQ((value).x[0], FFA_SUCCESS_32)

SET_UP(vm_buffers)
{
    (void)ffa_rxtx_map(tx, rx, 1);
}

TEAR_DOWN(vm_buffers)
{
    (void)unmap(VM);
    (void)unmap(OTHER);
    (void)ffa_call(FFA_RXTX_UNMAP_32);
}

TEST(vm_buffers, ownership)
{
    EXPECT_EQ(ffa_features(FFA_RX_ACQUIRE_32).x[0], FFA_SUCCESS_32);
    EXPECT_SUCCESS(map(good(VM, 0)));
    EXPECT_FFA_ERROR(release(VM), FFA_DENIED);
    EXPECT_SUCCESS(acquire(VM));
    EXPECT_FFA_ERROR(acquire(VM), FFA_DENIED);
    /* It is another one's. */
    EXPECT_SUCCESS(map(good(OTHER, 2)));
    EXPECT_SUCCESS(acquire(OTHER));
    EXPECT_SUCCESS(release(VM));
    EXPECT_FFA_ERROR(release(VM), FFA_DENIED);
    EXPECT_SUCCESS(acquire(VM));
    EXPECT_SUCCESS(unmap(VM));
    EXPECT_FFA_ERROR(acquire(VM), FFA_INVALID_PARAMETERS);
    EXPECT_SUCCESS(map(good(VM, 0)));
    EXPECT_SUCCESS(acquire(VM));
}

TEST(vm_buffers, nobodys)
{
    static const uint64_t ids[] = {VM, 0x7fff, 0x8001, 0x8000, 0xffff};

    for (uint32_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        EXPECT_FFA_ERROR(acquire(ids[i]), FFA_INVALID_PARAMETERS);
        EXPECT_FFA_ERROR(release(ids[i]), FFA_INVALID_PARAMETERS);
        EXPECT_FFA_ERROR(unmap(ids[i]), FFA_INVALID_PARAMETERS);
    }
    EXPECT_FFA_ERROR(acquire(0), FFA_INVALID_PARAMETERS);
    EXPECT_SUCCESS(map(good(VM, 0)));
    EXPECT_FFA_ERROR(acquire(0x10000 | VM), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(FFA_RXTX_UNMAP_32, VM << 16 | 1), FFA_INVALID_PARAMETERS);
}

TEST(vm_buffers, same_pages)
{
    struct descriptor own = good(OTHER, 2);

    EXPECT_SUCCESS(map(good(VM, 0)));
    EXPECT_FFA_ERROR(map(good(VM, 2)), FFA_DENIED);
    EXPECT_FFA_ERROR(map(good(OTHER, 0)), FFA_DENIED);
    EXPECT_FFA_ERROR(map(good(OTHER, 1)), FFA_DENIED);
    /* The hypervisor's own. */
    own.rx.address = (uintptr_t)rx;
    EXPECT_FFA_ERROR(map(own), FFA_DENIED);
    EXPECT_SUCCESS(map(good(OTHER, 2)));
}

TEST(vm_buffers, bad_descriptors)
{
    struct descriptor bad[17];
    uint32_t n = 0;

    for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bad[i] = good(VM, 0);
    }
    bad[n++].id = 0;
    bad[n++].id = 0x8001;
    bad[n++].id = 0x7fff;
    bad[n++].reserved = 1;
    bad[n++].rx_offset = 0;
    bad[n++].rx_offset += 4;
    bad[n++].tx_offset = FFA_PAGE_SIZE - 8;
    bad[n++].tx_offset = 0xfffffff8;
    bad[n++].rx.constituents = 2;
    bad[n++].tx.constituents = 0;
    bad[n++].tx.pages = 2;
    bad[n++].rx.constituent_pages = 0;
    bad[n].rx.pages = 0;
    bad[n].rx.constituent_pages = 0;
    bad[n].tx.pages = 0;
    bad[n++].tx.constituent_pages = 0;
    bad[n++].rx.address += 8;
    bad[n++].rx.reserved = 1;
    bad[n].tx.address = bad[n].rx.address;
    n++;
    ASSERT_EQ(n, sizeof(bad) / sizeof(bad[0]) - 1);
    for (uint32_t i = 0; i < n; i++) {
        EXPECT_FFA_ERROR(map(bad[i]), FFA_INVALID_PARAMETERS);
    }
    EXPECT_FFA_ERROR(acquire(VM), FFA_INVALID_PARAMETERS);
}

TEST(vm_buffers, memory_elsewhere)
{
    static const uint64_t elsewhere[] = {0x0e100000 /* the core */, 0x09000000 /* a device */,
                                         UINT64_MAX - 0xfff};

    for (uint32_t i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++) {
        struct descriptor bad = good(VM, 0);

        bad.tx.address = elsewhere[i];
        EXPECT_FFA_ERROR(map(bad), FFA_DENIED);
        bad = good(VM, 0);
        bad.rx.address = elsewhere[i];
        EXPECT_FFA_ERROR(map(bad), FFA_DENIED);
    }
    EXPECT_FFA_ERROR(acquire(VM), FFA_INVALID_PARAMETERS);
}

TEST(vm_buffers, without_own_buffers)
{
    EXPECT_SUCCESS(ffa_call(FFA_RXTX_UNMAP_32));
    EXPECT_FFA_ERROR(map(good(VM, 0)), FFA_INVALID_PARAMETERS);
}

TEST(vm_buffers, as_many_as_fit)
{
    for (uint16_t i = 0; i < BOXES; i++) {
        EXPECT_SUCCESS(map(good((uint16_t)(100 + i), 2u * i)));
    }
    EXPECT_FFA_ERROR(map(good(VM, 2 * BOXES)), FFA_NO_MEMORY);
    for (uint16_t i = 0; i < BOXES; i++) {
        EXPECT_SUCCESS(acquire(100u + i));
        EXPECT_SUCCESS(unmap(100u + i));
    }
    EXPECT_SUCCESS(map(good(VM, 2 * BOXES)));
}

/* SPs have no VMs. */
TEST(vm_buffers, not_for_sps)
{
    SERVICE_SELECT(UP, "call");
    struct ffa_value value = ffa_direct_req_complete(UP, FFA_RX_ACQUIRE_32, VM, 0);

    EXPECT_EQ(value.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)value.x[5], FFA_NOT_SUPPORTED);
    value = ffa_direct_req_complete(UP, FFA_RXTX_UNMAP_32, VM << 16, 0);
    EXPECT_EQ((int32_t)value.x[5], FFA_INVALID_PARAMETERS);
}
