/* SPDX-License-Identifier: BSD-3-Clause */
/* Stage 2 aborts: every form of load and store, by syndrome and by instruction, and refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bh/arch/esr.h"
#include "bh/base/num.h"
#include "bh/trap/trap.h"
#include "test/host/devworld/devworld.h"

#define PC     (WORLD_RAM + 0x100)
#define BASE   (WORLD_GICD + 0x400) /* x2 and sp */
#define ANSWER UINT64_C(0x8182838485868788)
#define X1     UINT64_C(0x1112131415161718)
#define X3     UINT64_C(0x3132333435363738)

#define DABT     (((uint64_t)ESR_EC_DABT_LOWER << ESR_EC_SHIFT) | ESR_IL | ESR_FSC_TRANSLATION | 3)
#define IABT     (((uint64_t)ESR_EC_IABT_LOWER << ESR_EC_SHIFT) | ESR_IL | ESR_FSC_TRANSLATION | 3)
#define SAS(log) ((uint64_t)(log) << 22)
#define SRT(reg) ((uint64_t)(reg) << 16)

static struct vcpu *vcpu;

static int setup(void **state)
{
    (void)state;
    world_setup();
    vcpu = world_vcpu(0);
    vcpu->ctx.x[1] = X1;
    vcpu->ctx.x[2] = BASE;
    vcpu->ctx.x[3] = X3;
    world.sp_el1 = BASE;
    world.pc = PC;
    world.answer = ANSWER;
    world.spsr = 5;
    return 0;
}

static void fault_at(uint64_t ipa)
{
    world.far = ipa;
    world.fault_ipa = ipa_init(ipa);
}

static void data_abort(uint64_t ipa, uint64_t esr)
{
    fault_at(ipa);
    assert_ptr_equal(mmio_data_abort(vcpu, esr), vcpu);
}

static void instruction_at_pc(uint32_t word)
{
    memcpy(&world.ram[PC - WORLD_RAM], &word, sizeof(word));
}

/* One line per form. x2 and sp point at BASE; loads get ANSWER, then ~ANSWER. */
static const struct form {
    const char *text;
    uint32_t word;
    bool write;
    uint8_t size, count;
    int32_t at;   /* of the first access, from BASE */
    int32_t base; /* afterwards, from BASE */
    uint64_t x1;  /* afterwards, or what is written */
    uint64_t x3;
} forms[] = {
    {"ldr w1, [x2], #4", 0xb8404441, false, 4, 1, 0, 4, 0x85868788, X3},
    {"str x1, [x2, #8]!", 0xf8008c41, true, 8, 1, 8, 8, X1, X3},
    {"ldrb w1, [x2], #-1", 0x385ff441, false, 1, 1, 0, -1, 0x88, X3},
    {"ldrsb x1, [x2], #1", 0x38801441, false, 1, 1, 0, 1, UINT64_C(0xffffffffffffff88), X3},
    {"ldrsb w1, [x2], #1", 0x38c01441, false, 1, 1, 0, 1, 0xffffff88, X3},
    {"ldrsh x1, [x2, #2]!", 0x78802c41, false, 2, 1, 2, 2, UINT64_C(0xffffffffffff8788), X3},
    {"ldrsh w1, [x2, #-2]!", 0x78dfec41, false, 2, 1, -2, -2, 0xffff8788, X3},
    {"ldrsw x1, [x2], #4", 0xb8804441, false, 4, 1, 0, 4, UINT64_C(0xffffffff85868788), X3},
    {"strb w1, [sp], #16", 0x380107e1, true, 1, 1, 0, 16, 0x18, X3},
    {"strh w1, [x2, #-256]!", 0x78100c41, true, 2, 1, -256, -256, 0x1718, X3},
    {"ldur x1, [x2, #-8]", 0xf85f8041, false, 8, 1, -8, 0, ANSWER, X3},
    {"stur w1, [x2, #4]", 0xb8004041, true, 4, 1, 4, 0, 0x15161718, X3},
    {"ldtr w1, [x2, #4]", 0xb8404841, false, 4, 1, 4, 0, 0x85868788, X3},
    {"str w1, [x2, #16]", 0xb9001041, true, 4, 1, 16, 0, 0x15161718, X3},
    {"ldp w1, w3, [x2]", 0x29400c41, false, 4, 2, 0, 0, 0x85868788, 0x7a797877},
    {"ldp x1, x3, [x2, #16]", 0xa9410c41, false, 8, 2, 16, 0, ANSWER, ~ANSWER},
    {"stp w1, w3, [x2], #8", 0x28810c41, true, 4, 2, 0, 8, 0x15161718, 0x35363738},
    {"stp x1, x3, [x2, #-16]!", 0xa9bf0c41, true, 8, 2, -16, -16, X1, X3},
    {"ldpsw x1, x3, [x2]", 0x69400c41, false, 4, 2, 0, 0, UINT64_C(0xffffffff85868788), 0x7a797877},
    {"ldpsw x1, x3, [x2], #8", 0x68c10c41, false, 4, 2, 0, 8, UINT64_C(0xffffffff85868788),
     0x7a797877},
    {"ldnp x1, x3, [x2, #16]", 0xa8410c41, false, 8, 2, 16, 0, ANSWER, ~ANSWER},
    {"stnp w1, w3, [x2]", 0x28000c41, true, 4, 2, 0, 0, 0x15161718, 0x35363738},
    {"stp xzr, xzr, [sp, #-512]!", 0xa9a07fff, true, 8, 2, -512, -512, 0, 0},
    {"str xzr, [x2], #8", 0xf800845f, true, 8, 1, 0, 8, 0, X3},
};

static void check_form(const struct form *form)
{
    uint64_t *base = ((form->word >> 5) & 31) == 31 ? &world.sp_el1 : &vcpu->ctx.x[2];

    print_message("%s\n", form->text);
    instruction_at_pc(form->word);
    data_abort(BASE + (uint64_t)(int64_t)form->at, DABT | (form->write ? ESR_DABT_WNR : 0));
    assert_int_equal(world.exception, WORLD_NONE);
    assert_int_equal(world.advances, 1);
    assert_int_equal(world.accesses, form->count);
    for (uint32_t i = 0; i < form->count; i++) {
        assert_int_equal(world.access[i].write, form->write);
        assert_int_equal(world.access[i].size, form->size);
        assert_int_equal(world.access[i].offset, 0x400 + form->at + (int32_t)(i * form->size));
        if (form->write) {
            assert_int_equal(world.access[i].value, i == 0 ? form->x1 : form->x3);
        }
    }
    if (!form->write) {
        assert_int_equal(vcpu->ctx.x[1], form->x1);
        assert_int_equal(vcpu->ctx.x[3], form->x3);
    }
    assert_int_equal(*base, BASE + (uint64_t)(int64_t)form->base);
}

static void every_form(void **state)
{
    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(forms); i++) {
        (void)setup(state);
        check_form(&forms[i]);
    }
}

static void register_offsets(void **state)
{
    static const struct {
        const char *text;
        uint32_t word;
        uint64_t x3;
        uint64_t at;
    } rows[] = {
        {"ldrb w1, [x2, w3, uxtw]", 0x38634841, UINT64_C(0xffffffff00000008), 8},
        {"ldr x1, [x2, x3, lsl #3]", 0xf8637841, 2, 16},
        {"ldrh w1, [x2, x3, sxtx #1]", 0x7863f841, UINT64_C(-2), UINT64_C(-4)},
    };

    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(rows); i++) {
        (void)setup(state);
        print_message("%s\n", rows[i].text);
        vcpu->ctx.x[3] = rows[i].x3;
        instruction_at_pc(rows[i].word);
        data_abort(BASE + rows[i].at, DABT);
        assert_int_equal(world.accesses, 1);
        assert_int_equal(world.access[0].offset, 0x400 + rows[i].at);
    }
    (void)setup(state);
    vcpu->ctx.x[3] = UINT64_C(0x12345678fffffffe);
    instruction_at_pc(0xb823d841); /* str w1, [x2, w3, sxtw #2] */
    data_abort(BASE - 8, DABT | ESR_DABT_WNR);
    assert_int_equal(world.access[0].offset, 0x400 - 8);
}

/* What devices don't answer to. */
static void refused_instructions(void **state)
{
    static const struct {
        const char *text;
        uint32_t word;
    } rows[] = {
        {"ldr q1, [x2]", 0x3dc00041},
        {"ldr s1, [x2], #4", 0xbc404441},
        {"stp d1, d3, [x2]", 0x6d000c41},
        {"ldp q1, q3, [x2], #32", 0xacc10c41},
        {"ldxr w1, [x2]", 0x885f7c41},
        {"stxr w5, w1, [x2]", 0x88057c41},
        {"ldaxp x1, x3, [x2]", 0xc87f8c41},
        {"cas w1, w3, [x2]", 0x88a17c43},
        {"ldadd w1, w3, [x2]", 0xb8210043},
        {"swp x1, x3, [x2]", 0xf8218043},
        {"prfm pldl1keep, [x2]", 0xf9800040},
        {"prfum pldl1keep, [x2, #1]", 0xf8801040},
        {"ldraa x1, [x2]", 0xf8200441},
        {"stgp x1, x3, [x2]", 0x69000c41},
        {"stg x1, [x2]", 0xd9200841},
        {"ldapur w1, [x2]", 0x99400041},
        {"ld1 {v1.4s}, [x2]", 0x4c407841},
        {"dc zva, x2", 0xd50b7422},
        {"ldr x1, label", 0x58000001},
        {"add x1, x2, x3", 0x8b030041},
        {"ldp x1, x1, [x2]", 0xa9400441},
        {"ldr x2, [x2], #8", 0xf8408442},
        {"stp x1, x2, [x2], #16", 0xa8810841},
        {"zero", 0},
        {"all ones", 0xffffffff},
    };

    for (uint32_t i = 0; i < 2 * NUM_ARRAY_COUNT(rows); i++) {
        (void)setup(state);
        print_message("%s\n", rows[i / 2].text);
        instruction_at_pc(rows[i / 2].word);
        data_abort(BASE, DABT | (i % 2 != 0 ? ESR_DABT_WNR : 0));
        assert_int_equal(world.exception, WORLD_DATA_ABORT);
        assert_int_equal(world.exception_far, BASE);
        assert_int_equal(world.advances, 0);
        assert_int_equal(world.accesses, 0);
        assert_int_equal(vcpu->ctx.x[1], X1);
        assert_int_equal(vcpu->ctx.x[2], BASE);
    }
}

static void direction_must_match(void **state)
{
    (void)state;
    instruction_at_pc(0xf8008c41); /* a store, but the abort was a read */
    data_abort(BASE, DABT);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
}

static void code_must_be_readable(void **state)
{
    (void)state;
    instruction_at_pc(0xb8404441);
    world.translate_fails = true;
    data_abort(BASE, DABT);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    (void)setup(state);
    world.pc = WORLD_UART;
    data_abort(BASE, DABT);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    (void)setup(state);
    world.spsr = 0x10; /* AArch32 */
    instruction_at_pc(0xb8404441);
    data_abort(BASE, DABT);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
}

/* The registers must point where the abort was; an access stays in its page and is aligned. */
static void address_is_checked(void **state)
{
    (void)state;
    instruction_at_pc(0xb8404441);
    vcpu->ctx.x[2] = BASE + 0x1000;
    data_abort(BASE, DABT);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);

    (void)setup(state);
    instruction_at_pc(0xb8404441);
    vcpu->ctx.x[2] = BASE + 2;
    data_abort(BASE + 2, DABT);
    assert_int_equal(world.exception, WORLD_ALIGNMENT);
    assert_int_equal(world.exception_far, BASE + 2);

    (void)setup(state);
    instruction_at_pc(0xa9400c41); /* ldp x1, x3, [x2] across the end of the region */
    vcpu->ctx.x[2] = WORLD_GICD + 0xfff8;
    data_abort(WORLD_GICD + 0xfff8, DABT);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    assert_int_equal(world.accesses, 0);

    (void)setup(state);
    instruction_at_pc(0xb8404441); /* a tag in the top byte is no difference */
    vcpu->ctx.x[2] = BASE | UINT64_C(0xff) << 56;
    data_abort(BASE, DABT);
    assert_int_equal(world.exception, WORLD_NONE);
    assert_int_equal(vcpu->ctx.x[2], (BASE + 4) | UINT64_C(0xff) << 56);
}

static void device_refuses(void **state)
{
    (void)state;
    world.refuse = true;
    instruction_at_pc(0xa8c10c41); /* ldp x1, x3, [x2], #16 */
    data_abort(BASE, DABT);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    assert_int_equal(vcpu->ctx.x[1], X1);
    assert_int_equal(vcpu->ctx.x[2], BASE);
    assert_int_equal(vcpu->ctx.x[3], X3);

    (void)setup(state);
    world.refuse = true;
    data_abort(BASE, DABT | ESR_DABT_ISV | SAS(2) | SRT(1));
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    assert_int_equal(world.advances, 0);
    assert_int_equal(vcpu->ctx.x[1], X1);
}

static void syndrome_loads(void **state)
{
    static const struct {
        uint64_t esr;
        uint8_t size;
        uint64_t x1;
    } rows[] = {
        {SAS(0), 1, 0x88},
        {SAS(1), 2, 0x8788},
        {SAS(2), 4, 0x85868788},
        {SAS(3) | ESR_DABT_SF, 8, ANSWER},
        {SAS(0) | ESR_DABT_SSE, 1, 0xffffff88},
        {SAS(0) | ESR_DABT_SSE | ESR_DABT_SF, 1, UINT64_C(0xffffffffffffff88)},
        {SAS(1) | ESR_DABT_SSE, 2, 0xffff8788},
        {SAS(1) | ESR_DABT_SSE | ESR_DABT_SF, 2, UINT64_C(0xffffffffffff8788)},
        {SAS(2) | ESR_DABT_SSE | ESR_DABT_SF, 4, UINT64_C(0xffffffff85868788)},
    };

    for (uint32_t i = 0; i < NUM_ARRAY_COUNT(rows); i++) {
        (void)setup(state);
        data_abort(BASE, DABT | ESR_DABT_ISV | SRT(1) | rows[i].esr);
        assert_int_equal(world.accesses, 1);
        assert_int_equal(world.access[0].size, rows[i].size);
        assert_int_equal(vcpu->ctx.x[1], rows[i].x1);
        assert_int_equal(world.advances, 1);
    }
    (void)setup(state);
    vcpu->ctx.elr = 77; /* stands behind x30 */
    data_abort(BASE, DABT | ESR_DABT_ISV | SRT(31) | SAS(2));
    data_abort(BASE, DABT | ESR_DABT_ISV | SRT(31) | SAS(0) | ESR_DABT_SSE);
    assert_int_equal(vcpu->ctx.elr, 77);
    assert_int_equal(world.advances, 2);
}

static void syndrome_stores(void **state)
{
    static const uint64_t values[] = {0x18, 0x1718, 0x15161718, X1};

    for (uint32_t log = 0; log < 4; log++) {
        (void)setup(state);
        data_abort(BASE, DABT | ESR_DABT_ISV | ESR_DABT_WNR | SAS(log) | SRT(1));
        assert_int_equal(world.access[0].value, values[log]);
        assert_true(world.access[0].write);
    }
    (void)setup(state);
    data_abort(BASE, DABT | ESR_DABT_ISV | ESR_DABT_WNR | SAS(3) | SRT(31));
    assert_int_equal(world.access[0].value, 0);
}

static void syndrome_alignment(void **state)
{
    (void)state;
    data_abort(BASE + 1, DABT | ESR_DABT_ISV | SAS(1) | SRT(1));
    assert_int_equal(world.exception, WORLD_ALIGNMENT);
    assert_int_equal(world.accesses, 0);
    assert_int_equal(world.advances, 0);
}

static void nothing_there(void **state)
{
    (void)state;
    data_abort(0x1000, DABT | ESR_DABT_ISV | SAS(2) | SRT(1));
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    assert_int_equal(world.exception_far, 0x1000);
    assert_int_equal(world.advances, 0);

    (void)setup(state);
    fault_at(0x1000);
    assert_ptr_equal(mmio_instruction_abort(vcpu, IABT), vcpu);
    assert_int_equal(world.exception, WORLD_INSN_ABORT);
}

static void mapped_meanwhile_is_tried_again(void **state)
{
    (void)state;
    data_abort(WORLD_RAM, DABT | ESR_DABT_WNR);
    assert_int_equal(world.exception, WORLD_NONE);
    assert_int_equal(world.advances, 0);
    fault_at(WORLD_RAM);
    assert_ptr_equal(mmio_instruction_abort(vcpu, IABT), vcpu);
    assert_int_equal(world.exception, WORLD_NONE);
}

static void permission_faults(void **state)
{
    uint64_t dabt = (DABT & ~UINT64_C(0x3c)) | ESR_FSC_PERMISSION;
    uint64_t iabt = (IABT & ~UINT64_C(0x3c)) | ESR_FSC_PERMISSION;

    (void)state;
    world.far = WORLD_ROM; /* fault_ipa is not valid */
    assert_ptr_equal(mmio_data_abort(vcpu, dabt | ESR_DABT_WNR), vcpu);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    world.exception = WORLD_NONE;
    assert_ptr_equal(mmio_data_abort(vcpu, dabt), vcpu);
    assert_int_equal(world.exception, WORLD_NONE);
    assert_ptr_equal(mmio_instruction_abort(vcpu, iabt), vcpu);
    assert_int_equal(world.exception, WORLD_INSN_ABORT);
    world.exception = WORLD_NONE;
    world.translate_fails = true;
    assert_ptr_equal(mmio_data_abort(vcpu, dabt), vcpu);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
}

static void walk_into_nothing(void **state)
{
    (void)state;
    data_abort(0x1000, DABT | ESR_ABT_S1PTW);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    world.exception = WORLD_NONE;
    data_abort(BASE, DABT | ESR_ABT_S1PTW | ESR_DABT_ISV); /* tables in a device */
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    assert_int_equal(world.accesses, 0);
    world.exception = WORLD_NONE;
    assert_ptr_equal(mmio_instruction_abort(vcpu, IABT | ESR_ABT_S1PTW), vcpu);
    assert_int_equal(world.exception, WORLD_INSN_ABORT);
}

static void cache_maintenance_does_nothing(void **state)
{
    (void)state;
    data_abort(BASE, DABT | ESR_DABT_CM | ESR_DABT_WNR);
    data_abort(0x1000, DABT | ESR_DABT_CM | ESR_DABT_WNR);
    assert_int_equal(world.exception, WORLD_NONE);
    assert_int_equal(world.advances, 2);
    assert_int_equal(world.accesses, 0);
}

static void other_faults(void **state)
{
    uint64_t none = DABT & ~UINT64_C(0x3f);

    (void)state;
    data_abort(BASE, none | ESR_FSC_EXTERNAL);
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
    data_abort(BASE, none | ESR_FSC_ALIGNMENT);
    assert_int_equal(world.exception, WORLD_ALIGNMENT);
    data_abort(BASE, none | 0x35); /* exclusive to a device */
    assert_int_equal(world.exception, WORLD_DATA_ABORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_form, setup),
        cmocka_unit_test_setup(register_offsets, setup),
        cmocka_unit_test_setup(refused_instructions, setup),
        cmocka_unit_test_setup(direction_must_match, setup),
        cmocka_unit_test_setup(code_must_be_readable, setup),
        cmocka_unit_test_setup(address_is_checked, setup),
        cmocka_unit_test_setup(device_refuses, setup),
        cmocka_unit_test_setup(syndrome_loads, setup),
        cmocka_unit_test_setup(syndrome_stores, setup),
        cmocka_unit_test_setup(syndrome_alignment, setup),
        cmocka_unit_test_setup(nothing_there, setup),
        cmocka_unit_test_setup(mapped_meanwhile_is_tried_again, setup),
        cmocka_unit_test_setup(permission_faults, setup),
        cmocka_unit_test_setup(walk_into_nothing, setup),
        cmocka_unit_test_setup(cache_maintenance_does_nothing, setup),
        cmocka_unit_test_setup(other_faults, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
