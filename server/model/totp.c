/* server/model/totp.c */
#include "model/totp.h"

#include "base/log.h"
#include "model/secret.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SEED_OCTETS 20     /* RFC 4226, 4: recommended for HMAC-SHA-1 */
#define SEED_OCTETS_MAX 64 /* of one that another program made */
#define BASE32_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

struct text totp_seed(struct task *t)
{
    char octets[SEED_OCTETS], *base32 = NULL;
    struct text seed;

    randombytes_buf(octets, sizeof octets);
    if (oath_base32_encode(octets, sizeof octets, &base32, NULL) != OATH_OK) {
        log_line(LOG_FAULT, "liboath cannot write base32");
        abort();
    }
    sodium_memzero(octets, sizeof octets);
    seed = task_copy(t, text_of(base32)); /* 160 bits need no padding */
    sodium_memzero(base32, strlen(base32));
    free(base32);
    return seed;
}

/* RFC 3986, 2.3: everything but the unreserved characters. A ":" in an account would end the issuer. */
static struct text percent_encoded(struct task *t, struct text given)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char hex[] = "0123456789ABCDEF";
    char *at = task_alloc(t, 3 * given.length + 1);
    size_t length = 0;

    for (size_t i = 0; i < given.length; i++) {
        unsigned char c = (unsigned char)given.at[i];

        if (c && strchr(unreserved, c)) {
            at[length++] = (char)c;
        } else {
            at[length++] = '%';
            at[length++] = hex[c >> 4];
            at[length++] = hex[c & 15];
        }
    }
    return (struct text){ at, length };
}

struct text totp_uri(struct task *t, struct text issuer, struct text account, struct text seed)
{
    struct text by = percent_encoded(t, issuer), who = percent_encoded(t, account);

    return task_printf(t, "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d", by.at, who.at,
                       percent_encoded(t, seed).at, by.at, TOTP_DIGITS, TOTP_STEP_SECONDS);
}

/* The digits of what a person typed; false when there are not six of them, or something else. */
static bool read_code(struct text typed, char out[TOTP_DIGITS + 1])
{
    size_t count = 0;

    for (size_t i = 0; i < typed.length; i++) {
        char c = typed.at[i];

        if (c == ' ' || c == '\t')
            continue;
        if (c < '0' || c > '9' || count == TOTP_DIGITS)
            return false;
        out[count++] = c;
    }
    out[count] = '\0';
    return count == TOTP_DIGITS;
}

/* The octets of a seed; how many, 0 when it is none. */
static size_t read_seed(struct text seed, char out[SEED_OCTETS_MAX])
{
    char *octets = NULL;
    size_t length = 0;

    if (seed.length == 0 || seed.length > (SEED_OCTETS_MAX * 8 + 4) / 5)
        return 0;
    for (size_t i = 0; i < seed.length; i++)
        if (!seed.at[i] || !strchr(BASE32_DIGITS, seed.at[i]))
            return 0;
    if (oath_base32_decode(seed.at, seed.length, &octets, &length) != OATH_OK || !octets)
        return 0;
    if (length > SEED_OCTETS_MAX)
        length = 0;
    memcpy(out, octets, length);
    sodium_memzero(octets, length);
    free(octets);
    return length;
}

/* All steps of the window are looked at, whichever matches: the time this takes says nothing. */
static int64_t newest_match(const char *octets, size_t length, const char *code, int64_t from, int64_t to,
                            int64_t last_used)
{
    int64_t matched = TOTP_NO_STEP;
    char made[TOTP_DIGITS + 1];

    for (int64_t step = from; step <= to; step++) {
        bool same;

        if (oath_hotp_generate(octets, length, (uint64_t)step, TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, made)
            != OATH_OK) {
            log_line(LOG_FAULT, "liboath cannot make a code");
            break;
        }
        same = secret_equal((struct text){ made, TOTP_DIGITS }, (struct text){ code, TOTP_DIGITS });
        if (same && step > last_used)
            matched = step;
    }
    sodium_memzero(made, sizeof made);
    return matched;
}

int64_t totp_check(struct text seed, struct text code, int64_t unix_seconds, int64_t window, int64_t last_used)
{
    int64_t now = unix_seconds / TOTP_STEP_SECONDS, matched = TOTP_NO_STEP;
    char octets[SEED_OCTETS_MAX], digits[TOTP_DIGITS + 1];
    size_t length;

    if (unix_seconds < 0 || window < 0 || now > INT64_MAX - window || !read_code(code, digits))
        return TOTP_NO_STEP;
    length = read_seed(seed, octets);
    if (length)
        matched = newest_match(octets, length, digits, now > window ? now - window : 0, now + window, last_used);
    sodium_memzero(octets, sizeof octets);
    sodium_memzero(digits, sizeof digits);
    return matched;
}

/* Crockford's base 32: no i, l, o and u. 32 characters divide 2^8, so that each is as likely as any other. */
static const char recovery_digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct text recovery_code(struct task *t)
{
    unsigned char octets[RECOVERY_CODE_LENGTH];
    char *at = task_alloc(t, RECOVERY_CODE_LENGTH + 2), *to = at;

    randombytes_buf(octets, sizeof octets);
    for (size_t i = 0; i < sizeof octets; i++) {
        if (i == RECOVERY_CODE_LENGTH / 2)
            *to++ = '-';
        *to++ = recovery_digits[octets[i] % (sizeof recovery_digits - 1)];
    }
    sodium_memzero(octets, sizeof octets);
    return text_of(at);
}

static char recovery_digit(char typed)
{
    char c = typed >= 'A' && typed <= 'Z' ? (char)(typed - 'A' + 'a') : typed;

    if (c == 'o')
        return '0';
    if (c == 'i' || c == 'l')
        return '1';
    return c && strchr(recovery_digits, c) ? c : '\0';
}

bool recovery_code_canon(struct task *t, struct text typed, struct text *out)
{
    char *at = task_alloc(t, RECOVERY_CODE_LENGTH + 1);
    size_t count = 0;

    for (size_t i = 0; i < typed.length; i++) {
        char c = typed.at[i], digit = recovery_digit(c);

        if (c == ' ' || c == '\t' || c == '-')
            continue;
        if (!digit || count == RECOVERY_CODE_LENGTH)
            return false;
        at[count++] = digit;
    }
    *out = (struct text){ at, count };
    return count == RECOVERY_CODE_LENGTH;
}

struct text recovery_code_digest(struct task *t, const struct vault *v, struct text canonical)
{
    return vault_mac(t, v, VAULT_RECOVERY, canonical);
}
