/* server/model/secret.h - tokens that are handed out, and what is kept of them
 *
 * WHAT    A token is 256 random bits in base64url (43 characters). Only its SHA-256 is stored (64 hex digits), so that
 *         a copy of the database opens no session.
 */
#ifndef POSTREEVE_MODEL_SECRET_H
#define POSTREEVE_MODEL_SECRET_H

#include "base/task.h"

#define SECRET_TOKEN_LENGTH 43

void secret_start(void); /* once per process, before threads */
struct text secret_token(struct task *t);
struct text secret_digest(struct task *t, struct text secret);
/* Another token that follows from this one for a purpose (the CSRF token from the session's): HMAC, base64url. */
struct text secret_derive(struct task *t, struct text secret, const char *purpose);
bool secret_equal(struct text a, struct text b); /* in constant time for a given length */
struct text secret_base64url(struct task *t, struct text octets);
bool secret_from_base64url(struct task *t, struct text given, struct text *out);

#endif
