/* lookup/render_courier.c - Courier: who may log in, asked by authdaemond for Courier IMAP and POP, and for Postfix
 *
 * Debian's Courier reads its files in /etc/courier. Both daemons' parsers know no escapes: a value is what stands on its line.
 *
 * SOURCE  the comments in Debian's own authmysqlrc, authdaemonrc and imapd; Courier authlib's authmysqllib.cpp.
 */
#include "lookup/render_parts.h"

/* One server is all that it takes: of several, the first. */
static void print_server(const struct access *a, FILE *to)
{
    const struct endpoint *e = &a->servers.items[0];

    fprintf(to, "MYSQL_SERVER %s\n", endpoint_is_local(e) ? "localhost" : e->host.at);
    if (endpoint_is_local(e) && a->socket.length)
        fprintf(to, "MYSQL_SOCKET %s\n", a->socket.at);
    fprintf(to, "MYSQL_PORT %lld\nMYSQL_OPT 0\n", (long long)(endpoint_is_local(e) ? 0 : e->port));
}

/* The table and its column are asked for even where the query is given. The last line has to be the marker, or authmysql
 * takes the file for half an update, and refuses everybody. */
void print_courier_mysql(const struct rendering *r, FILE *to)
{
    const struct question *q = question_named(TEXT("courier_login"));
    const struct access *a = &r->access;

    print_server(a, to);
    fprintf(to, "MYSQL_USERNAME %s\n", a->user.at);
    if (a->password.length)
        fprintf(to, "MYSQL_PASSWORD %s\n", a->password.at);
    fprintf(to, "MYSQL_DATABASE %s\nMYSQL_CHARACTER_SET utf8mb4\n", a->name.at);
    fputs("MYSQL_USER_TABLE mailbox\nMYSQL_CRYPT_PWFIELD password\n", to);
    if (r->config->sasl.default_domain.length)
        fprintf(to, "DEFAULT_DOMAIN %s\n", r->config->sasl.default_domain.at);
    fprintf(to, "# %s\nMYSQL_SELECT_CLAUSE %s\n", q->doc, question_text(r->t, q, &r->settings).at);
    fputs("##NAME: MARKER:0\n", to);
}

void print_courier_daemon(const struct rendering *r, FILE *to)
{
    (void)r;
    fputs("# Passwords go into the log with DEBUG_LOGIN=2.\n"
          "authmodulelist=\"authmysql\"\nauthmodulelistorig=\"authmysql\"\ndaemons=5\n"
          "authdaemonvar=/run/courier/authdaemon\nDEBUG_LOGIN=0\nDEFAULTOPTIONS=\"\"\nLOGGEROPTS=\"\"\n",
          to);
}

/* The name of the service is what the question of smtp_active goes by. */
void print_courier_imapd(const struct rendering *r, FILE *to)
{
    long long port = (long long)r->config->sasl.imap_port;

    fprintf(to,
            "# Add at the end of /etc/courier/imapd: a port for saslauthd alone, where log-ins count as sending.\n"
            "PORT=\"$PORT,127.0.0.1.%lld\"\nAUTHSERVICE%lld=smtp\n",
            port, port);
}
