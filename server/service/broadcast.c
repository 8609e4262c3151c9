/* server/service/broadcast.c - a letter to all mailboxes of some domains
 *
 * HOW     An errand goes through the mailboxes in the order of their addresses, over one connection, and notes after each
 *         batch how far it is. A server that is killed leaves at most a batch whose letters went out and were not noted:
 *         these go out twice, with the same Message-ID, and nobody is missed.
 * OWN     Domain admins see and stop what they sent themselves.
 */
#include "service/errand_kind.h"
#include "service/tables.h"

#include "base/clock.h"
#include "model/address.h"
#include "model/problem.h"
#include "model/secret.h"
#include "outside/letter.h"
#include "store/account.h"
#include "store/broadcast.h"
#include "store/domain.h"

#include <poll.h>

#define BATCH 20

static enum outcome find(struct work *w, struct broadcast *out)
{
    int64_t id = 0;

    return text_to_int64(w->key, &id) ? store_broadcast_find(w->t, id, out) : MISSING;
}

/* Whose domains it is about, when it names none; none at all: everybody's. */
static enum outcome own_domains(struct work *w, struct texts *out)
{
    struct admin a = { 0 };
    enum outcome o = DONE;

    *out = (struct texts){ 0 };
    if (w->actor->grant && w->actor->grant->domains.count)
        *out = w->actor->grant->domains;
    else if (w->actor->role == ROLE_DOMAIN_ADMIN)
        o = store_admin_find(w->t, w->actor->username, &a);
    if (a.domains.count)
        *out = a.domains;
    return o == MISSING ? DONE : o;
}

static enum outcome place(struct work *w)
{
    const struct broadcast *b = w->in->body;
    struct texts all = b->domains;
    enum outcome o = all.count ? DONE : own_domains(w, &all);

    w->domain = all.count ? all.items[0] : TEXT("");
    return o;
}

static enum outcome belongs(struct work *w)
{
    struct broadcast b = { 0 };
    enum outcome o = find(w, &b);

    w->domain = b.domain;
    if (o == DONE && w->actor->role != ROLE_SUPER_ADMIN && !text_equal(b.actor, w->actor->username))
        return MISSING;
    return o;
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    int64_t id = 0;

    return text_to_int64(key, &id) ? store_broadcast_lock(t, id, out) : MISSING;
}

static enum outcome show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct broadcast));
    return find(w, w->out->item);
}

static enum outcome list(struct work *w)
{
    return list_newest_first(w, &broadcast_listing, &broadcast_shape);
}

static enum outcome admit_domains(struct work *w, const struct broadcast *b)
{
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && i < b->domains.count; i++) {
        struct domain d = { 0 };

        o = permit_domain(w, b->domains.items[i]);
        if (o == DONE)
            o = store_domain_find(w->t, b->domains.items[i], &d);
        if (o == MISSING)
            return task_problem(w->t, "domains", &problem_no_such_domain);
    }
    return o;
}

static enum outcome create(struct work *w)
{
    struct broadcast b = *(const struct broadcast *)w->in->body;
    struct errand_wanted errand = { .e = { .kind = TEXT("broadcast") } };
    enum outcome o = b.domains.count ? DONE : own_domains(w, &b.domains);

    if (o == DONE)
        o = admit_domains(w, &b);
    if (o == DONE)
        o = letters_within_limit(w);
    b.actor = w->actor->username;
    b.domain = w->domain.at ? w->domain : TEXT("");
    b.from = letters_from_actor(w, b.domain);
    if (!b.from_name.at)
        b.from_name = TEXT("");
    if (o == DONE && !b.from.length)
        return task_problem(w->t, "domains", &problem_no_sender);
    if (o == DONE)
        o = store_broadcast_count(w->t, &b, &b.total);
    if (o == DONE)
        o = store_broadcast_insert(w->t, &b);
    if (o != DONE)
        return o;
    w->key = task_printf(w->t, "%lld", (long long)b.id);
    errand.e.payload = errand.lane = w->key;
    errand_want(w, &errand);
    return show(w);
}

static enum outcome cancel(struct work *w)
{
    const struct broadcast *b = w->before;
    enum outcome o;

    w->domain = b->domain;
    if (text_equal(b->state, text_of(broadcast_state_words[BROADCAST_DONE])))
        return conflict(w, "state", &problem_ended_already);
    o = store_broadcast_cancel(w->t, b->id);
    return o == DONE ? show(w) : o;
}

/* ---- going through the mailboxes ---- */

struct round {
    struct errand_run *r;
    struct broadcast b;      /* as noted, and what is to be noted next */
    struct letter_line *line;
    int64_t until_ms;        /* no letter is begun after it */
    struct text noted;       /* done_to as it was noted */
};

int64_t broadcast_seconds(const struct config *c)
{
    return 2 * c->letters.timeout_seconds; /* a round, and the letter that was begun last */
}

static struct text message_id(struct task *t, const struct broadcast *b, struct text address)
{
    return task_printf(t, "broadcast-%lld-%.32s@%.*s", (long long)b->id, secret_digest(t, address).at,
                       (int)address_split(b->from).domain.length, address_split(b->from).domain.at);
}

static bool is_over(const struct round *d)
{
    struct pollfd asked = { .fd = d->r->stop ? d->r->stop : -1, .events = POLLIN };

    return poll(&asked, 1, 0) > 0 || clock_monotonic_ms() >= d->until_ms;
}

/* A server's own "not now" to this one letter, as often as we ask. */
static bool will_never_do(const struct round *d, struct text words)
{
    return words.length && words.at[0] == '4' && d->r->e->attempts >= d->r->s->config->errands.attempts
        && !d->r->progressed;
}

static enum outcome send_one(struct round *d, const struct addressee *to)
{
    struct task *t = task_open();
    struct text from = letters_written(t, d->b.from), words = TEXT("the address cannot stand in a letter");
    struct letter l = { .envelope_from = from, .from = from, .from_name = d->b.from_name,
                        .to = letters_written(t, to->address), .to_name = to->display_name, .subject = d->b.subject,
                        .body = d->b.body, .unix_seconds = clock_unix_seconds(),
                        .message_id = message_id(t, &d->b, to->address) };
    enum outcome o = letter_line_send(d->line, t, &l, &words);

    if (o != DONE)
        d->r->words = task_copy(d->r->t, words);
    if (o == RETRY && will_never_do(d, words))
        o = INVALID;
    if (o == INVALID)
        d->b.last_error = task_printf(d->r->t, "%.*s: %.*s", (int)to->address.length, to->address.at, (int)words.length,
                                      words.at);
    task_close(t);
    d->b.sent += o == DONE;
    d->b.failed += o == INVALID;
    if (o == DONE || o == INVALID)
        d->b.done_to = task_copy(d->r->t, to->address);
    return o == INVALID ? DONE : o;
}

static enum outcome note(struct round *d, enum broadcast_state state)
{
    struct task *t = task_open();
    enum outcome o = store_borrow(d->r->s->store, t);

    d->b.state = text_of(broadcast_state_words[state]);
    if (o == DONE)
        o = store_broadcast_note(t, &d->b, d->noted);
    store_return(d->r->s->store, t);
    task_close(t);
    if (o == MISSING)
        d->r->words = TEXT("another server goes on with it");
    d->r->progressed = d->r->progressed || (o == DONE && !text_equal(d->noted, d->b.done_to));
    d->noted = d->b.done_to;
    return o == MISSING ? RETRY : o;
}

static enum outcome next_batch(struct round *d, struct task *t, struct rows *out)
{
    struct broadcast now = { 0 };
    enum outcome o = store_borrow(d->r->s->store, t);

    if (o == DONE)
        o = store_broadcast_find(t, d->b.id, &now);
    if (o == DONE && !text_equal(now.state, text_of(broadcast_state_words[BROADCAST_WAITING]))
        && !text_equal(now.state, text_of(broadcast_state_words[BROADCAST_RUNNING])))
        o = MISSING; /* cancelled, or at its end */
    if (o == DONE)
        o = store_broadcast_next(t, &d->b, out);
    store_return(d->r->s->store, t);
    return o;
}

/* MISSING: nobody is left. */
static enum outcome do_batch(struct round *d)
{
    struct task *t = task_open();
    struct rows rows = { 0 };
    enum outcome o = next_batch(d, t, &rows), noted;
    const struct addressee *all = rows.items;

    if (o == DONE && rows.count == 0) {
        o = note(d, BROADCAST_DONE);
        o = o == DONE ? MISSING : o;
    } else if (o == DONE) {
        for (size_t i = 0; o == DONE && i < rows.count && !is_over(d); i++)
            o = send_one(d, &all[i]);
        noted = note(d, BROADCAST_RUNNING);
        o = noted == DONE ? o : noted;
    }
    task_close(t);
    return o;
}

static enum outcome open_round(struct round *d)
{
    struct letter_route route = letters_route(d->r->s->config);
    int64_t id = 0;
    enum outcome o = store_borrow(d->r->s->store, d->r->t);

    d->r->words = TEXT("the database did not answer");
    if (o == DONE)
        o = text_to_int64(d->r->e->payload, &id) ? store_broadcast_find(d->r->t, id, &d->b) : MISSING;
    store_return(d->r->s->store, d->r->t);
    d->b.limit = BATCH;
    d->noted = d->b.done_to;
    d->until_ms = clock_monotonic_ms() + d->r->s->config->letters.timeout_seconds * 1000;
    if (o == DONE)
        o = letter_line_open(d->r->t, &route, &d->line);
    return o;
}

enum outcome broadcast_run(struct errand_run *r)
{
    struct round d = { .r = r };
    enum outcome o = open_round(&d);

    while (o == DONE && !is_over(&d))
        o = do_batch(&d);
    letter_line_close(d.line);
    r->more = o == DONE;
    return o == MISSING ? DONE : o;
}

const struct resource broadcast_resource = {
    .noun = "broadcast", .key = "id", .shape = &broadcast_shape, .canon = number_canon, .place = place,
    .belongs = belongs, .lock = lock, .size = sizeof(struct broadcast), .listing = &broadcast_listing,
};

const struct verb broadcast_verbs[] = {
    { "broadcast.list", ACT_LIST, MAY_SEND_LETTERS, &broadcast_resource, NULL, &broadcast_shape, list,
      "List letters to all mailboxes of domains, newest first", false },
    { "broadcast.show", ACT_SHOW, MAY_SEND_LETTERS, &broadcast_resource, NULL, &broadcast_shape, show,
      "Show one of them, and how far it is", false },
    { "broadcast.create", ACT_CREATE, MAY_SEND_LETTERS, &broadcast_resource, &broadcast_shape, &broadcast_shape, create,
      "Send a letter to all active mailboxes of domains", false },
    { "broadcast.cancel", ACT_DO, MAY_SEND_LETTERS, &broadcast_resource, NULL, &broadcast_shape, cancel,
      "Let one go to nobody further", false },
    { 0 },
};
