/* lookup/directory.h - one question, one answer, from MySQL
 *
 * WHAT    Asks as the account of [lookup], which reads only the columns that the questions name
 *         (sql/grants.sql).
 * ENDS    DONE; MISSING when the database answered, and said no, or when nothing can have such a key; RETRY
 *         when it could not be asked now. The three never mix: MISSING bounces a person's letter, RETRY keeps
 *         it waiting.
 */
#ifndef POSTREEVE_LOOKUP_DIRECTORY_H
#define POSTREEVE_LOOKUP_DIRECTORY_H

#include "config/config.h"
#include "lookup/question.h"
#include "store/statement.h"

/* The connection that t's questions use from now on. */
MUST_USE enum outcome directory_connect(struct task *t, const struct config *c);

/* What the configuration puts into questions. */
struct asked directory_settings(const struct config *c);

/* `out` is what the daemon would get: values joined by commas, or name=value fields joined by tabs. */
MUST_USE enum outcome directory_answer(struct task *t, const struct question *q, const struct asked *settings,
                                       struct text key, struct text *out);

/* The statement behind it. */
struct statement directory_statement(const struct question *q);

#endif
