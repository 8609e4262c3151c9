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
#include "store/connection.h"
#include "store/statement.h"

/* The connection that t's questions use from now on. */
MUST_USE enum outcome directory_connect(struct task *t, const struct config *c);

/* The same as the service, [database]: for what the mail daemons' account cannot read. */
MUST_USE enum outcome directory_connect_service(struct task *t, const struct config *c);
/* The same for many tasks, one after the other: each borrows it (store/connection.h). */
struct store *directory_open(const struct config *c);

/* What the configuration puts into questions. */
struct asked directory_settings(const struct config *c);

/* `out` is what the daemon would get: values joined by commas, name=value fields joined by tabs, or a smart host's
 * username:password, for which config_open_vault() was called. */
MUST_USE enum outcome directory_answer(struct task *t, const struct config *c, const struct question *q, struct text key,
                                       struct text *out);
/* The last of these for a key in canonical form. RETRY after a line in the log: it cannot be opened now, or is ambiguous;
 * `username` is given then, too. */
MUST_USE enum outcome directory_log_in(struct task *t, const struct config *c, const struct asked *a,
                                       struct text *username, struct text *out);

/* The statement behind it. */
struct statement directory_statement(const struct question *q);

#endif
