/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The same small system twice: as objects of the core, through the fixtures of test/host, and in
 * the model. Both are described once, by a table.
 */
#pragma once

#include <stdint.h>

#include "model.h"

struct vcpu;

/* Pinned to CPUs 0 to 3, schedules 2, 3, 5 and 7; 2: two UUIDs; 3: one vCPU; 4: no endpoint, CPU 4;
 * 5: v1.0; 6: v1.1, CPU 5, schedules 8; 7: v1.1, four vCPUs. */
#define MODEL_PRIMARY 1
#define MODEL_PLAIN   4
#define MODEL_PINNED  6

#define MODEL_PINNED_CPU 5

/* Bytes that choose versions and messaging methods, one per VM; 0 leaves the VM as above. */
#define MODEL_WORLD_BYTES MODEL_VMS

/* Both anew. Every vCPU is on; those of pinned VMs run. */
void model_world_setup(const uint8_t bytes[MODEL_WORLD_BYTES]);

struct vcpu *model_world_vcpu(const struct model_vcpu *vcpu);
/* The partition writes to its TX, if that is mapped and has room. */
void model_world_tx_write(struct model_vm *mine, uint32_t at, const void *bytes, uint32_t size);
/* A step begins: what it raises and prints will be compared. */
void model_world_begin(void);
/* Ends the process, with a description, unless the core is as the model says. */
void model_world_compare(void);
