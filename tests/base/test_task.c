/* tests/base/test_task.c - what a task keeps, and how it ends */
#include "support/support.h"

#include <string.h>

static void memory_is_zeroed_and_aligned(void **state)
{
    static const size_t sizes[] = { 0, 1, 7, 100, 8191, 8192, 8193, 1000000, 3 };
    struct task *t = fresh_task(state);
    unsigned char *before[COUNT(sizes)];

    for (size_t i = 0; i < COUNT(sizes); i++) {
        before[i] = task_alloc(t, sizes[i]);
        assert_int_equal((uintptr_t)before[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(before[i][k], 0);
        memset(before[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < COUNT(sizes); i++) /* none lies in another */
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(before[i][k], i + 1);
}

static void texts_are_copied_with_a_nul_behind(void **state)
{
    struct task *t = fresh_task(state);
    char source[] = "Info";
    struct text copy = task_copy(t, text_of(source));

    source[0] = 'X';
    assert_text(copy, "Info");
    assert_int_equal(copy.at[copy.length], '\0');
    assert_text(task_copy(t, (struct text){ NULL, 0 }), NULL);
    assert_text(task_join(t, TEXT("info"), TEXT("@example.org")), "info@example.org");
    assert_text(task_join(t, (struct text){ NULL, 0 }, (struct text){ NULL, 0 }), "");
    assert_text(task_printf(t, "%s-%d", "a", 5), "a-5");
    assert_int_equal(task_printf(t, "%*d", 9000, 1).length, 9000);
    assert_text(task_lower(t, TEXT("InFo@É[Z")), "info@É[z");
    assert_text(task_lower(t, (struct text){ NULL, 0 }), NULL);
    assert_string_equal(task_c_string(t, TEXT("a\0b")), "a");
    assert_string_equal(task_c_string(t, TEXT("")), "");
    assert_null(task_c_string(t, (struct text){ NULL, 0 }));
}

static void note_a(void *it)
{
    strcat(it, "a");
}

static void note_b(void *it)
{
    strcat(it, "b");
}

static void endings_run_newest_first(void **state)
{
    char order[8] = "";
    struct task *t = task_open();

    (void)state;
    task_defer(t, note_a, order);
    task_defer(t, note_b, order);
    task_defer(t, note_a, order);
    assert_string_equal(order, "");
    task_close(t);
    assert_string_equal(order, "aba");
    task_close(NULL);
}

static void problems_keep_their_order_and_figures(void **state)
{
    struct task *t = fresh_task(state);
    char field[] = "name";
    const struct problem *p;

    assert_null(task_problems(t));
    assert_int_equal(task_problem(t, field, &problem_required), INVALID);
    assert_int_equal(task_problem_figure(t, "other", &problem_too_long, "max", 254), INVALID);
    field[0] = 'X'; /* the task holds its own copy */
    p = task_problems(t);
    assert_text(p->field, "name");
    assert_text(problem_detail(t, p), "is required");
    assert_text(p->next->field, "other");
    assert_text(problem_detail(t, p->next), "must have at most 254 characters");
    assert_null(p->next->next);
    task_forget_problems(t);
    assert_null(task_problems(t));
    assert_int_equal(task_problem(t, "third", &problem_required), INVALID);
    assert_text(task_problems(t)->field, "third");
    assert_null(task_problems(t)->next);
}

static void detail_keeps_what_it_cannot_fill(void **state)
{
    static const struct problem_kind kind = { "x", "{max} of {max} and {min}, then {" };
    struct task *t = fresh_task(state);

    assert_int_equal(task_problem_figure(t, "f", &kind, "max", -3), INVALID);
    assert_text(problem_detail(t, task_problems(t)), "-3 of -3 and , then {");
}

static void task_carries_a_connection(void **state)
{
    struct task *t = fresh_task(state);
    int stands_for_one = 0;
    struct connection *c = (struct connection *)(void *)&stands_for_one;

    assert_null(task_connection(t));
    task_use_connection(t, c);
    assert_ptr_equal(task_connection(t), c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(memory_is_zeroed_and_aligned),          TASK_TEST(texts_are_copied_with_a_nul_behind),
        cmocka_unit_test(endings_run_newest_first),       TASK_TEST(problems_keep_their_order_and_figures),
        TASK_TEST(detail_keeps_what_it_cannot_fill),      TASK_TEST(task_carries_a_connection),
    };

    return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
