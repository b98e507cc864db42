/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "bh/base/bytes.h"
#include "test/host/base/host_cmocka.h"

static const uint8_t data[16] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
                                 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18};

static void test_read(void **state)
{
    struct bytes_reader r = bytes_reader_init(data, sizeof(data));
    uint8_t block[4];

    (void)state;
    assert_int_equal(bytes_read_u8(&r), 0x01);
    assert_int_equal(bytes_read_u16(&r), 0x0302);
    assert_int_equal(bytes_read_u32(&r), 0x07060504);
    assert_int_equal(bytes_read_u64(&r), 0x1716151413121108);
    assert_int_equal(bytes_left(&r), 1);
    bytes_seek(&r, 8);
    bytes_skip(&r, 2);
    bytes_read_block(&r, block, 4);
    assert_memory_equal(block, data + 10, 4);
    bytes_seek(&r, 16);
    assert_false(r.failed);
}

static void test_read_refusals(void **state)
{
    struct bytes_reader r = bytes_reader_init(data, 3);
    uint8_t block[4] = {9, 9, 9, 9};

    (void)state;
    assert_int_equal(bytes_read_u32(&r), 0);
    assert_true(r.failed);
    /* Failed for good, also for what would fit. */
    assert_int_equal(bytes_read_u8(&r), 0);
    assert_int_equal(bytes_left(&r), 0);
    bytes_read_block(&r, block, 4);
    assert_memory_equal(block, "\0\0\0\0", 4);
    r = bytes_reader_init(data, 3);
    bytes_skip(&r, UINT64_MAX);
    assert_true(r.failed);
    r = bytes_reader_init(data, 3);
    bytes_seek(&r, 4);
    assert_true(r.failed);
    r = bytes_reader_init(NULL, 0);
    bytes_read_block(&r, block, 0);
    assert_false(r.failed || bytes_sub(&r, 0, 0).failed);
    assert_int_equal(bytes_read_u8(&r), 0);
    assert_true(r.failed);
}

static void test_sub(void **state)
{
    struct bytes_reader r = bytes_reader_init(data, sizeof(data));
    struct bytes_reader s = bytes_sub(&r, 8, 8);

    (void)state;
    assert_int_equal(bytes_read_u64(&s), 0x1817161514131211);
    assert_int_equal(bytes_read_u8(&s), 0);
    assert_true(s.failed);
    assert_true(bytes_sub(&r, 9, 8).failed);
    assert_true(bytes_sub(&r, UINT64_MAX, 2).failed);
    assert_false(bytes_sub(&r, 16, 0).failed);
}

static void test_write(void **state)
{
    uint8_t out[17];
    struct bytes_writer w = bytes_writer_init(out, 16);

    (void)state;
    memset(out, 0xee, sizeof(out));
    bytes_write_u8(&w, 0x01);
    bytes_write_u16(&w, 0x0302);
    bytes_write_u32(&w, 0x07060504);
    bytes_write_u64(&w, 0x1716151413121108);
    assert_memory_equal(out, data, 15);
    bytes_write_u16(&w, 0xffff);
    assert_true(w.failed);
    assert_int_equal(out[15], 0xee);
    bytes_write_u8(&w, 1);
    assert_int_equal(out[15], 0xee);
    w = bytes_writer_init(out, 16);
    bytes_write_block(&w, data + 8, 8);
    bytes_write_zeroes(&w, 8);
    assert_memory_equal(out, data + 8, 8);
    assert_int_equal(out[15], 0);
    bytes_write_zeroes(&w, 1);
    assert_true(w.failed);
    assert_int_equal(out[16], 0xee);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_refusals),
        cmocka_unit_test(test_sub),
        cmocka_unit_test(test_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
