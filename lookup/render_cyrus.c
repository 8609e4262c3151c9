/* lookup/render_cyrus.c - Cyrus SASL: passwords straight from MySQL (auxprop, plugin sql)
 *
 * Only accounts stored in clear text can log in this way; they can also use CRAM-MD5 and DIGEST-MD5, which
 * need the password itself. Debian's Postfix looks for smtpd.conf in sasl/ beside its main.cf:
 * /etc/postfix/sasl, with --out /etc.
 */
#include "lookup/render_parts.h"

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

void print_cyrus_smtpd(const struct rendering *r, FILE *to)
{
    const struct question *q = question_named(TEXT("sasl_auxprop"));
    const struct access *a = &r->access;

    fprintf(to, "# %s\n", q->doc);
    fputs(
        "pwcheck_method: auxprop\nauxprop_plugin: sql\n"
        "mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5\nlog_level: 3\n"
        "sql_engine: mysql\n",
        to);
    print_hosts(a, to);
    fprintf(to, "sql_user: %s\n", a->user.at);
    if (a->password.length)
        fprintf(to, "sql_passwd: %s\n", a->password.at);
    fprintf(to, "sql_database: %s\nsql_select: %s\n", a->name.at, question_text(r->t, q, &r->settings).at);
}
