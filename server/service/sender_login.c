/* server/service/sender_login.c - who may send as what, besides every mailbox as itself
 *
 * To let somebody send as an address is to lend out a name. So both sides must be in domains of the actor, and neither may
 * be an account that outranks them; "@domain" is every address in it, a super admin's among them.
 */
#include "service/tables.h"

#include "model/address.h"
#include "model/problem.h"
#include "store/account.h"
#include "store/domain.h"
#include "store/mailbox.h"
#include "store/sender_login.h"

static int64_t id_of(struct text key)
{
    int64_t id = 0;

    (void)text_to_int64(key, &id); /* number_canon() has seen it */
    return id;
}

static enum outcome permit_rank(struct work *w, struct text address)
{
    struct address parts = address_split(address);
    enum role rank = ROLE_NOBODY;
    bool outranked = false;
    enum outcome o;

    if (w->actor->role == ROLE_SUPER_ADMIN)
        return DONE;
    if (parts.local_part.length == 0) {
        o = store_domain_has_super_admin(w->t, parts.domain, &outranked);
    } else {
        o = store_rank_of(w->t, address, &rank);
        outranked = rank > w->actor->role;
    }
    return o == DONE && outranked ? DENIED : o;
}

static enum outcome permit_both(struct work *w, const struct sender_login *s)
{
    enum outcome o = permit_domain(w, address_split(s->sender).domain);

    if (o == DONE)
        o = permit_domain(w, address_split(s->login).domain);
    if (o == DONE)
        o = permit_rank(w, s->sender);
    return o == DONE ? permit_rank(w, s->login) : o;
}

static enum outcome place(struct work *w)
{
    w->domain = address_split(((const struct sender_login *)w->in->body)->sender).domain;
    return DONE;
}

static enum outcome belongs(struct work *w)
{
    struct sender_login s = { 0 };
    enum outcome o = store_sender_login_find(w->t, id_of(w->key), &s);

    if (o == MISSING && w->domain.length) /* of an undo: the log says whose it was, and readmit() looks at the rest */
        return DONE;
    w->domain = address_split(s.sender).domain;
    return o == DONE ? permit_both(w, &s) : o;
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    return store_sender_login_lock(t, id_of(key), out);
}

static enum outcome show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct sender_login));
    return store_sender_login_find(w->t, id_of(w->key), w->out->item);
}

static enum outcome list(struct work *w)
{
    return list_page(w, &sender_login_listing);
}

/* Locks the sender's domain, so that nobody else adds to it while its log-ins are counted. */
static enum outcome admit(struct work *w, const struct sender_login *s)
{
    struct domain home = { 0 };
    struct mailbox who = { 0 };
    enum outcome o = permit_both(w, s);

    if (o == DONE)
        o = store_domain_lock(w->t, address_split(s->sender).domain, &home);
    if (o == MISSING)
        return task_problem(w->t, "sender", &problem_no_such_domain);
    if (o == DONE)
        o = store_mailbox_lock(w->t, s->login, &who);
    return o == MISSING ? task_problem(w->t, "login", &problem_no_such_mailbox) : o;
}

static enum outcome admit_another(struct work *w, const struct sender_login *s)
{
    int64_t count = 0;
    enum outcome o = store_sender_login_count(w->t, s->sender, &count);

    if (o == DONE && count >= SENDER_LOGINS_MAX)
        return task_problem_figure(w->t, "sender", &problem_too_many, "max", SENDER_LOGINS_MAX);
    return o;
}

/* The same pair may have been lent again, under another number. */
static enum outcome vacant(struct work *w)
{
    bool taken = false;
    enum outcome o = store_sender_login_pair_taken(w->t, w->undone->image, &taken);

    return o == DONE && taken ? conflict(w, "login", &problem_taken) : o;
}

static enum outcome readmit(struct work *w)
{
    return admit(w, w->after);
}

static enum outcome create(struct work *w)
{
    struct sender_login s = *(const struct sender_login *)w->in->body;
    enum outcome o = admit(w, &s);

    if (!s.description.at)
        s.description = TEXT("");
    if (o == DONE)
        o = admit_another(w, &s);
    if (o == DONE)
        o = store_sender_login_insert(w->t, &s, &s.id);
    if (o == CONFLICT)
        return conflict(w, "login", &problem_taken);
    w->key = task_printf(w->t, "%lld", (long long)s.id);
    return o == DONE ? show(w) : o;
}

static enum outcome update(struct work *w)
{
    const struct sender_login *before = w->before;
    struct sender_login *s = patched(w, &sender_login_shape, sizeof *s);
    enum outcome o = admit(w, s);

    w->domain = address_split(s->sender).domain;
    if (!s->description.at)
        s->description = TEXT("");
    if (o == DONE && !text_equal(s->sender, before->sender))
        o = admit_another(w, s);
    if (o == DONE)
        o = store_sender_login_update(w->t, s);
    if (o == CONFLICT)
        return conflict(w, "login", &problem_taken);
    return o == DONE ? show(w) : o;
}

static enum outcome erase(struct work *w)
{
    w->domain = address_split(((const struct sender_login *)w->before)->sender).domain;
    return store_sender_login_delete(w->t, id_of(w->key));
}

const struct resource sender_login_resource = {
    .noun = "sender login", .key = "id", .shape = &sender_login_shape, .canon = number_canon, .place = place,
    .belongs = belongs, .lock = lock, .size = sizeof(struct sender_login), .listing = &sender_login_listing,
    .image = IMAGE_SENDER_LOGIN, .image_whole = IMAGE_SENDER_LOGIN, .vacant = vacant,
    .readmit = readmit,
};

const struct verb sender_login_verbs[] = {
    { "sender-login.list", ACT_LIST, MAY_READ_SENDER_LOGINS, &sender_login_resource, NULL, &sender_login_shape, list,
      "List who may send as what", false },
    { "sender-login.show", ACT_SHOW, MAY_READ_SENDER_LOGINS, &sender_login_resource, NULL, &sender_login_shape, show,
      "Show one who may send as somebody", false },
    { "sender-login.create", ACT_CREATE, MAY_EDIT_SENDER_LOGINS, &sender_login_resource, &sender_login_shape,
      &sender_login_shape, create, "Let a mailbox send as an address or a domain", false },
    { "sender-login.update", ACT_UPDATE, MAY_EDIT_SENDER_LOGINS, &sender_login_resource, &sender_login_shape,
      &sender_login_shape, update, "Change who may send as somebody", false },
    { "sender-login.delete", ACT_DELETE, MAY_EDIT_SENDER_LOGINS, &sender_login_resource, NULL, NULL, erase,
      "Let a mailbox no longer send as somebody", false },
    { 0 },
};
