/* SPDX-License-Identifier: BSD-3-Clause */
#include "model_local.h"

#include <stddef.h>
#include <string.h>

struct model model;

static bool is_refused; /* the call at hand */

/*
 * Every function that a VM may call or see. Those of the memory protocol are not there yet; what
 * only secure partitions, the SPMC or EL3 may call does not exist for a VM.
 */
static const struct model_row rows[] = {
    {FN_ERROR, true, false, V1_0, 0, NULL},
    {FN_SUCCESS, true, true, V1_0, 0, NULL},
    {FN_INTERRUPT, true, false, V1_0, 0, NULL},
    {FN_VERSION, true, false, 0, 0, model_version},
    {FN_FEATURES, true, false, V1_0, 0, model_features},
    {FN_RX_RELEASE, true, false, V1_0, 0, model_rx_release},
    {FN_RXTX_MAP, false, true, V1_0, 0, model_rxtx_map},
    {FN_RXTX_UNMAP, true, false, V1_0, 0, model_rxtx_unmap},
    {FN_PARTITION_INFO_GET, true, false, V1_0, 0, model_partition_info_get},
    {FN_ID_GET, true, false, V1_0, 0, model_id_get},
    {FN_MSG_POLL, true, false, V1_0, V1_0, model_msg_poll},
    {FN_MSG_WAIT, true, false, V1_0, 0, model_msg_wait},
    {FN_YIELD, true, false, V1_0, 0, model_yield},
    {FN_RUN, true, false, V1_0, 0, model_run},
    {FN_MSG_SEND, true, false, V1_0, V1_0, model_msg_send},
    {FN_DIRECT_REQ, true, true, V1_0, 0, model_direct_req},
    {FN_DIRECT_RESP, true, true, V1_0, 0, model_direct_resp},
    {FN_BIND, true, false, V1_1, 0, model_bind},
    {FN_UNBIND, true, false, V1_1, 0, model_unbind},
    {FN_SET, true, false, V1_1, 0, model_set},
    {FN_GET, true, false, V1_1, 0, model_get},
    {FN_INFO_GET, true, true, V1_1, 0, model_info_get},
    {FN_MSG_SEND2, true, false, V1_1, 0, model_msg_send2},
    /* v1.2 in the specification; older images use it, too (docs/ffa-coverage.md). */
    {FN_CONSOLE_LOG, true, true, V1_0, 0, model_console_log},
    {FN_PARTITION_INFO_GET_REGS, false, true, V1_2, 0, model_partition_info_get_regs},
    {FN_DIRECT_REQ2, false, true, V1_2, 0, model_direct_req2},
    {FN_DIRECT_RESP2, false, true, V1_2, 0, model_direct_resp2},
};

static bool row_exists(const struct model_row *row, const struct model_vm *vm, uint32_t fid)
{
    bool is_64 = (fid & FID_WIDTH_64) != 0;

    return (is_64 ? row->is_64 : row->is_32) && vm->version >= row->since &&
           (row->until == 0 || vm->version <= row->until) &&
           (row->fn != FN_INFO_GET || model_sri(vm) != 0);
}

const struct model_row *model_row_find(const struct model_vm *vm, uint32_t fid)
{
    uint32_t fn = fid & 0xffff;

    if ((fid & ~FID_WIDTH_64) != FID_32(fn)) {
        return NULL;
    }
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].fn == fn) {
            return row_exists(&rows[i], vm, fid) ? &rows[i] : NULL;
        }
    }
    return NULL;
}

static void model_truncate(struct model_vcpu *self)
{
    for (uint32_t i = 1; i < 8; i++) {
        self->x[i] = (uint32_t)self->x[i];
    }
}

static struct model_vcpu *call_row(struct model_vcpu *self, const struct model_row *row,
                                   uint32_t fid)
{
    struct model_vcpu *next;

    if (row == NULL || row->call == NULL) {
        return model_error(self, E_NOT_SUPPORTED);
    }
    self->x[0] = fid;
    if ((fid & FID_WIDTH_64) == 0) {
        model_truncate(self);
    }
    is_refused = false;
    next = row->call(self);
    /* The first success, FFA_VERSION apart, ends the negotiation. */
    if (!is_refused && row->fn != FN_VERSION) {
        self->vm->is_fixed = true;
    }
    return next;
}

void model_call(uint32_t cpu)
{
    struct model_vcpu *self = model.current[cpu];
    uint32_t fid = (uint32_t)self->x[0] & ~(uint32_t)FID_SVE_HINT;
    const struct model_row *row = model_row_find(self->vm, fid);

    model_switch(cpu, call_row(self, row, fid));
}

void model_result(struct model_vcpu *self, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    const uint64_t x[8] = {x0, x1, x2, x3, 0, 0, 0, 0};

    memcpy(self->x, x, sizeof(x));
}

struct model_vcpu *model_success(struct model_vcpu *self, uint64_t x2, uint64_t x3)
{
    model_result(self, FID_32(FN_SUCCESS), 0, x2, x3);
    return self;
}

struct model_vcpu *model_error(struct model_vcpu *self, uint32_t code)
{
    is_refused = true;
    model_result(self, FID_32(FN_ERROR), 0, code, 0);
    return self;
}

uint64_t model_info(const struct model_vcpu *vcpu)
{
    return (uint64_t)vcpu->vm->config->id << 16 | vcpu->index;
}

uint32_t model_messaging(const struct model_vm_config *config)
{
    uint32_t bits = config->messaging[0];

    for (uint32_t i = 1; i < config->uuids; i++) {
        bits |= config->messaging[i];
    }
    return bits;
}

struct model_vm *model_vm_find(uint16_t id)
{
    for (uint32_t i = 0; i < model.vms; i++) {
        if (model.vm[i].config->id == id) {
            return &model.vm[i];
        }
    }
    return NULL;
}

struct model_vm *model_endpoint(uint16_t id)
{
    struct model_vm *vm = model_vm_find(id);

    return vm != NULL && vm->config->version != 0 ? vm : NULL;
}

void model_reset(const struct model_vm_config *config, uint32_t vms)
{
    memset(&model, 0, sizeof(model));
    model.vms = vms;
    for (uint32_t i = 0; i < vms; i++) {
        struct model_vm *vm = &model.vm[i];

        vm->config = &config[i];
        vm->version = config[i].version;
        for (uint32_t k = 0; k < config[i].vcpus; k++) {
            vm->vcpu[k].vm = vm;
            vm->vcpu[k].index = k;
            if (!config[i].scheduled) {
                model.home[config[i].cpu[k]] = &vm->vcpu[k];
            }
        }
    }
}

void model_start(struct model_vcpu *vcpu, bool is_running)
{
    const struct model_vm_config *config = vcpu->vm->config;

    vcpu->state = is_running ? MODEL_RUNNING : MODEL_READY;
    if (is_running) {
        model.current[config->cpu[vcpu->index]] = vcpu;
    }
}
