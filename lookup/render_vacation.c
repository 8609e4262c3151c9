/* lookup/render_vacation.c - how letters come to postreeve-vacation, and what it reads
 *
 * An alias that is away leads to user#domain@vacation.domain as well. That domain is in none of Postfix' classes, so nobody
 * outside can write to it; the alias is expanded behind that check, and transport_maps names the service.
 *
 * SOURCE  pipe(8), postconf(5) inline:, transport(5).
 */
#include "lookup/render_parts.h"

#include "base/log.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define PROCESSES 10 /* at once; each has a connection to the database */

bool has_vacation(const struct rendering *r)
{
    return r->config->mail.vacation_domain.length > 0;
}

/* In front of the other tables: it needs no database. */
struct text vacation_transport(const struct rendering *r)
{
    const struct text domain = r->config->mail.vacation_domain;

    return has_vacation(r) ? task_printf(r->t, "inline:{ { %.*s = vacation: } }, ", (int)domain.length, domain.at) : TEXT("");
}

void print_vacation_main(const struct rendering *r, FILE *to)
{
    if (has_vacation(r))
        fputs("\n# Automatic answers (the service vacation of master.cf.postreeve): one letter, one recipient.\n"
              "vacation_destination_recipient_limit = 1\n",
              to);
}

/* flags: R gives the letter its Return-Path; q quotes what needs it, so that an address is one. */
void print_vacation_master(const struct rendering *r, FILE *to)
{
    const struct mail_settings *m = &r->config->mail;

    if (has_vacation(r))
        fprintf(to,
                "vacation   unix  -       n       n       -       %d      pipe\n"
                "    flags=Rq user=%s null_sender=\n"
                "    argv=%s -c %s/postfix/postreeve-vacation.conf -f ${sender} -- ${recipient}\n",
                PROCESSES, m->vacation_user.at, m->vacation_program.at, r->out.at);
}

/* ---- its configuration: what it needs of ours, and no more ---- */

static void print_text(FILE *to, const char *key, struct text value)
{
    if (value.length)
        fprintf(to, "%s = %.*s\n", key, (int)value.length, value.at);
}

static void print_hosts(const struct rendering *r, FILE *to)
{
    const struct database_settings *d = &r->config->lookup;
    const struct endpoint *only = &r->access.servers.items[0];

    if (d->host.count == 0 && !endpoint_is_local(only))
        print_text(to, "host", endpoint_text(r->t, only));
    for (size_t i = 0; i < d->host.count; i++)
        fprintf(to, "%s%.*s%s", i ? ", " : "host = ", (int)d->host.items[i].length, d->host.items[i].at,
                i + 1 == d->host.count ? "\n" : "");
    if (d->port)
        fprintf(to, "port = %lld\n", (long long)d->port);
}

void print_vacation_conf(const struct rendering *r, FILE *to)
{
    const struct letters_settings *l = &r->config->letters;
    const struct mail_settings *m = &r->config->mail;

    fputs("# For postreeve-vacation, which runs as an account that must not read everything.\n[lookup]\n", to);
    print_hosts(r, to);
    print_text(to, "socket", r->access.socket);
    print_text(to, "name", r->access.name);
    print_text(to, "user", r->access.user);
    print_text(to, "password", r->access.password);
    fprintf(to, "connect_seconds = %lld\n\n[mail]\n", (long long)r->config->lookup.connect_seconds);
    print_text(to, "vacation_domain", m->vacation_domain);
    fprintf(to, "recipient_delimiter = %s\n\n[letters]\n", m->recipient_delimiter.at ? m->recipient_delimiter.at : "");
    print_text(to, "smtp_host", l->smtp_host);
    fprintf(to, "smtp_port = %lld\n", (long long)l->smtp_port);
    print_text(to, "tls", l->tls);
    print_text(to, "ca_file", l->ca_file);
    print_text(to, "username", l->username);
    print_text(to, "password", l->password);
    print_text(to, "helo", l->helo);
    fprintf(to, "timeout_seconds = %lld\n\n[password]\ncommon_list = none\n", (long long)l->timeout_seconds);
}

/* ---- what may stand there ---- */

/* What the configuration file itself can say, it says again: only what would end a line, or begin a comment, could not. */
static enum outcome check_ini_value(const char *setting, struct text value)
{
    bool comment = false;

    for (size_t i = 0; i < value.length; i++)
        comment = comment || (value.at[i] == ';' && (i == 0 || value.at[i - 1] == ' ' || value.at[i - 1] == '\t'));
    if (!comment && !text_has_control(value, "") && text_trim(value).length == value.length)
        return DONE;
    log_line(LOG_FAULT, "%s holds what the file of postreeve-vacation cannot hold", setting);
    return INVALID;
}

/* Postfix refuses to start programs as root or as its own account, and waits for what an unknown account cannot run. */
static enum outcome check_account(const struct rendering *r)
{
    const struct text user = r->config->mail.vacation_user;
    const struct passwd *account = geteuid() == 0 && user.length ? getpwnam(user.at) : NULL;
    const char *wrong = user.length == 0                          ? "is missing"
                        : geteuid() != 0                          ? NULL
                        : !account                                ? "is no account of this machine: adduser --system --group it"
                        : account->pw_uid == 0                    ? "cannot be root"
                        : strcmp(account->pw_name, "postfix") == 0 ? "cannot be Postfix' own account"
                                                                  : NULL;

    if (wrong)
        log_line(LOG_FAULT, "[mail] vacation_user %.*s %s", (int)user.length, user.at ? user.at : "", wrong);
    return wrong ? INVALID : DONE;
}

enum outcome check_vacation(const struct rendering *r)
{
    const struct letters_settings *l = &r->config->letters;
    const struct mail_settings *m = &r->config->mail;
    const struct { const char *setting; struct text value; bool ini; } values[] = {
        { "[mail] vacation_domain", m->vacation_domain, false }, { "[mail] vacation_user", m->vacation_user, false },
        { "[mail] vacation_program", m->vacation_program, false }, { "[letters] smtp_host", l->smtp_host, true },
        { "[letters] tls", l->tls, true },                         { "[letters] ca_file", l->ca_file, true },
        { "[letters] username", l->username, true },               { "[letters] password", l->password, true },
        { "[letters] helo", l->helo, true },
    };
    enum outcome o = has_vacation(r) ? check_account(r) : DONE;

    for (size_t i = 0; i < COUNT(values) && has_vacation(r); i++)
        if ((values[i].ini ? check_ini_value : access_check_value)(values[i].setting, values[i].value) != DONE)
            o = INVALID;
    return o;
}
