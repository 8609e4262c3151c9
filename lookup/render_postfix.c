/* lookup/render_postfix.c - the tables that Postfix asks, and how main.cf and master.cf name them
 *
 * SOURCE  mysql_table(5) of Postfix 3.7.
 */
#include "lookup/render_parts.h"
#include "lookup/tables.h"

#include <string.h>

static void print_server(const struct access *a, const struct endpoint *e, FILE *to)
{
    if (endpoint_is_local(e) && a->socket.length)
        fprintf(to, " unix:%s", a->socket.at);
    else if (endpoint_is_local(e))
        fprintf(to, " localhost");
    else if (e->port)
        fprintf(to, strchr(e->host.at, ':') ? " inet:[%s]:%lld" : " inet:%s:%lld", e->host.at, (long long)e->port);
    else
        fprintf(to, " %s", e->host.at);
}

void print_postfix_map(const struct rendering *r, const struct question *q, FILE *to)
{
    const struct access *a = &r->access;

    fprintf(to, "# %s\nhosts =", q->doc);
    for (size_t i = 0; i < a->servers.count; i++)
        print_server(a, &a->servers.items[i], to);
    fprintf(to, "\n");
    fprintf(to, "user = %s\n", a->user.at);
    if (a->password.length)
        fprintf(to, "password = %s\n", a->password.at);
    fprintf(to, "dbname = %s\n", a->name.at);
    fprintf(to, "option_file = %s/postfix/mysql_client.cnf\noption_group = client\n", r->out.at);
    fprintf(to, "query = %s\n", question_text(r->t, q, &r->settings).at);
}

/* Postfix before 3.9 has no `charset`, and would ask in latin1. */
void print_postfix_client(const struct rendering *r, FILE *to)
{
    (void)r;
    fputs("[client]\ndefault-character-set = utf8mb4\n", to);
}

static struct text spelled(const struct rendering *r, const struct question *q)
{
    if (tables_hold(q, r->maps))
        return task_printf(r->t, "%s:%s/postfix/%s", maps_table_type(r->maps), r->out.at, tables_name(r->t, q->map).at);
    return task_printf(r->t, "%smysql:%s/postfix/mysql_%s.cf", r->maps == MAPS_PROXY ? "proxy:" : "", r->out.at, q->map);
}

struct text postfix_table(const struct rendering *r, const char *map)
{
    return spelled(r, question_named(text_of(map)));
}

/* proxymap(8) serves what is named here and nothing else. Local users' names are Postfix's own use of it. */
void print_postfix_proxied(const struct rendering *r, FILE *to)
{
    if (r->maps != MAPS_PROXY)
        return;
    fputs("\n# What one process may ask the database for, on behalf of all.\nproxy_read_maps = $local_recipient_maps", to);
    for (const struct question *q = questions; q->map; q++)
        if (q->asker == ASKED_BY_POSTFIX && !tables_hold(q, r->maps))
            fprintf(to, ",\n    %s", spelled(r, q).at);
    fputs("\n", to);
}
