/* server/store/connection.c */
#include "store/mysql.h"

#include "base/clock.h"
#include "base/log.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef ER_UNKNOWN_COM_ERROR
#define ER_UNKNOWN_COM_ERROR 1047 /* Galera: "WSREP has not yet prepared node for application use" */
#endif
#ifndef ER_CONNECTION_KILLED
#define ER_CONNECTION_KILLED 1927
#endif
#define BEGIN "START TRANSACTION"
#define NOT_READY "WSREP has not yet prepared node for application use"

struct store {
    struct store_settings settings;
    struct servers servers;
    pthread_mutex_t lock;
    pthread_cond_t freed;
    struct connection *connections;
    size_t count, used;
};

/* READ COMMITTED, so that a count sees what a lock waited for. One collation on both sides of every comparison. The
 * longest GROUP_CONCAT is an admin's 10,000 domains; it would be cut without a word. */
static enum outcome settle(struct connection *c)
{
    char units[64];
    enum outcome o = connection_run(c, "SET NAMES utf8mb4 COLLATE utf8mb4_bin");

    if (o == DONE)
        o = connection_run(c, "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO',"
                              " SESSION group_concat_max_len = 4194304, SESSION innodb_lock_wait_timeout = 5");
    if (o == DONE)
        o = connection_run(c, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    snprintf(units, sizeof units, "SET @quota_multiplier = %lld", (long long)c->settings->quota_multiplier);
    if (o == DONE)
        o = connection_run(c, units);
    return o;
}

/* The first cell of the answer, which must fit; empty when there is none. */
static enum outcome ask(struct connection *c, const char *sql, unsigned column, char *out, size_t room)
{
    MYSQL_RES *rows = mysql_query(c->mysql, sql) == 0 ? mysql_store_result(c->mysql) : NULL;
    MYSQL_ROW row;

    *out = '\0';
    if (!rows && mysql_errno(c->mysql) == ER_UNKNOWN_SYSTEM_VARIABLE)
        return DONE;
    if (!rows)
        return connection_failed(c, mysql_errno(c->mysql), mysql_error(c->mysql), sql);
    row = mysql_fetch_row(rows);
    if (row && row[column])
        snprintf(out, room, "%s", row[column]);
    mysql_free_result(rows);
    return DONE;
}

/* A node that is cut off from its cluster, or has just begun, lets us in and then answers nothing: the next one is
 * asked instead. All others wait with an answer until they are level with the cluster (1: reads and the beginning of a
 * transaction, 2: UPDATE and DELETE, 4: INSERT), because the change that the caller has seen may have been made through
 * another node. MySQL, and MariaDB built without, do not know the word. */
static enum outcome settle_in_cluster(struct connection *c)
{
    char answer[16];
    enum outcome o = ask(c, "SELECT @@wsrep_on", 0, answer, sizeof answer);

    c->in_cluster = o == DONE && strcmp(answer, "1") == 0;
    if (!c->in_cluster)
        return o;
    o = ask(c, "SHOW STATUS LIKE 'wsrep_ready'", 1, answer, sizeof answer);
    if (o == DONE && strcmp(answer, "ON") != 0)
        o = connection_failed(c, ER_UNKNOWN_COM_ERROR, NOT_READY, "connect");
    return o == DONE ? connection_run(c, "SET SESSION wsrep_sync_wait = 7") : o;
}

static void set_options(MYSQL *m, const struct store_settings *s, int64_t connect_seconds)
{
    unsigned connecting = (unsigned)connect_seconds, reading = (unsigned)s->read_seconds;
    unsigned writing = (unsigned)s->write_seconds;

    mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT, &connecting);
    mysql_options(m, MYSQL_OPT_READ_TIMEOUT, &reading);
    mysql_options(m, MYSQL_OPT_WRITE_TIMEOUT, &writing);
    mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (s->option_file.length)
        mysql_options(m, MYSQL_READ_DEFAULT_FILE, s->option_file.at);
    mysql_options(m, MYSQL_READ_DEFAULT_GROUP, "client");
}

static const char *or_null(struct text t)
{
    return t.length ? t.at : NULL;
}

static enum outcome connect_to(struct connection *c, size_t server, int64_t seconds)
{
    const struct store_settings *s = c->settings;
    const struct endpoint *e = &c->servers->items[server];
    enum outcome o;

    c->server = server;
    c->mysql = mysql_init(NULL);
    if (!c->mysql)
        return BROKEN;
    set_options(c->mysql, s, seconds);
    if (mysql_real_connect(c->mysql, or_null(e->host), or_null(s->user), or_null(s->password), or_null(s->name),
                           (unsigned)e->port, or_null(s->socket), CLIENT_FOUND_ROWS))
        o = settle(c);
    else
        o = connection_failed(c, mysql_errno(c->mysql), mysql_error(c->mysql), "connect");
    if (o == DONE)
        o = settle_in_cluster(c);
    if (o == DONE)
        c->failures = server_worked(c->servers, server);
    else
        connection_close(c);
    return o;
}

/* A server that says nothing uses half of the time that is left, one that refuses leaves it to the next. */
enum outcome connection_open(struct connection *c)
{
    int64_t until = clock_monotonic_ms() + c->settings->connect_seconds * 1000;
    size_t order[ENDPOINTS_MAX], count;
    enum outcome o = RETRY;

    if (c->mysql && !c->lost)
        return DONE;
    connection_close(c);
    count = servers_order(c->servers, order);
    for (size_t i = 0; i < count && o == RETRY; i++) {
        int64_t left_ms = until - clock_monotonic_ms();
        int64_t share = (left_ms + 999) / 1000 / (i + 1 < count ? 2 : 1);

        if (i > 0 && left_ms <= 0)
            break;
        o = connect_to(c, order[i], share > 1 ? share : 1);
        if (o == RETRY)
            server_failed(c->servers, order[i]);
    }
    return o;
}

void connection_close(struct connection *c)
{
    prepared_forget_all(c);
    if (c->mysql)
        mysql_close(c->mysql);
    c->mysql = NULL;
    c->lost = false;
    c->in_transaction = false;
    c->unanswered = false;
}

static bool is_lost(unsigned error)
{
    return error == CR_SERVER_GONE_ERROR || error == CR_SERVER_LOST || error == ER_SERVER_SHUTDOWN
        || error == ER_CONNECTION_KILLED || error == ER_UNKNOWN_COM_ERROR || error == CR_CONN_HOST_ERROR
        || error == CR_CONNECTION_ERROR || error == CR_COMMANDS_OUT_OF_SYNC || error == CR_UNKNOWN_HOST
        || error == CR_IPSOCK_ERROR || error == CR_SOCKET_CREATE_ERROR || error == CR_SSL_CONNECTION_ERROR;
}

/* The server may be gone, not the connection alone: the others of the pool open anew before they are used again. */
static void lose(struct connection *c)
{
    c->lost = true;
    server_failed(c->servers, c->server);
}

static void log_away(const struct connection *c, unsigned error, const char *words, const char *what)
{
    const struct endpoint *e = &c->servers->items[c->server];

    if (c->servers->count == 1)
        log_line(LOG_WARN, "database is away: %s (%s, %u)", words, what, error);
    else
        log_line(LOG_WARN, "database on %s, port %lld, is away: %s (%s, %u)", e->host.at, (long long)e->port, words, what,
                 error);
}

enum outcome connection_failed(struct connection *c, unsigned error, const char *words, const char *what)
{
    switch (error) {
    case ER_DUP_ENTRY:
    case ER_NO_REFERENCED_ROW_2:
    case ER_ROW_IS_REFERENCED_2:
        return CONFLICT;
    case ER_LOCK_DEADLOCK:     /* or another node's change came first; the transaction is gone, the same again may do */
        c->repeatable = true;
        return RETRY;
    case ER_LOCK_WAIT_TIMEOUT: /* somebody holds the row long; to wait again would only hold a worker, too */
        c->repeatable = false;
        return RETRY;
    default:
        break;
    }
    if (is_lost(error)) {
        c->repeatable = true;
        if (!c->lost)
            lose(c);
        log_away(c, error, words, what);
        return RETRY;
    }
    c->repeatable = false;
    log_line(LOG_FAULT, "database refused %s: %s (%u)", what, words, error);
    /* A server that is full, read-only, starting up, or does not (yet) let us in cannot tell now. What is left is
     * SQL of ours that it does not understand, or a value that it cannot take: a bug. */
    switch (error) {
    case ER_PARSE_ERROR:
    case ER_BAD_FIELD_ERROR:
    case ER_DATA_TOO_LONG:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case ER_BAD_NULL_ERROR:
        return BROKEN;
    default:
        return RETRY;
    }
}

enum outcome connection_ready(struct connection *c)
{
    if (!c->unanswered)
        return DONE;
    c->unanswered = false;
    if (mysql_read_query_result(c->mysql) == 0)
        return DONE;
    c->in_transaction = false;
    return connection_failed(c, mysql_errno(c->mysql), mysql_error(c->mysql), BEGIN);
}

enum outcome connection_run(struct connection *c, const char *sql)
{
    enum outcome o = connection_ready(c);

    if (o != DONE || mysql_query(c->mysql, sql) == 0)
        return o;
    return connection_failed(c, mysql_errno(c->mysql), mysql_error(c->mysql), sql);
}

struct store *store_open(const struct store_settings *s)
{
    struct store *it = calloc(1, sizeof *it);
    pthread_condattr_t monotonic;

    if (!it || mysql_library_init(0, NULL, NULL) != 0)
        abort();
    it->settings = *s;
    it->count = (size_t)s->pool;
    it->connections = calloc(it->count, sizeof *it->connections);
    if (!it->connections)
        abort();
    servers_init(&it->servers, &it->settings.servers);
    for (size_t i = 0; i < it->count; i++) {
        it->connections[i].settings = &it->settings;
        it->connections[i].servers = &it->servers;
    }
    pthread_mutex_init(&it->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&it->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return it;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        connection_close(&s->connections[i]);
    pthread_cond_destroy(&s->freed);
    pthread_mutex_destroy(&s->lock);
    servers_end(&s->servers);
    free(s->connections);
    free(s);
}

/* An open one first: the pool grows only as far as it is used. */
static struct connection *free_one(struct store *s)
{
    struct connection *closed = NULL;

    for (size_t i = 0; i < s->count; i++) {
        struct connection *c = &s->connections[i];

        if (c->borrowed)
            continue;
        if (c->mysql)
            return c;
        if (!closed)
            closed = c;
    }
    return closed;
}

static struct connection *take(struct store *s)
{
    struct timespec until;
    struct connection *c;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)s->settings.connect_seconds;
    pthread_mutex_lock(&s->lock);
    while (!(c = free_one(s)))
        if (pthread_cond_timedwait(&s->freed, &s->lock, &until) != 0)
            break;
    if (c) {
        c->borrowed = true;
        s->used++;
    }
    pthread_mutex_unlock(&s->lock);
    return c;
}

struct borrowing {
    struct store *store;
    struct task *task;
};

static void return_at_the_end(void *it)
{
    const struct borrowing *b = it;

    store_return(b->store, b->task);
}

enum outcome store_borrow(struct store *s, struct task *t)
{
    struct borrowing *b;
    struct connection *c = task_connection(t);
    enum outcome o;

    if (c)
        return connection_open(c);
    c = take(s);
    if (!c)
        return RETRY;
    b = task_alloc(t, sizeof *b);
    *b = (struct borrowing){ s, t };
    task_defer(t, return_at_the_end, b);
    task_use_connection(t, c);
    c->repeatable = false;
    if (c->mysql && server_has_failed_since(c->servers, c->server, c->failures))
        c->lost = true;
    o = connection_open(c);
    if (o != DONE)
        store_return(s, t);
    return o;
}

void store_return(struct store *s, struct task *t)
{
    struct connection *c = task_connection(t);

    if (!c)
        return;
    if (c->in_transaction)
        transaction_rollback(t);
    task_use_connection(t, NULL);
    pthread_mutex_lock(&s->lock);
    c->borrowed = false;
    s->used--;
    pthread_cond_signal(&s->freed);
    pthread_mutex_unlock(&s->lock);
}

static void close_with_task(void *it)
{
    struct connection *c = it;

    connection_close(c);
    servers_end(c->servers);
}

enum outcome store_connect(struct task *t, const struct store_settings *s)
{
    struct connection *c = task_alloc(t, sizeof *c);
    struct store_settings *kept = task_alloc(t, sizeof *kept);

    *kept = *s;
    c->settings = kept;
    c->servers = task_alloc(t, sizeof *c->servers);
    servers_init(c->servers, &kept->servers);
    task_defer(t, close_with_task, c);
    task_use_connection(t, c);
    return connection_open(c);
}

/* Sent, but not waited for: most changes hash a password next, and the server begins meanwhile (on a cluster, where it
 * first gets level with the others, that takes its time). What it says to it, the next statement learns. */
enum outcome transaction_begin(struct task *t)
{
    struct connection *c = task_connection(t);
    enum outcome o = connection_ready(c);

    if (o == DONE && mysql_send_query(c->mysql, BEGIN, sizeof BEGIN - 1) != 0)
        o = connection_failed(c, mysql_errno(c->mysql), mysql_error(c->mysql), BEGIN);
    c->in_transaction = c->unanswered = o == DONE;
    return o;
}

enum outcome transaction_begin_snapshot(struct task *t)
{
    struct connection *c = task_connection(t);
    enum outcome o = connection_run(c, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");

    if (o == DONE)
        o = connection_run(c, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    c->in_transaction = o == DONE;
    return o;
}

enum outcome transaction_commit(struct task *t)
{
    struct connection *c = task_connection(t);
    enum outcome o = connection_run(c, "COMMIT");

    c->in_transaction = false;
    if (o != DONE && c->lost)
        c->repeatable = false; /* it may have happened: to do it again could do it twice */
    return o;
}

void transaction_rollback(struct task *t)
{
    struct connection *c = task_connection(t);
    enum outcome o = c->lost ? DONE : connection_ready(c);

    c->in_transaction = false;
    if (!c->lost && (o != DONE || mysql_query(c->mysql, "ROLLBACK") != 0))
        lose(c); /* whatever state it is in, nobody uses it again */
}

bool transaction_may_be_repeated(const struct task *t)
{
    const struct connection *c = task_connection(t);

    return c && c->repeatable;
}

void store_figures(struct store *s, int64_t *open, int64_t *used)
{
    pthread_mutex_lock(&s->lock);
    *used = (int64_t)s->used;
    *open = 0;
    for (size_t i = 0; i < s->count; i++)
        *open += s->connections[i].mysql != NULL;
    pthread_mutex_unlock(&s->lock);
}
