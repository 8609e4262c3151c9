/* server/model/secret.c */
#include "model/secret.h"

#include "base/log.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>

void secret_start(void)
{
    if (sodium_init() < 0) {
        log_line(LOG_FAULT, "libsodium cannot start: no source of random numbers");
        abort();
    }
    if (oath_init() != OATH_OK) {
        log_line(LOG_FAULT, "liboath cannot start");
        abort();
    }
}

struct text secret_base64url(struct task *t, struct text octets)
{
    size_t room = sodium_base64_encoded_len(octets.length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *at = task_alloc(t, room);

    sodium_bin2base64(at, room, (const unsigned char *)octets.at, octets.length,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(at);
}

bool secret_from_base64url(struct task *t, struct text given, struct text *out)
{
    unsigned char *at = task_alloc(t, given.length + 1);
    size_t length = 0;

    if (given.length && sodium_base642bin(at, given.length, given.at, given.length, NULL, &length, NULL,
                                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    *out = (struct text){ (const char *)at, length };
    return true;
}

struct text secret_token(struct task *t)
{
    unsigned char octets[32];
    struct text token;

    randombytes_buf(octets, sizeof octets);
    token = secret_base64url(t, (struct text){ (const char *)octets, sizeof octets });
    sodium_memzero(octets, sizeof octets);
    return token;
}

struct text secret_digest(struct task *t, struct text secret)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char *hex = task_alloc(t, sizeof digest * 2 + 1);

    crypto_hash_sha256(digest, (const unsigned char *)secret.at, secret.length);
    sodium_bin2hex(hex, sizeof digest * 2 + 1, digest, sizeof digest);
    return text_of(hex);
}

struct text secret_derive(struct task *t, struct text secret, const char *purpose)
{
    unsigned char code[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    struct text what = text_of(purpose);

    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.at, secret.length);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)what.at, what.length);
    crypto_auth_hmacsha256_final(&state, code);
    return secret_base64url(t, (struct text){ (const char *)code, sizeof code });
}

struct text secret_sign(struct task *t, struct text key, struct text body)
{
    unsigned char code[crypto_auth_hmacsha256_BYTES];
    char *hex = task_alloc(t, sizeof code * 2 + 1);
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.at, key.length);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.at, body.length);
    crypto_auth_hmacsha256_final(&state, code);
    sodium_bin2hex(hex, sizeof code * 2 + 1, code, sizeof code);
    return text_of(hex);
}

bool secret_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || sodium_memcmp(a.at, b.at, a.length) == 0);
}

int64_t secret_number(void)
{
    uint64_t octets;

    randombytes_buf(&octets, sizeof octets);
    return (int64_t)(octets >> 11) + 1;
}

static void key_from(struct text key, unsigned char out[crypto_secretbox_KEYBYTES])
{
    crypto_generichash(out, crypto_secretbox_KEYBYTES, (const unsigned char *)key.at, key.length, NULL, 0);
}

struct text secret_seal(struct task *t, struct text key, struct text clear)
{
    size_t length = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + clear.length;
    unsigned char *box = task_alloc(t, length), under[crypto_secretbox_KEYBYTES];

    key_from(key, under);
    randombytes_buf(box, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (const unsigned char *)clear.at, clear.length, box, under);
    sodium_memzero(under, sizeof under);
    return secret_base64url(t, (struct text){ (const char *)box, length });
}

bool secret_unseal(struct task *t, struct text key, struct text sealed, struct text *out)
{
    unsigned char under[crypto_secretbox_KEYBYTES], *clear;
    const unsigned char *box;
    struct text octets;
    bool fits;

    if (!secret_from_base64url(t, sealed, &octets)
        || octets.length < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
        return false;
    box = (const unsigned char *)octets.at;
    clear = task_alloc(t, octets.length);
    key_from(key, under);
    fits = crypto_secretbox_open_easy(clear, box + crypto_secretbox_NONCEBYTES,
                                      octets.length - crypto_secretbox_NONCEBYTES, box, under) == 0;
    sodium_memzero(under, sizeof under);
    *out = (struct text){ (const char *)clear,
                          octets.length - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES };
    return fits;
}
