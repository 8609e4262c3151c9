/* server/config/config.c */
#include "config/config.h"

#include "base/log.h"
#include "model/address.h"
#include "model/mailbox.h"
#include "model/password.h"
#include "model/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS_MAX 86400
#define COMMON_LIST_PATH "/usr/share/postreeve/common-passwords.txt"
#define COMMON_LIST_MAX ((size_t)64 << 20) /* octets */
#define OTHERS 0007 /* the mode bits of everybody else */

static enum outcome hook_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    *out = given;
    return given.length && given.at[0] != '/' ? task_problem(t, field, &problem_no_absolute_path) : DONE;
}

static const struct field server_fields[] = {
    FIELD(struct server_settings, listen, .max = 128, .doc = "Address and port to listen on."),
    FIELD(struct server_settings, web_root, .max = 4096, .doc = "Directory of the built web interface."),
    FIELD(struct server_settings, tls_certificate, .max = 4096, .doc = "PEM file; with tls_key, speak TLS."),
    FIELD(struct server_settings, tls_key, .max = 4096, .doc = "PEM file of the certificate's key."),
    FIELD(struct server_settings, trusted_proxies, .max = 64, .entry_max = 64,
          .doc = "Addresses of proxies whose X-Forwarded-For and -Proto count, comma-separated."),
    FIELD(struct server_settings, workers, .min = 1, .max = 256, .doc = "Verbs that run at the same time."),
    FIELD(struct server_settings, queue, .min = 1, .max = 100000, .doc = "Requests that may wait for a worker."),
    FIELD(struct server_settings, body_bytes, .min = 1024, .max = 1 << 30, .doc = "Largest request body."),
    FIELD(struct server_settings, public_url, .max = 255,
          .doc = "Where people find the web interface, as https://mail.example.jp: what links in letters begin with."),
    FIELD(struct server_settings, idempotency_seconds, .min = 60, .max = 30 * SECONDS_MAX,
          .doc = "How long the answer to a POST with an Idempotency-Key is kept."),
};
static const struct shape server_shape = SHAPE(struct server_settings, "server", server_fields);

static const struct field database_fields[] = {
    FIELD(struct database_settings, host, .max = ENDPOINTS_MAX, .entry_max = 255,
          .doc = "HOST, HOST:PORT or [IPv6]:PORT; empty or localhost means the socket. Several servers of one cluster have"
                 " commas between them: the one that answered last is used, and the next when it fails."),
    FIELD(struct database_settings, socket, .max = 107, .doc = "Path of the server's unix socket."),
    FIELD(struct database_settings, name, .max = 64, .doc = "Name of the database."),
    FIELD(struct database_settings, user, .max = 80, .doc = "Account."),
    FIELD(struct database_settings, password, .flags = SECRET, .max = 255, .doc = "Its password."),
    FIELD(struct database_settings, option_file, .max = 4096,
          .doc = "my.cnf-style file that the client library reads, group [client]; may hold account and password."),
    FIELD(struct database_settings, port, .max = 65535, .doc = "TCP port of those in host that name none."),
    FIELD(struct database_settings, pool, .min = 1, .max = 1000, .doc = "Connections at most."),
    FIELD(struct database_settings, connect_seconds, .min = 1, .max = SECONDS_MAX,
          .doc = "Time-out to connect, for all servers together."),
    FIELD(struct database_settings, read_seconds, .min = 1, .max = SECONDS_MAX, .doc = "Time-out to read."),
    FIELD(struct database_settings, write_seconds, .min = 1, .max = SECONDS_MAX, .doc = "Time-out to write."),
};
static const struct shape database_shape = SHAPE(struct database_settings, "database", database_fields);

static const struct field password_fields[] = {
    FIELD(struct password_settings, scheme, .words = scheme_words, .doc = "How new passwords are stored."),
    FIELD(struct password_settings, min_length, .min = 1, .max = 64, .doc = "Fewest characters of a new password."),
    FIELD(struct password_settings, min_classes, .min = 1, .max = PASSWORD_CLASSES,
          .doc = "How many kinds of characters a new password needs, of small letters, capital letters, digits and others."),
    FIELD(struct password_settings, common_list, .max = 4096,
          .doc = "File of passwords that are refused because everybody tries them first, one to a line, compared without case "
                 "and without digits and signs behind; lines that begin with # and a blank do not count. none: no list."),
    FIELD(struct password_settings, generated_length, .min = PASSWORD_GENERATED_MIN, .max = 64,
          .doc = "Characters of a generated password; at least min_length."),
    FIELD(struct password_settings, reset,
          .doc = "yes: who forgot a password gets a link to a new one by a letter to the recovery address. Needs [server] "
                 "public_url and [secrets] key_file."),
    FIELD(struct password_settings, reset_admins, .doc = "yes: admins, too."),
    FIELD(struct password_settings, reset_minutes, .min = 5, .max = 1440, .doc = "How long such a link is good for."),
    FIELD(struct password_settings, upgrade_on_login,
          .doc = "yes: a password that is stored by another scheme is stored by this one when its owner next logs in."),
    FIELD(struct password_settings, second_factor_needs_app_password,
          .doc = "yes: who has a second factor reads and sends mail with passwords of programs alone, since no mail program "
                 "asks for a code. postreeve-lookup render has to be run again after a change."),
};
static const struct shape password_shape = SHAPE(struct password_settings, "password", password_fields);

static const struct field quota_fields[] = {
    FIELD(struct quota_settings, multiplier, .min = 1, .max = INT64_C(1) << 40,
          .doc = "Octets of one unit in domain.maxquota and domain.quota, as Postfix Admin has it."),
};
static const struct shape quota_shape = SHAPE(struct quota_settings, "quota", quota_fields);

static const struct field domain_fields[] = {
    FIELD(struct domain_settings, default_aliases, .max = 64, .entry_max = 400, .canon = default_alias_canon,
          .doc = "Aliases that a new domain begins with, unless its maker says otherwise: LOCAL-PART:TARGET, with commas between"
                 " them. A target without a domain is in the new one. Several of one local part are one alias."),
    FIELD(struct domain_settings, default_aliases_protected,
          .doc = "no: domain admins, too, may change and delete aliases of those local parts; else only super admins."),
};
static const struct shape domain_settings_shape = SHAPE(struct domain_settings, "domain", domain_fields);

static const struct field mail_fields[] = {
    FIELD(struct mail_settings, virtual_mailbox_base, .max = 4096, .doc = "Where mailboxes lie."),
    FIELD(struct mail_settings, maildir_layout, .words = maildir_layout_words, .doc = "How a mailbox's directory is named."),
    FIELD(struct mail_settings, vacation_domain, .max = 253, .doc = "Domain of the vacation transport."),
    FIELD(struct mail_settings, recipient_delimiter, .max = 4, .doc = "Postfix's recipient_delimiter."),
    FIELD(struct mail_settings, virtual_mailbox_limit, .min = 0, .max = INT64_C(1) << 53,
          .doc = "Largest mailbox that virtual(8) writes, in octets; vquota is capped at it."),
    FIELD(struct mail_settings, uid, .min = 1, .max = INT32_MAX, .doc = "Owner of all mailboxes."),
    FIELD(struct mail_settings, gid, .min = 1, .max = INT32_MAX, .doc = "Group of all mailboxes."),
};
static const struct shape mail_shape = SHAPE(struct mail_settings, "mail", mail_fields);

static const struct field session_fields[] = {
    FIELD(struct session_settings, idle_seconds, .min = 60, .max = 30 * SECONDS_MAX,
          .doc = "A session unused so long has ended."),
    FIELD(struct session_settings, absolute_seconds, .min = 60, .max = 365 * SECONDS_MAX,
          .doc = "Any session ends after this."),
};
static const struct shape session_shape = SHAPE(struct session_settings, "session", session_fields);

static const struct field throttle_fields[] = {
    FIELD(struct throttle_settings, account_failures, .min = 1, .max = 1000000,
          .doc = "Failed log-ins of one account within the window."),
    FIELD(struct throttle_settings, host_failures, .min = 1, .max = 1000000,
          .doc = "... from one address (IPv6: /128)."),
    FIELD(struct throttle_settings, network_failures, .min = 1, .max = 1000000,
          .doc = "... from one network (/24, IPv6: /64)."),
    FIELD(struct throttle_settings, wide_network_failures, .min = 1, .max = 1000000,
          .doc = "... from one wide network (/16, IPv6: /48)."),
    FIELD(struct throttle_settings, window_seconds, .min = 1, .max = SECONDS_MAX, .doc = "How long failures count."),
};
static const struct shape throttle_shape = SHAPE(struct throttle_settings, "throttle", throttle_fields);

static const struct field secrets_fields[] = {
    FIELD(struct secrets_settings, key_file, .max = 4096,
          .doc = "File of 64 hexadecimal digits, the key under which passwords of relays and seeds of second factors are "
                 "stored; closed to others. Without it nothing of the kind can be stored."),
};
static const struct shape secrets_shape = SHAPE(struct secrets_settings, "secrets", secrets_fields);

static const char *const deliver_words[] = { "smtp", "lmtp", NULL };

static const struct field fetchmail_fields[] = {
    FIELD(struct fetchmail_settings, program, .max = 4096, .doc = "fetchmail(1) itself."),
    FIELD(struct fetchmail_settings, directory, .max = 4096,
          .doc = "Where it remembers which letters it has seen; belongs to who runs `postreeve fetchmail`, closed to others."),
    FIELD(struct fetchmail_settings, deliver, .max = 4, .words = deliver_words,
          .doc = "How fetched letters come into this mail system."),
    FIELD(struct fetchmail_settings, host, .max = 255,
          .doc = "The mail system's name or address; with lmtp also the path of its socket."),
    FIELD(struct fetchmail_settings, port, .min = 1, .max = 65535, .doc = "Its port."),
    FIELD(struct fetchmail_settings, seconds, .min = 10, .max = 86400, .doc = "How long one job may take."),
};
static const struct shape fetchmail_shape = SHAPE(struct fetchmail_settings, "fetchmail", fetchmail_fields);
static const struct field undo_fields[] = {
    FIELD(struct undo_settings, keep_days, .min = 1, .max = 36500,
          .doc = "How long the state before a change is kept, so that it can be undone."),
};
static const struct shape undo_shape = SHAPE(struct undo_settings, "undo", undo_fields);

#define HOOK(event, words) FIELD(struct hooks_settings, event, .max = 4096, .canon = hook_canon, .doc = words)
static const struct field hooks_fields[] = {
    HOOK(mailbox_created, "Program after a mailbox was made: ADDRESS DOMAIN MAILDIR QUOTA, in octets, 0 for no limit. All "
                          "programs run as the service's account, by no shell; 0 is success, 64, 65, 77, 78, 126 and 127 "
                          "are failures for good, after anything else it is tried again."),
    HOOK(mailbox_changed, "... was changed: ADDRESS DOMAIN MAILDIR QUOTA."),
    HOOK(mailbox_deleted, "... was deleted: ADDRESS DOMAIN."),
    HOOK(mailbox_password, "... got a password: ADDRESS DOMAIN, and on standard input the old one, NUL, the new one, NUL. "
                           "The old one is empty unless its owner gave it. Needs secrets.key_file."),
    HOOK(mailbox_app_password, "... got a password for a program: ADDRESS DESCRIPTION, and on standard input that password, NUL. "
                               "Needs secrets.key_file."),
    HOOK(domain_created, "Program after a domain was made: DOMAIN."),
    HOOK(domain_changed, "... was changed: DOMAIN."),
    HOOK(domain_deleted, "... was deleted, with all that was in it: DOMAIN."),
    HOOK(alias_created, "Program after an alias was made: ADDRESS DOMAIN."),
    HOOK(alias_changed, "... was changed: ADDRESS DOMAIN."),
    HOOK(alias_deleted, "... was deleted: ADDRESS DOMAIN."),
    HOOK(alias_domain_created, "Program after an alias domain was made: DOMAIN TARGET."),
    HOOK(alias_domain_changed, "... was changed: DOMAIN TARGET."),
    HOOK(alias_domain_deleted, "... was deleted: DOMAIN TARGET."),
    HOOK(admin_created, "Program after an admin was made: NAME."),
    HOOK(admin_changed, "... was changed: NAME."),
    HOOK(admin_deleted, "... was deleted: NAME."),
    HOOK(admin_password, "... got a password: NAME, and standard input as with mailbox_password. Needs secrets.key_file."),
    FIELD(struct hooks_settings, timeout_seconds, .min = 1, .max = 3600,
          .doc = "A program that has not ended by then is ended, and tried again later."),
};
static const struct shape hooks_shape = SHAPE(struct hooks_settings, "hooks", hooks_fields);

static const struct field errands_fields[] = {
    FIELD(struct errands_settings, attempts, .min = 1, .max = 100,
          .doc = "How often a program, webhook or letter that does not succeed is tried before it counts as failed."),
    FIELD(struct errands_settings, first_pause_seconds, .max = 3600,
          .doc = "Pause before it is tried again; twice as long after each attempt, an hour at most."),
    FIELD(struct errands_settings, poll_seconds, .min = 1, .max = 3600,
          .doc = "How often the service looks for what other programs left to do."),
    FIELD(struct errands_settings, lease_seconds, .min = 1, .max = SECONDS_MAX,
          .doc = "So long after its time-out, one that a server began and never ended is begun again."),
    FIELD(struct errands_settings, keep_days, .min = 1, .max = 36500,
          .doc = "How long those that are done or failed are shown."),
};
static const struct shape errands_shape = SHAPE(struct errands_settings, "errands", errands_fields);

const char *const letters_tls_words[] = { "none", "starttls", "wrapped", NULL };

static const struct field letters_fields[] = {
    FIELD(struct letters_settings, smtp_host, .max = 255,
          .doc = "Where letters of the service's own go out: welcome letters, letters from admins, new passwords."),
    FIELD(struct letters_settings, smtp_port, .min = 1, .max = 65535, .doc = "Its port."),
    FIELD(struct letters_settings, tls, .words = letters_tls_words,
          .doc = "With a certificate that is valid for smtp_host; wrapped is for port 465."),
    FIELD(struct letters_settings, ca_file, .max = 4096, .doc = "Authorities for that; empty: the system's."),
    FIELD(struct letters_settings, username, .max = 255, .doc = "To log in with; empty: no log-in."),
    FIELD(struct letters_settings, password, .flags = SECRET, .max = 255, .doc = "Its password."),
    FIELD(struct letters_settings, helo, .max = 255, .doc = "The name we say; empty: the machine's."),
    FIELD(struct letters_settings, from, .max = ADDRESS_MAX, .canon = address_or_none_canon,
          .doc = "Whom they are from; empty: postmaster of the domain concerned."),
    FIELD(struct letters_settings, from_name, .max = 128, .doc = "That one's name, for people."),
    FIELD(struct letters_settings, language, .words = letter_language_words, .doc = "Where nobody chose one."),
    FIELD(struct letters_settings, welcome,
          .doc = "yes: a new mailbox gets a welcome letter unless it is said otherwise, so that its Maildir is there."),
    FIELD(struct letters_settings, welcome_file_en, .max = 4096,
          .doc = "File with another welcome letter: \"Subject: ...\", an empty line, the text; {address}, {display_name} and "
                 "{domain} are filled in."),
    FIELD(struct letters_settings, welcome_file_ja, .max = 4096, .doc = "The same in Japanese."),
    FIELD(struct letters_settings, per_hour, .min = 0, .max = 1000000,
          .doc = "How many single letters one admin may send within an hour, and how many letters to all mailboxes of domains."),
    FIELD(struct letters_settings, timeout_seconds, .min = 1, .max = 3600, .doc = "For each letter."),
};
static const struct shape letters_shape = SHAPE(struct letters_settings, "letters", letters_fields);

static const struct field webhook_fields[] = {
    FIELD(struct webhook_settings, url, .max = 16, .entry_max = 1024,
          .doc = "Where a POST goes after each change: http:// or https://, several with commas between them. Its JSON body has "
                 "id, verb, actor, target, domain, at, before and after, as the log has them; no secret."),
    FIELD(struct webhook_settings, verbs, .max = 64, .entry_max = SCOPE_MAX, .canon = scope_canon,
          .doc = "Which changes: *, mailbox.*, alias.create, with commas between them."),
    FIELD(struct webhook_settings, secret, .flags = SECRET, .max = 255,
          .doc = "Shared with who gets it: X-Postreeve-Signature is sha256= and the HMAC-SHA-256 of the body under it."),
    FIELD(struct webhook_settings, ca_file, .max = 4096, .doc = "Authorities for https; empty: the system's."),
    FIELD(struct webhook_settings, timeout_seconds, .min = 1, .max = 600, .doc = "For each."),
};
static const struct shape webhook_shape = SHAPE(struct webhook_settings, "webhook", webhook_fields);

const struct config_section config_sections[] = {
    { "server", offsetof(struct config, server), &server_shape },
    { "database", offsetof(struct config, database), &database_shape },
    { "lookup", offsetof(struct config, lookup), &database_shape },
    { "password", offsetof(struct config, password), &password_shape },
    { "quota", offsetof(struct config, quota), &quota_shape },
    { "domain", offsetof(struct config, domain), &domain_settings_shape },
    { "mail", offsetof(struct config, mail), &mail_shape },
    { "session", offsetof(struct config, session), &session_shape },
    { "throttle", offsetof(struct config, throttle), &throttle_shape },
    { "secrets", offsetof(struct config, secrets), &secrets_shape },
    { "fetchmail", offsetof(struct config, fetchmail), &fetchmail_shape },
    { "undo", offsetof(struct config, undo), &undo_shape },
    { "hooks", offsetof(struct config, hooks), &hooks_shape },
    { "errands", offsetof(struct config, errands), &errands_shape },
    { "letters", offsetof(struct config, letters), &letters_shape },
    { "webhook", offsetof(struct config, webhook), &webhook_shape },
    { 0 },
};

static const struct { const char *section, *key, *value; } defaults[] = {
    { "server", "listen", "127.0.0.1:8080" },
    { "server", "web_root", "/usr/share/postreeve/web" },
    { "server", "workers", "8" },
    { "server", "queue", "256" },
    { "server", "body_bytes", "1048576" },
    { "server", "idempotency_seconds", "86400" },
    { "database", "name", "postreeve" },
    { "database", "pool", "8" },
    { "database", "connect_seconds", "5" },
    { "database", "read_seconds", "30" },
    { "database", "write_seconds", "30" },
    { "lookup", "name", "postreeve" },
    { "lookup", "pool", "2" },
    { "lookup", "connect_seconds", "5" },
    { "lookup", "read_seconds", "600" },
    { "lookup", "write_seconds", "30" },
    { "password", "scheme", "md5crypt" },
    { "password", "min_length", "8" },
    { "password", "min_classes", "1" },
    { "password", "common_list", COMMON_LIST_PATH },
    { "password", "generated_length", "16" },
    { "password", "reset", "no" },
    { "password", "reset_admins", "no" },
    { "password", "reset_minutes", "60" },
    { "password", "upgrade_on_login", "no" },
    { "password", "second_factor_needs_app_password", "yes" },
    { "quota", "multiplier", "1024000" },
    { "domain", "default_aliases_protected", "yes" },
    { "mail", "virtual_mailbox_base", "/var/vmail" },
    { "mail", "maildir_layout", "domain/user" },
    { "mail", "recipient_delimiter", "+" },
    { "mail", "virtual_mailbox_limit", "51200000" },
    { "mail", "uid", "10000" },
    { "mail", "gid", "10000" },
    { "session", "idle_seconds", "1800" },
    { "session", "absolute_seconds", "43200" },
    { "throttle", "account_failures", "10" },
    { "throttle", "host_failures", "50" },
    { "throttle", "network_failures", "150" },
    { "throttle", "wide_network_failures", "500" },
    { "throttle", "window_seconds", "900" },
    { "fetchmail", "program", "/usr/bin/fetchmail" },
    { "fetchmail", "directory", "/var/lib/postreeve/fetchmail" },
    { "fetchmail", "deliver", "smtp" },
    { "fetchmail", "host", "127.0.0.1" },
    { "fetchmail", "port", "25" },
    { "fetchmail", "seconds", "300" },
    { "undo", "keep_days", "30" },
    { "hooks", "timeout_seconds", "30" },
    { "errands", "attempts", "8" },
    { "errands", "first_pause_seconds", "10" },
    { "errands", "poll_seconds", "5" },
    { "errands", "lease_seconds", "60" },
    { "errands", "keep_days", "30" },
    { "webhook", "verbs", "domain.*,mailbox.*,alias.*,alias-domain.*,admin.*,log.*" },
    { "webhook", "timeout_seconds", "10" },
    { "letters", "smtp_host", "127.0.0.1" },
    { "letters", "smtp_port", "25" },
    { "letters", "tls", "none" },
    { "letters", "language", "en" },
    { "letters", "welcome", "no" },
    { "letters", "per_hour", "100" },
    { "letters", "timeout_seconds", "60" },
};

const char *config_default(const char *section, const char *key)
{
    for (size_t i = 0; i < COUNT(defaults); i++)
        if (strcmp(defaults[i].section, section) == 0 && strcmp(defaults[i].key, key) == 0)
            return defaults[i].value;
    return NULL;
}

struct reading {
    struct task *t;
    struct config *out;
    const char *path;
    unsigned mode;
    FILE *file;
    int line; /* inih, as Debian builds it, does not say where it is: we count what it reads */
    int lines[COUNT(config_sections)][64]; /* where each field was given; 0: nowhere */
    bool wrong;
};

static void complain(struct reading *r, int line, const char *words)
{
    r->wrong = true;
    if (line)
        log_line(LOG_FAULT, "%s:%d: %s", r->path, line, words);
    else
        log_line(LOG_FAULT, "%s: %s", r->path, words);
}

static enum outcome set_texts(struct task *t, const struct field *f, struct text value, struct texts *out)
{
    out->items = task_alloc(t, (value.length + 1) * sizeof *out->items);
    out->count = 0; /* what is given stands in for the usual ones */
    while (value.length) {
        size_t comma = text_find(value, ',');
        struct text entry = text_trim(text_part(value, 0, comma));

        if (entry.length)
            out->items[out->count++] = entry;
        value = comma == TEXT_NOT_FOUND ? TEXT("") : text_part(value, comma + 1, value.length);
    }
    return field_check_texts(t, f, f->name, out);
}

static enum outcome set_boolean(struct task *t, const struct field *f, struct text value, bool *out)
{
    static const char *const words[][2] = { { "no", "yes" }, { "off", "on" }, { "false", "true" }, { "0", "1" } };

    for (size_t i = 0; i < COUNT(words); i++)
        for (int is = 0; is < 2; is++)
            if (text_equal_folded(value, text_of(words[i][is]))) {
                *out = is;
                return DONE;
            }
    return task_problem(t, f->name, &problem_wrong_type);
}

static enum outcome set_value(struct task *t, const struct field *f, struct text value, void *at)
{
    switch (f->kind) {
    case KIND_TEXT: {
        struct text checked = value;
        enum outcome o = field_check_text(t, f, f->name, &checked);

        *(struct text *)at = (struct text){ task_c_string(t, checked), checked.length };
        return o;
    }
    case KIND_TEXTS: return set_texts(t, f, task_copy(t, value), at); /* inih uses its line's memory again */
    case KIND_BOOLEAN: return set_boolean(t, f, value, at);
    default:
        if (!text_to_int64(value, at))
            return task_problem(t, f->name, &problem_wrong_type);
        return field_check_integer(t, f, f->name, *(int64_t *)at);
    }
}

static void explain(struct reading *r, int line, const struct field *f)
{
    const struct problem *p = task_problems(r->t);
    struct text words = task_printf(r->t, "%s %s", f->name, p ? problem_detail(r->t, p).at : "is wrong");

    if (f->words) {
        words = task_join(r->t, words, TEXT(": expected one of"));
        for (const char *const *w = f->words; *w; w++)
            words = task_join(r->t, words, task_printf(r->t, " %s", *w));
    } else if (f->kind == KIND_INTEGER) {
        words = task_join(r->t, words, task_printf(r->t, ": expected a number from %lld to %lld", (long long)f->min,
                                                   (long long)f->max));
    } else if (f->kind == KIND_BOOLEAN) {
        words = task_join(r->t, words, TEXT(": expected yes or no"));
    }
    complain(r, line, words.at);
    task_forget_problems(r->t);
}

static char *next_line(char *into, int size, void *context)
{
    struct reading *r = context;
    int length = 0, c;
    bool too_long = false, nul = false;

    while ((c = fgetc(r->file)) != EOF) {
        nul = nul || c == 0;
        too_long = too_long || length == size - 1;
        if (!too_long)
            into[length++] = (char)c;
        if (c == '\n')
            break;
    }
    if (c == EOF && length == 0)
        return NULL;
    into[length] = 0;
    r->line++;
    if (too_long)
        complain(r, r->line, task_printf(r->t, "is longer than %d octets", size - 2).at);
    if (nul)
        complain(r, r->line, "holds a NUL, which no text does");
    return into;
}

static int take(void *context, const char *section, const char *key, const char *value)
{
    struct reading *r = context;
    int line = r->line;
    size_t i = 0;
    const struct shape *s;
    const struct field *f;

    while (config_sections[i].name && strcmp(config_sections[i].name, section) != 0)
        i++;
    s = config_sections[i].shape;
    f = s ? shape_field(s, text_of(key)) : NULL;
    if (!s) {
        complain(r, line, task_printf(r->t, "there is no section [%s]", section).at);
    } else if (!f) {
        complain(r, line, task_printf(r->t, "section [%s] has no key %s", section, key).at);
    } else if (r->lines[i][f - s->fields]) {
        complain(r, line, task_printf(r->t, "%s is given twice", key).at);
    } else {
        void *at = (char *)r->out + config_sections[i].offset + f->offset;

        r->lines[i][f - s->fields] = line;
        if (set_value(r->t, f, text_of(value), at) != DONE)
            explain(r, line, f);
        if ((f->flags & SECRET) && (r->mode & OTHERS))
            complain(r, line, "holds a password, so others must not read the file: chmod o= it");
    }
    return 1;
}

static void set_defaults(struct task *t, struct config *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < COUNT(defaults); i++)
        for (const struct config_section *s = config_sections; s->name; s++) {
            const struct field *f;

            if (strcmp(s->name, defaults[i].section) != 0)
                continue;
            f = shape_field(s->shape, text_of(defaults[i].key));
            if (!f || set_value(t, f, text_of(defaults[i].value), (char *)out + s->offset + f->offset) != DONE)
                abort(); /* our own table is wrong */
        }
}

static int line_of(const struct reading *r, const char *section, const char *key)
{
    for (size_t i = 0; config_sections[i].name; i++)
        if (strcmp(config_sections[i].name, section) == 0)
            return r->lines[i][shape_field(config_sections[i].shape, text_of(key)) - config_sections[i].shape->fields];
    return 0;
}

/* A file that another can write could point us at another database; one that holds a secret is checked per key. */
static void check_option_file(struct reading *r, const char *section, struct text file)
{
    int line = line_of(r, section, "option_file");
    struct stat about;

    if (!file.length)
        return;
    if (stat(file.at, &about) != 0)
        complain(r, line, task_printf(r->t, "option_file %s: %s", file.at, strerror(errno)).at);
    else if (about.st_mode & OTHERS)
        complain(r, line, task_printf(r->t, "option_file %s must not be open to others: chmod o= it", file.at).at);
}

/* The words for what is wrong with the file; NULL: nothing, and `out` is what it says. */
static const char *read_whole(struct task *t, const char *path, struct text *out)
{
    FILE *file = fopen(path, "re");
    const char *wrong = NULL;
    struct stat about;
    char *at;

    if (!file || fstat(fileno(file), &about) != 0) {
        wrong = strerror(errno);
    } else if (!S_ISREG(about.st_mode)) {
        wrong = "is no file";
    } else if ((uint64_t)about.st_size > COMMON_LIST_MAX) {
        wrong = "is larger than 64 MiB";
    } else {
        at = task_alloc(t, (size_t)about.st_size + 1);
        *out = (struct text){ at, fread(at, 1, (size_t)about.st_size, file) };
        if (ferror(file))
            wrong = strerror(errno);
    }
    if (file)
        fclose(file);
    return wrong;
}

static void read_common_list(struct reading *r)
{
    struct text path = r->out->password.common_list, file = TEXT("");
    int line = line_of(r, "password", "common_list");
    const char *wrong;

    if (!path.length || text_equal(path, TEXT("none")))
        return;
    if (!line && access(path.at, F_OK) != 0)
        return; /* nobody asked for the usual one, and it is not installed */
    wrong = read_whole(r->t, path.at, &file);
    if (wrong)
        complain(r, line, task_printf(r->t, "common_list %s: %s", path.at, wrong).at);
    r->out->common_passwords = password_list(r->t, file);
}

static bool is_named_before(const struct endpoints *servers, const struct endpoint *e)
{
    for (size_t i = 0; i < servers->count; i++)
        if (endpoint_equal(&servers->items[i], e))
            return true;
    return false;
}

static void take_servers(struct reading *r, const char *section, struct database_settings *d)
{
    struct text nowhere = TEXT("");
    struct texts named = d->host.count ? d->host : (struct texts){ &nowhere, 1 };
    int line = line_of(r, section, "host");

    d->servers.items = task_alloc(r->t, named.count * sizeof *d->servers.items);
    for (size_t i = 0; i < named.count; i++) {
        struct endpoint *e = &d->servers.items[i];
        const char *wrong = d->host.count ? endpoint_parse(r->t, named.items[i], e) : NULL;

        if (e->port == 0)
            e->port = d->port;
        if (!wrong && is_named_before(&d->servers, e))
            wrong = "is named twice";
        if (wrong)
            complain(r, line, task_printf(r->t, "host: %.*s %s", (int)named.items[i].length, named.items[i].at, wrong).at);
        d->servers.count++;
    }
}

/* What is on standard input of these has to wait in the database, and never in clear. */
static void check_secret_hooks(struct reading *r)
{
    static const char *const secret[] = { "mailbox_password", "mailbox_app_password", "admin_password" };

    for (size_t i = 0; i < COUNT(secret) && !r->out->secrets.key_file.length; i++)
        if (config_hook(r->out, text_of(secret[i])).length)
            complain(r, line_of(r, "hooks", secret[i]),
                     task_printf(r->t, "%s is given passwords, so it needs key_file in [secrets]", secret[i]).at);
}

static void check_whole(struct reading *r)
{
    const struct server_settings *s = &r->out->server;
    struct password_settings *p = &r->out->password;

    if (s->tls_certificate.length && !s->tls_key.length)
        complain(r, line_of(r, "server", "tls_certificate"), "tls_certificate needs a tls_key");
    if (s->tls_key.length && !s->tls_certificate.length)
        complain(r, line_of(r, "server", "tls_key"), "tls_key needs a tls_certificate");
    take_servers(r, "database", &r->out->database);
    take_servers(r, "lookup", &r->out->lookup);
    check_option_file(r, "database", r->out->database.option_file);
    check_option_file(r, "lookup", r->out->lookup.option_file);
    check_secret_hooks(r);
    read_common_list(r);
    if (p->generated_length < p->min_length)
        p->generated_length = p->min_length;
    r->out->key_file_line = line_of(r, "secrets", "key_file");
    for (size_t i = 0; i < hooks_shape.count; i++)
        r->out->hook_lines[i] = line_of(r, "hooks", hooks_shape.fields[i].name);
}

/* The words for what is wrong with it; NULL: nothing, and `digits` holds what it says. */
static const char *read_key(FILE *file, char *digits, size_t room, size_t *length)
{
    struct stat about;

    if (!file || fstat(fileno(file), &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "is no file";
    if (about.st_mode & OTHERS)
        return "must not be open to others: chmod o= it";
    *length = fread(digits, 1, room, file);
    if (ferror(file))
        return strerror(errno);
    return *length == room ? "is too long for a key" : NULL;
}

enum outcome config_open_vault(struct task *t, struct config *c)
{
    const char *path = c->secrets.key_file.at, *wrong;
    char digits[VAULT_KEY_DIGITS + 64]; /* and white space around them */
    size_t length = 0;
    FILE *file;

    c->vault = NULL;
    if (!c->secrets.key_file.length)
        return DONE;
    file = fopen(path, "re");
    if (file)
        setvbuf(file, NULL, _IONBF, 0); /* stdio would leave the key in memory of its own */
    wrong = read_key(file, digits, sizeof digits, &length);
    if (!wrong) {
        c->vault = vault_from_key(t, text_trim((struct text){ digits, length }));
        if (!c->vault)
            wrong = "must hold 64 hexadecimal digits and nothing else";
    }
    explicit_bzero(digits, sizeof digits);
    if (file)
        fclose(file);
    if (wrong)
        log_line(LOG_FAULT, "%s:%d: key_file %s: %s", c->path.at, c->key_file_line, path, wrong);
    return wrong ? INVALID : DONE;
}

enum outcome config_read_letters(struct task *t, struct config *c)
{
    const struct { struct text path; const char *key; } files[LETTER_LANGUAGES] = {
        [LETTER_EN] = { c->letters.welcome_file_en, "welcome_file_en" },
        [LETTER_JA] = { c->letters.welcome_file_ja, "welcome_file_ja" },
    };
    enum outcome o = DONE;

    for (size_t i = 0; i < LETTER_LANGUAGES; i++) {
        struct text file = TEXT("");
        const char *wrong = files[i].path.length ? read_whole(t, files[i].path.at, &file) : NULL;

        if (!wrong && files[i].path.length)
            wrong = letter_template_read(file, &c->welcome[i]);
        if (!wrong)
            continue;
        log_line(LOG_FAULT, "%s: %s %s: %s", c->path.at, files[i].key, files[i].path.at, wrong);
        o = INVALID;
    }
    return o;
}

struct text config_hook(const struct config *c, struct text event)
{
    const struct field *f = shape_field(&hooks_shape, event);

    return f && f->kind == KIND_TEXT ? *(const struct text *)field_in(f, &c->hooks) : TEXT("");
}

/* The words for what is wrong with a program; NULL: nothing. */
static const char *hook_fault(const char *path)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "is no file";
    if (about.st_uid != 0 && about.st_uid != geteuid())
        return "belongs to another account than root and the one that would run it";
    if (about.st_mode & (S_IWGRP | S_IWOTH))
        return "can be changed by others: chmod go-w it";
    return access(path, X_OK) == 0 ? NULL : "cannot be executed";
}

enum outcome config_check_reset(const struct config *c)
{
    const char *missing = !c->password.reset                                        ? NULL
                          : !text_starts(c->server.public_url, TEXT("https://"))
                                && !text_starts(c->server.public_url, TEXT("http://")) ? "public_url in [server]"
                          : !c->vault                                               ? "key_file in [secrets]"
                                                                                    : NULL;

    if (missing)
        log_line(LOG_FAULT, "%s: reset in [password] needs %s", c->path.at, missing);
    return missing ? INVALID : DONE;
}

enum outcome config_check_hooks(const struct config *c)
{
    enum outcome o = DONE;

    for (size_t i = 0; i < hooks_shape.count; i++) {
        const struct field *f = &hooks_shape.fields[i];
        const struct text *path = field_in(f, &c->hooks);
        const char *wrong = f->kind == KIND_TEXT && path->length ? hook_fault(path->at) : NULL;

        if (!wrong)
            continue;
        log_line(LOG_FAULT, "%s:%d: %s %s: %s", c->path.at, c->hook_lines[i], f->name, path->at, wrong);
        o = INVALID;
    }
    return o;
}

const char *config_take_option(int *argc, char **argv)
{
    const char *path = NULL;
    int kept = 0;

    for (int i = 0; i < *argc; i++) {
        bool alone = strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--config") == 0;

        if (alone && i + 1 < *argc)
            path = argv[++i];
        else if (strncmp(argv[i], "--config=", 9) == 0)
            path = argv[i] + 9;
        else
            argv[kept++] = argv[i];
    }
    argv[kept] = NULL;
    *argc = kept;
    return path;
}

enum outcome config_load(struct task *t, const char *path, struct config *out)
{
    struct reading r = { .t = t, .out = out };
    struct stat about;
    int line;

    r.path = path ? path : getenv("POSTREEVE_CONFIG");
    if (!r.path || !*r.path)
        r.path = CONFIG_DEFAULT_PATH;
    set_defaults(t, out);
    out->path = task_copy(t, text_of(r.path));
    r.file = fopen(r.path, "re");
    if (!r.file || fstat(fileno(r.file), &about) != 0) {
        log_line(LOG_FAULT, "%s: %s", r.path, strerror(errno));
        if (r.file)
            fclose(r.file);
        return INVALID;
    }
    r.mode = about.st_mode;
    line = ini_parse_stream(next_line, &r, take, &r);
    if (ferror(r.file)) /* a directory, say: no empty file, whose settings would be the defaults */
        complain(&r, 0, "cannot be read");
    fclose(r.file);
    if (line != 0)
        complain(&r, line, "is no section, no key = value and no comment");
    if (!r.wrong)
        check_whole(&r);
    return r.wrong ? INVALID : DONE;
}

struct password_policy config_password_policy(const struct config *c)
{
    return (struct password_policy){ c->password.min_length, c->password.min_classes, c->common_passwords };
}
