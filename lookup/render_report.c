/* lookup/render_report.c - Dovecot reports to the service how each log-in ended
 *
 * A passdb is asked before the password is compared, so no query can write down that it was right. What Dovecot calls auth
 * policy can: a POST after each log-in, IMAP, POP3 and SMTP alike, since Postfix asks Dovecot. Nobody waits for its answer,
 * and where the service is down a line in Dovecot's log is all that comes of it.
 * SOURCE   doc.dovecot.org, "Authentication Policy"; src/auth/auth-policy.c of 2.3.19 and 2.4
 * SECRET   The header holds a token, so it stands in a file of its own, which whoever may not read it passes over
 *          (!include_try): doveconf and the programs that people run read the rest.
 */
#include "lookup/render_parts.h"

#define REPORT_FILE "dovecot/dovecot-report.conf.ext"

void print_report_include(const struct rendering *r, FILE *to)
{
    if (r->report_token.length)
        fprintf(to, "!include_try %s/" REPORT_FILE "\n", r->out.at);
}

/* The names are the members of LogInReport (server/model/own_account.c). Dovecot wants a nonce for hashing passwords, which we
 * let it send in no form. */
void print_dovecot_report(const struct rendering *r, FILE *to)
{
    fprintf(to,
            "auth_policy_server_url = %s/api/v1/log-ins/report\n"
            "auth_policy_server_api_header = Authorization:Bearer %.*s\n"
            "auth_policy_hash_nonce = no-password-is-sent\n"
            "auth_policy_check_before_auth = no\n"
            "auth_policy_check_after_auth = no\n"
            "auth_policy_report_after_auth = yes\n"
            "auth_policy_reject_on_fail = no\n",
            r->config->dovecot.report_url.at, (int)r->report_token.length, r->report_token.at);
    if (r->dovecot == DOVECOT_2_4) /* which would add these to its own, a sum of the password among them */
        fputs("auth_policy_request_attributes =\n"
              "auth_policy_request_attributes {\n"
              "  login = %{user}\n"
              "  remote = %{remote_ip}\n"
              "  protocol = %{protocol}\n"
              "  app_password = %{passdb:app_password | default('')}\n"
              "}\n",
              to);
    else
        fputs("auth_policy_request_attributes = login=%{user} remote=%{rip} protocol=%{service}"
              " app_password=%{passdb:app_password}\n",
              to);
}
