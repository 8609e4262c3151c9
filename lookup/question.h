/* lookup/question.h - everything that the mail daemons ask, once
 *
 * WHAT    A question is a row: the map's name, what its keys are, the SQL that answers it, and its words.
 *         From that row come the prepared statement behind `postreeve-lookup get`, Postfix's mysql: file,
 *         Cyrus' sql_select, Courier's select clause and Dovecot's queries, so that no two of them can differ.
 * SQL     Values are named (:key, :local_part, :domain, and the settings in struct asked). The store binds
 *         them; a daemon that only knows escapes gets them written in its own dialect. The texts hold no '%',
 *         which every dialect would read as an escape.
 * ROWS    Postfix joins several rows by a comma, so a question gives at most one wherever only one is right.
 */
#ifndef POSTREEVE_LOOKUP_QUESTION_H
#define POSTREEVE_LOOKUP_QUESTION_H

#include "base/shape.h"

enum key_kind {
    KEY_DOMAIN,  /* example.org */
    KEY_ADDRESS, /* taro@example.org, or @example.org: the catch-all */
    KEY_LOGIN,   /* taro@example.org, as a person types it */
    KEY_DESTINATION, /* an address, a domain, .domain or *: transport(5) */
    KEY_SENDER,      /* an address, a domain or local-part@: access(5) */
    KEY_RELAYED,     /* a sender's address, or @domain: whose smart host is asked for */
    KEY_NEXT_HOP,    /* [host]:port as a smart host is spelled; or a sender, as above */
    KEY_NONE,        /* asked without one: all there are */
};

enum answer_kind {
    ANSWER_VALUE,  /* the column `value` of one row */
    ANSWER_LIST,   /* of several rows, joined by commas */
    ANSWER_FIELDS, /* each column is a field of that name */
    ANSWER_LOG_IN, /* username:password of a smart host, whose password is sealed: no daemon can ask for it itself */
};

enum asker {
    ASKED_BY_POSTFIX, ASKED_BY_CYRUS, ASKED_BY_DOVECOT, ASKED_BY_COURIER,
    ASKED_BY_DOVECOT_24, /* never in a row: how 2.4 writes what 2.3 asks */
};

struct question {
    const char *map;
    enum key_kind key;
    enum answer_kind answer;
    enum asker asker;
    const char *sql;
    const char *doc;
};
extern const struct question questions[]; /* ended by an empty row */
const struct question *question_named(struct text map); /* NULL: there is none */

/* What stands for the names in the SQL: the key in parts, and what the configuration says. */
struct asked {
    struct text key, local_part, domain, service, selector, base;
    int64_t uid, gid, limit, multiplier, main_suffices;
    int64_t sending_port; /* log-ins at that port of Dovecot's count as sending; 0: at none */
};
extern const struct shape asked_shape;

struct answer { /* a row; texts that the question does not give are absent */
    struct text value;
    struct text user, password;               /* passdb; the password is sealed in an ANSWER_LOG_IN */
    struct text name, username;               /* of a smart host */
    struct text app_password;                 /* its number; Dovecot hands it on to lookup/render_report.c */
    struct text home, uid, gid, quota_rule, quota_bytes; /* userdb */
    struct text crypt_password, clear_password, maildir; /* Courier; one password is empty */
};
extern const struct shape answer_shape;

/* How a daemon writes the parts of a key: expressions of SQL with that daemon's escapes in them. */
struct dialect {
    const char *key, *local_part, *domain, *service, *selector;
    const char *port; /* of ours that was connected to; NULL: not known */
};
extern const struct dialect dialects[]; /* index is the asker */

/* The services of master.cf that bring mail to smart hosts, the second with TLS from the start (port 465). They are others than
 * smtp, because a refusal for want of a log-in means something else there (render_postfix_master.c). */
#define RELAY_SERVICE "smtp-relay"
#define WRAPPED_SERVICE "smtp-wrapped"

/* The SQL on one line in the asker's dialect, with the settings of `a` as literals. What is text in `a` must
 * be free of quotes, backslashes and '%' (render.c refuses such settings). */
struct text question_text(struct task *t, const struct question *q, const struct asked *a);
/* The same in the dialect of another version of that daemon. */
struct text question_text_for(struct task *t, const struct question *q, enum asker dialect, const struct asked *a);

/* The same for a table that is made beforehand: an expression of SQL that is the answer for the row `k` with the columns
 * `key`, local_part and domain. Settings stay :names. No answer is NULL or the empty text. */
struct text question_of_row(struct task *t, const struct question *q);

/* Fills in the parts of a key in canonical form (model/address.h). False: nothing can have that key. */
bool question_key(struct task *t, const struct question *q, struct text key, struct asked *out);

/* Expressions that vquota.c shares with virtual_mailbox_limit_maps: a quota in octets as virtual(8) takes it,
 * never above virtual_mailbox_limit, where 0 is no limit; and what a domain allows one mailbox
 * (sql/migrations/0002 says why two columns). */
#define QUOTA_CAPPED(octets)                                                                           \
    "CASE WHEN " octets " > 0 AND (:limit = 0 OR " octets " < :limit) THEN " octets " ELSE :limit END"
#define DOMAIN_CEILING(d)                                                                              \
    "CASE WHEN " d ".maxquota > 0 AND CEIL(" d ".maxquota_bytes / :multiplier) = " d ".maxquota THEN " \
    d ".maxquota_bytes ELSE " d ".maxquota * :multiplier END"

#endif
