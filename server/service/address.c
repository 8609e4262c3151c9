/* server/service/address.c - what mailboxes and aliases share: placing an address in a domain, and loops */
#include "service/tables.h"

#include "model/address.h"
#include "model/problem.h"
#include "store/domain.h"
#include "store/mailbox.h"

#define EXPANSION_MAX 1000 /* Postfix: virtual_alias_expansion_limit */

enum outcome place_address(struct work *w, struct text address, struct text local_part, bool local_part_given)
{
    struct address a = { local_part, w->in->domain };

    if (!address.length && !local_part_given)
        return task_problem(w->t, w->in->domain.length ? "local_part" : "address", &problem_required);
    if (!address.length && !w->in->domain.length)
        return task_problem(w->t, "address", &problem_required);
    w->key = address.length ? address : address_bare(w->t, &a);
    w->domain = address_split(w->key).domain;
    if (w->in->domain.length && !text_equal(w->domain, w->in->domain))
        return task_problem(w->t, "address", &problem_wrong_domain);
    if (address.length && local_part_given && !text_equal(local_part, address_split(address).local_part))
        return task_problem(w->t, "local_part", &problem_wrong_domain);
    if (w->key.length > ADDRESS_MAX)
        return task_problem_figure(w->t, "address", &problem_too_long, "max", ADDRESS_MAX);
    return DONE;
}

enum outcome domain_of_address(struct work *w)
{
    w->domain = address_split(w->key).domain;
    return DONE;
}

enum outcome room_in_domain(struct work *w, enum room_for what, struct room_left *out)
{
    struct text name = address_split(w->key).domain;
    enum outcome o = store_domain_home(w->t, name, out);

    if (o == MISSING && !w->in->domain.length)
        return task_problem(w->t, "address", &problem_no_such_domain);
    return o == DONE ? store_domain_room(w->t, w->key, what, out) : o;
}

struct trail {
    struct text seen[EXPANSION_MAX];
    size_t count;
};

static bool note(struct trail *trail, struct text address)
{
    for (size_t i = 0; i < trail->count; i++)
        if (text_equal(trail->seen[i], address))
            return false;
    if (trail->count == EXPANSION_MAX)
        return false;
    trail->seen[trail->count++] = address;
    return true;
}

static struct text bare_of(struct work *w, struct text destination)
{
    struct text bare = destination;
    enum outcome o = address_canon(w->t, "", destination, &bare);

    if (o != DONE)
        task_forget_problems(w->t); /* "@domain" and local accounts are written one way only */
    return o == DONE ? bare : destination;
}

/* An address without a row of its own is answered through its alias domain, else by its domain's catch-all. */
static enum outcome note_fallback(struct work *w, struct trail *trail, struct text address)
{
    struct address parts = address_split(address);
    struct alias_domain through = { 0 };
    enum outcome o;

    if (!parts.domain.length)
        return DONE;
    o = store_alias_domain_find(w->t, parts.domain, &through);
    if (o == DONE && through.active)
        parts.domain = through.target_domain;
    else
        parts.local_part = TEXT("");
    if (o == DONE || o == MISSING)
        (void)note(trail, address_bare(w->t, &parts));
    return o == MISSING ? DONE : o;
}

/* Breadth first. A mailbox's own address among its destinations is its local copy, not a loop. */
enum outcome destinations_without_loop(struct work *w, const char *field, struct text address,
                                       const struct texts *destinations)
{
    struct trail *trail = task_alloc(w->t, sizeof *trail);
    enum outcome o = DONE;

    for (size_t i = 0; i < destinations->count; i++)
        (void)note(trail, bare_of(w, destinations->items[i]));
    for (size_t next = 0; next < trail->count; next++) {
        struct text here = trail->seen[next];
        struct texts further = { 0 };

        if (text_equal(here, address))
            return task_problem(w->t, field, &problem_loop);
        o = store_destinations_of(w->t, here, &further);
        if (o == MISSING)
            o = note_fallback(w, trail, here);
        if (o != DONE)
            return o;
        for (size_t i = 0; i < further.count; i++)
            (void)note(trail, bare_of(w, further.items[i]));
    }
    return DONE;
}
