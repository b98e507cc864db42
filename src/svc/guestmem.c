/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/guestmem.h"

#include "bh/arch/arch_cpu.h"
#include "bh/base/libc.h"
#include "bh/base/num.h"
#include "bh/mem/window.h"
#include "bh/obj/cpu.h"

#define SLOT 0 /* of this CPU's window; others use slot 1 */

struct copy {
    struct vm *vm;
    uint8_t *core; /* EL2's side */
    bool to_guest;
};

/* [ipa, ipa + size) lies in one page. */
static enum status copy_page(const struct copy *copy, struct ipaddr ipa, uint64_t size)
{
    struct stage2_entry entry = stage2_query(&copy->vm->stage2, ipa);
    uint32_t cpu = arch_cpu_self()->index;
    uint64_t offset = ipa.ipa & (PAGE_SIZE - 1);
    uint8_t *page;

    if (!entry.valid || (entry.attributes & STAGE2_DEVICE) != 0 ||
        (entry.attributes & (copy->to_guest ? STAGE2_W : STAGE2_R)) == 0) {
        return STATUS_INVALID;
    }
    page = window_map_cpu(cpu, SLOT, pa_init(num_align_down(entry.pa.pa, PAGE_SIZE)),
                          (entry.attributes & STAGE2_NS) | (copy->to_guest ? STAGE2_W : 0));
    if (copy->to_guest) {
        memcpy(page + offset, copy->core, size);
    } else {
        memcpy(copy->core, page + offset, size);
    }
    window_unmap_cpu(cpu, SLOT);
    return STATUS_OK;
}

static enum status copy_range(struct copy copy, struct ipaddr ipa, uint64_t size)
{
    uint64_t end;

    if (!num_try_add(ipa.ipa, size, &end)) {
        return STATUS_INVALID;
    }
    while (size != 0) {
        uint64_t part = num_min(size, PAGE_SIZE - (ipa.ipa & (PAGE_SIZE - 1)));
        enum status status = copy_page(&copy, ipa, part);

        if (status != STATUS_OK) {
            return status;
        }
        ipa = ipa_add(ipa, part);
        copy.core += part;
        size -= part;
    }
    return STATUS_OK;
}

enum status guestmem_read(struct vm *vm, struct ipaddr from, void *to, uint64_t size)
{
    return copy_range((struct copy){.vm = vm, .core = to, .to_guest = false}, from, size);
}

enum status guestmem_write(struct vm *vm, struct ipaddr to, const void *from, uint64_t size)
{
    /* Only read through: to_guest says which way. */
    return copy_range((struct copy){.vm = vm, .core = (uint8_t *)(uintptr_t)from, .to_guest = true},
                      to, size);
}
