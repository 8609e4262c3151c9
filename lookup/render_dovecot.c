/* lookup/render_dovecot.c - who may log in, where letters lie, and the sockets that Postfix uses: what Dovecot 2.3 and 2.4 have
 * alike, and 2.3's files of queries
 */
#include "lookup/render_parts.h"

bool has_dovecot(const struct rendering *r)
{
    return r->sasl == SASL_DOVECOT || r->delivery == DELIVERY_LMTP || tries_dovecot(r);
}

bool has_dovecot_quota(const struct rendering *r)
{
    return has_dovecot(r) && r->config->dovecot.quota;
}

static void print_query(const struct rendering *r, FILE *to, const char *setting, struct text map)
{
    const struct question *q = question_named(map);

    fprintf(to, "# %s\n%s = %s\n", q->doc, setting, question_text(r->t, q, &r->settings).at);
}

/* render.c has seen to it that they have one port. */
static void print_connect(const struct rendering *r, FILE *to)
{
    const struct access *a = &r->access;
    int64_t port = 0;

    fputs("connect =", to);
    for (size_t i = 0; i < a->servers.count; i++) {
        const struct endpoint *e = &a->servers.items[i];
        bool local = endpoint_is_local(e);

        fprintf(to, " host=%s", !local ? e->host.at : a->socket.length ? a->socket.at : "localhost");
        if (!local)
            port = e->port;
    }
    if (port)
        fprintf(to, " port=%lld", (long long)port);
    fprintf(to, " dbname=%s user=%s", a->name.at, a->user.at);
    if (a->password.length)
        fprintf(to, " password=%s", a->password.at);
    fprintf(to, " option_file=%s/postfix/mysql_client.cnf option_group=client\n", r->out.at);
}

/* CRYPT is what a stored password without a {SCHEME} in front of it is: whatever crypt(3) knows by its
 * prefix. */
static void print_access(const struct rendering *r, FILE *to)
{
    fputs("driver = mysql\n", to);
    print_connect(r, to);
    fputs("default_pass_scheme = CRYPT\n", to);
}

/* 2.4 has the queries in its main file, and only the account apart. A block for each server; the port may differ there. */
static void print_servers_24(const struct rendering *r, FILE *to)
{
    const struct access *a = &r->access;

    fputs("sql_driver = mysql\n", to);
    for (size_t i = 0; i < a->servers.count; i++) {
        const struct endpoint *e = &a->servers.items[i];
        bool local = endpoint_is_local(e);

        fprintf(to, "mysql %s {\n", !local ? e->host.at : a->socket.length ? a->socket.at : "localhost");
        if (!local && e->port)
            fprintf(to, "  port = %lld\n", (long long)e->port);
        fprintf(to, "  dbname = %s\n  user = %s\n", a->name.at, a->user.at);
        if (a->password.length)
            fprintf(to, "  password = %s\n", a->password.at);
        fprintf(to, "  option_file = %s/postfix/mysql_client.cnf\n  option_group = client\n}\n", r->out.at);
    }
}

void print_dovecot_sql(const struct rendering *r, FILE *to)
{
    if (r->dovecot == DOVECOT_2_4) {
        print_servers_24(r, to);
        return;
    }
    print_access(r, to);
    print_query(r, to, "password_query", TEXT("dovecot_passdb"));
    print_query(r, to, "user_query", TEXT("dovecot_userdb"));
    print_query(r, to, "iterate_query", TEXT("dovecot_iterate"));
}

/* Asked when the main password was not it. Of the password that was typed no more than eight bits of a sum leave Dovecot. */
void print_dovecot_app_sql(const struct rendering *r, FILE *to)
{
    print_access(r, to);
    print_query(r, to, "password_query", TEXT("dovecot_app_passdb"));
}

/* Where the usage is written: a row of quota2 for each mailbox, as Postfix Admin shows it. */
void print_dovecot_dict(const struct rendering *r, FILE *to)
{
    static const struct { const char *key, *column; } values[] = { { "storage", "bytes" }, { "messages", "messages" } };

    print_connect(r, to);
    for (size_t i = 0; i < COUNT(values); i++)
        fprintf(to,
                "map {\n"
                "  pattern = priv/quota/%s\n"
                "  table = quota2\n"
                "  username_field = username\n"
                "  value_field = %s\n"
                "}\n",
                values[i].key, values[i].column);
}

void print_dovecot_account(const struct rendering *r, FILE *to)
{
    const struct mail_settings *m = &r->config->mail;

    fputs("# Any character: addresses have more than Dovecot expects (o'neil, a&b), and queries get them escaped.\n"
          "auth_username_chars =\n",
          to);
    fprintf(to, "first_valid_uid = %lld\nlast_valid_uid = %lld\n", (long long)m->uid, (long long)m->uid);
    fprintf(to, "recipient_delimiter = %s\n", m->recipient_delimiter.at ? m->recipient_delimiter.at : "");
    if (r->config->sasl.default_domain.length)
        fprintf(to, "%s = %s\n", r->dovecot == DOVECOT_2_4 ? "auth_default_domain" : "auth_default_realm",
                r->config->sasl.default_domain.at);
}

static void print_listener(const struct rendering *r, FILE *to, const char *service, const char *socket)
{
    fprintf(to,
            "service %s {\n"
            "  unix_listener %s/private/%s {\n"
            "    mode = 0660\n"
            "    user = postfix\n"
            "    group = postfix\n"
            "  }\n"
            "}\n",
            service, r->queue_directory.at, socket);
}

/* For saslauthd: a port of its own, where log-ins count as sending. Dovecot makes an address wait from which wrong passwords
 * came, longer each time, and these all come from our own: one guesser would make everybody wait. Trusting the address does
 * not help, so nobody is asked to wait but for auth_failure_delay. */
static void print_rimap(const struct rendering *r, FILE *to)
{
    fprintf(to,
            "service imap-login {\n"
            "  inet_listener rimap {\n"
            "    %s = 127.0.0.1\n"
            "    port = %lld\n"
            "  }\n"
            "}\n"
            "service anvil {\n"
            "  unix_listener anvil-auth-penalty {\n"
            "    mode = 0\n"
            "  }\n"
            "}\n",
            r->dovecot == DOVECOT_2_4 ? "listen" : "address", (long long)r->config->sasl.imap_port);
}

/* All mailboxes are one account's, which need not have a name; so who delivers and reads reaches these by the group. */
static void print_inner_listener(FILE *to, const char *socket)
{
    fprintf(to,
            "  unix_listener %s {\n"
            "    mode = 0660\n"
            "    group = dovecot\n"
            "  }\n",
            socket);
}

/* The program that warns runs as root, as deliveries do, to become who owns the mailbox: the letter goes in also where the
 * mailbox is full, past the quota. */
static void print_quota_services(const struct rendering *r, FILE *to)
{
    const char *past_quota = r->dovecot == DOVECOT_2_4 ? "quota_enforce=no" : "plugin/quota=count:User:noenforcing";

    fputs("\n# Usage into the table quota2. The file with the account is the group's.\nservice dict {\n", to);
    if (r->dovecot != DOVECOT_2_4)
        fputs("  extra_groups = postfix\n", to);
    print_inner_listener(to, "dict");
    fputs("}\n", to);
    fputs("\n# What Postfix asks at RCPT TO (main.cf.postreeve).\n", to);
    fprintf(to,
            "service quota-status {\n"
            "  executable = quota-status -p postfix\n"
            "  client_limit = 1\n"
            "  unix_listener %s/private/quota-status {\n"
            "    mode = 0660\n"
            "    user = postfix\n"
            "    group = postfix\n"
            "  }\n"
            "}\n",
            r->queue_directory.at);
    if (quota_warnings(r)[0] == 0)
        return;
    fprintf(to, "service quota-warning {\n  executable = script %s/dovecot/quota-warning %s\n", r->out.at, past_quota);
    print_inner_listener(to, "quota-warning");
    fputs("}\n", to);
}

void print_dovecot_services(const struct rendering *r, FILE *to)
{
    fputs("\n# The sockets that Postfix uses.\n", to);
    if (tries_dovecot(r))
        print_rimap(r, to);
    print_report_include(r, to);
    if (r->sasl == SASL_DOVECOT)
        print_listener(r, to, "auth", "auth");
    if (r->delivery == DELIVERY_LMTP)
        print_listener(r, to, "lmtp", "dovecot-lmtp");
    if (has_dovecot_quota(r))
        print_quota_services(r, to);
}

void print_dovecot_conf(const struct rendering *r, FILE *to)
{
    fputs(
        "# Include it at the end of dovecot.conf, as local.conf, say. Accounts are the database's: take the line\n"
        "# \"!include auth-system.conf.ext\" out of conf.d/10-auth.conf.\n",
        to);
    if (r->dovecot == DOVECOT_2_4)
        print_dovecot_conf_24(r, to);
    else
        print_dovecot_conf_23(r, to);
    print_report_include(r, to);
    print_dovecot_services(r, to);
}
