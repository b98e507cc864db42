/* SPDX-License-Identifier: BSD-3-Clause */
/* FFA_MSG_SEND2: what arrives, in both layouts of the header, and what is refused. */
#include "ffa_indirect_fixture.h"

#define TEXT "thirty-two bytes of the payload."

static struct ffa_message_header header_to(uint16_t receiver, uint32_t offset, uint32_t size)
{
    return (struct ffa_message_header){
        .base = {.offset = offset, .receiver = receiver, .sender = WORLD_PRIMARY, .size = size},
    };
}

/* With the payload at its offset. */
static void put(const struct ffa_message_header *header, uint32_t header_size)
{
    uint8_t *tx = buffer_tx(WORLD_PRIMARY);

    memset(tx, 0xee, PAGE_SIZE);
    memcpy(tx, header, header_size);
    memcpy(tx + header->base.offset, TEXT, 32);
}

static void send(void)
{
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND2_32, 0, 0);
}

static void expect_header(uint16_t receiver, uint32_t version, uint32_t offset, uint32_t size)
{
    struct ffa_message_header header;
    static const struct ffa_uuid nil;

    memcpy(&header, buffer_rx(receiver), sizeof(header));
    assert_int_equal(header.base.flags, 0);
    assert_int_equal(header.base.reserved, 0);
    assert_int_equal(header.base.offset, offset);
    assert_int_equal(header.base.receiver, receiver);
    assert_int_equal(header.base.sender, WORLD_PRIMARY);
    assert_int_equal(header.base.size, size);
    if (version >= FFA_VERSION_1_2) {
        assert_int_equal(header.reserved, 0);
        assert_memory_equal(&header.uuid, &nil, sizeof(nil));
    }
    assert_memory_equal(buffer_rx(receiver) + offset, TEXT, 32);
}

static void test_delivery(void **state)
{
    struct ffa_message_header header = header_to(WORLD_SERVICE, 40, 32);
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 1);

    (void)state;
    put(&header, sizeof(header));
    send();
    expect_success(0, 0);
    expect_header(WORLD_SERVICE, FFA_VERSION_1_2, 40, 32);
    assert_int_equal(buffer_rx(WORLD_SERVICE)[72], 0);
    assert_int_equal(buffer_state(WORLD_SERVICE), MAILBOX_RX_MESSAGE);
    /* Its scheduler is told, and it finds the framework's notification. */
    assert_ptr_equal(world.injected, world_vcpu(WORLD_PRIMARY, 0));
    assert_int_equal(world.injected_intid, 8);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_INFO_GET_64);
    assert_int_equal(ffa_caller()->ctx.x[3], WORLD_SERVICE);
    WORLD_CALL(service, FFA_NOTIFICATION_GET_32, IDS(1, WORLD_SERVICE), FFA_NOTIFICATION_GET_ALL);
    assert_int_equal(service->ctx.x[0], FFA_SUCCESS_32);
    expect_zero_of(service, 1, 7);
    assert_int_equal(service->ctx.x[7], FFA_NOTIFICATION_RX_FULL);
    assert_int_equal(buffer_state(WORLD_SERVICE), MAILBOX_RX_FULL);
    WORLD_CALL(service, FFA_RX_RELEASE_32, 0);
    send();
    expect_success(0, 0);
}

/* Everybody is told in his own version's layout, and finds the payload behind his own header, if it
 * stood behind the sender's. */
static void test_versions(void **state)
{
    static const struct {
        uint32_t from, to, put, got;
    } rows[] = {
        {FFA_VERSION_1_2, FFA_VERSION_1_2, 40, 40}, {FFA_VERSION_1_1, FFA_VERSION_1_1, 20, 20},
        {FFA_VERSION_1_1, FFA_VERSION_1_2, 20, 40}, {FFA_VERSION_1_2, FFA_VERSION_1_1, 40, 20},
        {FFA_VERSION_1_1, FFA_VERSION_1_2, 24, 40}, {FFA_VERSION_1_1, FFA_VERSION_1_2, 64, 64},
        {FFA_VERSION_1_2, FFA_VERSION_1_1, 41, 41}, {FFA_VERSION_1_1, FFA_VERSION_1_1, 40, 40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ffa_message_header header = header_to(WORLD_MUTE, rows[i].put, 32);

        vm_find(WORLD_PRIMARY)->ffa_version = rows[i].from;
        vm_find(WORLD_MUTE)->ffa_version = rows[i].to;
        put(&header, rows[i].from == FFA_VERSION_1_2 ? 40 : 20);
        send();
        expect_success(0, 0);
        expect_header(WORLD_MUTE, rows[i].to, rows[i].got, 32);
        WORLD_CALL(world_vcpu(WORLD_MUTE, 0), FFA_RX_RELEASE_32, 0);
    }
}

static void test_uuid(void **state)
{
    struct ffa_message_header header = header_to(WORLD_SERVICE, 40, 32);
    uint32_t *messaging = world.vm[WORLD_SERVICE - 1].messaging;
    uint32_t before = messaging[1];

    (void)state;
    header.uuid = (struct ffa_uuid){{5, 6, 7, 9}};
    put(&header, sizeof(header));
    /* That service takes none. */
    send();
    expect_error(FFA_DENIED);
    messaging[1] |= FFA_PROPERTY_INDIRECT;
    send();
    messaging[1] = before;
    expect_success(0, 0);
    assert_memory_equal(buffer_rx(WORLD_SERVICE) + 24, &header.uuid, 16);
    header.uuid.word[3] = 10;
    put(&header, sizeof(header));
    send();
    expect_error(FFA_INVALID_PARAMETERS);
    header.base.receiver = WORLD_MUTE; /* has no service at all */
    put(&header, sizeof(header));
    send();
    expect_error(FFA_INVALID_PARAMETERS);
    /* v1.1 knows no UUID: those bytes may be anything. */
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_1;
    send();
    expect_success(0, 0);
}

static void test_header_refused(void **state)
{
    static const struct ffa_message_header_v1_1 rows[] = {
        /* flags, reserved, offset, receiver, sender, size */
        {1, 0, 40, WORLD_SERVICE, WORLD_PRIMARY, 32},
        {0x80000000, 0, 40, WORLD_SERVICE, WORLD_PRIMARY, 32},
        {0, 0, 40, WORLD_PRIMARY, WORLD_PRIMARY, 32},
        {0, 0, 40, WORLD_SERVICE, WORLD_SERVICE, 32},
        {0, 0, 40, WORLD_SERVICE, 0, 32},
        {0, 0, 40, 0, WORLD_PRIMARY, 32},
        {0, 0, 40, 77, WORLD_PRIMARY, 32},
        {0, 0, 40, 0x8001, WORLD_PRIMARY, 32},
        {0, 0, 40, WORLD_NO_FFA, WORLD_PRIMARY, 32},
        {0, 0, 39, WORLD_SERVICE, WORLD_PRIMARY, 32},
        {0, 0, 20, WORLD_SERVICE, WORLD_PRIMARY, 32},
        {0, 0, 0, WORLD_SERVICE, WORLD_PRIMARY, 32},
        {0, 0, 40, WORLD_SERVICE, WORLD_PRIMARY, PAGE_SIZE - 39},
        {0, 0, PAGE_SIZE, WORLD_SERVICE, WORLD_PRIMARY, 1},
        {0, 0, PAGE_SIZE + 1, WORLD_SERVICE, WORLD_PRIMARY, 0},
        {0, 0, 40, WORLD_SERVICE, WORLD_PRIMARY, 0xffffffff},
        {0, 0, 0xffffffff, WORLD_SERVICE, WORLD_PRIMARY, 32},
        {0, 0, 0xffffffe0, WORLD_SERVICE, WORLD_PRIMARY, 0x40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ffa_message_header header = {.base = rows[i]};

        memcpy(buffer_tx(WORLD_PRIMARY), &header, sizeof(header));
        send();
        expect_error(FFA_INVALID_PARAMETERS);
        assert_int_equal(buffer_state(WORLD_SERVICE), MAILBOX_RX_EMPTY);
    }
    assert_int_equal(world.injections, 0);
}

/* What just fits does; reserved words are ignored. */
static void test_limits(void **state)
{
    struct ffa_message_header header = header_to(WORLD_SERVICE, 40, PAGE_SIZE - 40);

    (void)state;
    header.base.reserved = 5;
    header.reserved = 6;
    put(&header, sizeof(header));
    send();
    expect_success(0, 0);
    expect_header(WORLD_SERVICE, FFA_VERSION_1_2, 40, PAGE_SIZE - 40);
    assert_int_equal(buffer_rx(WORLD_SERVICE)[PAGE_SIZE - 1], 0xee);
    header = header_to(WORLD_MUTE, PAGE_SIZE, 0);
    memcpy(buffer_tx(WORLD_PRIMARY), &header, sizeof(header));
    send();
    expect_success(0, 0);
}

static void test_registers_refused(void **state)
{
    struct ffa_message_header header = header_to(WORLD_SERVICE, 40, 32);

    (void)state;
    put(&header, sizeof(header));
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND2_32, WORLD_PRIMARY << 16, 0);
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND2_32, 0, FFA_NOTIFICATION_DELAY_SRI);
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND2_32, 0, 1);
    expect_error(FFA_INVALID_PARAMETERS);
}

static void test_partners_refused(void **state)
{
    struct ffa_message_header header = header_to(WORLD_SERVICE, 40, 32);

    (void)state;
    put(&header, sizeof(header));
    vm_find(WORLD_SERVICE)->messaging &= ~FFA_PROPERTY_INDIRECT;
    send();
    expect_error(FFA_DENIED);
    vm_find(WORLD_SERVICE)->messaging |= FFA_PROPERTY_INDIRECT;
    vm_find(WORLD_PRIMARY)->messaging &= ~FFA_PROPERTY_INDIRECT;
    send();
    expect_error(FFA_DENIED);
    vm_find(WORLD_PRIMARY)->messaging |= FFA_PROPERTY_INDIRECT;
    /* Old partitions have no such messages. */
    vm_find(WORLD_SERVICE)->ffa_version = FFA_VERSION_1_0;
    send();
    expect_error(FFA_NOT_SUPPORTED);
    vm_find(WORLD_SERVICE)->ffa_version = FFA_VERSION_1_1;
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_0;
    send();
    expect_error(FFA_NOT_SUPPORTED);
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_2;
    WORLD_CALL(ffa_caller(), FFA_RXTX_UNMAP_32, 0);
    send();
    expect_error(FFA_DENIED);
}

static void test_receiver_state(void **state)
{
    static const struct {
        enum vm_life life;
        int32_t code;
    } lives[] = {{VM_STOPPING, FFA_ABORTED}, {VM_OFF, FFA_ABORTED}, {VM_RESETTING, FFA_BUSY}};
    struct ffa_message_header header = header_to(WORLD_SERVICE, 40, 32);
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    put(&header, sizeof(header));
    for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
        vm_find(WORLD_SERVICE)->life = lives[i].life;
        send();
        expect_error(lives[i].code);
    }
    vm_find(WORLD_SERVICE)->life = VM_RUNNING;
    send();
    expect_success(0, 0);
    send();
    expect_error(FFA_BUSY);
    WORLD_CALL(service, FFA_RXTX_UNMAP_32, 0);
    send();
    expect_error(FFA_BUSY);
    buffers_map(WORLD_SERVICE, 1);
    WORLD_CALL(service, FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    send();
    expect_error(FFA_BUSY);
}

static void test_receiver_buffer_is_small(void **state)
{
    struct ffa_message_header header = header_to(WORLD_SERVICE, 20, PAGE_SIZE - 20);

    (void)state;
    /* Its own header is longer. */
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_1;
    put(&header, 20);
    send();
    expect_error(FFA_NO_MEMORY);
    WORLD_CALL(ffa_caller(), FFA_RXTX_UNMAP_32, 0);
    buffers_map(WORLD_PRIMARY, 2);
    vm_find(WORLD_SERVICE)->ffa_version = FFA_VERSION_1_1;
    header.base.size++;
    put(&header, 20);
    send();
    expect_error(FFA_NO_MEMORY);
    assert_int_equal(buffer_state(WORLD_SERVICE), MAILBOX_RX_EMPTY);
}

static void wait_of(struct vcpu *vcpu)
{
    world.chain_answer.next = NULL;
    WORLD_CALL(vcpu, FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 0);
}

/* A message that the receiver does not know of is not thrown away by its wait; it may throw it away
 * itself. */
static void test_unread_message_stays(void **state)
{
    struct ffa_message_header header = header_to(WORLD_SERVICE, 40, 32);
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    put(&header, sizeof(header));
    send();
    wait_of(service);
    assert_int_equal(buffer_state(WORLD_SERVICE), MAILBOX_RX_MESSAGE);
    WORLD_CALL(service, FFA_NOTIFICATION_GET_32, WORLD_SERVICE, FFA_NOTIFICATION_GET_HYP);
    wait_of(service);
    assert_int_equal(buffer_state(WORLD_SERVICE), MAILBOX_RX_EMPTY);
    send();
    expect_success(0, 0);
    WORLD_CALL(service, FFA_RX_RELEASE_32, 0);
    assert_int_equal(service->ctx.x[0], FFA_SUCCESS_32);
    assert_int_equal(buffer_state(WORLD_SERVICE), MAILBOX_RX_EMPTY);
}

#define TEST(name) cmocka_unit_test_setup(name, indirect_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_delivery),
        TEST(test_versions),
        TEST(test_uuid),
        TEST(test_header_refused),
        TEST(test_limits),
        TEST(test_registers_refused),
        TEST(test_partners_refused),
        TEST(test_receiver_state),
        TEST(test_receiver_buffer_is_small),
        TEST(test_unread_message_stays),
    };

    return cmocka_run_group_tests_name("ffa_indirect", tests, NULL, NULL);
}
