/* SPDX-License-Identifier: BSD-3-Clause */
#include "conformance.h"

#include "hftest_asm.h"

#define REGS            31
#define HINT            UINT64_C(0x10000)
#define GARBAGE         UINT64_C(0x5a5a5a5a00000000)
#define FFA_NUMBERS_END 0x8f /* of those that the SPMD knows */
#define IS_64(fid)      ((UINT64_C(0x40000000) & (fid)) != 0)

enum variation { PLAIN, HINTED, DIRTY, VARIATIONS };

static const char *const variation_names[VARIATIONS] = {"HVC", "SMC with hint", "dirty halves"};

static uint32_t version; /* of this boot; 0: not yet negotiated */

uint8_t conf_tx[2 * FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
uint8_t conf_rx[2 * FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

uint32_t conf_version(void)
{
    return version;
}

uint64_t conf_version_number(void)
{
    return version == V1_0 ? FFA_VERSION_1_0 : version == V1_1 ? FFA_VERSION_1_1 : FFA_VERSION_1_2;
}

void conf_begin(uint32_t wanted)
{
    struct ffa_value result;

    if (version == wanted) {
        return;
    }
    ASSERT_EQ(version, 0);
    version = wanted;
    result = ffa_version(conf_version_number());
    ASSERT_EQ(result.x[0], FFA_VERSION_1_2);
}

static void registers_fill(const struct conf_row *row, enum variation variation, uint64_t *in)
{
    bool is_64 = IS_64(row->call[0]);

    for (uint32_t i = 0; i < REGS; i++) {
        in[i] = i < 8 ? row->call[i] : UINT64_C(0xc0de000000000000) | i << 8 | variation;
    }
    if (variation == HINTED) {
        in[0] |= HINT;
    }
    for (uint32_t i = 0; variation == DIRTY && i < (is_64 ? 1u : 8u); i++) {
        in[i] |= GARBAGE + ((uint64_t)i << 32);
    }
}

bool conf_exists(uint64_t fid)
{
    const struct conf_function *function = conf_function(fid & 0xffff);

    return function != NULL &&
           ((IS_64(fid) ? function->call_64 : function->call_32) & version) != 0;
}

/* Whatever a call would have as its result: where it does not exist, there is one. */
static const uint64_t *result_expected(const struct conf_row *row)
{
    static const uint64_t not_there[CONF_RESULTS] = FAILS(FFA_NOT_SUPPORTED);

    return conf_exists(row->call[0]) || row->call[0] == FFA_NORMAL_WORLD_RESUME_32 ? row->result
                                                                                   : not_there;
}

static void row_check(const struct conf_row *row, enum variation variation)
{
    const uint64_t *result = result_expected(row);
    uint64_t in[REGS];
    uint64_t out[REGS];

    registers_fill(row, variation, in);
    hftest_call_pattern(in, out, variation == HINTED);
    for (uint32_t i = 0; i < REGS; i++) {
        uint64_t expected = i < CONF_RESULTS ? result[i] : i < 8 ? 0 : in[i];

        if (conf_role()->is_behind_spmd && (uint16_t)in[0] >= FFA_NUMBERS_END) {
            expected = i == 0 ? UINT64_MAX : in[i];
        }
        if (out[i] != expected) {
            hftest_fail(row->what, (int)i, "%s (%s): x%u is 0x%lx, expected 0x%lx",
                        hftest_role()->name, variation_names[variation], i, out[i], expected);
            return;
        }
    }
}

void conf_check(const struct conf_row *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if ((rows[i].versions & version) == 0) {
            continue;
        }
        for (enum variation v = PLAIN; v < VARIATIONS; v++) {
            row_check(&rows[i], v);
        }
    }
}

void conf_check_once(const struct conf_row *row)
{
    row_check(row, PLAIN);
}

void conf_bitmap_create(void)
{
    static bool exists;

    if (conf_role()->creates_bitmaps && !exists && version != V1_0) {
        CONF_ONCE("BITMAP_CREATE", CALL(FFA_NOTIFICATION_BITMAP_CREATE_32, conf_id(PEER_SELF), 1),
                  SUCCEEDS);
        exists = true;
    }
}

struct ffa_value conf_call_of(enum peer peer, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3,
                              uint64_t x4)
{
    uint16_t id = conf_id(peer);
    struct ffa_value value = {{FFA_MSG_SEND_DIRECT_REQ_64,
                               ffa_endpoints_make(conf_id(PEER_SELF), id), 0, x0, x1, x2, x3, x4}};

    SERVICE_SELECT(id, "call");
    value = ffa_call_value(value);
    while (value.x[0] == FFA_YIELD_32 || value.x[0] == FFA_INTERRUPT_32) {
        value = ffa_run(id, 0);
    }
    ASSERT_TRUE(ffa_is_response(&value));
    return value;
}
