/* server/service/session.c - logging in and out
 *
 * One answer and one duration, whether or not the account exists: a password is checked in any case, and a refusal is
 * held back until LOGIN_FLOOR_MS after it arrived.
 */
#include "service/session.h"

#include "base/clock.h"
#include "model/address.h"
#include "model/network.h"
#include "model/problem.h"
#include "model/secret.h"
#include "service/second_factor.h"
#include "service/tables.h"
#include "service/throttle.h"
#include "store/account.h"
#include "store/log_in.h"
#include "store/token.h"

#define LOGIN_FLOOR_MS 400
#define SEEN_SECONDS 60 /* how stale `seen` may get; spares a write per request */

static struct session_row row_for(const struct service *s)
{
    return (struct session_row){ .idle_seconds = s->config->session.idle_seconds,
                                 .absolute_seconds = s->config->session.absolute_seconds };
}

static enum role role_of(const struct session_row *row)
{
    if (text_equal(row->account, TEXT("mailbox")))
        return ROLE_USER;
    return row->super_admin ? ROLE_SUPER_ADMIN : ROLE_DOMAIN_ADMIN;
}

static enum outcome identify_once(const struct service *s, struct task *t, struct text digest, struct actor *actor)
{
    struct session_row by = row_for(s), found = { 0 };
    enum outcome o = store_borrow(s->store, t);

    by.digest = digest;
    if (o == DONE)
        o = store_session_find(t, &by, &found);
    if (o != DONE)
        return o;
    actor->role = role_of(&found);
    actor->username = found.username;
    actor->session = digest;
    actor->password_expired = found.password_expired;
    return found.unseen_seconds > SEEN_SECONDS ? store_session_seen(t, digest) : DONE;
}

static enum outcome identify_token_once(const struct service *s, struct task *t, struct text digest, struct actor *actor)
{
    struct token *k = task_alloc(t, sizeof *k);
    enum outcome o = store_borrow(s->store, t);

    if (o == DONE)
        o = store_token_identify(t, digest, k);
    if (o != DONE || !networks_hold(&k->allowed_networks, actor->source))
        return o;
    actor->role = text_equal(k->account, TEXT("mailbox")) ? ROLE_USER
                  : k->super_admin                        ? ROLE_SUPER_ADMIN : ROLE_DOMAIN_ADMIN;
    actor->username = k->username;
    actor->grant = k;
    return k->unseen_seconds > SEEN_SECONDS ? store_token_seen(t, digest, actor->source) : DONE;
}

typedef enum outcome identify_fn(const struct service *s, struct task *t, struct text digest, struct actor *actor);

static enum outcome identify(identify_fn *once, const struct service *s, struct task *t, struct text token,
                             struct actor *actor)
{
    enum outcome o;

    if (token.length != SECRET_TOKEN_LENGTH)
        return DONE;
    o = once(s, t, secret_digest(t, token), actor);
    if (o == RETRY && transaction_may_be_repeated(t)) { /* the server may have closed an idle connection */
        store_return(s->store, t);
        o = once(s, t, secret_digest(t, token), actor);
    }
    if (o != DONE)
        store_return(s->store, t);
    return o == MISSING ? DONE : o;
}

enum outcome session_identify(const struct service *s, struct task *t, struct text token, struct actor *actor)
{
    return identify(identify_once, s, t, token, actor);
}

enum outcome token_identify(const struct service *s, struct task *t, struct text bearer, struct actor *actor)
{
    return identify(identify_token_once, s, t, bearer, actor);
}

void own_target(struct work *w)
{
    w->key = w->actor->username;
    if (w->actor->role == ROLE_USER)
        w->domain = address_split(w->key).domain;
}

/* The account, of those with that name, whose password this is. */
static const struct login *match(struct work *w, const struct rows *found, struct text password)
{
    const struct login *logins = found->items, *hit = NULL;

    if (found->count == 0)
        password_pretend(w->s->scheme, password);
    for (size_t i = 0; i < found->count; i++)
        if (password_matches(password, logins[i].stored_password) && logins[i].active && !hit)
            hit = &logins[i];
    return hit;
}

static enum outcome start_session(struct work *w, const struct login *who, struct session_row *row)
{
    enum outcome o;

    w->out->session_token = secret_token(w->t);
    *row = row_for(w->s);
    row->digest = secret_digest(w->t, w->out->session_token);
    row->username = who->username;
    row->account = who->is_admin ? TEXT("admin") : TEXT("mailbox");
    row->language = w->actor->language;
    row->source = w->actor->source;
    row->user_agent = user_agent_kept(w->t, w->actor->user_agent);
    row->super_admin = who->super_admin;
    o = store_session_delete_expired(w->t, row);
    if (o == DONE && w->actor->session.length)
        o = store_session_delete(w->t, w->actor->session); /* a log-in replaces the session that was there */
    return o == DONE ? store_session_insert(w->t, row) : o;
}

static enum outcome describe_session(struct work *w, struct text token, struct text username, enum role role)
{
    struct session *out = task_alloc(w->t, sizeof *out);
    struct admin a = { 0 };
    enum outcome o = DONE;

    if (role == ROLE_DOMAIN_ADMIN)
        o = store_admin_find(w->t, username, &a);
    *out = (struct session){ .username = username, .role = text_of(role_words[role]), .domains = a.domains,
                             .language = w->actor->language, .password_expired = w->actor->password_expired };
    out->csrf_token = TEXT("");
    if (token.length)
        out->csrf_token = secret_derive(w->t, token, "csrf");
    w->out->item = out;
    return o;
}

static enum outcome note_log_in(struct work *w, const struct login *who, bool success)
{
    struct log_in it = { .protocol = TEXT("web"), .source = w->actor->source, .user_agent = user_agent_kept(w->t, w->actor->user_agent),
                         .success = success };

    return store_log_in_add(w->t, who->is_admin ? TEXT("admin") : TEXT("mailbox"), who->username, &it);
}

/* The same password by today's scheme; one that the scheme cannot hold stays as it is. */
static struct text upgraded_hash(struct work *w, const struct login *who, struct text password)
{
    struct text hash = { 0 };

    if (!w->s->config->password.upgrade_on_login || password_is_of(w->s->scheme, who->stored_password))
        return hash;
    if (password_hash(w->t, "password", w->s->scheme, password, &hash) != DONE) {
        task_forget_problems(w->t);
        hash = (struct text){ 0 };
    }
    return hash;
}

static enum outcome let_in(struct work *w, const struct login *who, struct session_row *row)
{
    const struct credentials *given = w->in->body;
    struct text hash = upgraded_hash(w, who, given->password); /* slow: before the locks */
    enum outcome o = change_begin(w);

    if (o == DONE && factor_is_set(who))
        o = factor_spend(w, who, given->otp);
    if (o == DONE && hash.length)
        o = store_login_rehash(w->t, who, hash);
    if (o == DONE)
        o = start_session(w, who, row);
    return o == DONE ? note_log_in(w, who, true) : o;
}

static enum outcome finish_log_in(struct work *w, const struct login *who, const struct bucket all[BUCKETS])
{
    struct actor *self = task_alloc(w->t, sizeof *self);
    struct session_row row = { 0 };
    enum outcome o = let_in(w, who, &row);

    if (o == DONE)
        o = throttle_forgive(w, all);
    *self = *w->actor;
    self->username = who->username; /* the log says who came in, not that nobody did */
    self->role = role_of(&row);
    self->password_expired = who->password_expired;
    w->actor = self;
    own_target(w);
    if (o == DONE)
        o = describe_session(w, w->out->session_token, who->username, self->role);
    return o == DONE ? change_commit(w) : o;
}

/* Counts, and is in the list of log-ins of each account of that name. */
static enum outcome refuse(struct work *w, const struct rows *found, const struct bucket all[BUCKETS])
{
    const struct login *logins = found->items;
    enum outcome o = throttle_count(w, all);

    for (size_t i = 0; o == DONE && i < found->count; i++)
        o = note_log_in(w, &logins[i], false);
    return o == DONE ? STRANGER : o;
}

/* Who knew the password learns that a code is needed as well: that is no failure. A code that is none is one. */
static enum outcome refuse_code(struct work *w, const struct login *who, const struct bucket all[BUCKETS])
{
    const struct problem *p = task_problems(w->t);
    struct rows one = { .count = 1 };
    struct login copy = *who;

    transaction_rollback(w->t); /* so that the count stays */
    w->out->session_token = (struct text){ 0 };
    one.items = &copy;
    return p && p->kind == &problem_otp_wrong ? refuse(w, &one, all) : STRANGER;
}

/* Upper case and IDN fold as everywhere; what is no address is just an unknown account. */
static struct text login_name(struct work *w, struct text given)
{
    struct text name = given;

    if (username_canon(w->t, "username", given, &name) != DONE) {
        task_forget_problems(w->t);
        return task_lower(w->t, given);
    }
    return name;
}

static enum outcome log_in(struct work *w)
{
    const struct credentials *given = w->in->body;
    struct text name = login_name(w, given->username);
    struct bucket all[BUCKETS];
    struct rows found = { 0 };
    const struct login *who = NULL;
    int64_t arrived = clock_monotonic_ms();
    enum outcome o;

    throttle_buckets(w, name, all);
    o = throttle_check(w, all);
    if (o == DONE)
        o = store_login_find(w->t, name, &found);
    if (o == DONE) {
        who = match(w, &found, given->password);
        o = who ? finish_log_in(w, who, all) : refuse(w, &found, all);
    }
    if (o == INVALID)
        o = refuse_code(w, who, all);
    if (o != DONE)
        w->out->not_before_ms = arrived + LOGIN_FLOOR_MS;
    return o;
}

static enum outcome show_session(struct work *w)
{
    return describe_session(w, w->actor->token, w->actor->username, w->actor->role);
}

static enum outcome log_out(struct work *w)
{
    own_target(w);
    return store_session_delete(w->t, w->actor->session);
}

const struct verb session_verbs[] = {
    { "session.create", ACT_CREATE, MAY_LOG_IN, NULL, &credentials_shape, &session_shape, log_in, "Log in", true },
    { "session.show", ACT_SHOW, MAY_SEE_SESSION, NULL, NULL, &session_shape, show_session, "Who is logged in", false },
    { "session.delete", ACT_DELETE, MAY_SEE_SESSION, NULL, NULL, NULL, log_out, "Log out", false },
    { 0 },
};
