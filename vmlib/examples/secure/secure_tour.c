/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The normal world of manifests/examples/secure.dts: no hypervisor, no operating system. Looks who
 * is in the secure world, starts its other CPUs, talks to everybody and prints what it got.
 */
#include "secure_messages.h"

#define SECRET UINT64_C(0x5ec2e7)
#define SLOT   3

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint32_t answers; /* of the adder, from all CPUs */

/* false: no answer, or none that is a yes. */
static bool ask(uint16_t id, uint64_t word, uint64_t x4, uint64_t x5, struct ffa_value *answer)
{
    *answer = ffa_direct_req_complete(id, word, x4, x5);
    if (!ffa_is_response(answer)) {
        console_print("tour: 0x%x does not answer: code %d\n", id, (int)ffa_error_code(answer));
        return false;
    }
    return answer->x[3] == SECURE_YES;
}

/* The first 8 bytes of its descriptor. */
static void show(uint64_t word)
{
    console_print("tour: found 0x%x, %u execution context(s), properties 0x%x\n",
                  (uint32_t)(word & 0xffff), (uint32_t)(word >> 16 & 0xffff),
                  (uint32_t)(word >> 32));
}

/* Without FF-A 1.2: descriptors of 8 bytes (1.0), or of as many as x3 says, in RX. */
static uint32_t look_around_in_rx(void)
{
    struct ffa_value result = ffa_rxtx_map(tx, rx, 1);
    uint32_t size;

    if (!ffa_is_error(&result)) {
        result = ffa_call(FFA_PARTITION_INFO_GET_32);
    }
    if (ffa_is_error(&result)) {
        console_print("tour: no SPMC: code %d\n", (int)ffa_error_code(&result));
        return 0;
    }
    size = result.x[3] != 0 ? (uint32_t)result.x[3] : 8;
    for (uint32_t i = 0; i < result.x[2]; i++) {
        show(*(const uint64_t *)(const void *)&rx[(uint64_t)i * size]);
    }
    (void)ffa_call(FFA_RX_RELEASE_32);
    return (uint32_t)result.x[2];
}

/* Three registers a partition, five partitions a call at most: DEN0077A 13.9. */
static uint32_t look_around(void)
{
    struct ffa_value result = ffa_call(FFA_PARTITION_INFO_GET_REGS_64);
    uint32_t last = (uint32_t)result.x[2] & 0xffff;

    if (result.x[0] != FFA_SUCCESS_64) {
        return look_around_in_rx();
    }
    for (uint32_t i = 0; i <= last && i < 5; i++) {
        show(result.x[3 + 3 * i]);
    }
    return last + 1;
}

static void add(uint64_t cpu)
{
    struct ffa_value answer;

    if (ask(ADDER_ID, ADD, 40, cpu, &answer)) {
        console_print("tour: CPU %lu: 40 + %lu = %lu, says context %lu of the adder\n", cpu, cpu,
                      answer.x[4], answer.x[5]);
        if (answer.x[4] == 40 + cpu && answer.x[5] == cpu) {
            atomic_increment(&answers);
        }
    }
}

static bool visit_adder(void)
{
    uint32_t count = smp_count();

    add(0);
    for (uint32_t cpu = 1; cpu < count; cpu++) {
        if (vmlib_cpu_start(cpu, add, cpu) != 0 || !smp_wait_off(cpu)) {
            console_print("tour: CPU %u does not come up\n", cpu);
        }
    }
    return atomic_read(&answers) == count;
}

static bool visit_vault(void)
{
    struct ffa_value answer;
    bool mine = ask(VAULT_ID, VAULT_PUT, SLOT, SECRET, &answer) &&
                ask(VAULT_ID, VAULT_GET, SLOT, 0, &answer) && answer.x[4] == SECRET;

    console_print("tour: the vault gave back 0x%lx\n", answer.x[4]);
    return mine;
}

/* What the clerk stores is the clerk's: the vault sees who asks. */
static bool visit_clerk(void)
{
    struct ffa_value answer;
    bool kept = ask(CLERK_ID, CLERK_PUT, SLOT + 1, SECRET + 1, &answer) &&
                ask(CLERK_ID, CLERK_GET, SLOT + 1, 0, &answer) && answer.x[4] == SECRET + 1;
    bool denied = !ask(CLERK_ID, CLERK_GET, SLOT, 0, &answer) &&
                  !ask(VAULT_ID, VAULT_GET, SLOT + 1, 0, &answer);

    console_print("tour: the clerk %s in the vault, and %s of others\n",
                  kept ? "keeps its own" : "keeps nothing", denied ? "gets nothing" : "gets that");
    return kept && denied;
}

/* Secure memory is not there for the normal world. */
static bool visit_memory(void)
{
    exception_expect();
    io_read32(0x0e100000);
    return exception_expected().count != 0;
}

int main(void)
{
    bool good;

    ffa_version(FFA_VERSION_1_2);
    good = look_around() == 3;
    good = visit_adder() && good;
    good = visit_vault() && good;
    good = visit_clerk() && good;
    good = visit_memory() && good;
    console_print(good ? "secure: three partitions answered, and kept their secrets\n"
                       : "secure: failed\n");
    return good ? 0 : 1;
}
