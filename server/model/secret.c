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

bool secret_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || sodium_memcmp(a.at, b.at, a.length) == 0);
}
