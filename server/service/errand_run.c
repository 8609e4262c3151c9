/* server/service/errand_run.c - doing what is due */
#include "service/errand_kind.h"

#include "base/log.h"
#include "model/secret.h"
#include "store/password_reset.h"
#include "store/token.h"
#include "store/account.h"
#include "store/request.h"

#include <poll.h>
#include <string.h>

#define TRIES 5 /* to write how an errand ended; after that its lease says it */

static const struct {
    const char *kind;
    errand_fn *run;
    int64_t (*seconds)(const struct config *c); /* how long it may take */
} kinds[] = {
    { "program", hook_run, hook_seconds },
    { "letter", letter_run, letter_seconds },
    { "webhook", webhook_run, webhook_seconds },
    { "broadcast", broadcast_run, broadcast_seconds },
};

static size_t kind_of(const struct errand *e)
{
    size_t i = 0;

    while (i < COUNT(kinds) && !text_equal(e->kind, text_of(kinds[i].kind)))
        i++;
    return i;
}

static bool is_stopped(int stop)
{
    struct pollfd asked = { .fd = stop ? stop : -1, .events = POLLIN };

    return poll(&asked, 1, 0) > 0;
}

/* On a cluster another node may take the same row at the same moment: then one of the commits fails, and that one has
 * nothing. */
static enum outcome take(const struct service *s, struct task *t, struct errand *out)
{
    enum outcome o = store_borrow(s->store, t);

    if (o == DONE)
        o = transaction_begin(t);
    if (o == DONE)
        o = store_errand_due(t, out);
    if (o == DONE) {
        size_t kind = kind_of(out);

        out->claim = secret_number();
        out->seconds = s->config->errands.lease_seconds + (kind < COUNT(kinds) ? kinds[kind].seconds(s->config) : 0);
        o = store_errand_take(t, out);
    }
    if (o == DONE)
        o = transaction_commit(t);
    out->attempts++;
    store_return(s->store, t);
    return o;
}

static enum outcome open_secret(struct errand_run *r)
{
    enum outcome o = DONE;

    if (r->e->sealed.at)
        o = vault_open(r->t, "sealed", r->s->config->vault, VAULT_EVENT, r->e->sealed, errand_context(r->t, r->e),
                       &r->secret);
    if (o != DONE)
        r->words = TEXT("what is sealed for it cannot be opened: key_file holds another key, or none");
    return o;
}

static enum outcome run(struct errand_run *r)
{
    size_t kind = kind_of(r->e);
    enum outcome o = kind < COUNT(kinds) ? open_secret(r) : INVALID;

    if (kind == COUNT(kinds))
        r->words = TEXT("is of a kind that this version does not know");
    else if (o == DONE)
        o = kinds[kind].run(r);
    task_forget_problems(r->t);
    return o;
}

/* What becomes of its row. */
static enum errand_state judge(const struct errand_run *r, enum outcome o, struct errand *e)
{
    const struct errands_settings *settings = &r->s->config->errands;

    e->seconds = 0;
    e->last_error = o == DONE ? TEXT("") : text_part(r->words, 0, ERRAND_ERROR_MAX / 4); /* octets, of four each */
    if (!text_is_utf8(e->last_error))
        e->last_error = TEXT("?");
    if (o == DONE && r->more)
        e->attempts = 0;
    if (o == DONE)
        return r->more ? ERRAND_WAITING : ERRAND_DONE;
    if (r->progressed)
        e->attempts = 1;
    if (r->stopped) {
        e->attempts--; /* that was none of its own doing */
        return ERRAND_WAITING;
    }
    if (o != RETRY || e->attempts >= settings->attempts)
        return ERRAND_FAILED;
    e->seconds = errand_pause_seconds(e->attempts, settings->first_pause_seconds);
    return ERRAND_WAITING;
}

static void report(const struct errand *e, enum errand_state state, const struct config *c)
{
    if (state == ERRAND_DONE || !e->last_error.length)
        return;
    log_line(state == ERRAND_FAILED ? LOG_FAULT : LOG_WARN, "errand %lld (%.*s %.*s, %.*s): attempt %lld of %lld%s: %.*s",
             (long long)e->id, (int)e->kind.length, e->kind.at, (int)e->event.length, e->event.at, (int)e->target.length,
             e->target.at, (long long)e->attempts, (long long)c->errands.attempts,
             state == ERRAND_FAILED ? ", and it has failed" : "", (int)e->last_error.length, e->last_error.at);
}

/* MISSING, another has it now, is fine: our lease was over. */
static enum outcome write_end(const struct service *s, struct task *t, const struct errand *e)
{
    enum outcome o = RETRY;

    for (int i = 0; o == RETRY && i < TRIES; i++) {
        o = store_borrow(s->store, t);
        if (o == DONE)
            o = store_errand_end(t, e);
        store_return(s->store, t);
    }
    return o == MISSING ? DONE : o;
}

static enum outcome run_one(const struct service *s, int stop, struct task *t, struct errand_tally *tally)
{
    struct errand *e = task_alloc(t, sizeof *e);
    struct errand_run r = { .t = t, .s = s, .e = e, .stop = stop, .words = TEXT("") };
    enum outcome o = take(s, t, e);
    enum errand_state state;

    if (o != DONE)
        return o;
    state = judge(&r, run(&r), e);
    e->state = text_of(errand_state_words[state]);
    report(e, state, s->config);
    tally->done += state == ERRAND_DONE;
    tally->again += state == ERRAND_WAITING && !r.more;
    tally->failed += state == ERRAND_FAILED;
    return write_end(s, t, e);
}

enum outcome errands_run_due(const struct service *s, int stop, struct errand_tally *out)
{
    enum outcome o = DONE;

    *out = (struct errand_tally){ 0 };
    while (o == DONE && !is_stopped(stop)) {
        struct task *t = task_open();

        o = run_one(s, stop, t, out);
        task_close(t);
    }
    return o == MISSING ? DONE : o;
}

enum outcome errands_count(const struct service *s, struct errand_counts *out)
{
    struct task *t = task_open();
    enum outcome o = store_borrow(s->store, t);

    *out = (struct errand_counts){ 0 };
    if (o == DONE)
        o = store_errand_count(t, out);
    store_return(s->store, t);
    task_close(t);
    return o;
}

void errands_sweep(const struct service *s)
{
    const struct config *c = s->config;
    struct session_row idle = { .idle_seconds = c->session.idle_seconds };
    struct throttle_row window = { .window_seconds = c->throttle.window_seconds };
    struct task *t = task_open();
    int64_t gone = 0;
    enum outcome o = store_borrow(s->store, t);

    if (o == DONE)
        o = store_image_sweep(t, c->undo.keep_days, &gone);
    if (o == DONE)
        o = store_request_sweep(t, c->server.idempotency_seconds, &gone);
    if (o == DONE)
        o = store_reset_sweep(t, c->password.reset_minutes, &gone);
    if (o == DONE)
        o = store_token_delete_expired(t, &gone);
    if (o == DONE)
        o = store_session_delete_expired(t, &idle);
    if (o == DONE)
        o = store_throttle_sweep(t, &window);
    if (o == DONE)
        o = store_errand_sweep(t, c->errands.keep_days * 86400, &gone);
    if (o != DONE)
        log_line(LOG_WARN, "what is old could not be removed now");
    store_return(s->store, t);
    task_close(t);
}
