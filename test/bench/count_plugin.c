/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A QEMU TCG plugin that counts executed instructions exactly: those of the core (an address range
 * given as core=BEGIN-END) and all others, and how many the core had executed when the first other
 * one came (boot to first VM entry). It prints one line at exit:
 *     [count] core N guest N before-guest N
 * Counts are sums over all CPUs. Run it with one CPU, or with -icount, to get repeatable figures.
 *
 * Between the guest's instructions MARK_BEGIN and MARK_END, it also counts what real CPUs pay for
 * in the core, by class, and prints the sums at the end mark:
 *     [vector] loads N stores N ...
 *
 * The plugin interface is declared here as far as it is used, because Debian's QEMU packages bring
 * no header for it (QEMU documentation, "QEMU TCG Plugins", API).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
#if COUNT_PLUGIN_COPIES
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t size);
#else
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
#endif
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            void (*cb)(unsigned int, void *),
                                            enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, void *),
                                    void *data);

EXPORT int qemu_plugin_version = COUNT_PLUGIN_VERSION;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

/* COUNT_PLUGIN_COPIES: QEMU 9.1 and later copy an instruction to where they are told. */

/* QEMU's own boot stub runs from the start of RAM and is neither core nor guest. */
#define STUB_BEGIN UINT64_C(0x40000000)
#define STUB_END   UINT64_C(0x40001000)

static uint64_t core_begin, core_end;
static uint64_t core_count, guest_count, before_guest;

/* What an instruction is, for the vector. */
enum insn_class {
    INSN_LOAD,
    INSN_STORE,
    INSN_SYSREG_EL1, /* moves to and from registers that partitions have, too */
    INSN_SYSREG_GIC, /* ICC and ICH */
    INSN_SYSREG_EL2,
    INSN_TLBI,
    INSN_CACHE,
    INSN_DSB,
    INSN_DMB,
    INSN_ISB,
    INSN_ERET, /* one for each exception taken */
    INSN_CLASSES,
};

static const char *const class_names[INSN_CLASSES] = {
    "loads", "stores", "el1", "gic", "el2", "tlbi", "cache", "dsb", "dmb", "isb", "eret"};
static uint64_t class_counts[INSN_CLASSES];
static bool is_marked;

/* hint #0x60, #0x61: not allocated, so no operation. */
#define MARK_BEGIN 0xd5032c1fu
#define MARK_END   0xd5032c3fu

static void marked(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    memset(class_counts, 0, sizeof(class_counts));
    is_marked = true;
}

static void unmarked(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    is_marked = false;
    fprintf(stderr, "\n[vector]");
    for (uint32_t i = 0; i < INSN_CLASSES; i++) {
        fprintf(stderr, " %s %" PRIu64, class_names[i], class_counts[i]);
    }
    fprintf(stderr, "\n");
}

static void class_executed(unsigned int cpu, void *data)
{
    (void)cpu;
    if (is_marked) {
        __atomic_fetch_add((uint64_t *)data, 1, __ATOMIC_RELAXED);
    }
}

static uint32_t bits_of(uint32_t opcode, uint32_t high, uint32_t low)
{
    return opcode >> low & ((2u << (high - low)) - 1);
}

/* Loads and stores (Arm ARM C4.1.94); a read-modify-write counts as a load. */
static enum insn_class class_of_memory(uint32_t opcode)
{
    uint32_t kind = bits_of(opcode, 29, 27);

    if (kind == 3 && bits_of(opcode, 24, 24) == 0) {
        return INSN_LOAD; /* literal */
    }
    if (kind != 7) {
        return bits_of(opcode, 22, 22) != 0 ? INSN_LOAD : INSN_STORE;
    }
    if (bits_of(opcode, 24, 24) == 0 && bits_of(opcode, 21, 21) != 0 &&
        bits_of(opcode, 11, 10) == 0) {
        return INSN_LOAD; /* atomic memory operation */
    }
    /* A store of a 128-bit register has the form 10. */
    return bits_of(opcode, 23, 22) == 0 ||
                   (bits_of(opcode, 26, 26) != 0 && bits_of(opcode, 23, 22) == 2)
               ? INSN_STORE
               : INSN_LOAD;
}

/* Barriers, SYS and moves of system registers (C4.1.93). */
static enum insn_class class_of_system(uint32_t opcode)
{
    uint32_t op1 = bits_of(opcode, 18, 16), crn = bits_of(opcode, 15, 12);
    bool is_gic = crn == 12 && bits_of(opcode, 11, 8) >= 8;

    if ((opcode & 0xfffff01fu) == 0xd503301fu) {
        static const enum insn_class barriers[8] = {INSN_CLASSES, INSN_CLASSES, INSN_CLASSES,
                                                    INSN_CLASSES, INSN_DSB,     INSN_DMB,
                                                    INSN_ISB,     INSN_CLASSES};

        return barriers[bits_of(opcode, 7, 5)];
    }
    if (bits_of(opcode, 20, 19) == 1) {
        return crn == 8 ? INSN_TLBI : crn == 7 ? INSN_CACHE : INSN_CLASSES;
    }
    if (bits_of(opcode, 20, 20) == 0) {
        return INSN_CLASSES; /* hints, PSTATE fields */
    }
    if (is_gic || (op1 == 0 && crn == 4 && bits_of(opcode, 11, 8) == 6)) {
        return INSN_SYSREG_GIC;
    }
    return op1 == 4 ? INSN_SYSREG_EL2 : INSN_SYSREG_EL1;
}

/* INSN_CLASSES: none of those. */
static enum insn_class class_of(uint32_t opcode)
{
    if (opcode == 0xd69f03e0u) {
        return INSN_ERET;
    }
    if (bits_of(opcode, 31, 22) == 0x354) {
        return class_of_system(opcode);
    }
    if (bits_of(opcode, 27, 27) == 1 && bits_of(opcode, 25, 25) == 0) {
        return class_of_memory(opcode);
    }
    return INSN_CLASSES;
}

static uint32_t opcode_of(const struct qemu_plugin_insn *insn)
{
    uint32_t opcode = 0;

#if COUNT_PLUGIN_COPIES
    (void)qemu_plugin_insn_data(insn, &opcode, sizeof(opcode));
#else
    memcpy(&opcode, qemu_plugin_insn_data(insn), sizeof(opcode));
#endif
    return opcode;
}

static void classify(struct qemu_plugin_insn *insn, bool is_core)
{
    uint32_t opcode = opcode_of(insn);
    enum insn_class what = is_core ? class_of(opcode) : INSN_CLASSES;
    void (*mark)(unsigned int, void *) = opcode == MARK_BEGIN ? marked
                                         : opcode == MARK_END ? unmarked
                                                              : NULL;

    if (what != INSN_CLASSES) {
        qemu_plugin_register_vcpu_insn_exec_cb(insn, class_executed, QEMU_PLUGIN_CB_NO_REGS,
                                               &class_counts[what]);
    }
    if (!is_core && mark != NULL) {
        qemu_plugin_register_vcpu_insn_exec_cb(insn, mark, QEMU_PLUGIN_CB_NO_REGS, NULL);
    }
}

static void core_executed(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    __atomic_fetch_add(&core_count, 1, __ATOMIC_RELAXED);
}

static void guest_executed(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    if (__atomic_fetch_add(&guest_count, 1, __ATOMIC_RELAXED) == 0) {
        before_guest = core_count;
    }
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);

    (void)id;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t address = qemu_plugin_insn_vaddr(insn);
        bool is_core = address >= core_begin && address < core_end;

        if (address >= STUB_BEGIN && address < STUB_END) {
            continue;
        }
        qemu_plugin_register_vcpu_insn_exec_cb(insn, is_core ? core_executed : guest_executed,
                                               QEMU_PLUGIN_CB_NO_REGS, NULL);
        classify(insn, is_core);
    }
}

static void finished(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    fprintf(stderr, "[count] core %" PRIu64 " guest %" PRIu64 " before-guest %" PRIu64 "\n",
            core_count, guest_count, before_guest);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "core=", 5) == 0) {
            char *end;

            core_begin = strtoull(argv[i] + 5, &end, 0);
            core_end = *end == '-' ? strtoull(end + 1, NULL, 0) : 0;
        }
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
