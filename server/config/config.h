/* server/config/config.h - the one configuration file
 *
 * WHAT    INI (inih), read into one struct by one field table per section, as any resource. An unknown section or key, a
 *         bad value, or a file that others can read although it holds a secret, is an error that names file, line and what
 *         was expected; nothing starts then.
 * OWNS    All texts belong to the task given; programs keep that task until they end.
 * WHERE   The only room with <ini.h>. `-c FILE`, else POSTREEVE_CONFIG, else CONFIG_DEFAULT_PATH.
 */
#ifndef POSTREEVE_CONFIG_CONFIG_H
#define POSTREEVE_CONFIG_CONFIG_H

#include "base/endpoint.h"
#include "base/shape.h"
#include "model/letter.h"
#include "model/password_policy.h"
#include "model/vault.h"

#define CONFIG_DEFAULT_PATH "/etc/postreeve/postreeve.conf"

struct server_settings {
    struct text listen, web_root, tls_certificate, tls_key, public_url;
    struct texts trusted_proxies;
    int64_t workers, queue, body_bytes, idempotency_seconds;
};

struct database_settings {
    struct texts host;
    struct text socket, name, user, password, option_file;
    int64_t port, pool, connect_seconds, read_seconds, write_seconds;
    struct endpoints servers; /* host and port, taken apart; one of them at least, which may be the socket */
};

struct password_settings {
    struct text scheme, common_list;
    int64_t min_length, min_classes, generated_length, reset_minutes;
    bool reset, reset_admins;
    bool upgrade_on_login, second_factor_needs_app_password;
};

struct quota_settings {
    int64_t multiplier;
};

struct domain_settings {
    struct texts default_aliases; /* default_alias_split() takes each apart */
    bool default_aliases_protected;
};

struct mail_settings {
    struct text hostname, virtual_mailbox_base, maildir_layout, vacation_domain, vacation_user, vacation_program,
        recipient_delimiter;
    int64_t virtual_mailbox_limit, uid, gid;
};

struct tls_settings { /* of the mail daemons; the service has its own in [server] */
    struct text certificate, key;
};

struct sasl_settings { /* how Postfix checks log-ins, where render is not told to let Dovecot do it itself */
    struct text default_domain, imap_server, authdaemond_socket, saslauthd_directory;
    int64_t imap_port;
    bool plaintext;
};
extern const char *const imap_server_words[]; /* "dovecot", "courier"; ended by NULL */
struct postfix_settings { /* main.cf and master.cf; Postfix' own names where they mean the same */
    struct text maps, sasl, delivery, queue_directory; /* words of render, which knows them */
    struct texts mynetworks, inet_interfaces;
    struct text inet_protocols, banner_words;
    bool smtpd_peername_lookup;
    struct texts system_accounts;
    struct text system_mail_to, home_mailbox, alias_file;
    int64_t message_size_limit;
    int64_t anvil_rate_time_unit, smtpd_client_connection_rate_limit, smtpd_client_message_rate_limit,
        smtpd_client_recipient_rate_limit, smtpd_client_connection_count_limit;
    bool reject_invalid_helo_hostname, reject_unknown_sender_domain;
    struct texts reject_rbl_client, reject_rhsbl_sender, reject_rhsbl_helo, reject_rhsbl_reverse_client,
        warn_rbl_client;
    bool strict_rfc821_envelopes, smtpd_reject_unlisted_sender, reject_non_fqdn, reject_sender_login_mismatch,
        smtpd_sasl_authenticated_header, broken_sasl_auth_clients;
    int64_t default_process_limit, default_destination_concurrency_limit, initial_destination_concurrency;
    int64_t tls_loglevel;
    struct text smtpd_tls_CAfile, smtp_tls_security_level, smtp_tls_CAfile, relayhost;
};

struct dovecot_settings {
    struct text version, report_url, report_token_file, quota_warning_file;
    struct texts quota_warnings; /* percent, each from 1 to 100 */
    bool quota;
};

extern const char *const dovecot_version_words[]; /* in the order of enum dovecot (lookup/render.h); ended by NULL */

struct session_settings {
    int64_t idle_seconds, absolute_seconds;
};

struct throttle_settings {
    int64_t account_failures, host_failures, network_failures, wide_network_failures, window_seconds;
};

struct secrets_settings {
    struct text key_file;
};

struct fetchmail_settings {
    struct text program, directory, deliver, host;
    int64_t port, seconds;
};

struct undo_settings {
    int64_t keep_days;
};

struct hooks_settings { /* a program each, or empty */
    struct text mailbox_created, mailbox_changed, mailbox_deleted, mailbox_password,
        mailbox_app_password, domain_created, domain_changed,
        domain_deleted, alias_created, alias_changed, alias_deleted, alias_domain_created, alias_domain_changed,
        alias_domain_deleted, admin_created, admin_changed, admin_deleted, admin_password;
    int64_t timeout_seconds;
};

struct errands_settings {
    int64_t attempts, first_pause_seconds, poll_seconds, lease_seconds, keep_days;
};

struct webhook_settings {
    struct texts url, verbs;
    struct text secret, ca_file;
    int64_t timeout_seconds;
};

struct letters_settings {
    struct text smtp_host, tls, username, password, helo, ca_file, from, from_name, language, welcome_file_en,
        welcome_file_ja;
    int64_t smtp_port, timeout_seconds, per_hour;
    bool welcome;
};
extern const char *const letters_tls_words[]; /* in the order of enum letter_tls (outside/letter.h); ended by NULL */

struct clients_settings { /* what mail programs are told (model/client_settings.h) */
    struct text name, imap_host, imap_tls, pop3_host, pop3_tls, smtp_host;
    int64_t imap_port, pop3_port, submissions_port, submission_port, per_minute;
    bool pop3;
};

struct dns_settings { /* what the domain name system should say (model/dns.h) */
    int64_t ttl, mta_sts_max_age;
    struct texts mx; /* "10 mail.example.jp" */
    struct text web_host, spf, dmarc_policy, dmarc_rua, tls_rua, mta_sts;
};

struct dkim_settings {
    struct text private_keys, signer, milter;
};

struct config {
    struct text path;
    struct server_settings server;
    struct database_settings database, lookup;
    struct password_settings password;
    struct quota_settings quota;
    struct domain_settings domain;
    struct mail_settings mail;
    struct tls_settings tls;
    struct sasl_settings sasl;
    struct postfix_settings postfix;
    struct dovecot_settings dovecot;
    struct session_settings session;
    struct throttle_settings throttle;
    struct secrets_settings secrets;
    struct fetchmail_settings fetchmail;
    struct undo_settings undo;
    struct hooks_settings hooks;
    struct errands_settings errands;
    struct letters_settings letters;
    struct webhook_settings webhook;
    struct clients_settings clients;
    struct dns_settings dns;
    struct dkim_settings dkim;
    struct letter_template quota_warning; /* see config_read_quota_warning() */
    struct letter_template welcome[LETTER_LANGUAGES]; /* see config_read_letters(); empty: the usual one */
    struct texts common_passwords; /* of password.common_list */
    int hook_lines[64];            /* where each field of hooks was given */
    int key_file_line;             /* where secrets.key_file was given */
    const struct vault *vault;     /* see config_open_vault(); NULL: no key file */
};

struct config_section {
    const char *name;
    size_t offset; /* in struct config */
    const struct shape *shape;
};
extern const struct config_section config_sections[]; /* ended by a NULL name; for help and documentation */
/* What a key is when the file does not say; NULL: nothing. */
const char *config_default(const char *section, const char *key);

/* Takes `-c FILE`, `--config FILE` or `--config=FILE` off a command's arguments, wherever it stands; NULL: not given. One
 * without its FILE stays where it is, for the program to complain of. */
const char *config_take_option(int *argc, char **argv);

/* `path` may be NULL. INVALID after one line on standard error per mistake (exit code 78). */
MUST_USE enum outcome config_load(struct task *t, const char *path, struct config *out);
/* Reads the key file into c->vault; without one it stays NULL. Apart from config_load(), because programs that run as
 * other accounts read the same configuration, and the key is none of their business. INVALID as config_load(). */
MUST_USE enum outcome config_open_vault(struct task *t, struct config *c);

/* Reads the token by which Dovecot reports log-ins; absent where none is configured. Apart, since render alone needs it. */
MUST_USE enum outcome config_read_report_token(struct task *t, const struct config *c, struct text *out);

/* Reads the files that stand in for letters. Apart, too, for the same reason. */
MUST_USE enum outcome config_read_letters(struct task *t, struct config *c);
/* The letter to who fills a mailbox: the file of [dovecot] quota_warning_file, else the usual words in the language of
 * [letters]. INVALID as config_load(). */
MUST_USE enum outcome config_read_quota_warning(struct task *t, struct config *c);
/* The program of a hook, "mailbox_created"; empty: none. */
struct text config_hook(const struct config *c, struct text event);
/* Whether the programs of the hooks are there, and nobody but root and this account can change them. For programs that run
 * them. INVALID as config_load(). */
/* What [password] reset needs besides, said where it is missing. */
MUST_USE enum outcome config_check_reset(const struct config *c);
MUST_USE enum outcome config_check_hooks(const struct config *c);

struct password_policy config_password_policy(const struct config *c);

#endif
