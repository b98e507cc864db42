/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Copies a VM's images from the bundle into its memory: at first start and at each reset, so that
 * a restarted VM always gets a clean image. Context: no vCPU of the VM runs.
 */
#pragma once

#include "bh/obj/vm.h"

void vm_load_images(struct vm *vm);
/* Zeroes what the VM could have written and shares with nobody: after an abort, before its images
 * are loaded again. Takes as long as writing all of that once, on the CPU of the last vCPU that
 * left, with interrupts masked. */
void vm_clear_memory(struct vm *vm);
