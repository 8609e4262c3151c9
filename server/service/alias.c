/* server/service/alias.c - aliases, catch-alls among them; a mailbox's own forward is the mailbox's */
#include "service/tables.h"

#include "model/address.h"
#include "model/problem.h"
#include "store/domain.h"
#include "store/mailbox.h"

static enum outcome place(struct work *w)
{
    const struct alias *a = w->in->body;

    return place_address(w, a->address, a->local_part, w->in->given & shape_bit(&alias_shape, "local_part"));
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    return store_alias_lock(t, key, out);
}

static enum outcome show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct alias));
    return store_alias_find(w->t, w->key, w->out->item);
}

static enum outcome list(struct work *w)
{
    enum outcome o = list_page(w, &alias_listing);

    w->out->list.shape = &alias_shape;
    if (o == DONE && w->out->list.rows.count == 0 && w->in->domain.length)
        o = store_domain_exists(w->t, w->in->domain);
    return o;
}

static enum outcome admit_destinations(struct work *w, const struct alias *a)
{
    enum outcome o = alias_destinations_admit(w->t, "destinations", w->key, &a->destinations);

    return o == DONE ? destinations_without_loop(w, "destinations", w->key, &a->destinations) : o;
}

/* As the database would give it: it computes nothing of it. */
static void show_new(struct work *w, const struct alias *a, const struct room_left *room)
{
    struct alias *shown = task_alloc(w->t, sizeof *shown);

    *shown = (struct alias){
        .address = a->address, .destinations = a->destinations, .description = a->description, .active = a->active,
        .until = a->until, .domain = a->domain, .created = room->now, .modified = room->now,
    };
    w->out->item = shown;
}

static enum outcome create(struct work *w)
{
    struct alias a = *(const struct alias *)w->in->body;
    struct room_left room = { 0 };
    enum outcome o = room_in_domain(w, ROOM_FOR_ALIAS, &room);

    a.address = w->key;
    a.domain = w->domain;
    if (!a.description.at)
        a.description = TEXT("");
    if (o == DONE)
        o = alias_admit(w->t, &room);
    if (o == DONE)
        o = admit_destinations(w, &a);
    a.stamp = room.stamp;
    if (o == DONE)
        o = store_alias_insert(w->t, &a);
    if (o == CONFLICT)
        return conflict(w, "address", &problem_taken);
    if (o == DONE)
        show_new(w, &a, &room);
    return o;
}

static enum outcome update(struct work *w)
{
    struct alias *a = patched(w, &alias_shape, sizeof *a);
    enum outcome o = admit_destinations(w, a);

    w->domain = a->domain;
    if (!a->description.at)
        a->description = TEXT("");
    if (o == DONE)
        o = store_alias_update(w->t, a);
    return o == DONE ? show(w) : o;
}

static enum outcome erase(struct work *w)
{
    w->domain = ((const struct alias *)w->before)->domain;
    return store_alias_delete(w->t, w->key);
}

static enum outcome vacant(struct work *w)
{
    struct mailbox taken = { 0 };
    enum outcome o = store_mailbox_lock(w->t, w->key, &taken);

    if (o == DONE)
        return conflict(w, "address", &problem_taken);
    return o == MISSING ? DONE : o;
}

static enum outcome readmit(struct work *w)
{
    const struct alias *a = w->after;
    struct room_left room = { 0 };
    enum outcome o = room_in_domain(w, ROOM_FOR_ALIAS, &room);

    if (o == DONE && !w->before)
        o = alias_admit(w->t, &room);
    return o == DONE ? admit_destinations(w, a) : o;
}

static bool is_protected(struct work *w)
{
    const struct domain_settings *s = &w->s->config->domain;

    for (size_t i = 0; s->default_aliases_protected && i < s->default_aliases.count; i++)
        if (text_equal(default_alias_split(s->default_aliases.items[i]).local_part, address_split(w->key).local_part))
            return true;
    return false;
}

/* The operator's role addresses are a domain admin's to see, not to change. */
static enum outcome belongs(struct work *w)
{
    if (w->verb->act != ACT_SHOW && permit_reach(w->verb->may, w->actor->role) != REACH_ALL && is_protected(w)) {
        task_note(w->t, "address", &problem_protected_alias, (struct figure){ 0 });
        return DENIED;
    }
    return domain_of_address(w);
}

const struct resource alias_resource = {
    .noun = "alias", .key = "address", .shape = &alias_shape, .canon = alias_address_canon, .place = place,
    .belongs = belongs, .ranked = true, .lock = lock, .size = sizeof(struct alias), .listing = &alias_listing,
    .image = IMAGE_ALIAS, .image_whole = IMAGE_ALIAS, .vacant = vacant, .readmit = readmit,
};

const struct verb alias_verbs[] = {
    { "alias.list", ACT_LIST, MAY_READ_ALIASES, &alias_resource, NULL, &alias_shape, list, "List aliases", false },
    { "alias.show", ACT_SHOW, MAY_READ_ALIASES, &alias_resource, NULL, &alias_shape, show, "Show an alias", false },
    { "alias.create", ACT_CREATE, MAY_EDIT_ALIASES, &alias_resource, &alias_shape, &alias_shape, create,
      "Add an alias", false },
    { "alias.update", ACT_UPDATE, MAY_EDIT_ALIASES, &alias_resource, &alias_shape, &alias_shape, update,
      "Change an alias", false },
    { "alias.delete", ACT_DELETE, MAY_EDIT_ALIASES, &alias_resource, NULL, NULL, erase, "Delete an alias", false },
    { 0 },
};
