/* server/model/own_account.c */
#include "model/own_account.h"

#include "model/address.h"
#include "model/network.h"
#include "model/password.h"
#include "model/problem.h"
#include "model/secret.h"
#include "model/totp.h"

#include <string.h>

static const struct field factor_state_fields[] = {
    FIELD(struct factor_state, enabled, .flags = READ_ONLY, .doc = "Whether logging in takes a code besides the password."),
    FIELD(struct factor_state, offered, .flags = READ_ONLY, .doc = "Whether a secret was made and waits for its first code."),
    FIELD(struct factor_state, available, .flags = READ_ONLY, .doc = "Whether this server can keep such a secret."),
    FIELD(struct factor_state, recovery_codes, .flags = READ_ONLY, .doc = "Recovery codes that are left."),
};
const struct shape factor_state_shape = SHAPE(struct factor_state, "SecondFactor", factor_state_fields);

static const struct field factor_offer_fields[] = {
    FIELD(struct factor_offer, secret, .flags = READ_ONLY | ONCE, .doc = "For the authenticator application, in base32."),
    FIELD(struct factor_offer, uri, .flags = READ_ONLY | ONCE, .doc = "The same as otpauth URI, for a QR code."),
};
const struct shape factor_offer_shape = SHAPE(struct factor_offer, "SecondFactorOffer", factor_offer_fields);

static const struct field recovery_codes_fields[] = {
    FIELD(struct recovery_codes, codes, .flags = READ_ONLY | ONCE, .max = RECOVERY_CODES, .entry_max = OTP_MAX,
          .doc = "Codes for when the second factor is lost; each opens once. Those of before are void."),
};
const struct shape recovery_codes_shape = SHAPE(struct recovery_codes, "RecoveryCodes", recovery_codes_fields);

#define OWN_PASSWORD .flags = SECRET | REQUIRED, .min = 1, .max = PASSWORD_MAX, .doc = "The account's own password."
#define OWN_CODE                                             \
    .flags = SECRET | REQUIRED, .min = 1, .max = OTP_MAX,    \
    .doc = "A code of the second factor."

static const struct field own_password_fields[] = { FIELD(struct own_password, password, OWN_PASSWORD) };
const struct shape own_password_shape = SHAPE(struct own_password, "OwnPassword", own_password_fields);

static const struct field own_code_fields[] = { FIELD(struct own_code, otp, OWN_CODE) };
const struct shape own_code_shape = SHAPE(struct own_code, "OwnCode", own_code_fields);

static const struct field own_proof_fields[] = {
    FIELD(struct own_proof, password, OWN_PASSWORD),
    FIELD(struct own_proof, otp, .flags = SECRET | REQUIRED, .min = 1, .max = OTP_MAX,
          .doc = "A code of the second factor, or a recovery code."),
};
const struct shape own_proof_shape = SHAPE(struct own_proof, "OwnProof", own_proof_fields);

#define DESCRIPTION .max = 128, .doc = "Which program or device it is for."

static const struct field app_password_new_fields[] = {
    FIELD(struct app_password_new, password, OWN_PASSWORD),
    FIELD(struct app_password_new, description, .flags = REQUIRED | NO_BLANK, DESCRIPTION),
};
const struct shape app_password_new_shape = SHAPE(struct app_password_new, "AppPasswordNew", app_password_new_fields);

static const struct field app_password_fields[] = {
    FIELD(struct app_password, id, .flags = KEY | READ_ONLY, .doc = "Its number."),
    FIELD(struct app_password, address, .shown = address_shown, .doc = "The mailbox it opens."),
    FIELD(struct app_password, description, DESCRIPTION),
    FIELD(struct app_password, app_password, .flags = READ_ONLY | ONCE,
          .doc = "The password itself, for reading and sending mail, and for nothing else."),
    FIELD(struct app_password, created, .flags = READ_ONLY, .doc = "When it was made; null for those of Postfix Admin."),
    FIELD(struct app_password, last_used, .flags = READ_ONLY,
          .doc = "When it was last used, within five minutes; null is not known: never, or nobody reports it to the service."),
    FIELD(struct app_password, last_source, .flags = READ_ONLY, .doc = "From where that was."),
};
const struct shape app_password_shape = SHAPE(struct app_password, "AppPassword", app_password_fields);

struct text app_password_selector(struct task *t, struct text clear)
{
    return text_part(secret_digest(t, clear), 0, 2);
}

static const struct field own_session_fields[] = {
    FIELD(struct own_session, id, .flags = KEY | READ_ONLY, .doc = "Its number."),
    FIELD(struct own_session, source, .flags = READ_ONLY, .doc = "From where it was begun."),
    FIELD(struct own_session, user_agent, .flags = READ_ONLY, .doc = "What the browser called itself."),
    FIELD(struct own_session, created, .flags = READ_ONLY, .doc = "When it was begun."),
    FIELD(struct own_session, seen, .flags = READ_ONLY, .doc = "When it was last used, within a minute."),
    FIELD(struct own_session, current, .flags = READ_ONLY, .doc = "Whether it is the one that asks."),
};
const struct shape own_session_shape = SHAPE(struct own_session, "OwnSession", own_session_fields);

static const struct field log_in_fields[] = {
    FIELD(struct log_in, at, .flags = READ_ONLY, .doc = "When; at a mail daemon within five minutes."),
    FIELD(struct log_in, protocol, .flags = READ_ONLY,
          .doc = "How: web is this interface, imap, pop3, smtp and the like a mail program's way."),
    FIELD(struct log_in, source, .flags = READ_ONLY, .doc = "From where."),
    FIELD(struct log_in, user_agent, .flags = READ_ONLY, .doc = "What the browser called itself."),
    FIELD(struct log_in, program, .flags = READ_ONLY,
          .doc = "The description of the program's password it came in by; empty: it was none, or it is gone."),
    FIELD(struct log_in, success, .flags = READ_ONLY, .doc = "Whether it was let in."),
};
const struct shape log_in_shape = SHAPE(struct log_in, "LogIn", log_in_fields);

/* Empty, or an address in its shortest form. */
static enum outcome remote_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    struct in6_addr ip;

    *out = given;
    if (!given.length)
        return DONE;
    if (!ip_parse(given, &ip))
        return task_problem(t, field, &problem_bad_network);
    *out = ip_text(t, &ip);
    return DONE;
}

static enum outcome protocol_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    *out = task_lower(t, given);
    for (size_t i = 0; i < out->length; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", out->at[i]))
            return task_problem(t, field, &problem_bad_character);
    return DONE;
}

static enum outcome app_password_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    int64_t number = 0;

    *out = given;
    return !given.length || (text_to_int64(given, &number) && number > 0) ? DONE
                                                                          : task_problem(t, field, &problem_bad_number);
}

/* The members are what Dovecot 2.3 and 2.4 send to their policy server; their names are partly ours to choose
 * (lookup/render_report.c), partly not. */
static const struct field log_in_report_fields[] = {
    FIELD(struct log_in_report, login, .flags = REQUIRED, .max = 1024, .doc = "Who logged in, or tried to."),
    FIELD(struct log_in_report, remote, .max = 64, .canon = remote_canon, .doc = "From which address."),
    FIELD(struct log_in_report, protocol, .flags = REQUIRED | NO_BLANK, .max = PROTOCOL_MAX, .canon = protocol_canon,
          .doc = "imap, pop3, smtp, sieve and the like."),
    FIELD(struct log_in_report, app_password, .max = 20, .canon = app_password_canon,
          .doc = "The number of the program's password it was; empty: the main one."),
    FIELD(struct log_in_report, success, .flags = REQUIRED, .doc = "Whether it was let in."),
    FIELD(struct log_in_report, policy_reject, .flags = INPUT_ONLY, .doc = "Dovecot says it; not kept."),
    FIELD(struct log_in_report, tls, .flags = INPUT_ONLY, .doc = "Dovecot says it; not kept."),
    FIELD(struct log_in_report, fail_type, .flags = INPUT_ONLY, .max = 64, .doc = "Dovecot says it; not kept."),
};
const struct shape log_in_report_shape = SHAPE(struct log_in_report, "LogInReport", log_in_report_fields);

struct text user_agent_kept(struct task *t, struct text given)
{
    struct text kept = task_copy(t, given.at ? text_part(given, 0, USER_AGENT_MAX) : TEXT(""));

    while (kept.length && !text_is_utf8(kept) && given.length > USER_AGENT_MAX && kept.length + 4 > USER_AGENT_MAX)
        kept.length--; /* the cut went through a character */
    return text_is_utf8(kept) ? kept : TEXT("");
}

static const struct field recovery_change_fields[] = {
    FIELD(struct recovery_change, password, OWN_PASSWORD),
    FIELD(struct recovery_change, recovery_address, .flags = REQUIRED, .max = ADDRESS_MAX, .canon = address_or_none_canon,
          .shown = address_shown, .doc = "An address elsewhere, for when the password is forgotten; empty is none."),
};
const struct shape recovery_change_shape = SHAPE(struct recovery_change, "RecoveryChange", recovery_change_fields);
