/* server/service/session.c - logging in and out, and one's own account
 *
 * One answer and one duration, whether or not the account exists: a password is checked in any case, and a refusal is
 * held back until LOGIN_FLOOR_MS after it arrived. Failures are counted per account and per source network of three
 * widths; counting is committed at once, whatever becomes of the request.
 */
#include "service/session.h"

#include "base/clock.h"
#include "model/address.h"
#include "model/problem.h"
#include "model/secret.h"
#include "service/tables.h"
#include "store/account.h"
#include "store/mailbox.h"

#include <arpa/inet.h>
#include <string.h>

#define LOGIN_FLOOR_MS 400
#define SEEN_SECONDS 60 /* how stale `seen` may get; spares a write per request */
#define BUCKETS 4

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

static const char *account_of(enum role role)
{
    return role == ROLE_USER ? "mailbox" : "admin";
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
    return found.unseen_seconds > SEEN_SECONDS ? store_session_seen(t, digest) : DONE;
}

enum outcome session_identify(const struct service *s, struct task *t, struct text token, struct actor *actor)
{
    enum outcome o;

    if (token.length != SECRET_TOKEN_LENGTH)
        return DONE;
    o = identify_once(s, t, secret_digest(t, token), actor);
    if (o == RETRY && transaction_may_be_repeated(t)) { /* the server may have closed an idle connection */
        store_return(s->store, t);
        o = identify_once(s, t, secret_digest(t, token), actor);
    }
    if (o != DONE)
        store_return(s->store, t);
    return o == MISSING ? DONE : o;
}

/* ---- throttle ---- */

struct bucket {
    struct text name;
    int64_t most;
};

/* The address with all but the first `bits` cleared, as text. */
static struct text network(struct task *t, struct text source, unsigned bits4, unsigned bits6)
{
    unsigned char octets[16] = { 0 };
    char words[INET6_ADDRSTRLEN];
    const char *at = task_c_string(t, source);
    int family = at && strchr(at, ':') ? AF_INET6 : AF_INET;
    unsigned bits = family == AF_INET6 ? bits6 : bits4;

    if (!at || inet_pton(family, at, octets) != 1)
        return source.at ? source : TEXT("-");
    for (unsigned i = 0; i < sizeof octets; i++)
        if (i * 8 >= bits)
            octets[i] = 0;
    inet_ntop(family, octets, words, sizeof words);
    return task_printf(t, "%s/%u", words, bits);
}

static void buckets(struct work *w, struct text username, struct bucket out[BUCKETS])
{
    const struct throttle_settings *most = &w->s->config->throttle;
    struct text from = w->actor->source;

    out[0] = (struct bucket){ task_join(w->t, TEXT("account:"), username), most->account_failures };
    out[1] = (struct bucket){ task_join(w->t, TEXT("from:"), network(w->t, from, 32, 128)), most->host_failures };
    out[2] = (struct bucket){ task_join(w->t, TEXT("from:"), network(w->t, from, 24, 64)), most->network_failures };
    out[3] = (struct bucket){ task_join(w->t, TEXT("from:"), network(w->t, from, 16, 48)),
                              most->wide_network_failures };
}

static struct throttle_row throttle_of(struct work *w, const struct bucket *b)
{
    return (struct throttle_row){ .bucket = b->name, .window_seconds = w->s->config->throttle.window_seconds };
}

static enum outcome throttle_check(struct work *w, const struct bucket all[BUCKETS])
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct throttle_row by = throttle_of(w, &all[i]), found = { 0 };
        enum outcome o = store_throttle_find(w->t, &by, &found);

        if (o == DONE && found.failures >= all[i].most) {
            w->out->wait_seconds = found.wait_seconds > 0 ? found.wait_seconds : 1;
            return BUSY;
        }
        if (o != DONE && o != MISSING)
            return o;
    }
    return DONE;
}

static enum outcome throttle_count(struct work *w, const struct bucket all[BUCKETS])
{
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && i < BUCKETS; i++) {
        struct throttle_row by = throttle_of(w, &all[i]);

        o = store_throttle_count(w->t, &by);
    }
    return o;
}

/* ---- log-in ---- */

/* The account, of those with that name, whose password this is. A second factor that is set is never skipped. */
static const struct login *match(struct work *w, const struct rows *found, struct text password)
{
    const struct login *logins = found->items, *hit = NULL;

    if (found->count == 0)
        password_pretend(w->s->scheme, password);
    for (size_t i = 0; i < found->count; i++)
        if (password_matches(password, logins[i].stored_password) && logins[i].active && !logins[i].second_factor
            && !hit)
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
                             .language = w->actor->language };
    if (token.length)
        out->csrf_token = secret_derive(w->t, token, "csrf");
    w->out->item = out;
    return o;
}

/* The log's target; the admins of a user's domain see it there. */
static void own_target(struct work *w)
{
    w->key = w->actor->username;
    if (w->actor->role == ROLE_USER)
        w->domain = address_split(w->key).domain;
}

static enum outcome finish_log_in(struct work *w, const struct login *who, const struct bucket all[BUCKETS])
{
    struct actor *self = task_alloc(w->t, sizeof *self);
    struct session_row row = { 0 };
    enum outcome o = change_begin(w);

    if (o == DONE)
        o = start_session(w, who, &row);
    if (o == DONE)
        o = store_throttle_forget(w->t, all[0].name);
    *self = *w->actor;
    self->username = who->username; /* the log says who came in, not that nobody did */
    self->role = role_of(&row);
    w->actor = self;
    own_target(w);
    if (o == DONE)
        o = describe_session(w, w->out->session_token, who->username, self->role);
    return o == DONE ? change_commit(w) : o;
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

    buckets(w, name, all);
    o = throttle_check(w, all);
    if (o == DONE)
        o = store_login_find(w->t, name, &found);
    if (o == DONE) {
        who = match(w, &found, given->password);
        o = who ? finish_log_in(w, who, all) : throttle_count(w, all);
    }
    if (o == DONE && !who)
        o = STRANGER;
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

/* ---- one's own account ---- */

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
                       .usage_messages = m.usage_messages, .language = w->actor->language };
    w->out->item = me;
    return o == MISSING ? STRANGER : o;
}

static enum outcome own_hash(struct work *w, struct text *out)
{
    struct mailbox m = { 0 };
    struct admin a = { 0 };
    enum outcome o;

    if (w->actor->role == ROLE_USER) {
        o = store_mailbox_lock(w->t, w->actor->username, &m);
        *out = m.stored_password;
    } else {
        o = store_admin_lock(w->t, w->actor->username, &a);
        *out = a.stored_password;
    }
    return o == MISSING ? STRANGER : o;
}

static enum outcome set_own_password(struct work *w, struct text hash)
{
    bool user = w->actor->role == ROLE_USER;
    enum outcome o = user ? store_mailbox_set_password(w->t, w->actor->username, hash)
                          : store_admin_set_password(w->t, w->actor->username, hash);

    if (o == DONE)
        o = store_session_delete_others(w->t, w->actor->username, account_of(w->actor->role), w->actor->session);
    return o;
}

static enum outcome replace_password(struct work *w, const struct password_change *change)
{
    struct text old = { 0 }, hash = { 0 };
    enum outcome o = change_begin(w);

    if (o == DONE)
        o = own_hash(w, &old);
    if (o == DONE && !password_matches(change->current, old))
        return task_problem(w->t, "current", &problem_wrong_password);
    if (o == DONE && text_equal(change->current, change->wanted))
        return task_problem(w->t, "new", &problem_same_password);
    if (o == DONE)
        o = password_admit_and_hash(w, "new", change->wanted, w->actor->username, &hash);
    if (o == DONE)
        o = set_own_password(w, hash);
    return o == DONE ? change_commit(w) : o;
}

static bool is_wrong_password(const struct work *w)
{
    const struct problem *p = task_problems(w->t);

    return p && p->kind == &problem_wrong_password;
}

/* Whoever found an open browser could guess here, so that failures count as failed log-ins. */
static enum outcome change_password(struct work *w)
{
    struct bucket all[BUCKETS];
    enum outcome o, counted;

    own_target(w);
    buckets(w, w->actor->username, all);
    o = throttle_check(w, all);
    if (o == DONE)
        o = replace_password(w, w->in->body);
    if (o == INVALID && is_wrong_password(w)) {
        transaction_rollback(w->t); /* so that the count stays */
        counted = throttle_count(w, all);
        o = counted == DONE ? o : counted;
    }
    return o;
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
        o = forward_admit(w->t, "", &m.forward);
    if (o == DONE)
        o = destinations_without_loop(w, "destinations", m.address, &m.forward.destinations);
    mailbox_write_goto(w->t, &m);
    if (o == DONE)
        o = store_mailbox_update(w->t, &m);
    return o == DONE ? show_forward(w) : o;
}

const struct verb me_verbs[] = {
    { "me.show", ACT_SHOW, MAY_USE_ACCOUNT, NULL, NULL, &me_shape, show_me, "Show the own account", false },
    { "me.password", ACT_UPDATE, MAY_USE_ACCOUNT, NULL, &password_change_shape, NULL, change_password,
      "Change the own password; other sessions end", true },
    { "me.forward", ACT_SHOW, MAY_USE_MAILBOX, NULL, NULL, &forward_shape, show_forward,
      "Show where the own mail goes on to", false },
    { "me.set-forward", ACT_UPDATE, MAY_USE_MAILBOX, NULL, &forward_shape, &forward_shape, set_forward,
      "Say where the own mail goes on to", false },
    { 0 },
};
