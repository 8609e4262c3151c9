/* server/service/rename.c - a mailbox gets another address; its letters stay where they lie */
#include "service/second_factor.h"
#include "service/steps.h"
#include "service/tables.h"

#include "model/address.h"
#include "model/problem.h"
#include "store/account.h"
#include "store/mailbox.h"
#include "store/rename.h"

static enum outcome new_address(struct work *w, const struct rename *wanted, struct text *out)
{
    const struct mailbox *before = w->before;
    struct address a = { wanted->local_part, before->domain };

    if (!wanted->address.length && !wanted->local_part.length)
        return task_problem(w->t, "address", &problem_required);
    *out = wanted->address.length ? wanted->address : address_bare(w->t, &a);
    if (wanted->address.length && wanted->local_part.length
        && !text_equal(wanted->local_part, address_split(wanted->address).local_part))
        return task_problem(w->t, "local_part", &problem_wrong_domain);
    if (out->length > ADDRESS_MAX)
        return task_problem_figure(w->t, "address", &problem_too_long, "max", ADDRESS_MAX);
    return text_equal(*out, w->key) ? conflict(w, "address", &problem_taken) : DONE;
}

/* The actor may make a mailbox at that address: it is in a domain of theirs, and is no name of an account above them. */
static enum outcome permit_address(struct work *w, struct text address)
{
    struct target target = { .owned = true };
    enum outcome o = permit_domain(w, address_split(address).domain);

    if (o == DONE)
        o = store_rank_of(w->t, address, &target.rank);
    if (o == DONE && !permitted(w->verb->may, w->actor->role, &target))
        o = refused(w);
    return o;
}

/* Within a domain nothing is added; in another it is as a new one there. */
static enum outcome admit_move(struct work *w, const struct mailbox *m)
{
    struct work there = *w;
    struct room_left room = { 0 };
    bool stays = text_equal(m->domain, ((const struct mailbox *)w->before)->domain);
    enum outcome o;

    there.key = m->address;
    o = room_in_domain(&there, ROOM_FOR_MAILBOX, &room);
    if (stays)
        room.home.mailbox_limit = (struct limit){ 0 };
    if (o == DONE)
        o = mailbox_admit(w->t, &room, m, true);
    if (o == DONE && !stays)
        o = mailbox_quota_admit(w->t, &room, m->quota_bytes);
    return o == DONE ? destinations_without_loop(w, "address", m->address, &m->forward.destinations) : o;
}

static enum outcome leave_alias(struct work *w, const struct mailbox *m)
{
    struct address now = address_split(m->address);
    struct text quoted = address_quoted(w->t, &now);
    struct alias a = { .address = w->key, .destinations = { &quoted, 1 }, .description = TEXT(""), .active = true,
                       .domain = address_split(w->key).domain };
    struct room_left room = { 0 };
    enum outcome o = room_in_domain(w, ROOM_FOR_ALIAS, &room);

    if (o == DONE)
        o = alias_admit(w->t, &room);
    return o == DONE ? store_alias_insert(w->t, &a) : o;
}

enum outcome mailbox_rename(struct work *w)
{
    const struct rename *wanted = w->in->body;
    struct mailbox m = *(const struct mailbox *)w->before;
    struct scope scope = list_scope(w);
    struct renaming r = { .from = w->key, .to = &m, .only = scope.only, .owner = scope.owner };
    struct text address = { 0 };
    int64_t followed = 0;
    enum outcome o = new_address(w, wanted, &address);

    w->domain = m.domain;
    if (o == DONE)
        o = permit_address(w, address);
    if (o != DONE)
        return o;
    mailbox_readdress(w->t, &m, address);
    o = admit_move(w, &m);
    if (o == DONE)
        o = store_mailbox_rename(w->t, &r, &followed);
    if (o == CONFLICT)
        return conflict(w, "address", &problem_taken);
    if (o == DONE)
        o = factor_follow(w, w->key, m.address);
    if (o == DONE && wanted->keep_alias)
        o = leave_alias(w, &m);
    if (o == DONE)
        o = account_end_access(w, w->key, "mailbox", (struct text){ 0 });
    w->out->item = task_alloc(w->t, sizeof m);
    return o == DONE ? store_mailbox_find(w->t, m.address, w->out->item) : o;
}
