/* tests/store/test_connection.c - what becomes of connections, transactions and the pool when something goes wrong: always
 * "cannot tell now", never "no", and back by itself */
#include "store/scratch.h"

#include "base/clock.h"
#include "store/domain.h"
#include "store/servers.h"
#include "store/statements.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_database(void **state)
{
    struct scratch *s = scratch_migrated();

    scratch_run(s, "INSERT INTO domain (domain) VALUES ('a.example'), ('b.example')");
    *state = s;
    return 0;
}

static int drop_database(void **state)
{
    scratch_close(*state);
    return 0;
}

struct number {
    int64_t number;
};
static const struct field number_fields[] = { COLUMN(struct number, number) };
static const struct shape number_shape = SHAPE(struct number, "Number", number_fields);
static const struct statement own_id = { "own id", "SELECT CONNECTION_ID() AS number", NULL, &number_shape };
static const struct statement impatient = { "impatient", "SET SESSION innodb_lock_wait_timeout = 1", NULL, NULL };
static const struct statement waits = { "waits", "SELECT GET_LOCK(DATABASE(), 600) AS number", NULL, &number_shape };

static int64_t id_of(struct task *t)
{
    struct number n = { 0 };

    assert_int_equal(statement_one(t, &own_id, NULL, &n), DONE);
    return n.number;
}

static void kill_connection(struct scratch *s, int64_t id)
{
    char query[128];

    scratch_run(s, "KILL %lld", (long long)id);
    snprintf(query, sizeof query, "SELECT COUNT(*) FROM information_schema.processlist WHERE id = %lld", (long long)id);
    scratch_await(s, 0, 10, query);
}

static enum outcome find(struct task *t, const char *name)
{
    struct domain d = { 0 };

    return store_domain_find(t, text_of(name), &d);
}

static enum outcome lock(struct task *t, const char *name)
{
    struct domain d = { 0 };

    return store_domain_lock(t, text_of(name), &d);
}

static enum outcome describe(struct task *t, const char *name, const char *words)
{
    struct domain d = { .domain = text_of(name), .description = text_of(words), .transport = TEXT("virtual"),
                        .active = true };

    return store_domain_update(t, &d);
}

/* ---- locks ---- */

struct second { /* holds b, wants a */
    struct task *t;
    enum outcome ended;
    bool repeatable;
};

static void *lock_b_then_a(void *it)
{
    struct second *me = it;
    struct task *t = me->t;

    me->ended = transaction_begin(t);
    if (me->ended == DONE)
        me->ended = lock(t, "b.example");
    if (me->ended == DONE)
        me->ended = lock(t, "a.example");
    me->repeatable = transaction_may_be_repeated(t);
    transaction_rollback(t);
    mysql_thread_end();
    return NULL;
}

static void a_deadlock_can_be_run_again(void **state)
{
    struct second second = { .t = scratch_task(*state) };
    struct task *t = scratch_task(*state);
    char waiting[160];
    pthread_t thread;
    enum outcome mine;
    bool repeatable;

    snprintf(waiting, sizeof waiting, "SELECT COUNT(*) FROM information_schema.innodb_trx"
                                      " WHERE trx_mysql_thread_id = %lld AND trx_state = 'LOCK WAIT'",
             (long long)id_of(second.t));
    assert_int_equal(transaction_begin(t), DONE);
    assert_int_equal(lock(t, "a.example"), DONE);
    assert_int_equal(pthread_create(&thread, NULL, lock_b_then_a, &second), 0);
    scratch_await(*state, 1, 10, waiting);
    mine = lock(t, "b.example");
    repeatable = transaction_may_be_repeated(t);
    transaction_rollback(t);
    pthread_join(thread, NULL);
    assert_int_equal((mine == RETRY) + (second.ended == RETRY), 1);
    assert_int_equal((mine == DONE) + (second.ended == DONE), 1);
    assert_true(mine == RETRY ? repeatable : second.repeatable);
    assert_int_equal(transaction_begin(t), DONE); /* the same again */
    assert_int_equal(lock(t, "a.example"), DONE);
    assert_int_equal(lock(t, "b.example"), DONE);
    assert_int_equal(transaction_commit(t), DONE);
    task_close(t);
    task_close(second.t);
}

static void a_lock_that_does_not_come_is_not_waited_for_again(void **state)
{
    struct task *holder = scratch_task(*state), *t = scratch_task(*state);

    assert_int_equal(transaction_begin(holder), DONE);
    assert_int_equal(lock(holder, "a.example"), DONE);
    assert_int_equal(statement_run(t, &impatient, NULL, NULL), DONE);
    assert_int_equal(transaction_begin(t), DONE);
    assert_int_equal(lock(t, "a.example"), RETRY);
    assert_false(transaction_may_be_repeated(t)); /* the caller has waited long enough */
    transaction_rollback(t);
    transaction_rollback(holder);
    assert_int_equal(lock(t, "a.example"), DONE);
    task_close(t);
    task_close(holder);
}

/* ---- the server goes away ---- */

static void a_connection_that_was_closed_opens_again(void **state)
{
    struct scratch *s = *state;
    struct store *store = store_open(&s->settings);
    struct task *t = task_open();
    int64_t id;

    assert_int_equal(store_borrow(store, t), DONE);
    id = id_of(t);
    store_return(store, t);
    kill_connection(s, id);
    assert_int_equal(store_borrow(store, t), DONE); /* nobody has noticed */
    assert_int_equal(find(t, "a.example"), RETRY);
    assert_true(transaction_may_be_repeated(t));
    store_return(store, t);
    assert_int_equal(store_borrow(store, t), DONE);
    assert_int_equal(find(t, "a.example"), DONE);
    assert_int_not_equal(id_of(t), id);
    task_close(t);
    store_close(store);
}

static const struct statement endless = { "endless", "SELECT seq AS number FROM seq_1_to_100000000", NULL, &number_shape };

struct killing {
    struct scratch *s;
    int64_t id, rows;
};

static enum outcome kill_at_the_tenth(void *context, const void *row)
{
    struct killing *k = context;

    (void)row;
    if (++k->rows == 10)
        kill_connection(k->s, k->id);
    return DONE;
}

/* Half a list is no list. */
static void a_connection_that_goes_between_two_rows_is_noticed(void **state)
{
    struct scratch *s = *state;
    struct store *store = store_open(&s->settings);
    struct task *t = task_open();
    struct killing killing = { .s = s };

    assert_int_equal(store_borrow(store, t), DONE);
    killing.id = id_of(t);
    assert_int_equal(statement_each(t, &endless, NULL, kill_at_the_tenth, &killing), RETRY);
    assert_true(killing.rows >= 10);
    assert_true(transaction_may_be_repeated(t));
    assert_int_equal(store_borrow(store, t), DONE);
    assert_int_not_equal(id_of(t), killing.id);
    task_close(t);
    store_close(store);
}

/* What the server says to START TRANSACTION is read with the next statement, whichever that is. */
static void a_beginning_is_not_waited_for(void **state)
{
    struct scratch *s = *state;
    struct store *store = store_open(&s->settings);
    struct task *t = task_open();
    enum outcome o;
    int64_t id;

    assert_int_equal(store_borrow(store, t), DONE);
    id = id_of(t);
    assert_int_equal(transaction_begin(t), DONE);
    transaction_rollback(t);
    assert_int_equal(transaction_begin(t), DONE);
    assert_int_equal(transaction_commit(t), DONE);
    assert_int_equal(transaction_begin(t), DONE);
    assert_int_equal(transaction_begin(t), DONE);
    assert_int_equal(describe(t, "a.example", "begun"), DONE);
    store_return(store, t);
    assert_int_equal(scratch_number(s, "SELECT COUNT(*) FROM domain WHERE description = 'begun'"), 0);
    assert_int_equal(store_borrow(store, t), DONE);
    assert_int_equal(id_of(t), id); /* none of it cost the connection */
    kill_connection(s, id);
    o = transaction_begin(t); /* may notice, or not yet */
    assert_int_equal(o == DONE ? find(t, "a.example") : o, RETRY);
    assert_true(transaction_may_be_repeated(t));
    store_return(store, t);
    assert_int_equal(store_borrow(store, t), DONE);
    assert_int_equal(find(t, "a.example"), DONE);
    task_close(t);
    store_close(store);
}

static void what_a_lost_connection_began_has_not_happened(void **state)
{
    struct task *t = scratch_task(*state);

    assert_int_equal(transaction_begin(t), DONE);
    assert_int_equal(describe(t, "a.example", "half"), DONE);
    kill_connection(*state, id_of(t));
    assert_int_equal(describe(t, "b.example", "half"), RETRY);
    assert_true(transaction_may_be_repeated(t));
    transaction_rollback(t);
    task_close(t);
    assert_int_equal(scratch_number(*state, "SELECT COUNT(*) FROM domain WHERE description = 'half'"), 0);
}

/* It may have happened: to do it again could do it twice. */
static void a_commit_without_an_answer_is_not_run_again(void **state)
{
    struct task *t = scratch_task(*state);

    assert_int_equal(transaction_begin(t), DONE);
    assert_int_equal(describe(t, "a.example", "perhaps"), DONE);
    kill_connection(*state, id_of(t));
    assert_int_equal(transaction_commit(t), RETRY);
    assert_false(transaction_may_be_repeated(t));
    task_close(t);
}

static void a_read_without_an_answer_ends_in_time(void **state)
{
    struct scratch as = *(struct scratch *)*state;
    struct number n = { 0 };
    int64_t began = clock_monotonic_ms();
    struct task *t;

    scratch_run(*state, "DO GET_LOCK(DATABASE(), 0)");
    as.settings.read_seconds = 1;
    t = scratch_task(&as);
    assert_int_equal(statement_one(t, &waits, NULL, &n), RETRY);
    assert_in_range(clock_monotonic_ms() - began, 500, 10000);
    assert_int_equal(store_connect(t, &as.settings), DONE);
    assert_int_equal(find(t, "a.example"), DONE);
    task_close(t);
    scratch_run(*state, "DO RELEASE_LOCK(DATABASE())");
}

static const struct {
    const char *what, *socket, *host, *user, *name;
    int64_t port;
} unreachable[] = {
    { "no socket there", "/nonexistent/mysql.sock", NULL, "root", NULL, 0 },
    { "nobody at the port", NULL, "127.0.0.1", "root", NULL, 1 },
    { "no such host", NULL, "no-such-host.invalid", "root", NULL, 3306 },
    { "account that is not let in", NULL, NULL, "nobody-knows-me", NULL, 0 },
    { "no such database", NULL, NULL, "root", "pr_test_no_such", 0 },
};

static void who_cannot_connect_cannot_tell(void **state)
{
    const struct scratch *s = *state;

    for (size_t i = 0; i < COUNT(unreachable); i++) {
        struct store_settings as = s->settings;
        struct task *t = task_open();
        struct endpoint server;
        struct store *store;

        print_message("  %s\n", unreachable[i].what);
        as.connect_seconds = 2;
        server = (struct endpoint){ text_of(unreachable[i].host), unreachable[i].port };
        as.servers = (struct endpoints){ &server, 1 };
        as.user = text_of(unreachable[i].user);
        as.socket = unreachable[i].host ? (struct text){ 0 }
                                        : unreachable[i].socket ? text_of(unreachable[i].socket) : as.socket;
        as.name = unreachable[i].name ? text_of(unreachable[i].name) : as.name;
        store = store_open(&as);
        assert_int_equal(store_borrow(store, t), RETRY);
        assert_null(task_connection(t));
        assert_false(transaction_may_be_repeated(t));
        task_close(t);
        store_close(store);
    }
}

static const char *own_mariadb(const char *what, const char *dir, char *socket, size_t room)
{
    char command[1024];
    FILE *said;

    /* A server that starts removes what it takes for its own leftovers from TMPDIR: never from another's. */
    snprintf(command, sizeof command, "TMPDIR='%s' '" POSTREEVE_SOURCE "/tests/lib/mariadb' %s '%s' < /dev/null", dir,
             what, dir);
    said = popen(command, "r");
    assert_non_null(said);
    if (!fgets(socket, (int)room, said))
        socket[0] = '\0';
    assert_int_equal(pclose(said), 0);
    socket[strcspn(socket, "\n")] = '\0';
    return socket;
}

static void remove_directory(const char *dir)
{
    char command[300];

    snprintf(command, sizeof command, "rm -rf -- '%s'", dir);
    assert_int_equal(system(command), 0);
}

/* A MariaDB of this test's own, since everybody else goes on using theirs. */
static void a_server_that_was_away_is_used_again(void **state)
{
    const char *temporary = getenv("TMPDIR");
    char dir[200], socket[256], nothing[256];
    struct store_settings settings;
    struct store *store;
    struct task *t = task_open();
    struct scratch *s;

    (void)state;
    snprintf(dir, sizeof dir, "%s/pr-store.XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(dir));
    s = scratch_open_at(own_mariadb("start", dir, socket, sizeof socket));
    scratch_run(s, "CREATE TABLE stays (number int PRIMARY KEY) ENGINE=InnoDB");
    settings = s->settings;
    store = store_open(&settings);
    assert_int_equal(store_borrow(store, t), DONE);
    assert_true(id_of(t) > 0);
    store_return(store, t);

    own_mariadb("stop", dir, nothing, sizeof nothing);
    if (store_borrow(store, t) == DONE) /* the old connection, before anybody looked */
        assert_int_equal(statement_one(t, &own_id, NULL, &(struct number){ 0 }), RETRY);
    store_return(store, t);
    for (int i = 0; i < 3; i++)
        assert_int_equal(store_borrow(store, t), RETRY);

    own_mariadb("start", dir, nothing, sizeof nothing);
    assert_int_equal(store_borrow(store, t), DONE);
    assert_true(id_of(t) > 0);
    task_close(t);
    store_close(store);
    mysql_close(s->root);
    free(s);
    own_mariadb("stop", dir, nothing, sizeof nothing);
    remove_directory(dir);
}

/* ---- several servers ---- */

struct silent { /* takes connections and never says a word */
    int socket;
    struct endpoint at;
};

static struct silent silent_open(void)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof here;
    struct silent s = { .socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) };

    assert_int_equal(bind(s.socket, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(s.socket, 16), 0);
    assert_int_equal(getsockname(s.socket, (struct sockaddr *)&here, &length), 0);
    s.at = (struct endpoint){ TEXT("127.0.0.1"), ntohs(here.sin_port) };
    return s;
}

static int callers(const struct silent *s) /* since the last time */
{
    int count = 0, caller;

    while ((caller = accept4(s->socket, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        close(caller);
        count++;
    }
    return count;
}

static const struct endpoint refuses = { { "127.0.0.1", 9 }, 1 }, ours = { { "localhost", 9 }, 0 };

static void the_next_server_is_used_at_once(void **state)
{
    struct scratch as = *(struct scratch *)*state;
    struct silent silent = silent_open();
    struct endpoint servers[] = { refuses, silent.at, ours };
    int64_t began = clock_monotonic_ms();
    struct task *t = task_open();
    struct store *store;

    as.settings.servers = (struct endpoints){ servers, COUNT(servers) };
    as.settings.connect_seconds = 4;
    store = store_open(&as.settings);
    assert_int_equal(store_borrow(store, t), DONE);
    assert_in_range(clock_monotonic_ms() - began, 900, 3900); /* half of what was left went to the silent one */
    assert_int_equal(find(t, "a.example"), DONE);
    assert_int_equal(callers(&silent), 1);
    task_close(t);
    store_close(store);
    close(silent.socket);
}

static void a_pool_stays_on_the_server_that_worked(void **state)
{
    struct scratch as = *(struct scratch *)*state;
    struct silent silent = silent_open();
    struct endpoint servers[] = { silent.at, ours };
    struct task *tasks[] = { task_open(), task_open(), task_open() };
    struct store *store;

    as.settings.servers = (struct endpoints){ servers, COUNT(servers) };
    as.settings.connect_seconds = 2;
    store = store_open(&as.settings);
    for (size_t i = 0; i < COUNT(tasks); i++)
        assert_int_equal(store_borrow(store, tasks[i]), DONE);
    assert_int_equal(callers(&silent), 1);
    for (size_t i = 0; i < COUNT(tasks); i++)
        task_close(tasks[i]);
    store_close(store);
    close(silent.socket);
}

/* When its server may be gone, no connection of the pool is trusted: each opens anew before it is used. */
static void what_was_opened_before_a_failure_is_opened_again(void **state)
{
    struct scratch *s = *state;
    struct store *store = store_open(&s->settings);
    struct task *a = task_open(), *b = task_open();
    int64_t id_a, id_b;

    assert_int_equal(store_borrow(store, a), DONE);
    assert_int_equal(store_borrow(store, b), DONE);
    id_a = id_of(a);
    id_b = id_of(b);
    store_return(store, b);
    kill_connection(s, id_a);
    kill_connection(s, id_b);
    assert_int_equal(find(a, "a.example"), RETRY);
    assert_int_equal(store_borrow(store, b), DONE);
    assert_int_equal(find(b, "a.example"), DONE); /* its own was dead, too */
    task_close(a);
    task_close(b);
    store_close(store);
}

static void no_server_is_asked_beyond_the_time(void **state)
{
    struct scratch as = *(struct scratch *)*state;
    struct silent silent[] = { silent_open(), silent_open(), silent_open(), silent_open() };
    struct endpoint servers[COUNT(silent)];
    int64_t began = clock_monotonic_ms();
    struct task *t = task_open();
    struct store *store;

    for (size_t i = 0; i < COUNT(silent); i++)
        servers[i] = silent[i].at;
    as.settings.servers = (struct endpoints){ servers, COUNT(servers) };
    as.settings.connect_seconds = 2;
    store = store_open(&as.settings);
    assert_int_equal(store_borrow(store, t), RETRY);
    assert_in_range(clock_monotonic_ms() - began, 1500, 3500);
    task_close(t);
    store_close(store);
    for (size_t i = 0; i < COUNT(silent); i++)
        close(silent[i].socket);
}

static void assert_order(struct servers *s, size_t first, size_t second, size_t third)
{
    size_t order[ENDPOINTS_MAX];

    assert_int_equal(servers_order(s, order), 3);
    assert_int_equal(order[0], first);
    assert_int_equal(order[1], second);
    assert_int_equal(order[2], third);
}

static void who_worked_is_first_and_who_failed_is_last(void **state)
{
    struct endpoint named[] = { refuses, refuses, refuses };
    struct endpoints three = { named, COUNT(named) };
    struct servers s;
    int64_t failures;

    (void)state;
    servers_init(&s, &three);
    assert_order(&s, 0, 1, 2);
    failures = server_worked(&s, 1);
    assert_order(&s, 1, 2, 0);
    server_failed(&s, 2);
    assert_order(&s, 1, 0, 2);
    assert_false(server_has_failed_since(&s, 1, failures));
    server_failed(&s, 1);
    assert_true(server_has_failed_since(&s, 1, failures));
    assert_order(&s, 0, 1, 2);
    server_failed(&s, 0); /* all of them: each is asked, in their order */
    assert_order(&s, 1, 2, 0);
    server_worked(&s, 2);
    assert_order(&s, 2, 0, 1);
    servers_end(&s);
}

/* ---- the pool ---- */

static void assert_figures(struct store *store, int64_t open, int64_t used)
{
    int64_t is_open, is_used;

    store_figures(store, &is_open, &is_used);
    assert_int_equal(is_open, open);
    assert_int_equal(is_used, used);
}

static void a_pool_opens_what_it_needs(void **state)
{
    struct scratch *s = *state;
    struct store *store = store_open(&s->settings);
    struct task *a = task_open(), *b = task_open();
    struct connection *first;

    assert_figures(store, 0, 0);
    assert_int_equal(store_borrow(store, a), DONE);
    first = task_connection(a);
    assert_int_equal(store_borrow(store, a), DONE);
    assert_ptr_equal(task_connection(a), first); /* twice is once */
    assert_figures(store, 1, 1);
    store_return(store, a);
    store_return(store, a);
    assert_figures(store, 1, 0);
    assert_int_equal(store_borrow(store, b), DONE);
    assert_ptr_equal(task_connection(b), first); /* the open one before a new one */
    assert_int_equal(store_borrow(store, a), DONE);
    assert_figures(store, 2, 2);
    task_close(a);
    task_close(b);
    assert_figures(store, 2, 0);
    store_close(store);
}

static void an_empty_pool_cannot_tell(void **state)
{
    struct scratch as = *(struct scratch *)*state;
    struct task *a = task_open(), *b = task_open();
    struct store *store;
    int64_t began;

    as.settings.pool = 1;
    as.settings.connect_seconds = 1;
    store = store_open(&as.settings);
    assert_int_equal(store_borrow(store, a), DONE);
    began = clock_monotonic_ms();
    assert_int_equal(store_borrow(store, b), RETRY);
    assert_in_range(clock_monotonic_ms() - began, 900, 10000);
    task_close(a);
    assert_int_equal(store_borrow(store, b), DONE);
    task_close(b);
    store_close(store);
}

struct waiter {
    struct store *store;
    enum outcome ended;
};

static void *wait_for_a_connection(void *it)
{
    struct waiter *me = it;
    struct task *t = task_open();

    me->ended = store_borrow(me->store, t);
    if (me->ended == DONE)
        me->ended = find(t, "a.example");
    task_close(t);
    mysql_thread_end();
    return NULL;
}

/* More threads than connections: each waits for its turn and gets it. */
static void who_waits_gets_the_next_connection(void **state)
{
    struct scratch as = *(struct scratch *)*state;
    struct waiter waiters[8];
    pthread_t threads[COUNT(waiters)];
    struct task *t = task_open();
    struct store *store;

    as.settings.pool = 1;
    as.settings.connect_seconds = 20;
    store = store_open(&as.settings);
    assert_int_equal(store_borrow(store, t), DONE);
    for (size_t i = 0; i < COUNT(waiters); i++) {
        waiters[i] = (struct waiter){ store, BROKEN };
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_a_connection, &waiters[i]), 0);
    }
    assert_int_equal(find(t, "a.example"), DONE);
    task_close(t);
    for (size_t i = 0; i < COUNT(waiters); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(waiters[i].ended, DONE);
    }
    assert_figures(store, 1, 0);
    store_close(store);
}

static void what_was_not_committed_is_undone_on_return(void **state)
{
    struct scratch as = *(struct scratch *)*state;
    struct task *t = task_open();
    struct store *store;

    as.settings.pool = 1;
    store = store_open(&as.settings);
    assert_int_equal(store_borrow(store, t), DONE);
    assert_int_equal(transaction_begin(t), DONE);
    assert_int_equal(describe(t, "a.example", "undone"), DONE);
    store_return(store, t);
    assert_int_equal(store_borrow(store, t), DONE);
    assert_int_equal(describe(t, "b.example", "kept"), DONE);
    task_close(t);
    store_close(store);
    assert_string_equal(scratch_rows(*state, t = task_open(), "SELECT domain FROM domain WHERE description = 'kept'"
                                                              " OR description = 'undone'"), "b.example\n");
    task_close(t);
}

/* A transaction that waited for a lock sees what the other one wrote. */
static void a_count_sees_what_the_lock_waited_for(void **state)
{
    struct task *first = scratch_task(*state), *t = scratch_task(*state);
    struct room_left room = { .home = { .domain = TEXT("a.example"), .mailbox_limit = { true, 2 } } };

    scratch_run(*state, "UPDATE domain SET mailboxes = 2 WHERE domain = 'a.example'");
    assert_int_equal(transaction_begin(t), DONE);
    assert_int_equal(store_domain_room(t, TEXT(""), ROOM_FOR_MAILBOX, &room), DONE); /* a snapshot, if it kept one */
    assert_int_equal(room.other_mailboxes, 0);
    assert_int_equal(transaction_begin(first), DONE);
    assert_int_equal(lock(first, "a.example"), DONE);
    scratch_run(*state, "INSERT INTO mailbox (username, password, maildir, local_part, domain)"
                        " VALUES ('x@a.example', '', '', 'x', 'a.example')");
    assert_int_equal(transaction_commit(first), DONE);
    assert_int_equal(lock(t, "a.example"), DONE);
    assert_int_equal(store_domain_room(t, TEXT(""), ROOM_FOR_MAILBOX, &room), DONE);
    assert_int_equal(room.other_mailboxes, 1);
    task_close(t);
    task_close(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadlock_can_be_run_again),
        cmocka_unit_test(a_lock_that_does_not_come_is_not_waited_for_again),
        cmocka_unit_test(a_connection_that_was_closed_opens_again),
        cmocka_unit_test(a_connection_that_goes_between_two_rows_is_noticed),
        cmocka_unit_test(a_beginning_is_not_waited_for),
        cmocka_unit_test(what_a_lost_connection_began_has_not_happened),
        cmocka_unit_test(a_commit_without_an_answer_is_not_run_again),
        cmocka_unit_test(a_read_without_an_answer_ends_in_time),
        cmocka_unit_test(who_cannot_connect_cannot_tell),
        cmocka_unit_test(a_server_that_was_away_is_used_again),
        cmocka_unit_test(the_next_server_is_used_at_once),
        cmocka_unit_test(a_pool_stays_on_the_server_that_worked),
        cmocka_unit_test(what_was_opened_before_a_failure_is_opened_again),
        cmocka_unit_test(no_server_is_asked_beyond_the_time),
        cmocka_unit_test(who_worked_is_first_and_who_failed_is_last),
        cmocka_unit_test(a_pool_opens_what_it_needs),
        cmocka_unit_test(an_empty_pool_cannot_tell),
        cmocka_unit_test(who_waits_gets_the_next_connection),
        cmocka_unit_test(what_was_not_committed_is_undone_on_return),
        cmocka_unit_test(a_count_sees_what_the_lock_waited_for),
    };

    return cmocka_run_group_tests_name("connection", tests, open_database, drop_database);
}
