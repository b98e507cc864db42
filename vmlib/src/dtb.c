/* SPDX-License-Identifier: BSD-3-Clause */
#include "vmlib_dtb.h"

#include <libfdt.h>
#include <stddef.h>

#include "bh/base/libc.h"
#include "vmlib_cpu.h"
#include "vmlib_exception.h"
#include "vmlib_io.h"

/* Guest device trees and those of QEMU fit; a wild size does not. */
#define DTB_MAX_SIZE (2 * 1024 * 1024)

static const void *dtb;
static uint64_t entry_argument;

/* x0 may be a memory size: reading there may fault, and then it is no device tree. */
static bool is_dtb(uint64_t address)
{
    if (address == 0 || address % 8 != 0) {
        return false;
    }
    exception_expect();
    uint32_t magic = io_read32(address);

    if (exception_expected().count != 0 || magic != cpu_to_fdt32(FDT_MAGIC)) {
        return false;
    }
    return fdt_check_header((const void *)address) == 0 &&
           fdt_totalsize((const void *)address) <= DTB_MAX_SIZE;
}

void dtb_init(uint64_t argument)
{
    entry_argument = argument;
    dtb = is_dtb(argument) ? (const void *)argument : NULL;
}

const void *dtb_get(void)
{
    return dtb;
}

uint64_t dtb_entry_argument(void)
{
    return entry_argument;
}

const char *dtb_bootargs(void)
{
    if (dtb == NULL) {
        return "";
    }
    int chosen = fdt_path_offset(dtb, "/chosen");
    const char *text = chosen < 0 ? NULL : fdt_getprop(dtb, chosen, "bootargs", NULL);

    return text == NULL ? "" : text;
}

static uint64_t cells_read(const fdt32_t *cell, int count)
{
    uint64_t value = 0;

    for (int i = 0; i < count; i++) {
        value = value << 32 | fdt32_to_cpu(cell[i]);
    }
    return value;
}

static bool node_try_reg(int node, uint32_t n, struct dtb_range *range)
{
    int length;
    int parent = fdt_parent_offset(dtb, node);
    const fdt32_t *reg = fdt_getprop(dtb, node, "reg", &length);

    if (parent < 0 || reg == NULL) {
        return false;
    }
    int address_cells = fdt_address_cells(dtb, parent);
    int size_cells = fdt_size_cells(dtb, parent);
    int group = address_cells + size_cells;

    if (address_cells < 1 || size_cells < 0 || (n + 1) * (uint32_t)group * 4 > (uint32_t)length) {
        return false;
    }
    range->base = cells_read(reg + n * (uint32_t)group, address_cells);
    range->size = cells_read(reg + n * (uint32_t)group + address_cells, size_cells);
    return true;
}

bool dtb_try_reg(const char *compatible, uint32_t n, struct dtb_range *range)
{
    if (dtb == NULL) {
        return false;
    }
    int node = fdt_node_offset_by_compatible(dtb, -1, compatible);

    return node >= 0 && node_try_reg(node, n, range);
}

/* Entry n over the reg of all nodes with this device_type. */
static bool type_try_reg(const char *type, uint32_t n, struct dtb_range *range)
{
    int node = -1;

    if (dtb == NULL) {
        return false;
    }
    for (;;) {
        node = fdt_node_offset_by_prop_value(dtb, node, "device_type", type, (int)strlen(type) + 1);
        if (node < 0) {
            return false;
        }
        for (uint32_t i = 0; node_try_reg(node, i, range); i++) {
            if (n-- == 0) {
                return true;
            }
        }
    }
}

bool dtb_try_memory(uint32_t n, struct dtb_range *range)
{
    return type_try_reg("memory", n, range);
}

bool dtb_try_cpu(uint32_t n, uint64_t *mpidr)
{
    struct dtb_range range;

    if (!type_try_reg("cpu", n, &range)) {
        return false;
    }
    *mpidr = range.base;
    return true;
}

uint32_t dtb_cpu_count(void)
{
    uint64_t mpidr;
    uint32_t count = 0;

    while (count < VMLIB_MAX_CPUS && dtb_try_cpu(count, &mpidr)) {
        count++;
    }
    return count == 0 ? 1 : count;
}

bool dtb_try_interrupt(const char *compatible, uint32_t n, uint32_t *intid)
{
    int length = 0;
    int node = dtb == NULL ? -1 : fdt_node_offset_by_compatible(dtb, -1, compatible);
    const fdt32_t *cell = node < 0 ? NULL : fdt_getprop(dtb, node, "interrupts", &length);

    if (cell == NULL || (n + 1) * 12 > (uint32_t)length) {
        return false;
    }
    /* Kind 0 is an SPI and counts from 32, kind 1 a PPI and counts from 16. */
    *intid = fdt32_to_cpu(cell[n * 3 + 1]) + (fdt32_to_cpu(cell[n * 3]) == 0 ? 32u : 16u);
    return true;
}
