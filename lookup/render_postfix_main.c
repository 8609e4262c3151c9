/* lookup/render_postfix_main.c - what goes into main.cf
 *
 * SOURCE  postconf(5) of Postfix 3.7; the five guides that our users came with. `s2`, say, is the third of them: its
 *         order of restrictions, its limits and its TLS are here.
 */
#include "lookup/render_parts.h"

static void map(const struct rendering *r, FILE *to, const char *parameter)
{
    fprintf(to, "%s = %s\n", parameter, postfix_table(r, parameter).at);
}

static void print_text(FILE *to, const char *parameter, struct text value)
{
    fprintf(to, value.length ? "%s = %s\n" : "%s =\n", parameter, value.at);
}

static void print_number(FILE *to, const char *parameter, int64_t value)
{
    fprintf(to, "%s = %lld\n", parameter, (long long)value);
}

static void print_switch(FILE *to, const char *parameter, bool on)
{
    fprintf(to, "%s = %s\n", parameter, on ? "yes" : "no");
}

static void print_list(FILE *to, const char *parameter, const struct texts *values)
{
    fprintf(to, "%s =", parameter);
    for (size_t i = 0; i < values->count; i++)
        fprintf(to, i ? ", %s" : " %s", values->items[i].at);
    fputs("\n", to);
}

/* Postfix' own form of an IPv6 network: [2001:db8::]/32. */
static void print_networks(FILE *to, const struct texts *networks)
{
    fputs("mynetworks =", to);
    for (size_t i = 0; i < networks->count; i++) {
        struct text n = networks->items[i];
        size_t slash = text_find(n, '/') == TEXT_NOT_FOUND ? n.length : text_find(n, '/');
        bool six = text_find(n, ':') != TEXT_NOT_FOUND;

        fprintf(to, six ? "%s [%.*s]%s" : "%s %.*s%s", i ? "," : "", (int)slash, n.at, n.at + slash);
    }
    fputs("\n", to);
}

static void print_host(const struct rendering *r, FILE *to)
{
    const struct postfix_settings *p = &r->config->postfix;

    if (r->config->mail.hostname.length)
        print_text(to, "myhostname", r->config->mail.hostname);
    fputs("myorigin = $myhostname\n", to);
    print_list(to, "inet_interfaces", &p->inet_interfaces);
    print_text(to, "inet_protocols", p->inet_protocols);
    print_networks(to, &p->mynetworks);
    fprintf(to, "smtpd_banner = $myhostname%s%s\n", p->banner_words.length ? " " : "",
            p->banner_words.length ? p->banner_words.at : "");
    print_switch(to, "smtpd_peername_lookup", p->smtpd_peername_lookup);
}

/* Mail of the machine's own programs, to root and the like. virtual(5) asks for the account alone where the domain is
 * $myorigin. */
static void print_system_accounts(const struct rendering *r, FILE *to)
{
    const struct postfix_settings *p = &r->config->postfix;
    const struct texts *accounts = &p->system_accounts;

    fprintf(to, "virtual_alias_maps = %s", postfix_table(r, "virtual_alias_maps").at);
    for (size_t i = 0; i < accounts->count; i++) {
        const char *name = accounts->items[i].at;
        struct text goal = p->system_mail_to.length ? p->system_mail_to : task_printf(r->t, "%s@$myhostname", name);

        fprintf(to, "%s{ %s = %s }, { %s@localhost = %s }", i ? ",\n        " : ",\n    inline:{ ", name, goal.at, name,
                goal.at);
    }
    fprintf(to, "%s\ntransport_maps = %s%s", accounts->count ? " }" : "", vacation_transport(r).at,
            postfix_table(r, "transport_maps").at);
    for (size_t i = 0; i < accounts->count && !p->system_mail_to.length; i++)
        fprintf(to, "%s{ %s@$myhostname = local: }", i ? ",\n        " : ",\n    inline:{ ", accounts->items[i].at);
    fputs(accounts->count && !p->system_mail_to.length ? " }\n" : "\n", to);
}

static void print_domains(const struct rendering *r, FILE *to)
{
    const struct mail_settings *m = &r->config->mail;

    fputs("\n# Domains, mailboxes, aliases. Nobody has mail here by a system account, so that no domain is of two kinds;\n"
          "# the machine's own name is among ours, or what its programs write to root would go out to a smart host.\n"
          "mydestination =\n",
          to);
    fprintf(to, "virtual_mailbox_domains = $myhostname, localhost, %s\n",
            postfix_table(r, "virtual_mailbox_domains").at);
    map(r, to, "virtual_mailbox_maps");
    print_system_accounts(r, to);
    fputs("virtual_alias_domains =\n", to);
    map(r, to, "relay_domains");
    map(r, to, "relay_recipient_maps");
    fputs("# Keys that are no UTF-8 end here, and never reach the database.\nsmtputf8_enable = yes\n", to);
    print_text(to, "recipient_delimiter", m->recipient_delimiter);
}

static void print_delivery(const struct rendering *r, FILE *to)
{
    const struct mail_settings *m = &r->config->mail;
    const struct postfix_settings *p = &r->config->postfix;
    int64_t limit = m->virtual_mailbox_limit, letter = p->message_size_limit;

    fputs("\n# Where letters lie, and whose files they are. No letter may be larger than a mailbox.\n", to);
    fprintf(to, "virtual_transport = %s\n",
            r->delivery == DELIVERY_LMTP ? "lmtp:unix:private/dovecot-lmtp" : "virtual");
    print_text(to, "virtual_mailbox_base", m->virtual_mailbox_base);
    print_number(to, "virtual_minimum_uid", m->uid);
    fprintf(to, "virtual_uid_maps = static:%lld\nvirtual_gid_maps = static:%lld\n", (long long)m->uid,
            (long long)m->gid);
    print_number(to, "virtual_mailbox_limit", limit);
    print_number(to, "message_size_limit", limit && limit < letter ? limit : letter);
    fputs("mailbox_size_limit = 0\n", to);
    print_text(to, "home_mailbox", p->home_mailbox);
    if (p->alias_file.length)
        fprintf(to, "alias_maps = hash:%s\nalias_database = hash:%s\n", p->alias_file.at, p->alias_file.at);
}

static void print_sasl(const struct rendering *r, FILE *to)
{
    const struct postfix_settings *p = &r->config->postfix;

    fputs("\n# Log-in on the ports for our own people only (master.cf.postreeve), never on 25.\n"
          "smtpd_sasl_auth_enable = no\n",
          to);
    print_switch(to, "broken_sasl_auth_clients", p->broken_sasl_auth_clients);
    if (r->sasl == SASL_DOVECOT)
        fputs("smtpd_sasl_type = dovecot\nsmtpd_sasl_path = private/auth\n"
              "smtpd_sasl_security_options = noanonymous\nsmtpd_sasl_tls_security_options = noanonymous\n"
              "smtpd_sasl_local_domain =\n",
              to);
    else
        print_cyrus_main(r, to);
}

static void print_tls(const struct rendering *r, FILE *to)
{
    const struct postfix_settings *p = &r->config->postfix;

    fputs("\n# TLS for those who come; on 587 and 465 they must (master.cf.postreeve).\n", to);
    if (r->config->tls.certificate.length)
        fprintf(to, "smtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s\n", r->config->tls.certificate.at,
                r->config->tls.key.at);
    if (p->smtpd_tls_CAfile.length)
        print_text(to, "smtpd_tls_CAfile", p->smtpd_tls_CAfile);
    fputs("smtpd_tls_security_level = may\nsmtpd_tls_auth_only = yes\nsmtpd_tls_received_header = yes\n", to);
    print_number(to, "smtpd_tls_loglevel", p->tls_loglevel);
    fputs("smtpd_tls_session_cache_database = btree:$data_directory/smtpd_scache\n"
          "\n# TLS to other servers.\n",
          to);
    print_text(to, "smtp_tls_security_level", p->smtp_tls_security_level);
    print_text(to, "smtp_tls_CAfile", p->smtp_tls_CAfile);
    print_number(to, "smtp_tls_loglevel", p->tls_loglevel);
    fputs("smtp_tls_note_starttls_offer = yes\n"
          "smtp_tls_session_cache_database = btree:$data_directory/smtp_scache\n",
          to);
}

static void print_each(FILE *to, const char *restriction, const struct texts *values)
{
    for (size_t i = 0; i < values->count; i++)
        fprintf(to, ",\n    %s %s", restriction, values->items[i].at);
}

/* In the guide's order: an OK in check_sender_access lets mail past the lists of DNS, and past nothing before it. */
static void print_restrictions(const struct rendering *r, FILE *to)
{
    const struct postfix_settings *p = &r->config->postfix;

    fputs("\n# Strangers bring mail for our domains and nothing else; unset, their other attempts would get a\n"
          "# temporary error and come again. An address that is switched off is refused before anything\n"
          "# lets it pass.\n"
          "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"
          "smtpd_recipient_restrictions =\n",
          to);
    fprintf(to, "    check_recipient_access %s,\n    permit_mynetworks",
            postfix_table(r, "check_recipient_access").at);
    if (p->reject_invalid_helo_hostname)
        fputs(",\n    reject_invalid_helo_hostname", to);
    if (p->reject_unknown_sender_domain)
        fputs(",\n    reject_unknown_sender_domain", to);
    fprintf(to, ",\n    reject_unauth_destination,\n    check_sender_access %s",
            postfix_table(r, "check_sender_access").at);
    print_each(to, "reject_rbl_client", &p->reject_rbl_client);
    print_each(to, "reject_rhsbl_sender", &p->reject_rhsbl_sender);
    print_each(to, "reject_rhsbl_helo", &p->reject_rhsbl_helo);
    print_each(to, "reject_rhsbl_reverse_client", &p->reject_rhsbl_reverse_client);
    print_each(to, "warn_if_reject reject_rbl_client", &p->warn_rbl_client);
    if (has_dovecot_quota(r))
        fputs(",\n    " QUOTA_POLICY, to);
    fputs("\n\n# Who may send as whom; the ports for our own people ask (master.cf.postreeve).\n", to);
    map(r, to, "smtpd_sender_login_maps");
}

static void print_limits(const struct rendering *r, FILE *to)
{
    const struct postfix_settings *p = &r->config->postfix;

    fputs("\n# Abuse: no guessing of addresses, and limits that no honest client reaches.\n"
          "disable_vrfy_command = yes\n",
          to);
    fprintf(to, "anvil_rate_time_unit = %llds\n", (long long)p->anvil_rate_time_unit);
    print_number(to, "smtpd_client_connection_rate_limit", p->smtpd_client_connection_rate_limit);
    print_number(to, "smtpd_client_message_rate_limit", p->smtpd_client_message_rate_limit);
    print_number(to, "smtpd_client_recipient_rate_limit", p->smtpd_client_recipient_rate_limit);
    print_number(to, "smtpd_client_connection_count_limit", p->smtpd_client_connection_count_limit);
    fputs("\n# How much goes on at the same time.\n", to);
    print_number(to, "default_process_limit", p->default_process_limit);
    print_number(to, "default_destination_concurrency_limit", p->default_destination_concurrency_limit);
    print_number(to, "initial_destination_concurrency", p->initial_destination_concurrency);
}

void print_postfix_main(const struct rendering *r, FILE *to)
{
    fputs("# Merge into main.cf, or have it merged (render --apply); what stands there and not here stays.\n", to);
    print_host(r, to);
    print_domains(r, to);
    print_postfix_proxied(r, to);
    print_delivery(r, to);
    print_vacation_main(r, to);
    print_sasl(r, to);
    print_tls(r, to);
    print_postfix_relays(r, to);
    print_restrictions(r, to);
    print_limits(r, to);
    print_postfix_milters(r, to);
}
