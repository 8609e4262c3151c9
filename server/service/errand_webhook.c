/* server/service/errand_webhook.c - tells other servers of changes, signed */
#include "service/errand_kind.h"

#include "base/log.h"
#include "model/scope.h"
#include "model/secret.h"
#include "outside/webhook.h"
#include "store/journal.h"

enum outcome webhooks_check(struct task *t, const struct config *c)
{
    enum outcome o = DONE;

    for (size_t i = 0; i < c->webhook.url.count; i++) {
        if (webhook_url_check(t, "url", c->webhook.url.items[i]) == DONE)
            continue;
        log_line(LOG_FAULT, "%s: [webhook] url %.*s: is no http:// or https:// URL that can be asked", c->path.at,
                 (int)c->webhook.url.items[i].length, c->webhook.url.items[i].at);
        o = INVALID;
    }
    return o;
}

void webhooks_want(struct work *w, const struct record *r)
{
    const struct webhook_settings *settings = &w->s->config->webhook;
    struct errand_wanted hook = { .e = { .kind = TEXT("webhook"), .event = r->verb } };

    if (!scopes_cover(&settings->verbs, r->verb, verb_only_reads(w->verb)))
        return;
    for (size_t i = 0; i < settings->url.count; i++) {
        hook.e.payload = settings->url.items[i];
        hook.lane = task_join(w->t, task_join(w->t, hook.e.payload, TEXT(" ")), r->target);
        errand_want(w, &hook);
    }
}

int64_t webhook_seconds(const struct config *c)
{
    return c->webhook.timeout_seconds;
}

static bool is_configured(const struct webhook_settings *settings, struct text url)
{
    for (size_t i = 0; i < settings->url.count; i++)
        if (text_equal(settings->url.items[i], url))
            return true;
    return false;
}

/* What the log says of it: no secret is ever there. */
static enum outcome write_body(struct errand_run *r, struct text *out)
{
    struct record record = { 0 };
    enum outcome o = store_borrow(r->s->store, r->t);

    if (o == DONE)
        o = store_record_find(r->t, r->e->record, &record);
    store_return(r->s->store, r->t);
    if (o == DONE)
        *out = r->s->describe(r->t, &event_shape, &record, true);
    return o;
}

enum outcome webhook_run(struct errand_run *r)
{
    const struct webhook_settings *settings = &r->s->config->webhook;
    struct webhook post = { .url = r->e->payload, .event = r->e->event, .delivery = r->e->delivery,
                            .ca_file = settings->ca_file, .seconds = settings->timeout_seconds };
    struct webhook_end end = { .words = TEXT("cannot be sent") };
    enum outcome o;

    r->words = TEXT("the configuration names that URL no more");
    if (!is_configured(settings, post.url))
        return INVALID;
    o = write_body(r, &post.body);
    r->words = o == MISSING ? TEXT("the log has no such record any more") : TEXT("the database did not answer");
    if (o != DONE)
        return o == MISSING ? INVALID : o;
    if (settings->secret.length)
        post.signature_hex = secret_sign(r->t, settings->secret, post.body);
    o = webhook_post(r->t, &post, &end);
    r->words = end.words;
    return o;
}
