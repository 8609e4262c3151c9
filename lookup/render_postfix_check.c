/* lookup/render_postfix_check.c - what of [postfix] can stand in main.cf and master.cf, and mean itself there
 *
 * The configuration has been through its own checks by then. These hold where it came some other way, and whatever
 * those learn to let pass.
 */
#include "lookup/render_parts.h"

static enum outcome worse(enum outcome a, enum outcome b)
{
    return a == DONE ? b : a;
}

static enum outcome check_each(const char *setting, const struct texts *values)
{
    enum outcome o = DONE;

    for (size_t i = 0; i < values->count; i++)
        o = worse(access_check_value(setting, values->items[i]), o);
    return o;
}

/* 127.0.0.[2;4..11]: only there a semicolon separates nothing but numbers. */
static enum outcome check_dns_lists(const char *setting, const struct texts *lists)
{
    enum outcome o = DONE;

    for (size_t i = 0; i < lists->count; i++)
        for (struct text rest = lists->items[i]; rest.length;) {
            size_t end = text_find(rest, ';');

            o = worse(access_check_value(setting, text_part(rest, 0, end)), o);
            rest = end == TEXT_NOT_FOUND ? TEXT("") : text_part(rest, end + 1, rest.length);
        }
    return o;
}

/* Words with blanks between them. */
static enum outcome check_words(const char *setting, struct text words)
{
    enum outcome o = DONE;

    while (words.length) {
        size_t end = text_find(words, ' ');

        o = worse(access_check_value(setting, text_part(words, 0, end)), o);
        words = end == TEXT_NOT_FOUND ? TEXT("") : text_part(words, end + 1, words.length);
    }
    return o;
}

enum outcome check_postfix(const struct rendering *r)
{
    const struct postfix_settings *p = &r->config->postfix;
    const struct { const char *setting; struct text value; } values[] = {
        { "[postfix] inet_protocols", p->inet_protocols },
        { "[postfix] system_mail_to", p->system_mail_to },
        { "[postfix] home_mailbox", p->home_mailbox },
        { "[postfix] alias_file", p->alias_file },
        { "[postfix] smtpd_tls_CAfile", p->smtpd_tls_CAfile },
        { "[postfix] smtp_tls_security_level", p->smtp_tls_security_level },
        { "[postfix] smtp_tls_CAfile", p->smtp_tls_CAfile },
        { "[postfix] relayhost", p->relayhost },
    };
    const struct { const char *setting; const struct texts *values; } lists[] = {
        { "[postfix] mynetworks", &p->mynetworks },
        { "[postfix] inet_interfaces", &p->inet_interfaces },
        { "[postfix] system_accounts", &p->system_accounts },
    };
    const struct { const char *setting; const struct texts *values; } dns[] = {
        { "[postfix] reject_rbl_client", &p->reject_rbl_client },
        { "[postfix] reject_rhsbl_sender", &p->reject_rhsbl_sender },
        { "[postfix] reject_rhsbl_helo", &p->reject_rhsbl_helo },
        { "[postfix] reject_rhsbl_reverse_client", &p->reject_rhsbl_reverse_client },
        { "[postfix] warn_rbl_client", &p->warn_rbl_client },
    };
    enum outcome o = check_words("[postfix] banner_words", p->banner_words);

    for (size_t i = 0; i < COUNT(values); i++)
        o = worse(access_check_value(values[i].setting, values[i].value), o);
    for (size_t i = 0; i < COUNT(lists); i++)
        o = worse(check_each(lists[i].setting, lists[i].values), o);
    for (size_t i = 0; i < COUNT(dns); i++)
        o = worse(check_dns_lists(dns[i].setting, dns[i].values), o);
    return o;
}
