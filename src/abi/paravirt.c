/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/abi/paravirt.h"

#include "bh/base/cold.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/nwd.h"
#include "bh/svc/virq_sync.h"
#include "vmapi/bh.h"

/* x1 interrupt, x2 off or on, x3 as IRQ or as FIQ. Other values of x2 and x3 mean nothing. */
static uint64_t paravirt_enable(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    enum status status;

    if (x[1] > UINT32_MAX || x[2] > 1 || x[3] > BH_INTERRUPT_FIQ) {
        return BH_INTERRUPT_REFUSED;
    }
    status = virq_paravirt_enable(current, (uint32_t)x[1], x[2] != 0, x[3] == BH_INTERRUPT_FIQ);
    return status == STATUS_OK ? 0 : BH_INTERRUPT_REFUSED;
}

/* What only SPs have. */
static BH_COLD bool paravirt_try_secure(struct vcpu *current, uint32_t fid)
{
    uint64_t *x = current->ctx.x;
    enum status status = STATUS_OK;

    switch (fid) {
    case BH_INTERRUPT_DEACTIVATE:
        if (current->virq.has_taken) {
            virq_paravirt_end(current, x[2]);
        }
        break;
    case BH_INTERRUPT_RECONFIGURE:
        status =
            x[1] > UINT32_MAX || x[2] > IRQ_RECONFIGURE_ENABLE
                ? STATUS_INVALID
                : irq_route_reconfigure(current, (uint32_t)x[1], (enum irq_reconfigure)x[2], x[3]);
        break;
    case BH_INTERRUPT_SEND_IPI:
        status = nwd_send_ipi(current, x[1]);
        break;
    default:
        return false;
    }
    x[0] = status == STATUS_OK ? 0 : BH_INTERRUPT_REFUSED;
    return true;
}

bool paravirt_try_call(struct vcpu *current, uint32_t fid)
{
    if (!current->vm->virq.paravirt) {
        return false;
    }
    switch (fid) {
    case BH_INTERRUPT_ENABLE:
        current->ctx.x[0] = paravirt_enable(current);
        return true;
    case BH_INTERRUPT_GET:
        current->ctx.x[0] = virq_paravirt_get(current);
        return true;
    default:
        return role_is_secure() && paravirt_try_secure(current, fid);
    }
}
