/* server/model/dkim_pair.c - pairs of keys; the only file with <gnutls>
 *
 * What is private goes in and out of GnuTLS as DER: reading or writing PEM (RFC 7468) it would leave base64 of the key in memory
 * that nobody wipes.
 */
#include "base/log.h"
#include "model/dkim.h"
#include "model/problem.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <sodium.h>

#include <stdlib.h>
#include <string.h>

#define PEM_MARK "-----BEGIN PUBLIC KEY-----"
#define PEM_LINE 64
#define PEM_VARIANT sodium_base64_VARIANT_ORIGINAL
#define ED25519_BITS GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519)

static const struct { const char *word; gnutls_pk_algorithm_t algorithm; unsigned bits; } algorithms[] = {
    { "rsa-2048", GNUTLS_PK_RSA, 2048 },
    { "rsa-3072", GNUTLS_PK_RSA, 3072 },
    { "rsa-4096", GNUTLS_PK_RSA, 4096 },
    { "ed25519", GNUTLS_PK_EDDSA_ED25519, ED25519_BITS },
};

static void release_private(void *it)
{
    gnutls_x509_privkey_deinit(it);
}

static void release_public(void *it)
{
    gnutls_pubkey_deinit(it);
}

/* Memory is all that can be missing; what else goes wrong is told by the caller. */
static gnutls_x509_privkey_t private_open(struct task *t)
{
    gnutls_x509_privkey_t key;

    if (gnutls_x509_privkey_init(&key) < 0)
        abort();
    task_defer(t, release_private, key);
    return key;
}

static gnutls_pubkey_t public_open(struct task *t)
{
    gnutls_pubkey_t key;

    if (gnutls_pubkey_init(&key) < 0)
        abort();
    task_defer(t, release_public, key);
    return key;
}

/* Into the task, which wipes it. */
static struct text taken(struct task *t, gnutls_datum_t *d)
{
    struct text out = task_copy(t, (struct text){ (const char *)d->data, d->size });

    explicit_bzero(d->data, d->size);
    gnutls_free(d->data);
    return out;
}

static bool is_done(int code, const char *what)
{
    if (code < 0)
        log_line(LOG_FAULT, "GnuTLS: %s: %s", what, gnutls_strerror(code));
    return code >= 0;
}

static bool public_of(struct task *t, gnutls_x509_privkey_t key, struct text *out)
{
    gnutls_pubkey_t public = public_open(t);
    gnutls_privkey_t abstract;
    gnutls_datum_t pem = { 0 };
    bool fine;

    if (gnutls_privkey_init(&abstract) < 0)
        abort();
    fine = is_done(gnutls_privkey_import_x509(abstract, key, 0), "private key")
        && is_done(gnutls_pubkey_import_privkey(public, abstract, 0, 0), "public key")
        && is_done(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_PEM, &pem), "public key");
    gnutls_privkey_deinit(abstract);
    if (fine)
        *out = text_trim(taken(t, &pem));
    return fine;
}

/* ---- PEM of private keys ---- */

static const char *const labels[] = { "PRIVATE KEY", "RSA PRIVATE KEY" }; /* PKCS #8, PKCS #1; no password */

static struct text pem_of(struct task *t, struct text der)
{
    size_t room = sodium_base64_encoded_len(der.length, PEM_VARIANT);
    char *whole = task_alloc(t, room);
    struct text rest, pem = task_printf(t, "-----BEGIN %s-----\n", labels[0]);

    sodium_bin2base64(whole, room, (const unsigned char *)der.at, der.length, PEM_VARIANT);
    for (rest = text_of(whole); rest.length; rest = text_part(rest, PEM_LINE, rest.length)) {
        struct text line = text_part(rest, 0, PEM_LINE);

        pem = task_join(t, pem, task_printf(t, "%.*s\n", (int)line.length, line.at));
    }
    return task_join(t, pem, task_printf(t, "-----END %s-----\n", labels[0]));
}

/* What stands before the key, as in files of openssl's, does not count; within it nothing but base64 may stand. */
static bool der_of(struct task *t, struct text pem, struct text *out)
{
    const char *whole = task_c_string(t, pem);

    for (size_t i = 0; i < COUNT(labels); i++) {
        const char *mark = task_printf(t, "-----BEGIN %s-----", labels[i]).at, *from = strstr(whole, mark);
        const char *until = from ? strstr(from, task_printf(t, "-----END %s-----", labels[i]).at) : NULL;
        unsigned char *der = until ? task_alloc(t, pem.length) : NULL;
        size_t length = 0;

        if (!der)
            continue;
        from += strlen(mark);
        if (sodium_base642bin(der, pem.length, from, (size_t)(until - from), " \t\r\n", &length, NULL, PEM_VARIANT) != 0)
            return false;
        *out = (struct text){ (const char *)der, length };
        return length > 0;
    }
    return false;
}

static enum outcome export_pair(struct task *t, gnutls_x509_privkey_t key, struct dkim_pair *out)
{
    gnutls_datum_t der = { 0 };

    if (!public_of(t, key, &out->public_pem)
        || !is_done(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN, &der), "private key"))
        return BROKEN;
    out->private_pem = pem_of(t, taken(t, &der));
    return DONE;
}

enum outcome dkim_generate(struct task *t, const char *field, struct text algorithm, struct dkim_pair *out)
{
    gnutls_x509_privkey_t key = private_open(t);

    for (size_t i = 0; i < COUNT(algorithms); i++) {
        if (!text_equal(algorithm, text_of(algorithms[i].word)))
            continue;
        if (!is_done(gnutls_x509_privkey_generate(key, algorithms[i].algorithm, algorithms[i].bits, 0), "new key"))
            return BROKEN;
        return export_pair(t, key, out);
    }
    return task_problem(t, field, &problem_not_a_choice);
}

/* Of the kinds that receivers know, and neither guessed nor longer than they check. */
static enum outcome admit(struct task *t, const char *field, gnutls_x509_privkey_t key)
{
    unsigned bits = 0;
    int algorithm = gnutls_x509_privkey_get_pk_algorithm2(key, &bits);

    if (algorithm != GNUTLS_PK_RSA)
        return algorithm == GNUTLS_PK_EDDSA_ED25519 ? DONE : task_problem(t, field, &problem_not_a_choice);
    if (bits < DKIM_RSA_BITS_MIN)
        return task_problem_figure(t, field, &problem_too_small, "min", DKIM_RSA_BITS_MIN);
    if (bits > DKIM_RSA_BITS_MAX)
        return task_problem_figure(t, field, &problem_too_large, "max", DKIM_RSA_BITS_MAX);
    return gnutls_x509_privkey_verify_params(key) < 0 ? task_problem(t, field, &problem_malformed) : DONE;
}

enum outcome dkim_import(struct task *t, const char *field, struct text pem, struct dkim_pair *out)
{
    gnutls_x509_privkey_t key = private_open(t);
    struct text der = TEXT("");
    gnutls_datum_t given;
    enum outcome o;

    if (!der_of(t, pem, &der))
        return task_problem(t, field, &problem_malformed);
    given = (gnutls_datum_t){ (unsigned char *)(uintptr_t)der.at, (unsigned)der.length };
    if (gnutls_x509_privkey_import(key, &given, GNUTLS_X509_FMT_DER) < 0)
        return task_problem(t, field, &problem_malformed);
    o = admit(t, field, key);
    return o == DONE ? export_pair(t, key, out) : o;
}

/* ---- the record ---- */

static struct text base64(struct task *t, const gnutls_datum_t *d)
{
    gnutls_datum_t encoded = { 0 };

    if (!is_done(gnutls_base64_encode2(d, &encoded), "base64"))
        return TEXT("");
    return taken(t, &encoded);
}

/* RFC 6376, 3.6.1, with the SubjectPublicKeyInfo that all signers publish (its erratum 3017). */
static struct text rsa_record(struct task *t, gnutls_pubkey_t key)
{
    gnutls_datum_t der = { 0 }, wanted;
    struct text octets;

    if (!is_done(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der), "public key"))
        return TEXT("");
    octets = taken(t, &der);
    wanted = (gnutls_datum_t){ (unsigned char *)(uintptr_t)octets.at, (unsigned)octets.length };
    return task_join(t, TEXT("v=DKIM1; k=rsa; p="), base64(t, &wanted));
}

/* RFC 8463, 4: the 32 octets alone. */
static struct text ed25519_record(struct task *t, gnutls_pubkey_t key)
{
    gnutls_datum_t x = { 0 };
    gnutls_ecc_curve_t curve;
    struct text encoded;

    if (!is_done(gnutls_pubkey_export_ecc_raw(key, &curve, &x, NULL), "public key"))
        return TEXT("");
    encoded = base64(t, &x);
    gnutls_free(x.data);
    return task_join(t, TEXT("v=DKIM1; k=ed25519; p="), encoded);
}

static void describe_public(struct task *t, gnutls_pubkey_t key, struct dkim_key *k)
{
    unsigned bits = 0;
    int algorithm = gnutls_pubkey_get_pk_algorithm(key, &bits);

    if (algorithm == GNUTLS_PK_RSA) {
        k->algorithm = task_printf(t, "rsa-%u", bits);
        k->record = rsa_record(t, key);
    } else if (algorithm == GNUTLS_PK_EDDSA_ED25519) {
        k->algorithm = TEXT("ed25519");
        k->record = ed25519_record(t, key);
    }
}

void dkim_describe(struct task *t, struct dkim_key *k)
{
    gnutls_pubkey_t key = public_open(t);
    struct text whole = task_copy(t, k->public_key.at ? k->public_key : TEXT(""));
    gnutls_datum_t given = { (unsigned char *)(uintptr_t)whole.at, (unsigned)whole.length };

    k->algorithm = k->record = TEXT("");
    k->name = task_printf(t, "%.*s._domainkey.%.*s", (int)k->selector.length, k->selector.at, (int)k->domain.length,
                          k->domain.at);
    if (text_starts(whole, TEXT(PEM_MARK)) && gnutls_pubkey_import(key, &given, GNUTLS_X509_FMT_PEM) >= 0)
        describe_public(t, key, k);
}
