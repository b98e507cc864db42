/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/obj/config.h"

#include <stddef.h>

#include "bh/base/log.h"
#include "bh/obj/uuid_index.h"

static const struct system_config *config_system;

void config_set(const struct system_config *config)
{
    bh_assert(config != NULL);
    config_system = config;
    uuid_index_build(config);
}

const struct system_config *config_get(void)
{
    return config_system;
}
