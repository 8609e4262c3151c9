/* server/service/journal.c - the log: reading it, taking a change back, and whether anybody has been at it
 *
 * UNDO    What the change found is put back from its image (store/image.h), or what it made is deleted, when nothing newer
 *         stands in the way: no later change of the same item, and the item as the change left it. Whoever may not do the
 *         change may not undo it either. An undo is a change as any other, with a record and an image of its own.
 */
#include "service/steps.h"
#include "service/tables.h"

#include "model/problem.h"
#include "model/secret.h"
#include "store/journal.h"

#include <stdio.h>

static enum outcome find(struct work *w, struct record *out)
{
    int64_t id = 0;

    return text_to_int64(w->key, &id) ? store_record_find(w->t, id, out) : MISSING;
}

static enum outcome belongs(struct work *w)
{
    struct record r = { 0 };
    int64_t id = 0;
    enum outcome o = MISSING;

    if (text_to_int64(w->key, &id))
        o = w->actor->role == ROLE_SUPER_ADMIN ? store_record_find(w->t, id, &r)
                                               : store_record_find_below_super(w->t, id, &r);

    w->domain = r.domain;
    return o;
}

static enum outcome show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct record));
    return find(w, w->out->item);
}

static enum outcome list_log(struct work *w)
{
    return list_newest_first(w, &log_listing, &record_shape);
}

/* ---- undo ---- */

/* The change that all the undoing of undoing began with. */
static enum outcome origin(struct work *w, const struct record *r, struct record *out)
{
    enum outcome o = DONE;

    *out = *r;
    while (o == DONE && out->undoes && text_equal(out->verb, text_of(w->verb->name)))
        o = store_record_find(w->t, out->undoes, out);
    return o;
}

/* What belongs to oneself is done to one's mailbox. */
static const struct verb *verb_behind(const struct record *first)
{
    return verb_named(text_starts(first->verb, TEXT("me.")) ? TEXT("mailbox.update") : first->verb);
}

static enum outcome may_do_it_too(struct work *w, const struct verb *v, const struct record *r)
{
    struct work probe = *w;

    probe.verb = v;
    probe.key = r->target;
    probe.domain = r->domain;
    return permit(&probe);
}

static enum outcome nothing_newer(struct work *w, const struct record *r, const struct record *first)
{
    struct record by = *r, newer = { 0 };
    enum outcome o;

    by.verb = first->verb;
    o = store_record_newer(w->t, &by, &newer);
    if (o == DONE) {
        task_note(w->t, "id", &problem_newer_change, (struct figure){ "record", newer.id });
        return CONFLICT;
    }
    return o == MISSING ? DONE : o;
}

/* The item as it is now, locked; w->before stays NULL when there is none. */
static enum outcome lock_now(struct work *w, const struct resource *of)
{
    void *now = task_alloc(w->t, of->size);
    enum outcome o = of->lock(w->t, w->key, now);

    if (o == DONE)
        w->before = now;
    return o == MISSING ? DONE : o;
}

/* A record of one's own forward, say, describes a part of the item: the log alone says then that nothing is newer. */
static enum outcome still_as_left(struct work *w, const struct verb *v, const struct resource *of, const struct record *r)
{
    bool there = w->before != NULL, left = r->after.at != NULL;

    if (there != left)
        return conflict(w, "id", there ? &problem_taken : &problem_changed_elsewhere);
    if (!there || (v->gives && v->gives != of->shape))
        return DONE;
    return text_equal(w->s->describe(w->t, of->shape, w->before, false), r->after)
               ? DONE : conflict(w, "id", &problem_changed_elsewhere);
}

static enum outcome unmake(struct work *w, const struct verb *v)
{
    const struct resource *of = v->of;
    struct text name = text_of(v->name);
    struct work deletion = *w;
    enum outcome o = keep_image(w, of->image_whole, w->key);

    deletion.verb = verb_named(task_printf(w->t, "%.*s.delete", (int)text_find(name, '.'), name.at));
    return o == DONE ? deletion.verb->run(&deletion) : o;
}

static enum outcome put_back(struct work *w, const struct resource *of, const struct record *r)
{
    bool gone = r->after.at == NULL;
    enum outcome o = gone && of->vacant ? of->vacant(w) : DONE;

    if (o == DONE && !gone)
        o = keep_image(w, of->image, w->key);
    if (o == DONE)
        o = store_image_restore(w->t, r->image, gone ? of->image_whole : of->image, w->key);
    if (o == DONE) {
        void *now = task_alloc(w->t, of->size);

        o = of->lock(w->t, w->key, now);
        w->after = now;
    }
    if (o == DONE && of->readmit)
        o = of->readmit(w);
    return o == MISSING ? BROKEN : o;
}

static enum outcome take_back(struct work *w, struct record *r)
{
    struct record first = { 0 };
    enum outcome o = origin(w, r, &first);
    const struct verb *v = o == DONE ? verb_behind(&first) : NULL;
    const struct resource *of = v ? v->of : NULL;

    if (o == DONE && (!of || !of->lock || of->image == IMAGE_NONE))
        return conflict(w, "id", &problem_not_undoable);
    if (o == DONE)
        o = may_do_it_too(w, v, r);
    if (o == DONE)
        o = nothing_newer(w, r, &first);
    w->key = r->target;
    w->domain = r->domain;
    if (o == DONE)
        o = lock_now(w, of);
    if (o == DONE)
        o = still_as_left(w, verb_named(first.verb), of, r);
    if (o != DONE)
        return o;
    w->logged = of->shape;
    w->undone = r;
    return r->before.at ? put_back(w, of, r) : unmake(w, v);
}

static enum outcome undo(struct work *w)
{
    struct record *r = task_alloc(w->t, sizeof *r);
    int64_t id = 0;
    enum outcome o = text_to_int64(w->key, &id) ? store_record_lock(w->t, id, r) : MISSING;

    if (o == DONE && r->undone_by) {
        task_note(w->t, "id", &problem_undone_already, (struct figure){ "record", r->undone_by });
        return CONFLICT;
    }
    if (o == DONE && !r->undoable)
        return conflict(w, "id", &problem_not_undoable);
    if (o == DONE)
        o = take_back(w, r);
    if (o == DONE && r->undoes) /* what it had undone stands again */
        o = store_record_mark_undone(w->t, r->undoes, 0);
    r->undoable = false;
    w->out->item = r;
    return o;
}

/* ---- verification ---- */

struct check {
    struct work *w;
    struct verification *found;
    int64_t link, record; /* the newest of this chain seen so far */
    char hash[SECRET_DIGEST_LENGTH + 1];
};

/* In a task of its own: there may be millions. */
static bool hash_fits(const struct check *c, const struct record *r)
{
    struct task *t = task_open();
    const struct vault *v = r->hash_key.length ? c->w->s->config->vault : NULL;
    struct record unnumbered = *r;
    bool fits;

    unnumbered.id = 0;
    fits = r->hash.at && (secret_equal(r->hash, record_hash(t, v, &unnumbered, text_of(c->hash)))
                          || secret_equal(r->hash, record_hash(t, v, r, text_of(c->hash))));

    task_close(t);
    return fits;
}

static void note_finding(struct verification *found, const char *what, int64_t record)
{
    if (found->first && found->first <= record)
        return;
    found->sound = false;
    found->first = record;
    found->finding = text_of(what);
}

static enum outcome check_record(void *context, const void *row)
{
    struct check *c = context;
    const struct record *r = row;
    bool follows = r->link == c->link + 1 && r->previous == c->record;

    c->found->records++;
    c->found->keyless += r->hash_key.length == 0;
    if (!follows)
        note_finding(c->found, r->previous > c->record || r->link > c->link + 1 ? "removed" : "reordered",
                     r->previous && r->previous != c->record ? r->previous : r->id);
    else if (r->hash_key.length && !text_equal(r->hash_key, vault_key_id(c->w->s->config->vault)))
        note_finding(c->found, "unknown_key", r->id);
    else if (!hash_fits(c, r))
        note_finding(c->found, r->id < c->record ? "reordered" : "changed", r->id);
    c->link = r->link;
    c->record = r->id;
    snprintf(c->hash, sizeof c->hash, "%.*s", (int)r->hash.length, r->hash.at ? r->hash.at : "");
    return DONE;
}

static enum outcome check_chain(struct work *w, int64_t chain, struct verification *found)
{
    struct check c = { .w = w, .found = found };
    struct chain_head head = { .hash = TEXT("") };
    enum outcome o = store_record_each(w->t, chain, check_record, &c);

    if (o == DONE)
        o = store_chain_head(w->t, chain, &head);
    if (o == MISSING)
        note_finding(found, "removed", c.record ? c.record : 1);
    else if (o == DONE && (head.link != c.link || head.record != c.record))
        note_finding(found, "removed", head.record > c.record ? head.record : c.record);
    else if (o == DONE && !text_equal(head.hash, text_of(c.hash)))
        note_finding(found, "changed", head.record);
    return o == MISSING ? DONE : o;
}

/* In one snapshot: a record that is written meanwhile would look like one too many. */
static enum outcome verify(struct work *w)
{
    struct verification *found = task_alloc(w->t, sizeof *found);
    int64_t chained = 0;
    enum outcome o = transaction_begin_snapshot(w->t);

    *found = (struct verification){ .sound = true, .finding = TEXT("none") };
    for (int64_t chain = 0; o == DONE && chain < CHAINS; chain++)
        o = check_chain(w, chain, found);
    if (o == DONE)
        o = store_record_count(w->t, &chained, &found->foreign);
    if (o == DONE && chained != found->records)
        note_finding(found, "changed", 1);
    w->out->item = found;
    w->out->alarm = !found->sound;
    transaction_rollback(w->t);
    return o;
}

const struct resource log_resource = {
    .noun = "log", .key = "id", .shape = &record_shape, .canon = number_canon, .belongs = belongs,
    .listing = &log_listing,
};

const struct verb log_verbs[] = {
    { "log.list", ACT_LIST, MAY_READ_LOG, &log_resource, NULL, &record_shape, list_log, "List changes, newest first",
      false },
    { "log.show", ACT_SHOW, MAY_READ_LOG, &log_resource, NULL, &record_shape, show, "Show a change", false },
    { "log.undo", ACT_DO, MAY_UNDO, &log_resource, NULL, &record_shape, undo,
      "Put back what a change found, when nothing newer stands in the way", false },
    { "log.verify", ACT_SHOW, MAY_VERIFY_LOG, NULL, NULL, &verification_shape, verify,
      "Find the first record of the log that was changed, removed or reordered", false },
    { 0 },
};
