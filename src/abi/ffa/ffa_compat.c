/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/abi/ffa_compat.h"

#include "bh/base/libc.h"

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

bool ffa_compat_message_try_read(uint32_t version, const struct ffa_message_header *header,
                                 struct ffa_message *message)
{
    *message = (struct ffa_message){
        .sender = header->base.sender,
        .receiver = header->base.receiver,
        .offset = header->base.offset,
        .size = header->base.size,
    };
    if (version >= FFA_VERSION_1_2) {
        memcpy(&message->uuid, &header->uuid, sizeof(message->uuid));
    }
    return header->base.flags == 0;
}

void ffa_compat_message_write(uint32_t version, const struct ffa_message *message, void *rx)
{
    struct ffa_message_header header = {
        .base = {.offset = message->offset,
                 .receiver = message->receiver,
                 .sender = message->sender,
                 .size = message->size},
    };

    memcpy(&header.uuid, &message->uuid, sizeof(header.uuid));
    memcpy(rx, &header, ffa_compat_message_size(version));
}
