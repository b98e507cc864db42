/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The CPUs of the small world, moved by hand: a test says which CPU does what, and sees who runs
 * there next. The primary VM's vCPU n is the home of CPU n; CPU 4's is the plain VM's.
 */
#pragma once

#include "bh/svc/chain.h"
#include "test/host/world/world.h"
#include "vmapi/ffa.h"

#define CHAIN_PLAIN_CPU 4
#define CHAIN_DEADLINE  UINT64_C(3000)
#define CHAIN_NOW       UINT64_C(1000)

struct chain_fixture {
    /* Called while a CPU saves or loads a vCPU: what other CPUs do meanwhile. */
    void (*on_save)(void), (*on_load)(void);
    uint32_t sgis;
    uint64_t sgi_mpidr; /* of the last one */
    uint64_t deadline;
    bool is_plain; /* no interrupts to move at a switch */
    uint32_t fp_saves;
    bool fp_is_trapped;
};

extern struct chain_fixture chain_fixture;

int chain_setup(void **state);
/* From now on chain_setup makes a world without interrupts to move at a switch: run_switch takes
 * its short way. */
int chain_plain(void **state);
/* All tests, twice. */
#define CHAIN_RUN_TESTS(name, tests)                                                               \
    (cmocka_run_group_tests_name((name), (tests), NULL, NULL) +                                    \
     cmocka_run_group_tests_name((name), (tests), chain_plain, NULL))
/* The tail of an exit on this CPU whose handler says next: who runs now; NULL: the CPU sleeps. */
struct vcpu *chain_enter(uint32_t cpu, struct vcpu *next);
/* An interrupt (the kick, at least) reaches the CPU while it sleeps. */
struct vcpu *chain_wake(uint32_t cpu);
/* chain_enter for results that must be STATUS_OK. */
struct vcpu *chain_accept(uint32_t cpu, struct chain_result result);
/* Whoever runs on this CPU becomes the one whose calls are made. */
struct vcpu *chain_on(uint32_t cpu);
/* Word x1 that names vcpu. */
uint64_t chain_info(const struct vcpu *vcpu);
/* A direct request from one to the other, with x3 as the text. */
struct chain_result chain_ask(struct vcpu *from, struct vcpu *to, uint64_t x3);
struct chain_result chain_answer(struct vcpu *from, const struct vcpu *to, uint64_t x3);
/* The same with FFA_MSG_SEND_DIRECT_REQ2 and RESP2. All four set every register of from: those that
 * are not named to world_pattern. */
struct chain_result chain_ask2(struct vcpu *from, struct vcpu *to, uint64_t x3);
struct chain_result chain_answer2(struct vcpu *from, const struct vcpu *to, uint64_t x3);
/* Fails unless vcpu's x0, x1 and x3 are these. */
void chain_expect(const struct vcpu *vcpu, uint64_t x0, uint64_t x1, uint64_t x3);

#define PRIMARY(i) world_vcpu(WORLD_PRIMARY, (i))
#define SERVICE(i) world_vcpu(WORLD_SERVICE, (i))
#define MUTE       world_vcpu(WORLD_MUTE, 0)
#define PLAIN      world_vcpu(WORLD_NO_FFA, 0)
