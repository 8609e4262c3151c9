/* server/model/password.c
 *
 * A stored value says by its own form what it is; form_of() is the only place that reads that form. What a
 * value asks to be spent on it is bounded before it is run (is_affordable): whoever can write a hash into an
 * adopted table could otherwise stop the service with one log-in.
 */
#include "model/password.h"

#include "base/log.h"
#include "model/password_digest.h"
#include "model/problem.h"
#include "model/secret.h"

#include <crypt.h>
#include <sodium.h>
#include <string.h>

#define CLEAR_OCTETS_MAX (CRYPT_MAX_PASSPHRASE_SIZE - 1)
#define STORED_MAX 1024 /* octets; the column holds 255 */
#define COLUMN_MAX 255  /* mailbox.password is varchar(255) */
#define BCRYPT_MAX 72   /* octets that bcrypt looks at; the rest would not count */
#define BCRYPT_COST 10

#define BCRYPT_COST_MAX 16
#define ROUNDS_MAX 5000000
#define MEMORY_MAX ((uint64_t)1 << 30) /* octets: yescrypt, scrypt, argon2 */
#define PASSES_MAX ((uint64_t)1 << 32) /* octets times passes: libsodium's dearest setting */

const char *const scheme_words[] = { "md5crypt", "sha512crypt", "bcrypt", "yescrypt", "cleartext", NULL };

bool scheme_named(struct text word, enum scheme *out)
{
    for (size_t i = 0; scheme_words[i]; i++)
        if (text_equal(text_of(scheme_words[i]), word)) {
            *out = (enum scheme)i;
            return true;
        }
    return false;
}

/* What a stored value turns out to be. */
enum form { FORM_NONE, FORM_CLEAR, FORM_CRYPT, FORM_ARGON2, FORM_DIGEST };

struct reading {
    enum form form;
    const struct digest_scheme *digest; /* FORM_DIGEST */
    struct text raw;                    /* without prefix, decoded; may lie in `octets` */
    char octets[STORED_MAX];
};

static bool all_of(struct text given, const char *allowed)
{
    for (size_t i = 0; i < given.length; i++)
        if (!given.at[i] || !strchr(allowed, given.at[i]))
            return false;
    return true;
}

#define HEX_DIGITS "0123456789abcdefABCDEF"
#define CRYPT_DIGITS "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool is_des_crypt(struct text given)
{
    return given.length == 13 && all_of(given, CRYPT_DIGITS);
}

/* A number in decimal from the start of `from`, at most nine digits; moves `from` behind it. */
static bool take_number(struct text *from, uint64_t *out)
{
    size_t digits = 0;

    *out = 0;
    while (digits < from->length && from->at[digits] >= '0' && from->at[digits] <= '9' && digits < 10)
        *out = *out * 10 + (uint64_t)(from->at[digits++] - '0');
    *from = text_part(*from, digits, from->length);
    return digits > 0 && digits < 10;
}

static bool take_word(struct text *from, const char *word)
{
    if (!text_starts(*from, text_of(word)))
        return false;
    *from = text_part(*from, strlen(word), from->length);
    return true;
}

/* One digit of crypt's own base 64; 64 when there is none. */
static unsigned crypt_digit(struct text given, size_t index)
{
    const char *hit = index < given.length && given.at[index] ? strchr(CRYPT_DIGITS, given.at[index]) : NULL;

    return hit ? (unsigned)(hit - CRYPT_DIGITS) : 64;
}

static bool sha_is_affordable(struct text after_prefix)
{
    uint64_t rounds;

    return !take_word(&after_prefix, "rounds=")
        || (take_number(&after_prefix, &rounds) && rounds <= ROUNDS_MAX);
}

static bool bcrypt_is_affordable(struct text after_prefix)
{
    uint64_t cost;

    return take_number(&after_prefix, &cost) && cost <= BCRYPT_COST_MAX;
}

/* yescrypt(5): flavour, log2 N - 1, r - 1, a digit each. Settings that need more digits, or that name p, t
 * or g, are nobody's defaults and are refused. */
static bool yescrypt_is_affordable(struct text after_prefix)
{
    unsigned n = crypt_digit(after_prefix, 1), r = crypt_digit(after_prefix, 2);

    if (text_find(after_prefix, '$') != 3 || crypt_digit(after_prefix, 0) > 47 || n > 29 || r > 47)
        return false;
    return (uint64_t)128 * (r + 1) << (n + 1) <= MEMORY_MAX;
}

/* scrypt in crypt(5): a digit for log2 N, five for r, five for p, lowest first. */
static bool scrypt_is_affordable(struct text after_prefix)
{
    unsigned n = crypt_digit(after_prefix, 0);
    unsigned r = crypt_digit(after_prefix, 1), p = crypt_digit(after_prefix, 6);

    if (n > 30 || r > 63 || p > 8 || !text_equal(text_part(after_prefix, 2, 4), TEXT("...."))
        || !text_equal(text_part(after_prefix, 7, 4), TEXT("....")))
        return false;
    return (uint64_t)128 * r << n <= MEMORY_MAX;
}

static bool always_affordable(struct text after_prefix)
{
    (void)after_prefix;
    return true;
}

static const struct family {
    const char *prefix;
    bool (*is_affordable)(struct text after_prefix);
    bool weak;
} families[] = {
    { "$1$", always_affordable, true },       { "$5$", sha_is_affordable, false },
    { "$6$", sha_is_affordable, false },      { "$2a$", bcrypt_is_affordable, false },
    { "$2b$", bcrypt_is_affordable, false },  { "$2y$", bcrypt_is_affordable, false },
    { "$y$", yescrypt_is_affordable, false }, { "$gy$", yescrypt_is_affordable, false },
    { "$7$", scrypt_is_affordable, false },
};
static const struct family des = { "", always_affordable, true };

static const struct family *family_of(struct text hash)
{
    for (size_t i = 0; i < COUNT(families); i++)
        if (text_starts(hash, text_of(families[i].prefix)))
            return &families[i];
    return is_des_crypt(hash) ? &des : NULL;
}

static bool is_argon2(struct text given)
{
    return text_starts(given, TEXT("$argon2i$")) || text_starts(given, TEXT("$argon2id$"));
}

/* "$argon2id$v=19$m=65536,t=4,p=1$salt$hash" */
static bool argon2_is_affordable(struct text hash)
{
    struct text rest = hash;
    uint64_t version, kib, passes;

    if (!take_word(&rest, "$argon2id$v=") && !take_word(&rest, "$argon2i$v="))
        return false;
    if (!take_number(&rest, &version) || !take_word(&rest, "$m=") || !take_number(&rest, &kib)
        || !take_word(&rest, ",t=") || !take_number(&rest, &passes))
        return false;
    return kib * 1024 <= MEMORY_MAX && kib * 1024 * passes <= PASSES_MAX;
}

/* Looks like a hash, of whatever family: "$id$..." or "$id,parameters$...". */
static bool is_marked_hash(struct text given)
{
    size_t i = 1;

    while (i < given.length && i <= 16 && all_of(text_part(given, i, 1), CRYPT_DIGITS "-"))
        i++;
    return i > 1 && i < given.length && given.at[0] == '$' && (given.at[i] == '$' || given.at[i] == ',');
}

/* Digests of SHA without a prefix belong to no scheme anybody documents. Taken as clear text they would
 * let in whoever read the table. */
static bool is_bare_digest(struct text given)
{
    return (given.length == 40 || given.length == 56 || given.length == 64 || given.length == 96
            || given.length == 128) && all_of(given, HEX_DIGITS);
}

static bool decode_hex(struct text given, struct reading *out)
{
    unsigned char *into = (unsigned char *)out->octets;
    size_t length = 0;

    if (sodium_hex2bin(into, sizeof out->octets, given.at, given.length, NULL, &length, NULL) != 0)
        return false;
    out->raw = (struct text){ out->octets, length };
    return true;
}

static bool decode_base64(struct text given, struct reading *out)
{
    bool padded = given.length % 4 == 0;
    int variant = padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    unsigned char *into = (unsigned char *)out->octets;
    size_t length = 0;

    if (sodium_base642bin(into, sizeof out->octets, given.at, given.length, NULL, &length, NULL,
                          variant) != 0)
        return false;
    out->raw = (struct text){ out->octets, length };
    return true;
}

static const struct named_form {
    const char *name;
    enum form form;
} named_forms[] = {
    { "CLEARTEXT", FORM_CLEAR },    { "PLAIN", FORM_CLEAR },        { "CLEAR", FORM_CLEAR },
    { "CRYPT", FORM_CRYPT },        { "MD5-CRYPT", FORM_CRYPT },    { "SHA256-CRYPT", FORM_CRYPT },
    { "SHA512-CRYPT", FORM_CRYPT }, { "BLF-CRYPT", FORM_CRYPT },    { "DES-CRYPT", FORM_CRYPT },
    { "ARGON2I", FORM_ARGON2 },     { "ARGON2ID", FORM_ARGON2 },
};

static enum form form_named(struct text name)
{
    for (size_t i = 0; i < COUNT(named_forms); i++)
        if (text_equal_folded(text_of(named_forms[i].name), name))
            return named_forms[i].form;
    return FORM_NONE;
}

/* The text behind "{SCHEME}" or "{SCHEME.ENCODING}", decoded. */
static bool decode(struct text rest, struct text encoding, struct reading *out)
{
    size_t fixed = out->digest ? digest_fixed_length(out->digest) : 0;

    if (text_equal_folded(encoding, TEXT("HEX")))
        return decode_hex(rest, out);
    if (text_equal_folded(encoding, TEXT("B64")) || text_equal_folded(encoding, TEXT("BASE64")))
        return decode_base64(rest, out);
    if (encoding.length)
        return false;
    if (!out->digest) {
        out->raw = rest;
        return true;
    }
    return (fixed && rest.length == 2 * fixed && decode_hex(rest, out)) || decode_base64(rest, out);
}

static void read_prefixed(struct text stored, size_t close, struct reading *out)
{
    struct text name = text_part(stored, 1, close - 1), rest = text_part(stored, close + 1, stored.length);
    struct text encoding = TEXT("");
    size_t dot = text_find(name, '.');

    if (dot != TEXT_NOT_FOUND) {
        encoding = text_part(name, dot + 1, name.length);
        name = text_part(name, 0, dot);
    }
    out->form = form_named(name);
    if (out->form == FORM_NONE && text_equal_folded(name, TEXT("MD5")) && text_starts(rest, TEXT("$1$")))
        out->form = FORM_CRYPT; /* Dovecot's {MD5} was md5crypt first */
    if (out->form == FORM_NONE) {
        out->digest = digest_scheme_named(name);
        out->form = out->digest ? FORM_DIGEST : FORM_NONE;
    }
    if (out->form != FORM_NONE && !decode(rest, encoding, out))
        out->form = FORM_NONE;
}

static void form_of(struct text stored, struct reading *out)
{
    size_t close = text_find(stored, '}');

    out->form = FORM_NONE;
    out->digest = NULL;
    out->raw = stored;
    if (stored.length == 0 || stored.length > STORED_MAX || text_find(stored, '\0') != TEXT_NOT_FOUND
        || strchr("!*", stored.at[0]) /* as shadow(5) locks an account */
        || text_starts(stored, TEXT(LOCKED_PREFIX)))
        return;
    if (stored.at[0] == '{' && close != TEXT_NOT_FOUND) {
        read_prefixed(stored, close, out);
    } else if (is_argon2(stored)) {
        out->form = FORM_ARGON2;
    } else if (family_of(stored)) {
        out->form = FORM_CRYPT;
    } else if (stored.length == 32 && all_of(stored, HEX_DIGITS)) {
        out->digest = digest_scheme_named(TEXT("PLAIN-MD5"));
        out->form = decode_hex(stored, out) ? FORM_DIGEST : FORM_NONE;
    } else if (!is_marked_hash(stored) && !is_bare_digest(stored)) {
        out->form = FORM_CLEAR;
    }
}

/* The passphrase with its NUL, as the C libraries want it; false when it cannot be one. */
static bool passphrase(struct text clear, char out[CRYPT_MAX_PASSPHRASE_SIZE])
{
    if (clear.length == 0 || clear.length > CLEAR_OCTETS_MAX || text_find(clear, '\0') != TEXT_NOT_FOUND)
        return false;
    memcpy(out, clear.at, clear.length);
    out[clear.length] = '\0';
    return true;
}

static bool crypt_matches(const char *phrase, struct text hash)
{
    const struct family *family = family_of(hash);
    struct crypt_data data;
    const char *made;
    bool same;

    if (!family || hash.length >= CRYPT_OUTPUT_SIZE
        || !family->is_affordable(text_part(hash, strlen(family->prefix), hash.length)))
        return false;
    memset(&data, 0, sizeof data);
    memcpy(data.setting, hash.at, hash.length);
    made = crypt_rn(phrase, data.setting, &data, (int)sizeof data);
    same = made && secret_equal(text_of(made), hash);
    explicit_bzero(&data, sizeof data);
    return same;
}

static bool argon2_matches(const char *phrase, size_t length, struct text hash)
{
    char stored[STORED_MAX + 1];

    if (!is_argon2(hash) || !argon2_is_affordable(hash))
        return false;
    memcpy(stored, hash.at, hash.length);
    stored[hash.length] = '\0';
    return crypto_pwhash_str_verify(stored, phrase, length) == 0;
}

bool password_matches(struct text clear, struct text stored)
{
    char phrase[CRYPT_MAX_PASSPHRASE_SIZE];
    struct reading r;
    bool same = false;

    if (!passphrase(clear, phrase))
        return false;
    form_of(stored, &r);
    if (r.form != FORM_NONE && r.raw.length)
        switch (r.form) {
        case FORM_CLEAR: same = secret_equal(clear, r.raw); break;
        case FORM_CRYPT: same = crypt_matches(phrase, r.raw); break;
        case FORM_ARGON2: same = argon2_matches(phrase, clear.length, r.raw); break;
        case FORM_DIGEST: same = digest_matches(r.digest, clear, r.raw); break;
        case FORM_NONE: break;
        }
    explicit_bzero(phrase, sizeof phrase);
    explicit_bzero(r.octets, sizeof r.octets);
    return same;
}

/* What crypt(3) is asked for; cleartext has no row. */
static const struct recipe {
    const char *prefix;
    unsigned long count; /* 0: the library's own */
} recipes[] = {
    [SCHEME_MD5CRYPT] = { "$1$", 0 },
    [SCHEME_SHA512CRYPT] = { "$6$", 0 },
    [SCHEME_BCRYPT] = { "$2y$", BCRYPT_COST }, /* $2y$, because PHP writes no other and Dovecot reads it */
    [SCHEME_YESCRYPT] = { "$y$", 0 },
};

static bool scheme_holds(enum scheme scheme, struct text clear)
{
    if (scheme == SCHEME_BCRYPT)
        return clear.length <= BCRYPT_MAX;
    if (scheme == SCHEME_CLEARTEXT)
        return clear.length <= COLUMN_MAX - (sizeof CLEARTEXT_PREFIX - 1);
    return true;
}

static enum outcome crypt_hash(struct task *t, const struct recipe *recipe, const char *phrase,
                               struct text *out)
{
    struct crypt_data data;
    const char *made = NULL;

    memset(&data, 0, sizeof data);
    if (crypt_gensalt_rn(recipe->prefix, recipe->count, NULL, 0, data.setting, (int)sizeof data.setting))
        made = crypt_rn(phrase, data.setting, &data, (int)sizeof data);
    if (made)
        *out = task_copy(t, text_of(made));
    else
        log_line(LOG_FAULT, "crypt(3) cannot make a hash of the kind %s", recipe->prefix);
    explicit_bzero(&data, sizeof data);
    return made ? DONE : BROKEN;
}

enum outcome password_hash(struct task *t, const char *field, enum scheme scheme, struct text clear,
                           struct text *out)
{
    char phrase[CRYPT_MAX_PASSPHRASE_SIZE];
    enum outcome o = DONE;

    if (!scheme_holds(scheme, clear) || !passphrase(clear, phrase))
        return task_problem(t, field, &problem_password_unfit);
    if (scheme == SCHEME_CLEARTEXT)
        *out = task_join(t, TEXT(CLEARTEXT_PREFIX), clear);
    else
        o = crypt_hash(t, &recipes[scheme], phrase, out);
    explicit_bzero(phrase, sizeof phrase);
    return o;
}

void password_pretend(enum scheme scheme, struct text clear)
{
    static const char *const nobodys[] = {
        [SCHEME_MD5CRYPT] = "$1$22t.HdHG$OVLAn/gIOmO.21sD5iedO/",
        [SCHEME_SHA512CRYPT] = "$6$gZGofISdCdi9Ytru$"
                               "VHuiK.Sa060jD06huKxrVhxl3FSGi1AeLBCCF5EKY6XS87oZToVcK95vqgjD"
                               "RdAKVzjiAFz3yEVVNHSOYh3gw1",
        [SCHEME_BCRYPT] = "$2y$10$znrrcSajF0mAhTKmj6Aso.esrN28EciV3snhiwkvcEPN2h/WZ6NZ2",
        [SCHEME_YESCRYPT] = "$y$j9T$4iEj1tqRh056dJCF6InUk1$Nn.OzRvQIYhWB.JvxexeqpZkE/0C90mjJUYRgVvIv4D",
        [SCHEME_CLEARTEXT] = CLEARTEXT_PREFIX "-",
    };

    (void)password_matches(clear, text_of(nobodys[scheme]));
}

bool password_is_of(enum scheme scheme, struct text stored)
{
    static const char *const bcrypt_prefixes[] = { "$2a$", "$2b$", "$2y$" };
    struct reading r;
    bool found = false;

    form_of(stored, &r);
    if (scheme == SCHEME_CLEARTEXT)
        found = r.form == FORM_CLEAR && stored.at[0] == '{'; /* bare, it could be taken for a hash one day */
    else if (r.form == FORM_CRYPT && scheme == SCHEME_BCRYPT)
        for (size_t i = 0; i < COUNT(bcrypt_prefixes); i++)
            found = found || text_starts(r.raw, text_of(bcrypt_prefixes[i]));
    else if (r.form == FORM_CRYPT)
        found = text_starts(r.raw, text_of(recipes[scheme].prefix));
    explicit_bzero(r.octets, sizeof r.octets);
    return found;
}

/* Strong is what is salted and slow. A value that nobody can check opens nothing, so it is not weak. */
bool password_is_weak(struct text stored)
{
    const struct family *family;
    struct reading r;
    bool weak = false;

    form_of(stored, &r);
    switch (r.form) {
    case FORM_CLEAR:
    case FORM_DIGEST: weak = true; break;
    case FORM_CRYPT:
        family = family_of(r.raw);
        weak = family && family->weak;
        break;
    case FORM_ARGON2:
    case FORM_NONE: break;
    }
    explicit_bzero(r.octets, sizeof r.octets);
    return weak;
}
