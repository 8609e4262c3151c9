/* server/service/password_reset.c - a new password for who forgot theirs, by a letter to the recovery address
 *
 * ASKING  gives one answer after one duration, whether or not there is such an account, it has a recovery address, or a letter
 *         goes out; and counts against its source and against the name, so that nobody's mailbox is flooded.
 * TOKEN   256 bits, of which the digest alone is kept; good for a while and once; a new password ends them all, the sessions
 *         and the API tokens. A second factor is still asked for at the next log-in.
 * LINK    begins with [server] public_url, never with what a request says of its host; the token stands behind a #, which
 *         browsers send to no server.
 */
#include "base/clock.h"
#include "model/address.h"
#include "model/problem.h"
#include "model/secret.h"
#include "service/tables.h"
#include "service/throttle.h"
#include "store/account.h"
#include "store/mailbox.h"
#include "store/password_reset.h"

#define ANSWER_FLOOR_MS 400

static const char *account_of(const struct login *who)
{
    return who->is_admin ? "admin" : "mailbox";
}

/* The log says whose account it was; that it was they who asked, nobody knows. */
static void act_for(struct work *w, struct text actor, struct text username, bool is_admin)
{
    struct actor *self = task_alloc(w->t, sizeof *self);

    *self = *w->actor;
    self->username = actor;
    w->actor = self;
    w->key = username;
    w->domain = is_admin ? TEXT("") : address_split(username).domain;
}

static void send_link(struct work *w, const struct login *who, struct text token)
{
    const struct config *c = w->s->config;
    const struct letter_value values[] = {
        { "address", who->username },
        { "link", task_printf(w->t, "%s/password-reset#%s", c->server.public_url.at, token.at) },
        { "minutes", task_printf(w->t, "%lld", (long long)c->password.reset_minutes) },
    };

    errand_letter(w, &(struct letter_wanted){ .to = who->recovery_address, .domain = w->domain,
                                              .language = w->actor->language, .kind = LETTER_RESET,
                                              .values = values, .count = COUNT(values), .secret = true });
}

static bool may_have_one(const struct work *w, const struct login *who)
{
    return who->active && who->recovery_address.length && !text_starts(who->stored_password, TEXT(LOCKED_PREFIX))
        && (!who->is_admin || w->s->config->password.reset_admins);
}

static enum outcome offer(struct work *w, const struct login *found, bool *offered)
{
    struct login who = { 0 };
    struct text token = secret_token(w->t);
    struct password_reset r = { .digest = secret_digest(w->t, token), .username = found->username,
                                .account = text_of(account_of(found)) };
    enum outcome o = store_login_lock(w->t, account_of(found), found->username, &who);

    who.is_admin = found->is_admin;
    if (o != DONE || *offered || !may_have_one(w, &who))
        return o == MISSING ? DONE : o;
    *offered = true;
    act_for(w, TEXT(""), who.username, who.is_admin);
    o = store_reset_insert(w->t, &r);
    if (o == DONE)
        send_link(w, &who, token);
    return o;
}

static enum outcome offer_to(struct work *w, const struct rows *found)
{
    const struct login *logins = found->items;
    bool offered = false;
    enum outcome o = change_begin(w);

    for (size_t i = 0; o == DONE && i < found->count; i++)
        o = offer(w, &logins[i], &offered);
    if (o == DONE && offered)
        return change_commit(w);
    transaction_rollback(w->t);
    return o;
}

static struct text canonical(struct work *w, struct text given)
{
    struct text name = given;

    if (username_canon(w->t, "username", given, &name) != DONE)
        task_forget_problems(w->t); /* then there is no such account, which is nobody's business */
    return name;
}

static enum outcome ask(struct work *w)
{
    const struct reset_request *given = w->in->body;
    struct text name = canonical(w, given->username);
    struct bucket all[BUCKETS];
    struct rows found = { 0 };
    enum outcome o;

    w->out->not_before_ms = clock_monotonic_ms() + ANSWER_FLOOR_MS;
    if (!w->s->config->password.reset)
        return task_problem(w->t, "username", &problem_no_reset);
    throttle_buckets(w, task_join(w->t, TEXT("reset:"), name), all);
    o = throttle_check(w, all);
    if (o == DONE)
        o = throttle_count(w, all);
    if (o == DONE)
        o = store_login_find(w->t, name, &found);
    return o == DONE ? offer_to(w, &found) : o;
}

/* ---- the new password ---- */

static enum outcome locked_account(struct work *w, const struct reset_use *given, struct password_reset *out)
{
    struct password_reset by = { .digest = secret_digest(w->t, given->token),
                                 .minutes = w->s->config->password.reset_minutes };
    struct login who = { 0 };
    enum outcome o = store_reset_lock(w->t, &by, out);

    if (o == DONE)
        o = store_login_lock(w->t, task_c_string(w->t, out->account), out->username, &who);
    who.is_admin = text_equal(out->account, TEXT("admin"));
    return o == DONE && !may_have_one(w, &who) ? MISSING : o;
}

static enum outcome set_password(struct work *w, const struct password_reset *r, struct text wanted)
{
    bool is_admin = text_equal(r->account, TEXT("admin"));
    struct text hash = { 0 };
    enum outcome o = password_admit_and_hash(w, "new", wanted, r->username, &hash);

    if (o == DONE)
        o = is_admin ? store_admin_set_password(w->t, r->username, hash)
                     : store_mailbox_set_password(w->t, r->username, hash);
    if (o == DONE)
        o = store_reset_delete_of(w->t, r);
    if (o == DONE)
        o = account_end_access(w, r->username, is_admin ? "admin" : "mailbox", (struct text){ 0 });
    act_for(w, r->username, r->username, is_admin);
    return o == DONE ? change_commit(w) : o;
}

static enum outcome use(struct work *w)
{
    const struct reset_use *given = w->in->body;
    struct password_reset r = { 0 };
    struct bucket all[BUCKETS];
    enum outcome o;

    throttle_buckets(w, task_join(w->t, TEXT("reset-from:"), w->actor->source), all);
    o = throttle_check(w, all);
    if (o == DONE)
        o = change_begin(w);
    if (o == DONE)
        o = locked_account(w, given, &r);
    if (o == DONE)
        return set_password(w, &r, given->wanted);
    transaction_rollback(w->t); /* so that the count stays */
    if (o == MISSING)
        o = throttle_count(w, all);
    else
        return o;
    return o == DONE ? task_problem(w->t, "token", &problem_bad_reset_token) : o;
}

const struct verb password_reset_verbs[] = {
    { "password-reset.create", ACT_CREATE, MAY_LOG_IN, NULL, &reset_request_shape, NULL, ask,
      "Ask for a letter with a link to a new password", true },
    { "password-reset.use", ACT_UPDATE, MAY_LOG_IN, NULL, &reset_use_shape, NULL, use,
      "Say the new password, with the token of that letter", true },
    { 0 },
};
