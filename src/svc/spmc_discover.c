/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who is below: at boot, by SMC. The list never changes after.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/base/libc.h"
#include "bh/base/log.h"
#include "bh/svc/spmc_below.h"
#include "vmapi/ffa.h"

#define SPMC_SPOKEN    FFA_VERSION_1_2 /* that this core speaks */
#define ENTRY_REGS     3u              /* that are read, of an entry that may have more */
#define LIST_FIRST_REG 3u
#define LIST_REGS      15u /* x3 to x17 */
#define SPMD_ID        0xffffu

static struct spmc_partition spmc_list[SPMC_MAX_ENTRIES];
static uint32_t spmc_entries;

static struct arch_smc_regs call(uint64_t fid, uint64_t x1, uint64_t x3)
{
    struct arch_smc_regs regs = {.x = {fid, x1, 0, x3}};

    arch_smc(&regs);
    return regs;
}

static bool is_success(const struct arch_smc_regs *regs)
{
    return (uint32_t)regs->x[0] == FFA_SUCCESS_32 || (uint32_t)regs->x[0] == FFA_SUCCESS_64;
}

/* The version to speak; 0: there is nobody. An older SPMC is asked once more, in its version. */
static uint32_t agree(void)
{
    uint32_t theirs = (uint32_t)call(FFA_VERSION_32, SPMC_SPOKEN, 0).x[0];

    if (theirs >= FFA_VERSION_1_0 && theirs < SPMC_SPOKEN) {
        theirs = (uint32_t)call(FFA_VERSION_32, theirs, 0).x[0];
    }
    if ((theirs >> 16) != (SPMC_SPOKEN >> 16)) {
        return 0; /* an error, too, has another upper half */
    }
    return theirs < SPMC_SPOKEN ? theirs : SPMC_SPOKEN;
}

static void entry_add(const uint64_t *x)
{
    struct spmc_partition *entry = &spmc_list[spmc_entries];

    if (spmc_entries == SPMC_MAX_ENTRIES) {
        return; /* counted and said by list_read */
    }
    entry->id = (uint16_t)x[0];
    entry->contexts = (uint16_t)(x[0] >> 16);
    entry->properties = (uint32_t)(x[0] >> 32);
    entry->uuid = (struct uuid){
        {(uint32_t)x[1], (uint32_t)(x[1] >> 32), (uint32_t)x[2], (uint32_t)(x[2] >> 32)}};
    spmc_entries++;
}

static void say_too_many(void)
{
    log_warning("SPMC: partitions beyond the first %u entries are not seen", SPMC_MAX_ENTRIES);
}

/* Adds the entries of one answer; the index of the next, or 0 at the end. */
static uint32_t answer_read(const struct arch_smc_regs *regs, uint32_t start)
{
    uint32_t last = (uint16_t)regs->x[2], current = (uint16_t)(regs->x[2] >> 16);
    uint32_t step = (uint32_t)(regs->x[2] >> 48) / sizeof(uint64_t);

    if (step < ENTRY_REGS || current < start || current > last ||
        (current - start + 1) * step > LIST_REGS) {
        log_warning("SPMC: a list of partitions that makes no sense: 0x%lx",
                    (unsigned long)regs->x[2]);
        return 0;
    }
    for (uint32_t i = start; i <= current; i++) {
        entry_add(&regs->x[LIST_FIRST_REG + (i - start) * step]);
    }
    return current < last ? current + 1 : 0;
}

/* Before 1.2 the list comes into RX, with entries of the same layout; in 1.0 they end before the
 * UUID. */
static void list_read_box(uint32_t version, const uint8_t *rx)
{
    struct arch_smc_regs regs = call(FFA_PARTITION_INFO_GET_32, 0, 0);
    uint32_t count = (uint32_t)regs.x[2];
    uint32_t size = version >= FFA_VERSION_1_1 ? (uint32_t)regs.x[3] : sizeof(uint64_t);
    uint64_t entry[ENTRY_REGS] = {0};

    if (!is_success(&regs)) {
        return;
    }
    if (size < sizeof(uint64_t) || size > PAGE_SIZE || count > PAGE_SIZE / size) {
        log_warning("SPMC: a list of partitions that makes no sense: %u of %u bytes", count, size);
        count = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        memcpy(entry, rx + (size_t)i * size, size < sizeof(entry) ? size : sizeof(entry));
        entry_add(entry);
    }
    (void)call(FFA_RX_RELEASE_32, 0, 0);
    if (count > SPMC_MAX_ENTRIES) {
        say_too_many();
    }
}

static void list_read(void)
{
    uint32_t start = 0;
    uint64_t tag = 0;

    do {
        struct arch_smc_regs regs = call(FFA_PARTITION_INFO_GET_REGS_64, 0, tag << 16 | start);

        if (!is_success(&regs)) {
            return; /* an SPMC without partitions says so with an error */
        }
        tag = (uint16_t)(regs.x[2] >> 32);
        start = answer_read(&regs, start);
    } while (start != 0 && spmc_entries < SPMC_MAX_ENTRIES);
    if (start != 0) {
        say_too_many();
    }
}

void spmc_discover(struct system_config *config)
{
    uint32_t version = agree();
    struct arch_smc_regs regs;
    const uint8_t *rx;

    spmc_entries = 0;
    if (version == 0) {
        return;
    }
    regs = call(FFA_SPM_ID_GET_32, 0, 0);
    config->spmc_version = version;
    rx = spmc_box_init(version);
    config->spmc_id = is_success(&regs) ? (uint16_t)regs.x[2] : CONFIG_SECURE_ID;
    if (version >= FFA_VERSION_1_2) {
        list_read();
    } else if (rx != NULL) {
        list_read_box(version, rx);
    }
    log_notice("SPMC 0x%x: FF-A %u.%u, %u services of secure partitions", config->spmc_id,
               version >> 16, version & 0xffff, spmc_entries);
}

/* They ask SPs; nobody asks them, or tells them of VMs. */
void spmc_discover_logical(void)
{
    uint32_t seen, kept = 0;

    spmc_entries = 0;
    list_read();
    seen = spmc_entries;
    for (uint32_t i = 0; i < seen; i++) {
        struct spmc_partition entry = spmc_list[i];

        if (entry.id < CONFIG_VM_ID_LIMIT || entry.id == SPMD_ID) {
            log_warning("EL3 has no partition 0x%x", entry.id);
            continue;
        }
        entry.properties &= ~(FFA_PROPERTY_VM_CREATED | FFA_PROPERTY_VM_DESTROYED);
        spmc_list[kept++] = entry;
    }
    spmc_entries = kept;
}

uint32_t spmc_count(void)
{
    return spmc_entries;
}

const struct spmc_partition *spmc_get(uint32_t index)
{
    return &spmc_list[index];
}

const struct spmc_partition *spmc_find(uint16_t id)
{
    for (uint32_t i = 0; i < spmc_entries; i++) {
        if (spmc_list[i].id == id) {
            return &spmc_list[i];
        }
    }
    return NULL;
}

uint32_t spmc_properties(uint16_t id)
{
    uint32_t properties = 0;

    for (uint32_t i = 0; i < spmc_entries; i++) {
        properties |= spmc_list[i].id == id ? spmc_list[i].properties : 0;
    }
    return properties;
}
