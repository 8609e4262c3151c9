/* lookup/render.c - which files there are, what may stand in them, and how they are written */
#include "lookup/render_parts.h"

#include "base/log.h"
#include "lookup/apply.h"
#include "lookup/directory.h"
#include "lookup/output.h"
#include "lookup/live.h"
#include "lookup/tables.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MYSQL_PORT_USUAL 3306

struct printing { /* one file in memory */
    char *octets;
    size_t length;
    FILE *to;
};

static void printing_begin(struct printing *p, enum output_privacy privacy)
{
    p->to = open_memstream(&p->octets, &p->length);
    if (!p->to)
        abort();
    if (privacy == OUTPUT_PROGRAM)
        fputs(RENDER_SHELL, p->to);
    fputs(RENDER_MARK, p->to);
}

static void printing_end(struct rendering *r, struct printing *p, const char *name,
                         enum output_privacy privacy, struct rendered_set *out)
{
    if (fclose(p->to) != 0 || out->count == RENDERED_MAX)
        abort();
    out->files[out->count++] = (struct rendered){
        .path = task_c_string(r->t, task_printf(r->t, "%s/%s", r->out.at, name)),
        .privacy = privacy,
        .content = task_copy(r->t, (struct text){ p->octets, p->length }),
    };
    explicit_bzero(p->octets, p->length);
    free(p->octets);
}

static void print_maps(struct rendering *r, struct rendered_set *out)
{
    for (const struct question *q = questions; q->map; q++) {
        struct printing p;

        if (q->asker != ASKED_BY_POSTFIX || tables_hold(q, r->maps))
            continue;
        printing_begin(&p, OUTPUT_SECRET);
        print_postfix_map(r, q, p.to);
        printing_end(r, &p, task_printf(r->t, "postfix/mysql_%s.cf", q->map).at, OUTPUT_SECRET, out);
    }
}

static void print_quota_warnings(struct rendering *r, struct rendered_set *out)
{
    for (const int64_t *percent = quota_warnings(r); has_dovecot_quota(r) && *percent; percent++) {
        struct printing p;

        printing_begin(&p, OUTPUT_PUBLIC);
        print_quota_warning(r, *percent, p.to);
        printing_end(r, &p, task_printf(r->t, "dovecot/quota-warning-%lld.letter", (long long)*percent).at, OUTPUT_PUBLIC,
                     out);
    }
}

static bool has_courier(const struct rendering *r)
{
    return r->sasl == SASL_AUTHDAEMOND || tries_courier(r);
}

static void print_files(struct rendering *r, struct rendered_set *out)
{
    const struct {
        const char *name;
        print_fn *print;
        enum output_privacy privacy;
        bool wanted;
    } files[] = {
        { "postfix/mysql_client.cnf", print_postfix_client, OUTPUT_PUBLIC, r->maps == MAPS_MYSQL || r->maps == MAPS_PROXY },
        { "postfix/main.cf.postreeve", print_postfix_main, OUTPUT_PUBLIC, true },
        { "postfix/master.cf.postreeve", print_postfix_master, OUTPUT_PUBLIC, true },
        { "postfix/relay_status", print_postfix_relay_status, OUTPUT_PUBLIC, true },
        { "postfix/sasl/smtpd.conf", print_cyrus_smtpd, OUTPUT_SECRET, r->sasl != SASL_DOVECOT },
        { "default/saslauthd", print_saslauthd_defaults, OUTPUT_PUBLIC, r->sasl == SASL_SASLAUTHD },
        { "courier/authmysqlrc", print_courier_mysql, OUTPUT_SECRET, has_courier(r) },
        { "courier/authdaemonrc", print_courier_daemon, OUTPUT_PUBLIC, has_courier(r) },
        { "courier/imapd.postreeve", print_courier_imapd, OUTPUT_PUBLIC, tries_courier(r) },
        { "dovecot/dovecot-sql.conf.ext", print_dovecot_sql, OUTPUT_SECRET, has_dovecot(r) },
        { "dovecot/dovecot-sql-app.conf.ext", print_dovecot_app_sql, OUTPUT_SECRET, has_dovecot(r) && r->dovecot == DOVECOT_2_3 },
        { "dovecot/dovecot-dict-quota.conf.ext", print_dovecot_dict, OUTPUT_SECRET,
          has_dovecot_quota(r) && r->dovecot == DOVECOT_2_3 },
        { "dovecot/quota-warning", print_quota_warning_program, OUTPUT_PROGRAM,
          has_dovecot_quota(r) && quota_warnings(r)[0] },
        { "dovecot/dovecot-report.conf.ext", print_dovecot_report, OUTPUT_SECRET, has_dovecot(r) && r->report_token.length },
        { "dovecot/postreeve.conf.ext", print_dovecot_conf, OUTPUT_PUBLIC, has_dovecot(r) },
    };

    for (size_t i = 0; i < COUNT(files); i++) {
        struct printing p;

        if (!files[i].wanted)
            continue;
        printing_begin(&p, files[i].privacy);
        files[i].print(r, p.to);
        printing_end(r, &p, files[i].name, files[i].privacy, out);
    }
}

static void print_vacation(struct rendering *r, struct rendered_set *out)
{
    struct printing p;

    if (!has_vacation(r))
        return;
    printing_begin(&p, OUTPUT_SECRET);
    print_vacation_conf(r, p.to);
    printing_end(r, &p, "postfix/postreeve-vacation.conf", OUTPUT_SECRET, out);
    out->files[out->count - 1].reader = r->config->mail.vacation_user.at;
}

static enum outcome check_numbers(const struct config *c)
{
    if (c->mail.virtual_mailbox_base.length == 0 || c->mail.virtual_mailbox_base.at[0] != '/') {
        log_line(LOG_FAULT, "[mail] virtual_mailbox_base must be an absolute path");
        return INVALID;
    }
    return DONE;
}

/* Dovecot 2.3's driver takes several hosts, but one port for all of them. */
static enum outcome check_ports(const struct rendering *r)
{
    int64_t port = 0;

    for (size_t i = 0; has_dovecot(r) && r->dovecot == DOVECOT_2_3 && i < r->access.servers.count; i++) {
        const struct endpoint *e = &r->access.servers.items[i];
        int64_t here = e->port ? e->port : MYSQL_PORT_USUAL;

        if (endpoint_is_local(e))
            continue;
        if (port && here != port) {
            log_line(LOG_FAULT, "[lookup] host: Dovecot 2.3 needs the same port on all servers");
            return INVALID;
        }
        port = here;
    }
    return DONE;
}

/* Without clear text there has to be somebody who can answer a challenge. */
static enum outcome check_mechanisms(const struct rendering *r)
{
    if (r->config->sasl.plaintext || r->sasl == SASL_AUXPROP)
        return DONE;
    log_line(LOG_FAULT, "[sasl] plaintext = no needs --sasl auxprop: nobody else knows the passwords themselves");
    return INVALID;
}

/* The program that warns fills in what stands in braces, wherever it stands. */
static enum outcome check_sender(const struct rendering *r)
{
    if (!has_dovecot_quota(r) || text_find(r->config->letters.from, '{') == TEXT_NOT_FOUND)
        return DONE;
    log_line(LOG_FAULT, "[letters] from holds the character {, which the letters that warn of a full mailbox cannot hold");
    return INVALID;
}

/* Every text that a file may show. All offences are told, not the first alone. */
static enum outcome check_values(const struct rendering *r)
{
    const struct { const char *setting; struct text value; } values[] = {
        { "[lookup] socket", r->access.socket },
        { "[lookup] name", r->access.name },
        { "[lookup] user", r->access.user },
        { "[lookup] password", r->access.password },
        { "[mail] hostname", r->config->mail.hostname },
        { "[mail] virtual_mailbox_base", r->config->mail.virtual_mailbox_base },
        { "[mail] recipient_delimiter", r->config->mail.recipient_delimiter },
        { "[tls] certificate", r->config->tls.certificate },
        { "[tls] key", r->config->tls.key },
        { "[sasl] default_domain", r->config->sasl.default_domain },
        { "[sasl] authdaemond_socket", r->config->sasl.authdaemond_socket },
        { "[sasl] saslauthd_directory", r->config->sasl.saslauthd_directory },
        { "[dovecot] report_url", r->config->dovecot.report_url },
        { "[dkim] milter", r->config->dkim.milter },
        { "the host of the relay for *", r->everything },
        { "--out", r->out },
        { "[postfix] queue_directory, or --queue-directory,", r->queue_directory },
    };
    enum outcome o = check_numbers(r->config);

    if (check_postfix(r) != DONE)
        o = INVALID;
    if (check_ports(r) != DONE || check_mechanisms(r) != DONE)
        o = INVALID;
    if (check_vacation(r) != DONE || check_sender(r) != DONE)
        o = INVALID;
    for (size_t i = 0; i < COUNT(values); i++)
        if (access_check_value(values[i].setting, values[i].value) != DONE)
            o = INVALID;
    for (size_t i = 0; i < r->access.servers.count; i++)
        if (access_check_value("[lookup] host", r->access.servers.items[i].host) != DONE)
            o = INVALID;
    return o;
}

static enum outcome write_file(struct task *t, const struct rendered *file)
{
    struct output *o = NULL;
    bool changed = false;
    enum outcome ended = output_directories(t, file->path);

    if (ended == DONE)
        ended = output_open(t, file->path, file->privacy, &o);
    if (ended == DONE && file->reader)
        ended = output_lend(o, file->reader);
    if (ended != DONE)
        return ended;
    output_write(o, file->content);
    ended = output_finish(o, &changed);
    return ended == DONE && changed ? output_keep(o) : ended;
}

/* What this machine has; 2.3 where it has none. */
static enum dovecot dovecot_here(struct task *t)
{
    static const char *const places[] = { "/usr/sbin/dovecot", "/usr/local/sbin/dovecot" };
    const char *const arguments[] = { "dovecot", "--version", NULL };
    struct heard heard;
    size_t i = 0;

    while (i < COUNT(places) && access(places[i], X_OK) != 0)
        i++;
    if (i == COUNT(places) || live_run(t, arguments, &heard) != DONE || heard.status != 0)
        return DOVECOT_2_3;
    return text_starts(heard.out, TEXT("2.3.")) || !text_starts(heard.out, TEXT("2.")) ? DOVECOT_2_3 : DOVECOT_2_4;
}

struct text rendered_content(const struct rendered_set *set, const char *ending)
{
    for (size_t i = 0; i < set->count; i++)
        if (text_ends(text_of(set->files[i].path), text_of(ending)))
            return set->files[i].content;
    return TEXT("");
}

enum outcome render_prepare(struct task *t, const struct config *c, const struct render_options *options,
                            struct rendered_set *set)
{
    struct rendering r = { .t = t, .config = c, .settings = directory_settings(c), .sasl = options->sasl,
                           .delivery = options->delivery, .maps = options->maps, .dkim = options->dkim,
                           .dovecot = options->dovecot ? options->dovecot : dovecot_here(t),
                           .out = output_absolute(t, options->out),
                           .queue_directory = output_absolute(t, options->queue_directory) };
    enum outcome o = access_read(t, &c->lookup, &r.access);
    struct config letters = *c; /* with the words of the letter that warns */

    if (tries_dovecot(&r))
        r.settings.sending_port = c->sasl.imap_port;
    r.quota_warning = &letters.quota_warning;
    if (o == DONE)
        o = config_read_quota_warning(t, &letters);
    if (o == DONE)
        o = config_read_report_token(t, c, &r.report_token);
    if (o == DONE)
        o = read_relay_of_everything(&r);
    if (o == DONE)
        o = check_values(&r);
    if (o != DONE)
        return o;
    set->count = 0;
    print_maps(&r, set);
    print_files(&r, set);
    print_vacation(&r, set);
    print_quota_warnings(&r, set);
    return DONE;
}

enum outcome render_write(struct task *t, const struct rendered_set *set)
{
    enum outcome o = DONE;

    for (size_t i = 0; i < set->count; i++)
        if (output_check_mark(set->files[i].path, RENDER_MARK) != DONE)
            o = CONFLICT;
    for (size_t i = 0; o == DONE && i < set->count; i++)
        o = write_file(t, &set->files[i]);
    return o;
}

enum outcome render(struct task *t, const struct config *c, const struct render_options *options)
{
    struct rendered_set *set = task_alloc(t, sizeof *set);
    enum outcome o = render_prepare(t, c, options, set);

    return o == DONE ? render_write(t, set) : o;
}

enum outcome render_apply(struct task *t, const struct config *c, const struct render_options *options,
                          const char *postfix_config)
{
    struct rendered_set *set = task_alloc(t, sizeof *set);
    enum outcome o = render_prepare(t, c, options, set);

    if (o != DONE)
        return o;
    return apply(t, postfix_config, rendered_content(set, "/main.cf.postreeve"),
                 rendered_content(set, "/master.cf.postreeve"));
}
