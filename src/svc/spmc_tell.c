/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Secure partitions that want to know of VMs that come and go. The partition runs on this CPU until
 * it has answered; no interrupt of the normal world stops it on the way.
 */
#include "bh/svc/spmc_below.h"

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_irq.h"
#include "bh/base/log.h"
#include "vmapi/ffa.h"

#define TELL_CREATED   (FFA_FRAMEWORK_MESSAGE | 4)
#define TELL_DESTROYED (FFA_FRAMEWORK_MESSAGE | 6)
#define TELL_NO_HANDLE UINT32_MAX
/* Calls until it is given up: one that is busy with other CPUs gets this long to finish. */
#define TELL_CALLS     100000u

static struct arch_smc_regs message(uint16_t to, uint16_t vm, uint64_t type)
{
    struct arch_smc_regs regs = {
        .x = {FFA_MSG_SEND_DIRECT_REQ_32, to, type, TELL_NO_HANDLE, TELL_NO_HANDLE, vm}};

    arch_smc(&regs);
    return regs;
}

static struct arch_smc_regs run(uint64_t target)
{
    struct arch_smc_regs regs = {.x = {FFA_RUN_32, target}};

    arch_smc(&regs);
    return regs;
}

/* The answer's status, or the error that the SPMC gave. */
static int32_t ask(uint16_t to, uint16_t vm, uint64_t type)
{
    struct arch_smc_regs regs = message(to, vm, type);

    for (uint32_t i = 0; i < TELL_CALLS; i++) {
        uint32_t fid = (uint32_t)regs.x[0];
        int32_t code = (int32_t)(fid == FFA_ERROR_32 ? regs.x[2] : regs.x[3]);

        if (fid == FFA_INTERRUPT_32 || fid == FFA_YIELD_32) {
            regs = run((uint32_t)regs.x[1]);
        } else if ((fid == FFA_ERROR_32 && code == FFA_BUSY) || code == FFA_RETRY) {
            regs = message(to, vm, type);
        } else {
            return fid == FFA_ERROR_32 || fid == FFA_MSG_SEND_DIRECT_RESP_32 ? code
                                                                             : FFA_NOT_SUPPORTED;
        }
    }
    return FFA_BUSY;
}

static void tell(const struct vm_config *vm, uint64_t type, uint32_t property)
{
    for (uint32_t i = 0; i < spmc_count(); i++) {
        const struct spmc_partition *partition = spmc_get(i);
        int32_t code;

        /* Once for all its UUIDs. */
        if ((partition->properties & property) == 0 || spmc_find(partition->id) != partition) {
            continue;
        }
        arch_irq_hold(true);
        code = ask(partition->id, vm->id, type);
        arch_irq_hold(false);
        if (code != FFA_OK) {
            log_warning("SPMC: partition 0x%x, told that %s is %s: error %d", partition->id,
                        vm->name, type == TELL_CREATED ? "there" : "gone", code);
        }
    }
}

void spmc_tell_created(const struct vm_config *vm)
{
    tell(vm, TELL_CREATED, FFA_PROPERTY_VM_CREATED);
}

void spmc_tell_destroyed(const struct vm_config *vm)
{
    tell(vm, TELL_DESTROYED, FFA_PROPERTY_VM_DESTROYED);
}
