/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A storm: partitions of every kind do everything to each other that changes states of vCPUs, in an
 * order that looks random: direct and indirect messages, notifications, FFA_RUN, yield, wait, idle,
 * buffers mapped and unmapped meanwhile, another version of FF-A in each life, calls with nonsense
 * in their registers, CPU_ON and OFF, suspend, SGIs, timers, resets. Partition 1, the judge,
 * schedules those that are scheduled; when its own part is done, everybody must still answer it.
 */
#include "storm.h"

#define JUDGE         1
#define ROUNDS        600u /* per vCPU and life */
#define LIVES         4u
#define JUDGE_SECONDS 40u

uint32_t storm_partitions;

static bool quiet; /* only answers from now on */

static void start_sibling(uint64_t index);

static void fail(const char *what, uint64_t a, uint64_t b)
{
    console_print("storm: WRONG %s 0x%lx 0x%lx\n", what, a, b);
}

/* Each request gets its own answer, once. */
void storm_check_response(struct actor *actor, const struct ffa_value *value)
{
    if (ffa_is_response(value)) {
        uint64_t *asked = &actor->asked[ffa_sender(value) % PARTITIONS_MAX];

        if (*asked == 0 || value->x[3] != robust_echo(*asked)) {
            fail("answer", ffa_sender(value), *asked);
        }
        *asked = 0;
    }
}

static void do_request(struct actor *actor)
{
    uint16_t to = storm_somebody(actor);
    uint64_t x3 = robust_next(&actor->random) >> 1;

    robust_timer_arm(20 + storm_below(actor, 300));
    struct ffa_value value = ffa_direct_req(to, x3, 0, 0);

    /* A refused request changes nothing: the answer to the one before may still come. */
    if (!ffa_is_error(&value)) {
        actor->asked[to] = x3;
    }
    storm_check_response(actor, &value);
    for (uint32_t tries = storm_below(actor, 20); tries != 0 && !ffa_is_response(&value); tries--) {
        robust_irq_window();
        robust_timer_arm(100);
        value = ffa_run(to, 0);
        storm_check_response(actor, &value);
        if (ffa_is_error(&value) && ffa_error_code(&value) != FFA_BUSY) {
            break;
        }
    }
}

static void do_run(struct actor *actor)
{
    robust_timer_arm(50 + storm_below(actor, 300));
    struct ffa_value value = ffa_run(storm_somebody(actor), (uint16_t)storm_below(actor, 3));

    storm_check_response(actor, &value);
}

static void do_wait(struct actor *actor)
{
    robust_timer_arm(20 + storm_below(actor, 400));
    (void)storm_handle(actor, ffa_msg_wait());
}

static void do_yield(struct actor *actor)
{
    (void)actor;
    (void)ffa_yield();
}

static void do_mailbox(struct actor *actor)
{
    (void)ffa_rxtx_map(storm_tx, storm_rx, 1);
    for (uint32_t i = storm_below(actor, 3); i != 0; i--) {
        (void)ffa_call(FFA_PARTITION_INFO_GET_32, 0, 0, 0, 0, 0);
        if (storm_below(actor, 4) != 0) {
            (void)ffa_call(FFA_RX_RELEASE_32);
        }
    }
    if (storm_below(actor, 2) != 0) {
        (void)ffa_call(FFA_RXTX_UNMAP_32);
    }
}

static void do_siblings(struct actor *actor)
{
    uint32_t index = storm_below(actor, smp_count());

    if (index != 0 && index != actor->vcpu && psci_affinity_info(smp_mpidr(index)) == PSCI_IS_OFF) {
        start_sibling(index);
    }
    if (gic_dist_base() != 0) {
        gic_send_sgi_others(storm_below(actor, 4));
    }
}

static void do_idle(struct actor *actor)
{
    robust_timer_arm(20 + storm_below(actor, 300));
    if (storm_below(actor, 3) == 0) {
        cpu_wfe();
    } else if (storm_below(actor, 2) == 0) {
        (void)psci_call(PSCI_CPU_SUSPEND_64, 0, 0, 0);
    } else {
        cpu_wfi();
    }
}

/* Rarely: off in the middle of whatever it is, or the whole partition from the start. */
static void do_end(struct actor *actor)
{
    if (storm_below(actor, 8) != 0) {
        return;
    }
    if (actor->vcpu != 0 && storm_below(actor, 2) == 0) {
        smp_off();
    }
    if (actor->self != JUDGE && robust_memory()->life < LIVES && storm_below(actor, 4) == 0) {
        robust_memory()->life++;
        psci_system_reset();
    }
}

static void (*const actions[])(struct actor *actor) = {
    do_request,     do_request,  do_request, do_run,         do_run,       do_wait,
    do_wait,        do_yield,    do_mailbox, storm_indirect, storm_notify, storm_notify,
    storm_nonsense, do_siblings, do_idle,    do_end,
};

static void act(struct actor *actor)
{
    actions[storm_below(actor, sizeof(actions) / sizeof(actions[0]))](actor);
    robust_irq_window();
}

/* Whatever a wait ends with: requests are answered, some after a while. Returns what is none. */
struct ffa_value storm_handle(struct actor *actor, struct ffa_value value)
{
    while (ffa_is_request(&value)) {
        if (value.x[3] == ROBUST_STOP) {
            psci_system_off();
        }
        if (!quiet && storm_below(actor, 8) == 0) {
            do_request(actor);
            do_yield(actor);
            do_end(actor);
        }
        robust_irq_window();
        robust_timer_arm(20 + storm_below(actor, 400));
        value = ffa_direct_resp(&value, robust_echo(value.x[3]), 0, 0);
    }
    return value;
}

static void storm(struct actor *actor)
{
    robust_irq_init();
    robust_seed(&actor->random, actor->self * 16u + actor->vcpu, robust_memory()->life);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        act(actor);
    }
    timer_virtual_stop();
    robust_irq_window();
}

static void sibling(uint64_t index)
{
    struct actor actor = {.self = ffa_id_get(), .vcpu = (uint32_t)index};

    if (!quiet) {
        storm(&actor);
    }
}

static void start_sibling(uint64_t index)
{
    (void)vmlib_cpu_start((uint32_t)index, sibling, index);
}

/* The scheduled ones get time until they wait. */
static void run_everybody(void)
{
    for (uint16_t id = 2; id <= storm_partitions; id++) {
        for (uint16_t vcpu = 0; vcpu < 2; vcpu++) {
            robust_timer_arm(500);
            (void)ffa_run(id, vcpu);
            robust_irq_window();
        }
    }
}

/* Asks until the code is an answer to x3 or, for the last one, ABORTED. */
static bool insist(uint16_t id, uint64_t x3, enum ffa_code last)
{
    uint64_t end = timer_now() + JUDGE_SECONDS * timer_frequency();

    do {
        robust_timer_arm(2000);
        struct ffa_value value = ffa_direct_req(id, x3, 0, 0);

        for (uint32_t i = 0; i < 50 && !ffa_is_response(&value) && !ffa_is_error(&value); i++) {
            robust_irq_window();
            robust_timer_arm(2000);
            value = ffa_run(id, 0);
        }
        robust_irq_window();
        if (last == FFA_OK ? ffa_is_response(&value) && value.x[3] == robust_echo(x3)
                           : ffa_error_code(&value) == last) {
            return true;
        }
        run_everybody();
    } while (timer_now() < end);
    return false;
}

static void judge(void)
{
    uint32_t good = 0;

    for (uint32_t i = 1; i < smp_count(); i++) {
        uint64_t end = timer_now() + JUDGE_SECONDS * timer_frequency();

        while (psci_affinity_info(smp_mpidr(i)) != PSCI_IS_OFF && timer_now() < end) {
            run_everybody();
        }
    }
    for (uint16_t id = 2; id <= storm_partitions; id++) {
        if (insist(id, id, FFA_OK)) {
            good++;
        } else {
            fail("partition does not answer:", id, 0);
        }
    }
    for (uint16_t id = 2; id <= storm_partitions; id++) {
        if (!insist(id, ROBUST_STOP, FFA_ABORTED)) {
            fail("partition does not end:", id, 0);
        }
    }
    console_print("storm: %u of %u answer\n", good, storm_partitions - 1);
}

/* Another version in each life, except for the judge; and how many partitions there are, in all of
 * them. */
static void negotiate(void)
{
    struct robust_memory *memory = robust_memory();

    if (memory->life != 0) {
        (void)ffa_call(FFA_VERSION_32, FFA_VERSION_1_2 - memory->life % 3);
    }
    (void)ffa_rxtx_map(storm_tx, storm_rx, 1);
    storm_partitions = (uint32_t)ffa_call(FFA_PARTITION_INFO_GET_32).x[2];
    (void)ffa_call(FFA_RX_RELEASE_32);
    (void)ffa_call(FFA_RXTX_UNMAP_32);
}

int main(void)
{
    struct actor actor;

    negotiate();
    actor = (struct actor){.self = ffa_id_get()};
    quiet = false;
    for (uint32_t i = 1; i < smp_count(); i++) {
        start_sibling(i);
    }
    storm(&actor);
    quiet = true;
    if (actor.self == JUDGE) {
        judge();
        return 0;
    }
    robust_irq_init();
    if (++robust_memory()->life <= LIVES) {
        psci_system_reset();
    }
    console_print("storm: partition %u is done\n", actor.self);
    for (;;) {
        (void)storm_handle(&actor, ffa_msg_wait());
        robust_irq_window();
    }
}
