/* server/http/site.c */
#include "http/site.h"

#include "http/cookie.h"
#include "http/peer.h"
#include "http/route.h"
#include "model/secret.h"

/* The two paths of the API that this room itself must know: its description, and where the cookie is born. */
#define API "/api/"
#define OPENAPI_PATH "/api/v1/openapi.json"
#define SESSION_PATH "/api/v1/session"
#define IDEMPOTENCY_KEY_MAX 255

#define BUSY_SECONDS 1
#define NO_NONCE ((struct text){ NULL, 0 })

/* ---- answers of our own ---- */

static void refuse_allowing(struct exchange *x, struct refusal why, struct text allow)
{
    struct reply reply = { 0 };
    const char *field = why.field;

    /* A problem with a figure is put down here; api_refuse() words all that the task has. */
    if (why.figure.name) {
        task_note(x->task, field, why.kind, why.figure);
        field = NULL;
    }
    api_refuse(x->task, why.status, field, why.kind, &reply);
    reply.allow = allow;
    if (why.status == 503)
        reply.retry_after_seconds = BUSY_SECONDS;
    response_of_reply(x->task, &x->response, &reply, x->secure);
}

static void refuse(struct exchange *x, struct refusal why)
{
    refuse_allowing(x, why, (struct text){ NULL, 0 });
}

void site_answer_busy(struct exchange *x)
{
    refuse(x, REFUSED(503, NULL, NULL));
}

static void say(struct exchange *x, unsigned status, struct text words)
{
    response_start(x->task, &x->response, status, x->secure, NO_NONCE);
    response_header(&x->response, "Cache-Control", TEXT("no-store"));
    response_body(&x->response, TEXT("text/plain; charset=utf-8"), words);
}

static void say_options(struct exchange *x, struct text allow)
{
    response_start(x->task, &x->response, 204, x->secure, NO_NONCE);
    response_header(&x->response, "Allow", allow);
}

/* Most places can only be read. Whether `x` does; where it does not, it has its answer. */
static bool only_reads(struct exchange *x)
{
    struct text allow = route_allow(x->task, METHOD_BIT(METHOD_GET));

    if (x->asked.options)
        say_options(x, allow);
    else if (x->asked.unknown || x->asked.method != METHOD_GET)
        refuse_allowing(x, REFUSED(405, NULL, NULL), allow);
    else
        return true;
    return false;
}

/* ---- places ---- */

static void health(const struct site *s, struct exchange *x)
{
    (void)s;
    say(x, 200, TEXT("ok\n"));
}

static void ask_ready(const struct site *s, struct exchange *x)
{
    if (api_ready(s->api, x->task) == DONE) {
        say(x, 200, TEXT("ready\n"));
    } else {
        say(x, 503, TEXT("the database does not answer, or its tables are not of this version\n"));
        response_header(&x->response, "Retry-After", TEXT("1"));
    }
}

static void ready(const struct site *s, struct exchange *x)
{
    (void)s;
    x->work = ask_ready;
}

static void figures(const struct site *s, struct exchange *x)
{
    struct gauge gauges[GAUGES_MAX];

    if (!x->local) {
        say(x, 403, TEXT("figures are for this machine alone\n"));
        return;
    }
    response_start(x->task, &x->response, 200, x->secure, NO_NONCE);
    response_header(&x->response, "Cache-Control", TEXT("no-store"));
    response_body(&x->response, TEXT("text/plain; version=0.0.4; charset=utf-8"),
                  metrics_text(s->metrics, x->task, gauges, s->gauges(s->context, gauges)));
}

/* 200 with the body, or 304 for who has it already. */
static void answer_version(struct exchange *x, struct text etag, struct text type, struct text body)
{
    bool known = head_has_version(&x->head, etag);

    response_start(x->task, &x->response, known ? 304 : 200, x->secure, NO_NONCE);
    response_header(&x->response, "ETag", etag);
    if (!known)
        response_body(&x->response, type, body);
}

static void describe(const struct site *s, struct exchange *x)
{
    answer_version(x, s->openapi_etag, TEXT("application/json"), s->openapi);
    response_header(&x->response, "Cache-Control", TEXT("no-cache"));
}

static const struct place {
    const char *path;
    void (*serve)(const struct site *s, struct exchange *x);
} places[] = {
    { "/healthz", health },
    { "/readyz", ready },
    { "/metrics", figures },
    { OPENAPI_PATH, describe },
};

/* ---- the web interface ---- */

static void show_index(const struct site *s, struct exchange *x)
{
    struct text nonce = secret_token(x->task), page = TEXT("");

    for (size_t i = 0; i < s->files.index.count; i++) {
        if (i > 0)
            page = task_join(x->task, page, nonce);
        page = task_join(x->task, page, s->files.index.items[i]);
    }
    response_start(x->task, &x->response, 200, x->secure, nonce);
    response_header(&x->response, "Cache-Control", TEXT("no-store"));
    response_body(&x->response, TEXT("text/html; charset=utf-8"), page);
}

static void show_unbuilt(struct exchange *x)
{
    response_start(x->task, &x->response, 200, x->secure, NO_NONCE);
    response_header(&x->response, "Cache-Control", TEXT("no-store"));
    response_body(&x->response, TEXT("text/html; charset=utf-8"),
                  TEXT("<!doctype html>\n"
                       "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>postreeve</title></head>\n"
                       "<body><h1>postreeve</h1><p>The API is served here; the web interface is not built "
                       "(web_root in postreeve.conf).</p>\n"
                       "<p lang=\"ja\">APIは動いていますが、ウェブ画面がまだビルドされていません。</p></body></html>\n"));
}

static void show_file(struct exchange *x, const struct file *f)
{
    enum coding c = file_coding(f, x->head.fields[HEAD_ACCEPT_ENCODING]);
    const char *word = coding_words[c];

    answer_version(x, f->etag[c], f->type, f->octets[c]);
    response_header(&x->response, "Cache-Control",
                    f->immutable ? TEXT("public, max-age=31536000, immutable") : TEXT("no-cache"));
    response_header(&x->response, "Content-Encoding", text_of(x->response.status == 200 ? word : NULL));
    if (f->octets[CODING_GZIP].at || f->octets[CODING_BROTLI].at)
        response_header(&x->response, "Vary", TEXT("Accept-Encoding"));
}

static bool has_extension(struct text path)
{
    return text_find(text_part(path, text_find_last(path, '/'), path.length), '.') != TEXT_NOT_FOUND;
}

static void show(const struct site *s, struct exchange *x)
{
    const struct file *f;
    struct refusal r;
    struct text path;

    r = target_decode(x->task, "path", x->target.path, &path);
    f = r.status ? NULL : files_find(&s->files, path);
    if (r.status)
        refuse(x, r);
    else if (f && !text_equal(path, TEXT(INDEX_PATH)))
        show_file(x, f);
    else if (!f && has_extension(path))
        say(x, 404, TEXT("there is no such file\n"));
    else if (s->files.index.count)
        show_index(s, x); /* the page itself finds out what its path means */
    else
        show_unbuilt(x);
}

/* ---- the API ---- */

static void call_api(const struct site *s, struct exchange *x)
{
    struct reply reply = { 0 };

    api_call(s->api, x->task, &x->call, &reply);
    x->job.due_ms = reply.not_before_ms;
    response_of_reply(x->task, &x->response, &reply, x->secure);
}

static struct refusal decode_target(struct exchange *x, const struct match *m)
{
    struct refusal r = NOT_REFUSED;

    for (size_t i = 0; i < ROUTE_PARTS_MAX && m->parts[i].at && !r.status; i++)
        r = target_decode(x->task, "path", m->parts[i], &x->call.parts[i]);
    if (!r.status)
        r = target_arguments(x->task, x->target.query, &x->call.query, &x->call.query_count);
    return r;
}

/* A log-in needs no CSRF token: a page that has none yet has to get in, even with an old cookie. That its
 * body is JSON keeps other sites' forms out. */
static bool needs_csrf(const struct exchange *x)
{
    bool logs_in = x->asked.method == METHOD_POST && text_equal(x->target.path, TEXT(SESSION_PATH));

    return x->asked.method != METHOD_GET && !logs_in && x->call.session_token.at;
}

/* RFC 6750, 2.1. Another scheme is nobody's token, which differs from no token. */
static struct text bearer_of(struct text authorization)
{
    static const struct text scheme = { "Bearer ", 7 };

    if (!authorization.at)
        return authorization;
    if (!text_equal_folded(text_part(authorization, 0, scheme.length), scheme))
        return TEXT("");
    return text_trim(text_part(authorization, scheme.length, authorization.length));
}

static struct refusal check_idempotency_key(struct text key)
{
    if (key.at && (key.length == 0 || key.length > IDEMPOTENCY_KEY_MAX))
        return REFUSED(400, "Idempotency-Key", key.length ? &problem_too_long : &problem_required);
    return NOT_REFUSED;
}

static struct refusal admit(struct exchange *x, const struct match *m)
{
    const struct text *fields = x->head.fields;
    struct refusal r = decode_target(x, m);

    x->call.route = m->route;
    x->call.bearer = bearer_of(fields[HEAD_AUTHORIZATION]);
    if (!x->call.bearer.at) /* what a browser sends of its own accord does not count beside a token */
        x->call.session_token = cookie_token(fields[HEAD_COOKIE]);
    if (!r.status)
        r = check_idempotency_key(fields[HEAD_IDEMPOTENCY_KEY]);
    if (!r.status && x->body.kept && (x->body.length || fields[HEAD_CONTENT_TYPE].at))
        r = head_check_media(&x->head, x->asked.method);
    if (!r.status && needs_csrf(x))
        r = cookie_check_csrf(x->task, x->call.session_token, fields[HEAD_CSRF_TOKEN]);
    return r;
}

static void fill_call(struct exchange *x)
{
    const struct text *fields = x->head.fields;

    if (x->body.length)
        x->call.body = (struct text){ x->body.at, x->body.length };
    x->call.content_type = fields[HEAD_CONTENT_TYPE];
    x->call.if_match = fields[HEAD_IF_MATCH];
    x->call.idempotency_key = fields[HEAD_IDEMPOTENCY_KEY];
    x->call.accept_language = fields[HEAD_ACCEPT_LANGUAGE];
    x->call.user_agent = fields[HEAD_USER_AGENT];
    x->call.source = ip_text(x->task, &x->client);
}

static void serve_route(const struct site *s, struct exchange *x, const struct match *m)
{
    struct refusal r = admit(x, m);

    x->series = s->series_of_routes + (size_t)(m->route - routes);
    if (r.status) {
        refuse(x, r);
        return;
    }
    fill_call(x);
    x->work = call_api;
}

static void serve_api(const struct site *s, struct exchange *x)
{
    struct match m = route_match(routes, x->target.path, x->asked.method);
    bool methodless = x->asked.options || x->asked.unknown;

    if (!m.methods)
        refuse(x, REFUSED(404, NULL, NULL));
    else if (x->asked.options)
        say_options(x, route_allow(x->task, m.methods));
    else if (methodless || !m.route)
        refuse_allowing(x, REFUSED(405, NULL, NULL), route_allow(x->task, m.methods));
    else
        serve_route(s, x, &m);
}

/* ---- documents that anybody may read ---- */

static void give_document(const struct site *s, struct exchange *x)
{
    struct reply reply = { 0 };

    api_document(s->api, x->task, &x->document, &reply);
    response_of_reply(x->task, &x->response, &reply, x->secure);
}

static void admit_document(const struct site *s, struct exchange *x)
{
    struct refusal r = target_arguments(x->task, x->target.query, &x->document.query, &x->document.query_count);
    int64_t wait_seconds = rate_take(s->rate, &x->client);

    if (wait_seconds) {
        refuse(x, REFUSED(429, NULL, NULL));
        response_header(&x->response, "Retry-After", task_printf(x->task, "%lld", (long long)wait_seconds));
    } else if (r.status) {
        refuse(x, r);
    } else {
        x->work = give_document;
    }
}

static void serve_document(const struct site *s, struct exchange *x, const struct document *d)
{
    bool posts = d->takes_post && x->asked.method == METHOD_POST;
    struct text allow = route_allow(x->task, METHOD_BIT(METHOD_GET) | (d->takes_post ? METHOD_BIT(METHOD_POST) : 0));

    x->series = s->series_of_documents + (size_t)(d - documents);
    x->document = (struct document_call){ .document = d, .host = x->head.fields[HEAD_HOST] };
    if (posts)
        x->document.body = (struct text){ x->body.at ? x->body.at : "", x->body.length };
    if (x->asked.options)
        say_options(x, allow);
    else if (x->asked.unknown || (!posts && x->asked.method != METHOD_GET))
        refuse_allowing(x, REFUSED(405, NULL, NULL), allow);
    else
        admit_document(s, x);
}

/* ---- all of it ---- */

void site_answer(const struct site *s, struct exchange *x)
{
    x->series = s->series_of_others;
    if (x->refusal.status) {
        refuse(x, x->refusal);
        return;
    }
    for (size_t i = 0; i < COUNT(places); i++) {
        if (!text_equal(x->target.path, text_of(places[i].path)))
            continue;
        x->series = i;
        if (only_reads(x))
            places[i].serve(s, x);
        return;
    }
    for (const struct document *d = documents; d->path; d++)
        if (text_equal_folded(x->target.path, text_of(d->path))) {
            serve_document(s, x, d);
            return;
        }
    if (text_starts(x->target.path, TEXT(API))) {
        serve_api(s, x);
    } else if (only_reads(x)) {
        x->series = s->series_of_files;
        show(s, x);
    }
}

static void label(struct task *t, struct site *s)
{
    size_t count = 0, routes_count = 0, documents_count = 0;
    struct series_label *labels;

    while (routes[routes_count].path)
        routes_count++;
    while (documents[documents_count].path)
        documents_count++;
    labels = task_alloc(t, (COUNT(places) + routes_count + documents_count + 2) * sizeof *labels);
    for (size_t i = 0; i < COUNT(places); i++)
        labels[count++] = (struct series_label){ "GET", places[i].path };
    s->series_of_routes = count;
    for (size_t i = 0; i < routes_count; i++)
        labels[count++] = (struct series_label){ method_words[routes[i].method], routes[i].path };
    s->series_of_documents = count;
    for (size_t i = 0; i < documents_count; i++)
        labels[count++] = (struct series_label){ "GET", documents[i].path };
    s->series_of_files = count++;
    labels[s->series_of_files] = (struct series_label){ "GET", "files" };
    s->series_of_others = count++;
    labels[s->series_of_others] = (struct series_label){ "", "other" };
    s->metrics = metrics_open(labels, count);
}

enum outcome site_open(struct task *t, struct api *api, const struct config *c, struct site *out)
{
    enum outcome o;

    *out = (struct site){ .api = api };
    o = files_load(t, c->server.web_root, &out->files);
    if (o != DONE)
        return o;
    out->openapi = api_openapi(t);
    out->openapi_etag = task_printf(t, "\"%.32s\"", secret_digest(t, out->openapi).at);
    out->rate = rate_open(c->clients.per_minute);
    label(t, out);
    return DONE;
}

void site_close(struct site *s)
{
    rate_close(s->rate);
    metrics_close(s->metrics);
}
