/* server/model/totp.h - second factors: time-based codes, and the codes for when the telephone is lost
 *
 * WHAT    TOTP as every authenticator application understands it: SHA-1, six digits, 30 seconds. A seed is 160 random
 *         bits in base32 (32 characters); it is stored sealed (vault.h, VAULT_TOTP). A recovery code is ten characters
 *         of Crockford's base 32, 50 random bits, shown as xxxxx-xxxxx; only its sum is stored.
 * REPLAY  A code counts once: totp_check() is told the last step that was used, and knows no code of that step or of
 *         one before. Whoever stores the step it gives has to do so in the transaction that lets the person in.
 * SOURCE  RFC 6238 and RFC 4226, by liboath; the URI as Google Authenticator's Key-Uri-Format page has it.
 */
#ifndef POSTREEVE_MODEL_TOTP_H
#define POSTREEVE_MODEL_TOTP_H

#include "model/vault.h"

#define TOTP_SEED_LENGTH 32 /* characters of base32 */
#define TOTP_DIGITS 6
#define TOTP_STEP_SECONDS 30
#define TOTP_WINDOW 1       /* steps that a clock may be off, either way */
#define TOTP_NO_STEP (-1)   /* no code was used yet; no code matched */

struct text totp_seed(struct task *t);
/* otpauth://totp/ISSUER:ACCOUNT?..., for a QR code; issuer and account are any UTF-8. */
struct text totp_uri(struct task *t, struct text issuer, struct text account, struct text seed);
/* The step of the newest code within `window` steps of the time that `code` is and that is newer than `last_used`, or
 * TOTP_NO_STEP. Blanks in the code do not count. A seed that is none matches nothing. */
int64_t totp_check(struct text seed, struct text code, int64_t unix_seconds, int64_t window, int64_t last_used);

#define RECOVERY_CODES 10       /* as many are handed out at a time */
#define RECOVERY_CODE_LENGTH 10 /* characters, without the hyphen */

struct text recovery_code(struct task *t); /* a new one, as it is shown */
/* What a person typed, in the one form that is hashed: blanks and hyphens left out, small letters, o as 0, i and l as 1.
 * False when it cannot be a recovery code. */
bool recovery_code_canon(struct task *t, struct text typed, struct text *out);
/* 64 hexadecimal digits of a canonical code: what is stored, and looked for. Under the vault's key, where there is one. */
struct text recovery_code_digest(struct task *t, const struct vault *v, struct text canonical);

#endif
