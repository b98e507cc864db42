/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Boot information, as the partitions of boot_info.dts ask for it.
 */
#include "services/service_ids.h"
#include "spmc.h"

#define IN_X0   0x8001
#define IN_X2   0x8002
#define IN_X3   0x8003
#define NOWHERE 0x8004

#define PACKAGE_IMAGE 0x4000

static struct ffa_value ask(uint16_t sp, uint64_t question, uint64_t x4)
{
    return ffa_direct_req(sp, question, x4, 0);
}

/* One register has the address, the others are 0. */
static void check(uint16_t sp, uint32_t number, uint32_t version)
{
    struct ffa_value header, manifest;
    uint64_t address = 0;

    SERVICE_SELECT(sp, "boot_info");
    for (uint32_t i = 0; i < BOOT_INFO_REGISTERS; i++) {
        uint64_t value = ask(sp, BOOT_REGISTER, i).x[3];

        EXPECT_EQ(value != 0, i == number);
        address = i == number ? value : address;
    }
    header = ask(sp, BOOT_HEADER, 0);
    EXPECT_EQ(header.x[3], number);
    EXPECT_EQ(header.x[4], version);
    EXPECT_EQ(header.x[5] >> 32, 1);
    EXPECT_EQ(header.x[5] % 32, 0);
    manifest = ask(sp, BOOT_MANIFEST, 0);
    EXPECT_GE(manifest.x[3], address + 64);
    EXPECT_EQ(manifest.x[4], version);
    /* All in one piece; in a package the manifest follows it. */
    if (manifest.x[3] != address + (uint32_t)header.x[5]) {
        EXPECT_LE(manifest.x[3] + manifest.x[5], address + (uint32_t)header.x[5]);
    }
}

TEST(boot_info, v1_1_in_x0)
{
    check(IN_X0, 0, FFA_VERSION_1_1);
}

TEST(boot_info, v1_0_in_x2)
{
    check(IN_X2, 2, FFA_VERSION_1_0);
}

TEST(boot_info, v1_2_in_x3)
{
    check(IN_X3, 3, FFA_VERSION_1_2);
}

/* The manifest that a partition finds says where it is, whatever its author wrote. */
TEST(boot_info, load_address)
{
    struct ffa_value found;

    SERVICE_SELECT(IN_X0, "boot_info");
    found = ask(IN_X0, BOOT_LOAD_ADDRESS, 0);
    /* A package begins with other things than the image. */
    EXPECT_TRUE(found.x[4] == found.x[3] || found.x[4] == found.x[3] + PACKAGE_IMAGE);
}

TEST(boot_info, nobody_asked)
{
    SERVICE_SELECT(NOWHERE, "boot_info");
    for (uint32_t i = 0; i < BOOT_INFO_REGISTERS; i++) {
        EXPECT_EQ(ask(NOWHERE, BOOT_REGISTER, i).x[3], 0);
    }
    EXPECT_EQ(ask(NOWHERE, BOOT_HEADER, 0).x[3], BOOT_NONE);
    EXPECT_EQ(ask(NOWHERE, BOOT_MANIFEST, 0).x[3], 0);
}
