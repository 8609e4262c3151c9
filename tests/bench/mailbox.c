/* tests/bench/mailbox.c - GET of one mailbox, beside the bare prepared SELECT of the same row
 *
 * WHAT    N threads, each with a connection of its own, ask for random mailboxes: in one leg over HTTP, in the next
 *         over the database's protocol. Legs alternate, so that whatever else the machine does hits both.
 * WHY     A rate alone says how fast the machine is. The ratio says what the service costs on top of its database.
 * SAYS    A line per round, the medians, what processor time each side spent on one request (which other programs on a
 *         busy machine disturb less than they do the rates), and the service's resident memory.
 */
#include "base/clock.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <mysql.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUNDS_MAX 100
#define ANSWER_MAX 65536
#define ADDRESS_SIZE 64

/* Three tables, because that is where the answer comes from: the mailbox, its forward, its usage. */
#define SELECT_ROW                                                                                                \
    "SELECT m.username, m.local_part, m.domain, m.quota, m.name, m.active, m.maildir, m.password, a.goto,"        \
    " COALESCE(q.bytes, 0), COALESCE(q.messages, 0), UNIX_TIMESTAMP(m.created), UNIX_TIMESTAMP(m.modified)"       \
    " FROM mailbox m LEFT JOIN alias a ON a.address = m.username LEFT JOIN quota2 q ON q.username = m.username"   \
    " WHERE m.username = ?"
#define COLUMNS 13

enum side { CLIENT, SERVICE, DATABASE };
#define SIDES (DATABASE + 1)

struct options {
    const char *host, *port, *cookie, *option_file, *database, *domains;
    long mailboxes, connections, rounds, seconds;
    long pids[SIDES];
};

struct leg {
    const struct options *options;
    void (*ask)(struct leg *l, unsigned *seed, void *connection);
    void *(*open)(const struct options *o);
    void (*close)(void *connection);
    atomic_bool over;
    atomic_long done;
    pthread_barrier_t ready;
    double rates[ROUNDS_MAX];
    double asked, cpu_us[SIDES]; /* in all rounds */
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("bench_mailbox: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static void random_address(const struct options *o, unsigned *seed, char out[ADDRESS_SIZE])
{
    long n = (long)rand_r(seed) % o->mailboxes + 1;

    snprintf(out, ADDRESS_SIZE, "u%07ld@b%ld.%s", n, n % 10, o->domains);
}

/* ---- over HTTP ---- */

struct http {
    int socket;
    char answer[ANSWER_MAX];
};

static void *http_open(const struct options *o)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(o->port)) };
    struct http *h = malloc(sizeof *h);
    int one = 1;

    if (!h || inet_pton(AF_INET, o->host, &to.sin_addr) != 1)
        die("%s is no IPv4 address", o->host);
    h->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (h->socket < 0 || connect(h->socket, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect: %s", strerror(errno));
    setsockopt(h->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return h;
}

static void http_close(void *connection)
{
    struct http *h = connection;

    close(h->socket);
    free(h);
}

/* Where the body of the answer begins, once it is all there; reads until then. */
static const char *http_read(struct http *h)
{
    size_t length = 0;
    const char *body = NULL, *said;

    for (;;) {
        ssize_t got = recv(h->socket, h->answer + length, ANSWER_MAX - 1 - length, 0);

        if (got <= 0)
            die("the service closed a connection");
        length += (size_t)got;
        h->answer[length] = 0;
        if (!body && (body = strstr(h->answer, "\r\n\r\n")))
            body += 4;
        said = body ? strcasestr(h->answer, "\r\nContent-Length:") : NULL;
        if (said && said < body && length >= (size_t)(body - h->answer) + strtoul(said + 17, NULL, 10))
            return body;
    }
}

static void http_ask(struct leg *l, unsigned *seed, void *connection)
{
    struct http *h = connection;
    char address[ADDRESS_SIZE], request[512];
    const char *body;
    int length;

    random_address(l->options, seed, address);
    length = snprintf(request, sizeof request,
                      "GET /api/v1/mailboxes/%s HTTP/1.1\r\nHost: %s\r\nCookie: postreeve_session=%s\r\n\r\n", address,
                      l->options->host, l->options->cookie);
    if (send(h->socket, request, (size_t)length, MSG_NOSIGNAL) != length)
        die("send: %s", strerror(errno));
    body = http_read(h);
    if (strncmp(h->answer, "HTTP/1.1 200 ", 13) != 0 || !strstr(body, address))
        die("no answer for %s: %.200s", address, h->answer);
}

/* ---- over the database's protocol ---- */

struct sql {
    MYSQL *server;
    MYSQL_STMT *statement;
    char address[ADDRESS_SIZE], columns[COLUMNS][512];
    unsigned long address_length;
};

static void *sql_open(const struct options *o)
{
    struct sql *s = calloc(1, sizeof *s);
    MYSQL_BIND given = { .buffer_type = MYSQL_TYPE_STRING, .buffer_length = ADDRESS_SIZE }, columns[COLUMNS] = { 0 };

    if (!s || !(s->server = mysql_init(NULL)))
        die("out of memory");
    mysql_options(s->server, MYSQL_READ_DEFAULT_FILE, o->option_file);
    mysql_options(s->server, MYSQL_READ_DEFAULT_GROUP, "client");
    if (!mysql_real_connect(s->server, NULL, NULL, NULL, o->database, 0, NULL, 0))
        die("%s", mysql_error(s->server));
    given.buffer = s->address;
    given.length = &s->address_length;
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING, .buffer = s->columns[i],
                                   .buffer_length = sizeof s->columns[i] };
    s->statement = mysql_stmt_init(s->server);
    if (!s->statement || mysql_stmt_prepare(s->statement, SELECT_ROW, sizeof SELECT_ROW - 1) != 0
        || mysql_stmt_bind_param(s->statement, &given) != 0 || mysql_stmt_bind_result(s->statement, columns) != 0)
        die("%s", mysql_error(s->server));
    return s;
}

static void sql_close(void *connection)
{
    struct sql *s = connection;

    mysql_stmt_close(s->statement);
    mysql_close(s->server);
    free(s);
}

static void sql_ask(struct leg *l, unsigned *seed, void *connection)
{
    struct sql *s = connection;

    random_address(l->options, seed, s->address);
    s->address_length = strlen(s->address);
    if (mysql_stmt_execute(s->statement) != 0 || mysql_stmt_store_result(s->statement) != 0
        || mysql_stmt_fetch(s->statement) != 0 || strcmp(s->columns[0], s->address) != 0)
        die("no row for %s: %s", s->address, mysql_stmt_error(s->statement));
    mysql_stmt_free_result(s->statement);
}

/* ---- processor time ---- */

static double cpu_us_of(long pid)
{
    unsigned long user = 0, system = 0;
    char path[64], line[1024];
    const char *behind_name;
    size_t length;
    FILE *stat;

    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    stat = fopen(path, "re");
    if (!stat)
        die("%s: %s", path, strerror(errno));
    length = fread(line, 1, sizeof line - 1, stat);
    fclose(stat);
    line[length] = 0;
    behind_name = strrchr(line, ')'); /* proc(5): utime and stime are fields 14 and 15, the name is field 2 */
    if (!behind_name
        || sscanf(behind_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        die("%s is not as expected", path);
    return (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

static void add_cpu(struct leg *l, double sign)
{
    for (size_t i = 0; i < SIDES; i++)
        l->cpu_us[i] += sign * cpu_us_of(l->options->pids[i]);
}

/* ---- one leg: all threads ask for that many seconds ---- */

static atomic_uint next_seed = 1;

static void *run_thread(void *context)
{
    struct leg *l = context;
    void *connection = l->open(l->options);
    unsigned seed = atomic_fetch_add(&next_seed, 1);
    long done = 0;

    l->ask(l, &seed, connection);
    pthread_barrier_wait(&l->ready);
    while (!atomic_load(&l->over)) {
        l->ask(l, &seed, connection);
        done++;
    }
    atomic_fetch_add(&l->done, done);
    l->close(connection);
    return NULL;
}

static void run_leg(struct leg *l, long round)
{
    size_t count = (size_t)l->options->connections;
    pthread_t *threads = calloc(count, sizeof *threads);
    int64_t began;

    atomic_store(&l->over, false);
    atomic_store(&l->done, 0);
    pthread_barrier_init(&l->ready, NULL, (unsigned)count + 1);
    for (size_t i = 0; i < count; i++)
        if (!threads || pthread_create(&threads[i], NULL, run_thread, l) != 0)
            die("no thread to be had");
    pthread_barrier_wait(&l->ready);
    began = clock_monotonic_ms();
    add_cpu(l, -1);
    poll(NULL, 0, (int)l->options->seconds * 1000); /* the time over which we count */
    atomic_store(&l->over, true);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    add_cpu(l, 1);
    l->asked += (double)atomic_load(&l->done);
    l->rates[round] = (double)atomic_load(&l->done) * 1000.0 / (double)(clock_monotonic_ms() - began);
    pthread_barrier_destroy(&l->ready);
    free(threads);
}

/* ---- figures ---- */

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static long resident_kib(long pid)
{
    char path[64], line[256];
    long kib = -1;
    FILE *status;

    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    if (status)
        fclose(status);
    return kib;
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
    printf("\nresident memory of postreeved: %.1f MiB (to keep: 30)\n", (double)resident_kib(o->pids[SERVICE]) / 1024);
}

static void run(const struct options *o)
{
    struct leg http = { .options = o, .ask = http_ask, .open = http_open, .close = http_close };
    struct leg sql = { .options = o, .ask = sql_ask, .open = sql_open, .close = sql_close };
    double ratios[ROUNDS_MAX];

    printf("GET /api/v1/mailboxes/{address} beside the bare prepared SELECT of the same row\n"
           "%ld mailboxes, %ld connections each, %ld rounds of 2 x %ld s\n\n"
           "round       HTTP/s     SELECT/s   ratio\n", o->mailboxes, o->connections, o->rounds, o->seconds);
    fflush(stdout);
    for (long i = 0; i < o->rounds; i++) {
        run_leg(&http, i);
        run_leg(&sql, i);
        ratios[i] = http.rates[i] / sql.rates[i];
        printf("%5ld   %10.0f   %10.0f   %5.3f\n", i + 1, http.rates[i], sql.rates[i], ratios[i]);
        fflush(stdout);
    }
    say_all(o, &http, &sql, ratios);
}

static long number(const char *name, const char *given, long most)
{
    char *end;
    long value = strtol(given, &end, 10);

    if (*end || value < 1 || value > most)
        die("--%s takes a number from 1 to %ld", name, most);
    return value;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "host", required_argument, NULL, 'h' },        { "port", required_argument, NULL, 'p' },
        { "cookie-file", required_argument, NULL, 'c' }, { "option-file", required_argument, NULL, 'o' },
        { "database", required_argument, NULL, 'd' },    { "domains", required_argument, NULL, 'D' },
        { "mailboxes", required_argument, NULL, 'm' },   { "connections", required_argument, NULL, 'n' },
        { "rounds", required_argument, NULL, 'r' },      { "seconds", required_argument, NULL, 's' },
        { "service", required_argument, NULL, 'P' },     { "database-server", required_argument, NULL, 'S' },
        { NULL, 0, NULL, 0 },
    };
    struct options o = { .host = "127.0.0.1", .database = "postreeve", .domains = "bench.example", .mailboxes = 100000,
                         .connections = 8, .rounds = 11, .seconds = 1, .pids = { [CLIENT] = getpid() } };
    static char cookie[128];
    FILE *file;
    int given;

    while ((given = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (given) {
        case 'h': o.host = optarg; break;
        case 'p': o.port = optarg; break;
        case 'o': o.option_file = optarg; break;
        case 'd': o.database = optarg; break;
        case 'D': o.domains = optarg; break;
        case 'm': o.mailboxes = number("mailboxes", optarg, 9999999); break;
        case 'n': o.connections = number("connections", optarg, 1000); break;
        case 'r': o.rounds = number("rounds", optarg, ROUNDS_MAX); break;
        case 's': o.seconds = number("seconds", optarg, 600); break;
        case 'P': o.pids[SERVICE] = number("service", optarg, 1 << 30); break;
        case 'S': o.pids[DATABASE] = number("database-server", optarg, 1 << 30); break;
        case 'c':
            file = fopen(optarg, "re");
            if (!file || !fgets(cookie, sizeof cookie, file))
                die("cannot read %s", optarg);
            fclose(file);
            cookie[strcspn(cookie, "\n")] = 0;
            o.cookie = cookie;
            break;
        default: return 64;
        }
    }
    if (!o.port || !o.cookie || !o.option_file || !o.pids[SERVICE] || !o.pids[DATABASE] || optind < argc)
        die("needs --port, --cookie-file, --option-file, --service and --database-server (process ids)");
    if (mysql_library_init(0, NULL, NULL) != 0)
        die("the database's client library does not start");
    run(&o);
    mysql_library_end();
    return 0;
}
