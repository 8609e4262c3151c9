/* server/config/sections.c - every key of the file: what it is, its bounds, its words, and what it is when nobody says */
#include "config/parts.h"

#include "model/address.h"
#include "model/mailbox.h"
#include "model/password.h"
#include "model/scope.h"

#include <string.h>

#define SECONDS_MAX 86400

static enum outcome absolute_path_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    *out = given;
    return given.length && given.at[0] != '/' ? task_problem(t, field, &problem_no_absolute_path) : DONE;
}

static enum outcome domain_or_none_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    *out = given;
    return given.length ? domain_canon(t, field, given, out) : DONE;
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
    FIELD(struct mail_settings, hostname, .max = DOMAIN_MAX, .canon = domain_canon,
          .doc = "Full name of the mail host, as mail.example.jp: what Postfix calls itself, what MX records and mail programs "
                 "point to. Not given: Postfix' own setting stays."),
    FIELD(struct mail_settings, virtual_mailbox_base, .max = 4096, .doc = "Where mailboxes lie."),
    FIELD(struct mail_settings, maildir_layout, .words = maildir_layout_words, .doc = "How a mailbox's directory is named."),
    FIELD(struct mail_settings, vacation_domain, .max = DOMAIN_MAX, .canon = domain_or_none_canon,
          .doc = "Domain of automatic answers, as autoreply.example.jp, that no mailbox is in and no DNS knows; empty: there are "
                 "none."),
    FIELD(struct mail_settings, vacation_user, .max = 32,
          .doc = "Account as which Postfix runs postreeve-vacation; its group reads postreeve-vacation.conf."),
    FIELD(struct mail_settings, vacation_program, .max = 4096, .canon = absolute_path_canon, .doc = "postreeve-vacation itself."),
    FIELD(struct mail_settings, recipient_delimiter, .max = 4, .doc = "Postfix's recipient_delimiter."),
    FIELD(struct mail_settings, virtual_mailbox_limit, .min = 0, .max = INT64_C(1) << 53,
          .doc = "Largest mailbox that virtual(8) writes, in octets; vquota is capped at it."),
    FIELD(struct mail_settings, uid, .min = 1, .max = INT32_MAX, .doc = "Owner of all mailboxes."),
    FIELD(struct mail_settings, gid, .min = 1, .max = INT32_MAX, .doc = "Group of all mailboxes."),
};
static const struct shape mail_shape = SHAPE(struct mail_settings, "mail", mail_fields);

static const struct field tls_fields[] = {
    FIELD(struct tls_settings, certificate, .max = 4096, .canon = absolute_path_canon,
          .doc = "PEM file that Postfix and Dovecot show: the host's certificate and those that signed it, as "
                 "/etc/letsencrypt/live/mail.example.jp/fullchain.pem."),
    FIELD(struct tls_settings, key, .max = 4096, .canon = absolute_path_canon,
          .doc = "PEM file of its key, as /etc/letsencrypt/live/mail.example.jp/privkey.pem."),
};
static const struct shape tls_shape = SHAPE(struct tls_settings, "tls", tls_fields);

const char *const imap_server_words[] = { "dovecot", "courier", NULL };

static const struct field sasl_fields[] = {
    FIELD(struct sasl_settings, default_domain, .max = DOMAIN_MAX, .canon = domain_canon,
          .doc = "Domain of those who log in with a local part alone, for sending and for reading. Not given: nobody does."),
    FIELD(struct sasl_settings, plaintext,
          .doc = "no: PLAIN and LOGIN are not offered, so that no password crosses the net; with render --sasl auxprop alone, "
                 "since only there passwords are stored that can answer a challenge."),
    FIELD(struct sasl_settings, imap_server, .words = imap_server_words,
          .doc = "Whose log-in render --sasl saslauthd tries."),
    FIELD(struct sasl_settings, imap_port, .min = 1, .max = 65535,
          .doc = "Port on 127.0.0.1 where the IMAP server takes such log-ins. One of its own: there they count as sending."),
    FIELD(struct sasl_settings, authdaemond_socket, .max = 107, .canon = absolute_path_canon,
          .doc = "Socket of Courier's authdaemond, for render --sasl authdaemond."),
    FIELD(struct sasl_settings, saslauthd_directory, .max = 100, .canon = absolute_path_canon,
          .doc = "Directory of saslauthd's socket, for render --sasl saslauthd."),
};
static const struct shape sasl_shape = SHAPE(struct sasl_settings, "sasl", sasl_fields);
/* As it stands in Dovecot's files: nothing there may be more than a place. */
static enum outcome report_url_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    bool fine = text_starts(given, TEXT("http://")) || text_starts(given, TEXT("https://"));

    for (size_t i = 0; i < given.length; i++)
        fine = fine && given.at[i]
            && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:/[]", given.at[i]);
    while (text_ends(given, TEXT("/")))
        given.length--;
    *out = task_copy(t, given);
    return fine ? DONE : task_problem(t, field, &problem_malformed);
}

const char *const dovecot_version_words[] = { "auto", "2.3", "2.4", NULL };

static enum outcome percent_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    int64_t percent;

    if (!text_to_int64(given, &percent) || percent < 1 || percent > 100)
        return task_problem(t, field, &problem_not_a_choice);
    *out = task_printf(t, "%lld", (long long)percent);
    return DONE;
}

static const struct field dovecot_fields[] = {
    FIELD(struct dovecot_settings, version, .words = dovecot_version_words,
          .doc = "Whose files `postreeve-lookup render` writes, as they changed from 2.3 to 2.4. auto: those of the Dovecot on "
                 "the machine where it runs, else of 2.3."),
    FIELD(struct dovecot_settings, report_url, .max = 255, .canon = report_url_canon,
          .doc = "Where Dovecot reaches the service, to report who logged in: as http://127.0.0.1:8080, without a path."),
    FIELD(struct dovecot_settings, report_token_file, .max = 4096, .canon = absolute_path_canon,
          .doc = "File with an API token of the scope log-in.report, closed to others; postreeve-lookup render writes it into "
                 "a file of Dovecot's. Dovecot then reports every log-in to the service: last uses of programs' passwords "
                 "and people's lists of log-ins come from there. Not given: Dovecot reports nothing."),
    FIELD(struct dovecot_settings, quota,
          .doc = "yes: Dovecot holds mailboxes to their quota, at most virtual_mailbox_limit, counts what is in them into the table "
                 "quota2, and tells Postfix at RCPT TO who is full."),
    FIELD(struct dovecot_settings, quota_warnings, .max = 10, .entry_max = 3, .canon = percent_canon,
          .doc = "At how many percent the owner of a mailbox gets a letter, with commas between them; empty: no letter."),
    FIELD(struct dovecot_settings, quota_warning_file, .max = 4096, .canon = absolute_path_canon,
          .doc = "File with other words for that letter: \"Subject: ...\", an empty line, the text; {percent}, {address} and {domain} "
                 "are filled in, in the subject {percent} alone. Else the usual ones in the language of [letters]."),
};
static const struct shape dovecot_shape = SHAPE(struct dovecot_settings, "dovecot", dovecot_fields);

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

#define HOOK(event, words) FIELD(struct hooks_settings, event, .max = 4096, .canon = absolute_path_canon, .doc = words)
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
const struct shape hooks_shape = SHAPE(struct hooks_settings, "hooks", hooks_fields);

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
          .doc = "Whom they are from; empty: postmaster of the domain concerned, or of the mail host where none is."),
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
    { "tls", offsetof(struct config, tls), &tls_shape },
    { "sasl", offsetof(struct config, sasl), &sasl_shape },
    { "postfix", offsetof(struct config, postfix), &postfix_shape },
    { "dovecot", offsetof(struct config, dovecot), &dovecot_shape },
    { "session", offsetof(struct config, session), &session_shape },
    { "throttle", offsetof(struct config, throttle), &throttle_shape },
    { "secrets", offsetof(struct config, secrets), &secrets_shape },
    { "fetchmail", offsetof(struct config, fetchmail), &fetchmail_shape },
    { "undo", offsetof(struct config, undo), &undo_shape },
    { "hooks", offsetof(struct config, hooks), &hooks_shape },
    { "errands", offsetof(struct config, errands), &errands_shape },
    { "letters", offsetof(struct config, letters), &letters_shape },
    { "webhook", offsetof(struct config, webhook), &webhook_shape },
    { "clients", offsetof(struct config, clients), &clients_shape },
    { "dns", offsetof(struct config, dns), &dns_settings_shape },
    { "dkim", offsetof(struct config, dkim), &dkim_settings_shape },
    { 0 },
};
_Static_assert(COUNT(config_sections) <= CONFIG_SECTIONS_MAX, "config.c counts lines by section");

const struct config_default config_defaults[] = {
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
    { "password", "common_list", "/usr/share/postreeve/common-passwords.txt" },
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
    { "mail", "vacation_user", "postreeve-vacation" },
    { "mail", "vacation_program", "/usr/bin/postreeve-vacation" },
    { "mail", "recipient_delimiter", "+" },
    { "mail", "virtual_mailbox_limit", "51200000" },
    { "mail", "uid", "10000" },
    { "mail", "gid", "10000" },
    { "sasl", "plaintext", "yes" },
    { "sasl", "imap_server", "dovecot" },
    { "sasl", "imap_port", "10143" },
    { "sasl", "authdaemond_socket", "/run/courier/authdaemon/socket" },
    { "sasl", "saslauthd_directory", "/run/saslauthd" },
    { "postfix", "maps", "mysql" },
    { "postfix", "sasl", "dovecot" },
    { "postfix", "delivery", "virtual" },
    { "postfix", "queue_directory", "/var/spool/postfix" },
    { "postfix", "mynetworks", "127.0.0.0/8, [::1]/128" },
    { "postfix", "inet_interfaces", "all" },
    { "postfix", "inet_protocols", "ipv4" },
    { "postfix", "banner_words", "ESMTP Postfix" },
    { "postfix", "smtpd_peername_lookup", "no" },
    { "postfix", "system_accounts", "root, postmaster, mailer-daemon, abuse, hostmaster, webmaster, www-data" },
    { "postfix", "home_mailbox", "Maildir/" },
    { "postfix", "alias_file", "/etc/aliases" },
    { "postfix", "message_size_limit", "10240000" },
    { "postfix", "anvil_rate_time_unit", "60" },
    { "postfix", "smtpd_client_connection_rate_limit", "120" },
    { "postfix", "smtpd_client_message_rate_limit", "120" },
    { "postfix", "smtpd_client_recipient_rate_limit", "120" },
    { "postfix", "smtpd_client_connection_count_limit", "25" },
    { "postfix", "reject_invalid_helo_hostname", "yes" },
    { "postfix", "reject_unknown_sender_domain", "yes" },
    { "postfix", "reject_rbl_client", "bl.spamcop.net, zen.spamhaus.org=127.0.0.[2..11]" },
    { "postfix", "reject_rhsbl_sender", "dbl.spamhaus.org=127.0.1.[2..99]" },
    { "postfix", "reject_rhsbl_helo", "dbl.spamhaus.org=127.0.1.[2..99]" },
    { "postfix", "reject_rhsbl_reverse_client", "dbl.spamhaus.org=127.0.1.[2..99]" },
    { "postfix", "warn_rbl_client", "zen.spamhaus.org=127.255.255.[1..255]" },
    { "postfix", "strict_rfc821_envelopes", "yes" },
    { "postfix", "smtpd_reject_unlisted_sender", "yes" },
    { "postfix", "reject_non_fqdn", "yes" },
    { "postfix", "reject_sender_login_mismatch", "yes" },
    { "postfix", "smtpd_sasl_authenticated_header", "yes" },
    { "postfix", "broken_sasl_auth_clients", "yes" },
    { "postfix", "default_process_limit", "50" },
    { "postfix", "default_destination_concurrency_limit", "10" },
    { "postfix", "initial_destination_concurrency", "3" },
    { "postfix", "tls_loglevel", "1" },
    { "postfix", "smtp_tls_security_level", "may" },
    { "postfix", "smtp_tls_CAfile", "/etc/ssl/certs/ca-certificates.crt" },
    { "dovecot", "report_url", "http://127.0.0.1:8080" },
    { "dovecot", "version", "auto" },
    { "dovecot", "quota", "yes" },
    { "dovecot", "quota_warnings", "95,80" },
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
    { "clients", "imap_port", "993" },
    { "clients", "imap_tls", "wrapped" },
    { "clients", "pop3", "yes" },
    { "clients", "pop3_port", "995" },
    { "clients", "pop3_tls", "wrapped" },
    { "clients", "submissions_port", "465" },
    { "clients", "submission_port", "587" },
    { "clients", "per_minute", "120" },
    { "dns", "ttl", "3600" },
    { "dns", "spf", "v=spf1 mx ~all" },
    { "dns", "dmarc_policy", "none" },
    { "dns", "dmarc_rua", "postmaster" },
    { "dns", "tls_rua", "postmaster" },
    { "dns", "mta_sts", "testing" },
    { "dns", "mta_sts_max_age", "604800" },
    { "dkim", "private_keys", "sealed" },
    { "dkim", "signer", "none" },
    { 0 },
};

const char *config_default(const char *section, const char *key)
{
    for (const struct config_default *d = config_defaults; d->section; d++)
        if (strcmp(d->section, section) == 0 && strcmp(d->key, key) == 0)
            return d->value;
    return NULL;
}
