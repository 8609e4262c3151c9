/* server/model/vault.c */
#include "model/vault.h"

#include "base/log.h"
#include "model/problem.h"
#include "model/secret.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MARK "{SODIUM}"
#define VARIANT sodium_base64_VARIANT_ORIGINAL

#define NONCE_OCTETS crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_OCTETS crypto_aead_xchacha20poly1305_ietf_ABYTES
#define OVERHEAD (NONCE_OCTETS + TAG_OCTETS)

#define NAMESPACE "postreev" /* crypto_kdf wants eight octets: whose keys these are */
#define KEY_ID_SUBKEY 0      /* no purpose has this number */
#define KEY_ID_DIGITS 8

struct vault {
    unsigned char key[crypto_kdf_KEYBYTES];
    char key_id[KEY_ID_DIGITS + 1];
};

_Static_assert(VAULT_KEY_DIGITS == 2 * crypto_kdf_KEYBYTES, "a key file holds a whole key");
_Static_assert(VAULT_SEALED_MAX == sizeof MARK - 1 + (VAULT_CLEAR_MAX + OVERHEAD + 2) / 3 * 4, "as it is sealed");
_Static_assert(VAULT_SEALED_MAX <= 255, "the columns are varchar(255)");

static void subkey(const struct vault *v, uint64_t number, unsigned char *out, size_t length)
{
    if (crypto_kdf_derive_from_key(out, length, number, NAMESPACE, v->key) != 0)
        abort(); /* only for a length that no key has */
}

static void name_key(struct vault *v)
{
    unsigned char derived[crypto_kdf_BYTES_MIN];

    subkey(v, KEY_ID_SUBKEY, derived, sizeof derived);
    sodium_bin2hex(v->key_id, sizeof v->key_id, derived, KEY_ID_DIGITS / 2);
}

struct vault *vault_from_key(struct task *t, struct text hex)
{
    size_t length = 0;
    struct vault *v;

    secret_start();
    v = sodium_malloc(sizeof *v);
    if (!v) {
        log_line(LOG_FAULT, "out of memory for a key");
        abort();
    }
    task_defer(t, sodium_free, v);
    if (hex.length != VAULT_KEY_DIGITS
        || sodium_hex2bin(v->key, sizeof v->key, hex.at, hex.length, NULL, &length, NULL) != 0
        || length != sizeof v->key)
        return NULL;
    name_key(v);
    sodium_mprotect_readonly(v);
    return v;
}

static size_t clear_max(enum vault_purpose purpose)
{
    return purpose == VAULT_EVENT ? VAULT_EVENT_MAX : purpose == VAULT_DKIM ? VAULT_DKIM_MAX : VAULT_CLEAR_MAX;
}

static const unsigned char *octets(struct text given)
{
    return (const unsigned char *)given.at;
}

enum outcome vault_seal(struct task *t, const char *field, const struct vault *v, enum vault_purpose purpose,
                        struct text clear, struct text context, struct text *out)
{
    unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES], *box;
    size_t room = sodium_base64_encoded_len(clear.length + OVERHEAD, VARIANT);
    char *base64;

    assert(purpose >= VAULT_RELAY && purpose < VAULT_PURPOSES_END);
    if (!v)
        return task_problem(t, field, &problem_no_secret_key);
    if (clear.length > clear_max(purpose))
        return task_problem_figure(t, field, &problem_too_long, "max", (int64_t)clear_max(purpose));
    box = task_alloc(t, clear.length + OVERHEAD);
    base64 = task_alloc(t, room);
    subkey(v, purpose, key, sizeof key);
    randombytes_buf(box, NONCE_OCTETS);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE_OCTETS, NULL, octets(clear), clear.length, octets(context),
                                               context.length, NULL, box, key);
    sodium_memzero(key, sizeof key);
    sodium_bin2base64(base64, room, box, clear.length + OVERHEAD, VARIANT);
    *out = task_join(t, TEXT(MARK), text_of(base64));
    return DONE;
}

bool vault_is_sealed(struct text stored)
{
    return text_starts(stored, TEXT(MARK));
}

/* libsodium 1.0.18 takes 0xAF for a slash. */
static bool is_ascii(struct text given)
{
    for (size_t i = 0; i < given.length; i++)
        if ((unsigned char)given.at[i] > 0x7F)
            return false;
    return true;
}

static bool unseal(struct task *t, const struct vault *v, enum vault_purpose purpose, struct text sealed,
                   struct text context, struct text *out)
{
    struct text base64 = text_part(sealed, sizeof MARK - 1, sealed.length);
    unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES], *box, *clear;
    size_t length = 0;
    bool opened;

    if (!vault_is_sealed(sealed) || !is_ascii(base64)
        || base64.length >= sodium_base64_encoded_len(clear_max(purpose) + OVERHEAD, VARIANT))
        return false;
    box = task_alloc(t, base64.length + 1);
    if (sodium_base642bin(box, base64.length, base64.at, base64.length, NULL, &length, NULL, VARIANT) != 0
        || length < OVERHEAD)
        return false;
    clear = task_alloc(t, length - OVERHEAD + 1);
    subkey(v, purpose, key, sizeof key);
    opened = crypto_aead_xchacha20poly1305_ietf_decrypt(clear, NULL, NULL, box + NONCE_OCTETS, length - NONCE_OCTETS,
                                                        octets(context), context.length, box, key) == 0;
    sodium_memzero(key, sizeof key);
    if (opened)
        *out = (struct text){ (const char *)clear, length - OVERHEAD };
    return opened;
}

enum outcome vault_open(struct task *t, const char *field, const struct vault *v, enum vault_purpose purpose,
                        struct text sealed, struct text context, struct text *out)
{
    assert(purpose >= VAULT_RELAY && purpose < VAULT_PURPOSES_END);
    if (!v)
        return task_problem(t, field, &problem_no_secret_key);
    if (!unseal(t, v, purpose, sealed, context, out))
        return task_problem(t, field, &problem_cannot_unseal);
    return DONE;
}

struct text vault_mac(struct task *t, const struct vault *v, enum vault_purpose purpose, struct text covered)
{
    unsigned char key[crypto_auth_hmacsha256_KEYBYTES], sum[crypto_auth_hmacsha256_BYTES];
    char *hex;

    assert(purpose >= VAULT_RELAY && purpose < VAULT_PURPOSES_END);
    if (!v)
        return secret_digest(t, covered);
    hex = task_alloc(t, 2 * sizeof sum + 1);
    subkey(v, purpose, key, sizeof key);
    crypto_auth_hmacsha256(sum, octets(covered), covered.length, key);
    sodium_memzero(key, sizeof key);
    sodium_bin2hex(hex, 2 * sizeof sum + 1, sum, sizeof sum);
    return text_of(hex);
}

struct text vault_key_id(const struct vault *v)
{
    return v ? text_of(v->key_id) : TEXT("");
}
