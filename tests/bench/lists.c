/* tests/bench/lists.c - pages and searches over HTTP, beside the bare SQL of the same rows
 *
 * WHAT    One connection asks, one thing after the other: a page at the beginning, in the middle and far down, in each order;
 *         searches with no match, with one, with many; the lists of domains and aliases; as a super admin and as domain admins of one
 *         domain and of a thousand. Each beside a plain SQL statement for the same rows, by the C API on the same server.
 * HOW     Round by round through all of them, the service and its yardstick alternating, so that whatever else the machine does
 *         hits all alike; medians. The yardstick of a search is what one would write without the service's own columns.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN_BIG "/api/v1/domains/" BIG_DOMAIN "/mailboxes"
#define ALIASES_IN_BIG "/api/v1/domains/" BIG_DOMAIN "/aliases"
#define ROWS "SELECT " MAILBOX_COLUMNS " FROM mailbox m "
#define JOINS " LEFT JOIN alias a ON a.address = m.username LEFT JOIN quota2 q ON q.username = m.username"
#define OF_BIG " WHERE m.domain = '" BIG_DOMAIN "'"
#define HOLDS(word) " AND (m.username LIKE '%" word "%' OR m.name COLLATE utf8mb4_unicode_ci LIKE '%" word "%')"
#define BY_ADDRESS " ORDER BY m.username LIMIT 51"
#define SEARCH(word) ROWS "FORCE INDEX (domain)" JOINS OF_BIG HOLDS(word) BY_ADDRESS
#define SORTED(order) ROWS JOINS OF_BIG " ORDER BY " order ", m.username LIMIT 51"
#define FIGURES                                                                                                   \
    "SELECT d.*, (SELECT COUNT(*) FROM mailbox m FORCE INDEX (domain) WHERE m.domain = d.domain),"                \
    " (SELECT SUM(m.quota) FROM mailbox m FORCE INDEX (domain) WHERE m.domain = d.domain),"                       \
    " (SELECT COUNT(*) FROM alias a WHERE a.domain = d.domain)"                                                   \
    " - (SELECT COUNT(*) FROM mailbox m JOIN alias a ON a.address = m.username WHERE m.domain = d.domain),"       \
    " (SELECT SUM(q.bytes) FROM mailbox m JOIN quota2 q ON q.username = m.username WHERE m.domain = d.domain)"    \
    " FROM domain d"

enum who { SUPER, ONE, MANY };
static const char *const names[] = { "super admin", "admin of one domain", "admin of 1,000" };
static const char *const accounts[] = { NULL, "one@" BIG_DOMAIN, "many@" BIG_DOMAIN };

enum place { FIRST, MIDDLE, DEEP };

static const struct list_case {
    const char *what, *path, *sql; /* in the SQL, %s is where the page begins */
    double most_ms;                /* 0: no mark */
    long rows;                     /* -1: whatever there is */
    enum who who;
    enum place place;
    const char *mark;              /* what each item has once */
} cases[] = {
#define MAILBOXES .mark = "\"usage_messages\":"
#define PAGE(place_sql) ROWS "FORCE INDEX (domain)" JOINS OF_BIG place_sql BY_ADDRESS
#define BEHIND " AND m.username > '%s'"
    { "first page", IN_BIG "?", PAGE(""), 2, 50, SUPER, FIRST, MAILBOXES },
    { "middle page", IN_BIG "?", PAGE(BEHIND), 2, 50, SUPER, MIDDLE, MAILBOXES },
    { "page behind 99 %", IN_BIG "?", PAGE(BEHIND), 2, 50, SUPER, DEEP, MAILBOXES },
    { "first page", IN_BIG "?", PAGE(""), 2, 50, ONE, FIRST, MAILBOXES },
    { "page behind 99 %", IN_BIG "?", PAGE(BEHIND), 2, 50, ONE, DEEP, MAILBOXES },
    { "first page", IN_BIG "?", PAGE(""), 2, 50, MANY, FIRST, MAILBOXES },
    { "page behind 99 %", IN_BIG "?", PAGE(BEHIND), 2, 50, MANY, DEEP, MAILBOXES },
    { "last page (-address)", IN_BIG "?sort=-address", SORTED("m.username DESC"), 2, 50, SUPER, FIRST, MAILBOXES },
    { "by display_name", IN_BIG "?sort=display_name", SORTED("m.name COLLATE utf8mb4_unicode_ci"), 2, 50, SUPER, FIRST, MAILBOXES },
    { "by quota_bytes", IN_BIG "?sort=-quota_bytes", SORTED("m.quota DESC"), 2, 50, SUPER, FIRST, MAILBOXES },
    { "by usage_bytes", IN_BIG "?sort=-usage_bytes", SORTED("COALESCE(q.bytes, 0) DESC"), 0, 50, SUPER, FIRST, MAILBOXES },
    { "by modified", IN_BIG "?sort=-modified", SORTED("m.modified DESC"), 0, 50, SUPER, FIRST, MAILBOXES },
    { "first page and total", IN_BIG "?total=true", "SELECT COUNT(*) FROM mailbox FORCE INDEX (domain) WHERE domain = '" BIG_DOMAIN "'", 0, 50,
      SUPER, FIRST, MAILBOXES },
    { "first page and total", IN_BIG "?total=true", "SELECT COUNT(*) FROM mailbox FORCE INDEX (domain) WHERE domain = '" BIG_DOMAIN "'", 0, 50,
      ONE, FIRST, MAILBOXES },
    { "search: nothing", IN_BIG "?search=zyxwv", SEARCH("zyxwv"), 20, 0, SUPER, FIRST, MAILBOXES },
    { "search: one address", IN_BIG "?search=u0077000", SEARCH("u0077000"), 20, 1, SUPER, FIRST, MAILBOXES },
    { "search: one name", IN_BIG "?search=zephyrine", SEARCH("zephyrine"), 20, 1, SUPER, FIRST, MAILBOXES },
    { "search: one name, Japanese", IN_BIG "?search=%E9%9D%92%E5%B1%B1", SEARCH("青山"), 20, 1, SUPER, FIRST, MAILBOXES },
    { "search: many", IN_BIG "?search=suzuki", SEARCH("suzuki"), 20, 50, SUPER, FIRST, MAILBOXES },
    { "search: all (the domain's name)", IN_BIG "?search=bench", SEARCH("bench"), 20, 50, SUPER, FIRST, MAILBOXES },
    { "search: nothing", IN_BIG "?search=zyxwv", SEARCH("zyxwv"), 20, 0, ONE, FIRST, MAILBOXES },
    { "search: one name", IN_BIG "?search=zephyrine", SEARCH("zephyrine"), 20, 1, ONE, FIRST, MAILBOXES },
    { "search: nothing", IN_BIG "?search=zyxwv", SEARCH("zyxwv"), 20, 0, MANY, FIRST, MAILBOXES },
    { "search everywhere: nothing", "/api/v1/mailboxes?search=zyxwv", ROWS JOINS " WHERE TRUE" HOLDS("zyxwv") BY_ADDRESS, 0, 0,
      SUPER, FIRST, MAILBOXES },
    { "search everywhere: one address", "/api/v1/mailboxes?search=u0077000",
      ROWS JOINS " WHERE TRUE" HOLDS("u0077000") BY_ADDRESS, 0, 1, SUPER, FIRST, MAILBOXES },
    { "everywhere, first page", "/api/v1/mailboxes?", ROWS JOINS BY_ADDRESS, 2, 50, SUPER, FIRST, MAILBOXES },
    { "all of theirs, first page", "/api/v1/mailboxes?", PAGE(""), 0, 50, ONE, FIRST, MAILBOXES },
    { "all of theirs, first page", "/api/v1/mailboxes?", ROWS JOINS BY_ADDRESS, 0, 50, MANY, FIRST, MAILBOXES },
    { "domains, first page", "/api/v1/domains?", FIGURES " ORDER BY d.domain LIMIT 51", 0, 50, SUPER, FIRST,
      .mark = "\"mailbox_count\":" },
    { "domains, one of 900 alone", "/api/v1/domains/d0500.bench.example", FIGURES " WHERE d.domain = 'd0500.bench.example'", 0, 1,
      SUPER, FIRST, .mark = "\"mailbox_count\":" },
    { "domains, one of 100,000 alone", "/api/v1/domains/" BIG_DOMAIN, FIGURES " WHERE d.domain = '" BIG_DOMAIN "'", 0, 1, SUPER,
      FIRST, .mark = "\"mailbox_count\":" },
    { "aliases of 900 mailboxes", "/api/v1/domains/d0500.bench.example/aliases?", "SELECT x.* FROM alias x FORCE INDEX (domain)"
      " WHERE x.domain = 'd0500.bench.example' AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.username = x.address)"
      " ORDER BY x.address LIMIT 51", 2, -1, SUPER, FIRST, .mark = "\"destinations\":" },
    { "aliases of 100,000 mailboxes", ALIASES_IN_BIG "?", "SELECT x.* FROM alias x FORCE INDEX (domain)"
      " WHERE x.domain = '" BIG_DOMAIN "' AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.username = x.address)"
      " ORDER BY x.address LIMIT 51", 0, 50, SUPER, FIRST, .mark = "\"destinations\":" },
};
#define CASES (sizeof cases / sizeof cases[0])

struct deep { /* where a page begins: behind so many rows */
    char cursor[512], behind[ADDRESS_SIZE];
};

static long count_of(const char *body, const char *mark)
{
    long count = 0;

    for (const char *at = body; (at = strstr(at, mark)); at += strlen(mark))
        count++;
    return count;
}

/* Follows `next`, as anybody has to, until `rows` rows have passed. */
static struct deep walk(struct http *h, long rows)
{
    struct deep at = { "", "" };
    char path[1024];

    for (long passed = 0; passed < rows;) {
        const char *body, *last = NULL;
        long count;

        snprintf(path, sizeof path, IN_BIG "?limit=%ld%s%s", rows - passed < 500 ? rows - passed : 500,
                 at.cursor[0] ? "&cursor=" : "", at.cursor);
        body = http_ask(h, "GET", path, NULL, 200);
        count = count_of(body, "\"usage_messages\":");
        for (const char *next = body; (next = strstr(next, "\"address\":")); next++)
            last = next;
        if (!last || count == 0)
            die("the list ended after %ld rows: %.300s", passed, body);
        json_text(last, "address", at.behind, sizeof at.behind);
        json_text(body, "next", at.cursor, sizeof at.cursor);
        passed += count;
    }
    return at;
}

static double ask_service(struct http *h, const struct list_case *c, const struct deep *at)
{
    char path[1024];
    double began;
    long rows;
    const char *body;

    snprintf(path, sizeof path, "%s%s%s", c->path, c->place == FIRST ? "" : "&cursor=", c->place == FIRST ? "" : at->cursor);
    began = now_ms();
    body = http_ask(h, "GET", path, NULL, 200);
    began = now_ms() - began;
    rows = count_of(body, c->mark);
    if (c->rows >= 0 && rows != c->rows)
        die("%s has %ld rows, not %ld: %.500s", path, rows, c->rows, body);
    return began;
}

static double ask_database(MYSQL_STMT *s)
{
    double began = now_ms();

    (void)sql_execute(s, 0, NULL);
    return now_ms() - began;
}

static MYSQL_STMT *yardstick(MYSQL *m, const struct list_case *c, const struct deep *at)
{
    char sql[4096];
    const char *hole = c->place == FIRST ? NULL : strstr(c->sql, "%s");

    if (hole)
        snprintf(sql, sizeof sql, "%.*s%s%s", (int)(hole - c->sql), c->sql, at->behind, hole + 2);
    else
        snprintf(sql, sizeof sql, "%s", c->sql);
    return sql_prepare(m, sql);
}

/* `least` says what the same takes while nobody else is at work; the mark is the median's. */
static void say(const struct list_case *c, double service, double least, double sql)
{
    const char *verdict = service <= c->most_ms ? "reached" : least <= c->most_ms ? "MISSED, but for the least" : "MISSED";

    printf("%-34s %-20s %9.2f %9.2f %9.2f %7.2f", c->what, names[c->who], service, least, sql, service / sql);
    if (c->most_ms > 0)
        printf("   %3.0f %s", c->most_ms, verdict);
    putchar('\n');
}

int main(int argc, char **argv)
{
    struct options o = options_read(argc, argv);
    struct http *sessions[] = { http_open(&o), http_open(&o), http_open(&o) };
    static double service[CASES][ROUNDS_MAX], sql[CASES][ROUNDS_MAX];
    MYSQL_STMT *bare[CASES];
    MYSQL *m = sql_open(&o);
    double medians[CASES];
    struct deep places[] = { [FIRST] = { "", "" }, [MIDDLE] = walk(sessions[SUPER], o.mailboxes / 20),
                             [DEEP] = walk(sessions[SUPER], o.mailboxes / 10 * 99 / 100) };

    for (int i = ONE; i <= MANY; i++)
        http_log_in(sessions[i], accounts[i]);
    for (size_t i = 0; i < CASES; i++)
        bare[i] = yardstick(m, &cases[i], &places[cases[i].place]);
    for (long r = -1; r < o.rounds; r++) /* the first one warms up */
        for (size_t i = 0; i < CASES; i++) {
            service[i][r < 0 ? 0 : r] = ask_service(sessions[cases[i].who], &cases[i], &places[cases[i].place]);
            sql[i][r < 0 ? 0 : r] = ask_database(bare[i]);
        }
    printf("Lists in a domain of %ld among %ld mailboxes, medians of %ld rounds, in ms; 50 rows a page\n\n"
           "%-34s %-20s %9s %9s %9s %7s   to reach\n", o.mailboxes / 10, o.mailboxes, o.rounds, "", "", "HTTP", "least", "bare SQL",
           "ratio");
    for (size_t i = 0; i < CASES; i++) {
        medians[i] = median(service[i], (size_t)o.rounds);
        say(&cases[i], medians[i], service[i][0], median(sql[i], (size_t)o.rounds)); /* sorted by then */
    }
    printf("\nmiddle page / first: %.2f, page behind 99 %% / first: %.2f\n", medians[1] / medians[0], medians[2] / medians[0]);
    printf("resident memory of postreeved: %.1f MiB, at most %.1f (to keep: 30)\n\n", resident_mib(o.pids[SERVICE], "VmRSS:"),
           resident_mib(o.pids[SERVICE], "VmHWM:"));
    mysql_library_end();
    return 0;
}
