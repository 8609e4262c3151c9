/* lookup/render_dovecot.c - Dovecot 2.3: who may log in, where letters lie, and the sockets that Postfix uses
 */
#include "lookup/render_parts.h"

static void print_query(const struct rendering *r, FILE *to, const char *setting, struct text map)
{
    const struct question *q = question_named(map);

    fprintf(to, "# %s\n%s = %s\n", q->doc, setting, question_text(r->t, q, &r->settings).at);
}

/* render.c has seen to it that they have one port. */
static void print_hosts(const struct access *a, FILE *to)
{
    int64_t port = 0;

    for (size_t i = 0; i < a->servers.count; i++) {
        const struct endpoint *e = &a->servers.items[i];
        bool local = endpoint_is_local(e);

        fprintf(to, " host=%s", !local ? e->host.at : a->socket.length ? a->socket.at : "localhost");
        if (!local)
            port = e->port;
    }
    if (port)
        fprintf(to, " port=%lld", (long long)port);
}

/* CRYPT is what a stored password without a {SCHEME} in front of it is: whatever crypt(3) knows by its
 * prefix. */
static void print_access(const struct rendering *r, FILE *to)
{
    const struct access *a = &r->access;

    fputs("driver = mysql\nconnect =", to);
    print_hosts(a, to);
    fprintf(to, " dbname=%s user=%s", a->name.at, a->user.at);
    if (a->password.length)
        fprintf(to, " password=%s", a->password.at);
    fprintf(to, " option_file=%s/postfix/mysql_client.cnf option_group=client\n", r->out.at);
    fputs("default_pass_scheme = CRYPT\n", to);
}

void print_dovecot_sql(const struct rendering *r, FILE *to)
{
    print_access(r, to);
    print_query(r, to, "password_query", TEXT("dovecot_passdb"));
    print_query(r, to, "user_query", TEXT("dovecot_userdb"));
}

/* Asked when the main password was not it. Of the password that was typed no more than eight bits of a sum leave Dovecot. */
void print_dovecot_app_sql(const struct rendering *r, FILE *to)
{
    print_access(r, to);
    print_query(r, to, "password_query", TEXT("dovecot_app_passdb"));
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
            "    address = 127.0.0.1\n"
            "    port = %lld\n"
            "  }\n"
            "}\n"
            "service anvil {\n"
            "  unix_listener anvil-auth-penalty {\n"
            "    mode = 0\n"
            "  }\n"
            "}\n",
            (long long)r->config->sasl.imap_port);
}

void print_dovecot_conf(const struct rendering *r, FILE *to)
{
    fputs(
        "# Include it in dovecot.conf, in place of conf.d/auth-system.conf.ext: accounts are the database's.\n",
        to);
    fputs("auth_mechanisms = plain login\n", to);
    fprintf(to, "passdb {\n  driver = sql\n  args = %s/dovecot/dovecot-sql.conf.ext\n}\n", r->out.at);
    fprintf(to, "passdb {\n  driver = sql\n  args = %s/dovecot/dovecot-sql-app.conf.ext\n}\n", r->out.at);
    fprintf(to, "userdb {\n  driver = sql\n  args = %s/dovecot/dovecot-sql.conf.ext\n}\n", r->out.at);
    fprintf(to, "first_valid_uid = %lld\nlast_valid_uid = %lld\n", (long long)r->config->mail.uid,
            (long long)r->config->mail.uid);
    if (r->config->sasl.default_domain.length)
        fprintf(to, "auth_default_realm = %s\n", r->config->sasl.default_domain.at);
    if (tries_dovecot(r))
        print_rimap(r, to);
    print_report_include(r, to);
    if (r->sasl == SASL_DOVECOT)
        print_listener(r, to, "auth", "auth");
    if (r->delivery == DELIVERY_LMTP)
        print_listener(r, to, "lmtp", "dovecot-lmtp");
}
