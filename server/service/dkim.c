/* server/service/dkim.c - keys that sign letters */
#include "service/tables.h"

#include "model/address.h"
#include "model/problem.h"
#include "store/dkim.h"

#include <time.h>

#define GENERATED TEXT("rsa-2048")

static int64_t id_of(struct text key)
{
    int64_t id = 0;

    (void)text_to_int64(key, &id); /* number_canon() has seen it */
    return id;
}

/* Below a domain it need not be named again. */
static enum outcome place(struct work *w)
{
    const struct dkim_key *k = w->in->body;

    if (!w->domain.length)
        w->domain = k->domain;
    if (!w->domain.length)
        return task_problem(w->t, "domain", &problem_required);
    if (k->domain.length && !text_equal(k->domain, w->domain))
        return task_problem(w->t, "domain", &problem_wrong_domain);
    return DONE;
}

static enum outcome belongs(struct work *w)
{
    struct dkim_key k = { 0 };
    enum outcome o = store_dkim_find(w->t, id_of(w->key), &k);

    if (o == MISSING && w->domain.length) /* of an undo: the log says whose it was */
        return DONE;
    w->domain = k.domain;
    return o;
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    enum outcome o = store_dkim_lock(t, id_of(key), out);

    if (o == DONE)
        dkim_describe(t, out);
    return o;
}

static enum outcome show(struct work *w)
{
    struct dkim_key *k = task_alloc(w->t, sizeof *k);
    enum outcome o = store_dkim_find(w->t, id_of(w->key), k);

    if (o == DONE)
        dkim_describe(w->t, k);
    w->out->item = k;
    return o;
}

static enum outcome list(struct work *w)
{
    enum outcome o = w->domain.length ? store_domain_exists(w->t, w->domain) : DONE;
    struct dkim_key *k;

    if (o == DONE)
        o = list_page(w, &dkim_listing);
    k = w->out->list.rows.items;
    w->out->list.shape = &dkim_key_shape;
    for (size_t i = 0; o == DONE && i < w->out->list.rows.count; i++)
        dkim_describe(w->t, &k[i]);
    return o;
}

/* A selector that nobody chose says when it was made. */
static struct text selector_of_today(struct task *t)
{
    char words[16];
    struct tm parts;
    time_t now = time(NULL);

    gmtime_r(&now, &parts);
    strftime(words, sizeof words, "k%Y%m%d", &parts);
    return task_copy(t, text_of(words));
}

static enum outcome make_pair(struct work *w, const struct dkim_key *wanted, struct dkim_pair *out)
{
    if (wanted->private_key.length && wanted->generate.length)
        return task_problem(w->t, "private_key", &problem_password_not_both);
    if (wanted->private_key.length)
        return dkim_import(w->t, "private_key", wanted->private_key, out);
    return dkim_generate(w->t, "generate", wanted->generate.length ? wanted->generate : GENERATED, out);
}

/* What the row is to hold. */
static enum outcome seal(struct work *w, struct dkim_key *k, struct text private_pem)
{
    const struct config *c = w->s->config;

    k->stored_private = private_pem;
    if (text_equal(c->dkim.private_keys, text_of(dkim_storage_words[DKIM_CLEAR])))
        return DONE;
    return vault_seal(w->t, "private_key", c->vault, VAULT_DKIM, private_pem, dkim_context(w->t, k->id), &k->stored_private);
}

/* The domain's row is locked so that no other key of that name is made meanwhile: the table has no unique key for it. */
static enum outcome admit(struct work *w, const struct dkim_key *k)
{
    struct domain home = { 0 };
    enum outcome o = store_domain_lock(w->t, k->domain, &home);

    if (o == MISSING)
        return task_problem(w->t, "domain", &problem_no_such_domain);
    if (o == DONE)
        o = store_dkim_named(w->t, k->domain, k->selector);
    if (o == DONE)
        return conflict(w, "selector", &problem_taken);
    return o == MISSING ? DONE : o;
}

static enum outcome create(struct work *w)
{
    struct dkim_key k = *(const struct dkim_key *)w->in->body;
    struct dkim_pair pair = { 0 };
    enum outcome o = make_pair(w, &k, &pair); /* takes its time: before the lock */

    k.private_key = (struct text){ 0 };
    k.public_key = pair.public_pem;
    k.domain = w->domain;
    if (!k.selector.length)
        k.selector = selector_of_today(w->t);
    if (!k.description.at)
        k.description = TEXT("");
    if (o == DONE)
        o = admit(w, &k);
    if (o == DONE)
        o = store_dkim_insert(w->t, &k);
    if (o == DONE)
        o = seal(w, &k, pair.private_pem);
    if (o == DONE)
        o = store_dkim_keep_private(w->t, &k);
    w->key = task_printf(w->t, "%lld", (long long)k.id);
    return o == DONE ? show(w) : o;
}

static enum outcome erase(struct work *w)
{
    w->domain = ((const struct dkim_key *)w->before)->domain;
    return store_dkim_delete(w->t, id_of(w->key));
}

/* One key signs for a domain, and it begins in the moment in which the other ends. */
static enum outcome sign_with(struct work *w, bool this_one)
{
    struct domain home = { 0 };
    const struct dkim_key *k = w->before;
    enum outcome o;

    w->domain = k->domain;
    o = store_domain_lock(w->t, k->domain, &home);
    if (o == DONE && (this_one || k->active))
        o = store_dkim_stop(w->t, k->domain);
    if (o == DONE && this_one)
        o = store_dkim_start(w->t, k->domain, k->id);
    return o == DONE ? show(w) : o;
}

static enum outcome activate(struct work *w)
{
    return sign_with(w, true);
}

static enum outcome deactivate(struct work *w)
{
    return sign_with(w, false);
}

/* While it was gone, another may have got its name. */
static enum outcome vacant(struct work *w)
{
    bool taken = false;
    enum outcome o = store_dkim_name_taken(w->t, w->undone->image, &taken);

    return o == DONE && taken ? conflict(w, "selector", &problem_taken) : o;
}

const struct resource dkim_key_resource = {
    .noun = "DKIM key", .key = "id", .shape = &dkim_key_shape, .canon = number_canon, .place = place, .belongs = belongs,
    .lock = lock, .size = sizeof(struct dkim_key), .listing = &dkim_listing, .image = IMAGE_DKIM_KEY,
    .image_whole = IMAGE_DKIM_KEY, .vacant = vacant,
};

const struct verb dkim_key_verbs[] = {
    { "dkim-key.list", ACT_LIST, MAY_READ_DOMAINS, &dkim_key_resource, NULL, &dkim_key_shape, list,
      "List keys that sign letters", false },
    { "dkim-key.show", ACT_SHOW, MAY_READ_DOMAINS, &dkim_key_resource, NULL, &dkim_key_shape, show,
      "Show a key and its record", false },
    { "dkim-key.create", ACT_CREATE, MAY_EDIT_DOMAINS, &dkim_key_resource, &dkim_key_shape, &dkim_key_shape, create,
      "Make a key for a domain, or take one that is there", false },
    { "dkim-key.delete", ACT_DELETE, MAY_EDIT_DOMAINS, &dkim_key_resource, NULL, NULL, erase, "Delete a key", false },
    { "dkim-key.activate", ACT_DO, MAY_EDIT_DOMAINS, &dkim_key_resource, NULL, &dkim_key_shape, activate,
      "Sign the domain's letters with this key, and no longer with another", false },
    { "dkim-key.deactivate", ACT_DO, MAY_EDIT_DOMAINS, &dkim_key_resource, NULL, &dkim_key_shape, deactivate,
      "Sign no longer with this key", false },
    { 0 },
};
