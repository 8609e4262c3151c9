/* server/model/address.h - mail addresses and domains, as this system understands them
 *
 * WHAT    LOCAL-PART "@" DOMAIN (RFC 5321, 4.1.2), held in canonical form: domain in lower-case A-labels (IDNA 2008,
 *         libidn2), local part with its ASCII letters in lower case, other scripts as given; no quotes, no comments.
 *         Two written forms:
 *           bare       local part as it is, then @domain: every key in the database (mailbox.username, alias.address).
 *                      The domain begins behind the last @.
 *           quoted     RFC 5321: a local part that is no dot-atom stands in quotes: every destination (alias.goto),
 *                      because Postfix splits that list by RFC 5322's rules. The forms that Japanese carriers gave out
 *                      (a..b@, a.@, .a@) are thus "a..b"@...; typed bare or quoted they mean the same.
 * WHY     Every key in the database and every question from Postfix comes through here, so both fold alike. A second
 *         opinion anywhere is how mail for "Info@" goes missing.
 * OWNS    Nothing; the parts live as long as the task.
 * ENDS    DONE, or INVALID with a problem on `field`.
 */
#ifndef POSTREEVE_MODEL_ADDRESS_H
#define POSTREEVE_MODEL_ADDRESS_H

#include "base/task.h"

#define LOCAL_PART_MAX 64 /* octets; RFC 5321, 4.5.3.1.1 */
#define DOMAIN_MAX 253    /* octets without the root's dot; RFC 1035, 2.3.4 */
#define LABEL_MAX 63      /* octets; RFC 1035, 2.3.4 */
#define ADDRESS_MAX 254   /* octets; RFC 5321, 4.5.3.1.3 less the angle brackets */

struct address {
    struct text local_part; /* empty means catch-all: "@example.org" */
    struct text domain;
};

MUST_USE enum outcome address_parse(struct task *t, const char *field, struct text given, struct address *out);
struct text address_bare(struct task *t, const struct address *a);
struct text address_quoted(struct task *t, const struct address *a);

/* Splits a bare address that is canonical already (one from the database); never fails. */
struct address address_split(struct text bare);

/* canon_fn and `shown` for field tables (base/shape.h). */
MUST_USE enum outcome address_canon(struct task *t, const char *field, struct text given, struct text *out);
/* the same, and "@domain" passes: an alias can be a catch-all */
MUST_USE enum outcome alias_address_canon(struct task *t, const char *field, struct text given, struct text *out);
/* a local part alone; empty passes (catch-all) */
MUST_USE enum outcome local_part_canon(struct task *t, const char *field, struct text given, struct text *out);
/* where mail may be sent on to: an address (quoted form), "@domain", or the bare name of a local account [a-z0-9._-]+ */
MUST_USE enum outcome destination_canon(struct task *t, const char *field, struct text given, struct text *out);
/* an address, or nothing */
MUST_USE enum outcome address_or_none_canon(struct task *t, const char *field, struct text given, struct text *out);
MUST_USE enum outcome domain_canon(struct task *t, const char *field, struct text given, struct text *out);
/* For people: the domain in U-labels where it has any and they turn back into the same A-labels. Never fail. */
MUST_USE enum outcome domain_shown(struct task *t, const char *field, struct text canonical, struct text *out);
MUST_USE enum outcome address_shown(struct task *t, const char *field, struct text canonical, struct text *out);

/* A list of destinations as the column alias.goto holds it: comma-separated, no blanks; commas inside quotes stay. */
struct texts destinations_split(struct task *t, struct text list);
struct text destinations_join(struct task *t, const struct texts *list);

#endif
