/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A QEMU TCG plugin that counts executed instructions exactly: those of the core (an address range
 * given as core=BEGIN-END) and all others, and how many the core had executed when the first other
 * one came (boot to first VM entry). It prints one line at exit:
 *     [count] core N guest N before-guest N
 * Counts are sums over all CPUs. Run it with one CPU, or with -icount, to get repeatable figures.
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
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            void (*cb)(unsigned int, void *),
                                            enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, void *),
                                    void *data);

EXPORT int qemu_plugin_version = COUNT_PLUGIN_VERSION;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

/* QEMU's own boot stub runs from the start of RAM and is neither core nor guest. */
#define STUB_BEGIN UINT64_C(0x40000000)
#define STUB_END   UINT64_C(0x40001000)

static uint64_t core_begin, core_end;
static uint64_t core_count, guest_count, before_guest;

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
