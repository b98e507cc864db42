/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules about memory: regions, images. */
#include <stdbool.h>
#include <stddef.h>

#include "bh/base/num.h"
#include "bh/boot/fdt.h"
#include "bh/boot/plan_rules.h"
#include "bh/mem/stage2.h"

#define IMAGE_ALIGN UINT64_C(8)
#define PA_LIMIT    (UINT64_C(1) << 48)

static bool region_is_device(const struct region_config *region)
{
    return (region->attributes & STAGE2_DEVICE) != 0;
}

/* What no VM may have, with the words for the message. */
struct region_reserved {
    const char *name;
    const char *rule;
    const struct pa_range *range;
    uint32_t count;
};

static void region_check_reserved(struct plan_check *check, const struct vm_config *vm, uint32_t i)
{
    const struct system_config *config = check->config;
    const struct region_reserved reserved[] = {
        {"the core", "region-outside-core", &config->core, 1},
        {"the bundle", "region-outside-bundle", &config->bundle, 1},
        {"the page pool", "region-outside-pool", &config->pool, 1},
        {"the GIC distributor", "region-outside-gic", &config->board.gicd, 1},
        {"the GIC redistributors", "region-outside-gic", config->board.gicr,
         config->board.gicr_count},
        {"the GIC's ITS", "region-outside-gic", config->board.its, config->board.its_count},
        {"the console UART", "region-outside-uart", &config->board.uart, 1},
    };
    struct pa_range pa = vm->region[i].pa;

    for (uint32_t r = 0; r < NUM_ARRAY_COUNT(reserved); r++) {
        for (uint32_t n = 0; n < reserved[r].count; n++) {
            if (pa_range_overlaps(pa, reserved[r].range[n])) {
                plan_check_refuse(check, vm, "regions[%u]: pa 0x%lx overlaps %s: rule %s", i,
                                  pa.base.pa, reserved[r].name, reserved[r].rule);
            }
        }
    }
}

static bool range_touches(const struct pa_range *ranges, uint32_t count, struct pa_range range)
{
    for (uint32_t i = 0; i < count; i++) {
        if (pa_range_overlaps(ranges[i], range)) {
            return true;
        }
    }
    return false;
}

static bool range_is_inside(const struct pa_range *ranges, uint32_t count, struct pa_range range)
{
    for (uint32_t i = 0; i < count; i++) {
        if (pa_range_contains(ranges[i], range)) {
            return true;
        }
    }
    return false;
}

/* Memory lies in memory of its security state, a device in none. */
static void region_check_kind(struct plan_check *check, const struct vm_config *vm, uint32_t i)
{
    const struct board_config *board = &check->config->board;
    const struct region_config *region = &vm->region[i];
    bool is_ns = (region->attributes & STAGE2_NS) != 0;
    bool is_inside = is_ns ? range_is_inside(board->memory_ns, board->memory_ns_count, region->pa)
                           : range_is_inside(board->memory, board->memory_count, region->pa);

    if (region_is_device(region)) {
        if (range_touches(board->memory, board->memory_count, region->pa) ||
            range_touches(board->memory_ns, board->memory_ns_count, region->pa)) {
            plan_check_refuse(check, vm,
                              "regions[%u]: device pa 0x%lx overlaps memory: "
                              "rule device-outside-memory",
                              i, region->pa.base.pa);
        }
    } else if (!is_inside) {
        plan_check_refuse(check, vm,
                          "regions[%u]: pa 0x%lx, 0x%lx bytes, is not in memory: "
                          "rule region-in-memory",
                          i, region->pa.base.pa, region->pa.size);
    }
}

static void region_check_attributes(struct plan_check *check, const struct vm_config *vm,
                                    uint32_t i)
{
    uint32_t attributes = vm->region[i].attributes;
    bool is_device_code = (attributes & (STAGE2_DEVICE | STAGE2_X)) == (STAGE2_DEVICE | STAGE2_X);

    bool is_ns = (attributes & STAGE2_NS) != 0;

    /* A hypervisor knows one world; the normal world has nothing secure. */
    if (is_ns ? check->config->role == SYSTEM_HYPERVISOR : plan_check_is_world(check->config, vm)) {
        plan_check_refuse(check, vm, "regions[%u]: attributes 0x%x: rule region-security", i,
                          attributes);
    }
    if ((attributes & STAGE2_R) == 0 || is_device_code ||
        (attributes & ~CONFIG_REGION_ATTRIBUTES) != 0) {
        plan_check_refuse(check, vm, "regions[%u]: attributes 0x%x: rule region-attributes", i,
                          attributes);
    }
}

/* false: base and size make no range, so no other rule can be asked. */
static bool region_try_bounds(struct plan_check *check, const struct vm_config *vm, uint32_t i)
{
    const struct region_config *region = &vm->region[i];
    uint64_t all = region->ipa.ipa | region->pa.base.pa | region->pa.size;

    if (region->pa.size == 0 || !num_is_aligned(all, PAGE_SIZE)) {
        plan_check_refuse(check, vm,
                          "regions[%u]: ipa 0x%lx, pa 0x%lx, 0x%lx bytes: rule region-pages", i,
                          region->ipa.ipa, region->pa.base.pa, region->pa.size);
        return false;
    }
    if (!num_is_within(region->pa.base.pa, region->pa.size, PA_LIMIT)) {
        plan_check_refuse(check, vm, "regions[%u]: pa 0x%lx, 0x%lx bytes: rule region-pa-space", i,
                          region->pa.base.pa, region->pa.size);
        return false;
    }
    if (!num_is_within(region->ipa.ipa, region->pa.size, UINT64_C(1) << vm->ipa_bits)) {
        plan_check_refuse(check, vm,
                          "regions[%u]: ipa 0x%lx, 0x%lx bytes, ipa-bits %u: rule region-ipa-space",
                          i, region->ipa.ipa, region->pa.size, vm->ipa_bits);
        return false;
    }
    return true;
}

void plan_check_regions(struct plan_check *check, const struct vm_config *vm)
{
    uint64_t end = 0; /* of the region before */

    for (uint32_t i = 0; i < vm->region_count; i++) {
        const struct region_config *region = &vm->region[i];

        region_check_attributes(check, vm, i);
        if (!region_try_bounds(check, vm, i)) {
            continue;
        }
        if (region->ipa.ipa < end) {
            plan_check_refuse(check, vm,
                              "regions[%u]: ipa 0x%lx lies before the end of the region before: "
                              "rule region-order",
                              i, region->ipa.ipa);
        }
        end = region->ipa.ipa + region->pa.size;
        region_check_kind(check, vm, i);
        region_check_reserved(check, vm, i);
    }
}

static void region_check_pair(struct plan_check *check, const struct vm_config *vm, uint32_t i,
                              const struct vm_config *other)
{
    const struct region_config *region = &vm->region[i];
    uint32_t may_share = CONFIG_REGION_SHARED;

    /* What an SP has of the normal world's memory, both have. */
    if (plan_check_is_world(check->config, other) && !region_is_device(region)) {
        may_share |= STAGE2_NS;
    }
    for (uint32_t n = 0; n < other->region_count; n++) {
        uint32_t both = region->attributes & other->region[n].attributes;

        if ((both & may_share) == 0 && pa_range_overlaps(region->pa, other->region[n].pa)) {
            plan_check_refuse(check, vm,
                              "regions[%u]: pa 0x%lx overlaps vm@%x regions[%u]: "
                              "rule region-owner",
                              i, region->pa.base.pa, other->id, n);
        }
    }
}

void plan_check_foreign(struct plan_check *check, const struct vm_config *vm)
{
    for (const struct vm_config *other = check->config->vm; other < vm; other++) {
        for (uint32_t i = 0; i < vm->region_count; i++) {
            region_check_pair(check, vm, i, other);
        }
    }
}

/* The region that holds [ipa, ipa + size) whole, or NULL. */
static const struct region_config *region_find(const struct vm_config *vm, uint64_t ipa,
                                               uint64_t size)
{
    for (uint32_t i = 0; i < vm->region_count; i++) {
        const struct region_config *region = &vm->region[i];

        if (ipa >= region->ipa.ipa && num_is_within(ipa - region->ipa.ipa, size, region->pa.size)) {
            return region;
        }
    }
    return NULL;
}

static void entry_check(struct plan_check *check, const struct vm_config *vm)
{
    const struct region_config *region = region_find(vm, vm->entry, sizeof(uint32_t));
    bool is_code =
        region != NULL && !region_is_device(region) && (region->attributes & STAGE2_X) != 0;

    if (!is_code || !num_is_aligned(vm->entry, sizeof(uint32_t))) {
        plan_check_refuse(check, vm, "entry: 0x%lx is not in an executable region: rule entry-code",
                          vm->entry);
    }
}

static bool image_overlaps(const struct image_config *a, const struct image_config *b)
{
    return pa_range_overlaps((struct pa_range){a->source, a->size},
                             (struct pa_range){b->source, b->size});
}

/* Boot writes the loader's arguments into this image: it must be nobody else's source. */
static void image_check_private(struct plan_check *check, const struct vm_config *vm, uint32_t i)
{
    const struct system_config *config = check->config;
    const struct image_config *image = &vm->image[i];

    for (uint32_t v = 0; v < config->vm_count; v++) {
        for (uint32_t n = 0; n < config->vm[v].image_count; n++) {
            const struct image_config *other = &config->vm[v].image[n];

            if (other != image && image_overlaps(image, other)) {
                plan_check_refuse(check, vm,
                                  "images[%u]: source 0x%lx is also vm@%x images[%u]: "
                                  "rule bootargs-image",
                                  i, image->source.pa, config->vm[v].id, n);
            }
        }
    }
}

static void image_check(struct plan_check *check, const struct vm_config *vm, uint32_t i)
{
    const struct image_config *image = &vm->image[i];
    const struct region_config *region = region_find(vm, image->destination.ipa, image->size);

    if (image->size == 0 ||
        !pa_range_contains(check->config->bundle, (struct pa_range){image->source, image->size})) {
        plan_check_refuse(check, vm,
                          "images[%u]: source 0x%lx, 0x%lx bytes, is not in the bundle: "
                          "rule image-source",
                          i, image->source.pa, image->size);
    }
    if (!num_is_aligned(image->source.pa, IMAGE_ALIGN) ||
        !num_is_aligned(image->destination.ipa, IMAGE_ALIGN)) {
        plan_check_refuse(check, vm,
                          "images[%u]: source 0x%lx, destination 0x%lx: rule image-align", i,
                          image->source.pa, image->destination.ipa);
    }
    if (region == NULL || region_is_device(region) || (region->attributes & STAGE2_W) == 0) {
        plan_check_refuse(check, vm,
                          "images[%u]: destination 0x%lx, 0x%lx bytes, is not in one writable "
                          "region: rule image-destination",
                          i, image->destination.ipa, image->size);
    }
}

void plan_check_images(struct plan_check *check, const struct vm_config *vm)
{
    bool has_tree = false;

    if (!plan_check_is_world(check->config, vm)) {
        entry_check(check, vm);
    }
    for (uint32_t i = 0; i < vm->image_count; i++) {
        image_check(check, vm, i);
        if (vm->bootargs_from_loader && vm->image[i].is_dtb) {
            has_tree = true;
            image_check_private(check, vm, i);
        }
    }
    if (vm->bootargs_from_loader && !has_tree) {
        plan_check_refuse(check, vm,
                          "bootargs-from-loader: 1 without a device tree image: "
                          "rule bootargs-image");
    }
}
