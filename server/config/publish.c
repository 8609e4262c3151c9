/* server/config/publish.c - the sections for what others are told: mail programs, the domain name system, DKIM */
#include "config/parts.h"

#include "model/address.h"
#include "model/client_settings.h"
#include "model/dkim.h"
#include "model/dns.h"

static const char *const client_tls_words[] = { CLIENT_WRAPPED, CLIENT_STARTTLS, NULL };

static const struct field clients_fields[] = {
    FIELD(struct clients_settings, name, .max = 64,
          .doc = "What mail programs call the account; not given: its domain."),
    FIELD(struct clients_settings, imap_host, .max = DOMAIN_MAX, .canon = domain_canon,
          .doc = "Where mail programs read mail, as they are told; not given: [mail] hostname. The same for the two below."),
    FIELD(struct clients_settings, imap_port, .min = 1, .max = 65535, .doc = "Its port."),
    FIELD(struct clients_settings, imap_tls, .words = client_tls_words, .doc = "TLS from the start, or by STARTTLS."),
    FIELD(struct clients_settings, pop3, .doc = "no: POP3 is not offered."),
    FIELD(struct clients_settings, pop3_host, .max = DOMAIN_MAX, .canon = domain_canon, .doc = "Where POP3 is."),
    FIELD(struct clients_settings, pop3_port, .min = 1, .max = 65535, .doc = "Its port."),
    FIELD(struct clients_settings, pop3_tls, .words = client_tls_words, .doc = "TLS from the start, or by STARTTLS."),
    FIELD(struct clients_settings, smtp_host, .max = DOMAIN_MAX, .canon = domain_canon, .doc = "Where mail is sent."),
    FIELD(struct clients_settings, submissions_port, .max = 65535, .doc = "Its port with TLS from the start; 0: none."),
    FIELD(struct clients_settings, submission_port, .max = 65535, .doc = "Its port with STARTTLS; 0: none."),
    FIELD(struct clients_settings, per_minute, .min = 1, .max = 1000000,
          .doc = "How often a minute one network (/24, IPv6: /64) may ask for settings."),
};
const struct shape clients_shape = SHAPE(struct clients_settings, "clients", clients_fields);

static const struct field dns_fields[] = {
    FIELD(struct dns_settings, ttl, .min = 60, .max = 604800, .doc = "How many seconds others may keep a record."),
    FIELD(struct dns_settings, mx, .max = 16, .entry_max = 270, .canon = dns_mx_canon,
          .doc = "Servers that take mail for our domains: [PREFERENCE] HOST, with commas between them; not given: 10 and [mail] "
                 "hostname."),
    FIELD(struct dns_settings, web_host, .max = DOMAIN_MAX, .canon = domain_canon,
          .doc = "What autoconfig., autodiscover. and mta-sts. of each domain lead to; not given: the host of [server] public_url, "
                 "else [mail] hostname."),
    FIELD(struct dns_settings, spf, .max = 1000, .canon = dns_spf_canon,
          .doc = "The SPF record of each domain: who may send from it."),
    FIELD(struct dns_settings, dmarc_policy, .words = dmarc_policy_words,
          .doc = "What others are asked to do with mail that passes neither SPF nor DKIM."),
    FIELD(struct dns_settings, dmarc_rua, .max = ADDRESS_MAX, .canon = dns_report_canon,
          .doc = "Where reports about that go: an address, or a local part in each domain; empty: nowhere."),
    FIELD(struct dns_settings, tls_rua, .max = ADDRESS_MAX, .canon = dns_report_canon,
          .doc = "Where reports about TLS go (RFC 8460), likewise."),
    FIELD(struct dns_settings, mta_sts, .words = mta_sts_words,
          .doc = "MTA-STS (RFC 8461), by which others send to us with TLS alone: none, testing, or enforce."),
    FIELD(struct dns_settings, mta_sts_max_age, .min = 3600, .max = 31557600, .doc = "How many seconds they remember it."),
};
const struct shape dns_settings_shape = SHAPE(struct dns_settings, "dns", dns_fields);

static const char *const dkim_signer_words[] = { "none", "opendkim", "rspamd", NULL }; /* lookup/dkim.h */

static const struct field dkim_fields[] = {
    FIELD(struct dkim_settings, private_keys, .words = dkim_storage_words,
          .doc = "How new private keys are stored: sealed under [secrets] key_file, or clear, as Postfix Admin stores them, for an "
                 "OpenDKIM that reads the tables itself."),
    FIELD(struct dkim_settings, signer, .words = dkim_signer_words, .doc = "--dkim: which program signs, if any."),
    FIELD(struct dkim_settings, milter, .max = 255, .canon = dkim_milter_canon,
          .doc = "Where Postfix finds the program that signs, as inet:127.0.0.1:8891 or unix:/PATH; not given: where OpenDKIM or "
                 "rspamd are when they are rendered."),
};
const struct shape dkim_settings_shape = SHAPE(struct dkim_settings, "dkim", dkim_fields);
