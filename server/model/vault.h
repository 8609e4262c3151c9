/* server/model/vault.h - secrets at rest under a key, and keyed sums
 *
 * WHAT    A vault holds one master key of 256 bits. Each purpose has a key of its own, derived from it, so that what was
 *         sealed for one opens for no other. A sealed value is "{SODIUM}" and base64 of nonce, cipher text and tag
 *         (XChaCha20-Poly1305, random nonce: the same clear text never seals to the same value twice).
 * CONTEXT Bound into each sealed value, not stored in it: the key of its row ("relay/7"). A value that was copied into
 *         another row does not open there.
 * WHY     A copy of the database, or an administrator's SELECT, shows no relay's password and no TOTP seed.
 * OWNS    The key lies in pages that are locked, kept out of core dumps and wiped when the task ends; a vault lives as
 *         long as the task it was made with. Clear texts that vault_open() gives are wiped with their task.
 * ABSENT  NULL is the vault of an installation without a key file: nothing can be sealed or opened then, and
 *         vault_mac() is a plain SHA-256. vault_key_id() says which of them made a sum.
 * SOURCE  libsodium's crypto_kdf, crypto_aead_xchacha20poly1305_ietf and crypto_auth_hmacsha256.
 */
#ifndef POSTREEVE_MODEL_VAULT_H
#define POSTREEVE_MODEL_VAULT_H

#include "base/task.h"

#define VAULT_KEY_DIGITS 64  /* hexadecimal, as the key file holds it */
#define VAULT_CLEAR_MAX 128  /* octets of a relay's, TOTP's or fetchmail's secret: sealed, it fits varchar(255) */
#define VAULT_SEALED_MAX 232 /* octets of such a one, sealed */
#define VAULT_DKIM_MAX 8192   /* of a private key in PEM; its column is a text */
#define VAULT_EVENT_MAX 65536 /* octets of an event's clear text; its column is a blob */

/* The numbers go into the keys: one that was used once never means anything else. */
enum vault_purpose {
    VAULT_RELAY = 1, /* passwords of smart hosts */
    VAULT_TOTP,      /* seeds of second factors */
    VAULT_FETCHMAIL, /* passwords of foreign mailboxes */
    VAULT_EVENT,     /* what waits for a hook or a webhook, and their keys */
    VAULT_AUDIT,     /* sums of the log's chain */
    VAULT_RECOVERY,  /* sums of recovery codes */
    VAULT_DKIM,      /* private keys that sign letters */
    VAULT_PURPOSES_END
};

struct vault;

/* From 64 hexadecimal digits of either case; NULL when they are none. */
struct vault *vault_from_key(struct task *t, struct text hex);

/* INVALID with a problem on `field`: no_secret_key without a vault, too_long beyond the purpose's bound. */
MUST_USE enum outcome vault_seal(struct task *t, const char *field, const struct vault *v, enum vault_purpose purpose,
                                 struct text clear, struct text context, struct text *out);
/* INVALID with a problem on `field`: no_secret_key without a vault; cannot_unseal when the value is damaged, was
 * sealed under another key, for another purpose or context, or never. */
MUST_USE enum outcome vault_open(struct task *t, const char *field, const struct vault *v, enum vault_purpose purpose,
                                 struct text sealed, struct text context, struct text *out);
bool vault_is_sealed(struct text stored); /* by its beginning alone: an adopted database may hold clear texts */

/* 64 hexadecimal digits: HMAC-SHA-256 under the purpose's key, or SHA-256 without a vault. */
struct text vault_mac(struct task *t, const struct vault *v, enum vault_purpose purpose, struct text covered);
/* Eight hexadecimal digits that tell keys apart and give nothing of them away; "" without a vault. */
struct text vault_key_id(const struct vault *v);

#endif
