/* SPDX-License-Identifier: BSD-3-Clause */
#include "hftest_role.h"

#include "vmlib.h"

#define FIRST_SP 0x8001

static const struct hftest_role roles[HFTEST_SIDES] = {
    [HFTEST_VM] =
        {.name = "VM", .self = 1, .base = 0, .is_scheduler = true, .stops_services = true},
    [HFTEST_NORMAL_WORLD] = {.name = "normal world",
                             .self = 0,
                             .base = FIRST_SP - 1,
                             .is_scheduler = true},
    [HFTEST_SP] = {.name = "SP", .self = FIRST_SP, .base = FIRST_SP - 1},
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
