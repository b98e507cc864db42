/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the interrupt model (obj/virq.h) and the list registers of this CPU; for para-virtual
 * VMs, between the model and the virtual IRQ and FIQ lines.
 *
 * A vCPU's interrupts are in list registers only while it is loaded (cpu->current): virq_sync_leave
 * folds them into the model, virq_sync_enter fills them again. While it is loaded, an interrupt for
 * it that fits is written to a free list register at once; virq_sync does the whole work when that
 * is impossible, when another CPU asks (VCPU_ATTENTION_VIRQ), or at a maintenance interrupt.
 * Context: EL2. Locks: no function may be called with a lock of rank device or inner held.
 */
#pragma once

#include "bh/base/status.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vcpu.h"

#define VIRQ_PARAVIRT_NONE UINT32_C(0xffffffff)

/* vcpu is loaded: fold back what the guest did, refill list registers. Tail of an exit with
 * VCPU_ATTENTION_VIRQ (cleared by the caller before), and when list registers ask for service. */
void virq_sync(struct vcpu *vcpu);
/* The same, but looks at the list registers even if nobody asked. */
void virq_sync_full(struct vcpu *vcpu);
/* At a switch, vcpu loaded: leaves after arch_context_save, arrives after arch_context_load. Leave
 * also when it goes off. */
void virq_sync_leave(struct vcpu *vcpu);
void virq_sync_enter(struct vcpu *vcpu);
/* The two would do nothing: list registers and model are empty. */
bool virq_leave_is_plain(const struct cpu *cpu, const struct vcpu *vcpu);
bool virq_enter_is_plain(const struct cpu *cpu, const struct vcpu *vcpu);
/* Current vCPU: its list registers into the model, so that a register access sees the truth; then
 * attention makes the tail of the exit refill them. vm->virq.lock held. */
void virq_sync_fold(struct vcpu *vcpu);
/* vCPUs of vm (bits) that are loaded elsewhere look at their list registers; returns when they
 * have, so that seen_pending and seen_active are true. */
void virq_sync_others(struct vm *vm, uint32_t vcpus);
/* Makes vintid pending for vcpu (edge) or sets its line (level); syncs or kicks as needed. Any CPU.
 * An SPI goes to where it is routed in the VM of vcpu. An INTID that the VM lacks is ignored. */
void virq_inject(struct vcpu *vcpu, uint32_t vintid);
void virq_line_set(struct vcpu *vcpu, uint32_t vintid, bool level);
/* The same as virq_inject for a private vintid (< 32) of a vCPU that this CPU is about to load:
 * virq_sync_enter finds it. */
void virq_latch_private(struct vcpu *vcpu, uint32_t vintid);
/* The physical interrupt behind the SPI vintid, or of the virtual timer of vcpu, which is loaded on
 * cpu, has been acknowledged and stays active until the guest deactivates the virtual one. */
void virq_inject_hw(struct vm *vm, uint32_t vintid);
void virq_inject_vtimer(struct cpu *cpu, struct vcpu *vcpu);
/* vCPUs of vm (bits: indexes) whose list registers no longer match the model. No lock held. */
void virq_notify(struct vm *vm, uint32_t vcpus);
/* Physical interrupts of bank b that are held active for nothing are deactivated; bank 0: vcpu is
 * loaded. vm->virq.lock held. */
void virq_release_physical(struct vcpu *vcpu, uint32_t b);
/* A pending and enabled interrupt waits for vcpu (wakes WFI and remote waits). */
bool virq_is_pending(struct vcpu *vcpu);
/* The saved virtual timer of vcpu, which is not loaded, is due: its interrupt waits for it. */
void virq_latch_vtimer(struct vcpu *vcpu);

/*
 * Para-virtual interface of current (HF_INTERRUPT_*). Interrupt 3 is both timers of the vCPU: the
 * emulated CNTP, and CNTV, which is masked (CNTV_CTL_EL0.IMASK) when it fires.
 * STATUS_INVALID: neither a software interrupt (0..31) nor a device interrupt of the VM.
 */
enum status virq_paravirt_enable(struct vcpu *current, uint32_t intid, bool on,
                                 bool fiq) BH_NODISCARD;
/* Next pending and enabled interrupt, no longer pending; VIRQ_PARAVIRT_NONE. At EL1 of the normal
 * world the physical interrupt of a device is deactivated here: a level-triggered device that still
 * asserts comes again. Elsewhere a level stays active until the partition has finished with it: it
 * says so (virq_paravirt_end), asks for the next one, waits (virq_paravirt_end_all), or, at S-EL1,
 * is seen with interrupts open. */
uint32_t virq_paravirt_get(struct vcpu *current);
/* HF_INTERRUPT_DEACTIVATE: current has finished with intid, if it had taken it. Only if
 * virq.has_taken. */
void virq_paravirt_end(struct vcpu *current, uint64_t intid);
/* vcpu, which is about to wait, has finished with all that it had taken. Only if
 * virq.has_taken. */
void virq_paravirt_end_all(struct vcpu *vcpu);
/* The same interrupt, which stays pending, of any vCPU. */
uint32_t virq_paravirt_peek(struct vcpu *vcpu);
/* The same for a vCPU at EL0, which has no interrupt lines and need not be loaded. */
uint32_t virq_paravirt_take(struct vcpu *vcpu);
/* SPMC: what needs no device is enabled, as IRQ; managed exit as vm's manifest says. No vCPU of it
 * is loaded. */
void virq_paravirt_enable_own(struct vm *vm);
/* The SPI vintid is for vcpu from now on. */
void virq_target_set(struct vcpu *vcpu, uint32_t vintid);
/* The private interrupt intid of vcpu, of this CPU, is pending no more, if it was. */
void virq_paravirt_forget(struct vcpu *vcpu, uint32_t intid);
/* Every device interrupt of vm is enabled, as IRQ. No vCPU of it is loaded. */
void virq_paravirt_enable_devices(struct vm *vm);
