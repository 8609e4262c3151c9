/* server/model/account.h - who is here: admins, sessions, and the account at hand
 *
 * WHAT    An admin (row of `admin`) looks after domains; a mailbox's owner after that mailbox. Roles are ranks: the
 *         greater outranks the smaller.
 */
#ifndef POSTREEVE_MODEL_ACCOUNT_H
#define POSTREEVE_MODEL_ACCOUNT_H

#include "model/mailbox.h"

enum role { ROLE_NOBODY, ROLE_USER, ROLE_DOMAIN_ADMIN, ROLE_SUPER_ADMIN };
#define ROLES (ROLE_SUPER_ADMIN + 1)
extern const char *const role_words[]; /* index is the role; ended by NULL */

struct token { /* of the API: what a program may do in somebody's name */
    struct text id, name;
    struct texts scopes;           /* model/scope.h */
    struct texts domains;          /* empty: all of its owner's */
    struct texts allowed_networks; /* empty: from anywhere */
    struct moment expires, created, last_used;
    struct text last_source, username;
    struct text secret;            /* shown once */
    /* not for the edges */
    struct text digest, account;
    bool super_admin;
    int64_t unseen_seconds;
};
extern const struct shape token_shape;

struct actor {          /* who acts in a task, from where, by what */
    enum role role;
    struct text username;
    struct text source; /* address of the client, or "localhost" */
    const char *via;    /* "browser", "token", "cli" */
    struct text token;   /* of the session; a secret */
    struct text session; /* the token's digest; absent without one */
    struct text language;
    bool password_expired; /* they may set a new one, and little else */
    struct text user_agent; /* what the client calls itself, as it came */
    const struct token *grant; /* what came in by a token may no more than this; NULL: no token */
};

struct admin {
    struct text username, password;
    bool generate_password;
    struct text generated_password, recovery_address;
    bool super_admin;
    struct texts domains;
    bool active, second_factor;
    struct moment created, modified;
    struct text stored_password; /* not for the edges */
};
extern const struct shape admin_shape;
/* A login name: an address, or a plain name of [a-z0-9._-] such as "root"; folded as addresses are. */
MUST_USE enum outcome username_canon(struct task *t, const char *field, struct text given, struct text *out);

struct credentials {
    struct text username, password, otp;
};
extern const struct shape credentials_shape;

struct session {
    struct text username, role;
    struct texts domains;
    struct text csrf_token, language;
    bool password_expired;
    struct text token; /* for the cookie; not in the shape */
};
extern const struct shape session_shape;

struct me {
    struct text username, role, display_name;
    struct texts domains;
    struct limit quota_bytes;
    int64_t usage_bytes, usage_messages;
    struct moment password_expires;
    struct text recovery_address, language;
};
extern const struct shape me_shape;

struct password_change {
    struct text current, wanted; /* "new" in JSON */
};
extern const struct shape password_change_shape;

struct reset_request {
    struct text username;
};
extern const struct shape reset_request_shape;
struct reset_use {
    struct text token, wanted; /* "new" in JSON */
};
extern const struct shape reset_use_shape;

struct record { /* one change, as the log keeps it */
    int64_t id;
    struct moment at;
    struct text actor, source, via, verb, target, domain, before, after;
    int64_t undoes, undone_by; /* ids; 0: none */
    bool undoable;             /* its former state is still kept */
    struct text note;          /* a word on what the change leaves alone */
    /* not for the edges */
    int64_t chain, link, previous, image; /* store/journal.h; chain -1: none; image 0: none */
    struct text hash, hash_key, stamp; /* stamp: `at` as the column has it */
};
extern const struct shape record_shape;
extern const struct shape event_shape; /* of a record, for a webhook */

struct verification { /* of the log's chains */
    bool sound;
    int64_t records, foreign, keyless;
    int64_t first;
    struct text finding;
};
extern const struct shape verification_shape;

#endif
