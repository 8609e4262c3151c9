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

#include <stdio.h>

struct rendering {
    struct task *t;
    const struct config *config;
    struct access access;
    struct asked settings;
    struct text out, queue_directory; /* absolute */
    struct text report_token;         /* by which Dovecot reports log-ins; empty: it reports none */
    enum sasl sasl;
    enum delivery delivery;
    enum maps maps;
    enum dkim dkim;
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

void print_postfix_map(const struct rendering *r, const struct question *q, FILE *to);
/* A map as the parameters of main.cf and master.cf name it: "mysql:/etc/postfix/mysql_relay_domains.cf". */
struct text postfix_table(const struct rendering *r, const char *map);
/* Whether all of [postfix] can stand in main.cf and master.cf. Else INVALID, after a line for each that cannot. */
MUST_USE enum outcome check_postfix(const struct rendering *r);
print_fn print_postfix_proxied, print_postfix_milters; /* within main.cf */
print_fn print_postfix_client, print_postfix_main, print_postfix_master;
print_fn print_cyrus_smtpd, print_cyrus_main, print_saslauthd_defaults;
print_fn print_courier_mysql, print_courier_daemon, print_courier_imapd;
/* Automatic answers, where there is a [mail] vacation_domain; else nothing of them is printed. */
bool has_vacation(const struct rendering *r);
struct text vacation_transport(const struct rendering *r); /* what transport_maps begins with */
print_fn print_vacation_main, print_vacation_master, print_vacation_conf;
MUST_USE enum outcome check_vacation(const struct rendering *r);
print_fn print_dovecot_sql, print_dovecot_app_sql, print_dovecot_conf;
print_fn print_dovecot_report; /* render_report.c */
void print_report_include(const struct rendering *r, FILE *to);

#endif
