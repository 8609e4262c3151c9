/* lookup/render_postfix_master.c - what goes into master.cf
 *
 * SOURCE  master(5) of Postfix 3.7; the five guides that our users came with.
 */
#include "lookup/render_parts.h"

/* A value with blanks needs the form { name = value }: without it smtpd dies in every session. */
static void print_submission(const struct rendering *r, FILE *to, const char *service, const char *tls)
{
    fprintf(to,
            "%-10s inet  n       -       n       -       -       smtpd\n"
            "    -o syslog_name=postfix/%s\n"
            "    -o %s\n"
            "    -o smtpd_sasl_auth_enable=yes\n"
            "    -o smtpd_client_restrictions=\n"
            "    -o smtpd_helo_restrictions=\n"
            "    -o smtpd_sender_restrictions=reject_sender_login_mismatch\n"
            "    -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n"
            "    -o { smtpd_recipient_restrictions = check_recipient_access"
            " %s, permit_sasl_authenticated, reject }\n",
            service, service, tls, postfix_table(r, "check_recipient_access").at);
}

/* The services that ask the database stand outside the chroot: neither its socket nor SASL's files are
 * inside. */
void print_postfix_master(const struct rendering *r, FILE *to)
{
    fputs("# Merge into master.cf, in place of the services of the same names.\n"
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
          "lmtp       unix  -       -       n       -       -       lmtp\n"
          "proxymap   unix  -       -       n       -       -       proxymap\n",
          to);
}
