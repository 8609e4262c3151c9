/* server/config/postfix.c - the keys of [postfix]
 *
 * They have the names of Postfix' own parameters where they mean the same, and the guides' values where nobody says
 * otherwise (sections.c).
 */
#include "config/parts.h"

#include "model/address.h"
#include "model/network.h"

#include <string.h>

#define COUNT_MAX 1000000

const char *const postfix_protocols_words[] = { "ipv4", "ipv6", "all", NULL };
const char *const postfix_tls_words[] = { "none", "may", "encrypt", "dane", NULL };

static enum outcome of_characters(struct task *t, const char *field, struct text given, const char *fit, struct text *out)
{
    for (size_t i = 0; i < given.length; i++)
        if (!given.at[i] || !strchr(fit, given.at[i]))
            return task_problem(t, field, &problem_bad_character);
    *out = given;
    return DONE;
}

/* In Postfix' own form, 127.0.0.0/8 or [2001:db8::]/32, or without the brackets. */
static enum outcome own_network_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    size_t end = text_find(given, ']');

    if (text_starts(given, TEXT("[")) && end != TEXT_NOT_FOUND)
        given = task_join(t, text_part(given, 1, end - 1), text_part(given, end + 1, given.length));
    return network_canon(t, field, given, out);
}

static enum outcome interface_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    return of_characters(t, field, given, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-[]", out);
}

/* A domain and the answers that count, as zen.spamhaus.org=127.0.0.[2..11]: postconf(5), reject_rbl_client. */
static enum outcome dns_list_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    size_t equals = text_find(given, '=');
    struct text domain, filter = TEXT("");
    enum outcome o = domain_canon(t, field, text_part(given, 0, equals), &domain);

    if (o == DONE && equals != TEXT_NOT_FOUND)
        o = of_characters(t, field, text_part(given, equals, given.length), "=0123456789.[];", &filter);
    if (o == DONE)
        *out = task_join(t, domain, filter);
    return o;
}

static enum outcome account_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    return of_characters(t, field, task_lower(t, given), "abcdefghijklmnopqrstuvwxyz0123456789-_.", out);
}

static enum outcome home_mailbox_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    return of_characters(t, field, given, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./", out);
}

/* [host]:port, and the other forms of a next hop. */
static enum outcome next_hop_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    return interface_canon(t, field, given, out);
}

/* What a greeting may hold: no variable, and nothing beyond ASCII. */
static enum outcome greeting_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    *out = given;
    for (size_t i = 0; i < given.length; i++)
        if (given.at[i] < ' ' || given.at[i] > '~' || given.at[i] == '$')
            return task_problem(t, field, &problem_bad_character);
    return DONE;
}

static enum outcome path_or_none_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    *out = given;
    return given.length && given.at[0] != '/' ? task_problem(t, field, &problem_no_absolute_path) : DONE;
}

static enum outcome recipient_or_none_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    *out = given;
    return given.length ? address_canon(t, field, given, out) : DONE;
}

#define POSTFIX(member, ...) FIELD(struct postfix_settings, member, __VA_ARGS__)
static const struct field fields[] = {
    POSTFIX(maps, .max = 16, .doc = "`postreeve-lookup render --maps`, where it is not told; so for those that follow."),
    POSTFIX(sasl, .max = 16, .doc = "--sasl"),
    POSTFIX(delivery, .max = 16, .doc = "--delivery"),
    POSTFIX(queue_directory, .max = 4096, .canon = path_or_none_canon, .doc = "--queue-directory"),
    POSTFIX(mynetworks, .max = 64, .entry_max = 64, .canon = own_network_canon,
            .doc = "Networks whose mail to anywhere is taken without a log-in, and that no limit holds for."),
    POSTFIX(inet_interfaces, .max = 64, .entry_max = 64, .canon = interface_canon,
            .doc = "Addresses that Postfix listens on: all, loopback-only, or addresses."),
    POSTFIX(inet_protocols, .words = postfix_protocols_words, .doc = "Of IP, for mail that comes in and that goes out."),
    POSTFIX(banner_words, .max = 128, .canon = greeting_canon,
            .doc = "What the greeting says behind the host's name, \"ESMTP Postfix\". The version is never said."),
    POSTFIX(smtpd_peername_lookup,
            .doc = "yes: the names of clients are looked up. Without them reject_rhsbl_reverse_client finds nothing."),
    POSTFIX(system_accounts, .max = 64, .entry_max = 64, .canon = account_canon,
            .doc = "Accounts of the machine that programs write to. Mail for them at its own name stays here."),
    POSTFIX(system_mail_to, .max = 254, .canon = recipient_or_none_canon,
            .doc = "Address that their mail goes to; not given: local(8) has it, and /etc/aliases."),
    POSTFIX(home_mailbox, .max = 64, .canon = home_mailbox_canon,
            .doc = "Where local(8) writes it, below a home directory."),
    POSTFIX(alias_file, .max = 4096, .canon = path_or_none_canon, .doc = "The aliases(5) that local(8) reads."),
    POSTFIX(message_size_limit, .min = 65536, .max = INT64_C(1) << 40,
            .doc = "Octets of one letter; never more than [mail] virtual_mailbox_limit."),
    POSTFIX(anvil_rate_time_unit, .min = 1, .max = 86400, .doc = "Seconds in which the rates that follow are counted."),
    POSTFIX(smtpd_client_connection_rate_limit, .max = COUNT_MAX,
            .doc = "Connections of one client in that time; 0: any number. So for all of these."),
    POSTFIX(smtpd_client_message_rate_limit, .max = COUNT_MAX, .doc = "Letters."),
    POSTFIX(smtpd_client_recipient_rate_limit, .max = COUNT_MAX, .doc = "Recipients."),
    POSTFIX(smtpd_client_connection_count_limit, .max = COUNT_MAX, .doc = "Connections of one client at the same time."),
    POSTFIX(reject_invalid_helo_hostname, .doc = "no: strangers may say any name in HELO."),
    POSTFIX(reject_unknown_sender_domain, .doc = "no: strangers may send from a domain that takes no mail."),
    POSTFIX(reject_rbl_client, .max = 32, .entry_max = 300, .canon = dns_list_canon,
            .doc = "DNS lists of addresses of clients that are refused, each with the answers that count behind a =, with "
                   "commas between them; empty: none."),
    POSTFIX(reject_rhsbl_sender, .max = 32, .entry_max = 300, .canon = dns_list_canon, .doc = "... of senders' domains."),
    POSTFIX(reject_rhsbl_helo, .max = 32, .entry_max = 300, .canon = dns_list_canon, .doc = "... of names in HELO."),
    POSTFIX(reject_rhsbl_reverse_client, .max = 32, .entry_max = 300, .canon = dns_list_canon,
            .doc = "... of clients' names."),
    POSTFIX(warn_rbl_client, .max = 32, .entry_max = 300, .canon = dns_list_canon,
            .doc = "DNS lists of addresses of clients that the log is told of alone."),
    POSTFIX(strict_rfc821_envelopes, .doc = "yes: on the ports for our own people addresses stand in < >, and nothing besides."),
    POSTFIX(smtpd_reject_unlisted_sender, .doc = "yes: there nobody sends as an address of ours that does not exist."),
    POSTFIX(reject_non_fqdn, .doc = "yes: there senders and recipients have a whole domain."),
    POSTFIX(reject_sender_login_mismatch, .doc = "yes: there nobody sends as an address that is not theirs."),
    POSTFIX(smtpd_sasl_authenticated_header, .doc = "yes: the letter's Received: says who had logged in."),
    POSTFIX(broken_sasl_auth_clients, .doc = "yes: log-in is offered in the form, too, that old Outlooks understand."),
    POSTFIX(default_process_limit, .min = 2, .max = COUNT_MAX, .doc = "Processes of one service."),
    POSTFIX(default_destination_concurrency_limit, .min = 1, .max = COUNT_MAX, .doc = "Deliveries to one destination at a time."),
    POSTFIX(initial_destination_concurrency, .min = 1, .max = COUNT_MAX, .doc = "... to begin with."),
    POSTFIX(tls_loglevel, .max = 4, .doc = "What the log says of TLS, both ways: 0 nothing, 1 a line for each."),
    POSTFIX(smtpd_tls_CAfile, .max = 4096, .canon = path_or_none_canon,
            .doc = "PEM file of the authorities behind [tls] certificate, where that file does not hold them."),
    POSTFIX(smtp_tls_security_level, .words = postfix_tls_words, .doc = "TLS to other servers; may: where they have it."),
    POSTFIX(smtp_tls_CAfile, .max = 4096, .canon = path_or_none_canon,
            .doc = "PEM file of the authorities by which other servers are known."),
    POSTFIX(relayhost, .max = 300, .canon = next_hop_canon,
            .doc = "Smart host that asks for no log-in, as [host]:port, for all mail to elsewhere; one by `postreeve relay` with "
                   "the scope * goes before it."),
};
const struct shape postfix_shape = SHAPE(struct postfix_settings, "postfix", fields);
