/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every form of load and store against emulated registers: the virtual GIC (8, 32 and 64 bits), the
 * virtual PL011 (16 bits), and an address where nothing is. Forms without syndrome (pairs,
 * writeback) are decoded from the instruction; the results must be those of memory.
 */
#include "hftest.h"

#define UART_IBRD    0x24u /* 16 bits, readable and writable */
#define UART_FBRD    0x28u
#define HOLE         UINT64_C(0x0b000000)
#define SPI          40u
/* What IROUTER keeps: four affinity fields. */
#define AFFINITY     UINT64_C(0x0000007f00c0a055)
#define AFFINITY_LOW UINT64_C(0x00c0a055)

static uint64_t uart(void)
{
    struct dtb_range range;

    if (!dtb_try_reg("arm,pl011", 0, &range)) {
        SKIP("no PL011");
    }
    return range.base;
}

/* Four priority bytes of SPIs 40 to 43; the next word has 44 to 47. */
static uint64_t word_register(void)
{
    return gic_dist_base() + GICD_IPRIORITYR + SPI;
}

/* IROUTER of SPI 40; the next is that of 41. */
static uint64_t long_register(void)
{
    return gic_dist_base() + GICD_IROUTER + SPI * 8;
}

/* One instruction with %[v] the transferred register (in and out) and %[a] the address. */
#define FORM(name, text)                                                                           \
    static void name(uint64_t *value, uint64_t *address)                                           \
    {                                                                                              \
        uint64_t v = *value;                                                                       \
        uint64_t a = *address;                                                                     \
        __asm__ volatile(text : [v] "+r"(v), [a] "+r"(a)::"memory");                               \
        *value = v;                                                                                \
        *address = a;                                                                              \
    }

/* Pairs: %[v] and %[w]. */
#define PAIR(name, text)                                                                           \
    static void name(uint64_t *value, uint64_t *address)                                           \
    {                                                                                              \
        uint64_t v = value[0];                                                                     \
        uint64_t w = value[1];                                                                     \
        uint64_t a = *address;                                                                     \
        __asm__ volatile(text : [v] "+r"(v), [w] "+r"(w), [a] "+r"(a)::"memory");                  \
        value[0] = v;                                                                              \
        value[1] = w;                                                                              \
        *address = a;                                                                              \
    }

FORM(ldrb, "ldrb %w[v], [%[a]]")
FORM(ldrb_post, "ldrb %w[v], [%[a]], #1")
FORM(ldrb_pre, "ldrb %w[v], [%[a], #1]!")
FORM(ldrsb_w, "ldrsb %w[v], [%[a]]")
FORM(ldrsb_x, "ldrsb %x[v], [%[a]]")
FORM(ldrsb_x_post, "ldrsb %x[v], [%[a]], #-4")
FORM(ldrh, "ldrh %w[v], [%[a]]")
FORM(ldrh_post, "ldrh %w[v], [%[a]], #4")
FORM(ldrsh_w, "ldrsh %w[v], [%[a]]")
FORM(ldrsh_x, "ldrsh %x[v], [%[a]]")
FORM(ldrsh_w_pre, "ldrsh %w[v], [%[a], #4]!")
FORM(ldr_w, "ldr %w[v], [%[a]]")
FORM(ldr_w_offset, "ldr %w[v], [%[a], #4]")
FORM(ldur_w, "ldur %w[v], [%[a], #-4]")
FORM(ldr_w_register, "mov %[v], #1\n\tldr %w[v], [%[a], %[v], lsl #2]")
FORM(ldr_w_post, "ldr %w[v], [%[a]], #4")
FORM(ldr_w_pre, "ldr %w[v], [%[a], #4]!")
FORM(ldrsw, "ldrsw %x[v], [%[a]]")
FORM(ldrsw_post, "ldrsw %x[v], [%[a]], #8")
FORM(ldar_w, "ldar %w[v], [%[a]]")
FORM(ldr_x, "ldr %x[v], [%[a]]")
FORM(ldr_x_post, "ldr %x[v], [%[a]], #8")
FORM(ldr_x_pre, "ldr %x[v], [%[a], #-8]!")
FORM(ldr_zero, "ldr wzr, [%[a]]")

FORM(strb, "strb %w[v], [%[a]]")
FORM(strb_post, "strb %w[v], [%[a]], #1")
FORM(strb_pre, "strb %w[v], [%[a], #1]!")
FORM(strh, "strh %w[v], [%[a]]")
FORM(strh_post, "strh %w[v], [%[a]], #-4")
FORM(strh_pre, "strh %w[v], [%[a], #4]!")
FORM(str_w, "str %w[v], [%[a]]")
FORM(str_w_post, "str %w[v], [%[a]], #4")
FORM(str_w_pre, "str %w[v], [%[a], #4]!")
FORM(stlr_w, "stlr %w[v], [%[a]]")
FORM(str_x, "str %x[v], [%[a]]")
FORM(str_x_post, "str %x[v], [%[a]], #8")
FORM(str_x_pre, "str %x[v], [%[a], #-8]!")
FORM(str_zero, "str wzr, [%[a]]")

PAIR(ldp_w, "ldp %w[v], %w[w], [%[a]]")
PAIR(ldp_w_offset, "ldp %w[v], %w[w], [%[a], #-4]")
PAIR(ldp_w_post, "ldp %w[v], %w[w], [%[a]], #8")
PAIR(ldpsw, "ldpsw %x[v], %x[w], [%[a]]")
PAIR(ldp_x, "ldp %x[v], %x[w], [%[a]]")
PAIR(ldp_x_pre, "ldp %x[v], %x[w], [%[a], #16]!")
PAIR(ldnp_w, "ldnp %w[v], %w[w], [%[a]]")
PAIR(stp_w, "stp %w[v], %w[w], [%[a]]")
PAIR(stp_w_post, "stp %w[v], %w[w], [%[a]], #-8")
PAIR(stp_x, "stp %x[v], %x[w], [%[a]]")
PAIR(stp_x_pre, "stp %x[v], %x[w], [%[a], #16]!")

typedef void (*form_fn)(uint64_t *value, uint64_t *address);

struct load_case {
    const char *name;
    form_fn run;
    int64_t start; /* of the base register, from the register under test */
    int64_t moved; /* by how much the base register changes */
    uint64_t expected;
};

struct store_case {
    const char *name;
    form_fn run;
    int64_t start;
    int64_t moved;
    uint64_t expected; /* register under test afterwards */
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void check_load(const struct load_case *c, uint64_t target)
{
    uint64_t value[2] = {UINT64_MAX, UINT64_MAX};
    uint64_t address = target + (uint64_t)c->start;

    c->run(value, &address);
    if (value[0] != c->expected) {
        hftest_fail(__FILE__, __LINE__, "%s: 0x%lx, not 0x%lx", c->name, value[0], c->expected);
    }
    if (address != target + (uint64_t)(c->start + c->moved)) {
        hftest_fail(__FILE__, __LINE__, "%s: base moved by %ld", c->name,
                    (int64_t)(address - target) - c->start);
    }
}

TEST(mmio, loads_8_and_32_bits)
{
    /* SPIs 40 to 43: 0xe0, 0x20, 0xc0, 0x90; 44 to 47: 0x10, 0x30, 0x50, 0x70. */
    static const struct load_case cases[] = {
        {"ldrb", ldrb, 0, 0, 0xe0},
        {"ldrb at 3", ldrb, 3, 0, 0x90},
        {"ldrb post", ldrb_post, 1, 1, 0x20},
        {"ldrb pre", ldrb_pre, 1, 1, 0xc0},
        {"ldrsb w", ldrsb_w, 0, 0, 0xffffffe0},
        {"ldrsb w positive", ldrsb_w, 1, 0, 0x20},
        {"ldrsb x", ldrsb_x, 3, 0, 0xffffffffffffff90},
        {"ldrsb x post", ldrsb_x_post, 2, -4, 0xffffffffffffffc0},
        {"ldr w", ldr_w, 0, 0, 0x90c020e0},
        {"ldr w offset", ldr_w_offset, 0, 0, 0x70503010},
        {"ldur w", ldur_w, 4, 0, 0x90c020e0},
        {"ldr w register", ldr_w_register, 0, 0, 0x70503010},
        {"ldr w post", ldr_w_post, 0, 4, 0x90c020e0},
        {"ldr w pre", ldr_w_pre, 0, 4, 0x70503010},
        {"ldrsw negative", ldrsw, 0, 0, 0xffffffff90c020e0},
        {"ldrsw positive", ldrsw, 4, 0, 0x70503010},
        {"ldrsw post", ldrsw_post, 0, 8, 0xffffffff90c020e0},
        {"ldar w", ldar_w, 0, 0, 0x90c020e0},
        {"ldr wzr", ldr_zero, 0, 0, UINT64_MAX},
    };

    io_write32(word_register(), 0x90c020e0);
    io_write32(word_register() + 4, 0x70503010);
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        check_load(&cases[i], word_register());
    }
}

TEST(mmio, loads_64_bits)
{
    static const struct load_case cases[] = {
        {"ldr x", ldr_x, 0, 0, AFFINITY},
        {"ldr x post", ldr_x_post, 0, 8, AFFINITY},
        {"ldr x pre", ldr_x_pre, 8, -8, AFFINITY},
        {"ldr w of the low half", ldr_w, 0, 0, AFFINITY_LOW},
        {"ldrsw of the low half", ldrsw, 0, 0, AFFINITY_LOW},
        {"ldr w of the high half", ldr_w, 4, 0, 0x7f},
    };

    io_write64(long_register(), AFFINITY);
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        check_load(&cases[i], long_register());
    }
}

TEST(mmio, loads_16_bits)
{
    static const struct load_case cases[] = {
        {"ldrh", ldrh, 0, 0, 0x8123},
        {"ldrh post", ldrh_post, 0, 4, 0x8123},
        {"ldrsh w", ldrsh_w, 0, 0, 0xffff8123},
        {"ldrsh x", ldrsh_x, 0, 0, 0xffffffffffff8123},
        {"ldrsh w pre", ldrsh_w_pre, -4, 4, 0xffff8123},
        {"ldr w", ldr_w, 0, 0, 0x8123},
    };
    uint64_t base = uart();

    io_write16(base + UART_IBRD, 0x8123);
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        check_load(&cases[i], base + UART_IBRD);
    }
    io_write16(base + UART_IBRD, 13);
}

static void check_store(const struct store_case *c, uint64_t target, uint64_t value, bool is_16)
{
    uint64_t pair[2] = {value, value};
    uint64_t address = target + (uint64_t)c->start;

    c->run(pair, &address);
    uint64_t now = is_16 ? io_read16(target) : io_read32(target);

    if (now != c->expected) {
        hftest_fail(__FILE__, __LINE__, "%s: 0x%lx, not 0x%lx", c->name, now, c->expected);
    }
    if (address != target + (uint64_t)(c->start + c->moved)) {
        hftest_fail(__FILE__, __LINE__, "%s: base moved by %ld", c->name,
                    (int64_t)(address - target) - c->start);
    }
    EXPECT_EQ(pair[0], value);
}

TEST(mmio, stores_8_and_32_bits)
{
    static const struct store_case cases[] = {
        {"strb", strb, 0, 0, 0x50505080},
        {"strb at 3", strb, 3, 0, 0x80505050},
        {"strb post", strb_post, 1, 1, 0x50508050},
        {"strb pre", strb_pre, 1, 1, 0x50805050},
        {"str w", str_w, 0, 0, 0xd0a01080},
        {"str w post", str_w_post, 0, 4, 0xd0a01080},
        {"str w pre", str_w_pre, -4, 4, 0xd0a01080},
        {"stlr w", stlr_w, 0, 0, 0xd0a01080},
        {"str wzr", str_zero, 0, 0, 0},
    };

    for (uint32_t i = 0; i < COUNT(cases); i++) {
        io_write32(word_register(), 0x50505050);
        check_store(&cases[i], word_register(), 0xffffffffd0a01080, false);
    }
}

TEST(mmio, stores_16_bits)
{
    static const struct store_case cases[] = {
        {"strh", strh, 0, 0, 0x4567},
        {"strh post", strh_post, 0, -4, 0x4567},
        {"strh pre", strh_pre, -4, 4, 0x4567},
        {"str w", str_w, 0, 0, 0x4567},
    };
    uint64_t base = uart();

    for (uint32_t i = 0; i < COUNT(cases); i++) {
        io_write16(base + UART_IBRD, 1);
        check_store(&cases[i], base + UART_IBRD, 0x4567, true);
    }
    io_write16(base + UART_IBRD, 13);
}

TEST(mmio, stores_64_bits)
{
    static const struct store_case cases[] = {
        {"str x", str_x, 0, 0, AFFINITY_LOW},
        {"str x post", str_x_post, 0, 8, AFFINITY_LOW},
        {"str x pre", str_x_pre, 8, -8, AFFINITY_LOW},
    };

    for (uint32_t i = 0; i < COUNT(cases); i++) {
        io_write64(long_register(), 0);
        check_store(&cases[i], long_register(), AFFINITY, false);
    }
}

static void check_pair(const char *name, form_fn run, uint64_t target, const int64_t shift[2],
                       const uint64_t expected[2])
{
    uint64_t value[2] = {UINT64_MAX, UINT64_MAX};
    uint64_t address = target + (uint64_t)shift[0];

    run(value, &address);
    if (value[0] != expected[0] || value[1] != expected[1]) {
        hftest_fail(__FILE__, __LINE__, "%s: 0x%lx 0x%lx", name, value[0], value[1]);
    }
    if (address != target + (uint64_t)(shift[0] + shift[1])) {
        hftest_fail(__FILE__, __LINE__, "%s: base is 0x%lx", name, address);
    }
}

TEST(mmio, load_pairs)
{
    const uint64_t words[2] = {0x90c020e0, 0x70503010};
    const uint64_t words_signed[2] = {0xffffffff90c020e0, 0x70503010};
    const uint64_t longs[2] = {AFFINITY, 0};

    io_write32(word_register(), 0x90c020e0);
    io_write32(word_register() + 4, 0x70503010);
    io_write64(long_register(), AFFINITY);
    io_write64(long_register() + 8, 0);
    check_pair("ldp w", ldp_w, word_register(), (const int64_t[]){0, 0}, words);
    check_pair("ldnp w", ldnp_w, word_register(), (const int64_t[]){0, 0}, words);
    check_pair("ldp w offset", ldp_w_offset, word_register(), (const int64_t[]){4, 0}, words);
    check_pair("ldp w post", ldp_w_post, word_register(), (const int64_t[]){0, 8}, words);
    check_pair("ldpsw", ldpsw, word_register(), (const int64_t[]){0, 0}, words_signed);
    check_pair("ldp x", ldp_x, long_register(), (const int64_t[]){0, 0}, longs);
    check_pair("ldp x pre", ldp_x_pre, long_register(), (const int64_t[]){-16, 16}, longs);
}

TEST(mmio, store_pairs)
{
    uint64_t value[2] = {0x10203040, 0x50607080};
    uint64_t address = word_register();

    stp_w(value, &address);
    EXPECT_EQ(io_read32(word_register()), 0x10203040);
    EXPECT_EQ(io_read32(word_register() + 4), 0x50607080);
    value[0] = 0xffffffff90a0b0c0;
    stp_w_post(value, &address);
    EXPECT_EQ(io_read32(word_register()), 0x90a0b0c0);
    EXPECT_EQ(io_read32(word_register() + 4), 0x50607080);
    EXPECT_EQ(address, word_register() - 8);

    value[0] = 0;
    value[1] = AFFINITY;
    address = long_register();
    stp_x(value, &address);
    EXPECT_EQ(io_read64(long_register()), 0);
    EXPECT_EQ(io_read64(long_register() + 8), AFFINITY);
    value[0] = AFFINITY;
    value[1] = 0;
    address = long_register() - 16;
    stp_x_pre(value, &address);
    EXPECT_EQ(io_read64(long_register()), AFFINITY);
    EXPECT_EQ(io_read64(long_register() + 8), 0);
    EXPECT_EQ(address, long_register());
}

/* A loop as a compiler makes it from C: post-indexed stores. */
TEST(mmio, post_indexed_loop)
{
    uint64_t address = word_register();

    for (uint32_t i = 0; i < 4; i++) {
        uint64_t value = 0x20202020 * (i + 1);

        str_w_post(&value, &address);
    }
    for (uint32_t i = 0; i < 4; i++) {
        EXPECT_EQ(io_read32(word_register() + 4 * i), 0x20202020 * (i + 1));
    }
}

struct hole_case {
    const char *name;
    form_fn run;
    bool is_write;
};

/* Where nothing is: an external abort, with address and direction, and nothing else changed. */
TEST(mmio, unmapped)
{
    static const struct hole_case cases[] = {
        {"ldrb", ldrb, false},
        {"ldrh", ldrh, false},
        {"ldr w", ldr_w, false},
        {"ldr x", ldr_x, false},
        {"ldrsw", ldrsw, false},
        {"ldrsb x", ldrsb_x, false},
        {"ldr w post", ldr_w_post, false},
        {"ldr x post", ldr_x_post, false},
        {"ldp w", ldp_w, false},
        {"ldp x", ldp_x, false},
        {"ldp w post", ldp_w_post, false},
        {"strb", strb, true},
        {"strh", strh, true},
        {"str w", str_w, true},
        {"str x", str_x, true},
        {"str w post", str_w_post, true},
        {"stp w", stp_w, true},
        {"stp x", stp_x, true},
        {"stp w post", stp_w_post, true},
    };

    for (uint32_t i = 0; i < COUNT(cases); i++) {
        uint64_t value[2] = {0x1111222233334444, 0x5555666677778888};
        uint64_t address = HOLE;

        exception_expect();
        cases[i].run(value, &address);
        struct exception_record record = exception_expected();

        if (record.count != 1 || ESR_EC(record.esr) != EC_DATA_ABORT ||
            ISS_FSC(record.esr) != FSC_EXTERNAL || record.far != HOLE ||
            ((record.esr & ISS_WNR) != 0) != cases[i].is_write) {
            hftest_fail(__FILE__, __LINE__, "%s: %u aborts, esr 0x%lx far 0x%lx", cases[i].name,
                        record.count, record.esr, record.far);
        }
        if (address != HOLE || value[0] != 0x1111222233334444 || value[1] != 0x5555666677778888) {
            hftest_fail(__FILE__, __LINE__, "%s: registers changed", cases[i].name);
        }
    }
}

/* The flags and the stack pointer are not disturbed by an emulated access. */
TEST(mmio, other_state_is_kept)
{
    uint64_t flags;
    uint64_t value;

    __asm__ volatile("cmp xzr, xzr\n\t"
                     "ldr %w1, [%2]\n\t"
                     "mrs %0, nzcv\n\t"
                     : "=r"(flags), "=&r"(value)
                     : "r"(gic_dist_base() + GICD_TYPER)
                     : "memory", "cc");
    EXPECT_EQ(flags >> 28, 6); /* Z and C */
    EXPECT_EQ(value, io_read32(gic_dist_base() + GICD_TYPER));
}

/* The stack pointer as base register. */
TEST(mmio, stack_pointer_as_base)
{
    uint64_t value;
    uint64_t moved;
    uint64_t base = long_register();

    io_write64(base, AFFINITY);
    io_write64(base + 16, 0);
    __asm__ volatile("mov x9, sp\n\t"
                     "mov sp, %2\n\t"
                     "ldr %0, [sp], #16\n\t"
                     "mov %1, sp\n\t"
                     "mov sp, x9\n\t"
                     : "=&r"(value), "=&r"(moved)
                     : "r"(base & ~UINT64_C(15))
                     : "x9", "memory");
    EXPECT_EQ(value, io_read64(base & ~UINT64_C(15)));
    EXPECT_EQ(moved, (base & ~UINT64_C(15)) + 16);
}

/* A width that the GIC does not promise: refused, ignored or done, but nothing else is hit. */
TEST(mmio, halfword_access_to_the_gic)
{
    io_write32(word_register(), 0x90c020e0);
    io_write32(word_register() + 4, 0x70503010);
    exception_expect();
    io_write16(word_register(), 0x1010);
    (void)io_read16(word_register());
    (void)exception_expected();
    EXPECT_EQ(io_read32(word_register()) >> 16, 0x90c0);
    EXPECT_EQ(io_read32(word_register() + 4), 0x70503010);
}

/* The same forms with the guest's MMU on: the address of the instruction is a virtual one. */
TEST(mmio, with_mmu)
{
    uint64_t value[2] = {UINT64_MAX, UINT64_MAX};
    uint64_t address = word_register();

    io_write32(word_register(), 0x90c020e0);
    io_write32(word_register() + 4, 0x70503010);
    mmu_enable();
    ldp_w_post(value, &address);
    EXPECT_EQ(value[0], 0x90c020e0);
    EXPECT_EQ(value[1], 0x70503010);
    EXPECT_EQ(address, word_register() + 8);
    ldr_w_pre(value, &address);
    exception_expect();
    address = HOLE;
    ldr_w_post(value, &address);
    struct exception_record record = exception_expected();

    mmu_disable();
    EXPECT_EQ(record.count, 1);
    EXPECT_EQ(record.far, HOLE);
    EXPECT_EQ(address, HOLE);
}

/* The PL011 keeps what its driver writes, and identifies itself. */
TEST(mmio, pl011_registers)
{
    static const uint8_t id[] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
    uint64_t base = uart();

    for (uint32_t i = 0; i < 8; i++) {
        uint32_t value = io_read32(base + 0xfe0 + 4 * i);

        /* Revision bits may differ. */
        EXPECT_EQ(i == 2 ? value & 0xf : value, i == 2 ? id[i] & 0xf : id[i]);
    }
    io_write16(base + UART_FBRD, 0x2a);
    EXPECT_EQ(io_read16(base + UART_FBRD), 0x2a);
    io_write16(base + 0x38, 0x50);
    EXPECT_EQ(io_read16(base + 0x38), 0x50);
    io_write16(base + 0x38, 0);
    EXPECT_EQ(io_read16(base + 0x18) & 0x20, 0);    /* not full */
    EXPECT_EQ(io_read16(base + 0x18) & 0x10, 0x10); /* nothing received */
}
