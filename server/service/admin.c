/* server/service/admin.c - admins */
#include "service/tables.h"

#include "model/problem.h"
#include "store/account.h"
#include "store/domain.h"
#include "store/second_factor.h"

static enum outcome place(struct work *w)
{
    w->key = ((const struct admin *)w->in->body)->username;
    return DONE;
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    return store_admin_lock(t, key, out);
}

static enum outcome show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct admin));
    return store_admin_find(w->t, w->key, w->out->item);
}

static enum outcome show_with(struct work *w, struct text generated)
{
    enum outcome o = show(w);

    ((struct admin *)w->out->item)->generated_password = generated;
    return o;
}

static enum outcome list(struct work *w)
{
    enum outcome o = list_page(w, &admin_listing);

    w->out->list.shape = &admin_shape;
    return o;
}

static enum outcome domains_exist(struct work *w, const struct texts *domains)
{
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && i < domains->count; i++) {
        struct domain d = { 0 };

        o = store_domain_lock(w->t, domains->items[i], &d);
        if (o == MISSING)
            return task_problem(w->t, "domains", &problem_no_such_domain);
    }
    return o;
}

/* Somebody must be left who can let others in. */
static enum outcome others_remain(struct work *w, const char *field)
{
    const struct admin *before = w->before;
    int64_t others = 0;
    enum outcome o;

    if (!before->super_admin || !before->active)
        return DONE;
    o = store_super_admins_but(w->t, w->key, &others);
    return o == DONE && others == 0 ? conflict(w, field, &problem_last_super_admin) : o;
}

static enum outcome create(struct work *w)
{
    struct admin a = *(const struct admin *)w->in->body;
    struct chosen_password chosen = { a.generate_password, a.password, a.username };
    struct text generated = { 0 };
    enum outcome o = choose_password(w, &chosen, &a.stored_password, &generated);

    if (o == DONE)
        o = domains_exist(w, &a.domains);
    if (o == DONE)
        o = store_admin_insert(w->t, &a);
    if (o == CONFLICT)
        return conflict(w, "username", &problem_taken);
    return o == DONE ? show_with(w, generated) : o;
}

static enum outcome update(struct work *w)
{
    struct admin *a = patched(w, &admin_shape, sizeof *a);
    struct chosen_password chosen = { a->generate_password, a->password, a->username };
    bool new_password = chosen.generate || w->in->given & shape_bit(&admin_shape, "password");
    struct text generated = { 0 };
    enum outcome o = DONE;

    if (w->in->given & shape_bit(&admin_shape, "domains")) /* a foreign row may name one that is gone */
        o = domains_exist(w, &a->domains);
    if (o == DONE && !(a->super_admin && a->active))
        o = others_remain(w, a->active ? "super_admin" : "active");
    if (o == DONE && new_password)
        o = choose_password(w, &chosen, &a->stored_password, &generated);
    if (o == DONE)
        o = store_admin_update(w->t, a);
    if (o == DONE && new_password)
        o = account_end_access(w, w->key, "admin", text_equal(w->key, w->actor->username) ? w->actor->session
                                                                                   : (struct text){ 0 });
    return o == DONE ? show_with(w, generated) : o;
}

static enum outcome erase(struct work *w)
{
    enum outcome o = others_remain(w, "username");

    if (o == DONE && text_equal(w->key, w->actor->username))
        return conflict(w, "username", &problem_own_account);
    if (o == DONE)
        o = account_end_access(w, w->key, "admin", (struct text){ 0 });
    if (o == DONE)
        o = store_account_forget(w->t, "admin", w->key);
    return o == DONE ? store_admin_delete(w->t, w->key) : o;
}

const struct resource admin_resource = {
    .noun = "admin", .key = "username", .shape = &admin_shape, .canon = username_canon, .place = place, .lock = lock,
    .size = sizeof(struct admin), .listing = &admin_listing,
    .image = IMAGE_ADMIN, .image_whole = IMAGE_ADMIN,
};

const struct verb admin_verbs[] = {
    { "admin.list", ACT_LIST, MAY_MANAGE_ADMINS, &admin_resource, NULL, &admin_shape, list, "List admins", false },
    { "admin.show", ACT_SHOW, MAY_MANAGE_ADMINS, &admin_resource, NULL, &admin_shape, show, "Show an admin", false },
    { "admin.create", ACT_CREATE, MAY_MANAGE_ADMINS, &admin_resource, &admin_shape, &admin_shape, create,
      "Add an admin", false },
    { "admin.update", ACT_UPDATE, MAY_MANAGE_ADMINS, &admin_resource, &admin_shape, &admin_shape, update,
      "Change an admin", false },
    { "admin.delete", ACT_DELETE, MAY_MANAGE_ADMINS, &admin_resource, NULL, NULL, erase, "Delete an admin", false },
    { 0 },
};
