/* server/model/relay.c */
#include "model/relay.h"

#include "model/address.h"
#include "model/problem.h"
#include "model/routing.h"
#include "model/vault.h"

#include <string.h>

const char *const relay_tls_words[] = {
    [RELAY_TLS_NONE] = "none", [RELAY_TLS_STARTTLS] = "starttls", [RELAY_TLS_WRAPPED] = "wrapped", NULL,
};

static const int64_t usual_ports[] = {
    [RELAY_TLS_NONE] = 25, [RELAY_TLS_STARTTLS] = 587, [RELAY_TLS_WRAPPED] = 465,
};

/* A name that can stand in a path, a log and a file's comment. */
enum outcome relay_name_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    struct text name = task_lower(t, given);

    for (size_t i = 0; i < name.length; i++)
        if (!name.at[i] || !strchr(fit, name.at[i]))
            return task_problem(t, field, &problem_bad_character);
    *out = name;
    return DONE;
}

static enum outcome scope_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    if (text_find(given, '@') != TEXT_NOT_FOUND)
        return alias_address_canon(t, field, given, out);
    return destination_pattern_canon(t, field, given, out);
}

/* Postfix splits "name:password" at the first colon, and its maps hold no blanks. */
static enum outcome username_fits(struct task *t, const char *field, struct text given, struct text *out)
{
    if (text_find(given, ':') != TEXT_NOT_FOUND || text_find(given, ' ') != TEXT_NOT_FOUND)
        return task_problem(t, field, &problem_bad_character);
    *out = given;
    return DONE;
}

static const struct field fields[] = {
    FIELD(struct relay, name, .flags = KEY | REQUIRED | NO_BLANK, .max = 64, .canon = relay_name_canon,
          .doc = "What it is called: letters, digits, dot, - and _."),
    FIELD(struct relay, scope, .flags = REQUIRED | NO_BLANK, .max = 254, .canon = scope_canon, .shown = pattern_shown,
          .doc = "Which mail it takes: of a sender (user@domain, @domain), for a destination (domain, .domain for what is"
                 " below one), or * for all the rest."),
    FIELD(struct relay, host, .flags = REQUIRED | NO_BLANK, .max = 255, .canon = host_canon, .shown = domain_shown,
          .doc = "The server's name, or its address."),
    FIELD(struct relay, port, .min = 1, .max = 65535,
          .doc = "Its port; when not given 587, for wrapped TLS 465, without TLS 25."),
    FIELD(struct relay, tls, .max = 16, .words = relay_tls_words,
          .doc = "How the line is secured: by STARTTLS (the usual), wrapped in TLS from the start, or not at all."),
    FIELD(struct relay, verify_certificate, .on = true,
          .doc = "Whether its certificate must be valid and its own. Off only within a network that is yours."),
    FIELD(struct relay, username, .max = 255, .canon = username_fits, .doc = "The log-in; empty when it asks for none."),
    FIELD(struct relay, password, .flags = SECRET, .max = VAULT_CLEAR_MAX, .doc = "Kept encrypted, and never shown."),
    FIELD(struct relay, has_password, .flags = READ_ONLY, .doc = "Whether a password is kept."),
    FIELD(struct relay, description, .max = 255, .doc = "For people only."),
    FIELD(struct relay, active, .on = true, .doc = "Off: mail does not go there."),
    FIELD(struct relay, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct relay, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape relay_shape = SHAPE(struct relay, "Relay", fields);

void relay_defaults(struct relay *r)
{
    if (!r->tls.length)
        r->tls = text_of(relay_tls_words[RELAY_TLS_STARTTLS]);
    for (size_t i = 0; !r->port && relay_tls_words[i]; i++)
        if (text_equal(r->tls, text_of(relay_tls_words[i])))
            r->port = usual_ports[i];
}

enum outcome relay_admit(struct task *t, const struct relay *r, bool has_password)
{
    if (r->username.length && !has_password)
        return task_problem(t, "password", &problem_required);
    if (!r->username.length && has_password)
        return task_problem(t, "username", &problem_required);
    return DONE;
}

struct text relay_context(struct task *t, struct text name)
{
    return task_join(t, TEXT("relay/"), name);
}

static const char *const step_words[] = { "resolve", "connect", "tls", "ehlo", "auth", "quit", NULL };
static const char *const state_words[] = { "skipped", "ok", "failed", NULL };

static const struct field step_fields[] = {
    FIELD(struct relay_step, step, .flags = READ_ONLY | KEY, .words = step_words, .doc = "What was tried."),
    FIELD(struct relay_step, state, .flags = READ_ONLY, .words = state_words, .doc = "How it went."),
    FIELD(struct relay_step, words, .flags = READ_ONLY, .doc = "What the server said, or what went wrong."),
};
const struct shape relay_step_shape = SHAPE(struct relay_step, "RelayStep", step_fields);

static const struct field trial_fields[] = {
    COLUMN(struct relay_trial, host), COLUMN(struct relay_trial, works), COLUMN(struct relay_trial, steps),
};
const struct shape relay_trial_shape = SHAPE(struct relay_trial, "RelayTrial", trial_fields);
