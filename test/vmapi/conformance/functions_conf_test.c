/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which functions exist for whom, before any argument matters, and what FFA_FEATURES says of them.
 */
#include "conformance.h"

#define NUMBERS_BEGIN 0x60u
#define NUMBERS_END   0xf0u

static void check(const char *what, struct conf_row row)
{
    row.what = what;
    row.versions = ALL;
    conf_check(&row, 1);
}

static void features_check(uint64_t fid, uint32_t versions, uint32_t properties)
{
    uint32_t shown = conf_version() == V1_2 ? properties : properties & 0xffff;
    struct conf_row yes = {.call = CALL(FFA_FEATURES_32, fid), .result = RETURNS(shown, 0)};
    struct conf_row no = {.call = CALL(FFA_FEATURES_32, fid), .result = FAILS(FFA_NOT_SUPPORTED)};

    check("FFA_FEATURES of a function", (versions & conf_version()) != 0 ? yes : no);
}

CONFORMANCE(functions_features)
{
    for (uint32_t number = 0; number < 0x200; number++) {
        const struct conf_function *function = conf_function(number);
        bool exists = function != NULL;

        features_check(FFA_FID_32(number), exists ? function->known_32 : NONE,
                       exists ? function->properties : 0);
        features_check(FFA_FID_64(number), exists ? function->known_64 : NONE,
                       exists ? function->properties : 0);
    }
}

/* Fast calls of other owners, yielding calls, and the SVE hint, which is no part of an id. */
CONFORMANCE(functions_features_of_others)
{
    static const uint64_t others[] = {
        0x80000000, 0x80000063, 0x83000063, 0x85000063, 0x86000063, 0xbf000063, 0xc3000063,
        0xc5000063, 0x84010063, 0xc4010066, 0x84000000, 0x84000003, 0xc4000003, 0xffffffff,
    };

    for (uint32_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        features_check(others[i], NONE, 0);
    }
}

/* Interrupts that only other roles or later functions offer; bits [30:8] must be zero. */
CONFORMANCE(functions_feature_ids)
{
    const struct conf_role *role = conf_role();

    for (uint64_t id = 0; id < 0x100; id++) {
        uint32_t intid = id == FFA_FEATURE_ID_NPI   ? role->npi
                         : id == FFA_FEATURE_ID_SRI ? role->sri
                         : id == FFA_FEATURE_ID_MEI ? role->mei
                                                    : 0;

        features_check(id, intid == 0 ? NONE : id == FFA_FEATURE_ID_MEI ? ALL : FROM_1_1, intid);
    }
    for (uint32_t id = 1; id < 5; id++) {
        const struct conf_row row = {"w2", ALL, CALL(FFA_FEATURES_32, id, 1),
                                     FAILS(FFA_NOT_SUPPORTED)};

        conf_check(&row, 1);
    }
    for (uint32_t bit = 8; bit < 31; bit++) {
        features_check(UINT64_C(1) << bit, NONE, 0);
        features_check(UINT64_C(1) << bit | 1, NONE, 0);
    }
}

/* Ids with bit 31 of w1 would already be refused by EL3: no sender there is a secure one. */
static void unknown_check(uint64_t fid, uint32_t versions)
{
    struct conf_row plain = {.call = CALL(fid), .result = FAILS(FFA_NOT_SUPPORTED)};
    struct conf_row malformed = {
        .call = CALL(fid, 0x7ffffffful, ~0ul, ~0ul, ~0ul, ~0ul, ~0ul, ~0ul),
        .result = FAILS(FFA_NOT_SUPPORTED),
    };

    if (fid == FFA_NORMAL_WORLD_RESUME_32) {
        return; /* not_here has it */
    }
    if ((versions & conf_version()) == 0) {
        check("a function that does not exist", plain);
        check("a function that does not exist, malformed", malformed);
    }
}

CONFORMANCE(functions_unknown)
{
    for (uint32_t number = NUMBERS_BEGIN; number < NUMBERS_END; number++) {
        const struct conf_function *function = conf_function(number);

        unknown_check(FFA_FID_32(number), function == NULL ? NONE : function->call_32);
        unknown_check(FFA_FID_64(number), function == NULL ? NONE : function->call_64);
    }
}

/* The right answer to a function that exists but is called wrongly is never NOT_SUPPORTED. */
CONFORMANCE(functions_known)
{
    const struct conf_role *role = conf_role();

    for (uint32_t i = 0; i < role->function_count; i++) {
        const struct conf_function *function = &role->functions[i];
        uint64_t fids[2] = {FFA_FID_32(function->number), FFA_FID_64(function->number)};
        uint32_t versions[2] = {function->call_32, function->call_64};

        for (uint32_t k = 0; k < 2; k++) {
            struct ffa_value value = {{fids[k], ~0ul, ~0ul, ~0ul, ~0ul, ~0ul, ~0ul, ~0ul}};

            if ((versions[k] & conf_version()) == 0 || fids[k] == FFA_VERSION_32 ||
                fids[k] == FFA_FEATURES_32) {
                continue;
            }
            value = ffa_call_value(value);
            if (ffa_error_code(&value) == FFA_NOT_SUPPORTED) {
                hftest_fail("function", (int)function->number, "0x%lx does not exist", fids[k]);
            }
        }
    }
}
