/* server/service/transact.c - what every verb has in common, where none can forget it */
#include "service/verb.h"

#include "base/log.h"
#include "model/address.h"
#include "model/problem.h"
#include "model/secret.h"
#include "store/account.h"
#include "store/domain.h"

#include <string.h>
#include <time.h>

#define ATTEMPTS 5
#define PAUSE_MS 20 /* before running again after a deadlock; grows with each attempt */
#define ETAG_DIGITS 20

const struct verb *verb_named(struct text name)
{
    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->name; v++)
            if (text_equal(text_of(v->name), name))
                return v;
    return NULL;
}

const char *verb_without_permit(void)
{
    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->name; v++)
            if (v->may == MAY_UNSET)
                return v->name;
    return NULL;
}

enum outcome conflict(struct work *w, const char *field, const struct problem_kind *kind)
{
    task_note(w->t, field, kind, (struct figure){ 0 });
    return CONFLICT;
}

static enum outcome refused(const struct work *w)
{
    return w->actor->role == ROLE_NOBODY ? STRANGER : DENIED;
}

enum outcome permit_domain(struct work *w, struct text domain)
{
    bool owned = false;
    enum outcome o = DONE;

    if (permit_reach(w->verb->may, w->actor->role) == REACH_ALL)
        return DONE;
    o = store_owns_domain(w->t, w->actor->username, domain, &owned);
    return o == DONE && !owned ? refused(w) : o;
}

/* The facts for model/permit: is the target's domain the actor's, and does the target outrank them. */
static enum outcome permit_target(struct work *w)
{
    struct target target = { 0 };
    enum outcome o = store_owns_domain(w->t, w->actor->username, w->domain, &target.owned);

    if (o == DONE && w->verb->of && w->verb->of->ranked && w->key.length)
        o = store_rank_of(w->t, w->key, &target.rank);
    if (o == DONE && !permitted(w->verb->may, w->actor->role, &target))
        o = refused(w);
    return o;
}

static enum outcome permit(struct work *w)
{
    const struct resource *of = w->verb->of;
    enum outcome o = DONE;

    switch (permit_reach(w->verb->may, w->actor->role)) {
    case REACH_NONE: return refused(w);
    case REACH_ALL: return DONE;
    case REACH_OWN_DOMAINS: break;
    }
    if (w->key.length && of && of->belongs && w->verb->act != ACT_CREATE)
        o = of->belongs(w);
    if (o == MISSING)
        return refused(w); /* whether it exists is none of their business */
    if (o == DONE && w->domain.length)
        o = permit_target(w);
    else if (o == DONE && w->verb->act != ACT_LIST)
        o = refused(w); /* a list without a domain shows the actor's own rows: list_scope() */
    return o;
}

static struct text etag_of(struct work *w, const struct shape *shape, const void *item)
{
    const struct field *modified = shape_field(shape, TEXT("modified"));
    /* What the system counts by itself (usage) must not make a change stale; modified stands for the rest. */
    struct text all = w->s->describe(w->t, shape, item, !w->verb->of);

    if (modified) {
        const struct moment *at = field_in(modified, item);

        all = task_join(w->t, all, task_printf(w->t, "@%lld", (long long)at->unix_seconds));
    }
    return task_printf(w->t, "\"%.*s\"", ETAG_DIGITS, secret_digest(w->t, all).at);
}

enum outcome require_match(struct work *w, const struct shape *shape, const void *value)
{
    const struct text wanted = w->in->if_match;

    if (!wanted.at || text_equal(wanted, TEXT("*")))
        return DONE;
    return text_equal(wanted, etag_of(w, shape, value)) ? DONE : STALE;
}

static enum outcome lock_before(struct work *w)
{
    const struct resource *of = w->verb->of;
    enum outcome o;

    if (!of || !of->lock || (w->verb->act != ACT_UPDATE && w->verb->act != ACT_DELETE && w->verb->act != ACT_DO))
        return DONE;
    w->before = task_alloc(w->t, of->size);
    o = of->lock(w->t, w->key, w->before);
    if (o == DONE && (!w->verb->gives || w->verb->gives == of->shape)) /* else the ETag is of something else in it */
        o = require_match(w, of->shape, w->before);
    return o;
}

static enum outcome audit(struct work *w)
{
    const struct shape *shape = w->logged ? w->logged : w->verb->of ? w->verb->of->shape : w->verb->gives;
    const void *after = w->after ? w->after : w->out->item;
    struct record r = {
        .actor = w->actor->username, .source = w->actor->source, .via = text_of(w->actor->via),
        .verb = text_of(w->verb->name), .target = w->key.at ? w->key : TEXT(""),
        .domain = w->domain.at ? w->domain : TEXT(""),
    };

    if (shape && w->before)
        r.before = w->s->describe(w->t, shape, w->before, false);
    if (shape && after)
        r.after = w->s->describe(w->t, shape, after, false);
    return store_log_insert(w->t, &r);
}

enum outcome change_begin(struct work *w)
{
    return transaction_begin(w->t);
}

enum outcome change_commit(struct work *w)
{
    enum outcome o = audit(w);

    if (o == DONE)
        o = transaction_commit(w->t);
    return o;
}

static enum outcome change(struct work *w)
{
    enum outcome o = change_begin(w);

    if (o == DONE)
        o = permit(w);
    if (o == DONE)
        o = lock_before(w);
    if (o == DONE)
        o = w->verb->run(w);
    if (o == DONE)
        o = change_commit(w);
    return o;
}

static enum outcome look(struct work *w)
{
    enum outcome o = permit(w);

    return o == DONE ? w->verb->run(w) : o;
}

static enum outcome run_once(struct work *w)
{
    bool changes = w->verb->act != ACT_LIST && w->verb->act != ACT_SHOW && !w->verb->own_transaction;
    enum outcome o = store_borrow(w->s->store, w->t);

    w->key = w->in->key;
    w->domain = w->in->domain;
    if (o == DONE && w->verb->act == ACT_CREATE && w->verb->of && w->verb->of->place)
        o = w->verb->of->place(w);
    if (o == DONE)
        o = changes ? change(w) : look(w);
    if (o == DONE && w->out->item && w->verb->gives)
        w->out->etag = etag_of(w, w->verb->gives, w->out->item);
    w->out->key = w->key;
    return o;
}

/* Gives the connection back, which also rolls back what was not committed, and runs again what a deadlock or a lost
 * connection undid. */
enum outcome transact(const struct service *s, struct task *t, const struct verb *v, const struct actor *actor,
                      const struct request *in, struct answer *out)
{
    for (int attempt = 1;; attempt++) {
        struct work w = { .t = t, .s = s, .verb = v, .actor = actor, .in = in, .out = out };
        struct timespec pause = { 0, (long)attempt * PAUSE_MS * 1000000L };
        enum outcome o;
        bool again;

        *out = (struct answer){ 0 };
        task_forget_problems(t);
        o = run_once(&w);
        again = o == RETRY && attempt < ATTEMPTS && transaction_may_be_repeated(t);
        store_return(s->store, t);
        if (!again)
            return o;
        log_line(LOG_NOTE, "%s runs again (attempt %d)", v->name, attempt + 1);
        nanosleep(&pause, NULL);
    }
}

enum outcome number_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    int64_t number = 0;

    if (!text_to_int64(given, &number) || number < 1)
        return task_problem(t, field, &problem_bad_number);
    *out = task_printf(t, "%lld", (long long)number);
    return DONE;
}

struct scope list_scope(const struct work *w)
{
    bool all = permit_reach(w->verb->may, w->actor->role) == REACH_ALL;

    return (struct scope){ .domain = w->in->domain.length ? w->in->domain : w->in->page.domain,
                           .owner = all ? (struct text){ 0 } : w->actor->username };
}

enum outcome list_page(struct work *w, const struct listing *l)
{
    struct scope scope = list_scope(w);

    return listing_page(w->t, l, &w->in->page, &scope, &w->out->list);
}

enum outcome password_admit_and_hash(struct work *w, const char *field, struct text clear, struct text owner,
                                     struct text *out)
{
    struct password_policy policy = config_password_policy(w->s->config);
    enum outcome o = password_admit(w->t, field, clear, &policy, owner);

    return o == DONE ? password_hash(w->t, field, w->s->scheme, clear, out) : o;
}

void *patched(struct work *w, const struct shape *shape, size_t size)
{
    void *after = task_alloc(w->t, size);

    memcpy(after, w->before, size);
    shape_overlay(shape, after, w->in->body, w->in->given);
    return after;
}
