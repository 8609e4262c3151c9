/* server/store/statement.h - SQL as data, with a typed door
 *
 * WHAT    A statement's values are named in its SQL (:address, :forward.destinations) and taken from a struct by the
 *         struct's shape; result columns go by their names into a struct by its shape. Every value is bound, none is
 *         ever part of the text.
 * HOW     KIND_TEXTS is a comma-separated column (model/address.h, destinations_split). KIND_LIMIT is Postfix Admin's:
 *         0 no limit, -1 none. KIND_MOMENT is Unix seconds: UNIX_TIMESTAMP(column), FROM_UNIXTIME(:value).
 *         An absent text is NULL, and NULL an absent text.
 * WHY     A test prepares every statement of the *_statements arrays on the migrated schema, and checks that each name
 *         is a field; so the arrays are where statements live, and none can be left out.
 */
#ifndef POSTREEVE_STORE_STATEMENT_H
#define POSTREEVE_STORE_STATEMENT_H

#include "base/shape.h"

struct statement {
    const char *name;
    const char *sql;
    const struct shape *takes, *gives; /* NULL: no values, no rows */
};

/* A limit as its column holds it. */
int64_t limit_as_column(const struct limit *limit);

/* The first row into `out`; MISSING when there is none. */
MUST_USE enum outcome statement_one(struct task *t, const struct statement *s, const void *in, void *out);
MUST_USE enum outcome statement_all(struct task *t, const struct statement *s, const void *in, struct rows *out);
/* Runs a change; `changed` (may be NULL) is how many rows it found. */
MUST_USE enum outcome statement_run(struct task *t, const struct statement *s, const void *in, int64_t *changed);

/* The number that the last statement_run() gave its new row (AUTO_INCREMENT). */
int64_t statement_new_number(struct task *t);

/* Row by row without holding them: `row` is valid during the call only; anything but DONE ends it. */
typedef enum outcome row_fn(void *context, const void *row);
MUST_USE enum outcome statement_each(struct task *t, const struct statement *s, const void *in, row_fn *take,
                                     void *context);

/* Prepares it and checks its names against its shapes; the problem, if any, in `out`. For the tests. */
MUST_USE enum outcome statement_check(struct task *t, const struct statement *s, struct text *out);

#endif
