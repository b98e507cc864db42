/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/vm_load.h"

#include <stddef.h>

#include "bh/arch/arch_cache.h"
#include "bh/arch/arch_cpu.h"
#include "bh/base/libc.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/mem/window.h"
#include "bh/obj/cpu.h"

#define VM_LOAD_BLOCK (UINT64_C(2) << 20)

/* Where the image's first byte lives. The plan checker has seen that one region holds it whole. */
static struct paddr vm_load_target(const struct vm_config *config, const struct image_config *image)
{
    for (uint32_t i = 0; i < config->region_count; i++) {
        const struct region_config *region = &config->region[i];
        uint64_t offset = image->destination.ipa - region->ipa.ipa;

        if (image->destination.ipa >= region->ipa.ipa &&
            num_is_within(offset, image->size, region->pa.size)) {
            return pa_add(region->pa.base, offset);
        }
    }
    panic("%s: no region holds the image for ipa 0x%lx", config->name, image->destination.ipa);
}

static void vm_load_image(uint32_t cpu, struct pa_range target, const uint8_t *source)
{
    while (target.size != 0) {
        uint64_t room = VM_LOAD_BLOCK - (target.base.pa & (VM_LOAD_BLOCK - 1));
        uint64_t size = num_min(target.size, room);
        void *to = window_map_block(cpu, (struct pa_range){target.base, size});

        memcpy(to, source, size);
        /* A VM starts with its MMU off and reads past the caches. */
        arch_cache_clean(to, size);
        source += size;
        target.base = pa_add(target.base, size);
        target.size -= size;
    }
    window_unmap_block(cpu);
}

static void vm_clear_range(uint32_t cpu, struct pa_range target)
{
    while (target.size != 0) {
        uint64_t room = VM_LOAD_BLOCK - (target.base.pa & (VM_LOAD_BLOCK - 1));
        uint64_t size = num_min(target.size, room);
        void *to = window_map_block(cpu, (struct pa_range){target.base, size});

        memset(to, 0, size);
        arch_cache_clean(to, size);
        target.base = pa_add(target.base, size);
        target.size -= size;
    }
    window_unmap_block(cpu);
}

/* The VM could have written there, and nobody else has it. */
static bool vm_region_is_private_ram(const struct region_config *region)
{
    uint32_t asked = STAGE2_W | STAGE2_DEVICE | CONFIG_REGION_SHARED;

    return (region->attributes & asked) == STAGE2_W;
}

void vm_clear_memory(struct vm *vm)
{
    const struct vm_config *config = vm->config;

    for (uint32_t i = 0; i < config->region_count; i++) {
        if (vm_region_is_private_ram(&config->region[i])) {
            vm_clear_range(arch_cpu_self()->index, config->region[i].pa);
        }
    }
}

void vm_load_images(struct vm *vm)
{
    const struct vm_config *config = vm->config;
    uint32_t cpu = arch_cpu_self()->index;

    for (uint32_t i = 0; i < config->image_count; i++) {
        const struct image_config *image = &config->image[i];
        struct pa_range target = {vm_load_target(config, image), image->size};

        vm_load_image(cpu, target, pa_identity_ptr(image->source));
    }
    arch_cache_forget_code();
}
