/* SPDX-License-Identifier: BSD-3-Clause */
/* Version, features, ids, buffers, console. */
#include <stddef.h>
#include <string.h>

#include "model_local.h"

#define OWN_VERSION V1_2
#define MAX_PAGES   4 /* of one buffer: docs/ffa.md */
#define PAGE        UINT64_C(4096)
#define FEATURE_NPI 1
#define FEATURE_SRI 2

struct model_vcpu *model_version(struct model_vcpu *self)
{
    struct model_vm *vm = self->vm;
    uint32_t asked = (uint32_t)self->x[1];
    bool is_compatible = asked >> 31 == 0 && asked >> 16 == OWN_VERSION >> 16 &&
                         (asked & 0xffff) <= (OWN_VERSION & 0xffff);
    bool is_endpoint = vm->config->version != 0;

    if (is_compatible && is_endpoint && vm->is_fixed && vm->version != asked) {
        is_compatible = false;
    }
    if (is_compatible && is_endpoint) {
        vm->version = asked;
    }
    model_result(self, is_compatible ? OWN_VERSION : E_NOT_SUPPORTED, 0, 0, 0);
    return self;
}

struct model_vcpu *model_features(struct model_vcpu *self)
{
    uint32_t asked = (uint32_t)self->x[1];
    const struct model_row *row = asked >> 31 != 0 ? model_row_find(self->vm, asked) : NULL;
    uint32_t properties = 0;

    if (asked == FEATURE_NPI && self->x[2] == 0 && model_npi(self->vm) != 0) {
        return model_success(self, model_npi(self->vm), 0);
    }
    if (asked == FEATURE_SRI && self->x[2] == 0 && model_sri(self->vm) != 0) {
        return model_success(self, model_sri(self->vm), 0);
    }
    if (row == NULL) {
        return model_error(self, E_NOT_SUPPORTED);
    }
    if (row->fn == FN_RXTX_MAP && self->vm->version >= V1_2) {
        properties = MAX_PAGES << 16; /* and zeros: buffers of 4 KiB */
    }
    return model_success(self, properties, 0);
}

struct model_vcpu *model_id_get(struct model_vcpu *self)
{
    return model_success(self, self->vm->config->id, 0);
}

static bool buffer_is_good(uint64_t begin, uint32_t pages)
{
    if (begin % PAGE != 0) {
        return false;
    }
    for (uint32_t i = 0; i < pages; i++) {
        if (!model.is_ram(begin + i * PAGE)) {
            return false;
        }
    }
    return true;
}

struct model_vcpu *model_rxtx_map(struct model_vcpu *self)
{
    struct model_vm *vm = self->vm;
    uint64_t tx = self->x[1], rx = self->x[2];
    uint32_t pages = self->x[3] & 0x3f;

    if (vm->mapped) {
        return model_error(self, E_DENIED);
    }
    if (pages == 0 || pages > MAX_PAGES || !buffer_is_good(tx, pages) ||
        !buffer_is_good(rx, pages) || (tx < rx ? rx - tx < pages * PAGE : tx - rx < pages * PAGE)) {
        return model_error(self, E_INVALID);
    }
    vm->mapped = true;
    vm->rx_full = false;
    vm->message_unread = false;
    vm->pages = pages;
    vm->tx = tx;
    vm->rx = rx;
    return model_success(self, 0, 0);
}

struct model_vcpu *model_rxtx_unmap(struct model_vcpu *self)
{
    if (self->x[1] != 0 || !self->vm->mapped) {
        return model_error(self, E_INVALID);
    }
    self->vm->mapped = false;
    self->vm->rx_full = false;
    self->vm->message_unread = false;
    return model_success(self, 0, 0);
}

struct model_vcpu *model_rx_release(struct model_vcpu *self)
{
    if (!self->vm->mapped || !self->vm->rx_full) {
        return model_error(self, E_DENIED);
    }
    self->vm->rx_full = false;
    self->vm->message_unread = false;
    return model_success(self, 0, 0);
}

struct model_vcpu *model_console_log(struct model_vcpu *self)
{
    bool is_64 = (self->x[0] & FID_WIDTH_64) != 0;
    uint32_t per_register = is_64 ? 8 : 4;
    uint64_t count = self->x[1];
    uint32_t registers = is_64 && self->vm->version >= V1_2 ? 16 : 6;

    if (count == 0 || count > registers * per_register) {
        return model_error(self, E_INVALID);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t word = self->x[2 + i / per_register];

        model.log_text[i] = (char)(word >> (8 * (i % per_register)));
    }
    model.log_length = (uint32_t)count;
    return model_success(self, 0, 0);
}
