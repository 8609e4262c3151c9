/* server/store/account.h - rows of `admin` and `domain_admins`, sessions, the log-in throttle, and the log */
#ifndef POSTREEVE_STORE_ACCOUNT_H
#define POSTREEVE_STORE_ACCOUNT_H

#include "model/account.h"
#include "store/listing.h"

MUST_USE enum outcome store_admin_find(struct task *t, struct text username, struct admin *out);
MUST_USE enum outcome store_admin_lock(struct task *t, struct text username, struct admin *out);
/* Rows and delegations together; a super admin also has Postfix Admin's 'ALL' row. */
MUST_USE enum outcome store_admin_insert(struct task *t, const struct admin *a);
MUST_USE enum outcome store_admin_update(struct task *t, const struct admin *a);
MUST_USE enum outcome store_admin_set_password(struct task *t, struct text username, struct text hash);
MUST_USE enum outcome store_admin_delete(struct task *t, struct text username);
/* Active super admins other than this one; their rows stay locked, so that two cannot both be the last. */
MUST_USE enum outcome store_super_admins_but(struct task *t, struct text username, int64_t *out);
/* ROLE_NOBODY when no admin has that name. */
MUST_USE enum outcome store_rank_of(struct task *t, struct text username, enum role *out);
MUST_USE enum outcome store_owns_domain(struct task *t, struct text username, struct text domain, bool *out);

struct login { /* what is known of a name that wants to log in */
    struct text username, stored_password;
    bool is_admin, super_admin, active;
    bool password_expired;
    struct text totp_secret; /* of the second factor: sealed, or an adopted row's in clear; absent or empty: none */
    struct text recovery_address; /* known of a locked one */
    struct text hash;             /* a new one; never read */
};
/* Admins first, then mailboxes of that name; there can be one of each. */
MUST_USE enum outcome store_login_find(struct task *t, struct text username, struct rows *out);

/* One of them ("admin", "mailbox"), locked. */
MUST_USE enum outcome store_login_lock(struct task *t, const char *account, struct text username, struct login *out);
/* Puts another hash of the same password in place; nothing happens where the stored one is no longer `old`. `modified`
 * stays: nothing that can be edited has changed. */
MUST_USE enum outcome store_login_rehash(struct task *t, const struct login *who, struct text hash);
MUST_USE enum outcome store_set_recovery_address(struct task *t, const char *account, struct text username,
                                                 struct text address);

struct session_row {
    struct text digest, username, account, language, source, user_agent;
    int64_t id;
    int64_t idle_seconds, absolute_seconds, unseen_seconds;
    bool super_admin, password_expired;
};
MUST_USE enum outcome store_session_insert(struct task *t, const struct session_row *s);
/* MISSING when there is none, it has expired, or its account is gone or inactive. */
MUST_USE enum outcome store_session_find(struct task *t, const struct session_row *by, struct session_row *out);
MUST_USE enum outcome store_session_seen(struct task *t, struct text digest);
MUST_USE enum outcome store_session_delete(struct task *t, struct text digest);
/* All sessions of that name but one (which may be absent). */
MUST_USE enum outcome store_session_delete_others(struct task *t, struct text username, const char *account,
                                                  struct text but);
MUST_USE enum outcome store_session_delete_expired(struct task *t, const struct session_row *by);

/* Of struct own_session (model/own_account.h), the newest first; `by` is whose, for how long, and the digest of the one
 * that asks. */
MUST_USE enum outcome store_sessions_of(struct task *t, const struct session_row *by, struct rows *out);
/* MISSING unless it is the account's. */
MUST_USE enum outcome store_session_delete_numbered(struct task *t, const struct session_row *by);

struct throttle_row {
    struct text bucket;
    int64_t failures, window_seconds, wait_seconds;
};
/* MISSING when nothing failed within the window. */
MUST_USE enum outcome store_throttle_find(struct task *t, const struct throttle_row *by, struct throttle_row *out);
MUST_USE enum outcome store_throttle_count(struct task *t, const struct throttle_row *by);
MUST_USE enum outcome store_throttle_forget(struct task *t, struct text bucket);
MUST_USE enum outcome store_throttle_sweep(struct task *t, const struct throttle_row *by);

#endif
