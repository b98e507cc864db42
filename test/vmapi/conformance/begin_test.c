/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Before the version is fixed: the first test of a boot, so in the first file that is linked.
 */
#include "conformance.h"

#define REFUSED    RESULT(FFA_VERSION_REFUSED)
#define OWN        RESULT(FFA_VERSION_1_2)
#define ASK(words) CALL(FFA_VERSION_32, words)

/* Before its first FFA_MSG_WAIT, which fixes the version of an SP: that of its manifest. */
void hftest_sp_begin(void)
{
    static const char *const suites[] = {"conformance_v1_0", "conformance_v1_1",
                                         "conformance_v1_2"};
    uint32_t own = 0;

    if (boot_info_try_cell("ffa-version", &own)) {
        hftest_run_early(suites[own & 3], "version_negotiation");
    }
}

CONFORMANCE(version_negotiation)
{
    static const struct conf_row rows[] = {
        {"bit 31", ALL, ASK(0x80010002), REFUSED},
        {"bit 31 alone", ALL, ASK(0x80000000), REFUSED},
        {"null", ALL, ASK(0), REFUSED},
        {"major 0", ALL, ASK(0x00000009), REFUSED},
        {"major 2", ALL, ASK(0x00020000), REFUSED},
        {"major 0x7fff", ALL, ASK(0x7fff0000), REFUSED},
        {"a later minor", ALL, ASK(0x00010003), REFUSED},
        {"the last minor", ALL, ASK(0x0001ffff), REFUSED},
        {"1.0", ALL, ASK(0x00010000), OWN},
        {"1.1", ALL, ASK(0x00010001), OWN},
        {"1.2", ALL, ASK(0x00010002), OWN},
        {"unused registers", ALL, CALL(FFA_VERSION_32, 0x10001, 1, 2, 3, 4, 5, 6), OWN},
        {"no 64-bit form", ALL, CALL(FFA_FID_64(0x63), 0x10002), FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(rows);
    /* Calls that fail do not end the negotiation. */
    CONF_ONCE("a failing call", CALL(FFA_RX_RELEASE_32), FAILS(FFA_DENIED));
    CONF_CHECK(rows);
    CONF_ONCE("back", ASK(conf_version_number()), OWN);
}
