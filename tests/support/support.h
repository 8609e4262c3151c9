/* tests/support/support.h - what every test program needs: cmocka, a task per case, and words to assert
 * with */
#ifndef POSTREEVE_TESTS_SUPPORT_H
#define POSTREEVE_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/task.h"

/* Setup and teardown of a test that uses tasks: cmocka_unit_test_setup_teardown(it, task_setup,
 * task_teardown). */
int task_setup(void **state);
int task_teardown(void **state);
#define TASK_TEST(it) cmocka_unit_test_setup_teardown(it, task_setup, task_teardown)

/* Ends the task of the case before and opens one for this case. */
struct task *fresh_task(void **state);

/* `code` is the code of the first problem, NULL where everything is well. */
void assert_problem(const struct task *t, enum outcome o, const char *code);
/* The first problem carries this figure. */
void assert_figure(const struct task *t, const char *name, int64_t value);
/* NULL stands for the absent text. */
void assert_text(struct text is, const char *expected);

/* `length` times `c`; ends with the task. */
struct text repeated(struct task *t, char c, size_t length);

#endif
