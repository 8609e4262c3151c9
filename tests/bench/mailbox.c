/* tests/bench/mailbox.c - GET of one mailbox, beside the bare prepared SELECT of the same row
 *
 * WHAT    N threads, each with a connection of its own, ask for random mailboxes: in one leg over HTTP, in the next
 *         over the database's protocol. Legs alternate, so that whatever else the machine does hits both.
 * WHY     A rate alone says how fast the machine is. The ratio says what the service costs on top of its database.
 * SAYS    A line per round, the medians, what processor time each side spent on one request (which other programs on a
 *         busy machine disturb less than they do the rates), and the service's resident memory.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void random_address(const struct options *o, unsigned *seed, char out[ADDRESS_SIZE])
{
    nth_address(o, (long)rand_r(seed) % o->mailboxes + 1, out);
}

static void *over_http(const struct options *o)
{
    return http_open(o);
}

static void ask_http(const struct options *o, unsigned *seed, void *connection)
{
    char address[ADDRESS_SIZE], path[128];

    random_address(o, seed, address);
    snprintf(path, sizeof path, "/api/v1/mailboxes/%s", address);
    if (!strstr(http_ask(connection, "GET", path, NULL, 200), address))
        die("the answer is not about %s", address);
}

static void leave_http(void *connection)
{
    http_close(connection);
}

struct select {
    MYSQL *server;
    MYSQL_STMT *statement;
};

static void *over_sql(const struct options *o)
{
    struct select *s = malloc(sizeof *s);

    if (!s)
        die("out of memory");
    s->server = sql_open(o);
    s->statement = sql_prepare(s->server, "SELECT " MAILBOX_COLUMNS " FROM " MAILBOX_TABLES " WHERE m.username = ?");
    return s;
}

static void ask_sql(const struct options *o, unsigned *seed, void *connection)
{
    struct select *s = connection;
    char address[ADDRESS_SIZE];

    random_address(o, seed, address);
    if (sql_execute(s->statement, 1, (const char *const[]){ address }) != 1)
        die("no row for %s", address);
}

static void leave_sql(void *connection)
{
    struct select *s = connection;

    mysql_stmt_close(s->statement);
    mysql_close(s->server);
    free(s);
}

static double say_cost(const char *name, const struct leg *l)
{
    double sum = 0;

    printf("%-8s", name);
    for (size_t i = 0; i < SIDES; i++) {
        printf("   %8.0f", l->cpu_us[i] / l->asked);
        sum += l->cpu_us[i] / l->asked;
    }
    printf("   %8.0f\n", sum);
    return sum;
}

static void say_all(const struct options *o, struct leg *http, struct leg *sql, double *ratios)
{
    double http_cost, sql_cost, ratio = median(ratios, (size_t)o->rounds);

    printf("median  %10.0f   %10.0f   %5.3f   (to reach: 0.25)\n", median(http->rates, (size_t)o->rounds),
           median(sql->rates, (size_t)o->rounds), ratio);
    puts("\nprocessor time of one request, in microseconds\n             client    service   database        all");
    http_cost = say_cost("HTTP", http);
    sql_cost = say_cost("SELECT", sql);
    printf("ratio of the sums: %.3f\n", sql_cost / http_cost);
    printf("resident memory of postreeved: %.1f MiB (to keep: 30)\n\n", resident_mib(o->pids[SERVICE], "VmRSS:"));
}

int main(int argc, char **argv)
{
    struct options o = options_read(argc, argv);
    struct leg http = { .options = &o, .open = over_http, .ask = ask_http, .close = leave_http };
    struct leg sql = { .options = &o, .open = over_sql, .ask = ask_sql, .close = leave_sql };
    double ratios[ROUNDS_MAX];

    printf("GET /api/v1/mailboxes/{address} beside the bare prepared SELECT of the same row\n"
           "%ld mailboxes, %ld connections each, %ld rounds of 2 x %ld s\n\n"
           "round       HTTP/s     SELECT/s   ratio\n", o.mailboxes, o.connections, o.rounds, o.seconds);
    fflush(stdout);
    for (long i = 0; i < o.rounds; i++) {
        leg_run(&http, i);
        leg_run(&sql, i);
        ratios[i] = http.rates[i] / sql.rates[i];
        printf("%5ld   %10.0f   %10.0f   %5.3f\n", i + 1, http.rates[i], sql.rates[i], ratios[i]);
        fflush(stdout);
    }
    say_all(&o, &http, &sql, ratios);
    mysql_library_end();
    return 0;
}
