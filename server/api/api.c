/* server/api/api.c - from a call to its verb, and from the outcome to the answer; nothing is decided here */
#include "api/api.h"

#include "api/json.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/address.h"
#include "service/session.h"
#include "store/migrate.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_SECONDS 2

struct api {
    struct store *store;
    struct service service;
};

/* The three truths over HTTP: RETRY is 503, never 404. */
static const struct { unsigned status; const char *title, *detail; } http[OUTCOMES] = {
    [DONE] = { 200, "OK", "" },
    [INVALID] = { 422, "Invalid input", "Some fields are not right; nothing was changed." },
    [STRANGER] = { 401, "Not logged in", "Log in first; or the name or the password is wrong." },
    [DENIED] = { 403, "Not allowed", "This account may not do that." },
    [MISSING] = { 404, "Not found", "There is no such item." },
    [CONFLICT] = { 409, "Conflict", "It stands against something that is there already; nothing was changed." },
    [STALE] = { 412, "Changed by somebody else", "The item has changed since it was read; nothing was changed." },
    [BUSY] = { 429, "Too many attempts", "Too many in a short time; try again later." },
    [RETRY] = { 503, "Cannot tell now", "The database did not answer; try again in a moment." },
    [BROKEN] = { 500, "Our fault", "Something went wrong here; the server's log says what." },
};

/* What http itself refuses with. */
static const struct { unsigned status; const char *title; } titles[] = {
    { 400, "Bad request" },          { 403, "Not allowed" },         { 404, "Not found" },
    { 405, "Method not allowed" },   { 406, "Not acceptable" },      { 408, "Too slow" },
    { 413, "Body too large" },       { 414, "Address too long" },    { 415, "Unsupported media type" },
    { 421, "Misdirected request" },  { 422, "Invalid input" },       { 431, "Headers too large" },
    { 429, "Too many requests" },     { 503, "Too busy now" },
};

unsigned status_of(enum outcome o)
{
    return http[o].status;
}

static json_t *problem_errors(struct task *t)
{
    json_t *errors = json_array();

    for (const struct problem *p = task_problems(t); p; p = p->next) {
        json_t *e = json_object();
        struct text detail = problem_detail(t, p);

        json_object_set_new(e, "field", text_is_utf8(p->field) ? json_stringn(p->field.at, p->field.length)
                                                               : json_string("?"));
        json_object_set_new(e, "code", json_string(p->kind->code));
        json_object_set_new(e, "detail", json_stringn(detail.at, detail.length));
        for (size_t i = 0; i < FIGURES_MAX; i++)
            if (p->figures[i].name)
                json_object_set_new(e, p->figures[i].name, json_integer(p->figures[i].value));
        json_array_append_new(errors, e);
    }
    return errors;
}

static void answer_problem(struct task *t, unsigned status, const char *title, const char *detail, struct reply *out)
{
    json_t *body = json_object();

    json_object_set_new(body, "type", json_string("about:blank")); /* RFC 9457, 4.2.1: the title says it */
    json_object_set_new(body, "title", json_string(title));
    json_object_set_new(body, "status", json_integer((json_int_t)status));
    json_object_set_new(body, "detail", json_string(detail));
    json_object_set_new(body, "errors", problem_errors(t));
    out->status = status;
    out->content_type = TEXT("application/problem+json");
    out->body = json_text(t, body, false);
}

void api_refuse(struct task *t, unsigned status, const char *field, const struct problem_kind *kind, struct reply *out)
{
    const char *title = "Bad request";

    for (size_t i = 0; i < COUNT(titles); i++)
        if (titles[i].status == status)
            title = titles[i].title;
    if (field)
        task_note(t, field, kind, (struct figure){ 0 });
    answer_problem(t, status, title, title, out);
}

struct store_settings store_settings_of(const struct config *c, const struct database_settings *d)
{
    return (struct store_settings){
        .servers = d->servers, .socket = d->socket, .name = d->name, .user = d->user, .password = d->password,
        .option_file = d->option_file, .pool = d->pool, .connect_seconds = d->connect_seconds,
        .read_seconds = d->read_seconds, .write_seconds = d->write_seconds,
        .quota_multiplier = c->quota.multiplier,
    };
}

static size_t index_of(const char *const *words, struct text word)
{
    size_t i = 0;

    while (words[i] && !text_equal(text_of(words[i]), word))
        i++;
    return i;
}

static render_fn render;

struct service service_of(const struct config *c, struct store *store)
{
    json_start();
    return (struct service){
        .store = store, .config = c, .describe = json_describe, .render = render,
        .scheme = (enum scheme)index_of(scheme_words, c->password.scheme),
        .layout = (enum maildir_layout)index_of(maildir_layout_words, c->mail.maildir_layout),
    };
}

static bool routes_are_whole(void)
{
    const char *open = verb_without_permit();

    if (open)
        log_line(LOG_FAULT, "verb %s does not say who may", open);
    for (const struct route *r = routes; r->path; r++)
        if (!verb_named(text_of(r->verb))) {
            log_line(LOG_FAULT, "route %s has no verb %s", r->path, r->verb);
            return false;
        }
    return !open;
}

struct api *api_open(const struct config *c)
{
    struct store_settings settings = store_settings_of(c, &c->database);
    struct api *a;

    if (!routes_are_whole())
        return NULL;
    a = calloc(1, sizeof *a);
    if (!a)
        abort();
    a->store = store_open(&settings);
    a->service = service_of(c, a->store);
    return a;
}

void api_close(struct api *a)
{
    if (!a)
        return;
    store_close(a->store);
    free(a);
}

struct service *api_service(struct api *a)
{
    return &a->service;
}

void api_figures(struct api *a, int64_t *open, int64_t *used)
{
    store_figures(a->store, open, used);
}

enum outcome api_ready(struct api *a, struct task *t)
{
    enum outcome o = store_borrow(a->store, t);

    if (o == DONE)
        o = migrate_is_current(t);
    if (o == RETRY && transaction_may_be_repeated(t)) {
        store_return(a->store, t);
        o = store_borrow(a->store, t);
        if (o == DONE)
            o = migrate_is_current(t);
    }
    store_return(a->store, t);
    return o;
}

/* ---- the request ---- */

/* RFC 9110, 12.5.4, as far as two languages need it: whichever of them comes first. */
static struct text language_of(struct text accepted)
{
    while (accepted.length) {
        size_t comma = text_find(accepted, ',');
        struct text one = text_trim(text_part(accepted, 0, comma));

        if (text_equal_folded(text_part(one, 0, 2), TEXT("ja")))
            return TEXT("ja");
        if (text_equal_folded(text_part(one, 0, 2), TEXT("en")))
            return TEXT("en");
        accepted = comma == TEXT_NOT_FOUND ? TEXT("") : text_part(accepted, comma + 1, accepted.length);
    }
    return TEXT("en");
}

static enum outcome read_part(struct task *t, const struct verb *v, struct text part, struct request *out)
{
    bool under = v->act == ACT_LIST || v->act == ACT_CREATE;

    if (!part.at)
        return DONE;
    if (part.length > 1024)
        return task_problem_figure(t, under ? "domain" : v->of->key, &problem_too_long, "max", ADDRESS_MAX);
    return under ? domain_canon(t, "domain", part, &out->domain) : v->of->canon(t, v->of->key, part, &out->key);
}

static enum outcome read_argument(struct task *t, const struct field *f, struct text value, void *at)
{
    if (f->kind == KIND_TEXT) {
        *(struct text *)at = value;
        return field_check_text(t, f, f->name, at);
    }
    if (f->kind == KIND_BOOLEAN) {
        *(bool *)at = text_equal(value, TEXT("true"));
        return *(bool *)at || text_equal(value, TEXT("false")) ? DONE : task_problem(t, f->name, &problem_wrong_type);
    }
    if (f->kind == KIND_MOMENT)
        return moment_read(t, f->name, value, at);
    if (!text_to_int64(value, at))
        return task_problem(t, f->name, &problem_wrong_type);
    return field_check_integer(t, f, f->name, *(int64_t *)at);
}

/* Whether it is the one that the route takes without looking. */
static bool is_routes_own(struct task *t, const struct route *r, const struct name_value *q)
{
    const char *own = route_query(r);

    return own && text_equal(text_of(own), task_join(t, task_join(t, q->name, TEXT("=")), q->value));
}

static enum outcome read_query(struct task *t, const struct verb *v, const struct call *call, struct page *out)
{
    enum outcome all = DONE;
    field_set seen = 0;

    for (size_t i = 0; i < call->query_count; i++) {
        const struct name_value *q = &call->query[i];
        const struct field *f = v->act == ACT_LIST ? shape_field(&page_shape, q->name) : NULL;
        field_set bit = f ? (field_set)1 << (f - page_shape.fields) : 0;
        enum outcome o;

        if (is_routes_own(t, call->route, q))
            continue;
        if (!f || !listing_knows(v->of ? v->of->listing : NULL, f))
            o = task_problem(t, task_c_string(t, text_part(q->name, 0, 64)), &problem_unknown_field);
        else if (seen & bit)
            o = task_problem(t, f->name, &problem_duplicate_field);
        else
            o = read_argument(t, f, q->value, field_at(f, out));
        out->given = seen |= bit;
        if (o != DONE)
            all = o;
    }
    return all;
}

static enum outcome read_body(struct task *t, const struct verb *v, const struct call *call, struct request *out)
{
    void *body;
    enum decoding how = call->route->method == METHOD_PATCH ? DECODE_PATCH : DECODE_WHOLE;
    enum outcome o;

    if (!v->takes)
        return DONE;
    body = task_alloc(t, v->takes->size);
    o = json_decode(t, v->takes, call->body, how, body, &out->given);
    out->body = body;
    return o;
}

/* ---- the answer ---- */

static const char *path_of_new(struct task *t, const struct verb *v, struct text key)
{
    struct text show = task_printf(t, "%.*s.show", (int)text_find(text_of(v->name), '.'), v->name);

    for (const struct route *r = routes; r->path; r++) {
        struct text path = text_of(r->path);

        if (r->method == METHOD_GET && text_equal(text_of(r->verb), show) && text_find(path, '{') != TEXT_NOT_FOUND)
            return task_printf(t, "%.*s%.*s", (int)text_find(path, '{'), path.at, (int)key.length, key.at).at;
    }
    return NULL;
}

/* RFC 3986: what may stand in a segment of a path as it is */
static struct text percent_encoded(struct task *t, struct text key)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@";
    char *at = task_alloc(t, key.length * 3 + 1);
    size_t length = 0;

    for (size_t i = 0; i < key.length; i++) {
        unsigned char c = (unsigned char)key.at[i];

        if (c && strchr(plain, c)) {
            at[length++] = (char)c;
        } else {
            at[length++] = '%';
            at[length++] = "0123456789ABCDEF"[c >> 4];
            at[length++] = "0123456789ABCDEF"[c & 15];
        }
    }
    return (struct text){ at, length };
}

static void answer_item(struct task *t, const struct verb *v, const struct answer *a, struct reply *out)
{
    out->status = 200;
    if (verb_gives_list(v)) {
        out->body = json_text(t, json_list(t, &a->list), false);
    } else if (a->item && v->gives) {
        out->body = json_text(t, json_item(t, v->gives, a->item), false);
        out->etag = a->etag;
    } else {
        out->status = 204;
        return;
    }
    out->content_type = TEXT("application/json");
    if (v->act == ACT_CREATE && v->gives) {
        out->status = 201;
        out->location = text_of(v->of ? path_of_new(t, v, percent_encoded(t, a->key)) : "/api/v1/session");
    }
}

/* As one text, so that the same request can be answered again (service/replay.c). */
static struct text render(struct task *t, const struct verb *v, const struct answer *a)
{
    struct reply r = { 0 };
    json_t *kept = json_object();

    answer_item(t, v, a, &r);
    json_object_set_new(kept, "status", json_integer((json_int_t)r.status));
    json_object_set_new(kept, "body", json_stringn(r.body.at ? r.body.at : "", r.body.length));
    json_object_set_new(kept, "etag", json_stringn(r.etag.at ? r.etag.at : "", r.etag.length));
    json_object_set_new(kept, "location", json_stringn(r.location.at ? r.location.at : "", r.location.length));
    json_object_set_new(kept, "undo", json_integer(a->undo));
    return json_text(t, kept, false);
}

static struct text member_of(struct task *t, json_t *kept, const char *name)
{
    const json_t *value = json_object_get(kept, name);
    struct text words = { json_string_value(value), json_string_length(value) };

    return words.length ? task_copy(t, words) : (struct text){ 0 };
}

static void answer_again(struct task *t, struct text rendered, struct reply *out)
{
    json_t *kept = json_loadb(rendered.at, rendered.length, JSON_ALLOW_NUL, NULL);

    out->status = (unsigned)json_integer_value(json_object_get(kept, "status"));
    out->body = member_of(t, kept, "body");
    out->etag = member_of(t, kept, "etag");
    out->location = member_of(t, kept, "location");
    out->undo = json_integer_value(json_object_get(kept, "undo"));
    out->content_type = out->body.at ? TEXT("application/json") : (struct text){ 0 };
    out->replayed = true;
    json_decref(kept);
}

static void answer(struct task *t, const struct verb *v, enum outcome o, const struct answer *a, struct reply *out)
{
    bool ends_session = strcmp(v->name, "session.delete") == 0;

    out->not_before_ms = a->not_before_ms;
    if (o == DONE && a->replayed.at) {
        answer_again(t, a->replayed, out);
        return;
    }
    if (o == DONE) {
        answer_item(t, v, a, out);
        out->undo = a->undo;
        out->set_session = a->session_token;
        out->clear_session = ends_session;
        return;
    }
    answer_problem(t, http[o].status, http[o].title, http[o].detail, out);
    if (o == RETRY)
        out->retry_after_seconds = RETRY_SECONDS;
    if (o == BUSY)
        out->retry_after_seconds = a->wait_seconds;
}

/* Who asks comes first: a stranger learns nothing of what is wrong with the input. */
static enum outcome run(struct api *a, struct task *t, const struct call *call, const struct verb *v,
                        struct answer *out)
{
    struct actor actor = { .source = call->source, .via = call->bearer.at ? "token" : "browser", .token = call->session_token,
                           .language = language_of(call->accept_language),
                           .user_agent = call->user_agent };
    struct request in = { .if_match = call->if_match, .raw_body = call->body,
                          .idempotency_key = call->route->method == METHOD_POST ? call->idempotency_key
                                                                                : (struct text){ 0 } };
    enum outcome o = call->bearer.at ? token_identify(&a->service, t, call->bearer, &actor)
                                     : session_identify(&a->service, t, call->session_token, &actor);

    if (o == DONE)
        o = permit_verb(v, &actor);
    if (o == DONE)
        o = read_part(t, v, call->parts[0], &in);
    if (o == DONE)
        o = read_query(t, v, call, &in.page);
    if (o == DONE)
        o = read_body(t, v, call, &in);
    return o == DONE ? transact(&a->service, t, v, &actor, &in, out) : o;
}

void api_call(struct api *a, struct task *t, const struct call *call, struct reply *out)
{
    const struct verb *v = verb_named(text_of(call->route->verb));
    struct answer result = { 0 };
    enum outcome o = run(a, t, call, v, &result);

    store_return(a->store, t);
    *out = (struct reply){ 0 };
    answer(t, v, o, &result, out);
}
