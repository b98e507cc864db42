/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>

#include "bh/base/cpulocal.h"
#include "bh/base/lock.h"
#include "test/host/base/expect_panic.h"
#include "test/host/base/host_cmocka.h"

#define THREADS 4
#define ROUNDS  5000

static struct lock shared = LOCK_INIT(LOCK_RANK_VM);
static uint64_t counter;

static void *hammer(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        lock_take(&shared);
        counter++;
        lock_drop(&shared);
    }
    return NULL;
}

static void test_exclusion(void **state)
{
    pthread_t thread[THREADS];

    (void)state;
    /* Tickets wrap on the way. */
    shared.owner = shared.next = UINT16_MAX - 10;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, hammer, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    }
    assert_int_equal(counter, THREADS * ROUNDS);
    assert_int_equal(shared.owner, shared.next);
}

static void test_rank_order(void **state) BH_NO_LOCK_ANALYSIS
{
    struct lock vm = LOCK_INIT(LOCK_RANK_VM);
    struct lock vm2 = LOCK_INIT(LOCK_RANK_VM);
    struct lock pool = LOCK_INIT(LOCK_RANK_POOL);

    (void)state;
    lock_take(&vm);
    lock_take(&vm2);
    lock_take(&pool);
    assert_int_equal(cpu_local_find()->lock_rank, LOCK_RANK_POOL);
    lock_drop(&pool);
    lock_drop(&vm2);
    assert_int_equal(cpu_local_find()->lock_rank, LOCK_RANK_VM);
    lock_drop(&vm);
    assert_int_equal(cpu_local_find()->lock_rank, LOCK_RANK_NONE);
}

static void test_rank_broken(void **state) BH_NO_LOCK_ANALYSIS
{
    struct lock vm = LOCK_INIT(LOCK_RANK_VM);
    struct lock pool = LOCK_INIT(LOCK_RANK_POOL);

    (void)state;
    lock_take(&pool);
    EXPECT_PANIC(lock_rank_enter(&vm));
    lock_drop(&pool);
}

static void test_drop_untaken(void **state) BH_NO_LOCK_ANALYSIS
{
    struct lock vm;

    (void)state;
    lock_init(&vm, LOCK_RANK_VM);
    EXPECT_PANIC(lock_rank_leave(&vm));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exclusion),
        cmocka_unit_test(test_rank_order),
        cmocka_unit_test(test_rank_broken),
        cmocka_unit_test(test_drop_untaken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
