/* server/service/me.c - one's own account */
#include "model/problem.h"
#include "service/tables.h"
#include "service/throttle.h"
#include "store/account.h"
#include "store/mailbox.h"

const char *own_account(const struct work *w)
{
    return w->actor->role == ROLE_USER ? "mailbox" : "admin";
}

static enum outcome show_me(struct work *w)
{
    struct me *me = task_alloc(w->t, sizeof *me);
    struct mailbox m = { 0 };
    struct admin a = { 0 };
    enum outcome o = w->actor->role == ROLE_USER ? store_mailbox_find(w->t, w->actor->username, &m)
                                                 : store_admin_find(w->t, w->actor->username, &a);

    *me = (struct me){ .username = w->actor->username, .role = text_of(role_words[w->actor->role]),
                       .display_name = m.display_name.at ? m.display_name : TEXT(""), .domains = a.domains,
                       .quota_bytes = m.quota_bytes, .usage_bytes = m.usage_bytes,
                       .usage_messages = m.usage_messages,
                       .password_expires = m.password_expires,
                       .recovery_address = w->actor->role == ROLE_USER ? m.recovery_address : a.recovery_address,
                       .language = w->actor->language };
    w->out->item = me;
    return o == MISSING ? STRANGER : o;
}

enum outcome own_password_check(struct work *w, const char *field, struct text given, struct login *out)
{
    enum outcome o = store_login_lock(w->t, own_account(w), w->actor->username, out);

    if (o == DONE && !password_matches(given, out->stored_password))
        return task_problem(w->t, field, &problem_wrong_password);
    return o == MISSING ? STRANGER : o;
}

static enum outcome set_own_password(struct work *w, struct text hash)
{
    bool user = w->actor->role == ROLE_USER;
    enum outcome o = user ? store_mailbox_set_password(w->t, w->actor->username, hash)
                          : store_admin_set_password(w->t, w->actor->username, hash);

    if (o == DONE)
        o = account_end_access(w, w->actor->username, own_account(w), w->actor->session);
    return o;
}

static enum outcome replace_password(struct work *w)
{
    const struct password_change *change = w->in->body;
    struct login who = { 0 };
    struct text hash = { 0 };
    enum outcome o = own_password_check(w, "current", change->current, &who);

    w->old_password = change->current;
    if (o == DONE && text_equal(change->current, change->wanted))
        return task_problem(w->t, "new", &problem_same_password);
    if (o == DONE)
        o = password_admit_and_hash(w, "new", change->wanted, w->actor->username, &hash);
    return o == DONE ? set_own_password(w, hash) : o;
}

static bool is_a_guess(const struct work *w)
{
    const struct problem *p = task_problems(w->t);

    return p && (p->kind == &problem_wrong_password || p->kind == &problem_otp_wrong);
}

enum outcome guarded(struct work *w, verb_fn *run)
{
    struct bucket all[BUCKETS];
    enum outcome o, counted;

    own_target(w);
    throttle_buckets(w, w->actor->username, all);
    o = throttle_check(w, all);
    if (o == DONE)
        o = run(w);
    if (o == INVALID && is_a_guess(w)) {
        transaction_rollback(w->t); /* so that the count stays */
        counted = throttle_count(w, all);
        o = counted == DONE ? o : counted;
    }
    return o;
}

static enum outcome change_password(struct work *w)
{
    return guarded(w, replace_password);
}

static enum outcome show_forward(struct work *w)
{
    struct mailbox *m = task_alloc(w->t, sizeof *m);
    enum outcome o = store_mailbox_find(w->t, w->actor->username, m);

    w->out->item = &m->forward;
    return o == MISSING ? STRANGER : o;
}

static enum outcome set_forward(struct work *w)
{
    struct mailbox m = { 0 }, *before = task_alloc(w->t, sizeof *before);
    const struct forward *wanted = w->in->body;
    enum outcome o = store_mailbox_lock(w->t, w->actor->username, before);

    own_target(w);
    m = *before;
    m.forward = *wanted;
    w->logged = &forward_shape;
    w->before = &before->forward;
    if (o == DONE)
        o = require_match(w, &forward_shape, &before->forward);
    if (o == DONE)
        o = keep_image(w, IMAGE_MAILBOX, w->key);
    if (o == DONE)
        o = forward_admit(w->t, "", &m.forward);
    if (o == DONE)
        o = destinations_without_loop(w, "destinations", m.address, &m.forward.destinations);
    mailbox_write_goto(w->t, &m);
    if (o == DONE)
        o = store_mailbox_update(w->t, &m);
    return o == DONE ? show_forward(w) : o;
}

const struct verb me_verbs[] = {
    { "me.show", ACT_SHOW, MAY_RENEW_PASSWORD, NULL, NULL, &me_shape, show_me, "Show the own account", false },
    { "me.password", ACT_UPDATE, MAY_RENEW_PASSWORD, NULL, &password_change_shape, NULL, change_password,
      "Change the own password; other sessions end", false },
    { "me.forward", ACT_SHOW, MAY_USE_MAILBOX, NULL, NULL, &forward_shape, show_forward,
      "Show where the own mail goes on to", false },
    { "me.set-forward", ACT_UPDATE, MAY_USE_MAILBOX, NULL, &forward_shape, &forward_shape, set_forward,
      "Say where the own mail goes on to", false },
    { 0 },
};
