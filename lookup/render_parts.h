/* lookup/render_parts.h - what the files of render share
 *
 * A file is a function that prints it. Everything it may print from the configuration has been checked by
 * then.
 */
#ifndef POSTREEVE_LOOKUP_RENDER_PARTS_H
#define POSTREEVE_LOOKUP_RENDER_PARTS_H

#include "lookup/access.h"
#include "lookup/output.h"
#include "lookup/question.h"
#include "lookup/render.h"
#include "model/letter.h"
#include "store/statement.h"

#include <stdio.h>

struct rendering {
    struct task *t;
    const struct config *config;
    struct access access;
    struct asked settings;
    struct text out, queue_directory; /* absolute */
    struct text report_token;         /* by which Dovecot reports log-ins; empty: it reports none */
    struct text everything;           /* the next hop of the smart host for all mail; empty: there is none */
    bool everything_wrapped;
    enum sasl sasl;
    enum delivery delivery;
    enum maps maps;
    enum dkim dkim;
    enum dovecot dovecot; /* never DOVECOT_HERE */
    const struct letter_template *quota_warning;
};

/* Whether SMTP log-ins are tried at that IMAP server. */
bool tries_dovecot(const struct rendering *r);
bool tries_courier(const struct rendering *r);

#define RENDERED_MAX 64

struct rendered { /* a file and its content */
    char *path;
    enum output_privacy privacy;
    const char *reader; /* the account whose group reads it; NULL: Postfix' */
    struct text content;
};

struct rendered_set {
    struct rendered files[RENDERED_MAX];
    size_t count;
};

/* All files in memory, after everything has been checked; and then on the disk. */
MUST_USE enum outcome render_prepare(struct task *t, const struct config *c, const struct render_options *options,
                                     struct rendered_set *set);
MUST_USE enum outcome render_write(struct task *t, const struct rendered_set *set);
/* Of the one whose path ends so. */
struct text rendered_content(const struct rendered_set *set, const char *ending);

typedef void print_fn(const struct rendering *r, FILE *to);

/* The first line of every file: how render knows its own again. */
#define RENDER_MARK "# Written by postreeve-lookup render; what is changed here is lost with the next one.\n"
/* And before it in a program. */
#define RENDER_SHELL "#!/bin/sh\n"

void print_postfix_map(const struct rendering *r, const struct question *q, FILE *to);
/* A map as the parameters of main.cf and master.cf name it: "mysql:/etc/postfix/mysql_relay_domains.cf". */
struct text postfix_table(const struct rendering *r, const char *map);
/* Whether all of [postfix] can stand in main.cf and master.cf. Else INVALID, after a line for each that cannot. */
MUST_USE enum outcome check_postfix(const struct rendering *r);
print_fn print_postfix_proxied, print_postfix_milters; /* within main.cf */
print_fn print_postfix_client, print_postfix_main, print_postfix_master;
print_fn print_postfix_relays; /* within main.cf */
print_fn print_postfix_relay_status;
extern const struct statement relay_of_everything_statements[]; /* ended by an empty row */
/* Reads who takes all mail; nobody, where the task has no connection. */
MUST_USE enum outcome read_relay_of_everything(struct rendering *r);
print_fn print_cyrus_smtpd, print_cyrus_main, print_saslauthd_defaults;
print_fn print_courier_mysql, print_courier_daemon, print_courier_imapd;
/* Automatic answers, where there is a [mail] vacation_domain; else nothing of them is printed. */
bool has_vacation(const struct rendering *r);
struct text vacation_transport(const struct rendering *r); /* what transport_maps begins with */
print_fn print_vacation_main, print_vacation_master, print_vacation_conf;
MUST_USE enum outcome check_vacation(const struct rendering *r);
print_fn print_dovecot_report; /* render_report.c */
void print_report_include(const struct rendering *r, FILE *to);

/* Dovecot reads passwords for Postfix, or delivers; and then, whether it holds mailboxes to their quota. */
bool has_dovecot(const struct rendering *r);
bool has_dovecot_quota(const struct rendering *r);
print_fn print_dovecot_sql, print_dovecot_app_sql, print_dovecot_dict, print_dovecot_conf;
print_fn print_dovecot_conf_23, print_dovecot_conf_24;
/* What both versions write alike. */
void print_dovecot_account(const struct rendering *r, FILE *to); /* whose files letters are */
void print_dovecot_services(const struct rendering *r, FILE *to);

/* The program that hands in the warning, and the letter it takes; `percent` is one of the configuration's. */
print_fn print_quota_warning_program;
void print_quota_warning(const struct rendering *r, int64_t percent, FILE *to);
/* The percents, the highest first and each once, as Dovecot wants them; ended by 0. */
const int64_t *quota_warnings(const struct rendering *r);
/* What Postfix asks at RCPT TO, once it knows that the letter is for us. While Dovecot does not answer nobody is held up:
 * the mailbox has its limit still when the letter is delivered. */
#define QUOTA_POLICY "check_policy_service { unix:private/quota-status, timeout=10s, default_action=DUNNO }"
/* What is said to senders, in the words of the guide. */
#define QUOTA_FULL "Sorry, the user's maildir has overdrawn his diskspace quota, please try again later."

#endif
