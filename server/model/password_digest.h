/* server/model/password_digest.h - inside this room: plain, salted and keyed digests, as {SCHEME} values
 *
 * SOURCE  Dovecot's password schemes page; RFC 2307 for {SHA}, {SSHA}, {MD5}, {SMD5}; RFC 2195 for CRAM-MD5.
 */
#ifndef POSTREEVE_MODEL_PASSWORD_DIGEST_H
#define POSTREEVE_MODEL_PASSWORD_DIGEST_H

#include "base/text.h"

struct digest_scheme;

/* In any case of letters; NULL when the name is none of these. */
const struct digest_scheme *digest_scheme_named(struct text name);
/* Octets of a digest that takes no salt, 0 for one that does: they tell hexadecimal from base64. */
size_t digest_fixed_length(const struct digest_scheme *s);
/* `raw` is decoded: the digest, then its salt. */
bool digest_matches(const struct digest_scheme *s, struct text clear, struct text raw);

#endif
