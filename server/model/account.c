/* server/model/account.c */
#include "model/account.h"

#include "model/address.h"
#include "model/network.h"
#include "model/password.h"
#include "model/problem.h"
#include "model/scope.h"

#include <string.h>

const char *const role_words[] = { "nobody", "user", "domain_admin", "super_admin", NULL };

enum outcome username_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    struct text plain;

    if (text_find(given, '@') != TEXT_NOT_FOUND)
        return address_canon(t, field, given, out);
    if (given.length > LOCAL_PART_MAX)
        return task_problem_figure(t, field, &problem_too_long, "max", LOCAL_PART_MAX);
    plain = task_lower(t, given);
    for (size_t i = 0; i < plain.length; i++)
        if (!plain.at[i] || !strchr(fit, plain.at[i]))
            return task_problem(t, field, &problem_bad_username);
    *out = plain;
    return given.length ? DONE : task_problem(t, field, &problem_required);
}

static const struct field admin_fields[] = {
    FIELD(struct admin, username, .flags = KEY | REQUIRED | NO_BLANK, .max = ADDRESS_MAX, .canon = username_canon,
          .shown = address_shown, .doc = "The login name: an address, or a plain name."),
    FIELD(struct admin, password, .flags = SECRET, .min = 1, .max = PASSWORD_MAX, .doc = "The password."),
    FIELD(struct admin, generate_password, .flags = INPUT_ONLY,
          .doc = "Whether the service makes the password; the answer shows it this once."),
    FIELD(struct admin, generated_password, .flags = READ_ONLY | ONCE, .doc = "The password that was made."),
    FIELD(struct admin, super_admin, .doc = "Whether every domain is theirs, and the server's settings."),
    FIELD(struct admin, domains, .max = 10000, .entry_max = 253, .canon = domain_canon, .shown = domain_shown,
          .option = "domain", .doc = "The domains delegated to them."),
    FIELD(struct admin, active, .on = true, .doc = "Off: log-in denied."),
    FIELD(struct admin, second_factor, .flags = READ_ONLY, .doc = "Whether logging in takes a code besides the password."),
    FIELD(struct admin, recovery_address, .max = ADDRESS_MAX, .canon = address_or_none_canon, .shown = address_shown,
          .doc = "An address for when the password is forgotten; empty is none."),
    FIELD(struct admin, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct admin, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape admin_shape = SHAPE(struct admin, "Admin", admin_fields);

static const struct field credentials_fields[] = {
    FIELD(struct credentials, username, .flags = REQUIRED, .min = 1, .max = 320, .doc = "Address of admin or mailbox."),
    FIELD(struct credentials, password, .flags = REQUIRED | SECRET, .min = 1, .max = PASSWORD_MAX,
          .doc = "The password."),
    FIELD(struct credentials, otp, .flags = SECRET, .max = 16,
          .doc = "One-time password, where the account has a second factor."),
};
const struct shape credentials_shape = SHAPE(struct credentials, "Credentials", credentials_fields);

static const struct field session_fields[] = {
    FIELD(struct session, username, .flags = READ_ONLY, .shown = address_shown, .doc = "Who is logged in."),
    FIELD(struct session, role, .flags = READ_ONLY, .words = role_words, .doc = "What they are here."),
    FIELD(struct session, domains, .flags = READ_ONLY, .shown = domain_shown,
          .doc = "Domains delegated to them; empty for a super admin, who has them all."),
    FIELD(struct session, csrf_token, .flags = READ_ONLY, .doc = "To be sent as X-CSRF-Token with every change; empty for an API token."),
    FIELD(struct session, language, .flags = READ_ONLY, .doc = "The language the browser asked for: en or ja."),
    FIELD(struct session, password_expired, .flags = READ_ONLY,
          .doc = "Whether the password is too old: nothing else can be done then before a new one is set."),
};
const struct shape session_shape = SHAPE(struct session, "Session", session_fields);

static const struct field me_fields[] = {
    FIELD(struct me, username, .flags = READ_ONLY, .shown = address_shown, .doc = "The login name."),
    FIELD(struct me, role, .flags = READ_ONLY, .words = role_words, .doc = "What they are here."),
    FIELD(struct me, display_name, .flags = READ_ONLY, .doc = "The person's name."),
    FIELD(struct me, domains, .flags = READ_ONLY, .shown = domain_shown, .doc = "Domains delegated to them."),
    FIELD(struct me, quota_bytes, .flags = READ_ONLY | BYTES, .doc = "Storage limit; null is no limit."),
    FIELD(struct me, usage_bytes, .flags = READ_ONLY | BYTES, .doc = "Storage in use."),
    FIELD(struct me, usage_messages, .flags = READ_ONLY, .doc = "Letters stored."),
    FIELD(struct me, password_expires, .flags = READ_ONLY, .doc = "When the password gets too old; null is never."),
    FIELD(struct me, recovery_address, .flags = READ_ONLY, .shown = address_shown,
          .doc = "The address for when the password is forgotten; empty is none."),
    FIELD(struct me, language, .flags = READ_ONLY, .doc = "The language the browser asked for."),
};
const struct shape me_shape = SHAPE(struct me, "Me", me_fields);

static const struct field password_change_fields[] = {
    FIELD(struct password_change, current, .flags = SECRET | REQUIRED, .min = 1, .max = PASSWORD_MAX,
          .doc = "The password in use now."),
    { .name = "new", .kind = KIND_OF(((struct password_change *)0)->wanted),
      .offset = offsetof(struct password_change, wanted), .flags = SECRET | REQUIRED, .min = 1, .max = PASSWORD_MAX,
      .doc = "The password from now on." },
};
const struct shape password_change_shape = SHAPE(struct password_change, "PasswordChange", password_change_fields);

static const struct field record_fields[] = {
    FIELD(struct record, id, .flags = READ_ONLY | KEY, .doc = "Counts up."),
    FIELD(struct record, at, .flags = READ_ONLY, .doc = "When."),
    FIELD(struct record, actor, .flags = READ_ONLY, .doc = "Who."),
    FIELD(struct record, source, .flags = READ_ONLY, .doc = "From where."),
    FIELD(struct record, via, .flags = READ_ONLY, .doc = "By what: browser, token or cli."),
    FIELD(struct record, verb, .flags = READ_ONLY, .doc = "Did what."),
    FIELD(struct record, target, .flags = READ_ONLY, .doc = "To what."),
    FIELD(struct record, domain, .flags = READ_ONLY, .doc = "In which domain."),
    FIELD(struct record, before, .flags = READ_ONLY | NULLABLE, .doc = "What it was, as JSON text."),
    FIELD(struct record, after, .flags = READ_ONLY | NULLABLE, .doc = "What it became, as JSON text."),
    FIELD(struct record, undoes, .flags = READ_ONLY, .doc = "The record that this one undid; 0: none."),
    FIELD(struct record, undone_by, .flags = READ_ONLY, .doc = "The record that undid this one; 0: none."),
    FIELD(struct record, undoable, .flags = READ_ONLY, .doc = "Whether the state before it is still kept, so that it can be undone."),
    FIELD(struct record, note, .flags = READ_ONLY | NULLABLE,
          .doc = "letters_untouched: the letters on disk are as they were; only a hook moves or removes them."),
};
const struct shape record_shape = SHAPE(struct record, "LogRecord", record_fields);

static const struct field event_fields[] = {
    FIELD(struct record, id, .doc = "The log's record."),      FIELD(struct record, verb, .doc = "What was done."),
    FIELD(struct record, actor, .doc = "By whom."),            FIELD(struct record, target, .doc = "To what."),
    FIELD(struct record, domain, .doc = "In which domain."),   FIELD(struct record, at, .doc = "When."),
    FIELD(struct record, before, .doc = "As JSON text."),      FIELD(struct record, after, .doc = "As JSON text."),
};
const struct shape event_shape = SHAPE(struct record, "Event", event_fields);

static const char *const finding_words[] = { "none", "changed", "removed", "reordered", "unknown_key", NULL };
static const struct field verification_fields[] = {
    FIELD(struct verification, sound, .flags = READ_ONLY, .doc = "Whether every record is as it was written."),
    FIELD(struct verification, records, .flags = READ_ONLY, .doc = "Records that were checked."),
    FIELD(struct verification, foreign, .flags = READ_ONLY,
          .doc = "Records outside the chains: Postfix Admin's own, or older ones. Nothing vouches for them."),
    FIELD(struct verification, keyless, .flags = READ_ONLY,
          .doc = "Records that were chained without a key: who can write to the database could have forged them."),
    FIELD(struct verification, finding, .flags = READ_ONLY, .words = finding_words,
          .doc = "What is wrong with the first record that is wrong."),
    FIELD(struct verification, first, .flags = READ_ONLY, .doc = "The number of that record; 0: none."),
};
const struct shape verification_shape = SHAPE(struct verification, "LogVerification", verification_fields);

static const struct field token_fields[] = {
    FIELD(struct token, id, .flags = READ_ONLY | KEY, .doc = "Its number."),
    FIELD(struct token, name, .flags = REQUIRED | NO_BLANK, .max = 128, .doc = "What it is for."),
    FIELD(struct token, scopes, .flags = REQUIRED, .min = 1, .max = 64, .entry_max = SCOPE_MAX, .canon = scope_canon,
          .option = "scope", .doc = "What it may do: *, read, NOUN.*, NOUN.read, or a verb such as mailbox.create."),
    FIELD(struct token, domains, .max = 1000, .entry_max = 253, .canon = domain_canon, .shown = domain_shown,
          .option = "domain", .doc = "The domains it is for; none: all of its owner's."),
    FIELD(struct token, allowed_networks, .max = 64, .entry_max = NETWORK_MAX, .canon = network_canon, .option = "network",
          .doc = "The networks it may be used from; none: any."),
    FIELD(struct token, expires, .doc = "When it ends; null: never."),
    FIELD(struct token, username, .max = ADDRESS_MAX, .canon = username_canon, .shown = address_shown,
          .doc = "Whose it is: one's own account. The command line, which has none, says whose."),
    FIELD(struct token, created, .flags = READ_ONLY, .doc = "When it was made."),
    FIELD(struct token, last_used, .flags = READ_ONLY, .doc = "When it was last used, to the minute; null: never."),
    FIELD(struct token, last_source, .flags = READ_ONLY, .doc = "From where it was last used."),
    FIELD(struct token, secret, .flags = READ_ONLY | ONCE, .doc = "The token itself; shown once, when it is made."),
};
const struct shape token_shape = SHAPE(struct token, "Token", token_fields);

static const struct field reset_request_fields[] = {
    FIELD(struct reset_request, username, .flags = REQUIRED, .min = 1, .max = 320, .doc = "Address of the account."),
};
const struct shape reset_request_shape = SHAPE(struct reset_request, "PasswordResetRequest", reset_request_fields);

static const struct field reset_use_fields[] = {
    FIELD(struct reset_use, token, .flags = SECRET | REQUIRED, .min = 1, .max = 128, .doc = "What stood in the letter's link behind the #."),
    { .name = "new", .kind = KIND_OF(((struct reset_use *)0)->wanted), .offset = offsetof(struct reset_use, wanted),
      .flags = SECRET | REQUIRED, .min = 1, .max = PASSWORD_MAX, .doc = "The password from now on." },
};
const struct shape reset_use_shape = SHAPE(struct reset_use, "PasswordResetUse", reset_use_fields);
