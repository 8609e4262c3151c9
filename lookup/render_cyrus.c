/* lookup/render_cyrus.c - Cyrus SASL: who checks a password for Postfix
 *
 *  auxprop      Cyrus itself, with passwords straight from MySQL (plugin sql). Only accounts stored in clear text can log
 *               in this way; they can also answer a challenge (CRAM-MD5, DIGEST-MD5, SCRAM).
 *  saslauthd    a log-in at the IMAP server (its mechanism rimap). It comes to a port of its own, where it counts as
 *               sending, and without saslauthd's cache: that would let in whoever has been locked out meanwhile.
 *  authdaemond  Courier's authdaemond.
 *
 * The latter two are shown the password itself, so they offer PLAIN and LOGIN alone: with CRAM-MD5 in its mech_list Cyrus
 * would leave them out and ask auxprop. Debian's Postfix looks for smtpd.conf in sasl/ beside its main.cf: /etc/postfix/sasl,
 * with --out /etc.
 */
#include "lookup/render_parts.h"

bool tries_dovecot(const struct rendering *r)
{
    return r->sasl == SASL_SASLAUTHD && text_equal(r->config->sasl.imap_server, TEXT("dovecot"));
}

bool tries_courier(const struct rendering *r)
{
    return r->sasl == SASL_SASLAUTHD && !tries_dovecot(r);
}

static void print_hosts(const struct access *a, FILE *to)
{
    for (size_t i = 0; i < a->servers.count; i++) {
        const struct endpoint *e = &a->servers.items[i];

        fputs(i ? "," : "sql_hostnames: ", to);
        if (endpoint_is_local(e))
            fputs("localhost", to);
        else if (e->port)
            fprintf(to, "%s:%lld", e->host.at, (long long)e->port);
        else
            fputs(e->host.at, to);
    }
    fputs("\n", to);
}

static void print_auxprop(const struct rendering *r, FILE *to)
{
    const struct question *q = question_named(TEXT("sasl_auxprop"));
    const struct access *a = &r->access;

    fprintf(to, "# %s\npwcheck_method: auxprop\nauxprop_plugin: sql\n", q->doc);
    fprintf(to, "mech_list:%s CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256\nsql_engine: mysql\n",
            r->config->sasl.plaintext ? " PLAIN LOGIN" : "");
    print_hosts(a, to);
    fprintf(to, "sql_user: %s\n", a->user.at);
    if (a->password.length)
        fprintf(to, "sql_passwd: %s\n", a->password.at);
    fprintf(to, "sql_database: %s\nsql_select: %s\n", a->name.at, question_text(r->t, q, &r->settings).at);
}

void print_cyrus_smtpd(const struct rendering *r, FILE *to)
{
    const struct sasl_settings *s = &r->config->sasl;

    if (r->sasl == SASL_AUXPROP)
        print_auxprop(r, to);
    else if (r->sasl == SASL_SASLAUTHD)
        fprintf(to, "# The account postfix has to be in the group sasl.\n"
                    "pwcheck_method: saslauthd\nsaslauthd_path: %s/mux\nmech_list: PLAIN LOGIN\n",
                s->saslauthd_directory.at);
    else
        fprintf(to, "# The account postfix has to be in the group courier.\n"
                    "pwcheck_method: authdaemond\nauthdaemond_path: %s\nmech_list: PLAIN LOGIN\n",
                s->authdaemond_socket.at);
    fputs("log_level: 3\n", to);
}

/* The realm makes one name of "taro" and "taro@example.jp"; else who logs in without the domain could not send as himself. */
void print_cyrus_main(const struct rendering *r, FILE *to)
{
    const struct sasl_settings *s = &r->config->sasl;
    const char *options = s->plaintext ? "noanonymous" : "noplaintext, noanonymous";

    fprintf(to,
            "smtpd_sasl_type = cyrus\nsmtpd_sasl_path = smtpd\n"
            "# Where smtpd.conf is. Debian 12's Postfix does not ask, and looks in sasl/ beside its main.cf.\n"
            "cyrus_sasl_config_path = %s/postfix/sasl\n"
            "smtpd_sasl_security_options = %s\nsmtpd_sasl_tls_security_options = %s\n",
            r->out.at, options, options);
    fputs("smtpd_sasl_local_domain =", to);
    fprintf(to, s->default_domain.length ? " %s\n" : "\n", s->default_domain.at);
    if (r->sasl == SASL_AUXPROP && r->access.socket.length)
        fprintf(to,
                "# Cyrus SASL has no setting for the database's socket, but its client library takes this.\n"
                "import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C\n"
                "    POSTLOG_SERVICE POSTLOG_HOSTNAME MYSQL_UNIX_PORT=%s\n",
                r->access.socket.at);
}

/* Read by /etc/init.d/saslauthd as a shell, and by Debian 13's unit, which forgets the -O of MECH_OPTIONS. */
void print_saslauthd_defaults(const struct rendering *r, FILE *to)
{
    const struct sasl_settings *s = &r->config->sasl;

    fputs("# Without -c: its cache would let in for hours who has been locked out, or has another password.\n"
          "START=yes\nDESC=\"SASL Authentication Daemon\"\nNAME=\"saslauthd\"\n"
          "MECHANISMS=\"rimap\"\nMECH_OPTIONS=\"\"\nTHREADS=5\n",
          to);
    fprintf(to, "OPTIONS=\"-r -m %s -O 127.0.0.1/%lld\"\n", s->saslauthd_directory.at, (long long)s->imap_port);
}
