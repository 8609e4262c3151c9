/* server/model/fetchmail.h - letters that are fetched from a mailbox elsewhere
 *
 * WHAT    A row of Postfix Admin's table `fetchmail` under readable names, and the fetchmailrc that makes Debian's
 *         fetchmail do it.
 * SECRET  The password is kept sealed (model/vault.h, VAULT_FETCHMAIL) under the context "fetchmail/ID". Postfix Admin
 *         stored base64, which is read as well until the job gets another password.
 * QUOTES  In a fetchmailrc every octet that is no letter, digit, dot, @, - or _ is written as \xHH, so that no value can
 *         end its quotes. What even so could reach the other server as a line of its own (a control character) is
 *         refused.
 * SOURCE  fetchmail(1) of 6.4.
 */
#ifndef POSTREEVE_MODEL_FETCHMAIL_H
#define POSTREEVE_MODEL_FETCHMAIL_H

#include "base/shape.h"
#include "model/vault.h"

#define FETCHMAIL_MINUTES_DEFAULT 10

struct fetchmail {
    int64_t id;
    struct text mailbox, server;
    int64_t port; /* 0: the protocol's own */
    struct text protocol, authentication, username;
    struct text password, stored_password; /* as in model/relay.h */
    bool has_password;
    struct text folder;
    int64_t poll_minutes;
    bool fetch_all, keep, tls, verify_certificate, active;
    struct moment last_run;
    struct text last_result;
    struct moment created, modified;
};
extern const struct shape fetchmail_shape;

void fetchmail_defaults(struct fetchmail *f);
MUST_USE enum outcome fetchmail_admit(struct task *t, const struct fetchmail *f, bool has_password);
struct text fetchmail_context(struct task *t, int64_t id);
/* The password as it is stored, in clear. INVALID as vault_open(), or bad_encoding for what is no base64. */
MUST_USE enum outcome fetchmail_password(struct task *t, const struct vault *v, const struct fetchmail *f,
                                         struct text *out);

struct fetchmail_delivery {
    bool lmtp;
    struct text host; /* or the absolute path of a socket that speaks LMTP */
    int64_t port;
};
/* One job's lines for a fetchmailrc. INVALID with a problem on the field that holds what no value may (a foreign row can
 * hold anything). */
MUST_USE enum outcome fetchmail_rc(struct task *t, const struct fetchmail *f, struct text password,
                                   const struct fetchmail_delivery *to, struct text *out);
/* What fetchmail's exit status means. `fine`: nothing is wrong with the job. */
const char *fetchmail_ending(int status, bool *fine);

#endif
