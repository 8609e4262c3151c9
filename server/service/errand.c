/* server/service/errand.c - errands: how a change leaves them, and looking at them */
#include "service/errand_kind.h"
#include "service/tables.h"

#include "model/problem.h"
#include "model/secret.h"

#include <string.h>

void errand_want(struct work *w, const struct errand_wanted *e)
{
    struct errand_wanted *kept = task_alloc(w->t, sizeof *kept), **last = &w->errands;

    *kept = *e;
    while (*last)
        last = &(*last)->next;
    *last = kept;
}

static struct text or_empty(struct text given)
{
    return given.at ? given : TEXT("");
}

static enum outcome keep(struct work *w, const struct record *r, struct errand_wanted *wanted)
{
    struct errand *e = &wanted->e;
    enum outcome o = DONE;

    e->record = r->id;
    e->verb = r->verb;
    e->actor = or_empty(r->actor);
    e->target = or_empty(e->target.at ? e->target : r->target);
    e->domain = or_empty(e->domain.at ? e->domain : r->domain);
    e->event = or_empty(e->event);
    e->delivery = secret_token(w->t);
    e->lane = secret_digest(w->t, wanted->lane.at ? task_printf(w->t, "%s %s", e->kind.at, wanted->lane.at) : e->delivery);
    if (wanted->secret.at)
        o = vault_seal(w->t, "secrets.key_file", w->s->config->vault, VAULT_EVENT, wanted->secret,
                       errand_context(w->t, e), &e->sealed);
    return o == DONE ? store_errand_insert(w->t, e) : o;
}

enum outcome errands_keep(struct work *w, const struct record *r)
{
    enum outcome o = hooks_want(w, r);

    webhooks_want(w, r);
    for (struct errand_wanted *e = w->errands; o == DONE && e; e = e->next)
        o = keep(w, r, e);
    return o;
}

/* ---- verbs ---- */

static enum outcome lock(struct task *t, struct text key, void *out)
{
    int64_t id = 0;

    return text_to_int64(key, &id) ? store_errand_lock(t, id, out) : MISSING;
}

static enum outcome belongs(struct work *w)
{
    struct errand e = { 0 };
    int64_t id = 0;
    enum outcome o = text_to_int64(w->key, &id) ? store_errand_find(w->t, id, &e) : MISSING;

    w->domain = e.domain;
    return o;
}

static enum outcome show(struct work *w)
{
    int64_t id = 0;

    w->out->item = task_alloc(w->t, sizeof(struct errand));
    return text_to_int64(w->key, &id) ? store_errand_find(w->t, id, w->out->item) : MISSING;
}

static enum outcome list(struct work *w)
{
    return list_newest_first(w, &errand_listing, &errand_shape);
}

static enum outcome retry(struct work *w)
{
    const struct errand *e = w->before;
    enum outcome o;

    w->domain = e->domain;
    if (!text_equal(e->state, text_of(errand_state_words[ERRAND_FAILED]))
        && !text_equal(e->state, text_of(errand_state_words[ERRAND_WAITING])))
        return conflict(w, "state", &problem_not_to_be_retried);
    o = store_errand_again(w->t, e->id);
    w->wakes = true;
    return o == DONE ? show(w) : o;
}

const struct resource errand_resource = {
    .noun = "errand", .key = "id", .shape = &errand_shape, .canon = number_canon, .belongs = belongs,
    .lock = lock, .size = sizeof(struct errand), .listing = &errand_listing,
};

const struct verb errand_verbs[] = {
    { "errand.list", ACT_LIST, MAY_MANAGE_ERRANDS, &errand_resource, NULL, &errand_shape, list,
      "List programs, webhooks and letters that follow from changes, newest first", false },
    { "errand.show", ACT_SHOW, MAY_MANAGE_ERRANDS, &errand_resource, NULL, &errand_shape, show, "Show one of them", false },
    { "errand.retry", ACT_DO, MAY_MANAGE_ERRANDS, &errand_resource, NULL, &errand_shape, retry,
      "Try one again that has failed, or waits, at once", false },
    { 0 },
};
