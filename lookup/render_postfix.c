/* lookup/render_postfix.c - mysql: files, and what goes into main.cf and master.cf
 *
 * SOURCE  postconf(5), mysql_table(5), master(5) of Postfix 3.7; the four guides that our users came with.
 */
#include "lookup/render_parts.h"

#include <string.h>

#define MESSAGE_SIZE_LIMIT INT64_C(10240000) /* Postfix's own default */

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

static void map(const struct rendering *r, FILE *to, const char *parameter)
{
    fprintf(to, "%s = mysql:%s/postfix/mysql_%s.cf\n", parameter, r->out.at, parameter);
}

static void print_domains(const struct rendering *r, FILE *to)
{
    const struct mail_settings *m = &r->config->mail;
    int64_t limit = m->virtual_mailbox_limit;

    fputs("\n# Domains, mailboxes, aliases. None is a virtual alias domain; Postfix need not ask whether.\n", to);
    map(r, to, "virtual_mailbox_domains");
    map(r, to, "virtual_mailbox_maps");
    map(r, to, "virtual_alias_maps");
    fputs("virtual_alias_domains =\n", to);
    map(r, to, "relay_domains");
    map(r, to, "transport_maps");
    fputs("# Keys that are no UTF-8 end here, and never reach the database.\nsmtputf8_enable = yes\n", to);
    fprintf(to, "recipient_delimiter = %s\n", m->recipient_delimiter.at ? m->recipient_delimiter.at : "");

    fputs("\n# Where letters lie, and whose files they are. No letter may be larger than a mailbox.\n", to);
    fprintf(to, "virtual_transport = %s\n",
            r->delivery == DELIVERY_LMTP ? "lmtp:unix:private/dovecot-lmtp" : "virtual");
    fprintf(to, "virtual_mailbox_base = %s\n", m->virtual_mailbox_base.at);
    fprintf(to,
            "virtual_minimum_uid = %lld\nvirtual_uid_maps = static:%lld\nvirtual_gid_maps = static:%lld\n",
            (long long)m->uid, (long long)m->uid, (long long)m->gid);
    fprintf(to, "virtual_mailbox_limit = %lld\nmessage_size_limit = %lld\n", (long long)limit,
            (long long)(limit && limit < MESSAGE_SIZE_LIMIT ? limit : MESSAGE_SIZE_LIMIT));
}

static void print_sasl(const struct rendering *r, FILE *to)
{
    fputs("\n# Log-in on the ports for our own people only (master.cf.postreeve), never on 25.\n"
          "smtpd_sasl_auth_enable = no\n"
          "smtpd_sasl_security_options = noanonymous\n"
          "smtpd_sasl_tls_security_options = noanonymous\n"
          "smtpd_sasl_local_domain =\n"
          "broken_sasl_auth_clients = yes\n"
          "smtpd_tls_auth_only = yes\n"
          "smtpd_tls_security_level = may\n",
          to);
    if (r->sasl == SASL_DOVECOT) {
        fputs("smtpd_sasl_type = dovecot\nsmtpd_sasl_path = private/auth\n", to);
        return;
    }
    fputs("smtpd_sasl_type = cyrus\nsmtpd_sasl_path = smtpd\n", to);
    if (r->access.socket.length)
        fprintf(to,
                "# Cyrus SASL has no setting for the database's socket, but its client library takes this.\n"
                "import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C\n"
                "    POSTLOG_SERVICE POSTLOG_HOSTNAME MYSQL_UNIX_PORT=%s\n",
                r->access.socket.at);
}

void print_postfix_main(const struct rendering *r, FILE *to)
{
    fputs("# Merge into main.cf; what stands there and not here (mynetworks, say) stays.\n", to);
    if (r->config->mail.hostname.length)
        fprintf(to, "myhostname = %s\n", r->config->mail.hostname.at);
    if (r->config->tls.certificate.length)
        fprintf(to, "smtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s\n", r->config->tls.certificate.at,
                r->config->tls.key.at);
    print_domains(r, to);
    print_sasl(r, to);
    fputs("\n# Who may send as whom; the ports for our own people ask (master.cf.postreeve).\n", to);
    map(r, to, "smtpd_sender_login_maps");
    fprintf(to, "\n# Whose mail is not taken; the ports for our own people do not ask.\n"
                "smtpd_sender_restrictions = check_sender_access mysql:%s/postfix/mysql_check_sender_access.cf\n",
            r->out.at);
    fprintf(to,
            "\n# Strangers bring mail for our domains and nothing else; unset, their other attempts would get a\n"
            "# temporary error and come again. An address that is switched off is refused before anything\n"
            "# lets it pass.\n"
            "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"
            "smtpd_recipient_restrictions =\n"
            "    check_recipient_access mysql:%s/postfix/mysql_check_recipient_access.cf,\n"
            "    permit_mynetworks, reject_invalid_helo_hostname, reject_unauth_destination\n",
            r->out.at);
    fputs("\n# Abuse: no guessing of addresses, and limits that no honest client reaches.\n"
          "disable_vrfy_command = yes\n"
          "anvil_rate_time_unit = 60s\n"
          "smtpd_client_connection_rate_limit = 120\n"
          "smtpd_client_message_rate_limit = 120\n"
          "smtpd_client_recipient_rate_limit = 120\n"
          "smtpd_client_connection_count_limit = 25\n",
          to);
}

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
            " mysql:%s/postfix/mysql_check_recipient_access.cf, permit_sasl_authenticated, reject }\n",
            service, service, tls, r->out.at);
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
