/* server/store/migrate.h - bringing the tables to this version's layout
 *
 * WHAT    sql/migrations/NNNN-what.sql, embedded in the programs, run once each in their order under a lock of the
 *         server's (GET_LOCK). After each statement its number is written down, so that a run that was killed goes on
 *         where it was; the one statement that may have run without being written down is one that can run again.
 * NODES   In a Galera cluster, where such a lock holds on one node only, a row that is renewed with every statement says
 *         who is at it. Who was killed is waited for a minute.
 */
#ifndef POSTREEVE_STORE_MIGRATE_H
#define POSTREEVE_STORE_MIGRATE_H

#include "base/task.h"

struct migration {
    const char *name, *sql;
    size_t length;
};
extern const struct migration migrations[]; /* ended by a NULL name; made by sql/CMakeLists.txt */

/* Applies what is missing; `said` is called with one line per migration. */
typedef void migrate_said(const char *name, int statements);
MUST_USE enum outcome migrate(struct task *t, migrate_said *said);
/* DONE when the tables are of just this version; CONFLICT when older or newer. */
MUST_USE enum outcome migrate_is_current(struct task *t);

#endif
