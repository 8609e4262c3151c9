/* server/service/fetchmail.c - jobs that fetch letters from elsewhere; what runs them is fetching.c */
#include "service/tables.h"

#include "model/address.h"
#include "model/problem.h"
#include "store/account.h"
#include "store/fetchmail.h"
#include "store/mailbox.h"

static int64_t id_of(struct text key)
{
    int64_t id = 0;

    (void)text_to_int64(key, &id); /* number_canon() has seen it */
    return id;
}

/* Its mailbox is in a domain of the actor, and does not outrank them. */
static enum outcome permit_mailbox(struct work *w, struct text mailbox)
{
    enum role rank = ROLE_NOBODY;
    enum outcome o = permit_domain(w, address_split(mailbox).domain);

    if (o == DONE)
        o = store_rank_of(w->t, mailbox, &rank);
    return o == DONE && rank > w->actor->role ? DENIED : o;
}

static enum outcome place(struct work *w)
{
    w->domain = address_split(((const struct fetchmail *)w->in->body)->mailbox).domain;
    return DONE;
}

static enum outcome belongs(struct work *w)
{
    struct fetchmail f = { 0 };
    enum outcome o = store_fetchmail_find(w->t, id_of(w->key), &f);

    if (o == MISSING && w->domain.length) /* of an undo: the log says whose it was, and readmit() looks at the rest */
        return DONE;
    w->domain = address_split(f.mailbox).domain;
    return o == DONE ? permit_mailbox(w, f.mailbox) : o;
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    return store_fetchmail_lock(t, id_of(key), out);
}

static enum outcome show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct fetchmail));
    return store_fetchmail_find(w->t, id_of(w->key), w->out->item);
}

static enum outcome list(struct work *w)
{
    enum outcome o = list_page(w, &fetchmail_listing);

    w->out->list.shape = &fetchmail_shape;
    return o;
}

/* `stored_password` becomes what the row is to hold; absent: what it holds. */
static enum outcome seal(struct work *w, struct fetchmail *f)
{
    bool given = w->in->given & shape_bit(&fetchmail_shape, "password");
    bool has = given ? f->password.length > 0 : f->has_password;
    enum outcome o = fetchmail_admit(w->t, f, has);

    f->stored_password = given ? TEXT("") : (struct text){ 0 };
    if (o == DONE && given && has)
        o = vault_seal(w->t, "password", w->s->config->vault, VAULT_FETCHMAIL, f->password,
                       fetchmail_context(w->t, f->id), &f->stored_password);
    f->password = (struct text){ 0 };
    return o;
}

static enum outcome admit(struct work *w, const struct fetchmail *f)
{
    struct mailbox home = { 0 };
    enum outcome o = permit_mailbox(w, f->mailbox);

    if (o == DONE)
        o = store_mailbox_lock(w->t, f->mailbox, &home);
    return o == MISSING ? task_problem(w->t, "mailbox", &problem_no_such_mailbox) : o;
}

static enum outcome readmit(struct work *w)
{
    return admit(w, w->after);
}

static enum outcome create(struct work *w)
{
    struct fetchmail f = *(const struct fetchmail *)w->in->body;
    enum outcome o = admit(w, &f);

    fetchmail_defaults(&f);
    if (o == DONE)
        o = store_fetchmail_insert(w->t, &f, &f.id);
    if (o == DONE)
        o = seal(w, &f);
    if (o == DONE)
        o = store_fetchmail_update(w->t, &f);
    w->key = task_printf(w->t, "%lld", (long long)f.id);
    return o == DONE ? show(w) : o;
}

static enum outcome update(struct work *w)
{
    struct fetchmail *f = patched(w, &fetchmail_shape, sizeof *f);
    enum outcome o = admit(w, f);

    w->domain = address_split(f->mailbox).domain;
    fetchmail_defaults(f);
    if (o == DONE)
        o = seal(w, f);
    if (o == DONE)
        o = store_fetchmail_update(w->t, f);
    return o == DONE ? show(w) : o;
}

static enum outcome erase(struct work *w)
{
    w->domain = address_split(((const struct fetchmail *)w->before)->mailbox).domain;
    return store_fetchmail_delete(w->t, id_of(w->key));
}

const struct resource fetchmail_resource = {
    .noun = "fetchmail job", .key = "id", .shape = &fetchmail_shape, .canon = number_canon, .place = place,
    .belongs = belongs, .lock = lock, .size = sizeof(struct fetchmail), .listing = &fetchmail_listing,
    .image = IMAGE_FETCHMAIL, .image_whole = IMAGE_FETCHMAIL, .readmit = readmit,
};

const struct verb fetchmail_verbs[] = {
    { "fetchmail.list", ACT_LIST, MAY_READ_FETCHMAIL, &fetchmail_resource, NULL, &fetchmail_shape, list,
      "List what is fetched from elsewhere", false },
    { "fetchmail.show", ACT_SHOW, MAY_READ_FETCHMAIL, &fetchmail_resource, NULL, &fetchmail_shape, show,
      "Show a job and what came of it", false },
    { "fetchmail.create", ACT_CREATE, MAY_EDIT_FETCHMAIL, &fetchmail_resource, &fetchmail_shape, &fetchmail_shape, create,
      "Fetch letters from elsewhere into a mailbox", false },
    { "fetchmail.update", ACT_UPDATE, MAY_EDIT_FETCHMAIL, &fetchmail_resource, &fetchmail_shape, &fetchmail_shape, update,
      "Change a job", false },
    { "fetchmail.delete", ACT_DELETE, MAY_EDIT_FETCHMAIL, &fetchmail_resource, NULL, NULL, erase,
      "Fetch no longer from elsewhere", false },
    { 0 },
};
