/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_VERSION, ids, buffers, console: DEN0077A 13.2 to 13.7, 13.11. */
#include "conformance.h"

#define REFUSED    RESULT(FFA_VERSION_REFUSED)
#define OWN        RESULT(FFA_VERSION_1_2)
#define ASK(words) CALL(FFA_VERSION_32, words)

CONFORMANCE(version_is_fixed)
{
    static const struct conf_row rows[] = {
        {"1.0", V1_0, ASK(0x10000), OWN},          {"1.0", FROM_1_1, ASK(0x10000), REFUSED},
        {"1.1", V1_1, ASK(0x10001), OWN},          {"1.1", V1_0 | V1_2, ASK(0x10001), REFUSED},
        {"1.2", V1_2, ASK(0x10002), OWN},          {"1.2", V1_0 | V1_1, ASK(0x10002), REFUSED},
        {"later", ALL, ASK(0x10003), REFUSED},     {"major", ALL, ASK(0x20000), REFUSED},
        {"bit 31", ALL, ASK(0x80010000), REFUSED},
    };

    CONF_ONCE("ends the negotiation", CALL(FFA_FEATURES_32, FFA_VERSION_32), SUCCEEDS);
    CONF_CHECK(rows);
}

CONFORMANCE(ids)
{
    const struct conf_row spm = {"SPM_ID_GET", ALL, CALL(FFA_SPM_ID_GET_32),
                                 RETURNS(conf_role()->spm_id, 0)};
    const struct conf_row rows[] = {
        {"ID_GET", ALL, CALL(FFA_ID_GET_32), RETURNS(conf_id(PEER_SELF), 0)},
        {"ID_GET ignores registers", ALL, CALL(FFA_ID_GET_32, 1, 2, 3, 4, 5, 6, 7),
         RETURNS(conf_id(PEER_SELF), 0)},
    };

    CONF_CHECK(rows);
    conf_check(&spm, 1);
}

#define MAP(...) CALL(FFA_RXTX_MAP_64, __VA_ARGS__)

CONFORMANCE(rxtx_map_refusals)
{
    const uint64_t tx = (uint64_t)conf_tx, rx = (uint64_t)conf_rx;
    const int32_t foreign = conf_role()->foreign_code;
    const struct conf_row rows[] = {
        {"no pages", ALL, MAP(tx, rx, 0), FAILS(FFA_INVALID_PARAMETERS)},
        {"no pages, reserved bits set", ALL, MAP(tx, rx, 0x40), FAILS(FFA_INVALID_PARAMETERS)},
        {"too many", ALL, MAP(tx, rx, 5), FAILS(FFA_INVALID_PARAMETERS)},
        {"63 pages", ALL, MAP(tx, rx, 63), FAILS(FFA_INVALID_PARAMETERS)},
        {"TX not aligned", ALL, MAP(tx + 1, rx, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"RX not aligned", ALL, MAP(tx, rx + 0x800, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"the same page", ALL, MAP(tx, tx, 1), FAILS(FFA_INVALID_PARAMETERS)},
        {"RX begins in TX", ALL, MAP(tx, tx + 0x1000, 2), FAILS(FFA_INVALID_PARAMETERS)},
        {"TX begins in RX", ALL, MAP(rx + 0x1000, rx, 2), FAILS(FFA_INVALID_PARAMETERS)},
        {"TX in a hole", ALL, MAP(0x0b000000, rx, 1), FAILS(foreign)},
        {"RX in a hole", ALL, MAP(tx, 0x0b000000, 1), FAILS(foreign)},
        {"TX at 0", ALL, MAP(0, rx, 1), FAILS(foreign)},
        {"RX beyond all", ALL, MAP(tx, ~UINT64_C(0xfff), 1), FAILS(foreign)},
        {"TX beyond all", ALL, MAP(UINT64_C(1) << 52, rx, 1), FAILS(foreign)},
    };

    CONF_CHECK(rows);
    CONF_ONCE("nothing is mapped", CALL(FFA_RXTX_UNMAP_32), FAILS(FFA_INVALID_PARAMETERS));
}

CONFORMANCE(rxtx_states)
{
    const uint64_t tx = (uint64_t)conf_tx, rx = (uint64_t)conf_rx;
    const struct conf_row unmapped[] = {
        {"UNMAP", ALL, CALL(FFA_RXTX_UNMAP_32), FAILS(FFA_INVALID_PARAMETERS)},
        {"UNMAP of an id", ALL, CALL(FFA_RXTX_UNMAP_32, 0x10000), FAILS(FFA_INVALID_PARAMETERS)},
        {"RX_RELEASE", ALL, CALL(FFA_RX_RELEASE_32), FAILS(FFA_DENIED)},
    };
    const struct conf_row mapped[] = {
        {"MAP again", ALL, MAP(tx, rx, 1), FAILS(FFA_DENIED)},
        {"MAP of others", ALL, MAP(tx + 0x1000, rx + 0x1000, 1), FAILS(FFA_DENIED)},
        {"MAP of nonsense", ALL, MAP(1, 1, 0), FAILS(FFA_DENIED)},
        {"UNMAP of an id", ALL, CALL(FFA_RXTX_UNMAP_32, 0x10000), FAILS(FFA_INVALID_PARAMETERS)},
        {"RX_RELEASE without RX", ALL, CALL(FFA_RX_RELEASE_32), FAILS(FFA_DENIED)},
    };

    CONF_CHECK(unmapped);
    CONF_ONCE("MAP", MAP(tx, rx, 1), SUCCEEDS);
    CONF_CHECK(mapped);
    CONF_ONCE("UNMAP", CALL(FFA_RXTX_UNMAP_32, 0, 1, 2, 3, 4, 5, 6), SUCCEEDS);
    CONF_CHECK(unmapped);
    CONF_ONCE("reserved bits", CALL(FFA_RXTX_MAP_64, tx, rx, 0xffffff42), SUCCEEDS);
    CONF_CHECK(mapped);
    CONF_ONCE("UNMAP", CALL(FFA_RXTX_UNMAP_32), SUCCEEDS);
    CONF_CHECK(unmapped);
}

#define LOG_32(...) CALL(FFA_CONSOLE_LOG_32, __VA_ARGS__)
#define LOG_64(...) CALL(FFA_CONSOLE_LOG_64, __VA_ARGS__)

CONFORMANCE(console_log)
{
    static const struct conf_row rows[] = {
        {"none", ALL, LOG_32(0), FAILS(FFA_INVALID_PARAMETERS)},
        {"25", ALL, LOG_32(25), FAILS(FFA_INVALID_PARAMETERS)},
        {"30", ALL, LOG_32(30), FAILS(FFA_INVALID_PARAMETERS)},
        {"0xffffffff", ALL, LOG_32(0xffffffff), FAILS(FFA_INVALID_PARAMETERS)},
        {"none, 64 bits", ALL, LOG_64(0), FAILS(FFA_INVALID_PARAMETERS)},
        {"49, 64 bits", V1_0 | V1_1, LOG_64(49), FAILS(FFA_INVALID_PARAMETERS)},
        {"129, 64 bits", ALL, LOG_64(129), FAILS(FFA_INVALID_PARAMETERS)},
        {"130, 64 bits", ALL, LOG_64(130), FAILS(FFA_INVALID_PARAMETERS)},
        {"all ones, 64 bits", ALL, LOG_64(~0ul), FAILS(FFA_INVALID_PARAMETERS)},
        {"a newline", ALL, LOG_32(1, '\n'), SUCCEEDS},
        {"a newline, 64 bits", ALL, LOG_64(1, '\n'), SUCCEEDS},
        {"24", ALL, LOG_32(24, 0x41414141, 0, 0, 0, 0, 0x0a000000), SUCCEEDS},
        {"48, 64 bits", ALL, LOG_64(48, 0x4242424242424242, 0, 0, 0, 0, 0x0a00000000000000),
         SUCCEEDS},
        {"128, 64 bits", V1_2, LOG_64(128, '\n'), SUCCEEDS},
    };

    CONF_CHECK(rows);
}

/* Functions of other instances and of other exception levels, where these are not here. */
CONFORMANCE(not_here)
{
    static const struct conf_row rows[] = {
        {"RX_ACQUIRE", ALL, CALL(FFA_RX_ACQUIRE_32, 1), FAILS(FFA_NOT_SUPPORTED)},
        {"MEM_PERM_GET", ALL, CALL(FFA_MEM_PERM_GET_32, 0x40000000), FAILS(FFA_NOT_SUPPORTED)},
        {"MEM_PERM_SET", ALL, CALL(FFA_FID_32(0x89), 0x40000000, 1, 7), FAILS(FFA_NOT_SUPPORTED)},
        {"BITMAP_CREATE", ALL, CALL(FFA_NOTIFICATION_BITMAP_CREATE_32, 1, 1),
         FAILS(FFA_NOT_SUPPORTED)},
        {"BITMAP_DESTROY", ALL, CALL(FFA_NOTIFICATION_BITMAP_DESTROY_32, 1),
         FAILS(FFA_NOT_SUPPORTED)},
        {"EL3_INTR_HANDLE", ALL, CALL(FFA_EL3_INTR_HANDLE_32), FAILS(FFA_NOT_SUPPORTED)},
        {"SECONDARY_EP_REGISTER", ALL, CALL(FFA_SECONDARY_EP_REGISTER_64, 0x40000000),
         FAILS(FFA_NOT_SUPPORTED)},
        {"ERROR", ALL, CALL(FFA_ERROR_32, 0, 0xfffffff8), FAILS(FFA_NOT_SUPPORTED)},
        {"SUCCESS", ALL, CALL(FFA_SUCCESS_32), FAILS(FFA_NOT_SUPPORTED)},
        {"INTERRUPT", ALL, CALL(FFA_INTERRUPT_32), FAILS(FFA_NOT_SUPPORTED)},
        {"ABORT of v1.3", ALL, CALL(FFA_FID_32(0x90)), FAILS(FFA_NOT_SUPPORTED)},
        {"NS_RES_INFO_GET of v1.3", ALL, CALL(FFA_FID_64(0x8f)), FAILS(FFA_NOT_SUPPORTED)},
    };

    const struct conf_row resume = {"NORMAL_WORLD_RESUME", ALL, CALL(FFA_NORMAL_WORLD_RESUME_32),
                                    FAILS(conf_role()->resume_code)};

    conf_check(&resume, 1);
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!conf_exists(rows[i].call[0])) {
            conf_check(&rows[i], 1);
        }
    }
}
