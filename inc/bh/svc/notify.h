/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who is told of a notification or an indirect message, and how. A scheduled receiver: its
 * scheduler gets the schedule receiver interrupt (SRI) and finds it in the list of
 * FFA_NOTIFICATION_INFO_GET; the receiver gets the notification pending interrupt (NPI) when it has
 * the CPU. A pinned receiver has the core as its scheduler: the vCPU gets the NPI at once, and if
 * it waits in FFA_MSG_WAIT and has no use for the NPI, the wait ends. docs/ffa.md has the whole
 * story.
 * Locks: takes vCPU locks, and those of interrupts, inside the VM's. Source: DEN0077A 1.2
 * chapter 10.
 */
#pragma once

#include "bh/obj/vm.h"

#define NOTIFY_SRI 8u /* schedule receiver interrupt: an SGI */

/* Virtual interrupts of vm; 0: it has none. The SRI is for schedulers. */
uint32_t notify_npi(const struct vm *vm);
uint32_t notify_sri(const struct vm *vm);

/* Something has become pending for these targets of receiver (obj/notif.h), or a message for a
 * partition of v1.0 lies in its RX (targets: NOTIF_GLOBAL). */
void notify_receiver(struct vm_locked receiver, uint32_t targets);
/* Notifications of receiver were retrieved or reported: its scheduler's list follows. */
void notify_retrieved(struct vm_locked receiver);
/* Tail of a call that notified: current, unless the owner of its CPU has been interrupted. */
struct vcpu *notify_next(struct vcpu *current);
/* current has just begun to wait in FFA_MSG_WAIT, and next would run: the same, or current if there
 * is something to tell it already. */
struct vcpu *notify_wait(struct vcpu *current, struct vcpu *next);
/* v1.0: the message that lies unread in RX becomes the result of vcpu's call. False: there is
 * none. */
bool notify_try_message(struct vm_locked vm, struct vcpu *vcpu);
/* vm starts anew or is off: bindings, pending notifications and its place in the list are gone. */
void notify_reset(struct vm_locked vm);
/* There is something new in vm's list that no VM of ours is behind. Takes no lock of a VM. */
void notify_scheduler(struct vm *vm);
/* vm has been reset: what it is to be told as a scheduler it is told again. */
void notify_restart(struct vm *vm);

/* vcpu, scheduled, has been given a CPU and is about to be loaded. It is plain when there is
 * nothing to tell it. */
void notify_enter_pending(struct vcpu *vcpu);
static inline bool notify_enter_is_plain(const struct vcpu *vcpu)
{
    return !vcpu->scheduled || !notif_is_waiting(&vcpu->vm->notif, vcpu->index);
}
static inline void notify_enter(struct vcpu *vcpu)
{
    if (notif_is_waiting(&vcpu->vm->notif, vcpu->index)) {
        notify_enter_pending(vcpu);
    }
}
