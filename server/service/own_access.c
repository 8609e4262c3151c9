/* server/service/own_access.c - by what one's own account is open now, who came in lately, and the way back in */
#include "service/tables.h"

#include "model/own_account.h"
#include "store/log_in.h"

static struct session_row row_of(const struct work *w)
{
    return (struct session_row){ .username = w->actor->username, .account = text_of(own_account(w)),
                                 .digest = w->actor->session.at ? w->actor->session : TEXT(""),
                                 .idle_seconds = w->s->config->session.idle_seconds,
                                 .absolute_seconds = w->s->config->session.absolute_seconds };
}

static enum outcome list_sessions(struct work *w)
{
    struct session_row by = row_of(w);

    w->out->list.shape = &own_session_shape;
    return store_sessions_of(w->t, &by, &w->out->list.rows);
}

static enum outcome end_session(struct work *w)
{
    struct session_row by = row_of(w);

    (void)text_to_int64(w->key, &by.id); /* number_canon() has seen it */
    own_target(w);
    return store_session_delete_numbered(w->t, &by);
}

static enum outcome end_other_sessions(struct work *w)
{
    own_target(w);
    return store_session_delete_others(w->t, w->actor->username, own_account(w), w->actor->session);
}

static enum outcome list_log_ins(struct work *w)
{
    w->out->list.shape = &log_in_shape;
    return store_log_ins_of(w->t, text_of(own_account(w)), w->actor->username, &w->out->list.rows);
}

/* Whoever owns that address can set the password, so that it takes the password to change it. */
static enum outcome change_recovery_address(struct work *w)
{
    const struct recovery_change *given = w->in->body;
    struct recovery_change *before = task_alloc(w->t, sizeof *before);
    struct login who = { 0 };
    enum outcome o = own_password_check(w, "password", given->password, &who);

    before->recovery_address = who.recovery_address;
    w->logged = &recovery_change_shape;
    w->before = before;
    w->after = given;
    if (o == DONE)
        o = recovery_admit(w->t, w->actor->username, given->recovery_address);
    return o == DONE ? store_set_recovery_address(w->t, own_account(w), w->actor->username, given->recovery_address) : o;
}

static enum outcome set_recovery_address(struct work *w)
{
    return guarded(w, change_recovery_address);
}

static const struct resource own_session_resource = {
    .noun = "session", .key = "id", .shape = &own_session_shape, .canon = number_canon,
};

const struct verb own_access_verbs[] = {
    { "me.sessions", ACT_LIST, MAY_USE_ACCOUNT, &own_session_resource, NULL, &own_session_shape, list_sessions,
      "List the own sessions", false },
    { "me.end-session", ACT_DELETE, MAY_USE_ACCOUNT, &own_session_resource, NULL, NULL, end_session,
      "End one of the own sessions", false },
    { "me.end-other-sessions", ACT_DO, MAY_USE_ACCOUNT, NULL, NULL, NULL, end_other_sessions,
      "End all of the own sessions but the one that asks", false },
    { "me.log-ins", ACT_LIST, MAY_USE_ACCOUNT, NULL, NULL, &log_in_shape, list_log_ins,
      "List who came in to the own account lately, and who was refused", false },
    { "me.set-recovery-address", ACT_UPDATE, MAY_USE_ACCOUNT, NULL, &recovery_change_shape, NULL, set_recovery_address,
      "Say which address can set a forgotten password", false },
    { 0 },
};
