/* server/base/task.h - one piece of work: its memory, its problems, and what must be undone at its end
 *
 * WHAT    A request, a command, a look-up. Everything it allocates ends with it.
 * OWNS    All memory from task_alloc() and its kin; never freed piecewise. Anything else that must end
 *         (a borrowed connection, say) registers with task_defer().
 * ENDS    task_close() runs the deferred functions, newest first, then frees. Secrets are wiped with the memory.
 *         Memory that cannot be had ends the process: there is no half-done answer to give.
 * THREAD  A task belongs to one thread at a time.
 */
#ifndef POSTREEVE_BASE_TASK_H
#define POSTREEVE_BASE_TASK_H

#include "base/outcome.h"
#include "base/problem.h"
#include "base/text.h"

#include <stdarg.h>

struct task;
struct connection; /* store/connection.h; here only so that a task can carry it to the store */

struct task *task_open(void);
void task_close(struct task *t);

void *task_alloc(struct task *t, size_t size); /* zeroed, aligned for anything */
struct text task_copy(struct task *t, struct text given);
struct text task_join(struct task *t, struct text a, struct text b);
struct text task_printf(struct task *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *task_c_string(struct task *t, struct text given); /* cut at a NUL inside; NULL for the absent text */
struct text task_lower(struct task *t, struct text given); /* ASCII letters in lower case */

typedef void task_ending(void *it);
void task_defer(struct task *t, task_ending *ending, void *it);

/* Adds a problem; where that ends in INVALID, as for a rule, task_problem() says both. */
void task_note(struct task *t, const char *field, const struct problem_kind *kind, struct figure figure);
MUST_USE enum outcome task_problem(struct task *t, const char *field, const struct problem_kind *kind);
MUST_USE enum outcome task_problem_figure(struct task *t, const char *field, const struct problem_kind *kind,
                                          const char *name, int64_t value);
const struct problem *task_problems(const struct task *t); /* in the order they arose */
void task_forget_problems(struct task *t);                 /* before running a verb again */
struct text problem_detail(struct task *t, const struct problem *p); /* English, figures filled in */

/* The connection that the store's functions use; set by whoever borrowed it. */
void task_use_connection(struct task *t, struct connection *c);
struct connection *task_connection(const struct task *t);

#endif
