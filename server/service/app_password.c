/* server/service/app_password.c - passwords of programs: one for the telephone, one for the reader at work
 *
 * They open a mailbox for reading and sending mail, and nothing else: no log-in here looks at them. Made by the service, so
 * that they are strong; shown once; each can be taken back without touching the others.
 */
#include "service/tables.h"

#include "model/address.h"
#include "model/own_account.h"
#include "model/password_policy.h"
#include "model/problem.h"
#include "store/app_password.h"

#define LENGTH 24         /* characters of one */
#define ATTEMPTS_MAX 1000 /* until one has a selector that is free; with 20 of 256 taken, the second does */

static int64_t id_of(struct text key)
{
    int64_t id = 0;

    (void)text_to_int64(key, &id); /* number_canon() has seen it */
    return id;
}

static enum outcome belongs(struct work *w)
{
    struct app_password a = { 0 };
    enum role rank = ROLE_NOBODY;
    enum outcome o = store_app_password_find(w->t, id_of(w->key), &a);

    w->domain = address_split(a.address).domain;
    if (o == DONE)
        o = store_rank_of(w->t, a.address, &rank);
    return o == DONE && rank > w->actor->role ? DENIED : o;
}

static enum outcome lock(struct task *t, struct text key, void *out)
{
    return store_app_password_lock(t, id_of(key), out);
}

static enum outcome list(struct work *w)
{
    enum outcome o = list_page(w, &app_password_listing);

    w->out->list.shape = &app_password_shape;
    return o;
}

/* The log's target is the mailbox, which is still there. */
static enum outcome erase(struct work *w)
{
    const struct app_password *a = w->before;

    w->key = a->address;
    w->domain = address_split(a->address).domain;
    return store_app_password_delete(w->t, a->id);
}

/* ---- one's own ---- */

static enum outcome list_own(struct work *w)
{
    w->out->list.shape = &app_password_shape;
    return store_app_passwords_of(w->t, w->actor->username, &w->out->list.rows);
}

static enum outcome admit_another(struct work *w)
{
    struct rows there = { 0 };
    enum outcome o = store_app_passwords_of(w->t, w->actor->username, &there);

    if (o != DONE || there.count < APP_PASSWORDS_MAX)
        return o;
    task_note(w->t, "description", &problem_too_many, (struct figure){ "max", APP_PASSWORDS_MAX });
    return CONFLICT;
}

static enum outcome insert_new(struct work *w, struct app_password *a)
{
    enum outcome o = CONFLICT;

    for (int i = 0; o == CONFLICT && i < ATTEMPTS_MAX; i++) {
        a->app_password = password_generate(w->t, LENGTH);
        a->selector = app_password_selector(w->t, a->app_password);
        o = password_hash(w->t, "app_password", w->s->scheme, a->app_password, &a->hash);
        if (o == DONE)
            o = store_app_password_insert(w->t, a);
    }
    return o;
}

static enum outcome make(struct work *w)
{
    const struct app_password_new *given = w->in->body;
    struct app_password made = { .address = w->actor->username, .description = given->description };
    struct app_password *shown = task_alloc(w->t, sizeof *shown);
    struct login who = { 0 };
    enum outcome o = own_password_check(w, "password", given->password, &who);

    if (o == DONE)
        o = admit_another(w);
    if (o == DONE)
        o = insert_new(w, &made);
    if (o == DONE)
        o = store_app_password_find(w->t, made.id, shown);
    shown->app_password = made.app_password;
    w->out->item = shown;
    return o;
}

static enum outcome create_own(struct work *w)
{
    return guarded(w, make);
}

static enum outcome delete_own(struct work *w)
{
    struct app_password *a = task_alloc(w->t, sizeof *a);
    enum outcome o = store_app_password_lock(w->t, id_of(w->key), a);

    own_target(w);
    w->before = a;
    if (o == DONE && !text_equal(a->address, w->actor->username))
        o = MISSING;
    return o == DONE ? store_app_password_delete(w->t, a->id) : o;
}

static const struct resource app_password_resource = {
    .noun = "app password", .key = "id", .shape = &app_password_shape, .canon = number_canon, .belongs = belongs,
    .lock = lock, .size = sizeof(struct app_password), .listing = &app_password_listing,
};
static const struct resource own_app_password_resource = {
    .noun = "app password", .key = "id", .shape = &app_password_shape, .canon = number_canon,
};

const struct verb app_password_verbs[] = {
    { "app-password.list", ACT_LIST, MAY_READ_MAILBOXES, &app_password_resource, NULL, &app_password_shape, list,
      "List passwords of programs", false },
    { "app-password.delete", ACT_DELETE, MAY_EDIT_MAILBOXES, &app_password_resource, NULL, NULL, erase,
      "Delete the password of a program", false },
    { "me.app-passwords", ACT_LIST, MAY_USE_MAILBOX, &own_app_password_resource, NULL, &app_password_shape, list_own,
      "List the passwords of the own programs", false },
    { "me.create-app-password", ACT_CREATE, MAY_USE_MAILBOX, &own_app_password_resource, &app_password_new_shape,
      &app_password_shape, create_own, "Make a password for a program; shown once", false },
    { "me.delete-app-password", ACT_DELETE, MAY_USE_MAILBOX, &own_app_password_resource, NULL, NULL, delete_own,
      "Delete the password of an own program", false },
    { 0 },
};
