/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of RX/TX buffers: what the normal world asks for its VMs, to the SPMC.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* The caller is the normal world, and id that of one of its VMs. */
bool ffa_world_speaks_of_vm(const struct vcpu *current, uint64_t id);
struct vcpu *ffa_world_rxtx_map(struct vcpu *current);
struct vcpu *ffa_world_rxtx_unmap(struct vcpu *current);
struct vcpu *ffa_world_rx_release(struct vcpu *current);
