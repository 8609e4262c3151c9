/* server/model/secret.h - tokens that are handed out, and what is kept of them
 *
 * WHAT    A token is 256 random bits in base64url (43 characters). Only its SHA-256 is stored (64 hex digits), so that
 *         a copy of the database opens no session.
 */
#ifndef POSTREEVE_MODEL_SECRET_H
#define POSTREEVE_MODEL_SECRET_H

#include "base/task.h"

#define SECRET_TOKEN_LENGTH 43
#define SECRET_DIGEST_LENGTH 64

void secret_start(void); /* once per process, before threads */
struct text secret_token(struct task *t);
struct text secret_digest(struct task *t, struct text secret);
/* Another token that follows from this one for a purpose (the CSRF token from the session's): HMAC, base64url. */
struct text secret_derive(struct task *t, struct text secret, const char *purpose);
/* HMAC-SHA-256 under a key that is shared with somebody else; hexadecimal. */
struct text secret_sign(struct task *t, struct text key, struct text body);
bool secret_equal(struct text a, struct text b); /* in constant time for a given length */
/* A random number from 1 to 2^53: whoever reads it as JSON loses nothing. */
int64_t secret_number(void);
/* Under a key that the caller has and nothing stores; base64url. secret_unseal() is false for anything but what that key
 * sealed. */
struct text secret_seal(struct task *t, struct text key, struct text clear);
bool secret_unseal(struct task *t, struct text key, struct text sealed, struct text *out);
struct text secret_base64url(struct task *t, struct text octets);
bool secret_from_base64url(struct task *t, struct text given, struct text *out);

#endif
