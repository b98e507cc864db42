/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/abi/ffa_compat.h"

#include <stddef.h>

#define FFA_PROPERTIES_V1_0 UINT32_C(0x7)   /* direct receive and send, indirect */
#define FFA_PROPERTIES_V1_1 UINT32_C(0x1ff) /* + notifications, id type, availability, AArch64 */
#define FFA_PROPERTIES_V1_2 UINT32_C(0x7ff) /* + direct messages with UUID */

uint32_t ffa_compat_partinfo_size(uint32_t version)
{
    return version >= FFA_VERSION_1_1 ? sizeof(struct ffa_partition_info)
                                      : sizeof(struct ffa_partition_info_v1_0);
}

uint32_t ffa_compat_properties(uint32_t version, uint32_t properties)
{
    if (version >= FFA_VERSION_1_2) {
        return properties & FFA_PROPERTIES_V1_2;
    }
    return properties & (version == FFA_VERSION_1_1 ? FFA_PROPERTIES_V1_1 : FFA_PROPERTIES_V1_0);
}

void ffa_compat_partinfo_write(uint32_t version, const struct ffa_partinfo *info, void *to,
                               uint32_t index)
{
    uint32_t properties = ffa_compat_properties(version, info->properties);

    if (version >= FFA_VERSION_1_1) {
        ((struct ffa_partition_info *)to)[index] = (struct ffa_partition_info){
            .id = info->id,
            .contexts = info->contexts,
            .properties = properties,
            /* SMCCC words in little-endian order are the bytes of the UUID. */
            .uuid = {{info->uuid.word[0], info->uuid.word[1], info->uuid.word[2],
                      info->uuid.word[3]}},
        };
    } else {
        ((struct ffa_partition_info_v1_0 *)to)[index] = (struct ffa_partition_info_v1_0){
            .id = info->id,
            .contexts = info->contexts,
            .properties = properties,
        };
    }
}

uint32_t ffa_compat_message_size(uint32_t version)
{
    return version >= FFA_VERSION_1_2 ? sizeof(struct ffa_message_header)
                                      : sizeof(struct ffa_message_header_v1_1);
}

/* The header as words: [0] flags, [1] offset, receiver, sender, [2] size, [3] and [4] UUID. */
_Static_assert(offsetof(struct ffa_message_header_v1_1, flags) == 0, "word 0");
_Static_assert(offsetof(struct ffa_message_header_v1_1, offset) == 8, "word 1");
_Static_assert(offsetof(struct ffa_message_header_v1_1, receiver) == 12, "word 1");
_Static_assert(offsetof(struct ffa_message_header_v1_1, sender) == 14, "word 1");
_Static_assert(offsetof(struct ffa_message_header_v1_1, size) == 16, "word 2");
_Static_assert(offsetof(struct ffa_message_header, uuid) == 24, "words 3 and 4");

bool ffa_compat_message_try_read(uint32_t version, const volatile uint64_t *tx,
                                 struct ffa_message *message)
{
    bool has_uuid = version >= FFA_VERSION_1_2;
    uint64_t flags = tx[0], place = tx[1], size = tx[2];

    message->offset = (uint32_t)place;
    message->receiver = (uint16_t)(place >> 32);
    message->sender = (uint16_t)(place >> 48);
    message->size = (uint32_t)size;
    message->uuid[0] = has_uuid ? tx[3] : 0;
    message->uuid[1] = has_uuid ? tx[4] : 0;
    return (uint32_t)flags == 0;
}

void ffa_compat_message_write(uint32_t version, const struct ffa_message *message, uint32_t offset,
                              void *rx)
{
    typedef uint64_t __attribute__((may_alias)) word;
    typedef uint32_t __attribute__((may_alias)) half;
    word *to = rx;

    to[0] = 0;
    to[1] = (uint64_t)message->sender << 48 | (uint64_t)message->receiver << 32 | offset;
    if (version >= FFA_VERSION_1_2) {
        to[2] = message->size;
        to[3] = message->uuid[0];
        to[4] = message->uuid[1];
    } else {
        *(half *)(to + 2) = message->size; /* the payload may follow */
    }
}
