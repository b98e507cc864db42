/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupt hypercalls of VMs with the para-virtual interrupt model. HVC only. Ids and codes are
 * those of existing partitions (vmapi/bh.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/obj/vcpu.h"

/* Writes the result into current's x0. false: no such call for this VM, nothing changed. */
bool paravirt_try_call(struct vcpu *current, uint32_t fid);
