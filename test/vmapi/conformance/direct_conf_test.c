/* SPDX-License-Identifier: BSD-3-Clause */
/* Direct messages: DEN0077A 7.4, 15.1 to 15.6, from outside and from inside a request. */
#include "conformance.h"

#define SELF        conf_id(PEER_SELF)
#define TO(peer)    ffa_endpoints_make(SELF, conf_id(peer))
#define UUID_2      0x2f0000022f000001, 0x2f0000042f000003
#define UUID_2_1ST  0x2000000220000001, 0x2000000420000003
#define UUID_1_1    0x3000000230000001, 0x3000000430000003
#define UUID_NOBODY 0x7700000277000001, 0x7700000477000003

static const uint64_t requests[] = {FFA_MSG_SEND_DIRECT_REQ_32, FFA_MSG_SEND_DIRECT_REQ_64};
static const uint64_t responses[] = {FFA_MSG_SEND_DIRECT_RESP_32, FFA_MSG_SEND_DIRECT_RESP_64};

/* Ids and flags that no message may have, whatever the states. */
static void malformed_check(uint64_t fid)
{
    const uint64_t own = SELF, peer = conf_id(PEER_1_1), manager = hftest_role()->manager;
    const struct conf_row rows[] = {
        {"to itself", ALL, CALL(fid, own << 16 | own), FAILS(FFA_INVALID_PARAMETERS)},
        {"of somebody else", ALL, CALL(fid, peer << 16 | own), FAILS(FFA_INVALID_PARAMETERS)},
        {"of one other to another", ALL, CALL(fid, peer << 16 | conf_id(PEER_1_2)),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"of the partition manager", ALL, CALL(fid, manager << 16 | peer),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"to no endpoint", ALL, CALL(fid, TO(PEER_PLAIN)), FAILS(FFA_INVALID_PARAMETERS)},
        {"framework message", ALL, CALL(fid, TO(PEER_1_1), 0x80000000),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"version request", ALL, CALL(fid, TO(PEER_1_1), 0x80000008, 0x10002),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"malformed, to one who can't", ALL, CALL(fid, TO(PEER_MUTE), 1),
         FAILS(FFA_INVALID_PARAMETERS)},
    };

    CONF_CHECK(rows);
}

static void flags_check(uint64_t fid)
{
    for (uint32_t bit = 0; bit < 32; bit++) {
        const struct conf_row row = {"w2", ALL, CALL(fid, TO(PEER_1_1), UINT64_C(1) << bit),
                                     FAILS(FFA_INVALID_PARAMETERS)};

        conf_check(&row, 1);
    }
}

static void strangers_check(uint64_t fid)
{
    const struct conf_role *role = conf_role();

    for (uint32_t i = 0; i < role->stranger_count; i++) {
        const uint64_t word = ffa_endpoints_make(SELF, role->strangers[i]);
        const struct conf_row row = {"to a stranger", ALL, CALL(fid, word),
                                     FAILS(FFA_INVALID_PARAMETERS)};

        conf_check(&row, 1);
    }
}

CONFORMANCE(direct_request_malformed)
{
    for (uint32_t i = 0; i < 2; i++) {
        malformed_check(requests[i]);
        flags_check(requests[i]);
        strangers_check(requests[i]);
    }
}

CONFORMANCE(direct_request_denied)
{
    const struct conf_row rows[] = {
        {"32 bits", ALL, CALL(requests[0], TO(PEER_MUTE)), FAILS(FFA_DENIED)},
        {"64 bits", ALL, CALL(requests[1], TO(PEER_MUTE)), FAILS(FFA_DENIED)},
    };

    CONF_CHECK(rows);
}

CONFORMANCE(direct_response_without_request)
{
    for (uint32_t i = 0; i < 2; i++) {
        const struct conf_row rows[] = {
            {"to a peer", ALL, CALL(responses[i], TO(PEER_1_1)), FAILS(FFA_DENIED)},
            {"to another", ALL, CALL(responses[i], TO(PEER_MUTE)), FAILS(FFA_DENIED)},
        };

        malformed_check(responses[i]);
        flags_check(responses[i]);
        strangers_check(responses[i]);
        CONF_CHECK(rows);
    }
}

CONFORMANCE(direct2_refusals)
{
    const uint64_t req = FFA_MSG_SEND_DIRECT_REQ2_64, own = SELF, peer = conf_id(PEER_1_2);
    const struct conf_row rows[] = {
        {"older callers", V1_0 | V1_1, CALL(req, TO(PEER_1_2)), FAILS(FFA_NOT_SUPPORTED)},
        {"to itself", V1_2, CALL(req, own << 16 | own), FAILS(FFA_INVALID_PARAMETERS)},
        {"of somebody else", V1_2, CALL(req, peer << 16 | conf_id(PEER_1_1)),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"to no endpoint", V1_2, CALL(req, TO(PEER_PLAIN)), FAILS(FFA_INVALID_PARAMETERS)},
        {"unknown service", V1_2, CALL(req, TO(PEER_1_2), UUID_NOBODY),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"somebody else's service", V1_2, CALL(req, TO(PEER_1_2), UUID_1_1),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"half a UUID", V1_2, CALL(req, TO(PEER_1_2), 0x2f0000022f000001),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"no 32-bit form", ALL, CALL(FFA_FID_32(0x8d), TO(PEER_1_2)), FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(rows);
    if (conf_version() == V1_2) {
        strangers_check(req);
    }
}

CONFORMANCE(direct2_services)
{
    const uint64_t req = FFA_MSG_SEND_DIRECT_REQ2_64;
    const struct conf_row rows[] = {
        {"older callers", V1_0 | V1_1, CALL(req, TO(PEER_1_2), UUID_2), FAILS(FFA_NOT_SUPPORTED)},
        {"a service of one without UUIDs", V1_2, CALL(req, TO(PEER_PINNED), UUID_2),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"a service that does not take them", V1_2, CALL(req, TO(PEER_1_2), UUID_2_1ST),
         FAILS(FFA_DENIED)},
        {"to one that does not take them", V1_2, CALL(req, TO(PEER_1_1)), FAILS(FFA_DENIED)},
        {"its service", V1_2, CALL(req, TO(PEER_1_1), UUID_1_1), FAILS(FFA_DENIED)},
        {"to one of v1.0", V1_2, CALL(req, TO(PEER_1_0)), FAILS(FFA_DENIED)},
        {"to a mute one", V1_2, CALL(req, TO(PEER_MUTE)), FAILS(FFA_DENIED)},
    };

    CONF_CHECK(rows);
}

CONFORMANCE(direct2_response_without_request)
{
    const uint64_t resp = FFA_MSG_SEND_DIRECT_RESP2_64, own = SELF;
    const struct conf_row rows[] = {
        {"older callers", V1_0 | V1_1, CALL(resp, TO(PEER_1_2)), FAILS(FFA_NOT_SUPPORTED)},
        {"to itself", V1_2, CALL(resp, own << 16 | own), FAILS(FFA_INVALID_PARAMETERS)},
        {"of somebody else", V1_2,
         CALL(resp, ffa_endpoints_make(conf_id(PEER_1_1), conf_id(PEER_1_2))),
         FAILS(FFA_INVALID_PARAMETERS)},
        {"to a peer", V1_2, CALL(resp, TO(PEER_1_2)), FAILS(FFA_DENIED)},
        {"no 32-bit form", ALL, CALL(FFA_FID_32(0x8e), TO(PEER_1_2)), FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(rows);
    if (conf_version() == V1_2) {
        strangers_check(resp);
    }
}

/* What an answer must look like, in each width; registers that no message has stay. */
CONFORMANCE(direct_round_trip)
{
    static const enum peer peers[] = {PEER_1_2, PEER_1_1, PEER_1_0};
    const uint64_t big = 0x1122334455667788;

    for (uint32_t i = 0; i < 3; i++) {
        const uint64_t back = ffa_endpoints_make(conf_id(peers[i]), SELF);

        SERVICE_SELECT(conf_id(peers[i]), "echo");
        CONF_ONCE("64 bits", CALL(requests[1], TO(peers[i]), 0, 6, big, ~big),
                  RESULT(FFA_MSG_SEND_DIRECT_RESP_64, back, 0, 7, big, ~big));
        CONF_ONCE("garbage above w1 and w2",
                  CALL(requests[1], TO(peers[i]) | UINT64_C(1) << 40, UINT64_C(1) << 32, 6),
                  RESULT(FFA_MSG_SEND_DIRECT_RESP_64, back, 0, 7));
        CONF_ONCE("32 bits", CALL(requests[0], TO(peers[i]), 0, 6, big, ~big),
                  RESULT(FFA_MSG_SEND_DIRECT_RESP_32, back, 0, 7, (uint32_t)big, (uint32_t)~big));
    }
}

/* A call that peer makes inside a request. */
struct inside {
    const char *what;
    uint32_t versions; /* of peer */
    uint64_t call[5];
    uint64_t x0;
    int32_t code; /* of an error */
};

static void inside_check(enum peer peer, uint32_t version, const struct inside *rows,
                         uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t *x = rows[i].call;
        struct ffa_value value;

        if ((rows[i].versions & version) == 0) {
            continue;
        }
        value = conf_call_of(peer, x[0], x[1], x[2], x[3], x[4]);
        if (value.x[3] != rows[i].x0 ||
            (value.x[3] == FFA_ERROR_32 &&
             (value.x[4] != 0 || value.x[5] != (uint32_t)rows[i].code))) {
            hftest_fail(rows[i].what, (int)i, "vm %u: 0x%lx 0x%lx 0x%lx", conf_id(peer), value.x[3],
                        value.x[4], value.x[5]);
        }
    }
}

#define REFUSAL(code) FFA_ERROR_32, (code)

static void inside_cycles_check(enum peer peer, uint32_t version)
{
    const uint64_t own = conf_id(peer);
    const struct inside rows[] = {
        {"MSG_WAIT", ALL, {FFA_MSG_WAIT_32}, REFUSAL(FFA_DENIED)},
        {"MSG_WAIT w1", ALL, {FFA_MSG_WAIT_32, 1}, REFUSAL(FFA_INVALID_PARAMETERS)},
        {"MSG_WAIT retain", V1_2, {FFA_MSG_WAIT_32, 0, 1}, REFUSAL(FFA_DENIED)},
        {"MSG_WAIT w2", V1_0 | V1_1, {FFA_MSG_WAIT_32, 0, 1}, REFUSAL(FFA_INVALID_PARAMETERS)},
        {"YIELD", V1_0, {FFA_YIELD_32}, REFUSAL(FFA_DENIED)},
        {"YIELD", FROM_1_1, {FFA_YIELD_32}, FFA_SUCCESS_32, 0},
        {"YIELD w1", ALL, {FFA_YIELD_32, 1}, REFUSAL(FFA_INVALID_PARAMETERS)},
        {"RUN of the requester", ALL, {FFA_RUN_32, (uint64_t)SELF << 16}, REFUSAL(FFA_DENIED)},
        {"RUN of itself", ALL, {FFA_RUN_32, own << 16}, REFUSAL(FFA_INVALID_PARAMETERS)},
        {"RUN of nobody", ALL, {FFA_RUN_32, 0x7fff0000}, REFUSAL(FFA_INVALID_PARAMETERS)},
        {"RX_RELEASE", ALL, {FFA_RX_RELEASE_32}, REFUSAL(FFA_DENIED)},
        {"UNMAP", ALL, {FFA_RXTX_UNMAP_32}, REFUSAL(FFA_INVALID_PARAMETERS)},
        {"ID_GET", ALL, {FFA_ID_GET_32}, FFA_SUCCESS_32, 0},
    };

    inside_check(peer, version, rows, sizeof(rows) / sizeof(rows[0]));
}

static void inside_messages_check(enum peer peer, uint32_t version)
{
    const uint64_t own = conf_id(peer);
    const uint64_t back = own << 16 | SELF, pinned = own << 16 | conf_id(PEER_PINNED);
    const struct inside rows[] = {
        {"RESP to another", ALL, {responses[0], pinned}, REFUSAL(FFA_DENIED)},
        {"RESP to itself", ALL, {responses[0], own << 16 | own}, REFUSAL(FFA_INVALID_PARAMETERS)},
        {"RESP of another",
         ALL,
         {responses[1], (uint64_t)conf_id(PEER_MUTE) << 16 | own},
         REFUSAL(FFA_INVALID_PARAMETERS)},
        {"RESP to nobody",
         ALL,
         {responses[1], own << 16 | 0x7fff},
         REFUSAL(FFA_INVALID_PARAMETERS)},
        {"RESP w2", ALL, {responses[1], back, 1}, REFUSAL(FFA_INVALID_PARAMETERS)},
        {"RESP to a framework message",
         ALL,
         {responses[0], back, 0x80000009},
         REFUSAL(FFA_INVALID_PARAMETERS)},
        {"RESP2", V1_2, {FFA_MSG_SEND_DIRECT_RESP2_64, back}, REFUSAL(FFA_DENIED)},
        {"RESP2", V1_0 | V1_1, {FFA_MSG_SEND_DIRECT_RESP2_64, back}, REFUSAL(FFA_NOT_SUPPORTED)},
        {"REQ back", ALL, {requests[0], back}, REFUSAL(conf_role()->request_back)},
        {"REQ back, 64 bits", ALL, {requests[1], back}, REFUSAL(conf_role()->request_back)},
        {"REQ to itself", ALL, {requests[0], own << 16 | own}, REFUSAL(FFA_INVALID_PARAMETERS)},
        {"REQ to a mute one",
         ALL,
         {requests[0], own << 16 | conf_id(PEER_MUTE)},
         REFUSAL(FFA_DENIED)},
    };

    inside_check(peer, version, rows, sizeof(rows) / sizeof(rows[0]));
}

/* The peers' versions are those of the manifest: the test's own does not matter. */
TEST(conformance_v1_2, inside_request_v1_2)
{
    conf_begin(V1_2);
    inside_cycles_check(PEER_1_2, V1_2);
    inside_messages_check(PEER_1_2, V1_2);
}

TEST(conformance_v1_2, inside_request_v1_1)
{
    conf_begin(V1_2);
    inside_cycles_check(PEER_1_1, V1_1);
    inside_messages_check(PEER_1_1, V1_1);
}

TEST(conformance_v1_2, inside_request_v1_0)
{
    conf_begin(V1_2);
    inside_cycles_check(PEER_1_0, V1_0);
    inside_messages_check(PEER_1_0, V1_0);
}
