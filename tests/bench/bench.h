/* tests/bench/bench.h - what the benchmarks share
 *
 * WHAT    A connection to the service over HTTP, one to its database, threads that ask for so many seconds, medians, and what the
 *         kernel says of a process. Whatever goes wrong ends the program: a figure from half a run is worse than none.
 */
#ifndef POSTREEVE_TESTS_BENCH_H
#define POSTREEVE_TESTS_BENCH_H

#include <mysql.h>

#include <stdbool.h>
#include <stddef.h>

#define ROUNDS_MAX 1000
#define ANSWER_MAX (2 << 20)
#define ADDRESS_SIZE 64
#define BIG_DOMAIN "big.bench.example"
#define PASSWORD "password"
#define PASSWORD_HASH "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"
#define SMALL_DOMAINS 1000

/* The mailbox, its forward, its usage: what the service's answer is made of. */
#define MAILBOX_COLUMNS                                                                                           \
    "m.username, m.local_part, m.domain, m.quota, m.name, m.active, m.maildir, m.password, a.goto,"               \
    " COALESCE(q.bytes, 0), COALESCE(q.messages, 0), UNIX_TIMESTAMP(m.created), UNIX_TIMESTAMP(m.modified)"
#define MAILBOX_TABLES                                                                                            \
    "mailbox m LEFT JOIN alias a ON a.address = m.username LEFT JOIN quota2 q ON q.username = m.username"

enum side { CLIENT, SERVICE, DATABASE };
#define SIDES (DATABASE + 1)

struct options {
    const char *host, *port, *option_file, *database, *program, *config;
    const char *cookie, *csrf_token; /* of the super admin */
    long mailboxes, connections, rounds, seconds;
    long pids[SIDES];
};
struct options options_read(int argc, char **argv);

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

/* Mailbox `n` of 1 to `mailboxes`, as tests/bench/run makes them: each tenth is in BIG_DOMAIN, the others in SMALL_DOMAINS by turns. */
void nth_address(const struct options *o, long n, char out[ADDRESS_SIZE]);

struct http {
    int socket;
    const char *host, *cookie, *csrf_token;
    char answer[ANSWER_MAX];
};
struct http *http_open(const struct options *o); /* as the super admin */
void http_close(struct http *h);
/* Sends the request, waits for the whole answer, and returns its body; an answer other than `status` ends the program. */
const char *http_ask(struct http *h, const char *method, const char *path, const char *body, int status);
/* Logs in on this connection and goes on as that account. */
void http_log_in(struct http *h, const char *username);
/* The text behind "name":" in a body, copied. */
void json_text(const char *body, const char *name, char *out, size_t size);

MYSQL *sql_open(const struct options *o); /* with the settings of the service's own connections */
void sql_run(MYSQL *m, const char *statement);
size_t sql_rows(MYSQL *m, const char *query); /* fetches them all */
/* A prepared statement whose parameters are texts. */
MYSQL_STMT *sql_prepare(MYSQL *m, const char *statement);
size_t sql_execute(MYSQL_STMT *s, size_t count, const char *const values[]); /* fetches all rows; returns how many */

struct leg { /* threads that ask one thing over and over */
    const struct options *options;
    void *(*open)(const struct options *o);
    void (*ask)(const struct options *o, unsigned *seed, void *connection);
    void (*close)(void *connection);
    double rates[ROUNDS_MAX];
    double asked, cpu_us[SIDES]; /* in all rounds */
};
void leg_run(struct leg *l, long round); /* for options->seconds */

double now_ms(void);
double median(double *values, size_t count); /* sorts them */
double resident_mib(long pid, const char *line); /* "VmRSS:" or "VmHWM:" of /proc/PID/status */

#endif
