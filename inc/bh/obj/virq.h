/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual interrupts of a VM and its vCPUs, without registers: what is pending, enabled, active,
 * with priority and target. One model for the virtual GICv3 and the para-virtual interface.
 * (The interrupt owner replaces this first sketch.)
 */
#pragma once

#include <stdint.h>

#include "bh/base/lock.h"

struct virq_vcpu {
    uint32_t placeholder;
};

struct virq_vm {
    uint32_t placeholder;
};
