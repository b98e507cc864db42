/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as a plan or as the loader's tree: nothing outside them is read, nothing is allocated
 * without bound, and a plan that is accepted keeps VMs off the core and off each other.
 *
 * Input: one byte that says what follows. 0: a plan. 1: a loader's tree. 2: changes of a good plan,
 * six bytes each: offset in 16 bits, new cell in 32 (random bytes hardly ever are a tree at all).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bh/boot/bootinfo.h"
#include "bh/boot/fdt.h"
#include "bh/boot/plan.h"
#include "bh/mem/stage2.h"
#include "test/host/plan/plan_builder.h"

#define CHANGE_SIZE 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* Independent of the checker: page by page would be too slow, so ends are compared in 128 bits. */
static bool is_apart(struct pa_range a, struct pa_range b)
{
    __extension__ typedef unsigned __int128 wide;

    return (wide)a.base.pa + a.size <= b.base.pa || (wide)b.base.pa + b.size <= a.base.pa;
}

static void require_region_is_own(const struct system_config *config, uint32_t v, uint32_t i)
{
    const struct region_config *region = &config->vm[v].region[i];

    require(region->pa.size != 0 && is_apart(region->pa, config->core));
    require(is_apart(region->pa, config->bundle) && is_apart(region->pa, config->pool));
    require(is_apart(region->pa, config->board.gicd) && is_apart(region->pa, config->board.uart));
    for (uint32_t w = 0; w < v; w++) {
        for (uint32_t n = 0; n < config->vm[w].region_count; n++) {
            const struct region_config *other = &config->vm[w].region[n];
            uint32_t both = region->attributes & other->attributes;

            require((both & CONFIG_REGION_SHARED) != 0 || is_apart(region->pa, other->pa));
        }
    }
}

static void require_images_fit(const struct system_config *config, const struct vm_config *vm)
{
    for (uint32_t i = 0; i < vm->image_count; i++) {
        const struct image_config *image = &vm->image[i];
        bool fits = false;

        require(image->source.pa >= config->bundle.base.pa);
        for (uint32_t n = 0; n < vm->region_count; n++) {
            uint64_t offset = image->destination.ipa - vm->region[n].ipa.ipa;

            fits = fits || (image->destination.ipa >= vm->region[n].ipa.ipa &&
                            offset < vm->region[n].pa.size &&
                            image->size <= vm->region[n].pa.size - offset);
        }
        require(fits);
    }
}

static void try_plan(const void *plan, size_t size)
{
    struct system_config config;

    if (plan_read_head(plan, size, &config) == STATUS_OK &&
        plan_read_vms(plan, &config, plan_builder_alloc) == STATUS_OK &&
        plan_check(&config) == STATUS_OK) {
        for (uint32_t v = 0; v < config.vm_count; v++) {
            for (uint32_t i = 0; i < config.vm[v].region_count; i++) {
                require_region_is_own(&config, v, i);
            }
            require_images_fit(&config, &config.vm[v]);
        }
    }
    plan_builder_free_all();
}

static void try_board(void *tree, size_t size)
{
    static struct bootinfo info;
    static struct system_config config;

    if (bootinfo_read(tree, size, &info) == STATUS_OK) {
        (void)!bootinfo_compare(&info, &config);
    }
    (void)!fdt_bootargs_set(tree, size, "console=ttyAMA0");
}

static void try_changes(const uint8_t *data, size_t size)
{
    static _Alignas(8) uint8_t good[PLAN_BUILDER_SIZE];
    static _Alignas(8) uint8_t plan[PLAN_BUILDER_SIZE];
    uint32_t length = plan_builder_packed_size(good);

    if (length == 0) {
        plan_builder_base(good);
        length = plan_builder_packed_size(good);
    }
    memcpy(plan, good, sizeof(plan));
    for (; size >= CHANGE_SIZE; data += CHANGE_SIZE, size -= CHANGE_SIZE) {
        uint32_t offset = ((uint32_t)data[0] << 8 | data[1]) * 4 % length;

        memcpy(plan + offset, data + 2, 4);
    }
    try_plan(plan, sizeof(plan));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    uint8_t what = data[0] % 3;

    data++;
    size--;
    if (what == 2) {
        try_changes(data, size);
        return 0;
    }
    /* A block exactly as long: ASan sees one byte too far. */
    void *copy = aligned_alloc(8, (size + 7) / 8 * 8);

    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, data, size);
    if (what == 0) {
        try_plan(copy, size);
    } else {
        try_board(copy, size);
    }
    free(copy);
    return 0;
}
