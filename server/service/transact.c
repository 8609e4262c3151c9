/* server/service/transact.c - what every verb has in common, where none can forget it */
#include "service/errand_kind.h"
#include "service/steps.h"

#include "base/log.h"
#include "model/address.h"
#include "model/problem.h"
#include "model/secret.h"

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
    if (o == DONE && w->verb->act != ACT_DO) /* what is done to an item besides has a verb that does the contrary */
        o = keep_image(w, w->verb->act == ACT_DELETE ? of->image_whole : of->image, w->key);
    return o;
}

enum outcome change_begin(struct work *w)
{
    return transaction_begin(w->t);
}

/* The ETag is of the state within the transaction; what is shown again later must be what was shown now. */
enum outcome change_commit(struct work *w)
{
    struct record r = { 0 };
    enum outcome o = audit(w, &r);

    if (o == DONE)
        o = errands_keep(w, &r);
    if (w->image)
        w->out->undo = w->record;
    if (o == DONE && w->out->item && w->verb->gives)
        w->out->etag = etag_of(w, w->verb->gives, w->out->item);
    w->out->key = w->key;
    if (o == DONE)
        o = replay_remember(w);
    if (o == DONE)
        o = transaction_commit(w->t);
    if (o == DONE && w->s->wake && (w->errands || w->wakes))
        w->s->wake(w->s->wake_context);
    return o;
}

static enum outcome change(struct work *w)
{
    enum outcome o = change_begin(w);

    if (o == DONE)
        o = permit(w);
    if (o == DONE)
        o = replay_claim(w);
    if (o != DONE || w->out->replayed.at)
        return o;
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
    bool changes = !verb_only_reads(w->verb) && !w->verb->own_transaction;
    enum outcome o = store_borrow(w->s->store, w->t);

    w->key = w->in->key;
    w->domain = w->in->domain;
    if (o == DONE && w->verb->act == ACT_CREATE && w->verb->of && w->verb->of->place)
        o = w->verb->of->place(w);
    if (o == DONE)
        o = changes ? change(w) : look(w);
    if (o == DONE && !changes && w->out->item && w->verb->gives)
        w->out->etag = etag_of(w, w->verb->gives, w->out->item);
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

enum outcome password_admit_and_hash(struct work *w, const char *field, struct text clear, struct text owner,
                                     struct text *out)
{
    struct password_policy policy = config_password_policy(w->s->config);
    enum outcome o = password_admit(w->t, field, clear, &policy, owner);

    w->new_password = clear;
    return o == DONE ? password_hash(w->t, field, w->s->scheme, clear, out) : o;
}

void *patched(struct work *w, const struct shape *shape, size_t size)
{
    void *after = task_alloc(w->t, size);

    memcpy(after, w->before, size);
    shape_overlay(shape, after, w->in->body, w->in->given);
    return after;
}
