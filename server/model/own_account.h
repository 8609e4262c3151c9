/* server/model/own_account.h - what one does to one's own account besides the password
 *
 * WHAT    The second factor (totp.h says what its codes are), passwords of programs, sessions, recent log-ins, and the way
 *         back in for who has forgotten the password. Secrets that are shown here are shown in that one answer alone.
 */
#ifndef POSTREEVE_MODEL_OWN_ACCOUNT_H
#define POSTREEVE_MODEL_OWN_ACCOUNT_H

#include "model/account.h"

#define OTP_MAX 16           /* characters: a code, or a recovery code with its hyphen */
#define APP_PASSWORDS_MAX 20 /* of one mailbox */
#define USER_AGENT_MAX 255   /* octets that are kept of one */

struct factor_state {
    bool enabled, offered, available;
    int64_t recovery_codes;
};
struct factor_offer {
    struct text secret, uri;
};
struct recovery_codes {
    struct texts codes;
};
extern const struct shape factor_state_shape, factor_offer_shape, recovery_codes_shape;

/* Who sits at the browser is the account's owner: by the password, by a code of the second factor, or by both. */
struct own_password {
    struct text password;
};
struct own_code {
    struct text otp;
};
struct own_proof {
    struct text password, otp;
};
extern const struct shape own_password_shape, own_code_shape, own_proof_shape;

struct app_password_new {
    struct text password, description;
};
struct app_password {
    int64_t id;
    struct text address, description, app_password;
    struct moment created, last_used;
    struct text last_source;
    /* not for the edges */
    struct text hash, selector;
};
extern const struct shape app_password_new_shape, app_password_shape;
/* Which of an account's passwords of programs Dovecot is to compare with: the first eight bits of SHA-256, in two
 * hexadecimal digits (sql/migrations/0007). Dovecot works it out by itself: %{sha256;truncate=8:password}. */
struct text app_password_selector(struct task *t, struct text clear);

struct own_session {
    int64_t id;
    struct text source, user_agent;
    struct moment created, seen;
    bool current;
};
struct log_in {
    struct moment at;
    struct text protocol, source, user_agent, program;
    bool success;
    int64_t app_password; /* not for the edges: the number of the one it came by; 0: by none */
};
extern const struct shape own_session_shape, log_in_shape;

/* How a log-in at a mail daemon ended, as Dovecot tells it. */
#define PROTOCOL_MAX 32
struct log_in_report {
    struct text login, remote, protocol, app_password, fail_type;
    bool success, policy_reject, tls;
};
extern const struct shape log_in_report_shape;
/* What a client calls itself, cut to what is kept; empty where that is no text. */
struct text user_agent_kept(struct task *t, struct text given);

struct recovery_change {
    struct text password, recovery_address;
};
extern const struct shape recovery_change_shape;

#endif
