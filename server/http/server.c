/* server/http/server.c - the only file that speaks to libmicrohttpd
 *
 * Sockets. We accept ourselves and give connections to a few daemons in turn, each with one epoll thread. Its
 * own way to stop accepting (MHD_quiesce_daemon with a thread pool) races with those threads and may abort the
 * process (0.9.75 to 1.0.1); closing a socket of ours does not.
 *
 * Suspension. While a worker has an exchange its connection is suspended, so libmicrohttpd does not look at
 * the socket and cannot free the request under the worker, even when the client is gone. Every suspended
 * connection is resumed before the daemons stop.
 */
#include "http/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/listener.h"
#include "http/site.h"
#include "http/tls.h"
#include "http/watch.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define DAEMONS_MAX 4
#define CONNECTIONS_MAX 4096
#define CONNECTIONS_PER_ADDRESS 256
#define DESCRIPTORS_WANTED 8192
#define DESCRIPTORS_KEPT 256       /* for the database, files, libraries */
#define CONNECTION_BYTES 16384     /* of memory, and so of a request's head */

/* A little more than nginx keeps an idle connection, so that nginx is the one to close. */
#define SILENCE_SECONDS 75U
#define SWEEP_MS 1000
#define NO_DESCRIPTORS_MS 100
#define COMPLAINTS_MS 10000

#define STOP_WORK_MS 15000
#define STOP_ANSWERS_MS 5000

struct server {
    const struct server_settings *settings;
    void (*database_figures)(struct api *a, int64_t *open, int64_t *used);
    void (*errand_figures)(void *context, int64_t *waiting, int64_t *failed);
    void *errand_context;
    struct site site;
    struct listener listener;
    struct watches *watches;
    struct workers *workers;
    struct MHD_Daemon *daemons[DAEMONS_MAX];
    size_t daemon_count, next_daemon;
    int listening;
    atomic_bool running, stopping;
    _Atomic int64_t complained_ms; /* when libmicrohttpd was last let speak */
};

/* ---- words of libmicrohttpd ---- */

__attribute__((format(printf, 2, 0))) static void complain(void *context, const char *format, va_list args)
{
    struct server *s = context;
    int64_t now = clock_monotonic_ms();
    bool running = atomic_load(&s->running);
    char words[512];

    /* While it serves, nearly all of these say that some client went away or spoke nonsense. That one of our
     * limits is reached is news; once in ten seconds is enough of it. */
    if (running && (!(strstr(format, "limit") || strstr(format, "memory"))
                    || now - atomic_load(&s->complained_ms) < COMPLAINTS_MS))
        return;
    atomic_store(&s->complained_ms, now);
    vsnprintf(words, sizeof words, format, args);
    words[strcspn(words, "\n")] = 0;
    log_line(running ? LOG_WARN : LOG_FAULT, "libmicrohttpd: %s", words);
}

static void panic(void *context, const char *file, unsigned line, const char *reason)
{
    (void)context;
    log_line(LOG_FAULT, "libmicrohttpd: %s:%u: %s", file, line, reason ? reason : "panic");
    abort();
}

/* ---- the answer ---- */

static struct MHD_Response *response_made(const struct server *s, const struct response *r)
{
    /* The octets lie in the exchange's task, which ends after the last of them is sent; they are never
     * written to. */
    void *octets = (void *)(uintptr_t)(r->body.at ? r->body.at : "");
    struct MHD_Response *made;

    made = MHD_create_response_from_buffer(r->body.length, octets, MHD_RESPMEM_PERSISTENT);
    if (!made)
        return NULL;
    for (size_t i = 0; i < r->header_count; i++)
        if (MHD_add_response_header(made, r->headers[i].name, r->headers[i].value.at) != MHD_YES)
            log_line(LOG_FAULT, "cannot send the header %s", r->headers[i].name);
    if (atomic_load(&s->stopping) && MHD_add_response_header(made, "Connection", "close") != MHD_YES)
        log_line(LOG_FAULT, "cannot send the header Connection");
    return made;
}

static enum MHD_Result send_response(struct server *s, struct exchange *x)
{
    struct MHD_Response *made = response_made(s, &x->response);
    enum MHD_Result sent;

    if (!made)
        return MHD_NO;
    metrics_answered(s->site.metrics, x->series, x->response.status, metrics_now_us() - x->began_us);
    watch_step(x->watch, STEP_ANSWER);
    x->stage = STAGE_SENDING;
    sent = MHD_queue_response(x->connection, x->response.status, made);
    x->sent = made;
    return sent;
}

/* ---- workers ---- */

static void run_job(void *context, struct job *j)
{
    const struct server *s = context;
    struct exchange *x = (struct exchange *)(void *)j;

    x->work(&s->site, x);
}

static void finish_job(void *context, struct job *j)
{
    struct exchange *x = (struct exchange *)(void *)j;

    (void)context;
    if (!j->ran)
        site_answer_busy(x);
    x->stage = STAGE_ANSWERED;
    MHD_resume_connection(x->connection); /* from here on x belongs to the socket's thread */
}

static enum MHD_Result give_to_worker(struct server *s, struct exchange *x)
{
    watch_step(x->watch, STEP_WORK);
    x->stage = STAGE_WORKING;
    MHD_suspend_connection(x->connection); /* first: a worker may be done before workers_offer() returns */
    if (!workers_offer(s->workers, &x->job)) {
        site_answer_busy(x);
        x->stage = STAGE_ANSWERED;
        MHD_resume_connection(x->connection);
    }
    return MHD_YES;
}

/* ---- the request ---- */

/* What we have copied into the exchange's task need not stay in memory of libmicrohttpd's, which wipes none. It is writable:
 * its own buffers. */
static void wipe_octets(const char *octets, size_t size)
{
    explicit_bzero((void *)(uintptr_t)octets, size);
}

static enum MHD_Result take_field(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct exchange *x = context;

    (void)kind;
    head_add(x->task, &x->head, text_of(name), text_of(value ? value : ""));
    if (value && head_is_secret(text_of(name)))
        wipe_octets(value, strlen(value));
    return MHD_YES;
}

/* libmicrohttpd takes cookies apart in a copy, which nobody reads. */
static enum MHD_Result wipe_cookie(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)context, (void)kind, (void)name;
    if (value)
        wipe_octets(value, strlen(value));
    return MHD_YES;
}

static void identify(const struct server *s, struct exchange *x)
{
    const union MHD_ConnectionInfo *about =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct text *fields = x->head.fields;
    const struct networks *trusted = &s->listener.trusted;
    struct in6_addr peer = peer_of_socket(about->client_addr);
    struct text proto = fields[HEAD_FORWARDED_PROTO];
    size_t comma = text_find_last(proto, ',');

    if (comma != TEXT_NOT_FOUND)
        proto = text_part(proto, comma + 1, proto.length); /* what the nearest proxy says */
    x->client = peer_client(trusted, peer, fields[HEAD_FORWARDED_FOR]);
    x->secure = s->listener.tls
             || (networks_cover(trusted, &peer) && text_equal_folded(text_trim(proto), TEXT("https")));
    x->local = peer_is_loopback(&peer) && !fields[HEAD_FORWARDED].at && !fields[HEAD_FORWARDED_FOR].at
            && !fields[HEAD_FORWARDED_PROTO].at && !fields[HEAD_REAL_IP].at;
}

/* Whether to answer before the body has come. Mostly not: a client that is still sending would lose the
 * answer. But when the head does not say where the body ends, or the client waits to be asked for it, or it
 * is far too long, we do. */
static bool answers_early(const struct exchange *x)
{
    bool too_long = x->refusal.status == 413;
    int64_t length = head_length(&x->head);

    if (!x->refusal.status)
        return false;
    return !too_long || length > DRAIN_BYTES_MAX || x->head.fields[HEAD_EXPECT].at;
}

static enum MHD_Result answer(struct server *s, struct exchange *x)
{
    x->began_us = metrics_now_us();
    x->counted = true;
    metrics_began(s->site.metrics);
    site_answer(&s->site, x);
    return x->work ? give_to_worker(s, x) : send_response(s, x);
}

static enum MHD_Result begin(struct server *s, struct exchange *x, const char *method)
{
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, take_field, x);
    MHD_get_connection_values(x->connection, MHD_COOKIE_KIND, wipe_cookie, NULL);
    x->asked = asked_of(method);
    x->body.kept = !x->asked.options && !x->asked.unknown && x->asked.method != METHOD_GET
                && x->asked.method != METHOD_DELETE;
    x->refusal = head_check(&x->head);
    if (!x->refusal.status && head_length(&x->head) > s->settings->body_bytes)
        x->refusal = REFUSED_ABOVE(413, "body", &problem_too_large, s->settings->body_bytes);
    identify(s, x);
    watch_step(x->watch, STEP_BODY);
    x->stage = STAGE_BODY;
    return answers_early(x) ? answer(s, x) : MHD_YES;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *octets, size_t *size,
                              void **exchange)
{
    struct server *s = context;
    struct exchange *x = *exchange;

    (void)connection, (void)url, (void)version;
    switch (x->stage) {
    case STAGE_LINE: return begin(s, x, method);
    case STAGE_BODY: {
        size_t given = *size;

        *size = 0;
        if (given) {
            bool goes_on = exchange_take(x, octets, given, s->settings->body_bytes);

            wipe_octets(octets, given);
            return goes_on ? MHD_YES : MHD_NO;
        }
        return answer(s, x);
    }
    case STAGE_ANSWERED: return send_response(s, x);
    case STAGE_WORKING:
    case STAGE_SENDING: break;
    }
    *size = 0;
    return MHD_YES;
}

/* The request line is there: the earliest moment, and the only one at which the target is as it was sent. */
static void *open_exchange(void *context, const char *target, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *about =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct exchange *x = exchange_open(text_of(target));

    (void)context;
    x->connection = connection;
    x->watch = about->socket_context;
    return x;
}

/* A new session's token is in a header, of which libmicrohttpd made itself a copy. */
static void wipe_response(struct MHD_Response *sent)
{
    const char *cookie = MHD_get_response_header(sent, "Set-Cookie");

    if (cookie)
        wipe_octets(cookie, strlen(cookie));
    MHD_destroy_response(sent);
}

static void close_exchange(void *context, struct MHD_Connection *connection, void **exchange,
                           enum MHD_RequestTerminationCode why)
{
    struct server *s = context;
    struct exchange *x = *exchange;

    (void)connection, (void)why;
    *exchange = NULL;
    if (!x)
        return;
    if (x->counted)
        metrics_ended(s->site.metrics);
    watch_step(x->watch, STEP_HEAD);
    if (x->sent)
        wipe_response(x->sent);
    exchange_close(x);
}

static void watch_connection(void *context, struct MHD_Connection *connection, void **watch,
                             enum MHD_ConnectionNotificationCode what)
{
    struct server *s = context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        int socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

        *watch = watch_add(s->watches, socket);
    } else if (*watch) {
        watch_drop(s->watches, *watch);
        *watch = NULL;
    }
}

/* ---- figures ---- */

static size_t gauges(void *context, struct gauge out[GAUGES_MAX])
{
    struct server *s = context;
    struct workers_figures w = workers_figures(s->workers);
    int64_t open = 0, used = 0, waiting = 0, failed = 0;
    size_t n = 0;

    s->database_figures(s->site.api, &open, &used);
    out[n++] = (struct gauge){ "http_connections", "Connections of clients.",
                               (int64_t)watches_count(s->watches) };
    out[n++] = (struct gauge){ "http_requests_in_flight", "Requests not answered to the end.",
                               (int64_t)metrics_in_flight(s->site.metrics) };
    out[n++] = (struct gauge){ "workers_waiting", "Requests that wait for a worker.", (int64_t)w.waiting };
    out[n++] = (struct gauge){ "workers_running", "Workers at work.", (int64_t)w.running };
    out[n++] = (struct gauge){ "workers_held", "Answers kept back until their time.", (int64_t)w.held };
    out[n++] = (struct gauge){ "database_connections_open", "Connections to the database.", open };
    out[n++] = (struct gauge){ "database_connections_used", "Those in use.", used };
    s->errand_figures(s->errand_context, &waiting, &failed);
    out[n++] = (struct gauge){ "errands_waiting", "Programs, webhooks and letters still to come.", waiting };
    out[n++] = (struct gauge){ "errands_failed", "Those that were given up.", failed };
    return n;
}

/* ---- start ---- */

static unsigned connections_possible(void)
{
    struct rlimit limit;
    rlim_t most = CONNECTIONS_MAX;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return CONNECTIONS_MAX / 8;
    if (limit.rlim_cur < DESCRIPTORS_WANTED) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
            return CONNECTIONS_MAX / 8;
    }
    if (limit.rlim_cur < most + DESCRIPTORS_KEPT)
        most = limit.rlim_cur > DESCRIPTORS_KEPT * 2 ? limit.rlim_cur - DESCRIPTORS_KEPT : DESCRIPTORS_KEPT;
    return (unsigned)most;
}

static size_t daemons_wanted(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return processors < 1 ? 1 : processors > DAEMONS_MAX ? DAEMONS_MAX : (size_t)processors;
}

static struct MHD_Daemon *daemon_started(struct server *s, const struct tls *tls, unsigned connections,
                                         unsigned per_address)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET
                   | MHD_USE_ERROR_LOG | (tls->key.at ? (unsigned)MHD_USE_TLS : 0U);
    struct MHD_OptionItem secure[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)tls->certificate.at },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)tls->key.at },
        { MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES },
        { MHD_OPTION_END, 0, NULL },
    };
    struct MHD_OptionItem plain[] = { { MHD_OPTION_END, 0, NULL } };

    return MHD_start_daemon(flags, 0, NULL, NULL, handle, s,
                            MHD_OPTION_EXTERNAL_LOGGER, complain, s,
                            MHD_OPTION_CONNECTION_LIMIT, connections,
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_address,
                            MHD_OPTION_CONNECTION_TIMEOUT, SILENCE_SECONDS,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_URI_LOG_CALLBACK, open_exchange, s,
                            MHD_OPTION_NOTIFY_COMPLETED, close_exchange, s,
                            MHD_OPTION_NOTIFY_CONNECTION, watch_connection, s,
                            MHD_OPTION_ARRAY, tls->key.at ? secure : plain,
                            MHD_OPTION_END);
}

static enum outcome start_daemons(struct server *s, const struct tls *tls)
{
    size_t wanted = daemons_wanted();
    unsigned each = connections_possible() / (unsigned)wanted;
    /* Behind a proxy, and on loopback, all clients have one address. */
    bool one_address = s->listener.loopback || s->listener.trusted.count > 0;
    unsigned per_address = one_address ? 0 : CONNECTIONS_PER_ADDRESS / (unsigned)wanted;

    MHD_set_panic_func(panic, NULL);
    while (s->daemon_count < wanted) {
        struct MHD_Daemon *d = daemon_started(s, tls, each, per_address);

        if (!d && tls->key.at) {
            log_line(LOG_FAULT, "[server] tls_certificate and tls_key cannot be used: see the line above");
            return INVALID;
        }
        if (!d)
            return BROKEN;
        s->daemons[s->daemon_count++] = d;
    }
    return DONE;
}

static enum outcome start_workers(struct server *s)
{
    struct workers_plan plan = {
        .threads = (size_t)s->settings->workers, .queue = (size_t)s->settings->queue,
        .run = run_job, .finish = finish_job, .context = s,
    };

    s->workers = workers_open(&plan);
    return s->workers ? DONE : BROKEN;
}

static void stop_daemons(struct server *s)
{
    while (s->daemon_count)
        MHD_stop_daemon(s->daemons[--s->daemon_count]);
}

/* Whether the key belongs to the certificate, only GnuTLS can say. */
static enum outcome try_tls(struct task *t, const struct tls *tls)
{
    struct server *s = task_alloc(t, sizeof *s);
    enum outcome o = tls->key.at ? start_daemons(s, tls) : DONE;

    stop_daemons(s);
    return o;
}

enum outcome server_check(struct task *t, const struct config *c)
{
    struct listener l;
    struct files f;
    struct tls tls;
    enum outcome o = listener_plan(t, &c->server, &l);

    if (o == DONE)
        o = tls_load(t, &c->server, &tls);
    if (o == DONE)
        o = try_tls(t, &tls);
    if (o == DONE)
        o = files_load(t, c->server.web_root, &f);
    return o;
}

static enum outcome start(struct server *s, struct task *t, const struct server_parts *parts)
{
    struct tls tls;
    enum outcome o = listener_plan(t, s->settings, &s->listener);

    if (o == DONE)
        o = tls_load(t, s->settings, &tls);
    if (o == DONE)
        o = site_open(t, parts->api, parts->config, &s->site);
    if (o == DONE)
        o = listener_open(s->settings, &s->listener, &s->listening);
    if (o == DONE)
        o = start_workers(s);
    if (o == DONE)
        o = start_daemons(s, &tls);
    return o;
}

enum outcome server_open(struct task *t, const struct server_parts *parts, struct server **out)
{
    struct server *s = task_alloc(t, sizeof *s);
    enum outcome o;

    s->settings = &parts->config->server;
    s->database_figures = parts->database_figures;
    s->errand_figures = parts->errand_figures;
    s->errand_context = parts->errand_context;
    s->listening = -1;
    s->watches = watches_open();
    o = start(s, t, parts);
    if (o != DONE) {
        server_close(s);
        return o;
    }
    s->site.gauges = gauges;
    s->site.context = s;
    atomic_store(&s->running, true);
    log_line(LOG_NOTE, "listening on %s://%.*s", s->listener.tls ? "https" : "http",
             (int)s->settings->listen.length, s->settings->listen.at);
    *out = s;
    return DONE;
}

/* ---- running ---- */

/* False when there is nothing to accept, or no descriptor to accept it with. */
static bool accept_one(struct server *s, bool *short_of_descriptors)
{
    struct sockaddr_storage from = { 0 };
    socklen_t length = sizeof from;
    struct sockaddr *peer = (struct sockaddr *)&from;
    int client = accept4(s->listening, peer, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (client < 0) {
        *short_of_descriptors = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        return errno == EINTR || errno == ECONNABORTED || errno == EPROTO;
    }
    if (!listener_admits(&s->listener, peer)) {
        close(client);
        return true;
    }
    /* It closes what it does not take: too many connections, altogether or of this address. */
    (void)MHD_add_connection(s->daemons[s->next_daemon], client, peer, length);
    s->next_daemon = (s->next_daemon + 1) % s->daemon_count;
    return true;
}

void server_run(struct server *s, int stop)
{
    struct pollfd waits[] = { { .fd = stop, .events = POLLIN }, { .fd = s->listening, .events = POLLIN } };
    int64_t swept_ms = clock_monotonic_ms();
    bool short_of_descriptors = false;

    for (;;) {
        int64_t now;

        /* Without a descriptor to accept with, poll() would come back at once, again and again. */
        waits[1].fd = short_of_descriptors ? -1 : s->listening;
        (void)poll(waits, COUNT(waits), short_of_descriptors ? NO_DESCRIPTORS_MS : SWEEP_MS);
        if (waits[0].revents)
            return;
        short_of_descriptors = false;
        while (accept_one(s, &short_of_descriptors))
            continue;
        now = clock_monotonic_ms();
        if (now - swept_ms >= SWEEP_MS) {
            watches_sweep(s->watches);
            swept_ms = now;
        }
    }
}

static void wait_for_answers(struct server *s)
{
    const struct timespec a_moment = { .tv_nsec = 5000000 };
    int64_t until = clock_monotonic_ms() + STOP_ANSWERS_MS;

    while (metrics_in_flight(s->site.metrics) && clock_monotonic_ms() < until)
        nanosleep(&a_moment, NULL);
}

void server_close(struct server *s)
{
    if (!s)
        return;
    atomic_store(&s->stopping, true);
    if (s->listening >= 0)
        close(s->listening);
    workers_stop(s->workers, STOP_WORK_MS);
    if (atomic_load(&s->running))
        wait_for_answers(s);
    stop_daemons(s);
    workers_close(s->workers);
    watches_close(s->watches);
    site_close(&s->site);
}
