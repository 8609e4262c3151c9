/* lookup/tables.h - Postfix's maps as files: lmdb:, hash:
 *
 * WHAT    postfix/table_MAP below a directory, and beside it the table that postmap(1) makes of it, for each question that
 *         Postfix asks; with --maps mysql or proxy for the smart hosts' log-ins alone, which no daemon can ask for itself.
 * HOW     One map, one definition: a row's answer is the question's own SQL (question_of_row), asked for every key that can
 *         have one. Rows are written as they come, so a million of them need no more memory than ten, and in the order
 *         of their keys, so that the same answers are the same file, which is not touched then (table.h).
 * AGE     A file is as old as its last run: an alias whose time is over (`until`) answers until the next.
 * LOG-INS A smart host whose password cannot be opened, or that two log-ins claim, has an empty password in the table. It refuses that, and
 *         Postfix keeps the letters waiting; without a line they would be sent without log-in, refused, and returned.
 * ENDS    DONE; RETRY (the database cannot tell now); CONFLICT (a file that is not ours or cannot be written, or postmap
 *         refused it). Each table is whole, old or new, also when a later one fails.
 */
#ifndef POSTREEVE_LOOKUP_TABLES_H
#define POSTREEVE_LOOKUP_TABLES_H

#include "lookup/question.h"
#include "lookup/render.h"
#include "store/statement.h"

/* The task has a connection (directory.h), the configuration its vault. */
MUST_USE enum outcome tables(struct task *t, const struct config *c, const char *out, enum maps maps);

/* Who asks for a table in the form of `maps`, and under which name below --out/postfix. */
bool tables_hold(const struct question *q, enum maps maps);
struct text tables_name(struct task *t, const char *map);

/* For the test that prepares every statement: the n-th that makes a table of `q`; false: it has no more. */
bool tables_statement(struct task *t, const struct question *q, size_t n, struct statement *out);

#endif
