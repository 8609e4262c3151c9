/* server/service/audit.c - what a change leaves behind: its record, chained by hash, and the state before it */
#include "service/steps.h"

#include "model/secret.h"
#include "store/journal.h"

/* Each part with its length, so that no two records give the same octets. */
static struct text part(struct task *t, struct text so_far, struct text value)
{
    struct text head = value.at ? task_printf(t, "%zu:", value.length) : TEXT("-:");

    return task_join(t, task_join(t, so_far, head), value.at ? value : TEXT(""));
}

struct text record_hash(struct task *t, const struct vault *v, const struct record *r, struct text previous)
{
    struct text covered = task_printf(t, "%lld/%lld/%lld/%lld/%lld/%lld;", (long long)r->chain, (long long)r->link,
                                      (long long)r->previous, (long long)r->id, (long long)r->image, (long long)r->undoes);
    const struct text values[] = { previous, r->stamp,  r->actor,  r->source, r->via,
                                   r->verb,  r->target, r->domain, r->before, r->after };

    for (size_t i = 0; i < COUNT(values); i++)
        covered = part(t, covered, values[i]);
    return vault_mac(t, v, VAULT_AUDIT, covered);
}

static struct record describe_change(struct work *w)
{
    const struct shape *shape = w->logged ? w->logged : w->verb->of ? w->verb->of->shape : w->verb->gives;
    const void *after = w->after || w->undone ? w->after : w->out->item;
    struct record r = {
        .actor = w->actor->username, .source = w->actor->source, .via = text_of(w->actor->via),
        .verb = text_of(w->verb->name), .target = w->key.at ? w->key : TEXT(""),
        .domain = w->domain.at ? w->domain : TEXT(""), .image = w->image, .undoes = w->undone ? w->undone->id : 0,
    };

    if (shape && w->before)
        r.before = w->s->describe(w->t, shape, w->before, false);
    if (shape && after)
        r.after = w->s->describe(w->t, shape, after, false);
    return r;
}

enum outcome audit(struct work *w, struct record *out)
{
    const struct vault *v = w->s->config->vault;
    struct record r = describe_change(w);
    struct chain_head head = { 0 };
    enum outcome o = store_chain_take(w->t, secret_number() % CHAINS, &head);

    r.chain = head.chain;
    r.link = head.link + 1;
    r.previous = head.record;
    r.stamp = head.stamp;
    r.hash_key = vault_key_id(v);
    if (o == DONE) {
        r.hash = record_hash(w->t, v, &r, head.hash); /* before it has a number: it is written once */
        o = store_record_add(w->t, &r);
    }
    w->record = r.id;
    if (o == DONE && w->undone) {
        w->undone->undone_by = r.id;
        o = store_record_mark_undone(w->t, w->undone->id, r.id);
    }
    *out = r;
    return o;
}

enum outcome keep_image(struct work *w, enum image_kind kind, struct text key)
{
    if (kind == IMAGE_NONE)
        return DONE;
    if (!w->image)
        w->image = secret_number();
    return store_image_keep(w->t, w->image, kind, key);
}
