/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hypervisor above an SPMC: what it learns at boot, what of its VMs' calls goes down, and what
 * comes back to whom. A small SPMC answers the SMCs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bh/svc/spmc_below.h"
#include "ffa_expect.h"

#define IDS(from, to) ((uint64_t)(from) << 16 | (to))
#define SPMC          0x8000
#define UP            0x8001 /* two UUIDs, REQ and REQ2 */
#define MP            0x8002 /* four contexts, REQ */
#define DEAF          0x8003 /* takes no requests */
#define ENTRIES       4

static const uint64_t entries[ENTRIES][3] = {
    {UINT64_C(0x30d) << 32 | 1 << 16 | UP, UINT64_C(12) << 32 | 11, UINT64_C(14) << 32 | 13},
    {UINT64_C(0x101) << 32 | 1 << 16 | UP, UINT64_C(22) << 32 | 21, UINT64_C(24) << 32 | 23},
    {UINT64_C(0x101) << 32 | 4 << 16 | MP, UINT64_C(32) << 32 | 31, UINT64_C(34) << 32 | 33},
    {UINT64_C(0x102) << 32 | 1 << 16 | DEAF, UINT64_C(42) << 32 | 41, UINT64_C(44) << 32 | 43},
};

static struct {
    uint32_t version;        /* what it speaks; 0: there is no SPMC */
    uint32_t per_call;       /* entries in an answer */
    uint32_t step;           /* bytes of an entry */
    uint32_t last;           /* that it says there is */
    uint64_t message[18];    /* the answer to a request or FFA_RUN */
    void (*meanwhile)(void); /* on another CPU, before it answers */
} below;

static void list(struct arch_smc_regs *regs)
{
    uint32_t start = (uint16_t)regs->x[3], count = 0;

    assert_int_equal(regs->x[3] >> 16, start == 0 ? 0 : 7); /* the tag that it gave */
    memset(regs->x + 1, 0, 17 * sizeof(regs->x[0]));
    for (uint32_t i = start; i < ENTRIES && count < below.per_call; i++, count++) {
        uint32_t at = 3 + count * below.step / 8;

        if (at + 3 <= 18) {
            memcpy(&regs->x[at], entries[i], sizeof(entries[i]));
        }
    }
    regs->x[0] = FFA_SUCCESS_64;
    regs->x[2] = (uint64_t)below.step << 48 | UINT64_C(7) << 32 |
                 (uint64_t)(start + count - 1) << 16 | below.last;
}

static void answer(struct arch_smc_regs *regs)
{
    if (below.version == 0) {
        regs->x[0] = (uint32_t)FFA_NOT_SUPPORTED;
        return;
    }
    switch ((uint32_t)regs->x[0]) {
    case FFA_VERSION_32:
        regs->x[0] = below.version;
        return;
    case FFA_SPM_ID_GET_32:
        regs->x[0] = FFA_SUCCESS_32;
        regs->x[2] = SPMC;
        return;
    case FFA_PARTITION_INFO_GET_REGS_64:
        list(regs);
        return;
    default:
        if (below.meanwhile != NULL) {
            below.meanwhile();
        }
        memcpy(regs->x, below.message, sizeof(below.message));
    }
}

static void discover(uint32_t version)
{
    below.version = version;
    world.config.spmc_id = 0;
    world.config.spmc_version = 0;
    spmc_discover(&world.config);
}

static int setup(void **state)
{
    int result = world_setup(state);

    memset(&below, 0, sizeof(below));
    below.per_call = 5;
    below.step = 24;
    below.last = ENTRIES - 1;
    world.on_smc = answer;
    vm_find(WORLD_PRIMARY)->messaging |= FFA_PROPERTY_SENDS_DIRECT2;
    discover(FFA_VERSION_1_2);
    world.smcs = 0;
    return result;
}

static void set_answer(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    for (uint32_t i = 4; i < 18; i++) {
        below.message[i] = 1000 + i;
    }
    below.message[0] = x0;
    below.message[1] = x1;
    below.message[2] = x2;
    below.message[3] = x3;
}

static void test_nobody_below(void **state)
{
    (void)state;
    discover(0);
    assert_int_equal(world.config.spmc_id, 0);
    assert_int_equal(spmc_count(), 0);
    WORLD_CALL(ffa_caller(), FFA_SPM_ID_GET_32);
    expect_error(FFA_NOT_SUPPORTED);
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_SPM_ID_GET_32);
    expect_error(FFA_NOT_SUPPORTED);
    world.smcs = 0;
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, UP), 0);
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(UP, 0));
    expect_error(FFA_INVALID_PARAMETERS);
    assert_int_equal(world.smcs, 0);
}

static void test_discovery(void **state)
{
    (void)state;
    assert_int_equal(world.config.spmc_id, SPMC);
    assert_int_equal(world.config.spmc_version, FFA_VERSION_1_2);
    assert_int_equal(spmc_count(), ENTRIES);
    assert_int_equal(spmc_find(MP)->contexts, 4);
    assert_int_equal(spmc_properties(UP), 0x30d);
    assert_null(spmc_find(SPMC));
    WORLD_CALL(ffa_caller(), FFA_SPM_ID_GET_32);
    expect_success(SPMC, 0);
    WORLD_CALL(ffa_caller(), FFA_FEATURES_32, FFA_SPM_ID_GET_32);
    expect_success(0, 0);
}

/* One entry at a time, and entries of a later version, which are longer. */
static void test_lists(void **state)
{
    (void)state;
    for (uint32_t step = 24; step <= 48; step += 24) {
        below.per_call = 1;
        below.step = step;
        discover(FFA_VERSION_1_2);
        assert_int_equal(spmc_count(), ENTRIES);
        assert_int_equal(spmc_get(3)->id, DEAF);
        assert_int_equal(spmc_get(3)->uuid.word[3], 44);
    }
}

/* Nonsense is left out; nothing is read beyond the registers, and it ends. */
static void test_lists_without_sense(void **state)
{
    static const uint32_t bad[][3] = {{5, 0, 3}, {5, 16, 3}, {5, 24, 0}, {5, 0xfff8, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        below.per_call = bad[i][0];
        below.step = bad[i][1];
        below.last = bad[i][2];
        discover(FFA_VERSION_1_2);
        assert_int_equal(spmc_count(), 0);
    }
}

static void test_versions(void **state)
{
    (void)state;
    discover(FFA_VERSION_1_1);
    assert_int_equal(world.config.spmc_version, FFA_VERSION_1_1);
    assert_int_equal(spmc_count(), 0); /* its RX holds nothing: ffa_older_test.c */
    discover(0x10003);
    assert_int_equal(world.config.spmc_version, FFA_VERSION_1_2);
    discover(0x20000);
    assert_int_equal(world.config.spmc_id, 0);
}

static void test_request(void **state)
{
    (void)state;
    set_answer(FFA_MSG_SEND_DIRECT_RESP_64, IDS(UP, WORLD_PRIMARY), 0, 5);
    assert_ptr_equal(
        WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ_64, IDS(WORLD_PRIMARY, UP), 0, 44, 55),
        ffa_caller());
    assert_int_equal(world.smc_seen.x[0], FFA_MSG_SEND_DIRECT_REQ_64);
    assert_int_equal(world.smc_seen.x[1], IDS(WORLD_PRIMARY, UP));
    assert_int_equal(world.smc_seen.x[3], 44);
    assert_int_equal(world.smc_seen.x[4], 55);
    for (uint32_t i = 8; i < 18; i++) {
        assert_int_equal(world.smc_seen.x[i], 0); /* no register of the call */
    }
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    assert_int_equal(ffa_caller()->ctx.x[3], 5);
    assert_int_equal(ffa_caller()->ctx.x[7], 1007);
    expect_preserved(8);
    assert_int_equal(ffa_caller()->spmc_target, 0);
}

static void test_request2(void **state)
{
    (void)state;
    set_answer(FFA_MSG_SEND_DIRECT_RESP2_64, IDS(UP, WORLD_PRIMARY), 0, 0);
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ2_64, IDS(WORLD_PRIMARY, UP), 1, 2, 44);
    assert_int_equal(world.smc_seen.x[4], 44);
    assert_int_equal(world.smc_seen.x[17], world_pattern(17));
    assert_int_equal(ffa_caller()->ctx.x[17], 1017);
    expect_preserved(18);
}

static void test_refusals(void **state)
{
    static const struct {
        uint64_t fid, ids, x2;
        int32_t code;
    } rows[] = {
        {FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_SERVICE, UP), 0, FFA_INVALID_PARAMETERS},
        {FFA_MSG_SEND_DIRECT_REQ_32, IDS(0, UP), 0, FFA_INVALID_PARAMETERS},
        {FFA_MSG_SEND_DIRECT_REQ_32, IDS(UP, MP), 0, FFA_INVALID_PARAMETERS},
        {FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, UP), 1, FFA_INVALID_PARAMETERS},
        {FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, SPMC), 0, FFA_INVALID_PARAMETERS},
        {FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, 0x8004), 0, FFA_INVALID_PARAMETERS},
        {FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, 0xffff), 0, FFA_INVALID_PARAMETERS},
        {FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, DEAF), 0, FFA_DENIED},
        {FFA_MSG_SEND_DIRECT_REQ2_64, IDS(WORLD_SERVICE, UP), 0, FFA_INVALID_PARAMETERS},
        {FFA_MSG_SEND_DIRECT_REQ2_64, IDS(WORLD_PRIMARY, MP), 0, FFA_DENIED},
        {FFA_RUN_32, IDS(SPMC, 0), 0, FFA_INVALID_PARAMETERS},
        {FFA_RUN_32, IDS(UP, 1), 0, FFA_INVALID_PARAMETERS},
        {FFA_RUN_32, IDS(MP, 4), 0, FFA_INVALID_PARAMETERS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        WORLD_CALL(ffa_caller(), rows[i].fid, rows[i].ids, rows[i].x2);
        expect_error(rows[i].code);
    }
    vm_find(WORLD_PRIMARY)->messaging = 1; /* it only receives */
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, UP), 0);
    expect_error(FFA_DENIED);
    assert_int_equal(world.smcs, 0);
    vm_find(WORLD_PRIMARY)->messaging = 0x403;
    world.config.spmc_version = FFA_VERSION_1_1;
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ2_64, IDS(WORLD_PRIMARY, UP), 0);
    expect_error(FFA_NOT_SUPPORTED);
}

/* An error of the firmware or the SPMC is the VM's. */
static void test_errors_from_below(void **state)
{
    (void)state;
    memset(below.message, 0, sizeof(below.message));
    below.message[0] = FFA_ERROR_32;
    below.message[2] = (uint32_t)FFA_BUSY;
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, UP), 0);
    expect_error(FFA_BUSY);
    below.message[0] = UINT64_MAX; /* SMCCC: unknown function */
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, UP), 0);
    expect_error(FFA_NOT_SUPPORTED);
}

/* Interrupted: who asked goes on with it, and nobody else. */
static void test_interrupted(void **state)
{
    struct vcpu *other = world_vcpu(WORLD_PRIMARY, 1);

    (void)state;
    set_answer(FFA_INTERRUPT_32, IDS(UP, 0), 0, 0);
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, UP), 0);
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_INTERRUPT_32);
    assert_int_equal(ffa_caller()->spmc_target, IDS(UP, 0));
    world.smcs = 0;
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, MP), 0);
    expect_error(FFA_DENIED);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(MP, 0));
    expect_error(FFA_DENIED);
    world_enter(other, 1);
    WORLD_CALL(other, FFA_RUN_32, IDS(UP, 0));
    expect_error_of(other, FFA_DENIED);
    assert_int_equal(other->spmc_target, 0);
    assert_int_equal(world.smcs, 0);

    world_enter(ffa_caller(), 0);
    set_answer(FFA_MSG_SEND_DIRECT_RESP_32, IDS(UP, WORLD_PRIMARY), 0, 5);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(UP, 0));
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    assert_int_equal(ffa_caller()->spmc_target, 0);
    world_enter(other, 1);
    set_answer(FFA_MSG_WAIT_32, IDS(UP, 0), 0, 0);
    WORLD_CALL(other, FFA_RUN_32, IDS(UP, 0));
    assert_int_equal(other->ctx.x[0], FFA_MSG_WAIT_32);
}

static void others_are_refused(void)
{
    struct vcpu *other = world_vcpu(WORLD_PRIMARY, 1);
    uint32_t smcs = world.smcs;

    below.meanwhile = NULL;
    world_enter(other, 1);
    WORLD_CALL(other, FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, UP), 0);
    expect_error_of(other, FFA_BUSY);
    WORLD_CALL(other, FFA_RUN_32, IDS(UP, 0));
    expect_error_of(other, FFA_DENIED);
    assert_int_equal(other->spmc_target, 0);
    assert_int_equal(world.smcs, smcs);
    world_enter(ffa_caller(), 0);
}

/* A context that somebody asks, or runs on, on one CPU: nobody asks it anything on another one,
 * whose answer would come to the first. */
static void test_at_the_same_time(void **state)
{
    struct vcpu *other = world_vcpu(WORLD_PRIMARY, 1);

    (void)state;
    below.meanwhile = others_are_refused;
    set_answer(FFA_MSG_WAIT_32, IDS(UP, 0), 0, 0);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(UP, 0));
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_MSG_WAIT_32);
    below.meanwhile = others_are_refused;
    set_answer(FFA_MSG_SEND_DIRECT_RESP_32, IDS(UP, WORLD_PRIMARY), 0, 5);
    WORLD_CALL(ffa_caller(), FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, UP), 0);
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
    world_enter(other, 1);
    WORLD_CALL(other, FFA_MSG_SEND_DIRECT_REQ_32, IDS(WORLD_PRIMARY, UP), 0);
    assert_int_equal(other->ctx.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
}

/* Who asked has died: its answer is nobody's. */
static void test_answer_to_the_dead(void **state)
{
    (void)state;
    set_answer(FFA_MSG_SEND_DIRECT_RESP_32, IDS(UP, WORLD_SERVICE), 0, 0x5ec2e7);
    WORLD_CALL(ffa_caller(), FFA_RUN_32, IDS(UP, 0));
    assert_int_equal(ffa_caller()->ctx.x[0], FFA_MSG_WAIT_32);
    assert_int_equal(ffa_caller()->ctx.x[1], IDS(UP, 0));
    expect_zero(2, 8);
}

/* Only who has a CPU gives it away. */
static void test_run_by_scheduled(void **state)
{
    struct vcpu *service = world_vcpu(WORLD_SERVICE, 0);

    (void)state;
    world_enter(service, 0);
    service->model = VCPU_MODEL_RUN;
    WORLD_CALL(service, FFA_RUN_32, IDS(UP, 0));
    expect_error_of(service, FFA_DENIED);
}

static void test_partition_info(void **state)
{
    const uint64_t *x = ffa_caller()->ctx.x;

    (void)state;
    /* Own: one UUID, two UUIDs, none; then those below. */
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 1);
    expect_success(4 + ENTRIES, 0);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 21, 22, 23, 24, 1);
    expect_success(1, 0);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 5, 6, 7, 8, 1);
    expect_success(1, 0);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 9, 9, 9, 9, 1);
    expect_error(FFA_INVALID_PARAMETERS);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_REGS_64, UINT64_C(32) << 32 | 31,
               UINT64_C(34) << 32 | 33, 0);
    assert_int_equal(x[0], FFA_SUCCESS_64);
    assert_int_equal((uint16_t)x[3], MP);
    assert_int_equal((uint16_t)(x[3] >> 16), 4);
    assert_int_equal(x[4], 0); /* it is known who was asked for */
    /* Indirect messages and notifications, which UP has, would not get there. */
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_REGS_64, UINT64_C(12) << 32 | 11,
               UINT64_C(14) << 32 | 13, 0);
    assert_int_equal((uint16_t)x[3], UP);
    assert_int_equal(x[3] >> 32, 0x301);
}

/* v1.1 sees partitions, not services. */
static void test_partition_info_v1_1(void **state)
{
    (void)state;
    WORLD_CALL(ffa_caller(), FFA_VERSION_32, FFA_VERSION_1_1);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 1);
    expect_success(3 + 3, 0);
}

static void test_notifications(void **state)
{
    static const struct {
        uint64_t fid, ids, low;
    } bad[] = {
        {FFA_NOTIFICATION_BIND_32, IDS(UP, WORLD_SERVICE), 4},
        {FFA_NOTIFICATION_BIND_32, IDS(0x8004, WORLD_PRIMARY), 4},
        {FFA_NOTIFICATION_BIND_32, IDS(UP, WORLD_PRIMARY), 0},
        {FFA_NOTIFICATION_UNBIND_32, IDS(UP, WORLD_SERVICE), 4},
        {FFA_NOTIFICATION_SET_32, IDS(WORLD_SERVICE, UP), 4},
        {FFA_NOTIFICATION_SET_32, IDS(WORLD_PRIMARY, SPMC), 4},
        {FFA_NOTIFICATION_SET_32, IDS(WORLD_PRIMARY, UP), 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        WORLD_CALL(ffa_caller(), bad[i].fid, bad[i].ids, 0, bad[i].low, 0);
        expect_error(FFA_INVALID_PARAMETERS);
    }
    assert_int_equal(world.smcs, 0);
    set_answer(FFA_SUCCESS_32, 0, 2, 1);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_BIND_32, IDS(UP, WORLD_PRIMARY), 0, 4, 8);
    expect_success(0, 0);
    assert_int_equal(world.smc_seen.x[0], FFA_NOTIFICATION_BIND_32);
    assert_int_equal(world.smc_seen.x[1], IDS(UP, WORLD_PRIMARY));
    assert_int_equal(world.smc_seen.x[3], 4);
    assert_int_equal(world.smc_seen.x[4], 8);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_SET_32, IDS(WORLD_PRIMARY, UP), 0, 4, 0);
    expect_success(0, 0);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_GET_32, IDS(0, WORLD_PRIMARY), 1);
    expect_success(2, 1);
    world.smcs = 0; /* of VMs only: nothing to ask below */
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_GET_32, IDS(0, WORLD_PRIMARY), 2);
    expect_success(0, 0);
    assert_int_equal(world.smcs, 0);
    set_answer(FFA_ERROR_32, 0, (uint32_t)FFA_DENIED, 0);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_UNBIND_32, IDS(UP, WORLD_PRIMARY), 0, 4, 0);
    expect_error(FFA_DENIED);
}

/* Buffers of a VM: in the SPMC, too, which then has a say in who owns RX. */
#define TX   WORLD_RAM
#define RX   (WORLD_RAM + UINT64_C(0x10000))
#define MINE (&vm_find(WORLD_PRIMARY)->mailbox)

static void map(uint64_t pages)
{
    WORLD_CALL(ffa_caller(), FFA_RXTX_MAP_64, TX, RX, pages);
    expect_success(0, 0);
}

static void unmap(void)
{
    WORLD_CALL(ffa_caller(), FFA_RXTX_UNMAP_32, 0);
    expect_success(0, 0);
}

static void test_buffers(void **state)
{
    (void)state;
    vm_find(WORLD_PRIMARY)->messaging |= FFA_PROPERTY_INDIRECT;
    map(2); /* the SPMC has refused the hypervisor's own ones */
    assert_false(MINE->is_below);
    assert_int_equal(world.smcs, 0);
    unmap();
    set_answer(FFA_SUCCESS_32, 0, 0, 0);
    discover(FFA_VERSION_1_2);
    map(2);
    assert_true(MINE->is_below);
    assert_int_equal(world.smc_seen.x[0], FFA_RXTX_MAP_64);
    assert_int_equal(world.smc_seen.x[1] | world.smc_seen.x[2] | world.smc_seen.x[3], 0);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    assert_int_equal(world.smc_seen.x[0], FFA_RX_ACQUIRE_32);
    assert_int_equal(world.smc_seen.x[1], WORLD_PRIMARY);
    WORLD_CALL(ffa_caller(), FFA_RX_RELEASE_32);
    expect_success(0, 0);
    assert_int_equal(world.smc_seen.x[0], FFA_RX_RELEASE_32);
    unmap();
    assert_int_equal(world.smc_seen.x[0], FFA_RXTX_UNMAP_32);
    assert_int_equal(world.smc_seen.x[1], WORLD_PRIMARY << 16);
}

static void test_buffers_refused(void **state)
{
    (void)state;
    set_answer(FFA_SUCCESS_32, 0, 0, 0);
    discover(FFA_VERSION_1_2);
    world.smcs = 0;
    map(2); /* no indirect messages */
    assert_false(MINE->is_below);
    unmap();
    vm_find(WORLD_PRIMARY)->messaging |= FFA_PROPERTY_INDIRECT;
    world.moved_page = RX + PAGE_SIZE;
    map(2);
    assert_false(MINE->is_below);
    unmap();
    world.moved_page = TX + PAGE_SIZE;
    map(2);
    assert_false(MINE->is_below);
    assert_int_equal(world.smcs, 0);
    unmap();
    map(1);
    assert_true(MINE->is_below);
    set_answer(FFA_ERROR_32, 0, (uint32_t)FFA_DENIED, 0);
    WORLD_CALL(ffa_caller(), FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
    expect_error(FFA_BUSY);
    WORLD_CALL(ffa_caller(), FFA_RX_RELEASE_32);
    expect_error(FFA_DENIED);
    unmap();
    map(1); /* no room there */
    assert_false(MINE->is_below);
}

/* A message that a VM has been told of is given up by FFA_MSG_WAIT or FFA_RX_RELEASE like any. */
static void test_told(void **state)
{
    (void)state;
    vm_find(WORLD_PRIMARY)->messaging |= FFA_PROPERTY_INDIRECT;
    set_answer(FFA_SUCCESS_32, 0, 0, 0);
    discover(FFA_VERSION_1_2);
    map(1);
    below.message[6] = FFA_NOTIFICATION_RX_FULL;
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_GET_32, IDS(0, WORLD_PRIMARY), 1);
    assert_int_equal(ffa_caller()->ctx.x[6], 0);
    assert_int_equal(MINE->rx_state, MAILBOX_RX_EMPTY);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_GET_32, IDS(0, WORLD_PRIMARY), 4);
    assert_int_equal(ffa_caller()->ctx.x[6], FFA_NOTIFICATION_RX_FULL);
    assert_int_equal(MINE->rx_state, MAILBOX_RX_FULL);
    WORLD_CALL(ffa_caller(), FFA_RX_RELEASE_32);
    assert_int_equal(MINE->rx_state, MAILBOX_RX_EMPTY);
}

/* The schedule receiver interrupt: VMs in the list have something waiting, others have not. */
static void test_interrupt(void **state)
{
    const struct notif *notif = &vm_find(WORLD_PRIMARY)->notif;

    (void)state;
    vm_find(WORLD_PRIMARY)->ffa_version = FFA_VERSION_1_2;
    set_answer(FFA_ERROR_32, 0, (uint32_t)FFA_NO_DATA, 0);
    spmc_sri();
    assert_int_equal(world.smcs, 1);
    assert_int_equal(world.smc_seen.x[0], FFA_NOTIFICATION_INFO_GET_64);
    /* A partition of the SPMC, and one that nobody is; then vCPUs, some of which do not exist. */
    set_answer(FFA_SUCCESS_64, 0, 2 << 7, 0x7001u << 16 | UP);
    spmc_sri();
    assert_int_equal(notif->waiting, 0);
    set_answer(FFA_SUCCESS_64, 0, 3 << 12 | 1 << 7,
               UINT64_C(0xffff) << 48 | UINT64_C(1000) << 32 | WORLD_PRIMARY);
    spmc_sri();
    assert_int_equal(notif->waiting, NOTIF_VCPU(0));
    set_answer(FFA_SUCCESS_64, 0, 1 << 7, WORLD_PRIMARY);
    spmc_sri();
    assert_int_equal(notif->waiting, NOTIF_VCPU(0) | NOTIF_GLOBAL);
    /* It is gone when the VM has asked for it. */
    set_answer(FFA_SUCCESS_32, 0, 2, 0);
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_GET_32, IDS(0, WORLD_PRIMARY), 1);
    assert_int_equal(ffa_caller()->ctx.x[2], 2);
    assert_int_equal(notif->waiting, 0);
}

/* Lists that make no sense, and never end. */
static void test_interrupt_without_sense(void **state)
{
    (void)state;
    memset(below.message, 0xff, sizeof(below.message));
    below.message[0] = FFA_SUCCESS_64;
    spmc_sri();
    assert_int_equal(world.smcs, 64);
    assert_int_equal(vm_find(WORLD_PRIMARY)->notif.waiting, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nobody_below, setup),
        cmocka_unit_test_setup(test_discovery, setup),
        cmocka_unit_test_setup(test_lists, setup),
        cmocka_unit_test_setup(test_lists_without_sense, setup),
        cmocka_unit_test_setup(test_versions, setup),
        cmocka_unit_test_setup(test_request, setup),
        cmocka_unit_test_setup(test_request2, setup),
        cmocka_unit_test_setup(test_refusals, setup),
        cmocka_unit_test_setup(test_errors_from_below, setup),
        cmocka_unit_test_setup(test_interrupted, setup),
        cmocka_unit_test_setup(test_at_the_same_time, setup),
        cmocka_unit_test_setup(test_answer_to_the_dead, setup),
        cmocka_unit_test_setup(test_run_by_scheduled, setup),
        cmocka_unit_test_setup(test_partition_info, setup),
        cmocka_unit_test_setup(test_partition_info_v1_1, setup),
        cmocka_unit_test_setup(test_notifications, setup),
        cmocka_unit_test_setup(test_buffers, setup),
        cmocka_unit_test_setup(test_buffers_refused, setup),
        cmocka_unit_test_setup(test_told, setup),
        cmocka_unit_test_setup(test_interrupt, setup),
        cmocka_unit_test_setup(test_interrupt_without_sense, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
