/* SPDX-License-Identifier: BSD-3-Clause */
/* Notifications: DEN0077A chapter 10, 16, as far as one partition can see them. */
#include "conformance.h"

#define SELF           conf_id(PEER_SELF)
#define IDS(high, low) ffa_endpoints_make((high), (low))
#define FROM(peer)     IDS(conf_id(peer), SELF)
#define BIND(...)      CALL(FFA_NOTIFICATION_BIND_32, __VA_ARGS__)
#define UNBIND(...)    CALL(FFA_NOTIFICATION_UNBIND_32, __VA_ARGS__)
#define SET(...)       CALL(FFA_NOTIFICATION_SET_32, __VA_ARGS__)
#define GET(...)       CALL(FFA_NOTIFICATION_GET_32, __VA_ARGS__)
#define INVALID        FAILS(FFA_INVALID_PARAMETERS)

/* The same rows for BIND and UNBIND: ids, and a bitmap without bits. */
static void ids_check(uint64_t fid)
{
    const struct conf_row rows[] = {
        {"v1.0", V1_0, CALL(fid, FROM(PEER_1_1), 0, 1), FAILS(FFA_NOT_SUPPORTED)},
        {"receiver: another", FROM_1_1, CALL(fid, IDS(conf_id(PEER_1_2), conf_id(PEER_1_1)), 0, 1),
         INVALID},
        {"sender and receiver swapped", FROM_1_1, CALL(fid, IDS(SELF, conf_id(PEER_1_1)), 0, 1),
         INVALID},
        {"sender: itself", FROM_1_1, CALL(fid, IDS(SELF, SELF), 0, 1), INVALID},
        {"sender: no endpoint", FROM_1_1, CALL(fid, FROM(PEER_PLAIN), 0, 1), INVALID},
        {"no bits", FROM_1_1, CALL(fid, FROM(PEER_1_1)), INVALID},
        {"no bits, and a flag", FROM_1_1, CALL(fid, FROM(PEER_1_1), 2), INVALID},
    };

    conf_bitmap_create();
    CONF_CHECK(rows);
    for (uint32_t i = 0; i < conf_role()->nobody_count; i++) {
        const struct conf_row row = {"sender: a stranger", FROM_1_1,
                                     CALL(fid, IDS(conf_role()->strangers[i], SELF), 0, 1),
                                     INVALID};

        conf_check(&row, 1);
    }
}

CONFORMANCE(bind_refusals)
{
    ids_check(FFA_NOTIFICATION_BIND_32);
    for (uint32_t bit = 1; bit < 32; bit++) {
        const struct conf_row row = {"w2", FROM_1_1, BIND(FROM(PEER_1_1), UINT64_C(1) << bit, 1),
                                     INVALID};

        conf_check(&row, 1);
    }
}

CONFORMANCE(unbind_refusals)
{
    const struct conf_row rows[] = {
        {"what is not bound", FROM_1_1, UNBIND(FROM(PEER_1_1), 0, 1), FAILS(FFA_DENIED)},
        {"all", FROM_1_1, UNBIND(FROM(PEER_1_1), 0, ~0ul, ~0ul), FAILS(FFA_DENIED)},
        {"w2", FROM_1_1, UNBIND(FROM(PEER_1_1), 1, 1), INVALID},
        {"w2, and no bits", FROM_1_1, UNBIND(FROM(PEER_1_1), 1), INVALID},
    };

    ids_check(FFA_NOTIFICATION_UNBIND_32);
    CONF_CHECK(rows);
}

CONFORMANCE_FROM_1_1(bound_to_somebody)
{
    const struct conf_row rows[] = {
        {"again, the same", FROM_1_1, BIND(FROM(PEER_1_1), 0, 6), SUCCEEDS},
        {"again, a part", FROM_1_1, BIND(FROM(PEER_1_1), 0, 2), SUCCEEDS},
        {"to another", FROM_1_1, BIND(FROM(PEER_1_2), 0, 2), FAILS(FFA_DENIED)},
        {"a part, to another", FROM_1_1, BIND(FROM(PEER_1_2), 0, 3), FAILS(FFA_DENIED)},
        {"per vCPU", FROM_1_1, BIND(FROM(PEER_1_1), 1, 2), FAILS(FFA_DENIED)},
        {"the per-vCPU one globally", FROM_1_1, BIND(FROM(PEER_1_1), 0, 0, 0x80000000),
         FAILS(FFA_DENIED)},
        {"UNBIND of another", FROM_1_1, UNBIND(FROM(PEER_1_2), 0, 2), FAILS(FFA_DENIED)},
        {"UNBIND of more", FROM_1_1, UNBIND(FROM(PEER_1_1), 0, 7), FAILS(FFA_DENIED)},
    };

    conf_bitmap_create();
    CONF_ONCE("BIND", BIND(FROM(PEER_1_1), 0, 6), SUCCEEDS);
    CONF_ONCE("BIND per vCPU, bit 63", BIND(FROM(PEER_1_1), 1, 0, 0x80000000), SUCCEEDS);
    CONF_CHECK(rows);
    CONF_ONCE("UNBIND", UNBIND(FROM(PEER_1_1), 0, 6, 0x80000000), SUCCEEDS);
    CONF_ONCE("UNBIND", UNBIND(FROM(PEER_1_1), 0, 6), FAILS(FFA_DENIED));
    CONF_ONCE("another's now", BIND(FROM(PEER_1_2), 1, 6), SUCCEEDS);
    CONF_ONCE("UNBIND", UNBIND(FROM(PEER_1_2), 0, 6), SUCCEEDS);
}

CONFORMANCE(set_refusals)
{
    const uint64_t to = IDS(SELF, conf_id(PEER_1_1));
    const struct conf_row rows[] = {
        {"v1.0", V1_0, SET(to, 0, 1), FAILS(FFA_NOT_SUPPORTED)},
        {"what is not bound", FROM_1_1, SET(to, 0, 1), FAILS(FFA_DENIED)},
        {"all", FROM_1_1, SET(to, 0, ~0ul, ~0ul), FAILS(FFA_DENIED)},
        {"per vCPU", FROM_1_1, SET(to, 1, 1), FAILS(FFA_DENIED)},
        {"one without notifications", FROM_1_1, SET(IDS(SELF, conf_id(PEER_MUTE)), 0, 1),
         FAILS(FFA_DENIED)},
        {"one of v1.0", FROM_1_1, SET(IDS(SELF, conf_id(PEER_1_0)), 0, 1), FAILS(FFA_DENIED)},
        {"no bits", FROM_1_1, SET(to, 0), INVALID},
        {"sender: another", FROM_1_1, SET(FROM(PEER_1_1), 0, 1), INVALID},
        {"receiver: itself", FROM_1_1, SET(IDS(SELF, SELF), 0, 1), INVALID},
        {"receiver: no endpoint", FROM_1_1, SET(IDS(SELF, conf_id(PEER_PLAIN)), 0, 1), INVALID},
        {"delayed SRI", FROM_1_1, SET(to, 2, 1),
         FAILS(conf_role()->delays_sri ? FFA_DENIED : FFA_INVALID_PARAMETERS)},
        {"a vCPU of a global one", FROM_1_1, SET(to, 0x10000, 1), INVALID},
        {"vCPU 1 of one", FROM_1_1, SET(to, 0x10001, 1), INVALID},
        {"the last vCPU", FROM_1_1, SET(to, 0xffff0001, 1), INVALID},
    };

    CONF_CHECK(rows);
    for (uint32_t bit = 2; bit < 16; bit++) {
        const struct conf_row row = {"w2", FROM_1_1, SET(to, UINT64_C(1) << bit, 1), INVALID};

        conf_check(&row, 1);
    }
}

CONFORMANCE(get_refusals)
{
    const uint64_t all = conf_role()->notification_sources;
    const struct conf_row rows[] = {
        {"v1.0", V1_0, GET(SELF, 15), FAILS(FFA_NOT_SUPPORTED)},
        {"of another", FROM_1_1, GET(conf_id(PEER_1_1), 15), INVALID},
        {"of nobody", FROM_1_1, GET(0x7fff, 15), INVALID},
        {"vCPU 1", FROM_1_1, GET(IDS(1, SELF), all), INVALID},
        {"w2 bit 4", FROM_1_1, GET(SELF, 16), INVALID},
        {"w2 bit 31", FROM_1_1, GET(SELF, 0x8000000f), INVALID},
        {"nothing", FROM_1_1, GET(SELF, 0), SUCCEEDS},
        {"nothing pending", FROM_1_1, GET(SELF, all), SUCCEEDS},
        {"other registers", FROM_1_1, GET(SELF, all, 3, 4, 5, 6, 7), SUCCEEDS},
    };

    conf_bitmap_create();
    CONF_CHECK(rows);
}

CONFORMANCE(info_get)
{
    static const struct conf_row rows[] = {
        {"v1.0", V1_0, CALL(FFA_NOTIFICATION_INFO_GET_32), FAILS(FFA_NOT_SUPPORTED)},
        {"v1.0, 64 bits", V1_0, CALL(FFA_NOTIFICATION_INFO_GET_64), FAILS(FFA_NOT_SUPPORTED)},
        {"32 bits", FROM_1_1, CALL(FFA_NOTIFICATION_INFO_GET_32), FAILS(FFA_NO_DATA)},
        {"64 bits", FROM_1_1, CALL(FFA_NOTIFICATION_INFO_GET_64), FAILS(FFA_NO_DATA)},
        {"other registers", FROM_1_1, CALL(FFA_NOTIFICATION_INFO_GET_64, 1, 2, 3, 4, 5, 6, 7),
         FAILS(FFA_NO_DATA)},
    };

    CONF_CHECK(rows);
}

/* A peer binds, is notified, is listed once, and can't unbind what is pending. */
static void notified_check(enum peer peer)
{
    const uint64_t id = conf_id(peer), bits = 0x30, word = IDS(SELF, id);
    struct ffa_value value =
        conf_call_of(peer, FFA_NOTIFICATION_BIND_32, word, 0, bits, UINT64_C(1) << 31);

    EXPECT_EQ(value.x[3], FFA_SUCCESS_32);
    CONF_ONCE("SET", SET(word, 0, 0x10, UINT64_C(1) << 31), SUCCEEDS);
    CONF_ONCE("SET again", SET(word, 0, 0x20), SUCCEEDS);
    CONF_ONCE("a bit more", SET(word, 0, 0x70), FAILS(FFA_DENIED));
    CONF_ONCE("per vCPU", SET(word, 1, 0x10), INVALID);
    CONF_ONCE("64 bits", CALL(FFA_NOTIFICATION_INFO_GET_64), RESULT(FFA_SUCCESS_64, 0, 1 << 7, id));
    CONF_ONCE("once", CALL(FFA_NOTIFICATION_INFO_GET_64), FAILS(FFA_NO_DATA));
    CONF_ONCE("SET again", SET(word, 0, 0x20), SUCCEEDS);
    CONF_ONCE("32 bits", CALL(FFA_NOTIFICATION_INFO_GET_32), RESULT(FFA_SUCCESS_32, 0, 1 << 7, id));
    value = conf_call_of(peer, FFA_NOTIFICATION_UNBIND_32, word, 0, bits, 0);
    EXPECT_EQ((uint32_t)value.x[5], (uint32_t)FFA_DENIED);
    value = conf_call_of(peer, FFA_NOTIFICATION_GET_32, id, FFA_NOTIFICATION_GET_ALL, 0, 0);
    EXPECT_EQ(value.x[3], FFA_SUCCESS_32);
    for (uint32_t i = 2; i < 8; i++) {
        uint32_t at = conf_role()->notified_at;

        value = conf_call_of(peer, CONF_LAST_RESULT, i, 0, 0, 0);
        EXPECT_EQ(value.x[3], i == at ? bits : i == at + 1 ? UINT64_C(1) << 31 : 0);
    }
    value = conf_call_of(peer, FFA_NOTIFICATION_UNBIND_32, word, 0, bits, UINT64_C(1) << 31);
    EXPECT_EQ(value.x[3], FFA_SUCCESS_32);
    CONF_ONCE("not any more", SET(word, 0, 0x10), FAILS(FFA_DENIED));
}

/* A peer that is not a scheduler has no list. */
static void no_list_check(enum peer peer)
{
    struct ffa_value value = conf_call_of(peer, FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0, 0);

    EXPECT_EQ((uint32_t)value.x[5], (uint32_t)FFA_NOT_SUPPORTED);
    value = conf_call_of(peer, FFA_FEATURES_32, FFA_NOTIFICATION_INFO_GET_64, 0, 0, 0);
    EXPECT_EQ((uint32_t)value.x[5], (uint32_t)FFA_NOT_SUPPORTED);
    value = conf_call_of(peer, FFA_FEATURES_32, FFA_FEATURE_ID_SRI, 0, 0, 0);
    EXPECT_EQ((uint32_t)value.x[5], (uint32_t)FFA_NOT_SUPPORTED);
}

TEST(conformance_v1_1, notified)
{
    conf_begin(V1_1);
    notified_check(PEER_1_2);
    no_list_check(PEER_1_2);
}

TEST(conformance_v1_2, notified)
{
    conf_begin(V1_2);
    notified_check(PEER_1_1);
    notified_check(PEER_1_2);
    no_list_check(PEER_1_1);
}

/* Peers that bind nothing: without notifications, and of v1.0. */
TEST(conformance_v1_2, bind_not_supported)
{
    conf_begin(V1_2);
    EXPECT_EQ((uint32_t)conf_call_of(PEER_1_0, FFA_NOTIFICATION_BIND_32,
                                     IDS(SELF, conf_id(PEER_1_0)), 0, 1, 0)
                  .x[5],
              (uint32_t)FFA_NOT_SUPPORTED);
    EXPECT_EQ((uint32_t)conf_call_of(PEER_PINNED, FFA_NOTIFICATION_BIND_32,
                                     IDS(SELF, conf_id(PEER_PINNED)), 0, 1, 0)
                  .x[5],
              (uint32_t)FFA_NOT_SUPPORTED);
}
