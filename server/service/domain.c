/* server/service/domain.c - domains and alias domains */
#include "service/tables.h"

#include "model/address.h"
#include "model/problem.h"
#include "store/domain.h"
#include "store/mailbox.h"

static enum outcome place(struct work *w)
{
    const struct domain *d = w->in->body;

    w->key = d->domain;
    w->domain = d->domain;
    return DONE;
}

static enum outcome belongs(struct work *w)
{
    w->domain = w->key;
    return DONE;
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    return store_domain_lock(t, key, out);
}

static enum outcome show_key(struct work *w, struct text key)
{
    w->out->item = task_alloc(w->t, sizeof(struct domain));
    return store_domain_find(w->t, key, w->out->item);
}

static enum outcome show(struct work *w)
{
    return show_key(w, w->key);
}

static enum outcome list(struct work *w)
{
    return list_page(w, &domain_listing);
}

/* All entries of one local part are one alias. */
static struct texts default_targets(struct work *w, struct text local_part, struct text domain)
{
    const struct texts *all = &w->s->config->domain.default_aliases;
    struct texts out = { task_alloc(w->t, all->count * sizeof *out.items), 0 };

    for (size_t i = 0; i < all->count; i++) {
        struct default_alias d = default_alias_split(all->items[i]);

        if (text_equal(d.local_part, local_part))
            out.items[out.count++] = default_alias_target(w->t, &d, domain);
    }
    return out;
}

static enum outcome make_default_alias(struct work *w, struct text local_part, struct text domain)
{
    struct address at = { local_part, domain };
    struct alias a = { .address = address_bare(w->t, &at), .destinations = default_targets(w, local_part, domain),
                       .description = TEXT(""), .active = true, .domain = domain };
    enum outcome o = destinations_without_loop(w, "default_aliases", a.address, &a.destinations);

    if (o == DONE)
        o = store_alias_insert(w->t, &a);
    return o == CONFLICT ? conflict(w, "default_aliases", &problem_taken) : o;
}

/* No limit is asked: whoever allows a domain no aliases still wants its postmaster reached. They count, as any other. */
static enum outcome make_default_aliases(struct work *w, struct text domain)
{
    const struct texts *all = &w->s->config->domain.default_aliases;
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && i < all->count; i++) {
        struct text local_part = default_alias_split(all->items[i]).local_part;
        bool again = false;

        for (size_t k = 0; k < i; k++)
            again = again || text_equal(default_alias_split(all->items[k]).local_part, local_part);
        if (!again)
            o = make_default_alias(w, local_part, domain);
    }
    return o;
}

static enum outcome create(struct work *w)
{
    struct domain d = *(const struct domain *)w->in->body;
    enum outcome o;

    if (!d.transport.length)
        d.transport = TEXT(DOMAIN_TRANSPORT);
    if (!d.description.at)
        d.description = TEXT("");
    o = store_domain_insert(w->t, &d);
    if (o == CONFLICT)
        return conflict(w, "domain", &problem_taken);
    if (o == DONE && d.default_aliases)
        o = make_default_aliases(w, d.domain);
    return o == DONE ? show_key(w, d.domain) : o;
}

static enum outcome update(struct work *w)
{
    struct domain *d = patched(w, &domain_shape, sizeof *d);
    enum outcome o;

    if (!d->transport.length)
        d->transport = TEXT(DOMAIN_TRANSPORT);
    if (!d->description.at)
        d->description = TEXT("");
    w->domain = w->key;
    o = store_domain_update(w->t, d);
    if (o == DONE && d->password_expiry_days > 0 && ((const struct domain *)w->before)->password_expiry_days <= 0)
        o = store_domain_begin_expiry(w->t, d);
    return o == DONE ? show_key(w, w->key) : o;
}

/* With all that is in it, in one transaction. The letters on disk stay. */
static enum outcome erase(struct work *w)
{
    int64_t targets = 0;
    enum outcome o = store_alias_domain_count_targets(w->t, w->key, &targets);

    w->domain = w->key;
    if (o == DONE && targets > 0)
        return conflict(w, "domain", &problem_is_alias_target);
    return o == DONE ? store_domain_delete(w->t, w->key) : o;
}

const struct resource domain_resource = {
    .noun = "domain", .key = "domain", .shape = &domain_shape, .canon = domain_canon, .place = place,
    .belongs = belongs, .lock = lock, .size = sizeof(struct domain), .listing = &domain_listing,
    .image = IMAGE_DOMAIN, .image_whole = IMAGE_DOMAIN_WHOLE,
};

const struct verb domain_verbs[] = {
    { "domain.list", ACT_LIST, MAY_READ_DOMAINS, &domain_resource, NULL, &domain_shape, list, "List domains", false },
    { "domain.show", ACT_SHOW, MAY_READ_DOMAINS, &domain_resource, NULL, &domain_shape, show, "Show a domain", false },
    { "domain.create", ACT_CREATE, MAY_EDIT_DOMAINS, &domain_resource, &domain_shape, &domain_shape, create,
      "Add a domain", false },
    { "domain.update", ACT_UPDATE, MAY_EDIT_DOMAINS, &domain_resource, &domain_shape, &domain_shape, update,
      "Change a domain", false },
    { "domain.delete", ACT_DELETE, MAY_EDIT_DOMAINS, &domain_resource, NULL, NULL, erase,
      "Delete a domain with its mailboxes and aliases", false },
    { 0 },
};

static enum outcome alias_place(struct work *w)
{
    const struct alias_domain *a = w->in->body;

    w->key = a->alias_domain;
    w->domain = a->target_domain;
    return DONE;
}

/* An alias domain is seen by the admins of its target. */
static enum outcome alias_belongs(struct work *w)
{
    struct alias_domain a = { 0 };
    enum outcome o = store_alias_domain_find(w->t, w->key, &a);

    w->domain = a.target_domain;
    return o;
}

static enum outcome alias_lock(struct task *t, struct text key, void *out)
{
    return store_alias_domain_lock(t, key, out);
}

static enum outcome alias_show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct alias_domain));
    return store_alias_domain_find(w->t, w->key, w->out->item);
}

static enum outcome alias_list(struct work *w)
{
    return list_page(w, &alias_domain_listing);
}

static enum outcome admit_target(struct work *w, struct text target)
{
    struct alias_domain chained = { 0 };
    struct domain there = { 0 };
    enum outcome o;

    if (text_equal(target, w->key))
        return task_problem(w->t, "target_domain", &problem_same_domain);
    o = store_domain_lock(w->t, target, &there);
    if (o == MISSING)
        return task_problem(w->t, "target_domain", &problem_no_such_domain);
    if (o == DONE)
        o = store_alias_domain_find(w->t, target, &chained);
    if (o == DONE)
        return task_problem(w->t, "target_domain", &problem_is_alias_domain);
    return o == MISSING ? permit_domain(w, target) : o;
}

/* The alias domain is a row of `domain`, too: that is how Postfix knows it is ours. A super admin need not make it first;
 * it can hold nothing of its own then. */
static enum outcome ensure_domain(struct work *w, struct text name)
{
    struct domain d = { .domain = name, .description = TEXT(""), .transport = TEXT(DOMAIN_TRANSPORT), .active = true,
                        .mailbox_limit = { true, 0 }, .alias_limit = { true, 0 } };
    enum outcome o = store_domain_lock(w->t, name, &d);

    if (o != MISSING)
        return o;
    if (permit_reach(w->verb->may, w->actor->role) != REACH_ALL)
        return task_problem(w->t, "alias_domain", &problem_no_such_domain);
    o = store_domain_insert(w->t, &d);
    return o == CONFLICT ? DONE : o; /* somebody made it a moment before */
}

static enum outcome alias_create(struct work *w)
{
    struct alias_domain a = *(const struct alias_domain *)w->in->body;
    int64_t targets = 0;
    enum outcome o = admit_target(w, a.target_domain);

    if (!a.description.at)
        a.description = TEXT("");
    if (o == DONE)
        o = permit_domain(w, a.alias_domain);
    if (o == DONE)
        o = store_alias_domain_count_targets(w->t, a.alias_domain, &targets);
    if (o == DONE && targets > 0)
        return task_problem(w->t, "alias_domain", &problem_is_alias_target);
    if (o == DONE)
        o = ensure_domain(w, a.alias_domain);
    if (o == DONE)
        o = store_alias_domain_insert(w->t, &a);
    if (o == CONFLICT)
        return conflict(w, "alias_domain", &problem_taken);
    return o == DONE ? alias_show(w) : o;
}

static enum outcome alias_update(struct work *w)
{
    struct alias_domain *a = patched(w, &alias_domain_shape, sizeof *a);
    enum outcome o = permit_domain(w, w->key);

    if (!a->description.at)
        a->description = TEXT("");
    w->domain = a->target_domain;
    if (o == DONE)
        o = admit_target(w, a->target_domain);
    if (o == DONE)
        o = store_alias_domain_update(w->t, a);
    return o == DONE ? alias_show(w) : o;
}

static enum outcome alias_erase(struct work *w)
{
    enum outcome o = permit_domain(w, w->key);

    w->domain = ((const struct alias_domain *)w->before)->target_domain;
    return o == DONE ? store_alias_domain_delete(w->t, w->key) : o;
}

const struct resource alias_domain_resource = {
    .noun = "alias domain", .key = "alias_domain", .shape = &alias_domain_shape, .canon = domain_canon,
    .place = alias_place, .belongs = alias_belongs, .lock = alias_lock, .size = sizeof(struct alias_domain), .listing = &alias_domain_listing,
    .image = IMAGE_ALIAS_DOMAIN, .image_whole = IMAGE_ALIAS_DOMAIN,
};

const struct verb alias_domain_verbs[] = {
    { "alias-domain.list", ACT_LIST, MAY_READ_ALIAS_DOMAINS, &alias_domain_resource, NULL, &alias_domain_shape,
      alias_list, "List alias domains", false },
    { "alias-domain.show", ACT_SHOW, MAY_READ_ALIAS_DOMAINS, &alias_domain_resource, NULL, &alias_domain_shape,
      alias_show, "Show an alias domain", false },
    { "alias-domain.create", ACT_CREATE, MAY_EDIT_ALIAS_DOMAINS, &alias_domain_resource, &alias_domain_shape,
      &alias_domain_shape, alias_create, "Make a domain mean another", false },
    { "alias-domain.update", ACT_UPDATE, MAY_EDIT_ALIAS_DOMAINS, &alias_domain_resource, &alias_domain_shape,
      &alias_domain_shape, alias_update, "Change what an alias domain means", false },
    { "alias-domain.delete", ACT_DELETE, MAY_EDIT_ALIAS_DOMAINS, &alias_domain_resource, NULL, NULL, alias_erase,
      "Delete an alias domain; the domain itself stays", false },
    { 0 },
};
