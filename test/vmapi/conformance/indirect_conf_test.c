/* SPDX-License-Identifier: BSD-3-Clause */
/* Indirect messages: DEN0077A 7.3, 15.7; v1.0: MSG_SEND and MSG_POLL. */
#include "conformance.h"

#define SELF     conf_id(PEER_SELF)
#define PAGES    1
#define BUFFER   (PAGES * FFA_PAGE_SIZE)
#define SEND2    CALL(FFA_MSG_SEND2_32)
#define INVALID  FAILS(FFA_INVALID_PARAMETERS)
#define OWN_SIZE (conf_version() == V1_2 ? 40u : 20u)

/* Fields of the header, words in the order of v1.2; v1.1 ends with the size. */
struct header {
    uint32_t flags, reserved, offset, ids, size, reserved_1_2, uuid[4];
};

static void send2_check(const char *what, struct header header, int32_t code)
{
    struct conf_row row = {what, FROM_1_1, SEND2, FAILS(code)};

    memcpy(conf_tx, &header, OWN_SIZE);
    conf_check(&row, 1);
}

static struct header header_to(uint16_t receiver)
{
    return (struct header){.offset = OWN_SIZE, .ids = (uint32_t)SELF << 16 | receiver, .size = 8};
}

static void map(void)
{
    CONF_ONCE("MAP", CALL(FFA_RXTX_MAP_64, (uint64_t)conf_tx, (uint64_t)conf_rx, PAGES), SUCCEEDS);
}

static void unmap(void)
{
    CONF_ONCE("UNMAP", CALL(FFA_RXTX_UNMAP_32), SUCCEEDS);
}

CONFORMANCE(send2_registers)
{
    const struct conf_role *role = conf_role();
    const int32_t named = role->names_vms ? FFA_DENIED : FFA_INVALID_PARAMETERS;
    const struct conf_row rows[] = {
        {"v1.0", V1_0, SEND2, FAILS(FFA_NOT_SUPPORTED)},
        {"no TX", FROM_1_1, SEND2, FAILS(FFA_DENIED)},
        {"w1", FROM_1_1, CALL(FFA_MSG_SEND2_32, 0x10000), FAILS(named)},
        {"w1, low half", FROM_1_1, CALL(FFA_MSG_SEND2_32, 1), INVALID},
        {"w2 bit 0", FROM_1_1, CALL(FFA_MSG_SEND2_32, 0, 1), INVALID},
        {"delayed SRI", FROM_1_1, CALL(FFA_MSG_SEND2_32, 0, 2),
         FAILS(role->delays_sri ? FFA_DENIED : FFA_INVALID_PARAMETERS)},
        {"w2 bit 31", FROM_1_1, CALL(FFA_MSG_SEND2_32, 0, 0x80000000), INVALID},
        {"no 64-bit form", ALL, CALL(FFA_FID_64(0x86)), FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(rows);
}

static void sizes_check(void)
{
    const uint16_t peer = conf_id(PEER_1_1);
    struct header header = header_to(peer);

    header.offset = OWN_SIZE - 1;
    send2_check("payload in the header", header, FFA_INVALID_PARAMETERS);
    header.offset = 0;
    send2_check("payload at 0", header, FFA_INVALID_PARAMETERS);
    header.offset = BUFFER - 7;
    send2_check("payload over the end", header, FFA_INVALID_PARAMETERS);
    header.offset = BUFFER + 1;
    header.size = 0;
    send2_check("payload behind the end", header, FFA_INVALID_PARAMETERS);
    header.offset = 0xffffffff;
    header.size = 1;
    send2_check("offset and size overflow", header, FFA_INVALID_PARAMETERS);
    header.offset = OWN_SIZE;
    header.size = 0xffffffff;
    send2_check("size", header, FFA_INVALID_PARAMETERS);
    header.size = (uint32_t)-OWN_SIZE;
    send2_check("offset and size add up to 0", header, FFA_INVALID_PARAMETERS);
    header.size = BUFFER - OWN_SIZE + 1;
    send2_check("a byte too long", header, FFA_INVALID_PARAMETERS);
    header.size = BUFFER - OWN_SIZE;
    send2_check("as long as can be; no RX", header, FFA_BUSY);
}

static void peers_check(void)
{
    struct header header = header_to(conf_id(PEER_1_1));

    send2_check("no RX", header, FFA_BUSY);
    header.ids = (uint32_t)conf_id(PEER_1_2) << 16 | conf_id(PEER_1_1);
    send2_check("of another", header, FFA_INVALID_PARAMETERS);
    header.ids = (uint32_t)hftest_role()->manager << 16 | conf_id(PEER_1_1);
    send2_check("of the partition manager", header, FFA_INVALID_PARAMETERS);
    send2_check("to itself", header_to(SELF), FFA_INVALID_PARAMETERS);
    send2_check("to no endpoint", header_to(conf_id(PEER_PLAIN)), FFA_INVALID_PARAMETERS);
    send2_check("to one that takes none", header_to(conf_id(PEER_PINNED)), FFA_DENIED);
    send2_check("to one of v1.0", header_to(conf_id(PEER_1_0)), FFA_NOT_SUPPORTED);
    for (uint32_t i = 0; i < conf_role()->stranger_count; i++) {
        send2_check("to a stranger", header_to(conf_role()->strangers[i]), FFA_INVALID_PARAMETERS);
    }
    header = header_to(conf_id(PEER_1_1));
    header.reserved = 0xffffffff;
    send2_check("reserved word; no RX", header, FFA_BUSY);
}

static void uuids_check(void)
{
    struct header header = header_to(conf_id(PEER_1_2));

    memcpy(header.uuid, (const uint32_t[4]){1, 2, 3, 4}, sizeof(header.uuid));
    send2_check("unknown service", header, FFA_INVALID_PARAMETERS);
    memcpy(header.uuid, conf_partitions[2].uuid[0].word, sizeof(header.uuid));
    send2_check("another's service", header, FFA_INVALID_PARAMETERS);
    memcpy(header.uuid, conf_partitions[1].uuid[1].word, sizeof(header.uuid));
    send2_check("a service that takes none", header, FFA_DENIED);
    memcpy(header.uuid, conf_partitions[1].uuid[0].word, sizeof(header.uuid));
    send2_check("a service that does; no RX", header, FFA_BUSY);
}

CONFORMANCE_FROM_1_1(send2_headers)
{
    map();
    sizes_check();
    peers_check();
    if (conf_version() == V1_2) {
        uuids_check();
    }
    unmap();
}

#define OLD_SEND(...) CALL(FFA_MSG_SEND_32, __VA_ARGS__)

/* Apart, because of what tables take on the stack. */
static __attribute__((noinline)) void old_send_check(void)
{
    const uint64_t to = ffa_endpoints_make(SELF, conf_id(PEER_1_0));
    const struct conf_row rows[] = {
        {"no RX", V1_0, OLD_SEND(to, 0, 8), FAILS(FFA_BUSY)},
        {"no RX, not blocking", V1_0, OLD_SEND(to, 0, 8, 1), FAILS(FFA_BUSY)},
        {"too long", V1_0, OLD_SEND(to, 0, BUFFER + 1), INVALID},
        {"far too long", V1_0, OLD_SEND(to, 0, 0xffffffff), INVALID},
        {"attributes", V1_0, OLD_SEND(to, 0, 8, 2), INVALID},
        {"to itself", V1_0, OLD_SEND(ffa_endpoints_make(SELF, SELF), 0, 8), INVALID},
        {"of another", V1_0, OLD_SEND(ffa_endpoints_make(conf_id(PEER_1_0), SELF), 0, 8), INVALID},
        {"to nobody", V1_0, OLD_SEND(ffa_endpoints_make(SELF, 0x7fff), 0, 8), INVALID},
        {"to no endpoint", V1_0, OLD_SEND(ffa_endpoints_make(SELF, conf_id(PEER_PLAIN)), 0, 8),
         INVALID},
        {"to a later one", V1_0, OLD_SEND(ffa_endpoints_make(SELF, conf_id(PEER_1_1)), 0, 8),
         FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(rows);
}

CONFORMANCE(old_messages)
{
    const uint64_t to = ffa_endpoints_make(SELF, conf_id(PEER_1_0));
    const struct conf_row without_tx[] = {
        {"later callers", FROM_1_1, OLD_SEND(to), FAILS(FFA_NOT_SUPPORTED)},
        {"later callers", FROM_1_1, CALL(FFA_MSG_POLL_32), FAILS(FFA_NOT_SUPPORTED)},
        {"no TX", V1_0, OLD_SEND(to, 0, 8), FAILS(FFA_DENIED)},
        {"nothing there", V1_0, CALL(FFA_MSG_POLL_32), FAILS(FFA_RETRY)},
        {"other registers", V1_0, CALL(FFA_MSG_POLL_32, 1, 2, 3, 4, 5, 6, 7), FAILS(FFA_RETRY)},
        {"no 64-bit form", ALL, CALL(FFA_FID_64(0x6e), to), FAILS(FFA_NOT_SUPPORTED)},
    };

    CONF_CHECK(without_tx);
    if (conf_version() == V1_0) {
        map();
        old_send_check();
        unmap();
    }
}
