/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/nwd_vm.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/base/libc.h"
#include "bh/obj/vcpu.h"
#include "bh/svc/notify.h"

static struct nwd_vm nwd_vms[NWD_VMS];
static uint64_t nwd_wanted; /* shared, atomic: bit per index of an SP */

struct nwd_vm *nwd_vm_get(struct vm_locked world, uint32_t n)
{
    (void)world;
    return &nwd_vms[n];
}

struct nwd_vm *nwd_vm_find(struct vm_locked world, uint16_t id)
{
    (void)world;
    for (uint32_t i = 0; i < NWD_VMS; i++) {
        if (nwd_vms[i].exists && nwd_vms[i].id == id) {
            return &nwd_vms[i];
        }
    }
    return NULL;
}

static struct nwd_vm *find_free(void)
{
    for (uint32_t i = 0; i < NWD_VMS; i++) {
        if (!nwd_vms[i].exists) {
            return &nwd_vms[i];
        }
    }
    return NULL;
}

enum status nwd_vm_create(struct vm_locked world, uint16_t id, uint32_t vcpus)
{
    struct nwd_vm *vm = find_free();

    if (!nwd_id_is_possible(id) || vcpus == 0) {
        return STATUS_INVALID;
    }
    if (nwd_vm_find(world, id) != NULL) {
        return STATUS_ALREADY;
    }
    if (vm == NULL || vcpus > CONFIG_MAX_VCPUS) {
        return STATUS_NO_MEMORY;
    }
    *vm = (struct nwd_vm){.exists = true, .id = id, .vcpus = (uint16_t)vcpus};
    return STATUS_OK;
}

enum status nwd_vm_destroy(struct vm_locked world, uint16_t id)
{
    struct nwd_vm *vm = nwd_vm_find(world, id);

    if (vm == NULL || vm->notif.waiting != 0) {
        return STATUS_DENIED;
    }
    vm->exists = false;
    return STATUS_OK;
}

void nwd_sri(bool is_delayed)
{
    struct cpu *cpu = arch_cpu_self();

    if ((is_delayed || cpu->interrupts.sri_is_delayed) && cpu->home != NULL) {
        cpu->interrupts.sri = true;
        vcpu_attention_set(cpu->home, VCPU_ATTENTION_WORLD);
    } else {
        arch_irq_send_sgi_other(cpu->mpidr, NOTIFY_SRI);
    }
}

void nwd_want(const struct vm *vm)
{
    (void)__atomic_fetch_or(&nwd_wanted, UINT64_C(1) << vm->config->index, __ATOMIC_RELAXED);
    nwd_sri(true);
}

uint64_t nwd_wanted_take(uint64_t vms)
{
    return __atomic_fetch_and(&nwd_wanted, ~vms, __ATOMIC_RELAXED);
}

void nwd_sri_flush(struct cpu *cpu)
{
    if (cpu->interrupts.sri) {
        cpu->interrupts.sri = false;
        arch_irq_send_sgi_other(cpu->mpidr, NOTIFY_SRI);
    }
}
