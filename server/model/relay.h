/* server/model/relay.h - a smart host: another server that takes our mail
 *
 * WHAT    `scope` says which mail goes there, and no other relay has the same: a sender (user@domain or @domain), a
 *         destination (domain, or .domain for what is below one), or * for all that has no other. The forms of senders hold
 *         an @, those of destinations do not, so that one text says which it is.
 * SECRET  The password is kept sealed (model/vault.h, VAULT_RELAY) under the context "relay/NAME", and never shown.
 */
#ifndef POSTREEVE_MODEL_RELAY_H
#define POSTREEVE_MODEL_RELAY_H

#include "base/shape.h"

struct relay {
    struct text name, scope, host;
    int64_t port;
    struct text tls;
    bool verify_certificate;
    struct text username, password; /* in clear, as it comes in; never as it is stored */
    struct text stored_password;    /* sealed; absent: none, or in an update: as it was; empty: none any more */
    bool has_password;
    struct text description;
    bool active;
    struct moment created, modified;
};
extern const struct shape relay_shape;

enum relay_tls { RELAY_TLS_NONE, RELAY_TLS_STARTTLS, RELAY_TLS_WRAPPED };
extern const char *const relay_tls_words[]; /* index is the enum; ended by NULL */

/* canon_fn of a relay's name. */
MUST_USE enum outcome relay_name_canon(struct task *t, const char *field, struct text given, struct text *out);
/* What a creation leaves open: STARTTLS, and the port that goes with the kind of TLS. */
void relay_defaults(struct relay *r);
/* A log-in is a name and a password, or neither. `has_password` says whether there will be one. */
MUST_USE enum outcome relay_admit(struct task *t, const struct relay *r, bool has_password);
/* What its password is sealed with. */
struct text relay_context(struct task *t, struct text name);

struct relay_step { /* of a trial */
    struct text step, state, words;
};
extern const struct shape relay_step_shape;

struct relay_trial { /* for the log */
    struct text host;
    bool works;
    struct texts steps; /* "ehlo: ok" */
};
extern const struct shape relay_trial_shape;

#endif
