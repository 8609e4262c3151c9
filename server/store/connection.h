/* server/store/connection.h - connections to MySQL, pooled
 *
 * WHAT    A pool hands a connection to a task; the statements of this room then run on it. A connection opens when it
 *         is first needed, and again after the server went away: on the next of several servers, at once.
 * NODES   On a node of a Galera cluster, what is asked waits until the node has all that any node had committed before:
 *         who is logged out on one is logged out on all. A transaction that two nodes' changes meet in is a deadlock.
 * ENDS    RETRY whenever the database could not be asked or could not answer now: never MISSING.
 * WHERE   The only room with <mysql.h>. MySQL's errors become outcomes in one place, connection.c.
 * SOURCE  MariaDB Connector/C and MySQL C API, whose common part this is.
 */
#ifndef POSTREEVE_STORE_CONNECTION_H
#define POSTREEVE_STORE_CONNECTION_H

#include "base/endpoint.h"
#include "base/task.h"

struct store_settings {   /* texts end in NUL or are absent */
    struct endpoints servers; /* of one cluster; none: where socket and option_file say */
    struct text socket, name, user, password, option_file;
    int64_t pool, read_seconds, write_seconds;
    int64_t connect_seconds;  /* for all servers together */
    int64_t quota_multiplier; /* octets of one unit in domain.maxquota and domain.quota */
};

struct store;
struct store *store_open(const struct store_settings *s); /* connects nothing yet; texts must outlive the store */
void store_close(struct store *s);                        /* every task must have given its connection back */

/* Gives task t a connection; waits for a free one up to the connect time-out. Done twice, it is the same one.
 * The task gives it back when it ends, if nobody did before. */
MUST_USE enum outcome store_borrow(struct store *s, struct task *t);
void store_return(struct store *s, struct task *t);
/* A connection of its own for a program that needs just one. Ends with the task. */
MUST_USE enum outcome store_connect(struct task *t, const struct store_settings *s);

MUST_USE enum outcome transaction_begin(struct task *t);
/* All that is read in it is as of one moment. */
MUST_USE enum outcome transaction_begin_snapshot(struct task *t);
MUST_USE enum outcome transaction_commit(struct task *t);
void transaction_rollback(struct task *t);
/* After RETRY: nothing of the transaction has happened (deadlock, connection lost before the commit), so
 * the same again may succeed. False after a commit whose answer was lost. */
bool transaction_may_be_repeated(const struct task *t);

/* How many connections are open and how many are in use. */
void store_figures(struct store *s, int64_t *open, int64_t *used);

#endif
