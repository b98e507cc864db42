/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules about a VM beside its memory: who it is, where it runs, its devices and interrupts. */
#include <stdbool.h>
#include <stddef.h>

#include "bh/base/libc.h"
#include "bh/base/num.h"
#include "bh/boot/plan_rules.h"

/* MPIDR_EL1 affinity fields (Arm ARM D23). */
#define MPIDR_AFFINITY UINT64_C(0xff00ffffff)

#define IPA_BITS_MIN 32u
#define SPI_FIRST    32u
#define SPI_END      1020u /* IHI 0069, 2.2 */

/* ---- identity ---- */

static bool name_is_printable(const char *name)
{
    uint32_t i = 0;

    while (name[i] > ' ' && name[i] <= '~') {
        i++;
    }
    return i != 0 && name[i] == '\0';
}

static void name_check(struct plan_check *check, const struct vm_config *vm)
{
    if (!name_is_printable(vm->name)) {
        plan_check_refuse(check, vm, "name: empty or not printable: rule name-printable");
    }
    for (const struct vm_config *other = check->config->vm; other < vm; other++) {
        if (strcmp(other->name, vm->name) == 0) {
            plan_check_refuse(check, vm, "name: \"%s\" is also vm@%x: rule name-unique", vm->name,
                              other->id);
        }
    }
}

static void uuid_check(struct plan_check *check, const struct vm_config *vm, uint32_t i)
{
    static const struct uuid nil;

    if (memcmp(&vm->uuid[i], &nil, sizeof(nil)) == 0) {
        plan_check_refuse(check, vm, "uuids[%u]: nil: rule uuid-nil", i);
    }
    for (uint32_t n = 0; n < i; n++) {
        if (memcmp(&vm->uuid[i], &vm->uuid[n], sizeof(nil)) == 0) {
            plan_check_refuse(check, vm, "uuids[%u]: same as uuids[%u]: rule uuid-unique", i, n);
        }
    }
}

/* The PMU and the machine's power are one partition's. */
static void contract_check(struct plan_check *check, const struct vm_config *vm)
{
    if (vm->contract != VM_CONTRACT_PRIMARY) {
        return;
    }
    for (const struct vm_config *other = check->config->vm; other < vm; other++) {
        if (other->contract == VM_CONTRACT_PRIMARY) {
            plan_check_refuse(check, vm, "contract: vm@%x is the primary already: rule primary",
                              other->id);
        }
    }
}

/* What the core's EL0 support rests on. */
static void level_check(struct plan_check *check, const struct vm_config *vm)
{
    if (vm->level == VM_EL0 && (vm->vcpu_count != 1 || vm->irq_model != VM_IRQ_PARAVIRT ||
                                vm->ffa_version == 0 || vm->device_count != 0)) {
        plan_check_refuse(check, vm,
                          "exception-level: EL0 needs one vCPU, paravirt, FF-A and no devices: "
                          "rule el0");
    }
}

bool plan_check_is_world(const struct system_config *config, const struct vm_config *vm)
{
    return config->role == SYSTEM_SPMC && vm->id == CONFIG_WORLD_ID;
}

/* It is there on every CPU. */
static void world_check(struct plan_check *check, const struct vm_config *vm)
{
    if (vm->scheduling != VM_PINNED || vm->vcpu_count != check->config->board.cpu_count) {
        plan_check_refuse(check, vm,
                          "vcpu-cpu: the normal world has a vCPU on each of %u CPUs: rule id-world",
                          check->config->board.cpu_count);
    }
}

/* [first, limit) of the partitions that a core of this role manages. */
static void id_check(struct plan_check *check, const struct vm_config *vm)
{
    bool is_spmc = check->config->role == SYSTEM_SPMC;
    uint32_t first = is_spmc ? CONFIG_SECURE_ID + 1 : 1;
    uint32_t limit = is_spmc ? CONFIG_VM_ID_LIMIT : CONFIG_SECURE_ID;

    if (vm->index != 0) {
        first = (uint32_t)num_max(first, check->config->vm[vm->index - 1].id + 1u);
    } else if (is_spmc && vm->id != CONFIG_WORLD_ID) {
        plan_check_refuse(check, vm, "id: the normal world, vm@0, comes first: rule id-world");
        return;
    } else if (is_spmc) {
        world_check(check, vm);
        return;
    }
    if (vm->id < first) {
        plan_check_refuse(check, vm, "id: 0x%x, must be above 0x%x: rule id-ascending", vm->id,
                          first - 1);
    } else if (vm->id >= limit) {
        plan_check_refuse(check, vm, "id: 0x%x, is the secure world's: rule id-ascending", vm->id);
    }
}

void plan_check_identity(struct plan_check *check, const struct vm_config *vm)
{
    id_check(check, vm);
    name_check(check, vm);
    for (uint32_t i = 0; i < vm->uuid_count; i++) {
        uuid_check(check, vm, i);
    }
    if (vm->ffa_version != 0 && (vm->ffa_version >> 16) != 1) {
        plan_check_refuse(check, vm, "ffa-version: 0x%x: rule ffa-version", vm->ffa_version);
    }
    if (vm->notifications && vm->ffa_version == 0) {
        plan_check_refuse(check, vm, "notifications: 1, but no endpoint: rule ffa-notifications");
    }
    if (vm->ipa_bits < IPA_BITS_MIN) {
        plan_check_refuse(check, vm, "ipa-bits: %u: rule ipa-bits", vm->ipa_bits);
    }
    level_check(check, vm);
    contract_check(check, vm);
    for (uint32_t i = 0; i < vm->smc_allow_count; i++) {
        if (!config_smc_may_pass(vm->smc_allow[i])) {
            plan_check_refuse(check, vm, "smc-allow[%u]: 0x%x: rule smc-allow", i,
                              vm->smc_allow[i]);
        }
    }
}

/* ---- CPUs and scheduling ---- */

void plan_check_cpus(struct plan_check *check, const struct vm_config *vm)
{
    for (uint32_t i = 0; i < vm->vcpu_count; i++) {
        uint64_t mpidr = vm->vcpu[i].mpidr;

        if ((mpidr & ~MPIDR_AFFINITY) != 0) {
            plan_check_refuse(check, vm, "vcpu-mpidr[%u]: 0x%lx: rule mpidr-affinity", i, mpidr);
        }
        for (uint32_t n = 0; n < i; n++) {
            if (vm->vcpu[n].mpidr == mpidr) {
                plan_check_refuse(
                    check, vm, "vcpu-mpidr[%u]: 0x%lx stands twice: rule mpidr-unique", i, mpidr);
            }
        }
        if (vm->scheduling == VM_SCHEDULED && vm->vcpu[i].cpu != CONFIG_CPU_NONE) {
            plan_check_refuse(check, vm, "vcpu-cpu[%u]: %u, but the VM is scheduled: rule cpu-none",
                              i, vm->vcpu[i].cpu);
        }
    }
}

static const struct vm_config *vm_find_id(const struct system_config *config, uint16_t id)
{
    for (uint32_t i = 0; i < config->vm_count; i++) {
        if (config->vm[i].id == id) {
            return &config->vm[i];
        }
    }
    return NULL;
}

void plan_check_scheduler(struct plan_check *check, const struct vm_config *vm)
{
    const struct vm_config *scheduler = vm;

    if (vm->scheduling == VM_PINNED) {
        if (vm->scheduler != 0) {
            plan_check_refuse(check, vm, "scheduler: 0x%x, but the VM is pinned: rule scheduler",
                              vm->scheduler);
        }
        return;
    }
    /* Each step leads to the VM that runs the one before; a pinned one ends it. */
    for (uint32_t step = 0; step <= check->config->vm_count; step++) {
        if (scheduler->scheduling == VM_PINNED) {
            return;
        }
        uint16_t id = scheduler->scheduler;

        scheduler = vm_find_id(check->config, id);
        if (scheduler == NULL) {
            plan_check_refuse(check, vm, "scheduler: no VM 0x%x: rule scheduler", id);
            return;
        }
    }
    plan_check_refuse(check, vm,
                      "scheduler: 0x%x: VMs schedule each other in a loop: "
                      "rule scheduler-loop",
                      vm->scheduler);
}

/* ---- devices ---- */

struct device_shape {
    uint32_t frames;
    uint64_t size, vcpu_size; /* of the first frame; of the second, per vCPU */
    uint64_t alignment;
};

static const struct device_shape device_shapes[DEVICE_KINDS] = {
/* Versions of clang-format differ on this. */
/* clang-format off */
#define DEVICE_KIND(name, plan, create, frames_, size_, vcpu_size_, alignment_)                    \
    [DEVICE_##name] = {(frames_), (size_), (vcpu_size_), (alignment_)},
#include "bh/obj/device_kinds.def"
#undef DEVICE_KIND
    /* clang-format on */
};

static bool spans_overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return pa_range_overlaps((struct pa_range){{a}, a_size}, (struct pa_range){{b}, b_size});
}

/* Number of regions and of frames before (device d, frame f) that the span touches. */
static bool span_is_free(const struct vm_config *vm, uint32_t d, uint32_t f)
{
    uint64_t base = vm->device[d].base[f].ipa;
    uint64_t size = vm->device[d].size[f];

    for (uint32_t i = 0; i < vm->region_count; i++) {
        if (spans_overlap(base, size, vm->region[i].ipa.ipa, vm->region[i].pa.size)) {
            return false;
        }
    }
    for (uint32_t i = 0; i <= d; i++) {
        uint32_t frames = i == d ? f : vm->device[i].reg_count;

        for (uint32_t n = 0; n < frames; n++) {
            if (spans_overlap(base, size, vm->device[i].base[n].ipa, vm->device[i].size[n])) {
                return false;
            }
        }
    }
    return true;
}

static void device_check_frames(struct plan_check *check, const struct vm_config *vm, uint32_t d)
{
    const struct device_config *device = &vm->device[d];
    const struct device_shape *shape = &device_shapes[device->kind];

    if (device->reg_count != shape->frames) {
        plan_check_refuse(check, vm, "devices[%u]: reg: %u ranges, must be %u: rule device-reg", d,
                          device->reg_count, shape->frames);
        return;
    }
    for (uint32_t f = 0; f < shape->frames; f++) {
        uint64_t base = device->base[f].ipa;
        uint64_t size = f == 0 ? shape->size : shape->vcpu_size * vm->vcpu_count;

        if (device->size[f] != size || !num_is_aligned(base, shape->alignment)) {
            plan_check_refuse(check, vm,
                              "devices[%u]: reg[%u]: 0x%lx, 0x%lx bytes, must be 0x%lx bytes: "
                              "rule device-reg",
                              d, f, base, device->size[f], size);
        } else if (!num_is_within(base, size, UINT64_C(1) << vm->ipa_bits)) {
            plan_check_refuse(check, vm, "devices[%u]: reg[%u]: 0x%lx: rule device-ipa-space", d, f,
                              base);
        } else if (!span_is_free(vm, d, f)) {
            plan_check_refuse(check, vm,
                              "devices[%u]: reg[%u]: 0x%lx overlaps a region or device: "
                              "rule device-disjoint",
                              d, f, base);
        }
    }
}

static const struct device_config *gic_find(const struct vm_config *vm)
{
    for (uint32_t i = 0; i < vm->device_count; i++) {
        if (vm->device[i].kind == DEVICE_GIC_V3) {
            return &vm->device[i];
        }
    }
    return NULL;
}

uint32_t plan_check_vintid_limit(const struct vm_config *vm)
{
    const struct device_config *gic = gic_find(vm);

    if (vm->irq_model == VM_IRQ_PARAVIRT) {
        return SPI_END;
    }
    return gic != NULL ? (uint32_t)num_min(SPI_FIRST + gic->spis, SPI_END) : 0;
}

static void gic_check(struct plan_check *check, const struct vm_config *vm, uint32_t d)
{
    const struct device_config *gic = &vm->device[d];

    if (vm->irq_model != VM_IRQ_GIC || gic_find(vm) != gic) {
        plan_check_refuse(check, vm,
                          "devices[%u]: kind: second GIC or not a gic VM: rule gic-single", d);
    }
    if (gic->spis == 0 || gic->spis % 32 != 0) {
        plan_check_refuse(check, vm, "devices[%u]: spis: %u: rule gic-spis", d, gic->spis);
    }
    if (gic->irq != 0) {
        plan_check_refuse(check, vm, "devices[%u]: irq: %u: rule gic-irq", d, gic->irq);
    }
}

void plan_check_devices(struct plan_check *check, const struct vm_config *vm)
{
    uint32_t limit = plan_check_vintid_limit(vm);

    for (uint32_t d = 0; d < vm->device_count; d++) {
        const struct device_config *device = &vm->device[d];

        device_check_frames(check, vm, d);
        if (device->kind == DEVICE_GIC_V3) {
            gic_check(check, vm, d);
        } else if (device->irq != 0 && (device->irq < SPI_FIRST || device->irq >= limit)) {
            plan_check_refuse(check, vm, "devices[%u]: irq: %u, SPIs are %u to %u: rule device-irq",
                              d, device->irq, SPI_FIRST, limit);
        }
    }
}

/* ---- interrupts ---- */

static bool vintid_is_free(const struct vm_config *vm, uint32_t i)
{
    uint32_t vintid = vm->irq[i].vintid;

    for (uint32_t n = 0; n < i; n++) {
        if (vm->irq[n].vintid == vintid) {
            return false;
        }
    }
    for (uint32_t n = 0; n < vm->device_count; n++) {
        if (vm->device[n].irq == vintid) {
            return false;
        }
    }
    return true;
}

void plan_check_interrupts(struct plan_check *check, const struct vm_config *vm)
{
    uint32_t limit = plan_check_vintid_limit(vm);

    for (uint32_t i = 0; i < vm->irq_count; i++) {
        const struct irq_config *irq = &vm->irq[i];

        if (irq->pintid < SPI_FIRST || irq->pintid >= SPI_END) {
            plan_check_refuse(check, vm, "interrupts[%u]: %u is no SPI: rule interrupt-range", i,
                              irq->pintid);
        }
        if (irq->pintid == check->config->board.uart_irq) {
            plan_check_refuse(check, vm, "interrupts[%u]: %u is the console's: rule interrupt-core",
                              i, irq->pintid);
        }
        if (irq->vintid < SPI_FIRST || irq->vintid >= limit) {
            plan_check_refuse(check, vm,
                              "interrupts[%u]: virtual %u, SPIs are %u to %u: "
                              "rule interrupt-virtual",
                              i, irq->vintid, SPI_FIRST, limit);
        } else if (!vintid_is_free(vm, i)) {
            plan_check_refuse(check, vm,
                              "interrupts[%u]: virtual %u stands twice: "
                              "rule interrupt-unique",
                              i, irq->vintid);
        }
        if (irq->vcpu >= vm->vcpu_count) {
            plan_check_refuse(check, vm, "interrupts[%u]: vCPU %u of %u: rule interrupt-vcpu", i,
                              irq->vcpu, vm->vcpu_count);
        }
    }
}
