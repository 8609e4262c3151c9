/* tests/bench/bench.c */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PARAMETERS_MAX 8
#define COLUMNS_MAX 32
#define COLUMN_OCTETS 1024

void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void nth_address(const struct options *o, long n, char out[ADDRESS_SIZE])
{
    if (n < 1 || n > o->mailboxes)
        die("there is no mailbox %ld", n);
    if (n % 10 == 0)
        snprintf(out, ADDRESS_SIZE, "u%07ld@" BIG_DOMAIN, n);
    else
        snprintf(out, ADDRESS_SIZE, "u%07ld@d%04ld.bench.example", n, (n - n / 10 - 1) % SMALL_DOMAINS + 1);
}

/* ---- over HTTP ---- */

struct http *http_open(const struct options *o)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(o->port)) };
    struct http *h = malloc(sizeof *h);
    int one = 1;

    if (!h || inet_pton(AF_INET, o->host, &to.sin_addr) != 1)
        die("%s is no IPv4 address", o->host);
    h->host = o->host;
    h->cookie = o->cookie;
    h->csrf_token = o->csrf_token;
    h->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (h->socket < 0 || connect(h->socket, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect: %s", strerror(errno));
    setsockopt(h->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return h;
}

void http_close(struct http *h)
{
    close(h->socket);
    free(h);
}

/* Where the body of the answer begins, once it is all there; reads until then. */
static const char *read_answer(struct http *h)
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

const char *http_ask(struct http *h, const char *method, const char *path, const char *body, int status)
{
    char request[4096];
    const char *answer;
    int length = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, h->host);

    if (h->cookie)
        length += snprintf(request + length, sizeof request - (size_t)length, "Cookie: postreeve_session=%s\r\n", h->cookie);
    if (body && h->csrf_token)
        length += snprintf(request + length, sizeof request - (size_t)length, "X-CSRF-Token: %s\r\n", h->csrf_token);
    if (body)
        length += snprintf(request + length, sizeof request - (size_t)length,
                           "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
    length += snprintf(request + length, sizeof request - (size_t)length, "\r\n%s", body ? body : "");
    if (length >= (int)sizeof request || send(h->socket, request, (size_t)length, MSG_NOSIGNAL) != length)
        die("send: %s", strerror(errno));
    answer = read_answer(h);
    if (strncmp(h->answer, "HTTP/1.1 ", 9) != 0 || atoi(h->answer + 9) != status)
        die("%s %s: %.600s", method, path, h->answer);
    return answer;
}

void json_text(const char *body, const char *name, char *out, size_t size)
{
    char key[64];
    const char *at;
    size_t length;

    snprintf(key, sizeof key, "\"%s\":", name);
    at = strstr(body, key);
    at = at ? strchr(at + strlen(key), '"') : NULL;
    length = at ? strcspn(at + 1, "\"") : 0;
    if (!at || length >= size)
        die("no %s in %.200s", name, body);
    memcpy(out, at + 1, length);
    out[length] = 0;
}

void http_log_in(struct http *h, const char *username)
{
    char body[256], *cookie, *end, csrf_token[128];
    const char *answer;

    h->cookie = h->csrf_token = NULL;
    snprintf(body, sizeof body, "{\"username\": \"%s\", \"password\": \"" PASSWORD "\"}", username);
    answer = http_ask(h, "POST", "/api/v1/session", body, 201);
    json_text(answer, "csrf_token", csrf_token, sizeof csrf_token);
    cookie = strstr(h->answer, "postreeve_session=");
    end = cookie ? strchr(cookie, ';') : NULL;
    if (!end)
        die("no cookie for %s", username);
    cookie += strlen("postreeve_session=");
    h->cookie = strndup(cookie, (size_t)(end - cookie));
    h->csrf_token = strdup(csrf_token);
}

/* ---- over the database's protocol ---- */

MYSQL *sql_open(const struct options *o)
{
    MYSQL *m = mysql_init(NULL);

    if (!m)
        die("out of memory");
    mysql_options(m, MYSQL_READ_DEFAULT_FILE, o->option_file);
    mysql_options(m, MYSQL_READ_DEFAULT_GROUP, "client");
    if (!mysql_real_connect(m, NULL, NULL, NULL, o->database, 0, NULL, 0))
        die("%s", mysql_error(m));
    sql_run(m, "SET NAMES utf8mb4 COLLATE utf8mb4_bin");
    sql_run(m, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    return m;
}

void sql_run(MYSQL *m, const char *statement)
{
    if (mysql_query(m, statement) != 0)
        die("%s: %s", mysql_error(m), statement);
}

size_t sql_rows(MYSQL *m, const char *query)
{
    MYSQL_RES *rows;
    size_t count;

    sql_run(m, query);
    rows = mysql_store_result(m);
    if (!rows)
        die("%s: %s", mysql_error(m), query);
    count = (size_t)mysql_num_rows(rows);
    mysql_free_result(rows);
    return count;
}

MYSQL_STMT *sql_prepare(MYSQL *m, const char *statement)
{
    MYSQL_STMT *s = mysql_stmt_init(m);

    if (!s || mysql_stmt_prepare(s, statement, strlen(statement)) != 0)
        die("%s: %s", s ? mysql_stmt_error(s) : "out of memory", statement);
    return s;
}

size_t sql_execute(MYSQL_STMT *s, size_t count, const char *const values[])
{
    static _Thread_local char columns[COLUMNS_MAX][COLUMN_OCTETS];
    MYSQL_BIND given[PARAMETERS_MAX] = { 0 }, bound[COLUMNS_MAX] = { 0 };
    unsigned width = mysql_stmt_field_count(s);
    size_t rows = 0;
    int got;

    for (size_t i = 0; i < count; i++) {
        union { const char *in; char *out; } at = { .in = values[i] }; /* the API takes no const; it only reads */

        given[i] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING, .buffer = at.out, .buffer_length = strlen(values[i]) };
    }
    for (unsigned i = 0; i < width; i++)
        bound[i] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING, .buffer = columns[i], .buffer_length = COLUMN_OCTETS };
    if ((count && mysql_stmt_bind_param(s, given) != 0) || mysql_stmt_execute(s) != 0)
        die("%s", mysql_stmt_error(s));
    if (!width)
        return 0;
    if (mysql_stmt_bind_result(s, bound) != 0 || mysql_stmt_store_result(s) != 0)
        die("%s", mysql_stmt_error(s));
    while ((got = mysql_stmt_fetch(s)) == 0 || got == MYSQL_DATA_TRUNCATED)
        rows++;
    if (got != MYSQL_NO_DATA)
        die("%s", mysql_stmt_error(s));
    mysql_stmt_free_result(s);
    return rows;
}

/* ---- what the kernel says of a process ---- */

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

double resident_mib(long pid, const char *name)
{
    char path[64], line[256];
    double mib = -1;
    FILE *status;

    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, name, strlen(name)) == 0)
            mib = strtod(line + strlen(name), NULL) / 1024;
    if (status)
        fclose(status);
    return mib;
}

/* ---- threads that ask ---- */

struct round {
    struct leg *leg;
    atomic_bool over;
    atomic_long done;
    pthread_barrier_t ready;
};

static atomic_uint next_seed = 1;

static void *run_thread(void *context)
{
    struct round *r = context;
    const struct options *o = r->leg->options;
    void *connection = r->leg->open(o);
    unsigned seed = atomic_fetch_add(&next_seed, 1);
    long done = 0;

    r->leg->ask(o, &seed, connection);
    pthread_barrier_wait(&r->ready);
    while (!atomic_load(&r->over)) {
        r->leg->ask(o, &seed, connection);
        done++;
    }
    atomic_fetch_add(&r->done, done);
    r->leg->close(connection);
    return NULL;
}

static void add_cpu(struct leg *l, double sign)
{
    for (size_t i = 0; i < SIDES; i++)
        l->cpu_us[i] += sign * cpu_us_of(l->options->pids[i]);
}

void leg_run(struct leg *l, long round)
{
    size_t count = (size_t)l->options->connections;
    pthread_t *threads = calloc(count, sizeof *threads);
    struct round r = { .leg = l };
    double began;

    pthread_barrier_init(&r.ready, NULL, (unsigned)count + 1);
    for (size_t i = 0; i < count; i++)
        if (!threads || pthread_create(&threads[i], NULL, run_thread, &r) != 0)
            die("no thread to be had");
    pthread_barrier_wait(&r.ready);
    began = now_ms();
    add_cpu(l, -1);
    poll(NULL, 0, (int)l->options->seconds * 1000); /* the time over which we count */
    atomic_store(&r.over, true);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    add_cpu(l, 1);
    l->asked += (double)atomic_load(&r.done);
    l->rates[round] = (double)atomic_load(&r.done) * 1000.0 / (now_ms() - began);
    pthread_barrier_destroy(&r.ready);
    free(threads);
}

/* ---- figures ---- */

double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* ---- options ---- */

static long number(const char *name, const char *given, long most)
{
    char *end;
    long value = strtol(given, &end, 10);

    if (*end || value < 1 || value > most)
        die("--%s takes a number from 1 to %ld", name, most);
    return value;
}

static const char *first_line(const char *path)
{
    char line[256];
    FILE *file = fopen(path, "re");

    if (!file || !fgets(line, sizeof line, file))
        die("cannot read %s", path);
    fclose(file);
    line[strcspn(line, "\n")] = 0;
    return strdup(line);
}

struct options options_read(int argc, char **argv)
{
    static const struct option known[] = {
        { "host", required_argument, NULL, 'h' },        { "port", required_argument, NULL, 'p' },
        { "cookie-file", required_argument, NULL, 'c' }, { "csrf-file", required_argument, NULL, 'C' },
        { "option-file", required_argument, NULL, 'o' }, { "database", required_argument, NULL, 'd' },
        { "mailboxes", required_argument, NULL, 'm' },   { "connections", required_argument, NULL, 'n' },
        { "rounds", required_argument, NULL, 'r' },      { "seconds", required_argument, NULL, 's' },
        { "service", required_argument, NULL, 'P' },     { "database-server", required_argument, NULL, 'S' },
        { "program", required_argument, NULL, 'x' },     { "config", required_argument, NULL, 'f' },
        { NULL, 0, NULL, 0 },
    };
    struct options o = { .host = "127.0.0.1", .database = "postreeve", .mailboxes = 1000000, .connections = 8,
                         .rounds = 11, .seconds = 1, .pids = { [CLIENT] = getpid() } };
    int given;

    while ((given = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (given) {
        case 'h': o.host = optarg; break;
        case 'p': o.port = optarg; break;
        case 'o': o.option_file = optarg; break;
        case 'd': o.database = optarg; break;
        case 'm': o.mailboxes = number("mailboxes", optarg, 9999999); break;
        case 'n': o.connections = number("connections", optarg, 1000); break;
        case 'r': o.rounds = number("rounds", optarg, ROUNDS_MAX); break;
        case 's': o.seconds = number("seconds", optarg, 600); break;
        case 'P': o.pids[SERVICE] = number("service", optarg, 1 << 30); break;
        case 'S': o.pids[DATABASE] = number("database-server", optarg, 1 << 30); break;
        case 'c': o.cookie = first_line(optarg); break;
        case 'C': o.csrf_token = first_line(optarg); break;
        case 'x': o.program = optarg; break;
        case 'f': o.config = optarg; break;
        default: exit(64);
        }
    }
    if (!o.port || !o.cookie || !o.csrf_token || !o.option_file || !o.pids[SERVICE] || !o.pids[DATABASE] || !o.program
        || !o.config || optind < argc)
        die("see tests/bench/run for how it is called");
    if (mysql_library_init(0, NULL, NULL) != 0)
        die("the database's client library does not start");
    return o;
}
