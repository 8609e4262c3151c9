/* tests/store/scratch.h - a database of one's own, on the MariaDB that POSTREEVE_TEST_SOCKET leads to
 *
 * WHAT    Each test program, or each test, opens one and drops it at the end; its name is unique on that server, so that
 *         any number of runs can go on at once. The socket's owner is the database's root, without a password
 *         (tests/lib/mariadb).
 */
#ifndef POSTREEVE_TESTS_STORE_SCRATCH_H
#define POSTREEVE_TESTS_STORE_SCRATCH_H

#include "support/support.h"

#include "store/connection.h"

#include <mysql.h>

struct scratch {
    char name[64], socket[108];
    MYSQL *root;                    /* in that database */
    struct store_settings settings; /* as root, in that database; a test may change its copy */
};

struct scratch *scratch_open(void);     /* empty */
struct scratch *scratch_migrated(void); /* with this version's tables */
struct scratch *scratch_open_at(const char *socket);
void scratch_close(struct scratch *s);  /* drops the database */

/* SQL as root; what fails, fails the test. */
void scratch_run(struct scratch *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
long long scratch_number(struct scratch *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The first row's columns with "|" between them; "(none)" without a row, NULL shown as such. Ends with the task. */
const char *scratch_row(struct scratch *s, struct task *t, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A file of statements, as the `mariadb` program takes it. */
void scratch_run_file(struct scratch *s, const char *path);
/* All columns of all rows of the query, a line per row. */
const char *scratch_rows(struct scratch *s, struct task *t, const char *query);
/* Names of all tables, and SHOW CREATE TABLE of each without AUTO_INCREMENT's counter. */
const char *scratch_layout(struct scratch *s, struct task *t);
/* All rows of these tables ("domain,mailbox"); what the database computes by itself is left out. */
const char *scratch_content(struct scratch *s, struct task *t, const char *tables);
/* All rows of all tables. */
const char *scratch_fingerprint(struct scratch *s, struct task *t);

/* A task with a connection to it. */
struct task *scratch_task(struct scratch *s);
/* Waits until the query gives `wanted`; gives up, failing, after `seconds`. */
void scratch_await(struct scratch *s, long long wanted, int seconds, const char *query);

#endif
