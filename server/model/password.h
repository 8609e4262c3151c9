/* server/model/password.h - hashing a new password, checking a given one
 *
 * WHAT    New hashes are made by the configured scheme. Checking goes by the stored value's own form, never by the
 *         setting: crypt(3) families ($1$ $5$ $6$ $2a$ $2b$ $2y$ $y$ $gy$ $7$, DES), Dovecot's {SCHEME} prefixes with
 *         optional .HEX/.B64/.BASE64, salted and plain digests (MD5, SHA, SHA224.., SSHA.., SMD5, LDAP-MD5, CRAM-MD5),
 *         {md5raw}, argon2, {PLAIN}/{CLEAR}/{CLEARTEXT}, prefix-less 32 hex digits (MD5), else clear text.
 * WHY     An adopted database holds whatever its past configurations wrote. Postfix Admin locks those people out.
 *         Clear text is written as {CLEARTEXT}..., so that a password that looks like a hash is never taken for one,
 *         and the other way round.
 * COST    Comparison takes the same time wherever the difference lies. A hash nobody can check matches nothing.
 * SOURCE  crypt(5); Dovecot's password schemes page; only this room includes <crypt.h>.
 */
#ifndef POSTREEVE_MODEL_PASSWORD_H
#define POSTREEVE_MODEL_PASSWORD_H

#include "base/task.h"

#define PASSWORD_MAX 128 /* code points; 512 octets is crypt(3)'s own bound */

enum scheme { SCHEME_MD5CRYPT, SCHEME_SHA512CRYPT, SCHEME_BCRYPT, SCHEME_YESCRYPT, SCHEME_CLEARTEXT };
extern const char *const scheme_words[]; /* "md5crypt", ... in that order, ended by NULL */
bool scheme_named(struct text word, enum scheme *out);

#define CLEARTEXT_PREFIX "{CLEARTEXT}"
/* In front of a stored value, as `passwd -l` puts a "!": nothing matches it, for whoever reads the table, and taking it off
 * gives the value back as it was. */
#define LOCKED_PREFIX "{LOCKED}"

/* Hashes `clear`. INVALID with password_unfit on `field` where the scheme cannot hold it (NUL; bcrypt beyond 72 octets). */
MUST_USE enum outcome password_hash(struct task *t, const char *field, enum scheme scheme, struct text clear,
                                    struct text *out);
bool password_matches(struct text clear, struct text stored);
/* Spends the time of one password_matches() for that scheme on nothing: for accounts that do not exist. */
void password_pretend(enum scheme scheme, struct text clear);
/* Whether `stored` is of that scheme (to upgrade it on log-in), and whether it is weak by today's measure. */
bool password_is_of(enum scheme scheme, struct text stored);
bool password_is_weak(struct text stored);

#endif
