/* lookup/render_postfix_master.c - what goes into master.cf
 *
 * No value holds a blank: smtpd dies in every session of `-o name = value`, and postconf -P takes no other form than
 * -o name=value.
 *
 * SOURCE  master(5) of Postfix 3.7; the five guides that our users came with.
 */
#include "lookup/render_parts.h"

/* Restrictions of port 25 must not hold here: a client of our own comes from anywhere, and says any HELO. */
static void print_submission(const struct rendering *r, FILE *to, const char *service, const char *tls)
{
    const struct postfix_settings *p = &r->config->postfix;

    fprintf(to,
            "%-10s inet  n       -       n       -       -       smtpd\n"
            "    -o syslog_name=postfix/%s\n"
            "    -o %s\n"
            "    -o smtpd_sasl_auth_enable=yes\n"
            "    -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n"
            "    -o smtpd_helo_restrictions=\n"
            "    -o smtpd_data_restrictions=\n"
            "    -o smtpd_sender_restrictions=%s%s%s\n"
            "    -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n"
            "    -o smtpd_recipient_restrictions=%scheck_recipient_access,%s,permit_sasl_authenticated,reject\n",
            service, service, tls, p->reject_sender_login_mismatch ? "reject_sender_login_mismatch" : "",
            p->reject_sender_login_mismatch && p->reject_non_fqdn ? "," : "",
            p->reject_non_fqdn ? "reject_non_fqdn_sender" : "", p->reject_non_fqdn ? "reject_non_fqdn_recipient," : "",
            postfix_table(r, "check_recipient_access").at);
    fprintf(to,
            "    -o strict_rfc821_envelopes=%s\n"
            "    -o smtpd_reject_unlisted_sender=%s\n"
            "    -o smtpd_sasl_authenticated_header=%s\n",
            p->strict_rfc821_envelopes ? "yes" : "no", p->smtpd_reject_unlisted_sender ? "yes" : "no",
            p->smtpd_sasl_authenticated_header ? "yes" : "no");
}

static void print_relay_service(const struct rendering *r, FILE *to, const char *service, const char *more)
{
    fprintf(to,
            "%s unix  -       -       n       -       -       smtp\n"
            "    -o syslog_name=postfix/%s\n"
            "    -o smtp_delivery_status_filter=regexp:%s/postfix/relay_status\n"
            "%s",
            service, service, r->out.at, more);
}

/* The services that ask the database stand outside the chroot: neither its socket nor SASL's files are
 * inside. */
void print_postfix_master(const struct rendering *r, FILE *to)
{
    fputs("# Merge into master.cf, in place of the services of the same names (render --apply does).\n"
          "# ==========================================================================\n"
          "# service type  private unpriv  chroot  wakeup  maxproc command + args\n"
          "# ==========================================================================\n"
          "smtp       inet  n       -       n       -       -       smtpd\n",
          to);
    print_submission(r, to, "submission", "smtpd_tls_security_level=encrypt");
    print_submission(r, to, "smtps", "smtpd_tls_wrappermode=yes");
    fputs("cleanup    unix  n       -       n       -       0       cleanup\n"
          "rewrite    unix  -       -       n       -       -       trivial-rewrite\n"
          "virtual    unix  -       n       n       -       -       virtual\n"
          "local      unix  -       n       n       -       -       local\n"
          "lmtp       unix  -       -       n       -       -       lmtp\n"
          "smtp       unix  -       -       n       -       -       smtp\n"
          "relay      unix  -       -       n       -       -       smtp\n"
          "proxymap   unix  -       -       n       -       -       proxymap\n",
          to);
    print_relay_service(r, to, RELAY_SERVICE, "");
    print_relay_service(r, to, WRAPPED_SERVICE, "    -o smtp_tls_wrappermode=yes\n");
    print_vacation_master(r, to);
}
