/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/boot/setup.h"

#include "bh/base/log.h"
#include "bh/boot/fdt.h"
#include "bh/dev/vdev.h"
#include "bh/mem/stage1.h"
#include "bh/mem/stage2.h"
#include "bh/obj/vm.h"

/* VMID 0 is nobody's: what runs before the first VM must not share TLB entries with one. */
#define SETUP_FIRST_VMID 1u

void boot_map_system(const struct system_config *config)
{
    const struct board_config *board = &config->board;

    stage1_map(config->bundle, STAGE1_DATA);
    stage1_map(config->pool, STAGE1_DATA);
    stage1_map(board->uart, STAGE1_DEVICE);
    stage1_map(board->gicd, STAGE1_DEVICE);
    for (uint32_t i = 0; i < board->gicr_count; i++) {
        stage1_map(board->gicr[i], STAGE1_DEVICE);
    }
}

static void setup_stage2(struct vm *vm)
{
    const struct vm_config *config = vm->config;
    bool has_ns = config_get()->role == SYSTEM_SPMC && config->id != CONFIG_WORLD_ID;

    stage2_init(&vm->stage2, config->ipa_bits, (uint16_t)(config->index + SETUP_FIRST_VMID));
    if (has_ns) {
        stage2_init_ns(&vm->stage2_ns, &vm->stage2);
    }
    if (config->level == VM_EL0) {
        stage2_use_pages(&vm->stage2);
    }
    for (uint32_t i = 0; i < config->region_count; i++) {
        const struct region_config *region = &config->region[i];
        uint32_t attributes = vm_region_access(config, region);
        bool is_ns = has_ns && (attributes & STAGE2_NS) != 0;
        struct stage2 *s2 = is_ns ? &vm->stage2_ns : &vm->stage2;

        /* Refuses what lies beyond this CPU's physical addresses, which bound IPAs, too. */
        if (stage2_map(s2, region->ipa, region->pa, attributes) != STATUS_OK) {
            panic("plan: /vms/vm@%x: regions[%u]: ipa 0x%lx, pa 0x%lx, 0x%lx bytes, is beyond the "
                  "addresses of this CPU: rule region-maps",
                  config->id, i, region->ipa.ipa, region->pa.base.pa, region->pa.size);
        }
    }
}

static void setup_bootargs(const struct vm_config *config, const char *bootargs)
{
    for (uint32_t i = 0; i < config->image_count; i++) {
        const struct image_config *image = &config->image[i];

        if (image->is_dtb &&
            fdt_bootargs_set(pa_identity_ptr(image->source), image->size, bootargs) != STATUS_OK) {
            panic("plan: /vms/vm@%x: images[%u]: no device tree with %u bytes of room: "
                  "rule bootargs-room",
                  config->id, i, FDT_ARGS_ROOM);
        }
    }
}

void boot_vm_setup_all(const struct bootinfo *info)
{
    for (uint32_t i = 0; i < vm_count(); i++) {
        struct vm *vm = vm_get_index(i);

        setup_stage2(vm);
        vdev_init_vm(vm);
        if (vm->config->bootargs_from_loader && info->bootargs[0] != '\0') {
            setup_bootargs(vm->config, info->bootargs);
        }
    }
}
