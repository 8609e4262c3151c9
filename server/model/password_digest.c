/* server/model/password_digest.c */
#include "model/password_digest.h"

#include "base/outcome.h"
#include "model/secret.h"

#include <assert.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

enum use { PLAIN, SALTED, CRAM };

struct digest_scheme {
    const char *name;
    enum use use;
    const struct nettle_hash *hash;
};

static const struct digest_scheme schemes[] = {
    { "PLAIN-MD4", PLAIN, &nettle_md4 },
    { "PLAIN-MD5", PLAIN, &nettle_md5 },
    { "LDAP-MD5", PLAIN, &nettle_md5 },
    { "MD5", PLAIN, &nettle_md5 }, /* where it is not $1$: see password.c */
    { "MD5RAW", PLAIN, &nettle_md5 },
    { "SHA", PLAIN, &nettle_sha1 },
    { "SHA1", PLAIN, &nettle_sha1 },
    { "SHA224", PLAIN, &nettle_sha224 },
    { "SHA256", PLAIN, &nettle_sha256 },
    { "SHA384", PLAIN, &nettle_sha384 },
    { "SHA512", PLAIN, &nettle_sha512 },
    { "SMD5", SALTED, &nettle_md5 },
    { "SSHA", SALTED, &nettle_sha1 },
    { "SSHA224", SALTED, &nettle_sha224 },
    { "SSHA256", SALTED, &nettle_sha256 },
    { "SSHA384", SALTED, &nettle_sha384 },
    { "SSHA512", SALTED, &nettle_sha512 },
    { "CRAM-MD5", CRAM, &nettle_md5 },
    { "HMAC-MD5", CRAM, &nettle_md5 },
};

#define CRAM_LENGTH (2 * sizeof(((struct md5_ctx *)0)->state))

const struct digest_scheme *digest_scheme_named(struct text name)
{
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (text_equal_folded(text_of(schemes[i].name), name))
            return &schemes[i];
    return NULL;
}

size_t digest_fixed_length(const struct digest_scheme *s)
{
    switch (s->use) {
    case PLAIN: return s->hash->digest_size;
    case CRAM: return CRAM_LENGTH;
    case SALTED: break;
    }
    return 0;
}

static const uint8_t *octets(struct text of)
{
    return (const uint8_t *)of.at;
}

static bool hash_matches(const struct nettle_hash *hash, struct text clear, struct text wanted,
                         struct text salt)
{
    union {
        struct md4_ctx md4;
        struct md5_ctx md5;
        struct sha1_ctx sha1;
        struct sha256_ctx sha256;
        struct sha512_ctx sha512;
    } state;
    uint8_t made[SHA512_DIGEST_SIZE];
    bool same;

    assert(hash->context_size <= sizeof state);
    hash->init(&state);
    hash->update(&state, clear.length, octets(clear));
    hash->update(&state, salt.length, octets(salt));
    hash->digest(&state, hash->digest_size, made);
    same = secret_equal((struct text){ (const char *)made, hash->digest_size }, wanted);
    explicit_bzero(&state, sizeof state);
    explicit_bzero(made, sizeof made);
    return same;
}

/* The four words of an MD5 context that has taken one block, lowest octet first. */
static void put_state(const struct md5_ctx *from, uint8_t *out)
{
    for (size_t word = 0; word < COUNT(from->state); word++)
        for (size_t octet = 0; octet < 4; octet++)
            *out++ = (uint8_t)(from->state[word] >> 8 * octet);
}

/* What CRAM-MD5 needs of a password is HMAC's two contexts, outer and inner, once they have taken the key;
 * Dovecot stores those, in that order. */
static bool cram_matches(struct text clear, struct text raw)
{
    struct hmac_md5_ctx state;
    uint8_t made[CRAM_LENGTH];
    bool same;

    hmac_md5_set_key(&state, clear.length, octets(clear));
    put_state(&state.outer, made);
    put_state(&state.inner, made + CRAM_LENGTH / 2);
    same = secret_equal((struct text){ (const char *)made, sizeof made }, raw);
    explicit_bzero(&state, sizeof state);
    explicit_bzero(made, sizeof made);
    return same;
}

bool digest_matches(const struct digest_scheme *s, struct text clear, struct text raw)
{
    size_t length = s->hash->digest_size;
    struct text digest = text_part(raw, 0, length), salt = text_part(raw, length, raw.length);

    switch (s->use) {
    case PLAIN: return salt.length == 0 && hash_matches(s->hash, clear, digest, salt);
    case SALTED: return salt.length && hash_matches(s->hash, clear, digest, salt);
    case CRAM: return cram_matches(clear, raw);
    }
    return false;
}
