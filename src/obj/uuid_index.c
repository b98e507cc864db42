/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hash table with chains. Chains hold rising codes: partitions are entered last one first, each
 * at its chain's head.
 */
#include "bh/obj/uuid_index.h"

#include "bh/base/libc.h"
#include "bh/base/log.h"

#define UUID_BUCKET_BITS 7u
#define UUID_BUCKETS     (1u << UUID_BUCKET_BITS)
/* An odd constant with well mixed upper bits (2^32 divided by the golden ratio). */
#define UUID_HASH_FACTOR UINT32_C(0x9e3779b1)

_Static_assert(CONFIG_MAX_VMS *CONFIG_MAX_UUIDS <= UUID_CODE_END, "codes fit into 16 bits");

static struct {
    const struct system_config *config;
    uint16_t head[UUID_BUCKETS];
    uint16_t next[CONFIG_MAX_VMS * CONFIG_MAX_UUIDS];
} uuid_index;

/* Words differ in few bits where somebody numbers UUIDs by hand: all take part, each elsewhere. */
static uint32_t uuid_bucket(const struct uuid *uuid)
{
    const uint32_t *word = uuid->word;
    uint32_t sum = word[0] ^ (word[1] << 7 | word[1] >> 25) ^ (word[2] << 14 | word[2] >> 18) ^
                   (word[3] << 21 | word[3] >> 11);

    return (sum * UUID_HASH_FACTOR) >> (32 - UUID_BUCKET_BITS);
}

static bool uuid_is_equal(const struct uuid *a, const struct uuid *b)
{
    return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) | (a->word[2] ^ b->word[2]) |
            (a->word[3] ^ b->word[3])) == 0;
}

void uuid_index_build(const struct system_config *config)
{
    bh_assert(config->vm_count <= CONFIG_MAX_VMS);
    uuid_index.config = config;
    memset(uuid_index.head, 0xff, sizeof(uuid_index.head));
    for (uint32_t vm = config->vm_count; vm-- != 0;) {
        for (uint32_t entry = config->vm[vm].uuid_count; entry-- != 0;) {
            uint16_t *head = &uuid_index.head[uuid_bucket(&config->vm[vm].uuid[entry])];
            uint32_t code = vm * CONFIG_MAX_UUIDS + entry;

            uuid_index.next[code] = *head;
            *head = (uint16_t)code;
        }
    }
}

/* code and those behind it in its chain: the first one with the UUID. */
static uint32_t uuid_index_search(uint32_t code, const struct uuid *uuid)
{
    while (code != UUID_CODE_END) {
        const struct vm_config *vm = &uuid_index.config->vm[uuid_code_vm(code)];

        if (uuid_is_equal(&vm->uuid[uuid_code_entry(code)], uuid)) {
            break;
        }
        code = uuid_index.next[code];
    }
    return code;
}

uint32_t uuid_index_first(const struct uuid *uuid)
{
    return uuid_index_search(uuid_index.head[uuid_bucket(uuid)], uuid);
}

uint32_t uuid_index_next(uint32_t code, const struct uuid *uuid)
{
    return uuid_index_search(uuid_index.next[code], uuid);
}
