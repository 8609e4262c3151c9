/* lookup/render_relay.c - mail to elsewhere: smart hosts, their log-ins and TLS
 *
 * WHAT    Which smart host a sender or a destination has, with which TLS, is asked of the database (question.c); whose log-in,
 *         of a table (tables.c). The one for all the rest is relayhost, which is no map, and so stands in main.cf.
 * DEFER   A smart host that refuses for want of a log-in, or for a wrong one, refuses what we did, not the letter. Postfix
 *         would return that. So the services for smart hosts, and they alone, take such an answer for one of today
 *         (smtp_delivery_status_filter).
 * SOURCE  postconf(5), regexp_table(5) of Postfix 3.7; RFC 4954, 6 (530, 534, 535, 538).
 */
#include "lookup/render_parts.h"

struct everything {
    struct text nexthop, tls;
};
static const struct field fields[] = { COLUMN(struct everything, nexthop), COLUMN(struct everything, tls) };
static const struct shape shape = SHAPE(struct everything, "RelayOfEverything", fields);

const struct statement relay_of_everything_statements[] = {
    { "relay.of_everything",
      "SELECT r.nexthop AS nexthop, r.tls AS tls FROM postreeve_relay r WHERE r.scope = '*' AND r.active = 1", &asked_shape,
      &shape },
    { 0 },
};

enum outcome read_relay_of_everything(struct rendering *r)
{
    struct everything row = { 0 };
    enum outcome o = MISSING;

    if (task_connection(r->t))
        o = statement_one(r->t, &relay_of_everything_statements[0], &r->settings, &row);
    if (o != DONE)
        return o == MISSING ? DONE : o;
    r->everything = row.nexthop;
    r->everything_wrapped = text_equal(row.tls, TEXT("wrapped"));
    return DONE;
}

static void map(const struct rendering *r, FILE *to, const char *parameter)
{
    fprintf(to, "%s = %s\n", parameter, postfix_table(r, parameter).at);
}

void print_postfix_relays(const struct rendering *r, FILE *to)
{
    struct text configured = r->config->postfix.relayhost, host = r->everything.length ? r->everything : configured;
    const char *service = !r->everything.length ? "smtp" : r->everything_wrapped ? WRAPPED_SERVICE : RELAY_SERVICE;

    fputs("\n# Smart hosts: for all mail to elsewhere, by sender (by destination: transport_maps), and what each is asked for.\n",
          to);
    fprintf(to, host.length ? "relayhost = %s\n" : "relayhost =\n", host.at);
    fprintf(to, "default_transport = %s\n", service);
    map(r, to, "sender_dependent_relayhost_maps");
    map(r, to, "sender_dependent_default_transport_maps");
    map(r, to, "smtp_tls_policy_maps");
    fputs("smtp_sasl_auth_enable = yes\n", to);
    map(r, to, "smtp_sasl_password_maps");
    fputs("smtp_sender_dependent_authentication = yes\n"
          "smtp_sasl_security_options = noanonymous\n"
          "smtp_sasl_tls_security_options = noanonymous\n",
          to);
}

void print_postfix_relay_status(const struct rendering *r, FILE *to)
{
    (void)r;
    fputs("# What a smart host says of a log-in that is missing or wrong, or that it relays for nobody without one: the\n"
          "# letter waits. What it says of the letter or its recipient stays as it is.\n"
          "/^5(\\.[0-9]+\\.[0-9]+ .* said: 53[0-9][ -].*)$/ 4$1\n"
          "/^5(\\.[0-9]+\\.[0-9]+ .* said: 5[0-9][0-9][ -].*(relay|authenticat|log ?in|not logged).*"
          "\\(in reply to (MAIL FROM|RCPT TO|DATA) command\\).*)$/ 4$1\n",
          to);
}
