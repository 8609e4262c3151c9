/* server/model/dns.h - what the domain name system should say of a mail domain, and which ports it takes
 *
 * WHAT    From the configuration and the domain's DKIM keys: MX, SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), SRV for
 *         mail programs (RFC 6186, 8314), the names by which programs find their settings, MTA-STS (RFC 8461) and TLS-RPT
 *         (RFC 8460). It asks nobody what is published now.
 * FORM    Names end without a dot, in A-labels. `data` is text of a zone file (RFC 1035, 5.1), with a TXT in quoted strings of
 *         at most 255 octets; `value` is the same as people type it into a form. The zone is BIND's, all names whole.
 * OWNS    Nothing; all texts live as long as the task.
 */
#ifndef POSTREEVE_MODEL_DNS_H
#define POSTREEVE_MODEL_DNS_H

#include "model/client_settings.h"

#define DNS_STRING_MAX 255 /* octets of one string of a TXT record; RFC 1035, 3.3 */

extern const char *const dmarc_policy_words[]; /* ended by NULL */
extern const char *const mta_sts_words[];

struct dns_record {
    struct text name, type;
    int64_t ttl;
    struct text data, value, why;
    bool elsewhere; /* it belongs in another domain's zone */
};

struct dns_port {
    int64_t port;
    struct text host, why;
};

struct dns_sheet {
    struct text domain;
    struct rows records, ports;
    struct text zone;
};
extern const struct shape dns_record_shape, dns_port_shape, dns_sheet_shape;

struct dns_key { /* a DKIM key as it is published */
    struct text selector, record;
    bool active;
};

struct dns_plan {
    struct text domain;
    bool backup; /* we only keep its mail for a while (backup_mx) */
    int64_t ttl, mta_sts_max_age;
    struct texts mx; /* "10 mail.example.jp"; one at least */
    struct text web_host, spf, dmarc_policy, dmarc_rua, tls_rua, mta_sts;
    const struct client_settings *clients;
    const struct dns_key *keys;
    size_t key_count;
};

void dns_sheet(struct task *t, const struct dns_plan *plan, struct dns_sheet *out);
/* What is served as mta-sts.txt; absent where there is none. */
struct text dns_mta_sts_policy(struct task *t, const struct dns_plan *plan);
/* A TXT record's data: in quotes, in pieces. */
struct text dns_txt(struct task *t, struct text value);

/* canon_fn of settings. A server for mail: "10 mail.example.jp", the preference 10 unless given. */
MUST_USE enum outcome dns_mx_canon(struct task *t, const char *field, struct text given, struct text *out);
/* "v=spf1 ...", in characters that need no escape. */
MUST_USE enum outcome dns_spf_canon(struct task *t, const char *field, struct text given, struct text *out);
/* Who gets reports: an address or a local part, in characters that a mailto: URI takes as they are; or nobody. */
MUST_USE enum outcome dns_report_canon(struct task *t, const char *field, struct text given, struct text *out);

#endif
