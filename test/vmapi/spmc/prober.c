/* SPDX-License-Identifier: BSD-3-Clause */
/* A service that reaches for addresses in both address spaces of an SP. */
#include "hftest.h"
#include "regions.h"

/* DDI0487 D8.3: one entry of the level 1 table, where nothing else is. */
#define WINDOW_ENTRY 300
#define GIB_SHIFT    30
#define BLOCK        UINT64_C(1)
#define NOT_SECURE   (UINT64_C(1) << 5)
#define DEVICE       (UINT64_C(1) << 2)
#define ACCESSED     (UINT64_C(1) << 10)

/* Where [where] of the space is reached. Code can be fetched from normal memory only. */
static uint64_t probe_map(enum probe what, uint64_t where, enum probe_space space)
{
    uint64_t *table = mmu_table_get();

    table[WINDOW_ENTRY] = where >> GIB_SHIFT << GIB_SHIFT | BLOCK | ACCESSED |
                          (what == PROBE_EXECUTE ? 0 : DEVICE) |
                          (space == PROBE_NS ? NOT_SECURE : 0);
    return UINT64_C(WINDOW_ENTRY) << GIB_SHIFT | (where & ((UINT64_C(1) << GIB_SHIFT) - 1));
}

static struct exception_record probe(const uint64_t *x, uint64_t *value)
{
    uint64_t address = probe_map((enum probe)x[3], x[4], (enum probe_space)x[5]);

    mmu_enable();
    exception_expect();
    if (x[3] == PROBE_READ) {
        *value = io_read32(address);
    } else if (x[3] == PROBE_WRITE) {
        io_write32(address, (uint32_t)PROBE_MAGIC);
    } else {
        ((void (*)(void))address)();
    }
    struct exception_record record = exception_expected();

    mmu_disable();
    return record;
}

TEST_SERVICE(prober)
{
    struct ffa_value message = service_wait();

    for (;;) {
        uint64_t value = 0;

        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        struct exception_record record = probe(message.x, &value);

        message = service_respond(&message, record.count, record.esr, value);
    }
}
