/* lookup/render_postfix_main.c - what goes into main.cf
 *
 * SOURCE  postconf(5) of Postfix 3.7; the five guides that our users came with.
 */
#include "lookup/render_parts.h"

#define MESSAGE_SIZE_LIMIT INT64_C(10240000) /* Postfix's own default */

static void map(const struct rendering *r, FILE *to, const char *parameter)
{
    fprintf(to, "%s = %s\n", parameter, postfix_table(r, parameter).at);
}

static void print_domains(const struct rendering *r, FILE *to)
{
    const struct mail_settings *m = &r->config->mail;
    int64_t limit = m->virtual_mailbox_limit;

    fputs("\n# Domains, mailboxes, aliases.\n", to);
    map(r, to, "virtual_mailbox_domains");
    map(r, to, "virtual_mailbox_maps");
    map(r, to, "virtual_alias_maps");
    map(r, to, "virtual_alias_domains");
    map(r, to, "relay_domains");
    map(r, to, "relay_recipient_maps");
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
          "broken_sasl_auth_clients = yes\n"
          "smtpd_tls_auth_only = yes\n"
          "smtpd_tls_security_level = may\n",
          to);
    if (r->sasl == SASL_DOVECOT)
        fputs("smtpd_sasl_type = dovecot\nsmtpd_sasl_path = private/auth\n"
              "smtpd_sasl_security_options = noanonymous\nsmtpd_sasl_tls_security_options = noanonymous\n"
              "smtpd_sasl_local_domain =\n",
              to);
    else
        print_cyrus_main(r, to);
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
                "smtpd_sender_restrictions = check_sender_access %s\n",
            postfix_table(r, "check_sender_access").at);
    fprintf(to,
            "\n# Strangers bring mail for our domains and nothing else; unset, their other attempts would get a\n"
            "# temporary error and come again. An address that is switched off is refused before anything\n"
            "# lets it pass.\n"
            "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"
            "smtpd_recipient_restrictions =\n"
            "    check_recipient_access %s,\n"
            "    permit_mynetworks, reject_invalid_helo_hostname, reject_unauth_destination\n",
            postfix_table(r, "check_recipient_access").at);
    fputs("\n# Abuse: no guessing of addresses, and limits that no honest client reaches.\n"
          "disable_vrfy_command = yes\n"
          "anvil_rate_time_unit = 60s\n"
          "smtpd_client_connection_rate_limit = 120\n"
          "smtpd_client_message_rate_limit = 120\n"
          "smtpd_client_recipient_rate_limit = 120\n"
          "smtpd_client_connection_count_limit = 25\n",
          to);
}
