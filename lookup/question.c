/* lookup/question.c
 *
 * What the answers rest on:
 *  - An inactive domain is nobody's: no map knows it or an address in it.
 *  - An inactive mailbox or alias is in no map of addresses, nor is an alias whose time is over. That alone would
 *    hand its mail to a catch-all, so check_recipient_access says no before any of them is asked.
 *  - An alias domain answers address by address for what exists in its target, and what stands in the alias
 *    domain itself goes first, even inactive. Its catch-all (the target's, unless it has its own) is the
 *    answer to "@domain" alone: given for user@domain as well, it would take user+extension@domain before
 *    Postfix has asked for user@domain.
 *  - Every mailbox has an alias row of its own. Without it the catch-all would take its mail.
 * Every table is entered by its primary key; tests/lookup asks EXPLAIN.
 */
#include "lookup/question.h"

#include "model/address.h"
#include "model/password.h"
#include "model/problem.h"
#include "store/mailbox.h"
#include "model/routing.h"

#include <ctype.h>
#include <string.h>

#define ACTIVE_DOMAIN " JOIN domain d ON d.domain = :domain AND d.active = 1"

/* Address by address: rows of the target, as `ad.target_domain`, unless the alias domain has a row of its
 * own. */
#define THROUGH_ALIAS_DOMAIN                                              \
    " FROM alias_domain ad"                                               \
    " JOIN domain d ON d.domain = ad.alias_domain AND d.active = 1"       \
    " JOIN domain t ON t.domain = ad.target_domain AND t.active = 1"

/* An alias that is switched on, and whose time is not over. */
#define ANSWERS(a) a ".active = 1 AND COALESCE(" a ".answers_until > UNIX_TIMESTAMP(), 1)"
#define ANSWERS_NOT(a) "(" a ".active = 0 OR " a ".answers_until <= UNIX_TIMESTAMP())"

#define IN_TARGET "CONCAT(:local_part, '@', ad.target_domain)"
#define WITHOUT_OWN_ROW                                                   \
    " WHERE ad.alias_domain = :domain AND ad.active = 1"                  \
    " AND NOT EXISTS (SELECT 1 FROM alias o WHERE o.address = :key)"      \
    " AND NOT EXISTS (SELECT 1 FROM mailbox o WHERE o.username = :key)"

/* Somebody may have switched off the mailbox and not its alias row; that must not bring its mail elsewhere.
 */
#define MAILBOX_NOT_OFF                                                   \
    " AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.username = a.address AND m.active = 0)"

#define ACTIVE_MAILBOX                                                    \
    " FROM mailbox m JOIN domain d ON d.domain = m.domain AND d.active = 1" \
    " WHERE m.username = LOWER(:key) AND m.active = 1"

/* Whose password may be tried: it is neither too old, nor locked. A scheme that Dovecot does not know would be a failure
 * for now, not a refusal. */
#define LOG_IN_OPEN \
    " AND NOT " PASSWORD_EXPIRED("m", "d") " AND LEFT(m.password, 8) <> '" LOCKED_PREFIX "'"

/* The address has a row that is switched off, here or through the alias domain. */
#define TARGET_OF_ALIAS_DOMAIN \
    "EXISTS (SELECT 1 FROM alias_domain ad JOIN domain t ON t.domain = ad.target_domain AND t.active = 1"
#define SWITCHED_OFF                                                                                            \
    "(EXISTS (SELECT 1 FROM mailbox m WHERE m.username = :key AND m.active = 0)"                                \
    " OR EXISTS (SELECT 1 FROM alias a WHERE a.address = :key AND " ANSWERS_NOT("a") ")"                    \
    " OR " TARGET_OF_ALIAS_DOMAIN " JOIN mailbox m ON m.username = " IN_TARGET " AND m.active = 0" WITHOUT_OWN_ROW ")" \
    " OR " TARGET_OF_ALIAS_DOMAIN " JOIN alias a ON a.address = " IN_TARGET " AND " ANSWERS_NOT("a")            \
    WITHOUT_OWN_ROW "))"
#define CATCH_ALL_STANDS                                                                                        \
    "(EXISTS (SELECT 1 FROM alias c WHERE c.address = CONCAT('@', :domain) AND " ANSWERS("c") ")"               \
    " OR EXISTS (SELECT 1 FROM alias_domain cd JOIN alias c ON c.address = CONCAT('@', cd.target_domain)"       \
    " WHERE cd.alias_domain = :domain AND cd.active = 1 AND " ANSWERS("c") "))"

/* Who may send as @domain is added to the log-ins of an address that has any. Given for all addresses, they would take
 * user+extension@domain before Postfix has asked for user@domain, and for no other it asks for "@domain" last. */
#define SENDER_STANDS(address)                                                                                  \
    "(EXISTS (SELECT 1 FROM mailbox n WHERE n.username = " address " AND n.active = 1)"                         \
    " OR EXISTS (SELECT 1 FROM postreeve_sender_login n WHERE n.sender = " address " AND n.active = 1))"

/* A mail program cannot ask for a code. So where there is one, the main password alone opens nothing, unless the
 * configuration lets it. */
#define MAIN_PASSWORD_SUFFICES " AND (m.second_factor = 0 OR :main_suffices = 1)"
#define MAY_DO_THIS " AND (m.smtp_active = 1 OR :service NOT IN ('smtp', 'submission', 'esmtp'))"

/* Courier wants a crypted password or a clear one, each in its column, and knows other prefixes than Dovecot. What it might
 * take for something else than Dovecot does is given in neither column, and such an account cannot log in there. */
#define SCHEME "IF(LEFT(m.password, 1) = '{', UPPER(LEFT(m.password, LOCATE('}', m.password))), '')"
#define WITHOUT_SCHEME "IF(LEFT(m.password, 1) = '{', SUBSTRING(m.password, LOCATE('}', m.password) + 1), m.password)"
#define COURIER_CRYPTED                                                                                          \
    "CASE WHEN " SCHEME " IN ('', '{CRYPT}', '{MD5-CRYPT}', '{SHA256-CRYPT}', '{SHA512-CRYPT}', '{BLF-CRYPT}', '{DES-CRYPT}')" \
    " AND LEFT(" WITHOUT_SCHEME ", 1) <> '{' THEN " WITHOUT_SCHEME                                                \
    " WHEN " SCHEME " IN ('{SHA}', '{SSHA}', '{SHA256}', '{SHA512}') THEN m.password ELSE '' END"
#define COURIER_CLEAR "CASE WHEN " SCHEME " IN ('{CLEARTEXT}', '{CLEAR}', '{PLAIN}') THEN " WITHOUT_SCHEME " ELSE '' END"
/* authdaemond answers in lines. */
#define ON_ONE_LINE(column) " AND LOCATE(CHAR(10), " column ") = 0"

/* Which recipients a backup MX knows. The four addresses that every domain is given do not make a list of them: it would
 * refuse everybody else's mail. */
#define BACKUP_DOMAIN " JOIN domain d ON d.domain = :domain AND d.active = 1 AND d.backupmx = 1"
#define NOBODY_IS_LISTED(d)                                                                                     \
    "NOT EXISTS (SELECT 1 FROM alias l WHERE l.domain = " d ".domain AND " ANSWERS("l")                         \
    " AND SUBSTRING_INDEX(l.address, '@', 1) NOT IN ('abuse', 'hostmaster', 'postmaster', 'webmaster'))"        \
    " AND NOT EXISTS (SELECT 1 FROM mailbox l WHERE l.domain = " d ".domain AND l.active = 1)"

/* Smart hosts; model/relay.h says what a scope is. */
#define OF_A_SENDER(r) "LOCATE('@', " r ".scope) > 0"
#define OF_A_DESTINATION(r) "LOCATE('@', " r ".scope) = 0 AND " r ".scope <> '*'"
#define BY_RELAY(r) "CONCAT(IF(" r ".tls = 'wrapped', '" WRAPPED_SERVICE "', '" RELAY_SERVICE "'), ':', " r ".nexthop)"
#define ACTIVE_TRANSPORT "SELECT 1 FROM postreeve_transport o WHERE o.destination = :key AND o.active = 1"
#define ANOTHER_LOG_IN_THERE                                                                                    \
    "EXISTS (SELECT 1 FROM postreeve_relay o WHERE o.nexthop = r.nexthop AND o.active = 1 AND o.username <> ''" \
    " AND o.name <> r.name)"

const struct question questions[] = {
    { "virtual_mailbox_domains", KEY_DOMAIN, ANSWER_VALUE, ASKED_BY_POSTFIX,
      "SELECT d.domain AS value FROM domain d WHERE d.domain = :key AND d.active = 1 AND d.backupmx = 0",
      "Domains whose mail is delivered here, alias domains among them." },
    { "virtual_alias_domains", KEY_DOMAIN, ANSWER_VALUE, ASKED_BY_POSTFIX,
      /* Whether a domain has aliases alone would have to be asked for with every address, in its mailboxes, transports and
       * alias domains: three times what virtual_mailbox_domains costs, and no letter would go another way. */
      "SELECT d.domain AS value FROM domain d WHERE d.domain = :key AND d.active = 1 AND d.backupmx = 0 AND d.backupmx = 1",
      "No domain: one that has aliases alone is among virtual_mailbox_domains as well. Postfix need not ask." },
    { "virtual_mailbox_maps", KEY_ADDRESS, ANSWER_VALUE, ASKED_BY_POSTFIX,
      "SELECT m.maildir AS value FROM mailbox m" ACTIVE_DOMAIN " WHERE m.username = :key AND m.active = 1"
      " UNION ALL SELECT m.maildir" THROUGH_ALIAS_DOMAIN
      " JOIN mailbox m ON m.username = " IN_TARGET " AND m.active = 1" WITHOUT_OWN_ROW,
      "Where a mailbox's letters lie, below virtual_mailbox_base." },
    { "virtual_alias_maps", KEY_ADDRESS, ANSWER_VALUE, ASKED_BY_POSTFIX,
      "SELECT a.goto AS value FROM alias a" ACTIVE_DOMAIN
      " WHERE a.address = :key AND " ANSWERS("a") MAILBOX_NOT_OFF
      " UNION ALL SELECT a.goto" THROUGH_ALIAS_DOMAIN
      " JOIN alias a ON a.address = " IN_TARGET " AND " ANSWERS("a") WITHOUT_OWN_ROW MAILBOX_NOT_OFF
      " UNION ALL SELECT :key FROM domain d WHERE d.domain = :domain AND d.active = 1 AND :local_part <> ''"
      " AND " SWITCHED_OFF " AND " CATCH_ALL_STANDS,
      "Where an address's mail goes; a mailbox goes to itself, and on to its forwards." },
    { "relay_domains", KEY_DOMAIN, ANSWER_VALUE, ASKED_BY_POSTFIX,
      "SELECT d.domain AS value FROM domain d WHERE d.domain = :key AND d.active = 1 AND d.backupmx = 1",
      "Domains that we are only a backup MX for." },
    { "relay_recipient_maps", KEY_ADDRESS, ANSWER_VALUE, ASKED_BY_POSTFIX,
      "SELECT a.address AS value FROM alias a" BACKUP_DOMAIN " WHERE a.address = :key AND " ANSWERS("a") MAILBOX_NOT_OFF
      " UNION ALL SELECT m.username FROM mailbox m" BACKUP_DOMAIN " WHERE m.username = :key AND m.active = 1"
      " AND NOT EXISTS (SELECT 1 FROM alias o WHERE o.address = :key)"
      " UNION ALL SELECT CONCAT('@', d.domain) FROM domain d"
      " WHERE :local_part = '' AND d.domain = :domain AND d.active = 1 AND d.backupmx = 1 AND " NOBODY_IS_LISTED("d"),
      "Who is known in a domain that we are a backup MX for; where nobody is listed, @domain: everybody." },
    { "transport_maps", KEY_DESTINATION, ANSWER_VALUE, ASKED_BY_POSTFIX,
      /* Postfix asks for the address, the domain, what is above it and "*", and ends at the first answer. */
      "SELECT r.transport AS value FROM postreeve_transport r WHERE r.destination = :key AND r.active = 1"
      " UNION ALL SELECT " BY_RELAY("r") " FROM postreeve_relay r"
      " WHERE r.scope = :key AND r.active = 1 AND " OF_A_DESTINATION("r") " AND NOT EXISTS (" ACTIVE_TRANSPORT ")"
      " UNION ALL SELECT d.transport FROM domain d"
      " WHERE d.domain = :key AND d.active = 1 AND d.transport NOT IN ('', 'virtual')"
      " AND NOT EXISTS (" ACTIVE_TRANSPORT ")"
      " AND NOT EXISTS (SELECT 1 FROM postreeve_relay o WHERE o.scope = :key AND o.active = 1)",
      "How mail goes on: by a transport of that destination, else its smart host, else its domain's transport, where that is"
      " not virtual_transport." },
    { "sender_dependent_relayhost_maps", KEY_RELAYED, ANSWER_VALUE, ASKED_BY_POSTFIX,
      "SELECT r.nexthop AS value FROM postreeve_relay r WHERE r.scope = :key AND r.active = 1 AND " OF_A_SENDER("r"),
      "The smart host that takes a sender's mail to others." },
    { "sender_dependent_default_transport_maps", KEY_RELAYED, ANSWER_VALUE, ASKED_BY_POSTFIX,
      /* For each of them, not the wrapped ones alone: else a sender would get the smart host of his domain. */
      "SELECT " BY_RELAY("r") " AS value FROM postreeve_relay r WHERE r.scope = :key AND r.active = 1 AND " OF_A_SENDER("r"),
      "The same with the service that brings it there, which differs where TLS begins at once." },
    { "smtp_tls_policy_maps", KEY_NEXT_HOP, ANSWER_VALUE, ASKED_BY_POSTFIX,
      /* Of several ways to one server the strictest. */
      "SELECT ELT(MAX(CASE WHEN r.tls = 'none' THEN 1 ELSE 2 + r.verify_certificate END),"
      " 'none', 'encrypt', 'secure match=nexthop') AS value FROM postreeve_relay r"
      " WHERE r.nexthop = :key AND r.active = 1",
      "Whether the line to a smart host is encrypted, and whether its certificate must be its own." },
    { "smtp_sasl_password_maps", KEY_NEXT_HOP, ANSWER_LOG_IN, ASKED_BY_POSTFIX,
      /* By the sender only where the server alone does not tell it: Postfix would say that password to whichever server
       * the sender's letter goes to. */
      "SELECT r.name AS name, r.username AS username, r.password AS password FROM postreeve_relay r"
      " WHERE r.nexthop = :key AND r.active = 1 AND r.username <> ''"
      " AND (LOCATE('@', r.scope) = 0 OR NOT " ANOTHER_LOG_IN_THERE ")"
      " UNION ALL SELECT r.name, r.username, r.password FROM postreeve_relay r"
      " WHERE r.scope = :key AND r.active = 1 AND r.username <> '' AND " OF_A_SENDER("r") " AND " ANOTHER_LOG_IN_THERE,
      "Log-ins at smart hosts; a table alone, because the passwords are sealed." },
    { "check_recipient_access", KEY_ADDRESS, ANSWER_VALUE, ASKED_BY_POSTFIX,
      "SELECT '550 5.2.1 This address is disabled' AS value FROM domain d"
      " WHERE d.domain = :domain AND d.active = 1 AND " SWITCHED_OFF,
      "Refuses addresses that are switched off, before a catch-all takes their mail." },
    { "check_sender_access", KEY_SENDER, ANSWER_VALUE, ASKED_BY_POSTFIX,
      "SELECT TRIM(CONCAT(s.action, ' ', s.reply)) AS value FROM postreeve_sender_access s"
      " WHERE s.sender = :key AND s.active = 1",
      "Whose mail is taken, refused or looked at, by address, domain or local part." },
    { "smtpd_sender_login_maps", KEY_ADDRESS, ANSWER_LIST, ASKED_BY_POSTFIX,
      "SELECT m.username AS value FROM mailbox m" ACTIVE_DOMAIN " WHERE m.username = :key AND m.active = 1"
      " UNION SELECT m.username" THROUGH_ALIAS_DOMAIN
      " JOIN mailbox m ON m.username = " IN_TARGET " AND m.active = 1" WITHOUT_OWN_ROW
      " UNION SELECT s.login FROM postreeve_sender_login s" ACTIVE_DOMAIN " WHERE s.sender = :key AND s.active = 1"
      " UNION SELECT s.login" THROUGH_ALIAS_DOMAIN
      " JOIN postreeve_sender_login s ON s.sender = " IN_TARGET " AND s.active = 1" WITHOUT_OWN_ROW
      " UNION SELECT s.login FROM postreeve_sender_login s" ACTIVE_DOMAIN
      " WHERE s.sender = CONCAT('@', :domain) AND s.active = 1 AND " SENDER_STANDS(":key")
      " UNION SELECT s.login" THROUGH_ALIAS_DOMAIN
      " JOIN postreeve_sender_login s ON s.sender = CONCAT('@', ad.target_domain) AND s.active = 1" WITHOUT_OWN_ROW
      " AND " SENDER_STANDS(IN_TARGET),
      "Which log-ins may send as an address: its mailbox's own, and those it was lent to." },
    { "virtual_mailbox_limit_maps", KEY_ADDRESS, ANSWER_VALUE, ASKED_BY_POSTFIX,
      "SELECT " QUOTA_CAPPED("m.quota") " AS value FROM mailbox m" ACTIVE_DOMAIN
      " WHERE m.username = :key AND m.active = 1"
      " UNION ALL SELECT " QUOTA_CAPPED("(" DOMAIN_CEILING("d") ")")
      " FROM domain d WHERE :local_part = '' AND d.domain = :domain AND d.active = 1 AND d.backupmx = 0",
      "Octets that a mailbox may hold; @domain is what a domain allows one of them. For the VDA patch." },
    { "sasl_auxprop", KEY_LOGIN, ANSWER_VALUE, ASKED_BY_CYRUS,
      /* auxprop takes whatever it is given for the password itself: a stored hash would open the account to
       * everybody who has read it. Octets, because Cyrus' connection may speak another character set. */
      "SELECT CAST(SUBSTRING(m.password, 12) AS BINARY) AS value" ACTIVE_MAILBOX LOG_IN_OPEN " AND m.smtp_active = 1"
      MAIN_PASSWORD_SUFFICES
      " AND CAST(LEFT(m.password, 11) AS BINARY) = CAST('" CLEARTEXT_PREFIX "' AS BINARY)"
      " AND CHAR_LENGTH(m.password) > 11",
      "Clear-text passwords, of the accounts that are stored so, and of no others." },
    { "dovecot_passdb", KEY_LOGIN, ANSWER_FIELDS, ASKED_BY_DOVECOT,
      "SELECT m.username AS user, m.password AS password" ACTIVE_MAILBOX
      MAY_DO_THIS LOG_IN_OPEN MAIN_PASSWORD_SUFFICES,
      "Log-ins and their stored passwords." },
    { "dovecot_app_passdb", KEY_LOGIN, ANSWER_FIELDS, ASKED_BY_DOVECOT,
      /* One row, since Dovecot takes no more: the one that the password's sum points at, else the newest of those that
       * Postfix Admin made, which have none. */
      "SELECT m.username AS user, x.password_hash AS password, CAST(x.id AS char) AS app_password"
      " FROM mailbox_app_password x"
      " JOIN mailbox m ON m.username = x.username JOIN domain d ON d.domain = m.domain AND d.active = 1"
      " WHERE x.username = LOWER(:key) AND m.active = 1" MAY_DO_THIS LOG_IN_OPEN
      " AND LEFT(x.password_hash, 8) <> '" LOCKED_PREFIX "'"
      " AND (x.selector = :selector OR x.selector IS NULL) ORDER BY x.selector IS NULL, x.id DESC LIMIT 1",
      "Log-ins and the stored passwords of their programs." },
    { "dovecot_userdb", KEY_LOGIN, ANSWER_FIELDS, ASKED_BY_DOVECOT,
      "SELECT CONCAT(:base, '/', m.maildir) AS home,"
      " :uid AS uid, :gid AS gid, CONCAT('*:bytes=', " QUOTA_CAPPED("m.quota") ") AS quota_rule,"
      " " QUOTA_CAPPED("m.quota") " AS quota_bytes" ACTIVE_MAILBOX,
      "Where a log-in's letters lie, whose files they are, and how many octets they may be." },
    { "courier_login", KEY_LOGIN, ANSWER_FIELDS, ASKED_BY_COURIER,
      /* authmysql takes the columns in this order, and none by its name. No query of its can know the password that was
       * typed, so it has no way to an app password. */
      "SELECT m.username AS user, " COURIER_CRYPTED " AS crypt_password, " COURIER_CLEAR " AS clear_password,"
      " :uid AS uid, :gid AS gid, CONCAT(:base, '/', m.maildir) AS home, CONCAT(:base, '/', m.maildir) AS maildir"
      ACTIVE_MAILBOX
      MAY_DO_THIS LOG_IN_OPEN MAIN_PASSWORD_SUFFICES ON_ONE_LINE("m.maildir") ON_ONE_LINE("m.password"),
      "Log-ins, their stored passwords and where their letters lie." },
    { "dovecot_iterate", KEY_NONE, ANSWER_FIELDS, ASKED_BY_DOVECOT,
      "SELECT m.username AS user FROM mailbox m JOIN domain d ON d.domain = m.domain AND d.active = 1 WHERE m.active = 1",
      "Every log-in there is, for `doveadm -A`." },
    { 0 },
};

_Static_assert(sizeof CLEARTEXT_PREFIX - 1 == 11, "sasl_auxprop counts the prefix's characters");
_Static_assert(sizeof LOCKED_PREFIX - 1 == 8, "dovecot_passdb counts the prefix's characters");

static const struct field asked_fields[] = {
    COLUMN(struct asked, key),  COLUMN(struct asked, local_part), COLUMN(struct asked, domain),
    COLUMN(struct asked, service), COLUMN(struct asked, base),    COLUMN(struct asked, uid),
    COLUMN(struct asked, gid),  COLUMN(struct asked, limit),      COLUMN(struct asked, multiplier),
    COLUMN(struct asked, selector), COLUMN(struct asked, main_suffices),
};
const struct shape asked_shape = SHAPE(struct asked, "Asked", asked_fields);

static const struct field answer_fields[] = {
    COLUMN(struct answer, value), COLUMN(struct answer, user), COLUMN(struct answer, password),
    COLUMN(struct answer, name),  COLUMN(struct answer, username),
    COLUMN(struct answer, home),  COLUMN(struct answer, uid),
    COLUMN(struct answer, gid),   COLUMN(struct answer, quota_rule), COLUMN(struct answer, quota_bytes),
    COLUMN(struct answer, crypt_password),
    COLUMN(struct answer, clear_password), COLUMN(struct answer, maildir),
    COLUMN(struct answer, app_password),
};
const struct shape answer_shape = SHAPE(struct answer, "Answer", answer_fields);

/* Postfix leaves out a query with %u in it when the key is "@domain", and answers "not found"; so its local
 * part is what stands before "@domain". */
const struct dialect dialects[] = {
    [ASKED_BY_POSTFIX] = { "'%s'", "LEFT('%s', CHAR_LENGTH('%s') - CHAR_LENGTH('%d') - 1)", "'%d'",
                           "'smtp'", "''", NULL },
    [ASKED_BY_CYRUS] = { "'%u@%r'", "'%u'", "'%r'", "'smtp'", "''", NULL },
    [ASKED_BY_DOVECOT] = { "'%u'", "'%n'", "'%d'", "'%s'", "'%{sha256;truncate=8:password}'", "'%a'" },
    [ASKED_BY_DOVECOT_24] = { "'%{user}'", "'%{user | username}'", "'%{user | domain}'", "'%{protocol}'",
                              "'%{password | sha256 | substr(0, 1) | hexlify}'", "'%{local_port}'" },
    [ASKED_BY_COURIER] = { "'$(local_part)@$(domain)'", "'$(local_part)'", "'$(domain)'", "'$(service)'", "''", NULL },
};

const struct question *question_named(struct text map)
{
    for (const struct question *q = questions; q->map; q++)
        if (text_equal(text_of(q->map), map))
            return q;
    return NULL;
}

static struct text setting_literal(struct task *t, const struct asked *a, const struct field *f)
{
    const void *at = field_in(f, a);
    const struct text *text = at;

    if (f->kind == KIND_INTEGER)
        return task_printf(t, "%lld", (long long)*(const int64_t *)at);
    return task_printf(t, "'%.*s'", (int)text->length, text->at ? text->at : "");
}

/* A daemon that tries somebody's log-in at an IMAP server is not asked what for. But it comes to a port of its own. */
static struct text service(struct task *t, const struct dialect *d, const struct asked *a)
{
    if (!d->port || !a->sending_port)
        return text_of(d->service);
    return task_printf(t, "IF(%s = '%lld', 'smtp', %s)", d->port, (long long)a->sending_port, d->service);
}

/* What a name stands for; the absent text: it is a setting. */
static struct text key_part(const struct dialect *d, struct text name)
{
    const struct { const char *name, *as; } parts[] = {
        { "key", d->key }, { "local_part", d->local_part },
        { "domain", d->domain }, { "selector", d->selector },
    };

    for (size_t i = 0; i < COUNT(parts); i++)
        if (text_equal(name, text_of(parts[i].name)))
            return text_of(parts[i].as);
    return (struct text){ 0 };
}

/* How far the SQL goes unchanged: up to the next :name outside quotes. */
static size_t plain_length(struct text sql)
{
    bool quoted = false;
    size_t i = 0;

    for (; i < sql.length; i++) {
        if (sql.at[i] == '\'')
            quoted = !quoted;
        if (!quoted && sql.at[i] == ':' && i + 1 < sql.length && isalpha((unsigned char)sql.at[i + 1]))
            break;
    }
    return i;
}

/* `a` is NULL where settings stay names. */
static struct text in_dialect(struct task *t, struct text sql, const struct dialect *d, const struct asked *a)
{
    struct text out = TEXT("");

    for (size_t at = 0; at < sql.length;) {
        struct text rest = text_part(sql, at, sql.length), name, as;
        size_t plain = plain_length(rest), length = 0;

        out = task_join(t, out, text_part(rest, 0, plain));
        at += plain + 1;
        if (plain == rest.length)
            break;
        rest = text_part(sql, at, sql.length);
        while (length < rest.length && (islower((unsigned char)rest.at[length]) || rest.at[length] == '_'))
            length++;
        name = text_part(rest, 0, length);
        as = a && text_equal(name, TEXT("service")) ? service(t, d, a) : key_part(d, name);
        if (!as.at)
            as = a ? setting_literal(t, a, shape_field(&asked_shape, name)) : task_join(t, TEXT(":"), name);
        out = task_join(t, out, as);
        at += length;
    }
    return out;
}

struct text question_text(struct task *t, const struct question *q, const struct asked *a)
{
    return question_text_for(t, q, q->asker, a);
}

struct text question_text_for(struct task *t, const struct question *q, enum asker dialect, const struct asked *a)
{
    return in_dialect(t, text_of(q->sql), &dialects[dialect], a);
}

/* Where `words` begin in `sql`, outside parentheses and quotes; its length when they do not. */
static size_t outermost(struct text sql, struct text words)
{
    bool quoted = false;
    int depth = 0;

    for (size_t i = 0; i < sql.length; i++) {
        if (sql.at[i] == '\'')
            quoted = !quoted;
        if (!quoted)
            depth += (sql.at[i] == '(') - (sql.at[i] == ')');
        if (!quoted && depth == 0 && text_starts(text_part(sql, i, sql.length), words))
            return i;
    }
    return sql.length;
}

#define SELECT TEXT("SELECT ")

/* One SELECT of the question: its row's value, or those of all its rows. */
static struct text arm_of_row(struct task *t, const struct question *q, struct text arm)
{
    size_t from = outermost(arm, TEXT(" FROM ")), as = outermost(arm, TEXT(" AS value FROM "));
    struct text value = text_part(arm, SELECT.length, (as < from ? as : from) - SELECT.length);

    if (q->answer != ANSWER_LIST)
        return task_printf(t, "NULLIF((%.*s), '')", (int)arm.length, arm.at);
    return task_printf(t, "(SELECT GROUP_CONCAT(%.*s ORDER BY %.*s)%.*s)", (int)value.length, value.at, (int)value.length,
                       value.at, (int)(arm.length - from), arm.at + from);
}

struct text question_of_row(struct task *t, const struct question *q)
{
    static const struct dialect row = { .key = "k.`key`", .local_part = "k.local_part", .domain = "k.domain" };
    struct text rest = text_of(q->sql), arms = TEXT("");

    while (rest.length) {
        size_t end = outermost(rest, TEXT(" UNION "));
        struct text arm = arm_of_row(t, q, text_part(rest, 0, end));

        arms = arms.length ? task_printf(t, "%s, %s", arms.at, arm.at) : arm;
        rest = text_part(rest, end + (sizeof " UNION " - 1), rest.length);
        if (text_starts(rest, TEXT("ALL ")))
            rest = text_part(rest, sizeof "ALL " - 1, rest.length);
    }
    arms = task_printf(t, q->answer == ANSWER_LIST ? "CONCAT_WS(',', %s)" : "COALESCE(%s)", arms.at);
    return in_dialect(t, arms, &row, NULL);
}

/* "[host]:port", or a sender. */
static enum outcome next_hop_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    size_t end = text_find(given, ']');
    struct text port = text_part(given, end + 2, given.length), host;
    int64_t number = 0;
    enum outcome o;

    if (!text_starts(given, TEXT("[")))
        return alias_address_canon(t, field, given, out);
    if (end == TEXT_NOT_FOUND || !text_starts(text_part(given, end, given.length), TEXT("]:"))
        || !text_to_int64(port, &number))
        return task_problem(t, field, &problem_bad_character);
    o = host_canon(t, field, text_part(given, 1, end - 1), &host);
    if (o == DONE)
        *out = task_printf(t, "[%.*s]:%lld", (int)host.length, host.at, (long long)number);
    return o;
}

bool question_key(struct task *t, const struct question *q, struct text key, struct asked *out)
{
    static canon_fn *const forms[] = {
        [KEY_DOMAIN] = domain_canon,         [KEY_ADDRESS] = alias_address_canon,
        [KEY_LOGIN] = alias_address_canon,   [KEY_DESTINATION] = destination_pattern_canon,
        [KEY_SENDER] = sender_pattern_canon,
        [KEY_RELAYED] = alias_address_canon, [KEY_NEXT_HOP] = next_hop_canon,
    };
    struct address a;

    if (q->key == KEY_NONE)
        return false;
    if (forms[q->key](t, "key", key, &out->key) != DONE)
        return false;
    a = address_split(out->key);
    if (text_find(out->key, '@') == TEXT_NOT_FOUND) /* a domain, or a pattern of some */
        a = (struct address){ .domain = out->key };
    out->local_part = a.local_part;
    out->domain = a.domain;
    return true;
}
