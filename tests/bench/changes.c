/* tests/bench/changes.c - creating a mailbox, and logging in, beside the bare statements and the hash
 *
 * WHAT    Mailboxes made one after the other over HTTP, each beside BEGIN, two INSERTs and COMMIT by the C API and one crypt() of the
 *         password; made by the command; log-ins of random mailboxes over several connections, beside one crypt() and the same
 *         statements by the C API over as many. What the yardstick of a new mailbox leaves out, and the service does: the session, the
 *         permission, the domain's limits, forwards that go in a circle, the log's record and its chain, the answer.
 */
#include "bench.h"

#include <crypt.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CREATED 200
#define COMMANDS 21
#define REFUSALS 3
#define NEW_PASSWORD "Gr8-Yardstick-of-Oak"

extern char **environ;

static void hash(const char *password)
{
    static _Thread_local struct crypt_data data;

    if (!crypt_r(password, "$1$saltsalt$", &data))
        die("crypt_r does not know md5crypt");
}

/* ---- a new mailbox ---- */

struct bare_create {
    MYSQL *server;
    MYSQL_STMT *alias, *mailbox;
};

static struct bare_create bare_create_open(const struct options *o)
{
    MYSQL *m = sql_open(o);

    return (struct bare_create){
        m,
        sql_prepare(m, "INSERT INTO alias (address, goto, domain, active, created, modified) VALUES (?, ?, ?, 1, NOW(), NOW())"),
        sql_prepare(m, "INSERT INTO mailbox (username, password, name, maildir, quota, local_part, domain, active, created, modified)"
                       " VALUES (?, '" PASSWORD_HASH "', '', ?, 0, ?, ?, 1, NOW(), NOW())"),
    };
}

static double bare_create(struct bare_create *b, const char *local_part, const char *domain)
{
    double began = now_ms();
    char address[ADDRESS_SIZE], maildir[128];

    snprintf(address, sizeof address, "%s@%s", local_part, domain);
    snprintf(maildir, sizeof maildir, "%s/%s/", domain, local_part);
    hash(NEW_PASSWORD);
    sql_run(b->server, "BEGIN");
    (void)sql_execute(b->alias, 3, (const char *const[]){ address, address, domain });
    (void)sql_execute(b->mailbox, 4, (const char *const[]){ address, maildir, local_part, domain });
    sql_run(b->server, "COMMIT");
    return now_ms() - began;
}

static double create_over_http(struct http *h, const char *local_part, const char *domain)
{
    double began = now_ms();
    char body[512];

    snprintf(body, sizeof body, "{\"address\": \"%s@%s\", \"password\": \"" NEW_PASSWORD "\", \"quota_bytes\": 51200000}", local_part,
             domain);
    (void)http_ask(h, "POST", "/api/v1/mailboxes", body, 201);
    return now_ms() - began;
}

static void measure_creation(const struct options *o, const char *what, const char *domain, bool to_reach)
{
    static double http[CREATED], bare[CREATED], ratios[CREATED];
    static int series;
    struct http *h = http_open(o);
    struct bare_create b = bare_create_open(o);
    char local_part[32];
    double ratio;

    series++;
    for (int i = -1; i < CREATED; i++) { /* the first one warms up */
        int at = i < 0 ? 0 : i;

        snprintf(local_part, sizeof local_part, "h%d-%d", series, i + 1);
        http[at] = create_over_http(h, local_part, domain);
        snprintf(local_part, sizeof local_part, "s%d-%d", series, i + 1);
        bare[at] = bare_create(&b, local_part, domain);
        ratios[at] = http[at] / bare[at];
    }
    ratio = median(ratios, CREATED);
    printf("%-44s %9.2f %9.2f %7.2f", what, median(http, CREATED), median(bare, CREATED), ratio);
    puts(!to_reach ? "" : ratio <= 1.5 ? "   1.5 reached" : "   1.5 MISSED");
    http_close(h);
    mysql_stmt_close(b.alias);
    mysql_stmt_close(b.mailbox);
    mysql_close(b.server);
}

static void write_password(char *path)
{
    int file = mkstemp(path);

    if (file < 0 || dprintf(file, NEW_PASSWORD "\n") < 0 || close(file) != 0)
        die("cannot write %s", path);
}

static double run_command(const struct options *o, const char *address, const char *password_file)
{
    const char *argv[] = { o->program, "-c", o->config, "mailbox", "create", address, "--password-file", password_file, NULL };
    posix_spawn_file_actions_t quiet;
    union { const char **in; char **out; } words = { .in = argv };
    double began = now_ms();
    int status = 0;
    pid_t pid;

    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, o->program, &quiet, NULL, words.out, environ) != 0 || waitpid(pid, &status, 0) != pid || status != 0)
        die("%s mailbox create %s ended with %d", o->program, address, status);
    posix_spawn_file_actions_destroy(&quiet);
    return now_ms() - began;
}

static void measure_command(const struct options *o)
{
    char path[] = "/tmp/bench-password.XXXXXX", address[ADDRESS_SIZE];
    double times[COMMANDS], all;

    write_password(path);
    for (int i = -1; i < COMMANDS; i++) {
        snprintf(address, sizeof address, "c%d@" BIG_DOMAIN, i + 1);
        times[i < 0 ? 0 : i] = run_command(o, address, path);
    }
    unlink(path);
    all = median(times, COMMANDS);
    printf("%-44s %9.2f %9s %7s    25 %s\n", "postreeve mailbox create", all, "", "", all <= 25 ? "reached" : "MISSED");
}

/* ---- a log-in ---- */

static void *over_http(const struct options *o)
{
    return http_open(o);
}

static void log_in_over_http(const struct options *o, unsigned *seed, void *connection)
{
    char address[ADDRESS_SIZE], body[256];
    struct http *h = connection;

    h->cookie = NULL;
    nth_address(o, (long)rand_r(seed) % o->mailboxes + 1, address);
    snprintf(body, sizeof body, "{\"username\": \"%s\", \"password\": \"" PASSWORD "\"}", address);
    if (!strstr(http_ask(h, "POST", "/api/v1/session", body, 201), "csrf_token"))
        die("%s has no session", address);
}

static void leave_http(void *connection)
{
    http_close(connection);
}

/* What a log-in asks the database, in the same order. */
enum { THROTTLE, ACCOUNT, OLD_SESSIONS, NEW_SESSION, FORGIVE, OLD_FAILURES, LOG, LOG_IN_STATEMENTS };
static const char *const log_in_sql[] = {
    [THROTTLE] = "SELECT failures, since FROM postreeve_throttle WHERE bucket = ? AND since > NOW() - INTERVAL 900 SECOND",
    [ACCOUNT] = "SELECT a.username, a.password, a.superadmin, a.active, a.totp_secret FROM admin a WHERE a.username = ?"
                " UNION ALL SELECT m.username, m.password, 0, m.active AND d.active, m.totp_secret FROM mailbox m"
                " JOIN domain d ON d.domain = m.domain WHERE m.username = ?",
    [OLD_SESSIONS] = "DELETE FROM postreeve_session WHERE seen < NOW() - INTERVAL 1800 SECOND",
    [NEW_SESSION] = ("INSERT INTO postreeve_session (digest, username, account, language, source, created, seen)"
                    " VALUES (?, ?, 'mailbox', 'en', '127.0.0.1', NOW(), NOW())"),
    [FORGIVE] = "DELETE FROM postreeve_throttle WHERE bucket = ?",
    [OLD_FAILURES] = "DELETE FROM postreeve_throttle WHERE since < NOW() - INTERVAL 900 SECOND",
    [LOG] = "INSERT INTO log (timestamp, username, domain, action, data) VALUES (NOW(), ?, 'bench.example', 'session.create', ?)",
};

struct bare_log_in {
    MYSQL *server;
    MYSQL_STMT *statements[LOG_IN_STATEMENTS];
};

static void *over_sql(const struct options *o)
{
    struct bare_log_in *b = malloc(sizeof *b);

    if (!b)
        die("out of memory");
    b->server = sql_open(o);
    for (size_t i = 0; i < LOG_IN_STATEMENTS; i++)
        b->statements[i] = sql_prepare(b->server, log_in_sql[i]);
    return b;
}

static void log_in_over_sql(const struct options *o, unsigned *seed, void *connection)
{
    static const char *const buckets[] = { "from:127.0.0.1/32", "from:127.0.0.0/24", "from:127.0.0.0/16" };
    char address[ADDRESS_SIZE], bucket[80], digest[65];
    struct bare_log_in *b = connection;

    nth_address(o, (long)rand_r(seed) % o->mailboxes + 1, address);
    snprintf(bucket, sizeof bucket, "account:%s", address);
    snprintf(digest, sizeof digest, "%08x%08x%08x%08x%08x%08x%08x%08x", (unsigned)rand_r(seed), (unsigned)rand_r(seed),
             (unsigned)rand_r(seed), (unsigned)rand_r(seed), (unsigned)rand_r(seed), (unsigned)rand_r(seed),
             (unsigned)rand_r(seed), (unsigned)rand_r(seed));
    (void)sql_execute(b->statements[THROTTLE], 1, (const char *const[]){ bucket });
    for (size_t i = 0; i < sizeof buckets / sizeof buckets[0]; i++)
        (void)sql_execute(b->statements[THROTTLE], 1, &buckets[i]);
    if (sql_execute(b->statements[ACCOUNT], 2, (const char *const[]){ address, address }) != 1)
        die("no account %s", address);
    hash(PASSWORD);
    sql_run(b->server, "BEGIN");
    (void)sql_execute(b->statements[OLD_SESSIONS], 0, NULL);
    (void)sql_execute(b->statements[NEW_SESSION], 2, (const char *const[]){ digest, address });
    (void)sql_execute(b->statements[FORGIVE], 1, (const char *const[]){ bucket });
    (void)sql_execute(b->statements[OLD_FAILURES], 0, NULL);
    (void)sql_execute(b->statements[LOG], 2, (const char *const[]){ address, address });
    sql_run(b->server, "COMMIT");
}

static void leave_sql(void *connection)
{
    struct bare_log_in *b = connection;

    for (size_t i = 0; i < LOG_IN_STATEMENTS; i++)
        mysql_stmt_close(b->statements[i]);
    mysql_close(b->server);
    free(b);
}

/* One connection, one after the other, the two by turns. */
static void measure_log_in(const struct options *o)
{
    static double http[CREATED], bare[CREATED], ratios[CREATED];
    void *h = over_http(o), *b = over_sql(o);
    unsigned seed = 1;

    for (int i = -1; i < CREATED; i++) {
        int at = i < 0 ? 0 : i;
        double began = now_ms(), between;

        log_in_over_http(o, &seed, h);
        between = now_ms();
        log_in_over_sql(o, &seed, b);
        http[at] = between - began;
        bare[at] = now_ms() - between;
        ratios[at] = http[at] / bare[at];
    }
    printf("%-44s %9.2f %9.2f %7.2f\n", "log-in, one after the other", median(http, CREATED), median(bare, CREATED),
           median(ratios, CREATED));
    leave_http(h);
    leave_sql(b);
}

static void measure_log_in_rate(const struct options *o)
{
    struct leg http = { .options = o, .open = over_http, .ask = log_in_over_http, .close = leave_http };
    struct leg sql = { .options = o, .open = over_sql, .ask = log_in_over_sql, .close = leave_sql };
    double ratios[ROUNDS_MAX];

    for (long i = 0; i < o->rounds; i++) {
        leg_run(&http, i);
        leg_run(&sql, i);
        ratios[i] = http.rates[i] / sql.rates[i];
    }
    printf("%-44s %9.0f %9.0f %7.2f   (a second; ratio of the rates)\n", "log-ins over all connections",
           median(http.rates, (size_t)o->rounds), median(sql.rates, (size_t)o->rounds), median(ratios, (size_t)o->rounds));
}

/* Held back on purpose, whether the account exists or not. */
static void measure_refusals(const struct options *o)
{
    static const char *const unknown[] = { "nobody@" BIG_DOMAIN, "u0000010@" BIG_DOMAIN };
    double times[2][REFUSALS];
    struct http *h = http_open(o);
    char body[256];

    h->cookie = NULL;
    for (int i = 0; i < 2 * REFUSALS; i++) {
        double began = now_ms();

        snprintf(body, sizeof body, "{\"username\": \"%s\", \"password\": \"wrong\"}", unknown[i % 2]);
        (void)http_ask(h, "POST", "/api/v1/session", body, 401);
        times[i % 2][i / 2] = now_ms() - began;
    }
    printf("%-44s %9.2f %9s           (no such account: %.2f; the floor is 400, on purpose)\n", "log-in refused", median(times[1], REFUSALS), "",
           median(times[0], REFUSALS));
    http_close(h);
}

int main(int argc, char **argv)
{
    struct options o = options_read(argc, argv);

    printf("Changes, one after the other, medians, in ms\n\n%-44s %9s %9s %7s   to reach\n", "", "HTTP", "bare+hash", "ratio");
    fflush(stdout);
    measure_creation(&o, "mailbox in a domain of 100,000", BIG_DOMAIN, true);
    measure_creation(&o, "mailbox in a domain of 900", "d0500.bench.example", true);
    measure_creation(&o, "mailbox in one of 900, all limits set", "d0600.bench.example", false);
    measure_command(&o);
    measure_log_in(&o);
    measure_log_in_rate(&o);
    measure_refusals(&o);
    printf("\nresident memory of postreeved: %.1f MiB, at most %.1f (to keep: 30)\n", resident_mib(o.pids[SERVICE], "VmRSS:"),
           resident_mib(o.pids[SERVICE], "VmHWM:"));
    mysql_library_end();
    return 0;
}
