/* server/service/tables.h - the verb rows and resources of each file here */
#ifndef POSTREEVE_SERVICE_TABLES_H
#define POSTREEVE_SERVICE_TABLES_H

#include "model/letter.h"
#include "service/verb.h"
#include "store/account.h"
#include "store/domain.h"
#include "store/statements.h"

extern const struct verb vacation_verbs[];
extern const struct verb publish_verbs[];
extern const struct resource dkim_key_resource;
extern const struct verb dkim_key_verbs[];
extern const struct resource domain_resource, alias_domain_resource, mailbox_resource, alias_resource, admin_resource,
    log_resource;
extern const struct resource errand_resource, letter_resource, broadcast_resource;
extern const struct verb errand_verbs[], letter_verbs[], broadcast_verbs[];
extern const struct resource transport_resource, sender_access_resource, sender_login_resource, relay_resource;
extern const struct verb transport_verbs[], sender_access_verbs[], sender_login_verbs[], relay_verbs[];
extern const struct resource transport_resource, sender_access_resource, sender_login_resource;
extern const struct verb transport_verbs[], sender_access_verbs[], sender_login_verbs[];
extern const struct resource token_resource;
extern const struct verb token_verbs[];
extern const struct verb password_reset_verbs[];
extern const struct resource transport_resource, sender_access_resource, sender_login_resource, relay_resource,
    fetchmail_resource;
extern const struct verb transport_verbs[], sender_access_verbs[], sender_login_verbs[], relay_verbs[],
    fetchmail_verbs[];
extern const struct verb domain_verbs[], alias_domain_verbs[], mailbox_verbs[], alias_verbs[], admin_verbs[],
    session_verbs[], me_verbs[], log_verbs[];
extern const struct verb second_factor_verbs[], app_password_verbs[], own_access_verbs[], log_in_verbs[];

/* For mailboxes and aliases alike: the key from address, or from local part and domain. */
MUST_USE enum outcome place_address(struct work *w, struct text address, struct text local_part, bool local_part_given);
MUST_USE enum outcome domain_of_address(struct work *w);
/* The domain locked, with what is left in it for one or the other; MISSING or a problem on `address` when there is none. */
MUST_USE enum outcome room_in_domain(struct work *w, enum room_for what, struct room_left *out);
/* INVALID when following `destinations` through this server's aliases leads back to `address`. */
MUST_USE enum outcome destinations_without_loop(struct work *w, const char *field, struct text address,
                                                const struct texts *destinations);

/* Ends what lets somebody act as the account ("mailbox" or "admin"): its sessions, but for the one with that digest (absent:
 * all). For whoever sets another's password, deletes or freezes the account. */
/* Its API tokens end, too, unless a session (`but`) goes on: then its owner is at work. */
MUST_USE enum outcome account_end_access(struct work *w, struct text username, const char *account, struct text but);

/* The verb mailbox.rename. */
MUST_USE enum outcome mailbox_rename(struct work *w);

struct chosen_password { /* as a creation or a change says it */
    bool generate;
    struct text given; /* absent: not given */
    struct text owner; /* the account's name */
};
/* INVALID unless it is either given, and the policy lets it pass, or to be generated; that one is `generated` then. */
MUST_USE enum outcome choose_password(struct work *w, const struct chosen_password *wanted, struct text *hash,
                                      struct text *generated);

/* "mailbox" or "admin", by which of them the actor logged in. */
const char *own_account(const struct work *w);
/* INVALID with wrong_password on `field` unless that is the password of the actor's account, which stays locked. */
MUST_USE enum outcome own_password_check(struct work *w, const char *field, struct text given, struct login *out);
/* Runs what asks the actor for a password or a code. Whoever found an open browser could guess there, so failures count as
 * failed log-ins do, and nothing runs while there have been too many. */
MUST_USE enum outcome guarded(struct work *w, verb_fn *run);

/* Makes the actor's own account the log's target; the admins of a user's domain see it there. */
void own_target(struct work *w);

/* A letter of the service's own, sent once this change is committed (service/errand.h). */
struct letter_wanted {
    struct text to, to_name;  /* canonical; the name absent for none */
    struct text domain;       /* of ours, in whose name it goes; empty: in that of the mail host */
    struct text language;     /* "en" or "ja"; absent: the configuration's */
    enum letter_kind kind;
    const struct letter_value *values; /* for its template */
    size_t count;
    bool secret;              /* it waits sealed: then it needs a key file (model/vault.h) */
};
void errand_letter(struct work *w, const struct letter_wanted *l);

#endif
