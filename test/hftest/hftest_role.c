/* SPDX-License-Identifier: BSD-3-Clause */
#include "hftest_role.h"

#include "vmlib.h"

#define SPMC     0x8000
#define FIRST_SP 0x8001

static const struct hftest_role roles[HFTEST_SIDES] = {
    [HFTEST_VM] = {.name = "VM",
                   .self = 1,
                   .is_scheduler = true,
                   .is_partition = true,
                   .stops_services = true},
    [HFTEST_NORMAL_WORLD] = {.name = "normal world",
                             .manager = SPMC,
                             .base = FIRST_SP - 1,
                             .is_scheduler = true},
    [HFTEST_SP] = {.name = "SP",
                   .self = FIRST_SP,
                   .manager = SPMC,
                   .base = FIRST_SP - 1,
                   .is_partition = true},
};

/* Of the partitions with TESTs only SPs ask for boot information. */
enum hftest_side hftest_side(void)
{
    if (vmlib_is_normal_world()) {
        return HFTEST_NORMAL_WORLD;
    }
    return boot_info_get() != NULL ? HFTEST_SP : HFTEST_VM;
}

const struct hftest_role *hftest_role(void)
{
    return &roles[hftest_side()];
}

uint16_t hftest_id(uint16_t number)
{
    const struct hftest_role *role = hftest_role();

    return number == 1 ? role->self : (uint16_t)(role->base + number);
}

uint16_t hftest_listed_id(uint16_t number)
{
    return (uint16_t)(hftest_role()->base + number);
}

int32_t hftest_partition_code(int32_t code)
{
    return hftest_role()->is_partition ? code : FFA_NOT_SUPPORTED;
}
